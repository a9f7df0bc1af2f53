"""What fields are called in OpenTelemetry, and what kind of instrument each is. No I/O here.

There are no conventions for what a hypervisor counts of its guests. The words of those for hosts and containers are
used where they mean the same: ``io``, ``operations``, ``packet.count`` with their direction as an attribute,
``utilization``, ``usage``; a unit is no part of a name.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import final

from hvinspect import Kind, Unit

from ._exported import EXPORTED, Exported, Form

__all__ = ["ATTRIBUTES", "INSTRUMENTS", "Instrument", "InstrumentKind"]


class InstrumentKind(Enum):
    """Which of the API's observable instruments."""

    COUNTER = "counter"
    #: Its values can be added up over instances.
    UP_DOWN_COUNTER = "up_down_counter"
    GAUGE = "gauge"


@final
@dataclasses.dataclass(frozen=True, slots=True)
class Instrument:
    """The instrument of a field; several fields share one, told apart by *attributes*."""

    name: str
    unit: str
    kind: InstrumentKind
    divisor: int = 1
    attributes: tuple[tuple[str, str], ...] = ()
    #: Of a choice the attribute that says which.
    choice: str | None = None


#: The attribute that has the key of a device.
ATTRIBUTES = {
    "vcpu": "cpu.logical_number",
    "disk": "system.device",
    "nic": "hvinspect.network.key",
    "iothread": "hvinspect.iothread.index",
    "mountpoint": "system.filesystem.mountpoint",
}
_RECORDS = {"stats": "instance", "nic": "network", "process_io": "process.disk", "nic_rates": "network_rates"}
_UNITS = {
    Unit.NANOSECONDS: ("s", "_ns", 1_000_000_000),
    Unit.UNIX_NANOSECONDS: ("s", "_unix_ns", 1_000_000_000),
    Unit.BYTES: ("By", "_bytes", 1),
    Unit.BYTES_PER_SECOND: ("By/s", "_per_s", 1),
    Unit.FRACTION: ("1", "_fraction", 1),
    Unit.CORES: ("{cpu}", "_cores", 1),
    Unit.NONE: ("1", "", 1),
}
# What a fraction and a number of cores are called.
_NOUNS = {Unit.FRACTION: "utilization", Unit.CORES: "usage"}
_DIRECTIONS = {
    ("disk", "read"): ("disk.io.direction", "read"),
    ("disk", "write"): ("disk.io.direction", "write"),
    ("process_io", "read"): ("disk.io.direction", "read"),
    ("process_io", "write"): ("disk.io.direction", "write"),
    ("nic", "rx"): ("network.io.direction", "receive"),
    ("nic", "tx"): ("network.io.direction", "transmit"),
}
# The conventions' word and unit for what follows the direction.
_MOVED = {
    "bytes": ("io", "By"),
    "requests": ("operations", "{operation}"),
    "time_ns": ("operation_time", "s"),
    "packets": ("packet.count", "{packet}"),
    "errors": ("errors", "{error}"),
    "drops": ("packet.dropped", "{packet}"),
}


def _instrument(exported: Exported) -> Instrument | None:
    field = exported.field
    namespace = f"hvinspect.{_RECORDS.get(field.record, field.record)}"
    first, _, rest = field.name.partition("_")
    direction = _DIRECTIONS.get((field.record, first))
    if direction is not None and rest in _MOVED:
        noun, unit = _MOVED[rest]
        divisor = 1_000_000_000 if field.unit is Unit.NANOSECONDS else 1
        return Instrument(f"{namespace}.{noun}", unit, InstrumentKind.COUNTER, divisor, (direction,))
    name = f"{namespace}.{field.name}"
    if exported.form is Form.CHOICE:
        return Instrument(name, "1", InstrumentKind.UP_DOWN_COUNTER, choice=name)
    if field.unit in (Unit.COUNT, Unit.PER_SECOND):
        of = _thing(field.name)
        unit = of if field.unit is Unit.COUNT else f"{of}/s"
        return Instrument(name.removesuffix("_per_s"), unit, _kind(exported))
    if field.unit not in _UNITS:
        return None
    unit, suffix, divisor = _UNITS[field.unit]
    name = name.removesuffix(suffix)
    if field.unit in _NOUNS:
        name = f"{name}.{_NOUNS[field.unit]}"
    return Instrument(name, unit, _kind(exported), divisor)


def _kind(exported: Exported) -> InstrumentKind:
    if exported.field.kind is Kind.COUNTER:
        return InstrumentKind.COUNTER
    adds_up = exported.field.unit in (Unit.BYTES, Unit.COUNT)
    return InstrumentKind.UP_DOWN_COUNTER if adds_up else InstrumentKind.GAUGE


def _thing(name: str) -> str:
    """``{request}`` of flush_requests, ``{vcpu}`` of vcpus_online: a number of things, by the plural in its name."""
    plural = next((word for word in reversed(name.split("_")) if word.endswith("s") and len(word) > 1), "")
    for ending, end in (("sses", "ss"), ("ches", "ch"), ("s", "")):
        if plural.endswith(ending):
            return f"{{{plural.removesuffix(ending)}{end}}}"
    return "1"


#: By the field's path: numbers, flags and choices.
INSTRUMENTS: dict[str, Instrument] = {
    path: instrument
    for path, exported in EXPORTED.items()
    if exported.form is not Form.TEXT and (instrument := _instrument(exported)) is not None
}
