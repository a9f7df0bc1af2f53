"""A scrape of the Prometheus exporter beside the snapshot that it shows, and beside another exporter's scrape."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import subprocess
import sys
from collections.abc import Collection, Iterator
from time import perf_counter
from typing import Final, TypeVar, final

import hvinspect
from hvinspect import DEFAULT_GROUPS, Group
from tests.lab.daemons import NotReady
from tests.lab.settings import PROJECT_ROOT

from .figures import Figure, Goal
from .guests import Guests
from .peers import Exporter
from .statistics import median_of, ratio
from .subjects import TARGET, Ours, Subject, Unavailable
from .turns import HostCpu, take_turns

__all__ = ["measure"]

_NAME = "scrape"
_PATIENCE: Final = 120.0
# What Prometheus asks for.
_HEADERS: Final = {
    "Accept": "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "Accept-Encoding": "gzip",
}


@final
class Scrape:
    """One scrape of ``hvinspect export prometheus``, in a process of its own."""

    version = hvinspect.__version__
    reads_per_turn = 1

    def __init__(self, name: str, groups: Collection[Group]) -> None:
        self.name = name
        command = [sys.executable, "-m", "hvinspect", "export", "prometheus", TARGET, "--listen", "127.0.0.1:0"]
        for group in groups:
            command += ["--group", group.value]
        self._process = subprocess.Popen(
            [*command, "--timeout", "60"],
            cwd=PROJECT_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        told = self._process.stdout.readline()
        if not told.startswith("serving"):
            raise Unavailable("the exporter did not start")
        self._port = int(told.split(":")[-1].partition("/")[0])

    def turn(self) -> float:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        started = perf_counter()
        connection.request("GET", "/metrics", headers=_HEADERS)
        reply = connection.getresponse()
        sent = reply.read()
        seconds = perf_counter() - started
        connection.close()
        page = gzip.decompress(sent)
        if reply.status != http.client.OK or b"hvinspect_cpu_time_seconds_total{" not in page:
            raise Unavailable(f"its page has no guests: HTTP {reply.status}, {page[:200]!r}")
        return seconds

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()


S = TypeVar("S", Scrape, Ours, Exporter)


def measure(guests: Guests, *, rounds: int) -> Iterator[Figure]:
    """The page costs little more than the snapshot, and less than another exporter's of the same groups."""
    count, shape = len(guests.running), guests.shape
    # The other one reads no statistics of memory.
    fewer = DEFAULT_GROUPS - {Group.MEMORY}
    with contextlib.ExitStack() as stack:
        ours = _opened(stack, Ours())
        scrape = _opened(stack, Scrape("scrape", DEFAULT_GROUPS))
        same = _opened(stack, Scrape("scrape without memory", fewer))
        subjects: list[Subject] = [ours, scrape, same]
        beside: list[tuple[Subject, Subject, Goal]] = [(scrape, ours, Goal(1.15))]
        try:
            peer = _opened(stack, Exporter())
            peer.turn()
        except (Unavailable, NotReady, OSError) as failure:
            note = f"not measured: {failure}"
            yield Figure(
                measurement=_NAME, what=Exporter.name, guests=count, shape=shape, unit="", estimate=None, note=note
            )
        else:
            subjects.append(peer)
            beside.append((same, peer, Goal(1.0)))
        turns = take_turns(subjects, HostCpu(guests), rounds=rounds)
        found = dict(zip((one.name for one in subjects), turns, strict=True))
    for mine, other, goal in beside:
        yield Figure(
            measurement=_NAME,
            what=f"time, {mine.name} / {other.name}",
            guests=count,
            shape=shape,
            estimate=ratio(found[mine.name].seconds, found[other.name].seconds),
            goals=(goal,),
        )
    for subject in subjects:
        yield Figure(
            measurement=_NAME,
            what=f"time, {subject.name}",
            guests=count,
            shape=shape,
            estimate=median_of([one * 1000 for one in found[subject.name].seconds]),
            unit="ms",
            note=subject.version,
        )


def _opened(stack: contextlib.ExitStack, subject: S) -> S:
    stack.callback(subject.close)
    return subject
