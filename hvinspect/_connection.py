"""connect() and Connection: the deadline of each call, reconnecting, and the seam where foreign errors end."""

from __future__ import annotations

import contextlib
import sys
import threading
import warnings
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar, final
from uuid import UUID

from . import _fork
from ._absence import Absence, Reason
from ._arrivals import MARGIN_S, Arrivals
from ._capabilities import Capabilities
from ._deadline import Deadline
from ._errors import AccessDenied, ConnectionLost, DeadlineExceeded, Error, InvalidTarget
from ._fields import DEFAULT_GROUPS, Group
from ._green import check_threads
from ._health import Health, Tally
from ._live import Live, errors_of, expect, foreign_errors, told
from ._log import logger
from ._model import HostStats, Instance, Snapshot, Versions
from ._options import parse_options
from ._registry import LoadedDriver, load
from ._selection import Selection, requested_groups
from ._span import Stopwatch
from ._target import Secret, Target
from ._text import printable
from ._version import __version__
from ._workers import Task, Workers
from .driver import (
    Driver,
    HostRequest,
    OpenRequest,
    Origin,
    OriginRequest,
    ProvidesRequest,
)

__all__ = ["Connection", "connect"]

T = TypeVar("T")
_GAVE_NOTHING = Absence(Reason.FAILED, "the driver gave nothing of it")
_OVER = Absence(Reason.TIMED_OUT, "the time was over before it was read")
_REASONS: dict[type[Error], Reason] = {DeadlineExceeded: Reason.TIMED_OUT, AccessDenied: Reason.DENIED}
#: Instances that one line of the log names.
_MOST_NAMED = 5


def connect(target: str, *, timeout: float = 10.0, options: Mapping[str, str | Secret] | None = None) -> Connection:
    """Open *target*, e.g. ``libvirt:qemu:///system``, for reading.

    Raises:
        InvalidTarget: the target or an option is malformed.
        DriverNotFound: there is no such driver.
        DriverUnavailable: the driver needs something that is not installed.
        ConnectFailed: the hypervisor could not be reached.
        AccessDenied: the hypervisor refused.
        DeadlineExceeded: it did not answer within *timeout* seconds.
        NotSupported: eventlet or gevent has replaced the threads of this process.
    """
    deadline = Deadline.after(timeout)
    check_threads()
    parsed = Target.parse(target)
    with errors_of(parsed):
        loaded = load(parsed.driver)
    if parsed.rest.startswith("//") and not loaded.driver.takes_urls:
        raise InvalidTarget(
            f"{parsed} is a URL, and driver {parsed.driver!r} takes none; a libvirt URI is written libvirt:URI",
            driver=parsed.driver,
            target=str(parsed),
        )
    with errors_of(parsed):
        values = parse_options(loaded.driver.Options, options or {}, driver=parsed.driver)
    connection = Connection(parsed, loaded, values)
    try:
        with errors_of(parsed):
            connection._announce(connection._obtain(deadline))
    except BaseException:
        connection._give_up()  # what opens too late is then closed at once
        raise
    return connection


@final
class Connection:
    """An open target. Thread-safe; every method but health() is over by its timeout."""

    def __init__(self, target: Target, loaded: LoadedDriver, options: object) -> None:
        """Not to be called: use connect()."""
        self._target = target
        self._loaded = loaded
        self._options = options
        self._tally = Tally()
        self._closed = False
        self._memory: dict[str, Any] = {}
        self._after_fork()
        _fork.watch(self)

    def _after_fork(self) -> None:
        """Start anew: what was inherited over a fork is the parent's, its locks included."""
        _fork.keep(getattr(self, "_live", None))
        self._lock = threading.Lock()
        self._live: Live | None = None
        self._opening: Task[Live] | None = None
        self._announced = self._told_stuck = False
        self._told_quarantine: frozenset[str] = frozenset()
        self._openers = Workers("hvinspect-open", limit=1)
        driver = self._loaded.driver
        self._workers = Workers(f"hvinspect-{self._target.driver}", limit=driver.concurrency)
        # Apart from those that run the hooks: a hook that waited for a place among them could wait for itself.
        self._lent = Workers(f"hvinspect-{self._target.driver}-own", limit=driver.own_calls)

    @property
    def target(self) -> str:
        """What this is connected to, without secrets."""
        return str(self._target)

    def snapshot(
        self,
        instances: Collection[str | UUID | Instance] | None = None,
        *,
        groups: Collection[Group] = DEFAULT_GROUPS,
        timeout: float = 10.0,
    ) -> Snapshot:
        """Read the counters of many instances in as few requests as the hypervisor allows.

        *instances* are keys, uuids or Instances; None is all there are. An instance of which nothing could be read
        is in ``failures`` with its reason; the others are complete.

        Raises:
            DeadlineExceeded: not even the set of instances could be learnt within *timeout* seconds.
            ConnectionLost: the connection broke and could not be opened again in time.
            ConnectFailed, AccessDenied: it was lost before, and opening it again failed.
        """
        deadline = Deadline.after(timeout)
        wanted = requested_groups(groups)
        selection = Selection.of(instances)
        return self._attempt(lambda live: self._snapshot(live, selection, wanted, deadline), deadline)

    def host(self, timeout: float = 10.0) -> HostStats:
        """Read the host's own numbers.

        Raises:
            NotSupported: the driver has none.
            DeadlineExceeded, ConnectionLost, ConnectFailed, AccessDenied: as in snapshot().
        """
        deadline = Deadline.after(timeout)
        request = HostRequest(deadline=deadline.earlier(MARGIN_S))
        return self._attempt(
            lambda live: self._call(
                live, lambda driver: expect(HostStats, driver.host(request)), deadline, "host statistics"
            ),
            deadline,
        )

    def capabilities(self, timeout: float = 10.0) -> Capabilities:
        """For every field of the catalogue: does this target give it, and if not, why, and what would help.

        Raises:
            DeadlineExceeded, ConnectionLost, ConnectFailed, AccessDenied: as in snapshot().
        """
        deadline = Deadline.after(timeout)
        request = ProvidesRequest(deadline=deadline.earlier(MARGIN_S))
        given = self._attempt(
            lambda live: self._call(
                live, lambda driver: expect(Mapping, driver.provides(request)), deadline, "capabilities"
            ),
            deadline,
        )
        return Capabilities.of(given)

    def health(self) -> Health:
        """How this connection has fared. Never waits, never asks the hypervisor."""
        live = self._live
        return self._tally.health(
            connected=live is not None,
            stuck_calls=self._stuck_calls,
            quarantined=told(live.driver.quarantined) if live else (),
            unknown_statistics=told(live.driver.unknown_statistics) if live else (),
        )

    def close(self, timeout: float = 2.0) -> None:
        """Let go of the hypervisor, waiting up to *timeout* seconds for calls under way. May be called twice."""
        deadline = Deadline.after(timeout)
        live = self._give_up()
        if live is not None:
            live.closed.wait(deadline.remaining)

    def _give_up(self) -> Live | None:
        with self._lock:
            self._closed = True
            live, self._live = self._live, None
        if live is not None:
            live.retire()
        return live

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        live: Live | None = getattr(self, "_live", None)
        if live is not None and not sys.is_finalizing():
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self, stacklevel=1)
            live.retire()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Connection stays in its process: connect() in the other one, to its target")

    def __repr__(self) -> str:
        return f"<Connection to {self.target}{' (closed)' if self._closed else ''}>"

    # -- the life of the native connection

    def _attempt(self, function: Callable[[Live], T], deadline: Deadline) -> T:
        """Run *function* on the open driver; once more on a new one if the connection turns out to be lost."""
        self._tally.calls += 1
        try:
            with errors_of(self._target):
                check_threads()  # they may have been replaced since connect()
                try:
                    return self._announce_after(function, self._obtain(deadline))
                except ConnectionLost:
                    if self._closed or deadline.passed:
                        raise
                    return self._announce_after(function, self._obtain(deadline))
        except DeadlineExceeded:
            self._tally.timeouts += 1
            self._tell_stuck()
            raise

    def _announce_after(self, function: Callable[[Live], T], live: Live) -> T:
        """Run *function*; only what has worked is called connected, so that a flapping one fills no log."""
        result = function(live)
        self._announce(live)
        return result

    def _announce(self, live: Live) -> None:
        with self._lock:
            news = self._live is live and not self._announced
            if news:
                self._announced = True
        if news:
            logger().info("connected to %s", self._target)
        if self._told_stuck and not self._stuck_calls:
            self._told_stuck = False
            logger().info("all calls of %s have come back", self._target)

    def _tell_stuck(self) -> None:
        stuck = self._stuck_calls
        if stuck and not self._told_stuck:
            self._told_stuck = True
            logger().warning("%d call(s) of %s are stuck: abandoned, and not come back", stuck, self._target)

    def _tell_quarantine(self, live: Live, known: Collection[Instance]) -> None:
        now = frozenset(told(live.driver.quarantined))
        with self._lock:
            before, self._told_quarantine = self._told_quarantine, now
        for keys, news in ((now - before, "do not answer and are read with caution"), (before - now, "are well again")):
            if keys:
                by_key = {one.key: one.name for one in known}
                names = [printable(by_key.get(key) or key, limit=60) for key in sorted(keys)]
                more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
                logger().warning(
                    "%d instance(s) of %s %s: %s%s",
                    len(names), self._target, news, ", ".join(names[:_MOST_NAMED]), more,
                )  # fmt: skip

    @property
    def _stuck_calls(self) -> int:
        return self._workers.stuck + self._lent.stuck + self._openers.stuck

    def _obtain(self, deadline: Deadline) -> Live:
        while True:
            with self._lock:
                if self._closed:
                    raise _closed()
                if self._live is not None:
                    return self._live
                opening = self._opening
                joined = opening is not None and not opening.ended
                if opening is None or not joined:
                    opening = self._opening = self._start_opening(deadline)
            try:
                return opening.result(deadline)
            except DeadlineExceeded:
                # The opening of another call may have ended by that call's deadline, before ours.
                if not joined or deadline.passed:
                    raise
            finally:
                self._forget(opening)
                del opening  # else the error's traceback holds the task, and that the error

    def _forget(self, opening: Task[Live]) -> None:
        with self._lock:
            if self._opening is opening and opening.ended:
                self._opening = None

    def _start_opening(self, deadline: Deadline) -> Task[Live]:
        request = OpenRequest(
            target=self._target, options=self._options, deadline=deadline, workers=self._lent, memory=self._memory
        )
        return self._openers.start(lambda: self._open(request), deadline, f"opening {self._target}")

    def _open(self, request: OpenRequest) -> Live:
        """Runs on a worker; who waits for it may have gone when it ends."""
        # One that fails is joined until it has ended: nobody is to wait for its place, which would be under the lock.
        with foreign_errors(self._target.driver):
            driver = expect(Driver, self._loaded.driver.open(request))
            try:
                origin = expect(Origin, driver.origin(OriginRequest(deadline=request.deadline)))
            except BaseException:
                with contextlib.suppress(Exception):  # what went wrong before is what matters
                    driver.close()
                raise
        live = Live(driver, self._versions(origin), origin)
        with self._lock:
            self._opening = None
            if not self._closed:
                self._live = live
        if self._closed:
            live.retire()
            raise _closed()
        self._tally.opened()
        return live

    def _versions(self, origin: Origin) -> Versions:
        return Versions(
            hvinspect=__version__,
            driver=self._loaded.distribution,
            binding=origin.binding,
            hypervisor=origin.hypervisor,
            hypervisor_version=origin.hypervisor_version,
            manager_version=origin.manager_version,
        )

    def _lost(self, live: Live, error: ConnectionLost) -> None:
        with self._lock:
            first = self._live is live
            news = first and self._announced
            if first:
                self._live, self._announced = None, False
        if news:
            logger().warning("lost the connection to %s: %s", self._target, printable(error))
        if first:
            live.retire()

    # -- calls of the driver's hooks

    def _call(self, live: Live, hook: Callable[[Driver], T], deadline: Deadline, what: str) -> T:
        try:
            return self._start(live, hook, deadline, what).result(deadline)
        except ConnectionLost as error:
            self._lost(live, error)
            raise

    def _start(self, live: Live, hook: Callable[[Driver], T], deadline: Deadline, what: str) -> Task[T]:
        return self._workers.start(lambda: live.run(hook, self._target.driver), deadline, f"{what} of {self._target}")

    def _snapshot(self, live: Live, selection: Selection, groups: frozenset[Group], deadline: Deadline) -> Snapshot:
        watch = Stopwatch()
        arrivals = Arrivals(selection, groups, deadline)
        missing = _GAVE_NOTHING if selection.is_empty else self._wait_for(arrivals, live, deadline)
        instances, failures = arrivals.sorted(missing)
        self._tell_quarantine(live, arrivals.known)
        sources = live.origin.sources or {}
        return Snapshot(
            instances=instances,
            failures=failures,
            taken=watch.span(),
            driver=self._target.driver,
            host_id=live.origin.host_id,
            versions=live.versions,
            sources=tuple((group, sources[group]) for group in Group if group in groups and group in sources),
        )

    def _wait_for(self, arrivals: Arrivals, live: Live, deadline: Deadline) -> Absence:
        """Have them taken from the driver; why what is missing at the end is not there."""
        task = self._start(live, arrivals.take, deadline, "the list of instances")
        try:
            task.result(deadline)
        except ConnectionLost as error:
            self._lost(live, error)
            if not arrivals.has_results:
                raise
            return Absence(Reason.FAILED, f"the connection was lost: {printable(error)}")
        except Error as error:
            if not arrivals.has_list:
                raise
            if isinstance(error, DeadlineExceeded):
                self._tally.timeouts += 1
                self._tell_stuck()
            if task.abandoned:
                return Absence(Reason.TIMED_OUT, f"the statistics of {self._target} did not come in time")
            return Absence(_REASONS.get(type(error), Reason.FAILED), printable(error))
        finally:
            del task  # else the error's traceback holds the task, and that the error
        return _OVER if deadline.earlier(MARGIN_S).passed else _GAVE_NOTHING


def _closed() -> ConnectionLost:
    error = ConnectionLost("the connection was closed by close()")
    error.retryable = False  # of this one: trying again is no use
    return error
