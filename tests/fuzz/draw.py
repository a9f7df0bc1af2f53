"""Values made of bytes: the same bytes give the same values, and no bytes the plainest ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, final

__all__ = ["EDGES", "Draw", "edited"]

T = TypeVar("T")

#: Where numbers end, or mean something else.
EDGES = (
    *(0, 1, -1, 2, 7, 255, 10**9, 2**31, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63)),
    10**400,  # no float is as large
)
_FLOATS = (0.0, -0.0, 1.5, -1.5, float("nan"), float("inf"), 1e300)
_DEEPEST = 3


@final
class Draw:
    """Takes values from the beginning of some bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def more(self) -> bool:
        """Are there bytes left?"""
        return self._at < len(self._data)

    def byte(self) -> int:
        """The next one; 0 after the last."""
        if not self.more:
            return 0
        self._at += 1
        return self._data[self._at - 1]

    def rest(self) -> bytes:
        """All that are left."""
        start, self._at = self._at, len(self._data)
        return self._data[start:]

    def below(self, limit: int) -> int:
        """A number from 0 to *limit* - 1."""
        return (self.byte() if limit <= 256 else self.byte() << 8 | self.byte()) % limit

    def pick(self, choices: Sequence[T]) -> T:
        """One of *choices*."""
        return choices[self.below(len(choices))]

    def text(self) -> str:
        """A short text of any characters, or a long one."""
        length = self.byte()
        if length >= 250:
            return chr(self.byte()) * (length - 249) * 100
        raw = bytes(self.byte() for _ in range(length % 24) if self.more)
        return raw.decode("utf-8", "surrogateescape")

    def number(self) -> int:
        """A number, likely one at an edge."""
        kind = self.byte()
        if kind < 128:
            return EDGES[kind % len(EDGES)]
        return int.from_bytes(bytes(self.byte() for _ in range(kind % 9)), "big", signed=True)

    def plain(self, depth: int = 0) -> Any:
        """Anything that JSON has."""
        kind = self.byte() % (8 if depth < _DEEPEST else 6)
        if kind == 6:
            return [self.plain(depth + 1) for _ in range(self.below(4))]
        if kind == 7:
            return {self.text(): self.plain(depth + 1) for _ in range(self.below(4))}
        return self._leaf(kind)

    def value(self) -> Any:
        """Anything that a library may answer."""
        kind = self.byte()
        if kind == 255:
            return self.text().encode("utf-8", "replace")
        return 10**5000 if kind == 254 else self.plain()  # a number that Python does not write out

    def _leaf(self, kind: int) -> Any:
        match kind:
            case 0 | 1:
                return self.number()
            case 2:
                return self.text()
            case 3:
                return None
            case 4:
                return bool(self.byte() & 1)
            case _:
                return self.pick(_FLOATS)


def edited(plain: Any, draw: Draw, *, most: int = 24) -> Any:
    """*plain*, which is changed in place where *draw* says, down to any depth."""
    for _ in range(most):
        if not draw.more:
            break
        holder: Any = {"": plain}
        key: Any = ""
        at = plain
        while at and isinstance(at, (dict, list)) and draw.byte() % 8:
            holder, key = at, draw.pick(list(at) if isinstance(at, dict) else range(len(at)))
            at = holder[key]
        kind = draw.byte() % 8
        if kind == 0 and at is not plain:
            del holder[key]
        elif kind == 1 and isinstance(at, dict):
            at[draw.text()] = draw.plain()
        elif kind == 2 and isinstance(at, list):
            at.extend(at[:8])
        else:
            holder[key] = draw.plain()
        if at is plain:
            plain = holder.get("", plain)
    return plain
