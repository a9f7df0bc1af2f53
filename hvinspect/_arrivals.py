"""What has arrived of one snapshot: a worker adds to it, and whoever waits takes what there is at the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from ._absence import Absence
from ._deadline import Deadline
from ._fields import Group
from ._live import expect
from ._model import Failure, Instance, InstanceStats
from ._selection import Selection
from .driver import Driver, InventoryRequest, ReadRequest

__all__ = ["MARGIN_S", "Arrivals"]

#: What a call keeps for itself of its time, so that what a driver yields in its last moment still arrives.
MARGIN_S = 0.02


@final
class Arrivals:
    """The list of instances, and then one result after another."""

    def __init__(self, selection: Selection, groups: frozenset[Group], deadline: Deadline) -> None:
        self._selection = selection
        self._groups = groups
        self._deadline = deadline
        #: All instances that there are.
        self.known: tuple[Instance, ...] = ()
        self._chosen: tuple[Instance, ...] = ()
        self._not_found: list[Failure] = []
        #: Has the list arrived?
        self.has_list = selection.is_empty
        self._results: list[InstanceStats | Failure] = []

    @property
    def has_results(self) -> bool:
        """Has any result arrived?"""
        return bool(self._results)

    def take(self, driver: Driver) -> None:
        """Ask *driver* for all of it. Runs on a worker, which may be left alone with it."""
        for_driver = self._deadline.earlier(MARGIN_S)
        self.known = _by_key(driver.inventory(InventoryRequest(deadline=for_driver)))
        self._chosen, self._not_found = self._selection.apply(self.known)
        self.has_list = True
        if not self._chosen or for_driver.passed:
            return
        for one in driver.read(ReadRequest(instances=self._chosen, groups=self._groups, deadline=for_driver)):
            if self._deadline.passed:
                return
            self._results.append(expect((InstanceStats, Failure), one))

    def sorted(self, missing: Absence) -> tuple[tuple[InstanceStats, ...], tuple[Failure, ...]]:
        """What was read and what failed, each in the order of the list; *missing* is why the rest is not there."""
        asked = {instance.key for instance in self._chosen}
        found: dict[str, InstanceStats | Failure] = {}
        for one in tuple(self._results):
            key = one.instance.key
            # What was read beats a failure of the same instance; else the first word stands.
            if key in asked and (key not in found or isinstance(found[key], Failure)):
                found[key] = one
        stats: list[InstanceStats] = []
        failures = self._not_found.copy()
        for instance in self._chosen:
            got = found.get(instance.key)
            if isinstance(got, InstanceStats):
                stats.append(got)
            else:
                failures.append(got or Failure(instance=instance, reason=missing.reason, detail=missing.detail))
        return tuple(stats), tuple(failures)


def _by_key(given: Iterable[Instance]) -> tuple[Instance, ...]:
    """The instances of an inventory; of those with one key the first."""
    by_key: dict[str, Instance] = {}
    for one in given:
        by_key.setdefault(expect(Instance, one).key, one)
    return tuple(by_key.values())
