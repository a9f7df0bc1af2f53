"""The host that is polled: one connection for the process, and what a reading of it found."""

from __future__ import annotations

import threading
import time
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import final

from oslo_log import log

import hvinspect
from hvinspect import Group, Instance, InstanceStats, Snapshot

__all__ = ["DETAIL", "STATE", "STATISTICS", "Host", "Reading", "host_of", "identity_of"]

LOG = log.getLogger(__name__)

#: What all meters come from but one. Events of perf are part of the same request, and there only if enabled in the XML.
STATISTICS = hvinspect.DEFAULT_GROUPS | {Group.PERF}
#: The length of images on the host, which some hypervisors are asked for disk by disk. The disks' counters tell first
#: which guests do not answer.
DETAIL = frozenset({Group.STATE, Group.DISK, Group.BLOCK_DETAIL})
#: Which guests there are, for discovery.
STATE = frozenset({Group.STATE})
#: What is left for the guests after connecting has taken its time.
_LEAST_SECONDS = 0.1


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """A snapshot, looked up as ceilometer names guests; or why there is none."""

    snapshot: Snapshot | None
    by_id: dict[str, InstanceStats]
    #: Why nothing was read, by guest; under "" what holds for all.
    reasons: dict[str, str]

    def why(self, identity: str) -> str:
        """Why nothing was read of a guest."""
        return self.reasons.get(identity) or self.reasons.get("") or "the host does not have it"


@final
class Host:
    """Reads all guests of one target. Thread-safe; opens its connection when it is first needed, and then keeps it."""

    def __init__(self, target: str, timeout: float, options: tuple[tuple[str, str], ...] = ()) -> None:
        """Of *target* with the driver's *options*; a reading takes *timeout* seconds at most."""
        self._target = target
        self._options = dict(options)
        self._timeout = timeout
        self._lock = threading.Lock()
        self._connection: hvinspect.Connection | None = None
        self._failing = False

    def read(self, groups: AbstractSet[Group]) -> Reading:
        """All guests. A failure is a reading as well, so that whoever shares it does not try again at once."""
        try:
            snapshot = self._snapshot(groups)
        except hvinspect.Error as error:
            if not self._failing:
                self._failing = True
                LOG.warning("Cannot read %s, no samples of its guests until that works: %s", self._target, error)
            return Reading(None, {}, {"": str(error)})
        if self._failing:
            self._failing = False
            LOG.info("%s can be read again", self._target)
        return _reading(snapshot)

    def _snapshot(self, groups: AbstractSet[Group]) -> Snapshot:
        started = time.monotonic()
        with self._lock:
            if self._connection is None:
                self._connection = hvinspect.connect(self._target, timeout=self._timeout, options=self._options)
        left = self._timeout - (time.monotonic() - started)
        return self._connection.snapshot(groups=groups, timeout=max(left, _LEAST_SECONDS))


def _reading(snapshot: Snapshot) -> Reading:
    return Reading(
        snapshot,
        {identity_of(stats.instance): stats for stats in snapshot},
        {identity_of(failure.instance): str(failure) for failure in snapshot.failures},
    )


def identity_of(instance: Instance) -> str:
    """Ceilometer's id of a guest: its uuid, as nova has it, or else the hypervisor's own key."""
    return str(instance.uuid or instance.key)


@cache
def host_of(target: str, timeout: float, options: tuple[tuple[str, str], ...] = ()) -> Host:
    """The one Host of this process for that target and these options."""
    return Host(target, timeout, options)
