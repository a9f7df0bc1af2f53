"""OpenTelemetry's observable instruments for every instance of a target, over whichever SDK the program has.

import hvinspect
from hvinspect.bridges.opentelemetry import observe, resource_of

hv = hvinspect.connect("libvirt:qemu:///system")
provider = MeterProvider([reader], resource=resource_of(hv))
observe(provider, hv)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import final

from opentelemetry.metrics import CallbackOptions, Meter, MeterProvider, Observation
from opentelemetry.sdk.resources import Resource

import hvinspect
from hvinspect import DEFAULT_GROUPS, Connection, Field, Group, NotSupported

from ._exported import EXPORTED, Form, values
from ._opentelemetry_names import ATTRIBUTES, INSTRUMENTS, Instrument, InstrumentKind
from ._source import Reading, Source

__all__ = ["observe", "resource_of"]

Attributes = dict[str, str | int]

_UP = "hvinspect.up"
_DURATION = "hvinspect.read.duration"
_INSTANCES = "hvinspect.instances"
_FAILED = "hvinspect.instances.failed"
_QUARANTINED = "hvinspect.instances.quarantined"


def observe(
    provider: MeterProvider,
    connection: Connection,
    *,
    groups: Collection[Group] = DEFAULT_GROUPS,
    timeout: float = 5.0,
) -> None:
    """Make an instrument of *provider* for every field of *groups*; each collection reads all instances, once.

    A collection is over after *timeout* seconds: keep it below the 10 seconds after which the SDK drops all of a
    collection (``MetricReader.collect()``). Of a target that cannot be read ``hvinspect.up`` is 0 and no instance
    is observed; nor is a value that is missing, or an instance that is gone. Shut *provider* down before you close
    *connection*.

    Raises:
        ValueError: *timeout* is not positive.
    """
    collection = _Collection(Source(connection, groups=groups, timeout=timeout))
    meter = provider.get_meter("hvinspect", hvinspect.__version__)
    for instrument, fields in _by_name().values():
        asked = [field for field in fields if field.group is None or field.group in groups]
        if asked:
            what = " ".join(dict.fromkeys(field.meaning for field in asked))
            _make(meter, instrument.kind)(
                instrument.name, [partial(collection.observations, instrument.name)], instrument.unit, what
            )
    for name, kind, unit, what in (
        (_UP, InstrumentKind.GAUGE, "1", "Was the target read?"),
        (_DURATION, InstrumentKind.GAUGE, "s", "How long the read took."),
        (_INSTANCES, InstrumentKind.UP_DOWN_COUNTER, "{instance}", "Instances of which something was read."),
        (_FAILED, InstrumentKind.UP_DOWN_COUNTER, "{instance}", "Instances of which nothing was read, by reason."),
        (_QUARANTINED, InstrumentKind.UP_DOWN_COUNTER, "{instance}", "Instances that are read with caution."),
    ):
        _make(meter, kind)(name, [partial(collection.observations, name)], unit, what)


def resource_of(connection: Connection, *, timeout: float = 10.0) -> Resource:
    """Which host is read, and by what, in the attributes of OpenTelemetry's resources.

    ``host.id``, ``host.name`` where they are known; ``service.instance.id`` is the target, without secrets. Merge your
    own into it. Each of the two calls that it makes is over after *timeout* seconds.

    Raises:
        Error: the host cannot be read; see ``Connection.snapshot()``.
    """
    # Of no instance at all: it costs the hypervisor nothing and says what reads, and which host.
    snapshot = connection.snapshot((), timeout=timeout)
    try:
        hostname = connection.host(timeout=timeout).hostname
    except NotSupported:
        hostname = None
    found = {
        "service.name": "hvinspect",
        "service.version": snapshot.versions.hvinspect,
        "service.instance.id": connection.target,
        "host.id": snapshot.host_id.value if snapshot.host_id else None,
        "host.name": hostname,
        "hvinspect.driver": snapshot.driver,
        "hvinspect.hypervisor.name": snapshot.versions.hypervisor,
        "hvinspect.hypervisor.version": snapshot.versions.hypervisor_version,
    }
    return Resource.create({name: value for name, value in found.items() if value is not None})


@final
class _Collection:
    """One read for all instruments: the SDK asks each for itself, and does not say where a collection begins."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._observed: dict[str, list[Observation]] = {}
        self._asked: set[str] | None = None

    def observations(self, name: str, options: CallbackOptions) -> Iterable[Observation]:
        """Those of one instrument. One that asks for the second time begins the next collection."""
        with self._lock:
            if self._asked is None or name in self._asked:
                # First, so that where the read raises the other instruments do not make it again.
                self._observed, self._asked = {}, {name}
                self._observed = _observed(self._source.read())
            self._asked.add(name)
            return self._observed.get(name, ())


def _observed(reading: Reading) -> dict[str, list[Observation]]:
    """All observations, by instrument."""
    snapshot, health = reading.snapshot, reading.health
    observed = {
        _UP: [Observation(0 if snapshot is None else 1)],
        _DURATION: [Observation(reading.duration_ns / 1_000_000_000)],
    }
    if snapshot is None:
        return observed
    observed[_INSTANCES] = [Observation(len(snapshot.instances))]
    observed[_QUARANTINED] = [Observation(len(health.quarantined) if health else 0)]
    reasons = [failure.reason for failure in snapshot.failures]
    observed[_FAILED] = [
        Observation(reasons.count(reason), {"hvinspect.reason": reason.value}) for reason in dict.fromkeys(reasons)
    ]
    last: tuple[str, str | None, str | None] | None = None
    attributes: Attributes = {}
    seen: set[tuple[str, str, str | None]] = set()
    for exported, value, instance, device in values(snapshot):
        instrument = INSTRUMENTS.get(exported.field.path)
        if instrument is None:
            continue
        who = (instance.key, exported.device, device)
        if who != last:
            last, attributes = who, _attributes(instance, exported.device, device)
        # A guest may tell of one mount point twice; the SDK would add up the two.
        if exported.key_repeats:
            told = (exported.field.path, instance.key, None if device is None else _text(device))
            if told in seen:
                continue
            seen.add(told)
        if instrument.choice is not None:
            observation = Observation(1, {**attributes, instrument.choice: value.value})
        else:
            number = value / instrument.divisor if instrument.divisor > 1 else value
            observation = Observation(
                int(number) if exported.form is Form.FLAG else number, {**attributes, **dict(instrument.attributes)}
            )
        observed.setdefault(instrument.name, []).append(observation)
    return observed


def _attributes(instance: hvinspect.Instance, kind: str | None, device: str | None) -> Attributes:
    found: Attributes = {"hvinspect.instance.key": _text(instance.key)}
    if instance.name is not None:
        found["hvinspect.instance.name"] = _text(instance.name)
    if instance.uuid is not None and str(instance.uuid) != instance.key:
        found["hvinspect.instance.uuid"] = str(instance.uuid)
    if kind is not None and device is not None:
        found[ATTRIBUTES[kind]] = int(device) if kind == "vcpu" else _text(device)
    return found


def _text(text: str) -> str:
    """What OTLP can carry: names are made by guests' owners, and what is no UTF-8 would spoil the whole export."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _by_name() -> dict[str, tuple[Instrument, list[Field]]]:
    found: dict[str, tuple[Instrument, list[Field]]] = {}
    for path, instrument in INSTRUMENTS.items():
        found.setdefault(instrument.name, (instrument, []))[1].append(EXPORTED[path].field)
    return found


def _make(meter: Meter, kind: InstrumentKind) -> Callable[..., object]:
    return {
        InstrumentKind.COUNTER: meter.create_observable_counter,
        InstrumentKind.UP_DOWN_COUNTER: meter.create_observable_up_down_counter,
        InstrumentKind.GAUGE: meter.create_observable_gauge,
    }[kind]
