"""One process that reads many hosts: one after another, by a pool of threads, and by asyncio."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Final, NamedTuple

import hvinspect
from hvinspect import Connection, Instance, Snapshot

from .distance import distant_hosts
from .figures import Figure
from .guests import Guests
from .statistics import median_of, ratio

__all__ = ["measure"]

_NAME: Final = "many hosts"
_HOSTS: Final = 20
_MILLISECONDS: Final = 5.0


def measure(guests: Guests, *, rounds: int) -> Iterator[Figure]:
    """Connections to the lab's libvirtd, each over a socket that is 5 ms away, each way, and for guests of its own."""
    count = min(_HOSTS, len(guests.running))
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        folder = Path(directory)
        folder.chmod(0o755)
        stack.enter_context(distant_hosts(folder, count, _MILLISECONDS))
        connections = [
            stack.enter_context(hvinspect.connect(f"libvirt:qemu+unix:///system?socket={folder}/host-{number}"))
            for number in range(count)
        ]
        known = connections[0].snapshot(timeout=30.0).instances
        hosts = [_Host(one, [each.instance for each in known[number::count]]) for number, one in enumerate(connections)]
        pool = stack.enter_context(ThreadPoolExecutor(count))
        # One loop for all rounds, as an agent has: at its end it shuts its executor down.
        runner = stack.enter_context(asyncio.Runner())
        runner.get_loop().set_default_executor(pool)
        ways: tuple[Callable[[], object], ...] = (
            lambda: [_read(one) for one in hosts],
            lambda: list(pool.map(_read, hosts)),
            lambda: runner.run(_tasks(hosts)),
        )
        seconds: list[list[float]] = [[] for _ in ways]
        for way in ways:
            way()
        for number in range(rounds):
            for place in range(len(ways)):
                which = (number + place) % len(ways)
                started = perf_counter()
                ways[which]()
                seconds[which].append(perf_counter() - started)
    in_turn, threads, tasks = seconds
    for what, unit, estimate in (
        (f"time, {count} hosts one after another", "s", median_of(in_turn)),
        ("time of a pool of threads / one after another", "×", ratio(threads, in_turn)),
        ("time of asyncio / one after another", "×", ratio(tasks, in_turn)),
    ):
        yield Figure(
            measurement=_NAME, what=what, unit=unit, guests=len(guests.running), shape=guests.shape, estimate=estimate
        )


class _Host(NamedTuple):
    connection: Connection
    instances: list[Instance]


def _read(host: _Host) -> Snapshot:
    return host.connection.snapshot(host.instances, timeout=30.0)


async def _tasks(hosts: list[_Host]) -> None:
    await asyncio.gather(*(asyncio.to_thread(_read, host) for host in hosts))
