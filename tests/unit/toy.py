"""A small driver whose every hook a test may replace, and records to read with it."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hvinspect import Absence, Connection, Failure, HostStats, Instance, InstanceStats, connect
from hvinspect.driver import (
    Driver,
    HostRequest,
    InventoryRequest,
    OpenRequest,
    Origin,
    OriginRequest,
    ProvidesRequest,
    ReadRequest,
    Stopwatch,
)
from hvinspect.testing import registered

#: Far longer than any of these tests takes: reached only by a call that hangs.
LONG = 30.0
#: Short enough to wait for, long enough for a busy machine.
SHORT = 0.3


def stats_of(instance: Instance, **values: Any) -> InstanceStats:
    """A record of *instance* taken now."""
    return InstanceStats(instance=instance, incarnation="1", taken=Stopwatch().span(), **values)


@dataclass
class Hooks:
    """What the driver does; by default it knows two instances and reads both."""

    instances: Sequence[Instance] = (Instance(key="a"), Instance(key="b"))
    open: Callable[[OpenRequest], Any] = lambda request: None
    origin: Callable[[OriginRequest], Any] = lambda request: Origin()
    inventory: Callable[[InventoryRequest], Any] | None = None
    read: Callable[[ReadRequest], Any] = lambda request: map(stats_of, request.instances)
    close: Callable[[], Any] = lambda: None
    host: Callable[[HostRequest], Any] = lambda request: HostStats(incarnation="1", taken=Stopwatch().span())
    provides: Callable[[ProvidesRequest], Any] = lambda request: {}
    quarantined: Callable[[], Any] = lambda: ()
    unknown_statistics: Callable[[], Any] = lambda: ()
    opened: list[Driver] = field(default_factory=list)
    closed: list[Driver] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    names: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    #: Set at the end of the test, so that what hangs then ends.
    released: threading.Event = field(default_factory=threading.Event)

    def hang(self, *_: object) -> None:
        """Hang until the end of the test, whatever the deadline."""
        self.released.wait(LONG)

    def connect(self, *, timeout: float = LONG, concurrency: int = 4) -> Connection:
        """A connection to a driver of these hooks."""
        connection = connect(f"{self.driver(concurrency=concurrency)}:here", timeout=timeout)
        self.connections.append(connection)
        return connection

    def end(self) -> None:
        """End what hangs, and close what the test left open."""
        self.released.set()
        for connection in self.connections:
            connection.close()
        self.names.close()

    def driver(self, *, concurrency: int = 4) -> str:
        """The name that a driver of these hooks is registered by."""
        name = f"toy{next(_numbers)}"
        driver = type("ToyDriver", (_ToyDriver,), {"hooks": self, "concurrency": concurrency})
        return self.names.enter_context(registered(name, driver))


_numbers = itertools.count()


class _ToyDriver(Driver):
    hooks: ClassVar[Hooks]

    @classmethod
    def open(cls, request: OpenRequest) -> _ToyDriver:
        cls.hooks.open(request)
        driver = cls()
        cls.hooks.opened.append(driver)
        return driver

    def origin(self, request: OriginRequest) -> Origin:
        origin: Origin = self.hooks.origin(request)
        return origin

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        hook = self.hooks.inventory
        given: Sequence[Instance] = self.hooks.instances if hook is None else hook(request)
        return given

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        yield from self.hooks.read(request)

    def close(self) -> None:
        self.hooks.closed.append(self)
        self.hooks.close()

    def host(self, request: HostRequest) -> HostStats:
        host: HostStats = self.hooks.host(request)
        return host

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        provided: Mapping[str, Absence | None] = self.hooks.provides(request)
        return provided

    def quarantined(self) -> Sequence[str]:
        keys: Sequence[str] = self.hooks.quarantined()
        return keys

    def unknown_statistics(self) -> Sequence[str]:
        names: Sequence[str] = self.hooks.unknown_statistics()
        return names


@contextmanager
def hooks(**replaced: Any) -> Iterator[Hooks]:
    """Hooks of which some are *replaced*; what hangs in them ends with the block."""
    made = Hooks(**replaced)
    try:
        yield made
    finally:
        made.end()
