"""What a field is: its unit, kind and meaning, declared beside its type and collected into the catalogue."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, TypeVar, dataclass_transform, final

__all__ = [
    "DEFAULT_GROUPS",
    "Field",
    "Group",
    "Kind",
    "Unit",
    "catalogue",
    "counter",
    "gauge",
    "info",
    "record",
]

T = TypeVar("T")


class Unit(str, Enum):
    """The unit of a number; the value is the suffix that every field of that unit carries."""

    NANOSECONDS = "_ns"
    UNIX_NANOSECONDS = "_unix_ns"
    BYTES = "_bytes"
    BYTES_PER_SECOND = "_bytes_per_s"
    PER_SECOND = "_per_s"
    FRACTION = "_fraction"
    CORES = "_cores"
    #: A number of things: the field's name is a plural and has no suffix.
    COUNT = ""
    #: Not a number: text, an enum, a truth value, an index.
    NONE = "none"
    UNKNOWN = "unknown"


class Kind(str, Enum):
    """How a field's values relate over time."""

    #: Only grows while the incarnation is unchanged; two of them can be subtracted.
    COUNTER = "counter"
    #: The state of now.
    GAUGE = "gauge"
    #: A description: identity, name, configuration.
    INFO = "info"
    UNKNOWN = "unknown"


class Group(str, Enum):
    """What can be asked for together, because the hypervisor gives it together."""

    STATE = "state"
    CPU = "cpu"
    MEMORY = "memory"
    DISK = "disk"
    NIC = "nic"
    PERF = "perf"
    IOTHREAD = "iothread"
    DIRTY_RATE = "dirty_rate"
    BLOCK_DETAIL = "block_detail"
    JOB = "job"
    GUEST_AGENT = "guest_agent"
    PROCESS_IO = "process_io"
    UNKNOWN = "unknown"

    # An Enum's own is written in Python, and groups are looked for in sets some twenty times per instance.
    __hash__ = str.__hash__


DEFAULT_GROUPS: frozenset[Group] = frozenset({Group.STATE, Group.CPU, Group.MEMORY, Group.DISK, Group.NIC})


@final
@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One entry of the catalogue."""

    #: Unique and stable, e.g. ``nic.rx_bytes``.
    path: str
    #: The record's short name, e.g. ``nic``.
    record: str
    name: str
    unit: Unit
    kind: Kind
    meaning: str
    #: The version of hvinspect that first had it.
    since: str
    #: The group that fills it; None for what is always there.
    group: Group | None
    #: True where the value is an int or a float (a bool is not).
    numeric: bool
    #: True where the record cannot be made without it.
    required: bool

    def __str__(self) -> str:
        return self.path


_DECLARED = "hvinspect"
_ABSENT: Any = dataclasses.MISSING


@dataclasses.dataclass(frozen=True, slots=True)
class _Declaration:
    unit: Unit
    kind: Kind
    meaning: str
    since: str
    group: Group | None


def counter(unit: Unit, meaning: str, *, since: str, group: Group | None = None, default: Any = None) -> Any:
    """A cumulative integer in base units; None where it is not known."""
    return _declare(_Declaration(unit, Kind.COUNTER, meaning, since, group), default)


def gauge(unit: Unit, meaning: str, *, since: str, group: Group | None = None, default: Any = None) -> Any:
    """A number that says how things stand now; None where it is not known."""
    return _declare(_Declaration(unit, Kind.GAUGE, meaning, since, group), default)


def info(
    meaning: str, *, since: str, unit: Unit = Unit.NONE, group: Group | None = None, default: Any = _ABSENT
) -> Any:
    """A description; required unless a default is given."""
    return _declare(_Declaration(unit, Kind.INFO, meaning, since, group), default)


def _declare(declaration: _Declaration, default: Any) -> Any:
    return dataclasses.field(default=default, metadata={_DECLARED: declaration})


# Type checkers take what counter() and gauge() return for a default, which it is; info() is told apart, because
# without ``default=`` its field is required.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(info, dataclasses.field))
def record(cls: type[T]) -> type[T]:
    """A dataclass that is frozen, slotted and keyword-only, as every record of the model is."""
    # dataclass() compiles each method of each record anew, most of the time that `import hvinspect` takes. Records
    # are made often, but compared and shown seldom: those methods are shared.
    is_plain = _is_plain(cls)
    made: Any = dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False, init=not is_plain)(
        cls
    )
    if is_plain:
        made.__init__ = _initializer(made)
    made.__eq__, made.__hash__, made.__repr__ = _equal, _hash, _repr
    return made  # type: ignore[no-any-return]  # dataclass() gives back the class it was given


def _is_plain(cls: type[Any]) -> bool:
    """Does making a record of *cls* mean to keep what is given, and nothing else?"""
    declared = (*getattr(cls, "__dataclass_fields__", {}).values(), *vars(cls).values())
    return not hasattr(cls, "__post_init__") and all(
        one.init and one.default_factory is dataclasses.MISSING
        for one in declared
        if isinstance(one, dataclasses.Field)
    )


def _initializer(made: type[Any]) -> Callable[..., None]:
    """The ``__init__`` that dataclass() would have written for *made*, but for how it fills the slots.

    That of a frozen one calls object.__setattr__() for each field, which looks for the slot by its name. A snapshot
    makes some hundred values per instance, and a sixth of its CPU time went there; to ask the slot itself takes half.
    """
    fields = dataclasses.fields(made)
    lines = [f"def __init__(self, *, {', '.join(one.name for one in fields)}):"]
    lines += [f" set_{one.name}(self, {one.name})" for one in fields] or [" pass"]
    slots = {f"set_{one.name}": getattr(made, one.name).__set__ for one in fields}
    exec("\n".join(lines), slots)  # noqa: S102  # of names in our own source, as dataclass() does it
    init: Any = slots["__init__"]
    init.__kwdefaults__ = {one.name: one.default for one in fields if one.default is not dataclasses.MISSING}
    init.__annotations__ = {**{one.name: one.type for one in fields}, "return": None}
    init.__qualname__, init.__module__ = f"{made.__qualname__}.__init__", made.__module__
    return init  # type: ignore[no-any-return]  # it was made of text


def _values(one: Any) -> tuple[Any, ...]:
    return tuple(getattr(one, name) for name in one.__dataclass_fields__)


def _equal(self: Any, other: object) -> bool:
    return _values(self) == _values(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__)
    return f"{type(self).__qualname__}({shown})"


def catalogue(records: Mapping[str, tuple[type[Any], Group | None]]) -> dict[str, Field]:
    """Every declared field of *records* (short name -> class and its group) by path, in order of declaration."""
    return {field.path: field for name, (cls, group) in records.items() for field in _fields_of(name, cls, group)}


def _fields_of(record_name: str, cls: type[Any], group: Group | None) -> Iterator[Field]:
    for declared in dataclasses.fields(cls):
        declaration = declared.metadata.get(_DECLARED)
        if declaration is None:
            continue
        yield Field(
            path=f"{record_name}.{declared.name}",
            record=record_name,
            name=declared.name,
            unit=declaration.unit,
            kind=declaration.kind,
            meaning=declaration.meaning,
            since=declaration.since,
            group=declaration.group or group,
            numeric=declaration.unit is not Unit.NONE and _is_number(declared.type),
            required=declared.default is dataclasses.MISSING,
        )


def _is_number(annotation: object) -> bool:
    # As it is written, "int | None": to evaluate some 250 of them would double the time of `import hvinspect`.
    return str(annotation).partition(" ")[0] in ("int", "float")
