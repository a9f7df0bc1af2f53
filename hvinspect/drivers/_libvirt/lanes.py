"""The connections of one driver to its daemon: each is lent to one thread at a time.

libvirt's client (9.0) now and then leaves a call without its answer while another thread waits for a longer one on the
same connection; and a connection with a call that is stuck gets no new work. So calls that overlap go over connections
of their own. One that ended its call too late is closed, and at most one is being opened at a time.

A connection's goodbye is a request too, which a daemon that hangs does not answer. libvirt makes it when the last of
the connection and its domains is let go of, on whatever thread that is: the garbage collector's, too, which is any that
makes an object. So a connection is closed on the thread that used it, after all its domains, and an error that passes
keeps none of them.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from typing import Any, final

from hvinspect.driver import (
    AccessDenied,
    ConnectFailed,
    ConnectionLost,
    Deadline,
    DeadlineExceeded,
    empty_frames,
)

from .native import Native, key_of

__all__ = ["Lane", "Lanes"]

#: Connections that are kept while nothing runs on them: one for what needs no monitor, and three for the shards.
_MOST_IDLE = 4
#: With fewer a snapshot cannot go on.
_FEWEST = 2


@final
class Lane:
    """One native connection, and the domains as it knows them."""

    def __init__(self, native: Native) -> None:
        self.native = native
        #: Whoever waited for its call has given it up.
        self.given_up = False
        #: When its last request began that a guest may hold up.
        self.asked_ns = 0
        self._domains: dict[str, Any] = {}

    def list(self) -> Mapping[str, Any]:
        """Every domain there is, by uuid: one request."""
        listed = self.native.call("the list of domains", lambda: self.native.handle.listAllDomains(0))
        self._domains = {key_of(domain): domain for domain in listed}
        return self._domains

    def domains(self, keys: Collection[str]) -> dict[str, Any]:
        """Those of *keys* that there are; asks only if one is not known yet, and keeps no other then."""
        if not all(key in self._domains for key in keys):
            listed = self.list()
            self._domains = {key: listed[key] for key in keys if key in listed}
        return {key: self._domains[key] for key in keys if key in self._domains}

    def close(self) -> None:
        """Let go of the domains, and then of the connection: it says goodbye now, on this thread."""
        self._domains = {}
        self.native.close()

    @property
    def size(self) -> int:
        """How many domains it knows."""
        return len(self._domains)

    def knows(self, key: str) -> bool:
        """Does it know the domain *key*?"""
        return key in self._domains


@final
class Lanes:
    """Lends connections. Thread-safe; no lock is held during a call, but opening waits for its turn."""

    def __init__(self, first: Native, reopen: Callable[[], Native], address: str) -> None:
        """*first* is open already; *reopen* opens another, *address* names them in errors."""
        self._reopen = reopen
        self._address = address
        self._came_back = threading.Condition()
        self._opening = threading.Lock()
        self._idle = [Lane(first)]
        #: All that are open: a forked child keeps what the parent uses.
        self._open = set(self._idle)
        self._closed = False

    @contextmanager
    def lend(self, deadline: Deadline, *, key: str | None = None) -> Generator[Lane]:
        """A connection for this thread alone: one that knows the domain *key* and few others, or else all of them.

        Raises:
            DeadlineExceeded: none could be had in time.
            InvalidTarget, ConnectFailed, AccessDenied: opening another one failed.
        """
        lane = self._take(deadline, key)
        lost = False
        try:
            yield lane
        except BaseException as exc:
            lost = isinstance(exc, ConnectionLost)
            empty_frames(exc)  # they have domains in them
            raise
        finally:
            self._give_back(lane, keep=not (lost or lane.given_up or deadline.passed))

    def close(self) -> None:
        """Close them; those that are lent when they come back."""
        with self._came_back:
            self._closed = True
            idle, self._idle = self._idle, []
            self._came_back.notify_all()
        for lane in idle:
            self._close(lane)

    def _take(self, deadline: Deadline, key: str | None) -> Lane:
        lane = self._idle_one(key)
        if lane is not None:
            return lane
        if not self._opening.acquire(timeout=deadline.remaining):
            raise DeadlineExceeded(f"another connection to {self._address} is being opened, and has not come up")
        try:
            lane = self._idle_one(key)
            if lane is None:
                deadline.check(f"another connection to {self._address}")
                lane = self._open_another(deadline, key)
            return lane
        finally:
            self._opening.release()

    def _open_another(self, deadline: Deadline, key: str | None) -> Lane:
        try:
            lane = Lane(self._reopen())
        except (ConnectFailed, AccessDenied):
            # The daemon may have as many clients as it takes. Those that we are can serve one after another; but one of
            # them is with whoever waits for this one.
            if len(self._open) < _FEWEST:
                raise
            return self._next_idle(deadline, key)
        self._open.add(lane)
        return lane

    def _next_idle(self, deadline: Deadline, key: str | None) -> Lane:
        while (lane := self._idle_one(key)) is None:
            with self._came_back:
                if not self._idle and not self._came_back.wait(deadline.remaining):
                    raise DeadlineExceeded(f"all connections to {self._address} are in use, and it takes no other")
        return lane

    def _idle_one(self, key: str | None) -> Lane | None:
        with self._came_back:
            if self._closed:
                raise ConnectionLost("the connection was given up")
            if not self._idle:
                return None
            # Each keeps to what it has done before, so that not every one of them knows every domain.
            if key is None:
                lane = max(self._idle, key=lambda one: one.size)
            else:
                lane = min(self._idle, key=lambda one: (not one.knows(key), one.size))
            self._idle.remove(lane)
            return lane

    def _give_back(self, lane: Lane, *, keep: bool) -> None:
        with self._came_back:
            keep = keep and not self._closed and len(self._idle) < _MOST_IDLE
            if keep:
                self._idle.append(lane)
            self._came_back.notify()
        if not keep:
            self._close(lane)

    def _close(self, lane: Lane) -> None:
        self._open.discard(lane)
        with contextlib.suppress(Exception):  # it is of no use any more, whatever libvirt says
            lane.close()
