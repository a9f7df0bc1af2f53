"""Faults in front of a driver, for tests of programs that use hvinspect.

    with faults.wrap(FakeDriver, [Hang("read", calls={2})], name="flaky"):
        hv = hvinspect.connect("flaky:")

Each fault strikes at the calls of its hook whose numbers, counted from 1, are in ``calls``; None is all of them.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Self, final

from hvinspect.driver import (
    Absence,
    AccessDenied,
    ConnectionLost,
    Driver,
    Failure,
    Group,
    HostRequest,
    HostStats,
    Instance,
    InstanceStats,
    InventoryRequest,
    OpenRequest,
    Origin,
    OriginRequest,
    ProvidesRequest,
    ReadRequest,
    Reason,
)

from ._reduce import only_groups
from ._registered import registered

__all__ = ["Deny", "DenyGroups", "Disconnect", "Fault", "Hang", "Hook", "Partly", "Vanish", "wrap"]

Hook = Literal["open", "inventory", "read", "host", "provides"]


@final
@dataclass(frozen=True, slots=True)
class Hang:
    """The hook does not come back, whatever its deadline; until the end of wrap(), or for so many seconds."""

    hook: Hook
    calls: frozenset[int] | set[int] | None = None
    seconds: float | None = None


@final
@dataclass(frozen=True, slots=True)
class Disconnect:
    """The hook raises ConnectionLost."""

    hook: Hook
    calls: frozenset[int] | set[int] | None = None


@final
@dataclass(frozen=True, slots=True)
class Deny:
    """The hook raises AccessDenied."""

    hook: Hook
    calls: frozenset[int] | set[int] | None = None


@final
@dataclass(frozen=True, slots=True)
class DenyGroups:
    """read() gives of these groups nothing but DENIED."""

    groups: frozenset[Group] | set[Group]
    calls: frozenset[int] | set[int] | None = None


@final
@dataclass(frozen=True, slots=True)
class Vanish:
    """The instance is in the list and gone when it is read."""

    key: str
    calls: frozenset[int] | set[int] | None = None


@final
@dataclass(frozen=True, slots=True)
class Partly:
    """read() ends after so many results."""

    results: int
    calls: frozenset[int] | set[int] | None = None


Fault = Hang | Disconnect | Deny | DenyGroups | Vanish | Partly


@contextmanager
def wrap(driver: type[Driver], faults: Sequence[Fault], *, name: str = "faulty") -> Generator[str]:
    """Within the ``with``, a target of *name* is read by *driver*, with *faults* in front of it."""
    plan = _Plan(driver, faults)

    class Faulty(_Faulty):
        Options = driver.Options
        takes_urls = driver.takes_urls
        concurrency = driver.concurrency
        own_calls = driver.own_calls
        _plan = plan

    try:
        with registered(name, Faulty):
            yield name
    finally:
        plan.over.set()


class _Plan:
    """The faults, and how often each hook was called."""

    def __init__(self, driver: type[Driver], faults: Sequence[Fault]) -> None:
        self.driver = driver
        self.over = threading.Event()
        self._faults = tuple(faults)
        self._lock = threading.Lock()
        self._calls: Counter[Hook] = Counter()

    def striking(self, hook: Hook) -> tuple[Fault, ...]:
        """The faults of this call of *hook*, after those that end or delay it have struck."""
        with self._lock:
            self._calls[hook] += 1
            number = self._calls[hook]
        striking = tuple(fault for fault in self._faults if fault.calls is None or number in fault.calls)
        for fault in striking:
            match fault:
                case Hang() if fault.hook == hook:
                    self.over.wait(fault.seconds)
                case Disconnect() if fault.hook == hook:
                    raise ConnectionLost(f"a made-up fault: the connection broke in {hook}()")
                case Deny() if fault.hook == hook:
                    raise AccessDenied(f"a made-up fault: {hook}() is not allowed")
                case _:
                    pass
        return striking


class _Faulty(Driver):
    """The wrapped driver; what it is asked for passes the plan first."""

    _plan: _Plan

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    @classmethod
    def open(cls, request: OpenRequest) -> Self:
        cls._plan.striking("open")
        return cls(cls._plan.driver.open(request))

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        self._plan.striking("inventory")
        return self._driver.inventory(request)

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        faults = self._plan.striking("read")
        most = min((fault.results for fault in faults if isinstance(fault, Partly)), default=None)
        for number, result in enumerate(self._driver.read(request)):
            if most is not None and number >= most:
                return
            yield _struck(result, faults)

    def host(self, request: HostRequest) -> HostStats:
        self._plan.striking("host")
        return self._driver.host(request)

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        self._plan.striking("provides")
        return self._driver.provides(request)

    def origin(self, request: OriginRequest) -> Origin:
        return self._driver.origin(request)

    def quarantined(self) -> Sequence[str]:
        return self._driver.quarantined()

    def unknown_statistics(self) -> Sequence[str]:
        return self._driver.unknown_statistics()

    def close(self) -> None:
        self._driver.close()


_ALL = frozenset(Group)


def _struck(result: InstanceStats | Failure, faults: Sequence[Fault]) -> InstanceStats | Failure:
    for fault in faults:
        match fault:
            case Vanish() if fault.key == result.instance.key:
                return Failure(instance=result.instance, reason=Reason.VANISHED, detail="a made-up fault: it went away")
            case DenyGroups() if isinstance(result, InstanceStats):
                denied = Absence(Reason.DENIED, "a made-up fault: this group is not allowed")
                # Who may not read disks may not read their details either.
                details = {Group.BLOCK_DETAIL} if Group.DISK in fault.groups else set[Group]()
                result = only_groups(result, _ALL - fault.groups - details, denied)
            case _:
                pass
    return result
