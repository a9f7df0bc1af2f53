"""A libvirtd played by threads: guests that are stopped hold up whoever asks their monitors, as the real one's do.

A request for many guests asks one after another. Where it may not wait for another request (NOWAIT) it leaves out what
the monitor would have told; a guest that is stopped holds it up for as long as it is stopped.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, final
from uuid import UUID

import libvirt

#: What cannot be told without the monitor.
_MONITORED = (
    libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
    | libvirt.VIR_DOMAIN_STATS_VCPU
    | libvirt.VIR_DOMAIN_STATS_BALLOON
    | libvirt.VIR_DOMAIN_STATS_BLOCK
)
_NOWAIT = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
_TICK_NS = 10_000_000


@final
class PlayedDaemon:
    """The daemon and its guests. Thread-safe."""

    def __init__(self, guests: Iterable[str]) -> None:
        self.guests = tuple(guests)
        #: Makes each guest that is asked for take so long, without its being anybody's fault.
        self.slowness_s = 0.0
        #: The most requests that waited for stopped guests at once; the connections opened, and those closed.
        self.most_stuck = 0
        self.connections = 0
        self.closed = 0
        #: Connections that have said goodbye.
        self.goodbyes = 0
        self._changed = threading.Condition()
        self._stopped: set[str] = set()
        self._suspended = False
        self._stuck = 0
        #: Guests whose monitors a request waits for -> since when.
        self._held: dict[str, float] = {}
        self._cpu_ns = dict.fromkeys(self.guests, 1_000_000_007)

    # -- what is done to it

    def stop(self, *keys: str) -> None:
        """Stop these guests."""
        with self._changed:
            self._stopped.update(keys)

    def resume(self, *keys: str) -> None:
        """Let these guests go on, or all."""
        with self._changed:
            self._stopped.difference_update(keys or self.guests)
            self._changed.notify_all()

    def suspend(self, *, on: bool) -> None:
        """Stop the daemon itself, or let it go on."""
        with self._changed:
            self._suspended = on
            self._changed.notify_all()

    def run(self) -> None:
        """Let those that are not stopped use CPU time, less than info() can show exactly."""
        with self._changed:
            for key in set(self.guests) - self._stopped:
                self._cpu_ns[key] += _TICK_NS + 3

    @property
    def stuck(self) -> int:
        """How many requests wait for stopped guests."""
        with self._changed:
            return self._stuck

    @property
    def stopped(self) -> frozenset[str]:
        """Who is stopped."""
        with self._changed:
            return frozenset(self._stopped)

    # -- what it is asked

    def wait(self) -> None:
        """Any request waits while the daemon itself is stopped."""
        with self._changed:
            self._changed.wait_for(lambda: not self._suspended)

    def statistics(self, key: str, *, monitor: bool, may_wait: bool) -> dict[str, Any]:
        """What the bulk call gives of one guest."""
        values: dict[str, Any] = {"state.state": libvirt.VIR_DOMAIN_RUNNING, "cpu.time": self._cpu_ns[key]}
        if not monitor:
            del values["cpu.time"]
            return values
        if self.slowness_s:
            threading.Event().wait(self.slowness_s)
        with self._changed:
            if key in self._held:
                if not may_wait:
                    return values
                self._wait_for(lambda: key not in self._held)
            if key in self._stopped:
                self._held[key] = time.monotonic()
                self._wait_for(lambda: key not in self._stopped)
                del self._held[key]
                self._changed.notify_all()
            return {**values, "cpu.time": self._cpu_ns[key], "cpu.user": 1, "balloon.rss": 1}

    def _wait_for(self, condition: Callable[[], bool]) -> None:
        self._stuck += 1
        self.most_stuck = max(self.most_stuck, self._stuck)
        self._changed.wait_for(condition)
        self._stuck -= 1

    def control(self, key: str) -> tuple[int, int, int]:
        """State of the monitor, details, and for how many milliseconds."""
        with self._changed:
            since = self._held.get(key)
        if since is None:
            return libvirt.VIR_DOMAIN_CONTROL_OK, 0, 0
        return libvirt.VIR_DOMAIN_CONTROL_OCCUPIED, 0, int(1000 * (time.monotonic() - since))

    def ticks_ns(self, key: str) -> int:
        """CPU time as info() has it."""
        return self._cpu_ns[key] // _TICK_NS * _TICK_NS


@final
class _Session:
    """What libvirt's library has of one connection: as long as it is not closed, or there is a domain of it.

    Whoever lets go of the last of them says goodbye to the daemon, and waits for its answer.
    """

    def __init__(self, daemon: PlayedDaemon) -> None:
        self._daemon = daemon

    def __del__(self) -> None:
        self._daemon.wait()
        self._daemon.goodbyes += 1


@final
class PlayedConnection:
    """The native handle of one connection, as far as the shards use it."""

    def __init__(self, daemon: PlayedDaemon) -> None:
        self._daemon = daemon
        self._session: _Session | None = _Session(daemon)
        daemon.connections += 1
        #: How often it was asked for the list of domains.
        self.lists = 0

    def listAllDomains(self, flags: int) -> list[PlayedDomain]:  # noqa: N802  # libvirt's name
        self._daemon.wait()
        self.lists += 1
        return [PlayedDomain(self._daemon, key, self._session) for key in self._daemon.guests]

    def domainListGetStats(  # noqa: N802  # libvirt's name
        self, domains: Sequence[PlayedDomain], flags: int, waiting: int
    ) -> list[tuple[PlayedDomain, dict[str, Any]]]:
        self._daemon.wait()
        monitor, may_wait = bool(flags & _MONITORED), not waiting & _NOWAIT
        return [(one, self._daemon.statistics(one.UUIDString(), monitor=monitor, may_wait=may_wait)) for one in domains]

    def isAlive(self) -> int:  # noqa: N802  # libvirt's name
        return 1

    def close(self) -> None:
        self._daemon.closed += 1
        self._session = None


@final
class PlayedDomain:
    """One guest, as libvirt's binding shows it."""

    def __init__(self, daemon: PlayedDaemon, key: str, session: _Session | None) -> None:
        self._daemon = daemon
        self._session = session
        self._key = key

    def UUID(self) -> bytes:  # noqa: N802  # libvirt's name
        return UUID(self._key).bytes

    def UUIDString(self) -> str:  # noqa: N802  # libvirt's name
        return self._key

    def name(self) -> str:
        return self._key

    def ID(self) -> int:  # noqa: N802  # libvirt's name
        return 1

    def controlInfo(self) -> tuple[int, int, int]:  # noqa: N802  # libvirt's name
        self._daemon.wait()
        return self._daemon.control(self._key)

    def info(self) -> list[int]:
        self._daemon.wait()
        return [libvirt.VIR_DOMAIN_RUNNING, 1024, 1024, 1, self._daemon.ticks_ns(self._key)]

    def vcpus(self) -> tuple[list[tuple[int, int, int, int]], list[tuple[bool, ...]]]:
        self._daemon.wait()
        return [(0, 1, 5, 0)], [(True,)]


def uuids(number: int) -> list[str]:
    """Those of so many guests."""
    return [str(UUID(int=one)) for one in range(1, number + 1)]
