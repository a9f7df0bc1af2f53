"""What a read says, as series: of the reading itself, of who the instances are, and of every value. No I/O here."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Protocol, TypeVar

from hvinspect import Failure, Instance, InstanceStats, Reason, Snapshot
from hvinspect.samples import absences

from ._exported import Form, values
from ._prometheus_names import FAMILIES, INFO_FAMILIES, INSTANCE, Family, label_of
from ._source import Reading

__all__ = ["METADATA_FAMILY", "SELF_FAMILIES", "Page", "write"]

#: Characters of a label's value; the rest is cut. Keys are whole, for series are told apart by them.
_LONGEST_LABEL = 256
_UNCUT = 1 << 20

L = TypeVar("L")


class Page(Protocol[L]):
    """Where series are written. Labels are made once and used many times, for all values of a device."""

    def labels(self, labels: Mapping[str, str], /) -> L:
        """These labels, as the page wants them."""
        ...

    def add(self, family: Family, labels: L, value: float, /) -> None:
        """One series."""
        ...


def _own(name: str, kind: str, unit: str, what: str) -> Family:
    full = f"hvinspect_{name}"
    return Family(full, full + {"counter": "_total", "info": "_info"}.get(kind, ""), kind, unit, what)


_UP = _own("up", "gauge", "", "Was the target read? 0: there are no instances on this page.")
_DURATION = _own("read_duration_seconds", "gauge", "seconds", "How long the read took that this page shows.")
_TAKEN = _own("read_timestamp_seconds", "gauge", "seconds", "When that read began.")
_INSTANCES = _own("instances", "gauge", "", "Instances of which something was read.")
_FAILED = _own("instance_failed", "gauge", "", "1 for each instance of which nothing was read, with the reason.")
_TIMED_OUT = _own("instances_timed_out", "gauge", "", "Instances that did not answer in time, wholly or in part.")
_QUARANTINED = _own("instance_quarantined", "gauge", "", "Is it read with caution, because it did not answer?")
_ABSENT = _own("absent_values", "gauge", "", "Values that are missing, by reason.")
_CONNECTED = _own("connected", "gauge", "", "Is there a connection to the hypervisor?")
_CALLS = _own("calls", "counter", "", "Calls made of the connection.")
_TIMEOUTS = _own("timeouts", "counter", "", "Calls, or reads within one, that ended by their deadline.")
_RECONNECTS = _own("reconnects", "counter", "", "How often the connection was opened again.")
_STUCK = _own("stuck_calls", "gauge", "", "Calls that were abandoned and have not come back.")
_VERSIONS = _own("versions", "info", "", "What reads, and what is read.")
METADATA_FAMILY = _own(
    "instance_metadata", "info", "", "What the control plane says of an instance: what was asked for."
)
#: What the page says of the reading itself.
SELF_FAMILIES = (
    _UP, _DURATION, _TAKEN, _INSTANCES, _FAILED, _TIMED_OUT, _QUARANTINED, _ABSENT, _CONNECTED, _CALLS, _TIMEOUTS,
    _RECONNECTS, _STUCK, _VERSIONS,
)  # fmt: skip


def write(page: Page[L], reading: Reading, metadata: Collection[str]) -> None:
    """Write all that *reading* says; *metadata* names what is wanted of what a control plane says of an instance."""
    _write_reading(page, reading)
    snapshot = reading.snapshot
    if snapshot is not None:
        _write_instances(page, snapshot, frozenset(reading.health.quarantined if reading.health else ()), metadata)
        _write_absences(page, snapshot)
        _write_values(page, snapshot)


def _write_reading(page: Page[L], reading: Reading) -> None:
    health = reading.health
    bare = page.labels({})
    page.add(_UP, bare, 1 if reading.snapshot is not None else 0)
    page.add(_DURATION, bare, reading.duration_ns / 1_000_000_000)
    page.add(_TAKEN, bare, reading.started_unix_ns / 1_000_000_000)
    page.add(_CONNECTED, bare, 1 if health is not None and health.connected else 0)
    if health is not None:
        page.add(_CALLS, bare, health.calls)
        page.add(_TIMEOUTS, bare, health.timeouts)
        page.add(_RECONNECTS, bare, health.reconnects)
        page.add(_STUCK, bare, health.stuck_calls)


def _write_instances(page: Page[L], snapshot: Snapshot, quarantined: frozenset[str], metadata: Collection[str]) -> None:
    versions = {field.name: getattr(snapshot.versions, field.name) for field in dataclasses.fields(snapshot.versions)}
    host = {"host_id": snapshot.host_id.value} if snapshot.host_id is not None else {}
    page.add(_VERSIONS, page.labels(_texts({**host, **versions, "driver_name": snapshot.driver})), 1)
    page.add(_INSTANCES, page.labels({}), len(snapshot.instances))
    identity = INFO_FAMILIES["instance"]
    for one in _everyone(snapshot):
        who, key = one.instance, {INSTANCE: _key(one.instance.key)}
        page.add(_QUARANTINED, page.labels(key), 1 if who.key in quarantined else 0)
        page.add(identity, page.labels({**key, **_texts({name: getattr(who, name) for name in identity.labels})}), 1)
        if isinstance(one, Failure):
            page.add(_FAILED, page.labels({**key, "reason": one.reason.value}), 1)
        told = _texts({name: getattr(who.openstack, name, None) for name in metadata})
        if told:
            page.add(METADATA_FAMILY, page.labels({**key, **told}), 1)


def _write_absences(page: Page[L], snapshot: Snapshot) -> None:
    # By identity: there are thousands, few of them are not the same, and it takes long to hash one.
    found = [missing.absence for missing in absences(snapshot)]
    known = {id(absence): absence for absence in found}
    reasons: Counter[Reason] = Counter()
    for number, count in Counter(map(id, found)).items():
        reasons[known[number].reason] += count
    late = {failure.instance.key for failure in snapshot.failures if failure.reason is Reason.TIMED_OUT}
    if Reason.TIMED_OUT in reasons:
        some = (missing for missing in absences(snapshot) if missing.absence.reason is Reason.TIMED_OUT)
        late.update(missing.instance.key for missing in some)
    page.add(_TIMED_OUT, page.labels({}), len(late))
    for reason, count in reasons.items():
        page.add(_ABSENT, page.labels({"reason": reason.value}), count)


def _write_values(page: Page[L], snapshot: Snapshot) -> None:
    """All values. Those of one device come together and share their labels, which is most of the speed."""
    whose: Instance | None = None
    which: str | None = None
    kind: str | None = None
    own: dict[str, str] = {}
    labels = page.labels(own)
    texts: dict[str, dict[str, str]] = {}
    seen: set[tuple[str, str, str | None]] = set()
    for exported, value, instance, device in values(snapshot):
        # By identity: those of one device are told with one and the same key.
        if device is not which or exported.device is not kind or instance is not whose:
            _write_texts(page, own, texts)
            whose, which, kind, own, texts = instance, device, exported.device, {INSTANCE: _key(instance.key)}, {}
            if exported.device is not None and device is not None:
                own[exported.device] = _key(device)
            labels = page.labels(own)
        path = exported.field.path
        if exported.key_repeats:
            # A server takes but one of two series of one name and labels.
            series = (path, own[INSTANCE], None if exported.device is None else own.get(exported.device))
            if series in seen:
                continue
            seen.add(series)
        if exported.form is Form.TEXT:
            texts.setdefault(exported.field.record, {})[exported.field.name] = label_of(value, longest=_LONGEST_LABEL)
        elif (family := FAMILIES.get(path)) is None:
            continue
        elif exported.form is Form.CHOICE:
            page.add(family, page.labels({**own, family.labels[0]: value.value}), 1)
        else:
            page.add(family, labels, value / family.divisor if family.divisor > 1 else +value)
    _write_texts(page, own, texts)


def _write_texts(page: Page[L], own: Mapping[str, str], texts: Mapping[str, Mapping[str, str]]) -> None:
    for record, told in texts.items():
        page.add(INFO_FAMILIES[record], page.labels({**own, **told}), 1)


def _everyone(snapshot: Snapshot) -> Iterator[InstanceStats | Failure]:
    yield from snapshot.instances
    yield from snapshot.failures


def _key(key: str) -> str:
    return label_of(key, longest=_UNCUT)


def _texts(found: Mapping[str, object]) -> dict[str, str]:
    """Labels of what is known: to a server a label without a value is the same as none."""
    return {name: label_of(value, longest=_LONGEST_LABEL) for name, value in found.items() if value is not None}
