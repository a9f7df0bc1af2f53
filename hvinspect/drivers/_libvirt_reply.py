"""One domain's statistics as libvirt's bulk call names them, however they were got. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

from hvinspect.driver import Absence, Reason, printable

from ._libvirt_absences import NOT_IN_REPLY

__all__ = ["Reply", "Values"]


@final
@dataclass(frozen=True, slots=True)
class Reply:
    """Keys and values as in virConnectGetAllDomainStats, e.g. ``cpu.time``; and why some are missing."""

    values: Mapping[str, Any]
    #: First part of the key (``cpu``, ``block``, ...) -> why none or not all of them are there.
    reasons: Mapping[str, Absence] = field(default_factory=dict[str, Absence])

    def why(self, part: str) -> Absence:
        """Why keys that begin with *part* are missing."""
        return self.reasons.get(part, NOT_IN_REPLY)

    def without(self, prefix: str) -> Reply:
        """This reply without the keys that begin with *prefix*."""
        return Reply({key: value for key, value in self.values.items() if not key.startswith(prefix)}, self.reasons)


@final
class Values:
    """Takes the values of one record out of a reply, and keeps the reasons of those that are not there."""

    __slots__ = ("_reply", "absent")

    def __init__(self, reply: Mapping[str, Any]) -> None:
        self._reply = reply
        self.absent: dict[str, Absence] = {}

    def number(self, field: str, key: str, otherwise: Absence, unit: int = 1) -> int | None:
        """The whole number at *key* in units of *unit*; None with *otherwise* as the reason of *field*."""
        value = self._reply.get(key)
        if type(value) is int and value >= 0:
            return value * unit
        self.absent[field] = otherwise if value is None else _wrong(key, value)
        return None

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
    return Absence(Reason.FAILED, f"libvirt answered {printable(repr(value), limit=60)} for {printable(key)}")
