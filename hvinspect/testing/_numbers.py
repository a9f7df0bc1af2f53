"""Numbers that look random and follow from a seed. No I/O here."""

from __future__ import annotations

import hashlib
from functools import lru_cache

__all__ = ["number"]


@lru_cache(maxsize=65_536)
def _first_bytes(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")


def number(seed: int, *names: object, low: int = 0, high: int) -> int:
    """The number of *names*: always the same for one seed, at least *low* and less than *high*."""
    return low + _first_bytes("/".join(str(part) for part in (seed, *names))) % (high - low)
