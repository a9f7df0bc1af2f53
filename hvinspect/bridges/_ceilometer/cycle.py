"""A polling cycle: who asks first reads the host, who asks meanwhile waits for that, who asks later has it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Self, TypeVar, final

from hvinspect import Group

from .host import DETAIL, STATISTICS, Host, Reading

__all__ = ["Cycle", "Wishes"]

#: The name under which a cycle is in the agent's cache, which has names of the inspector's methods otherwise.
_KEY = "hvinspect"
T = TypeVar("T")


@final
@dataclass(slots=True)
class Wishes:
    """What was asked for in a cycle, for the next one to read it with the rest."""

    detail: bool = False


@final
class Cycle:
    """What was read of a host in one cycle. Thread-safe."""

    def __init__(self, host: Host, last: Wishes) -> None:
        """Nothing is read yet; *last* are the wishes of the cycle before."""
        self._host = host
        self._lock = threading.Lock()
        self._groups = STATISTICS | DETAIL if last.detail else STATISTICS
        self._readings: dict[AbstractSet[Group], Reading] = {}
        self._made: dict[Hashable, Any] = {}
        self.wishes = Wishes()

    @classmethod
    def of(cls, cache: dict[str, Any], host: Host, last: Wishes) -> Self:
        """The cycle that *cache* belongs to: the agent makes one for each run of an interval, and then drops it."""
        found: Self | None = cache.get(_KEY)
        return found if found is not None else cache.setdefault(_KEY, cls(host, last))

    @property
    def statistics(self) -> Reading:
        """All guests."""
        return self._read(self._groups)

    @property
    def detail(self) -> Reading:
        """All guests, with what their disks are asked for one by one."""
        return self._read(DETAIL if self._groups == STATISTICS else self._groups)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What *make* returns, which several threads may call when they come first together."""
        found: T | None = self._made.get(key)
        if found is None:
            found = self._made[key] = make()
        return found

    def _read(self, groups: AbstractSet[Group]) -> Reading:
        """The host is read once for the same *groups*, even if that fails."""
        found = self._readings.get(groups)
        if found is None:
            with self._lock:
                if groups not in self._readings:
                    self._readings[groups] = self._host.read(groups)
                found = self._readings[groups]
        return found
