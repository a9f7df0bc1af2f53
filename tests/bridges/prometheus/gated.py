"""A driver that opens when it is let, and knows what is open: ``gated:``."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from hvinspect import _registry
from hvinspect.driver import Driver, Failure, Instance, InstanceStats, InventoryRequest, OpenRequest, ReadRequest

__all__ = ["Gate", "gated"]


class Gate:
    """What the test and the driver tell one another."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.open = threading.Event()
        self.connections: list[Driver] = []


def gated() -> Gate:
    """Make ``gated:`` known to this process, with a gate of its own."""
    gate = Gate()

    class Gated(Driver):
        """One without instances."""

        @classmethod
        def open(cls, request: OpenRequest) -> Gated:
            gate.asked.set()
            assert gate.open.wait(30)
            driver = cls()
            gate.connections.append(driver)
            return driver

        def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
            return []

        def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
            return iter(())

        def close(self) -> None:
            gate.connections.remove(self)

    _registry.register("gated", Gated)
    return gate
