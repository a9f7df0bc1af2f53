"""One set of reasons for all records that lack the same. No I/O here."""

from __future__ import annotations

from hvinspect.driver import NOTHING_ABSENT, Absence, Absences

__all__ = ["shared"]

_MOST = 4096
_shared: dict[tuple[object, ...], Absences] = {}


def shared(absent: dict[str, Absence]) -> Absences:
    """One Absences for all records that lack the same for the same reasons."""
    if not absent:
        return NOTHING_ABSENT
    # By identity: the reasons are constants, and hashing their texts would cost more than it saves.
    key = (*absent, *map(id, absent.values()))
    known = _shared.get(key)
    if known is None:
        known = Absences(absent)  # keeps the reasons alive, so that their ids stay theirs
        if len(_shared) >= _MOST:
            _shared.clear()
        _shared[key] = known
    return known
