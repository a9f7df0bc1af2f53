"""A driver that counts what is asked of it: the fake one, and one that hands out a given record."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Self

from hvinspect.driver import Driver, Failure, Group, Instance, InstanceStats, InventoryRequest, OpenRequest, ReadRequest
from hvinspect.testing import FakeDriver


class CountedDriver(FakeDriver):
    """The fake one; each reading takes so long that all threads of a cycle come while it lasts."""

    reads: list[frozenset[Group]] = []  # noqa: RUF012  # of all connections; a test clears it
    threads: set[int] = set()  # noqa: RUF012

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        self.reads.append(request.groups)
        self.threads.add(threading.get_ident())
        time.sleep(0.1)
        yield from super().read(request)


class RecordDriver(Driver):
    """Gives one guest's record, as it is."""

    record: InstanceStats

    @classmethod
    def open(cls, request: OpenRequest) -> Self:
        return cls()

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        return [self.record.instance]

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        yield self.record

    def close(self) -> None:
        """There is nothing to let go of."""
