"""Guests that are not known to be well. No I/O here.

A guest whose hypervisor process does not answer holds up the request that asks it, and with it one of the daemon's
workers, until it goes on. While that request waits, the guest costs nothing more: libvirt leaves out of the next answer
what it would have to wait for. But of the guests that came after it in the same request nobody knows whether they are
well. They are asked again; only if too many requests are stuck already they come here, and their monitors are left
alone until something speaks for them: every stuck request has come back, or the guest's CPU time moves, as that of a
stopped process does not. Now and then one is tried without that.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import final

__all__ = ["Quarantine"]

_SECOND_NS = 1_000_000_000
#: How long after an attempt that got stuck the next guest is tried on suspicion alone, doubled from time to time.
_FIRST_PAUSE_NS, _LONGEST_PAUSE_NS = 5 * _SECOND_NS, 60 * _SECOND_NS


@final
@dataclass(slots=True)
class _Suspect:
    #: CPU time when it was first seen here.
    cpu_ns: int | None = None
    moved: bool = False


@final
class Quarantine:
    """The guests of one daemon that are read without their monitors. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._suspects: dict[str, _Suspect] = {}
        #: Who has answered, and was not to be asked by a request that got stuck since.
        self._well: set[str] = set()
        self._pause_ns = _FIRST_PAUSE_NS
        self._next_try_ns = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """Who is in it."""
        with self._lock:
            return tuple(self._suspects)

    def __contains__(self, key: str) -> bool:
        return key in self._suspects

    def keep(self, keys: Collection[str]) -> None:
        """Forget all but *keys*."""
        with self._lock:
            for key in self._suspects.keys() - keys:
                del self._suspects[key]
            self._well.intersection_update(keys)

    def put(self, keys: Iterable[str]) -> None:
        """They were to be asked by a request that got stuck, and were not asked again."""
        with self._lock:
            for key in keys:
                self._well.discard(key)
                self._suspects.setdefault(key, _Suspect())

    def put_unknown(self, keys: Iterable[str]) -> None:
        """Requests are stuck, of another connection perhaps: of *keys* come here those that have not answered yet."""
        with self._lock:
            for key in keys:
                if key not in self._well:
                    self._suspects.setdefault(key, _Suspect())

    def release_all(self) -> None:
        """No request is stuck any more: nothing speaks against anybody."""
        with self._lock:
            self._suspects.clear()
            self._pause_ns, self._next_try_ns = _FIRST_PAUSE_NS, 0

    def note_cpu(self, key: str, cpu_ns: int) -> None:
        """The CPU time of *key* as it is without asking its monitor."""
        with self._lock:
            suspect = self._suspects.get(key)
            if suspect is None:
                return
            if suspect.cpu_ns is None:
                suspect.cpu_ns = cpu_ns
            suspect.moved = suspect.moved or cpu_ns > suspect.cpu_ns

    def moving(self) -> list[str]:
        """Those whose CPU time has moved since they came here."""
        with self._lock:
            return [key for key, suspect in self._suspects.items() if suspect.moved]

    def may_try(self, now_ns: int) -> bool:
        """Is it time to ask somebody for whom nothing speaks?"""
        return now_ns >= self._next_try_ns

    def answered(self, key: str) -> None:
        """*key* was tried, and is well."""
        if key in self._well and key not in self._suspects:
            return  # as nearly every one: that takes no lock
        with self._lock:
            self._suspects.pop(key, None)
            self._well.add(key)

    def got_stuck(self, key: str, now_ns: int) -> None:
        """*key* was tried, and holds up the request, which now guards it better than this does."""
        with self._lock:
            self._suspects.pop(key, None)
            self._well.discard(key)
            self._next_try_ns = now_ns + self._pause_ns
            self._pause_ns = min(2 * self._pause_ns, _LONGEST_PAUSE_NS)
