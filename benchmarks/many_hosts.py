"""One process that reads twenty hosts: one after another, by a pool of threads, and by asyncio."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Final

import hvinspect
from hvinspect import Connection, Snapshot

from .distance import distant_hosts
from .figures import Figure
from .guests import Guests
from .statistics import median_of, ratio

__all__ = ["measure"]

_NAME: Final = "many hosts"
_HOSTS: Final = 20
_MILLISECONDS: Final = 5.0


def measure(guests: Guests, *, rounds: int) -> Iterator[Figure]:
    """Twenty connections to the lab's libvirtd, each through a socket that is 5 ms away, each way."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        folder = Path(directory)
        folder.chmod(0o755)
        stack.enter_context(distant_hosts(folder, _HOSTS, _MILLISECONDS))
        hosts = [
            stack.enter_context(hvinspect.connect(f"libvirt:qemu+unix:///system?socket={folder}/host-{number}"))
            for number in range(_HOSTS)
        ]
        pool = stack.enter_context(ThreadPoolExecutor(_HOSTS))
        ways: tuple[Callable[[], object], ...] = (
            lambda: [_read(one) for one in hosts],
            lambda: list(pool.map(_read, hosts)),
            lambda: asyncio.run(_tasks(hosts, pool)),
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
        (f"time, {_HOSTS} hosts one after another", "s", median_of(in_turn)),
        ("time of a pool of threads / one after another", "×", ratio(threads, in_turn)),
        ("time of asyncio / one after another", "×", ratio(tasks, in_turn)),
    ):
        yield Figure(
            measurement=_NAME, what=what, unit=unit, guests=len(guests.running), shape=guests.shape, estimate=estimate
        )


def _read(host: Connection) -> Snapshot:
    return host.snapshot(timeout=30.0)


async def _tasks(hosts: list[Connection], pool: ThreadPoolExecutor) -> None:
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(pool, _read, host) for host in hosts))
