"""One domain's statistics as libvirt's bulk call names them, however they were got. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, final

from hvinspect.driver import Absence, Reason, printable

from .absences import NOT_IN_REPLY
from .layout import Layout, Row, layout_of

__all__ = ["LIMIT", "Numbers", "Reply", "Values", "entries_of", "is_length_of", "numbers_of", "shown"]

#: What no number of libvirt's reaches: its largest are signed, and an unsigned -1 is its word for "unknown" too.
LIMIT = 1 << 63
_UNKNOWN = (None, -1, (1 << 64) - 1)
#: Longer numbers in a key are of no entry.
_MOST_DIGITS = 9
_SECTOR_BYTES = 512
#: Beginnings of keys for which a table of whole keys is kept: arrays have few entries.
_MOST_PLACES = 256


#: A reply of which everything that was asked for is there has no more reasons than this.
_NO_REASONS: Final[Mapping[str, Absence]] = MappingProxyType({})


@final
class Reply:
    """Keys and values as in virConnectGetAllDomainStats, e.g. ``cpu.time``; and why some are missing."""

    __slots__ = ("_entries", "_laid_out", "reasons", "values")

    def __init__(self, values: Mapping[str, Any], reasons: Mapping[str, Absence] = _NO_REASONS) -> None:
        self.values = values
        #: First part of a key (``cpu``, ``block``), or of one entry's (``block.0``) -> why not all of them are there.
        self.reasons = reasons
        self._entries: dict[str, Mapping[str, str]] | None = None
        self._laid_out: tuple[Layout | None, Row] | None = None

    def laid_out(self) -> tuple[Layout | None, Row]:
        """Where it has what, and its values in that order; as layout_of() finds it, which is needed several times."""
        found = self._laid_out
        if found is None:
            found = self._laid_out = layout_of(self.values)
        return found

    def why(self, part: str, otherwise: Absence = NOT_IN_REPLY) -> Absence:
        """Why keys that begin with *part*, such as ``cpu`` or ``block.0``, are missing; *otherwise* if nothing says."""
        if not self.reasons:
            return otherwise
        return self.reasons.get(part) or self.reasons.get(part.partition(".")[0], otherwise)

    def entries(self, array: str) -> Mapping[str, str]:
        """Name -> beginning of its keys, as entries_of() finds them: they are needed several times."""
        if self._entries is None:
            self._entries = {}
        found = self._entries.get(array)
        if found is None:
            found = self._entries[array] = entries_of(self.values, array)
        return found

    def without(self, prefix: str) -> Reply:
        """This reply without the keys that begin with *prefix*."""
        return Reply({key: value for key, value in self.values.items() if not key.startswith(prefix)}, self.reasons)


def numbers_of(values: Mapping[str, Any], array: str, *, mark: str = "name", count: str = "") -> Sequence[int]:
    """The numbers N of the keys ``array.N.…`` that are there, ascending.

    It is the keys that count: arrays are sparse, and what their own count claims may be any number. *mark* is what each
    entry has, *count* the key of the most that there can be: entries without holes are found by looking for each.
    """
    dense = 0
    while f"{array}.{dense}.{mark}" in values:
        dense += 1
    if dense and dense == values.get(count):
        return range(dense)
    start = f"{array}."
    found: set[str] = set()
    for key in values:
        if key.startswith(start):
            number, dot, _ = key[len(start) :].partition(".")
            if dot:
                found.add(number)
    return sorted(int(number) for number in found if _is_number(number))


def entries_of(values: Mapping[str, Any], array: str) -> dict[str, str]:
    """Name -> beginning of its keys. Of several entries with one name (backing files) the first is the device's own."""
    entries: dict[str, str] = {}
    for number in numbers_of(values, array, count=f"{array}.count"):
        at = f"{array}.{number}."
        name = values.get(at + "name")
        if type(name) is str:
            entries.setdefault(name, at)
    return entries


def is_length_of(length: object, capacity: object) -> bool:
    """Can a raw file of *length* bytes be the image of which the guest addresses *capacity* bytes?"""
    # QEMU rounds up to whole sectors.
    return type(length) is int and type(capacity) is int and 0 <= capacity - length < _SECTOR_BYTES


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS and (text[0] != "0" or text == "0")


@final
class Numbers:
    """Fields of a record that are whole numbers of one unit, and what their keys end with."""

    def __init__(self, ends: Mapping[str, str], *, unit: int = 1) -> None:
        self.unit = unit
        #: The numbers that a field may have, in that unit.
        self.below = -(-LIMIT // unit)
        self._ends = tuple(ends.items())
        # To put keys together takes longer than to look them up.
        self.keys_at = lru_cache(_MOST_PLACES)(self._keys_at)

    def _keys_at(self, at: str) -> tuple[tuple[str, str], ...]:
        """Each field, and its key where all begin with *at*."""
        return tuple((field, at + end) for field, end in self._ends)


@final
class Values:
    """Takes the values of one record out of a reply, and keeps the reasons of those that are not there."""

    __slots__ = ("_reply", "absent")

    def __init__(self, reply: Mapping[str, Any]) -> None:
        self._reply = reply
        self.absent: dict[str, Absence] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._reply

    def number(self, field: str, key: str, otherwise: Absence, unit: int = 1) -> int | None:
        """The whole number at *key* in units of *unit*; None with *otherwise* as the reason of *field*."""
        value = self._reply.get(key)
        # A bool is an int in Python, and no number of libvirt's.
        if type(value) is int:
            number = value if unit == 1 else value * unit
            if 0 <= number < LIMIT:
                return number
        self.absent[field] = otherwise if value in _UNKNOWN else _wrong(key, value)
        return None

    def numbers(self, wanted: Numbers, otherwise: Absence, at: str = "") -> dict[str, int | None]:
        """The whole numbers that are *wanted*, by field; their keys begin with *at*."""
        # As number() does it. Most of a reply goes through here, and a call for each takes half as long again.
        found: dict[str, int | None] = {}
        get, below, unit = self._reply.get, wanted.below, wanted.unit
        for name, key in wanted.keys_at(at):
            value = get(key)
            if type(value) is int and 0 <= value < below:
                found[name] = value if unit == 1 else value * unit
            else:
                found[name] = None
                self.absent[name] = otherwise if value in _UNKNOWN else _wrong(key, value)
        return found

    def text(self, field: str, key: str, otherwise: Absence) -> str | None:
        """The text at *key*."""
        value = self._reply.get(key)
        if type(value) is str:
            return value
        self.absent[field] = otherwise if value is None else _wrong(key, value)
        return None

    def truth(self, field: str, key: str, otherwise: Absence) -> bool | None:
        """The truth value at *key*, which bindings give as a bool or as 0 and 1."""
        value = self._reply.get(key)
        if value is True or value is False or (type(value) is int and value in (0, 1)):
            return bool(value)
        self.absent[field] = otherwise if value is None else _wrong(key, value)
        return None


def _wrong(key: str, value: object) -> Absence:
    return Absence(Reason.FAILED, f"libvirt answered {shown(value)} for {printable(key)}")


def shown(value: object) -> str:
    """A wrong answer in a few words."""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a number of {value.bit_length()} bits"  # Python may refuse to write it out
    if isinstance(value, (int, float)):
        return repr(value)
    return repr(printable(value, limit=60)) if isinstance(value, str) else f"a {type(value).__name__}"
