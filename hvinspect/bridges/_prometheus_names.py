"""What fields are called in Prometheus: base units, a unit at the end, ``_total`` for counters. No I/O here."""

from __future__ import annotations

import dataclasses
from typing import final

from hvinspect import CATALOGUE, Field, Kind, Unit

from ._exported import EXPORTED, Exported, Form

__all__ = ["FAMILIES", "INFO_FAMILIES", "INSTANCE", "METADATA", "Family", "label_of"]

#: Not "instance": a server gives that label to what it scrapes.
INSTANCE = "instance_key"

# Prometheus' word for a unit, and how many of ours make one of it. A unit that is not here is not exported.
_UNITS: dict[Unit, tuple[str, int]] = {
    Unit.NANOSECONDS: ("seconds", 1_000_000_000),
    Unit.UNIX_NANOSECONDS: ("timestamp_seconds", 1_000_000_000),
    Unit.BYTES: ("bytes", 1),
    Unit.BYTES_PER_SECOND: ("bytes_per_second", 1),
    Unit.PER_SECOND: ("per_second", 1),
    Unit.FRACTION: ("ratio", 1),
    Unit.CORES: ("cores", 1),
    Unit.COUNT: ("", 1),
    Unit.NONE: ("", 1),
}
# The record "stats" is the instance itself.
_PREFIXES = {"stats": "instance"}
_NAMESPACE = "hvinspect"


# Compared by identity: families are keys, and looked up for each sample.
@final
@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Family:
    """A metric: its name without ``_total`` or ``_info``, and its samples' name with it."""

    name: str
    sample: str
    type: str
    unit: str
    help: str
    divisor: int = 1
    #: The label that tells devices apart.
    device: str | None = None
    #: Of a choice or of an info the labels that say what it is.
    labels: tuple[str, ...] = ()


def _prefix(record: str) -> str:
    return f"{_NAMESPACE}_{_PREFIXES.get(record, record)}"


def _family(exported: Exported) -> Family | None:
    field = exported.field
    unit, divisor = _UNITS.get(field.unit, (None, 1))
    if unit is None:
        return None
    bare = field.name.removesuffix(field.unit.value) if divisor > 1 or unit else field.name
    name = "_".join(word for word in (_prefix(field.record), bare, unit) if word)
    counts = field.kind is Kind.COUNTER
    choice = (field.name,) if exported.form is Form.CHOICE else ()
    return Family(
        name,
        name + "_total" if counts else name,
        "counter" if counts else "gauge",
        unit,
        field.meaning,
        divisor,
        exported.device,
        choice,
    )


def _families() -> dict[str, Family]:
    found = {path: _family(one) for path, one in EXPORTED.items() if one.form is not Form.TEXT}
    return {path: family for path, family in found.items() if family is not None}


def _info(name: str, what: str, fields: list[Field], device: str | None) -> Family:
    return Family(name, f"{name}_info", "info", "", what, device=device, labels=tuple(field.name for field in fields))


def _info_families() -> dict[str, Family]:
    found: dict[str, Family] = {}
    for record in dict.fromkeys(one.field.record for one in EXPORTED.values()):
        texts = [one for one in EXPORTED.values() if one.field.record == record and one.form is Form.TEXT]
        if texts:
            # That of the instance itself says who it is.
            name = f"{_prefix(record)}_native_state" if record == "stats" else _prefix(record)
            what = " ".join(one.field.meaning for one in texts)
            found[record] = _info(name, what, [one.field for one in texts], texts[0].device)
    identity = [CATALOGUE[f"instance.{name}"] for name in ("uuid", "name", "native_id", "driver")]
    return {**found, "instance": _info(_prefix("instance"), "Who an instance is.", identity, None)}


#: By the field's path: numbers, flags, and choices.
FAMILIES: dict[str, Family] = _families()
#: By record: its texts, all of them labels of one series.
INFO_FAMILIES: dict[str, Family] = _info_families()
#: What may be asked for of what a control plane wrote into an instance's description, by name.
METADATA: dict[str, Field] = {field.name: field for field in CATALOGUE.values() if field.record == "openstack"}


def label_of(value: object, *, longest: int) -> str:
    """*value* as the value of a label. Names are made by guests' owners: what is no UTF-8 would spoil the page."""
    text = str(value)
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
