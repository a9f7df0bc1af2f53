"""Numbers out of QEMU's answers, with the reasons of those that are none. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from hvinspect.driver import Absence, printable

from . import absences

__all__ = ["Numbers"]

_LIMIT = 1 << 63
_PLAIN = {int}


@final
class Numbers:
    """Takes numbers out of one object of an answer, and keeps in *absent* the reasons of those that are not there."""

    def __init__(self, values: Mapping[str, Any], absent: dict[str, Absence]) -> None:
        self._values = values
        self._absent = absent

    def take(self, field: str, name: str, *, unit: int = 1, why: Absence = absences.NOT_IN_REPLY) -> int | None:
        """The number *name* in units of *unit*; why *field* is missing, if it is."""
        value = self._values.get(name)
        if type(value) is int and 0 <= value * unit < _LIMIT:
            return value * unit
        # QEMU's own -1 is 2**64 - 1 in its answers.
        if value is None or (type(value) is int and value >= _LIMIT):
            self._absent[field] = why
        else:
            self._absent[field] = absences.wrong(name, repr(printable(value, limit=40)))
        return None

    def take_all(self, names: Mapping[str, str], *, why: Absence = absences.NOT_IN_REPLY) -> dict[str, int | None]:
        """By field, the numbers of these *names*."""
        values: Mapping[str, Any] = self._values
        try:
            found = [values[name] for name in names.values()]
            # Nearly always: and to look at each one by itself would take three times as long.
            if {*map(type, found)} == _PLAIN and min(found) >= 0 and max(found) < _LIMIT:
                return dict(zip(names, found, strict=True))
        except KeyError:
            pass
        taken: dict[str, int | None] = {}
        for field, name in names.items():
            value = values.get(name)
            is_plain = type(value) is int and 0 <= value < _LIMIT
            taken[field] = value if is_plain else self.take(field, name, why=why)
        return taken
