"""A polling cycle: who asks first reads the host, who asks meanwhile waits for that, who asks later has it."""

from __future__ import annotations

import threading
from collections.abc import Set as AbstractSet
from typing import Any, Self, final

from hvinspect import Group

from .host import Host, Reading

__all__ = ["Cycle"]

#: The name under which a cycle is in the agent's cache, which has names of the inspector's methods otherwise.
_KEY = "hvinspect"


@final
class Cycle:
    """What was read of a host in one cycle. Thread-safe."""

    def __init__(self, host: Host) -> None:
        """Nothing is read yet."""
        self._host = host
        self._lock = threading.Lock()
        self._readings: dict[AbstractSet[Group], Reading] = {}

    @classmethod
    def of(cls, cache: dict[str, Any], host: Host) -> Self:
        """The cycle that *cache* belongs to: the agent makes one for each run of an interval, and then drops it."""
        found: Self = cache.setdefault(_KEY, cls(host))
        return found

    def read(self, groups: AbstractSet[Group]) -> Reading:
        """All guests; the host is read once for the same *groups*, even if that fails."""
        with self._lock:
            if groups not in self._readings:
                self._readings[groups] = self._host.read(groups)
            return self._readings[groups]
