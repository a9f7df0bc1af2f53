"""How long a monitor is waited for, and which ones did not answer. No I/O here."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import final

from hvinspect.driver import Deadline

__all__ = ["Patience"]

#: A QEMU answers in a millisecond, on a busy host in some tens.
_FULL_S, _PART = 1.0, 0.4
#: One that did not is looked at in passing, while the others are read, and waited for again only after so long.
_PASSING_S, _AGAIN_NS = 0.02, 30_000_000_000


@final
class Patience:
    """Remembers the monitors that did not answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: Key -> when it was last waited for in vain.
        self._silent: dict[str, int] = {}

    @property
    def silent(self) -> list[str]:
        """Those that did not answer."""
        with self._lock:
            return sorted(self._silent)

    def keep(self, keys: Collection[str]) -> None:
        """Forget all but *keys*."""
        with self._lock:
            for key in self._silent.keys() - keys:
                del self._silent[key]

    def seconds(self, key: str, deadline: Deadline, now_ns: int) -> float:
        """How long *key* is waited for."""
        since = self._silent.get(key)
        if since is not None and now_ns - since < _AGAIN_NS:
            return _PASSING_S
        return max(_PASSING_S, min(_FULL_S, _PART * deadline.remaining))

    def note(self, key: str, waited_s: float, now_ns: int, *, answered: bool) -> None:
        """It *answered* or did not, having been waited for so long."""
        with self._lock:
            if answered:
                self._silent.pop(key, None)
            elif waited_s > _PASSING_S or key not in self._silent:
                self._silent[key] = now_ns
