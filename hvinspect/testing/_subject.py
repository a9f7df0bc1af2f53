"""The target under test, as the checks see it: connections, and the readings that several checks look at."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import final
from uuid import UUID

import hvinspect
from hvinspect import Capabilities, Connection, Group, Instance, InstanceStats, Secret, Snapshot

__all__ = ["ALL_GROUPS", "Moved", "Skipped", "Subject", "Traffic", "Way"]

ALL_GROUPS = frozenset(group for group in Group if group is not Group.UNKNOWN)


class Skipped(Exception):
    """A check cannot be made; the message says what is missing."""


class Way(str, Enum):
    """A direction, as the guest sees it."""

    RECEIVE = "rx"
    SEND = "tx"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a tester let a guest receive or send, at the least."""

    #: The instance's key or uuid.
    instance: str
    #: The NIC's key.
    nic: str
    bytes: int
    packets: int


#: Lets a guest receive or send something substantial, and returns when it is done.
Traffic = Callable[[Way], Moved]


@final
class Subject:
    """A target under test."""

    def __init__(
        self,
        target: str,
        *,
        options: Mapping[str, str | Secret] | None,
        timeout: float,
        interval: float,
        traffic: Traffic | None,
    ) -> None:
        """Connect to it, as connect() does."""
        self.timeout = timeout
        self.interval = interval
        self.traffic = traffic
        self._target, self._options = target, options
        self.connection: Connection = self.connect()

    def connect(self) -> Connection:
        """Another connection to it."""
        return hvinspect.connect(self._target, timeout=self.timeout, options=self._options)

    def snapshot(
        self,
        instances: Collection[str | UUID | Instance] | None = None,
        groups: Collection[Group] = hvinspect.DEFAULT_GROUPS,
    ) -> Snapshot:
        """A new reading."""
        return self.connection.snapshot(instances, groups=groups, timeout=self.timeout)

    @cached_property
    def first(self) -> Snapshot:
        """A reading of the default groups."""
        return self.snapshot()

    @cached_property
    def second(self) -> Snapshot:
        """Another one, at least the interval later."""
        elapsed = (time.monotonic_ns() - self.first.taken.started_monotonic_ns) / 1e9
        time.sleep(max(0.0, self.interval - elapsed))
        return self.snapshot()

    @cached_property
    def everything(self) -> Snapshot:
        """A reading of all groups."""
        return self.snapshot(groups=ALL_GROUPS)

    @cached_property
    def capabilities(self) -> Capabilities:
        """What the target says that it gives."""
        return self.connection.capabilities(self.timeout)

    @property
    def instances(self) -> tuple[InstanceStats, ...]:
        """All that was read of all groups.

        Raises:
            Skipped: there is nothing.
        """
        if not self.everything.instances:
            raise Skipped("no instance could be read")
        return self.everything.instances
