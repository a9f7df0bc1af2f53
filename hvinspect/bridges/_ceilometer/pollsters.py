"""The pollsters ``hvinspect.*``, one for each of ceilometer's compute meters: its own, with another source.

Name, type, unit, resource and metadata are those of the pollster that the installed release has for the meter; where it
has none, ceilometer is told that this one cannot be loaded, which it passes over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ceilometer.compute import pollsters
from ceilometer.compute.pollsters import disk, instance_stats, net
from ceilometer.compute.virt import inspector as virt_inspector
from ceilometer.polling import plugin_base
from ceilometer.sample import Sample
from oslo_log import log

from hvinspect import Span

from .cycle import Cycle, Wishes
from .discovery import NAME as DISCOVERY
from .earlier import Earlier
from .exporter import forget
from .host import host_of
from .inquiry import Inquiry
from .options import Settings

LOG = log.getLogger(__name__)


class TimedSample(Sample):  # type: ignore[misc]  # ceilometer has no types
    """A sample of the time at which its value was read."""

    def set_timestamp(self, timestamp: str) -> None:
        """Keep the time of the reading: the agent gives every sample the time at which its pollster's turn came."""


class _FromReading:
    """Goes before a stock pollster: the values come from the cycle's one reading of the host."""

    # Those of the stock pollster.
    conf: Any
    sample_name: str
    sample_stats_key: str
    inspector_method: str
    _stats_to_sample: Any

    def setup_environment(self) -> None:
        """Ceilometer's own inspector is neither made nor asked."""
        self._settings = Settings.of(self.conf)
        self._host = host_of(self._settings.target, self._settings.timeout, self._settings.driver_options)
        self._earlier = Earlier()
        self._wishes = Wishes()

    @property
    def default_discovery(self) -> str:
        """Where the source in polling.yaml names none."""
        return DISCOVERY

    def get_samples(self, manager: Any, cache: dict[str, Any], resources: Sequence[Any]) -> Iterator[Sample]:
        """The samples of *resources*: one per guest or device, none where the value is not known."""
        forget(self.conf, self.sample_name)
        cycle = Cycle.of(cache, self._host, self._wishes)
        # Filled in until it ends, by all who ask in it.
        self._wishes = cycle.wishes
        inquiry = Inquiry(cycle, self._settings, self._earlier, wanted=self.sample_stats_key)
        for resource in resources:
            try:
                taken, found = getattr(inquiry, self.inspector_method)(resource)
            except (virt_inspector.InstanceNotFoundException, virt_inspector.InstanceShutOffException) as error:
                LOG.debug("No %s: %s", self.sample_name, error)
                continue
            for one in found:
                if getattr(one, self.sample_stats_key) is not None:
                    yield _timed(self._stats_to_sample(resource, one, _monotonic(taken)), taken)


class _FromDescription:
    """Goes before a stock pollster that tells a property of the flavor."""

    conf: Any
    sample_name: str

    @property
    def default_discovery(self) -> str:
        """Where the source in polling.yaml names none."""
        return DISCOVERY

    def get_samples(self, manager: Any, cache: dict[str, Any], resources: Sequence[Any]) -> Iterator[Sample]:
        """The samples of *resources*, but for those that nova did not make: they have no flavor."""
        forget(self.conf, self.sample_name)
        known = [resource for resource in resources if resource.flavor["name"] is not None]
        yield from super().get_samples(manager, cache, known)  # type: ignore[misc]  # the stock pollster's


def _monotonic(taken: Span) -> float:
    return taken.started_monotonic_ns / 1e9


def _timed(sample: Sample, taken: Span) -> Sample:
    # To make another of it would cost as much as the sample itself did.
    sample.__class__ = TimedSample
    sample.timestamp = _timestamp(taken.started_unix_ns)
    return sample


@lru_cache
def _timestamp(unix_ns: int) -> str:
    """As ceilometer writes it; many samples have the same."""
    return datetime.fromtimestamp(unix_ns / 1e9, tz=UTC).replace(tzinfo=None).isoformat()


def _of(module: Any, name: str) -> type:
    """The stock pollster *name*, with the values of a reading."""
    stock = getattr(module, name, None)
    if stock is None:
        return type(name, (_Missing,), {})
    own = _FromReading if issubclass(stock, pollsters.GenericComputePollster) else _FromDescription
    return type(name, (own, stock), {"__module__": __name__, "__doc__": f"{stock.sample_name}, read by hvinspect."})


class _Missing:
    """Stands for a pollster that the installed ceilometer does not have."""

    def __init__(self, conf: Any) -> None:
        raise plugin_base.ExtensionLoadError("this release of ceilometer does not have the meter")


# By meter, in the order of ceilometer's own list.
cpu = _of(instance_stats, "CPUPollster")
disk_device_allocation = _of(disk, "PerDeviceAllocationPollster")
disk_device_capacity = _of(disk, "PerDeviceCapacityPollster")
disk_device_read_bytes = _of(disk, "PerDeviceReadBytesPollster")
disk_device_read_latency = _of(disk, "PerDeviceDiskReadLatencyPollster")
disk_device_read_requests = _of(disk, "PerDeviceReadRequestsPollster")
disk_device_usage = _of(disk, "PerDevicePhysicalPollster")
disk_device_write_bytes = _of(disk, "PerDeviceWriteBytesPollster")
disk_device_write_latency = _of(disk, "PerDeviceDiskWriteLatencyPollster")
disk_device_write_requests = _of(disk, "PerDeviceWriteRequestsPollster")
disk_ephemeral_size = _of(disk, "EphemeralSizePollster")
disk_root_size = _of(disk, "RootSizePollster")
memory = _of(instance_stats, "MemoryPollster")
memory_available = _of(instance_stats, "MemoryAvailablePollster")
memory_resident = _of(instance_stats, "MemoryResidentPollster")
memory_swap_in = _of(instance_stats, "MemorySwapInPollster")
memory_swap_out = _of(instance_stats, "MemorySwapOutPollster")
memory_usage = _of(instance_stats, "MemoryUsagePollster")
network_incoming_bytes = _of(net, "IncomingBytesPollster")
network_incoming_bytes_delta = _of(net, "IncomingBytesDeltaPollster")
network_incoming_bytes_rate = _of(net, "IncomingBytesRatePollster")
network_incoming_packets = _of(net, "IncomingPacketsPollster")
network_incoming_packets_drop = _of(net, "IncomingDropPollster")
network_incoming_packets_error = _of(net, "IncomingErrorsPollster")
network_outgoing_bytes = _of(net, "OutgoingBytesPollster")
network_outgoing_bytes_delta = _of(net, "OutgoingBytesDeltaPollster")
network_outgoing_bytes_rate = _of(net, "OutgoingBytesRatePollster")
network_outgoing_packets = _of(net, "OutgoingPacketsPollster")
network_outgoing_packets_drop = _of(net, "OutgoingDropPollster")
network_outgoing_packets_error = _of(net, "OutgoingErrorsPollster")
perf_cache_misses = _of(instance_stats, "PerfCacheMissesPollster")
perf_cache_references = _of(instance_stats, "PerfCacheReferencesPollster")
perf_cpu_cycles = _of(instance_stats, "PerfCPUCyclesPollster")
perf_instructions = _of(instance_stats, "PerfInstructionsPollster")
power_state = _of(instance_stats, "PowerStatePollster")
vcpus = _of(instance_stats, "VCPUsPollster")
