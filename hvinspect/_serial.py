"""Records to and from plain data (dicts, lists, text, numbers), readable across versions of hvinspect.

What is None is left out; why it is None is in ``absences``. A reader skips keys that it does not know and reads enum
values that it does not know as UNKNOWN, and counts both.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Union, final, get_args, get_origin, get_type_hints
from uuid import UUID

from ._absence import Absence, Absences, Reason
from ._errors import ReplyInvalid
from ._fields import record
from ._model import HostStats, Snapshot
from ._rates import HostRates, RatesSnapshot
from ._text import printable

__all__ = ["SCHEMA", "Restored", "from_dict", "to_dict"]

#: The version of the format; raised only by what an older reader would misread.
SCHEMA = 1

Storable = Snapshot | HostStats | RatesSnapshot | HostRates
_KINDS: dict[str, type[Storable]] = {
    "snapshot": Snapshot,
    "host": HostStats,
    "rates": RatesSnapshot,
    "host_rates": HostRates,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


@final
@record
class Restored:
    """What from_dict() made, and how much it had to leave aside."""

    record: Storable
    #: Keys that this version does not know, at any level.
    unknown_keys: int
    #: Enum values that this version does not know, read as UNKNOWN.
    unknown_values: int


def to_dict(stored: Storable) -> dict[str, Any]:
    """*stored* as plain data that json.dumps() takes."""
    kind = _NAMES.get(type(stored))
    if kind is None:
        raise TypeError(f"to_dict() takes {', '.join(cls.__name__ for cls in _NAMES)}, not {type(stored).__name__}")
    plain: dict[str, Any] = {"schema": SCHEMA, "kind": kind}
    plain.update(_plain(stored))
    return plain


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Absences):
        return {name: _plain(absence) for name, absence in value.items()}
    plain = {}
    for name in _names(type(value)):
        part = getattr(value, name)
        if part is not None and not (isinstance(part, Absences) and not part):
            plain[name] = _plain(part)
    return plain


def _names(cls: type[Any]) -> tuple[str, ...]:
    return tuple(cls.__dataclass_fields__)


class _Counts:
    keys = 0
    values = 0


Reader = Callable[[Any, _Counts], Any]


def from_dict(plain: Mapping[str, Any]) -> Restored:
    """The record that to_dict() made *plain* from, in this or another version.

    Raises:
        ReplyInvalid: it is no such data, is of a newer schema, or misses what a record cannot be without.
    """
    if not isinstance(plain, Mapping):
        raise ReplyInvalid(f"this is no record of hvinspect: it is {type(plain).__name__}")
    kind = _KINDS.get(str(plain.get("kind")))
    if kind is None:
        raise ReplyInvalid(f"this is no record of hvinspect: its kind is {printable(plain.get('kind'))!r}")
    schema = plain.get("schema")
    if type(schema) is not int or not 1 <= schema <= SCHEMA:
        raise ReplyInvalid(f"schema {printable(schema)!r} is not one that this version reads (up to {SCHEMA})")
    counts = _Counts()
    try:
        restored = _READERS[kind]({k: v for k, v in plain.items() if k not in ("schema", "kind")}, counts)
    except (TypeError, ValueError, KeyError, AttributeError) as exc:
        raise ReplyInvalid(f"a {kind.__name__} cannot be made from this: {printable(exc)}") from exc
    return Restored(record=restored, unknown_keys=counts.keys, unknown_values=counts.values)


def _record_reader(cls: type[Any]) -> Reader:
    readers: dict[str, Reader] = {}

    def read(plain: Any, counts: _Counts) -> Any:
        if not readers:
            hints = get_type_hints(cls)
            readers.update({name: _reader(hints[name]) for name in _names(cls)})
        values = {}
        for name, value in plain.items():
            reader = readers.get(name)
            if reader is None:
                counts.keys += 1
            else:
                values[name] = reader(value, counts)
        return cls(**values)

    return read


def _reader(hint: Any) -> Reader:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _optional(_reader(next(one for one in arguments if one is not type(None))))
    if origin is tuple and arguments[-1] is Ellipsis:
        return _tuple(_reader(arguments[0]))
    if origin is tuple:
        return _pair(tuple(_reader(one) for one in arguments))
    if hint is Absences:
        return _absences
    if dataclasses.is_dataclass(hint):
        return _record_reader(hint)  # type: ignore[arg-type]  # a class, as all hints here are
    if issubclass(hint, Enum):
        return _enum(hint)
    if hint is UUID:
        return lambda value, counts: UUID(_text(value, counts))
    if hint is float:
        return _finite
    return _whole if hint is int else _exactly((hint,))


def _exactly(kinds: tuple[type[Any], ...]) -> Reader:
    def read(value: Any, _: _Counts) -> Any:
        if type(value) not in kinds:
            expected = " or ".join(kind.__name__ for kind in kinds)
            raise TypeError(f"{expected} is expected, not {type(value).__name__}")
        return value

    return read


def _optional(inner: Reader) -> Reader:
    return lambda value, counts: None if value is None else inner(value, counts)


def _tuple(inner: Reader) -> Reader:
    return lambda value, counts: tuple(inner(one, counts) for one in _list(value, counts))


def _pair(inner: tuple[Reader, ...]) -> Reader:
    return lambda value, counts: tuple(read(one, counts) for read, one in zip(inner, _list(value, counts), strict=True))


def _enum(kind: type[Enum]) -> Reader:
    known = {member.value: member for member in kind}

    def read(value: Any, counts: _Counts) -> Any:
        member = known.get(_text(value, counts))
        if member is None:
            counts.values += 1
            return known["unknown"]
        return member

    return read


def _whole(value: Any, counts: _Counts) -> Any:
    whole: int = _integer(value, counts)
    if abs(whole) > _LARGEST:
        raise ValueError(f"a number of {whole.bit_length()} bits is none of hvinspect's")
    return whole


def _finite(value: Any, counts: _Counts) -> Any:
    if type(value) is int:
        return _whole(value, counts)
    # What is not a number equals nothing, and JSON has no word for it.
    if not math.isfinite(_number(value, counts)):
        raise ValueError(f"a finite number is expected, not {value}")
    return value


#: Larger than what any counter reaches, and small enough to be divided as a float.
_LARGEST = 1 << 64
_integer, _number = _exactly((int,)), _exactly((float,))
_list = _exactly((list, tuple))
_text = _exactly((str,))
_reason = _enum(Reason)
_READERS = {kind: _record_reader(kind) for kind in _KINDS.values()}


def _absences(value: Any, counts: _Counts) -> Absences:
    return Absences({_text(name, counts): _absence(one, counts) for name, one in value.items()})


def _absence(value: Any, counts: _Counts) -> Absence:
    counts.keys += len(value.keys() - {"reason", "detail"})
    return Absence(_reason(value["reason"], counts), _text(value.get("detail", ""), counts))
