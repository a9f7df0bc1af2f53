"""Readers: all that takes snapshots while something is broken, in this process or in one of its own."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import select
import struct
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol, final

import hvinspect
from hvinspect import DEFAULT_GROUPS, Group, Snapshot
from tests.integration.libvirt import nobody as nobodys
from tests.lab import settings

#: How long a reading process may be silent: longer than any of its calls.
_PATIENCE: Final = 60.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One call, by the monotonic clock, and what it brought."""

    eye: int
    started: float
    ended: float
    timeout: float
    snapshot: Snapshot | None = None
    error: BaseException | None = None
    #: Where the error was raised.
    where: str = ""

    @property
    def seconds(self) -> float:
        """How long the call took."""
        return self.ended - self.started


class Reader(Protocol):
    """Whoever reads. Several eyes see in one call, side by side."""

    @property
    def pid(self) -> int:
        """The process it reads in."""
        ...

    def open(self) -> None:
        """Connect."""
        ...

    def read(self, timeout: float) -> tuple[Read, ...]:
        """One call by each eye."""
        ...

    def is_calm(self) -> bool:
        """Is no call stuck and no instance in quarantine?"""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...

    def end(self) -> None:
        """End the process, if it is one of its own."""
        ...


def timed(call: Callable[[], Snapshot], timeout: float, *, eye: int = 0) -> Read:
    """Make the call, whatever it raises."""
    started = time.monotonic()
    try:
        snapshot = call()
    except Exception as error:  # noqa: BLE001  # it is judged by who asked
        ended = time.monotonic()
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        return Read(eye=eye, started=started, ended=ended, timeout=timeout, error=_bare(error), where=where)
    return Read(eye=eye, started=started, ended=time.monotonic(), timeout=timeout, snapshot=snapshot)


def _bare(error: Exception) -> Exception:
    """*error* without its tracebacks, and those of what led to it: their frames hold connections."""
    left: list[BaseException | None] = [error]
    while left:
        if (one := left.pop()) is not None:
            one.__traceback__ = None
            left += [one.__cause__, one.__context__]
    return error


def calm(connection: hvinspect.Connection) -> bool:
    """Is none of its calls stuck, and none of its instances in quarantine?"""
    health = connection.health()
    return not health.stuck_calls and not health.quarantined


@final
class Connected:
    """One connection in this process, kept."""

    def __init__(
        self,
        target: str,
        *,
        eye: int = 0,
        groups: Sequence[Group] = tuple(DEFAULT_GROUPS),
        options: Mapping[str, str] | None = None,
    ) -> None:
        self._target, self._eye, self._groups, self._options = target, eye, groups, options
        self._connection: hvinspect.Connection | None = None

    @property
    def pid(self) -> int:
        return os.getpid()

    def open(self) -> None:
        self._connection = hvinspect.connect(self._target, timeout=30.0, options=self._options)

    def read(self, timeout: float) -> tuple[Read, ...]:
        assert self._connection is not None
        snapshot = self._connection.snapshot
        return (timed(lambda: snapshot(groups=self._groups, timeout=timeout), timeout, eye=self._eye),)

    def is_calm(self) -> bool:
        assert self._connection is not None
        return calm(self._connection)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close(timeout=10.0)
        self._connection = None
        gc.collect()

    def end(self) -> None:
        pass


@final
class Connecting:
    """A new connection in this process for each read."""

    def __init__(self, target: str) -> None:
        self._target = target

    @property
    def pid(self) -> int:
        return os.getpid()

    def open(self) -> None:
        pass

    def read(self, timeout: float) -> tuple[Read, ...]:
        return (timed(lambda: anew(self._target, timeout), timeout),)

    def is_calm(self) -> bool:
        return True

    def close(self) -> None:
        gc.collect()

    def end(self) -> None:
        pass


def anew(target: str, timeout: float) -> Snapshot:
    """A snapshot over a connection of its own."""
    until = time.monotonic() + timeout
    with hvinspect.connect(target, timeout=timeout) as connection:
        return connection.snapshot(timeout=max(0.01, until - time.monotonic()))


@final
class Together:
    """Several readers at once, each of which is an eye."""

    def __init__(self, *readers: Reader) -> None:
        self._readers = readers

    @property
    def pid(self) -> int:
        return os.getpid()

    def open(self) -> None:
        for reader in self._readers:
            reader.open()

    def read(self, timeout: float) -> tuple[Read, ...]:
        with ThreadPoolExecutor(len(self._readers)) as pool:
            return tuple(read for reads in pool.map(lambda one: one.read(timeout), self._readers) for read in reads)

    def is_calm(self) -> bool:
        return all(reader.is_calm() for reader in self._readers)

    def close(self) -> None:
        for reader in self._readers:
            reader.close()

    def end(self) -> None:
        pass


@final
class Elsewhere:
    """A process of its own (``reader_process.py``), which can be hurt without hurting this one."""

    def __init__(
        self, target: str, *, unprivileged: bool = False, anew: bool = False, before: Sequence[str] = ()
    ) -> None:
        results, theirs = os.pipe()
        how = "anew" if anew else "kept"
        command = [sys.executable, "-m", "tests.integration.libvirt.faults.reader_process", target, how, str(theirs)]
        if unprivileged:
            command = nobodys.command(*command)
        self._process = subprocess.Popen(
            [*before, *command], cwd=settings.PROJECT_ROOT, stdin=subprocess.PIPE, pass_fds=[theirs], bufsize=0
        )
        os.close(theirs)
        # Unbuffered, so that select() sees all there is.
        self._results = os.fdopen(results, "rb", buffering=0)
        # Once, so that what is loaded on first use is not taken for a leak.
        self._ask("warm 30")

    @property
    def pid(self) -> int:
        return self._process.pid

    def open(self) -> None:
        self._ask("open 30")

    def read(self, timeout: float) -> tuple[Read, ...]:
        return self._ask(f"read {timeout}")

    def forked(self, timeout: float) -> tuple[Read, ...]:
        """Fork while a read is under way, and read in the child as well."""
        return self._ask(f"fork {timeout}")

    def set_clock(self, seconds: float) -> None:
        """Set its wall clock to so many seconds from the right time."""
        self._ask(f"clock {seconds}")

    def limit_threads(self, count: int) -> None:
        """Have its user's threads limited, or with -1 no longer."""
        self._ask(f"threads {count}")

    def is_calm(self) -> bool:
        return self._answer("calm 0") is True

    def close(self) -> None:
        if self._process.poll() is None:
            self._ask("close 10")

    def end(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._results.close()

    def _ask(self, words: str) -> tuple[Read, ...]:
        answer = self._answer(words)
        assert isinstance(answer, tuple)
        return answer

    def _answer(self, words: str) -> object:
        assert self._process.stdin is not None
        self._process.stdin.write(words.encode() + b"\n")
        if not select.select([self._results], [], [], _PATIENCE)[0]:
            self._process.kill()
            raise AssertionError(f"the reading process was not back from {words!r} after {_PATIENCE:g} s")
        head = self._results.read(4)
        if len(head) < 4:
            raise AssertionError(f"the reading process ended at {words!r}: {self._process.wait(20)}")
        # Written by this very checkout, in a process that this one started.
        data, size = b"", struct.unpack("!I", head)[0]
        while len(data) < size and (more := self._results.read(size - len(data))):
            data += more
        reply: object = pickle.loads(data)
        if isinstance(reply, BaseException):
            raise reply
        return reply
