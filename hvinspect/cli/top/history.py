"""What the instances did in the last readings, and its picture on one line. No I/O here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import final

from .measures import Numbers

__all__ = ["History", "sparkline"]

#: Readings that are remembered of each instance: as many as a wide terminal has columns for.
_LENGTH = 240
_BLOCKS = "▁▂▃▄▅▆▇█"
#: For a terminal that knows no other letters.
_ASCII_BLOCKS = "_.:-=+*#"


@final
class History:
    """The numbers of each instance, oldest first. One that is gone is forgotten; one that came back begins anew."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[str, deque[Numbers]]] = {}

    def add(self, found: Iterable[tuple[str, str, Numbers]]) -> None:
        """One more reading: of each instance its key, its incarnation and its numbers."""
        now: dict[str, tuple[str, deque[Numbers]]] = {}
        for key, incarnation, numbers in found:
            before = self._of.get(key)
            past = before[1] if before and before[0] == incarnation else deque[Numbers](maxlen=_LENGTH)
            past.append(numbers)
            now[key] = (incarnation, past)
        self._of = now

    def of(self, key: str) -> Sequence[Numbers]:
        """All that is remembered of the instance of this *key*."""
        return tuple(self._of[key][1]) if key in self._of else ()


def sparkline(values: Sequence[float | None], width: int, *, ascii_only: bool = False) -> str:
    """The last *width* of *values* as bars from 0 to the greatest of them; a gap where there is none."""
    shown = values[-width:] if width > 0 else ()
    blocks = _ASCII_BLOCKS if ascii_only else _BLOCKS
    greatest = max((value for value in shown if value is not None), default=0) or 1
    return "".join(" " if value is None else blocks[_height(value / greatest, len(blocks))] for value in shown)


def _height(fraction: float, steps: int) -> int:
    return min(steps - 1, max(0, int(fraction * steps)))
