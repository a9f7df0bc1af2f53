"""Records in which everything is missing for one reason, made once and shared."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from ._absence import Absence, Absences, Record

__all__ = ["blank"]

R = TypeVar("R", bound=Record)

_MOST = 1024
_made: dict[tuple[type[Any], Absence], Any] = {}


def blank(record: type[R], absence: Absence) -> R:
    """A *record* with nothing in it, each of its fields missing for the reason of *absence*.

    Raises:
        TypeError: the record has a field that cannot be left out.
    """
    made: R | None = _made.get((record, absence))
    if made is None:
        names = [field.name for field in fields(record) if field.name != "absences"]
        made = record(absences=Absences(dict.fromkeys(names, absence)))
        # Without a lock, which a fork could leave closed: to lose one is no matter.
        if len(_made) >= _MOST:  # details may be any text: never grow with them
            _made.clear()
        _made[record, absence] = made
    return made
