"""Why a value is missing: one convention for every record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import final

from ._fields import record

__all__ = ["NOTHING_ABSENT", "NOT_GIVEN", "UNEXPLAINED", "Absence", "Absences", "Reason", "Record", "shared_absences"]


class Reason(str, Enum):
    """Why there is no value. The list is open: a match over it needs a default arm."""

    #: This hypervisor or driver never gives it.
    UNSUPPORTED = "unsupported"
    #: A newer hypervisor gives it; the detail names the version.
    NEEDS_NEWER_HYPERVISOR = "needs_newer_hypervisor"
    #: Only a running instance has it.
    NOT_RUNNING = "not_running"
    #: Only an instance that does not run has it.
    RUNNING = "running"
    #: The guest must help (a balloon driver, an agent) and does not.
    NEEDS_GUEST = "needs_guest"
    #: Nothing of the kind is configured for this instance or device.
    NOT_CONFIGURED = "not_configured"
    #: Its group was not asked for.
    NOT_REQUESTED = "not_requested"
    #: The instance is busy with an operation that excludes the reading.
    BUSY = "busy"
    #: The call's time was over first.
    TIMED_OUT = "timed_out"
    #: The privilege is missing; the detail says which.
    DENIED = "denied"
    #: The instance or device went away while it was read.
    VANISHED = "vanished"
    #: The target has no such instance.
    NOT_FOUND = "not_found"
    #: The hypervisor failed to give it; the detail is its own word.
    FAILED = "failed"
    #: A rate needs an earlier sample.
    FIRST_SAMPLE = "first_sample"
    #: A counter fell between two samples.
    RESET = "reset"
    #: Two samples of one key belong to different lives of it.
    IDENTITY_CHANGED = "identity_changed"
    #: Two samples are too near to each other for a rate.
    TOO_CLOSE = "too_close"
    #: A mean over events of which none happened.
    NO_EVENTS = "no_events"
    UNKNOWN = "unknown"


@final
@dataclass(frozen=True, slots=True)
class Absence:
    """A reason, and in the detail what would help or what the hypervisor said."""

    reason: Reason
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.reason.value}: {self.detail}" if self.detail else self.reason.value


UNEXPLAINED = Absence(Reason.UNKNOWN, "the driver gave no reason")
NOT_GIVEN = Absence(Reason.UNSUPPORTED, "this driver does not give it")


@final
class Absences(Mapping[str, Absence]):
    """The missing fields of one record: immutable and hashable, so that records alike can share one."""

    __slots__ = ("_by_field", "_hash")

    def __init__(self, by_field: Mapping[str, Absence] | None = None) -> None:
        self._by_field = dict(by_field or {})
        self._hash: int | None = None

    def __getitem__(self, field: str) -> Absence:
        return self._by_field[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_field)

    def __len__(self) -> int:
        return len(self._by_field)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._by_field.items()))
        return self._hash

    def __repr__(self) -> str:
        return f"Absences({self._by_field!r})"

    def __or__(self, other: Mapping[str, Absence]) -> Absences:
        return Absences({**self._by_field, **other})

    def __reduce__(self) -> tuple[type[Absences], tuple[dict[str, Absence]]]:
        return Absences, (self._by_field,)


NOTHING_ABSENT = Absences()

_MOST_SHARED = 4096
_shared: dict[tuple[object, ...], Absences] = {}


def shared_absences(absent: Mapping[str, Absence]) -> Absences:
    """One Absences for all records that lack the same fields for the same reasons, so that many cost no memory each.

    The reasons are told apart by identity: make them once, as constants.
    """
    if not absent:
        return NOTHING_ABSENT
    # By identity, because hashing their texts would cost more than it saves.
    key = (*absent, *map(id, absent.values()))
    known = _shared.get(key)
    if known is None:
        known = Absences(absent)  # keeps the reasons alive, so that their ids stay theirs
        # Without a lock, which a fork could leave closed: to lose one is no matter.
        if len(_shared) >= _MOST_SHARED:
            _shared.clear()
        _shared[key] = known
    return known


@record
class Record:
    """What every record has: an answer to "why is this None?"."""

    absences: Absences = NOTHING_ABSENT

    def why(self, field: str) -> Absence | None:
        """The reason why *field* of this record is missing or incomplete; None if it is there.

        A tuple of devices is never None: an empty one with a reason is one that could not be read.

        Raises:
            AttributeError: this record has no such field.
        """
        known = self.__dataclass_fields__
        if field not in known or field == "absences":
            raise AttributeError(f"{type(self).__name__} has no field {field!r}")
        absence = self.absences.get(field)
        if absence is None and getattr(self, field) is None:
            return UNEXPLAINED
        return absence
