"""What a subject is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

__all__ = ["Subject"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A reader of what comes from outside, and what holds of it."""

    name: str
    #: Raises if something that must hold does not.
    run: Callable[[bytes], None]
    #: What to start from: inputs that are taken, or are refused for the reasons there are.
    seeds: tuple[bytes, ...]
    #: What edits put in: the words that the reader knows.
    words: tuple[bytes, ...] = ()
    longest: int = 1024
    #: How many of a hundred executions are its own: what is slow gets less.
    share: int
