"""The methods of ceilometer's inspectors, answered from one cycle's reading."""

from __future__ import annotations

from typing import Any, NamedTuple, final

from ceilometer.compute.virt import inspector as virt_inspector

from hvinspect import InstanceStats, Span, State

from . import answers
from .cycle import Cycle
from .earlier import Earlier
from .options import Settings

__all__ = ["Answer", "Inquiry"]


@final
class Answer(NamedTuple):
    """What ceilometer's inspectors answer, and when it was read."""

    taken: Span
    found: list[Any]


@final
class Inquiry:
    """One asker's questions in one cycle; each method takes one of ceilometer's instances.

    Raises only what ceilometer passes over quietly, else a guest that is gone would be a line in its log per meter.
    InstanceNotFoundException: nothing was read. InstanceShutOffException: it is off, and that is not asked for.
    """

    def __init__(self, cycle: Cycle, settings: Settings, earlier: Earlier, *, wanted: str | None = None) -> None:
        """*earlier* is the asker's memory of cycles before; *wanted* the one field it looks at, None for all."""
        self._cycle = cycle
        self._settings = settings
        self._earlier = earlier
        self._wanted = wanted

    def inspect_instance(self, instance: Any) -> Answer:
        """CPU, memory and perf events, as a list of one."""
        stats = self._stats(instance, also_stopped=self._settings.stopped_guests)
        if stats.state is State.SHUT_OFF:
            return Answer(stats.taken, [answers.stopped_instance(stats)])
        made = self._cycle.once(("instance", instance.id), lambda: answers.instance(stats, self._settings))
        return Answer(stats.taken, [made])

    def inspect_vnics(self, instance: Any) -> Answer:
        """The NICs; with what they counted since this was last asked, where that is wanted."""
        stats = self._stats(instance)
        if self._wanted is None or self._wanted.endswith("_delta"):
            before = self._earlier.before(self._cycle.statistics, stats)
            return Answer(stats.taken, list(answers.vnics(stats, before)))
        found = self._cycle.once(("vnics", instance.id), lambda: list(answers.vnics(stats, None)))
        return Answer(stats.taken, found)

    def inspect_vnic_rates(self, instance: Any) -> Answer:
        """The NICs' rates, since this was last asked or as the hypervisor gives them."""
        stats = self._stats(instance)
        rates = self._earlier.rates(self._cycle.statistics, stats)
        return Answer(stats.taken, list(answers.vnic_rates(stats, rates)))

    def inspect_disks(self, instance: Any) -> Answer:
        """The disks' counters."""
        stats = self._stats(instance)
        return Answer(stats.taken, self._cycle.once(("disks", instance.id), lambda: list(answers.disks(stats))))

    def inspect_disk_info(self, instance: Any) -> Answer:
        """The disks' sizes."""
        stats = self._stats(instance, also_stopped=self._settings.stopped_guests)
        detailed = self._cycle.detail.by_id.get(instance.id) if self._needs_detail(stats) else None
        return Answer((detailed or stats).taken, list(answers.disk_info(stats, detailed)))

    def _needs_detail(self, stats: InstanceStats) -> bool:
        if self._wanted == "allocation":
            # Mostly known without: only of some images the hypervisor has to be asked, disk by disk.
            return any(disk.host_allocated_bytes is None and disk.capacity_bytes is not None for disk in stats.disks)
        if self._wanted == "capacity":
            return False
        self._cycle.wishes.detail = True
        return True

    def _stats(self, instance: Any, *, also_stopped: bool = False) -> InstanceStats:
        reading = self._cycle.statistics
        stats = reading.by_id.get(instance.id)
        if stats is None:
            why = reading.why(instance.id)
            raise virt_inspector.InstanceNotFoundException(f"nothing was read of instance {instance.id}: {why}")
        if stats.state is State.SHUT_OFF and not also_stopped:
            raise virt_inspector.InstanceShutOffException(f"instance {instance.id} is shut off")
        return stats
