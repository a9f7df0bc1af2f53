"""The records: what a snapshot says, in integers of base units, with None for what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import final
from uuid import UUID

from . import _fields
from ._absence import NOT_GIVEN, Absence, Reason, Record
from ._blank import blank
from ._errors import InstanceNotFound
from ._fields import Field, Group, Unit, counter, gauge, info, record
from ._text import printable

B, NS, COUNT = Unit.BYTES, Unit.NANOSECONDS, Unit.COUNT


class State(str, Enum):
    """What an instance is doing, in words common to all hypervisors."""

    RUNNING = "running"
    PAUSED = "paused"
    SHUTTING_DOWN = "shutting_down"
    SHUT_OFF = "shut_off"
    CRASHED = "crashed"
    #: Suspended by its own power management.
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"


class VcpuState(str, Enum):
    """What a virtual CPU is doing."""

    OFFLINE = "offline"
    RUNNING = "running"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class RateSource(str, Enum):
    """Where a rate comes from."""

    #: Computed from two samples of counters.
    DERIVED = "derived"
    #: Given by a hypervisor that keeps no counters.
    SUPPLIED = "supplied"
    UNKNOWN = "unknown"


@final
@record
class Span:
    """When a call was made, on two clocks, and how long it took."""

    started_unix_ns: int = info("Wall clock before the call.", since="0.1", unit=Unit.UNIX_NANOSECONDS)
    started_monotonic_ns: int = info("Monotonic clock before the call.", since="0.1", unit=NS)
    duration_ns: int = info("Time until the answer was there.", since="0.1", unit=NS)
    boot_id: str = info("The boot of the reading host; monotonic times compare within one.", since="0.1")


@final
@record
class OpenStackMetadata(Record):
    """What nova wrote into the description of an instance."""

    name: str | None = info("Display name.", since="0.1", default=None)
    created_unix_ns: int | None = info(
        "When nova made the instance.", since="0.1", unit=Unit.UNIX_NANOSECONDS, default=None
    )
    flavor_name: str | None = info("Flavor's name.", since="0.1", default=None)
    flavor_id: str | None = info("Flavor's id (nova 2025.1 and newer).", since="0.1", default=None)
    flavor_vcpus: int | None = info("The flavor's number of vCPUs.", since="0.1", unit=COUNT, default=None)
    flavor_memory_bytes: int | None = info("The flavor's memory.", since="0.1", unit=B, default=None)
    flavor_disk_bytes: int | None = info("The flavor's root disk.", since="0.1", unit=B, default=None)
    flavor_ephemeral_bytes: int | None = info("The flavor's ephemeral disk.", since="0.1", unit=B, default=None)
    flavor_swap_bytes: int | None = info("The flavor's swap disk.", since="0.1", unit=B, default=None)
    flavor_extra_specs: tuple[tuple[str, str], ...] | None = info(
        "The flavor's extra specs, by name (nova 2025.2 and newer).", since="0.1", default=None
    )
    user_id: str | None = info("Owner's id.", since="0.1", default=None)
    user_name: str | None = info("Owner's name.", since="0.1", default=None)
    project_id: str | None = info("Owning project's id.", since="0.1", default=None)
    project_name: str | None = info("Owning project's name.", since="0.1", default=None)
    image_id: str | None = info("Image that the root disk was made from.", since="0.1", default=None)
    image_properties: tuple[tuple[str, str], ...] | None = info(
        "What nova notes of the image, by nova's own names, as min_disk or hw_disk_bus (2025.2 and newer).",
        since="0.1",
        default=None,
    )
    nova_version: str | None = info("Version of nova that wrote this.", since="0.1", default=None)


@final
@record
class Instance:
    """Who an instance is."""

    key: str = info("Unique within the target.", since="0.1")
    uuid: UUID | None = info("Its UUID; None where it has none.", since="0.1", default=None)
    name: str | None = info("Its name, as the hypervisor has it: untrusted text.", since="0.1", default=None)
    native_id: str | None = info("The hypervisor's own short-lived id, if it runs.", since="0.1", default=None)
    driver: str | None = info("The driver that found it.", since="0.1", default=None)
    architecture: str | None = info(
        "The CPU architecture that it is made for, in the hypervisor's word, as x86_64.", since="0.1", default=None
    )
    virtualization: str | None = info(
        "How it runs, in libvirt's words: hvm, xen, xenpvh, exe, ...", since="0.1", default=None
    )
    openstack: OpenStackMetadata | None = info("What nova says of it.", since="0.1", default=None)
    described_at: int | None = info(
        "When its description (names, metadata, devices) was read, Unix nanoseconds.",
        since="0.1",
        default=None,
    )

    def __str__(self) -> str:
        return printable(self.name) if self.name else printable(self.key)


@final
@record
class VcpuStats(Record):
    """One virtual CPU."""

    index: int = info("Its number within the instance.", since="0.1")
    incarnation: str = info("Equal strings: counters can be subtracted.", since="0.1")
    state: VcpuState | None = info("What it is doing.", since="0.1", default=None)
    time_ns: int | None = counter(NS, "Time it ran on a host CPU.", since="0.1")
    wait_ns: int | None = counter(
        NS, "Time it waited, as libvirt counts it (schedstat's wait_sum: runnable, not running).", since="0.1"
    )
    delay_ns: int | None = counter(
        NS, "Time it was ready and had no host CPU (run_delay): what its guest sees as steal.", since="0.1"
    )
    halted: bool | None = info("Is it halted by its guest?", since="0.1", default=None)
    host_cpu: int | None = info("The host CPU that it ran on last.", since="0.1", default=None)


@final
@record
class CpuStats(Record):
    """CPU time of an instance."""

    time_ns: int | None = counter(
        NS, "All CPU time charged to the instance, its emulator's included where it has one.", since="0.1"
    )
    user_ns: int | None = counter(NS, "The part of time_ns spent in user mode.", since="0.1")
    system_ns: int | None = counter(NS, "The part of time_ns spent in the host's kernel.", since="0.1")
    vcpus_online: int | None = gauge(COUNT, "Virtual CPUs online.", since="0.1")
    vcpus_maximum: int | None = gauge(COUNT, "Virtual CPUs it may have.", since="0.1")
    vcpus_at_start: int | None = gauge(
        COUNT, "Virtual CPUs it has when it starts; more may be plugged in, up to vcpus_maximum.", since="0.1"
    )
    vcpus: tuple[VcpuStats, ...] = ()


@final
@record
class MemoryStats(Record):
    """Memory of an instance: host_* measured on the host, guest_* told by the guest."""

    assigned_bytes: int | None = gauge(B, "What the hypervisor lets it have now (the balloon's size).", since="0.1")
    maximum_bytes: int | None = gauge(B, "What it may have at most.", since="0.1")
    host_resident_bytes: int | None = gauge(B, "Host memory that it occupies.", since="0.1")
    guest_total_bytes: int | None = gauge(B, "Memory that the guest's system manages.", since="0.1")
    guest_unused_bytes: int | None = gauge(B, "Memory that the guest uses for nothing.", since="0.1")
    guest_usable_bytes: int | None = gauge(B, "What the guest could give up without swapping.", since="0.1")
    guest_caches_bytes: int | None = gauge(B, "Page caches of the guest, reclaimable at once.", since="0.1")
    guest_swap_in_bytes: int | None = counter(B, "Read back from the guest's swap.", since="0.1")
    guest_swap_out_bytes: int | None = counter(B, "Written to the guest's swap.", since="0.1")
    guest_major_faults: int | None = counter(COUNT, "Page faults of the guest that needed I/O.", since="0.1")
    guest_minor_faults: int | None = counter(COUNT, "Page faults of the guest without I/O.", since="0.1")
    guest_hugetlb_allocations: int | None = counter(COUNT, "Huge pages that the guest allocated.", since="0.1")
    guest_hugetlb_failures: int | None = counter(COUNT, "Huge pages that the guest could not allocate.", since="0.1")
    guest_updated_unix_ns: int | None = gauge(
        Unit.UNIX_NANOSECONDS, "When the guest last told its numbers.", since="0.1"
    )


@final
@record
class DiskStats(Record):
    """One disk of an instance."""

    key: str = info("Unique within the instance: alias, else target.", since="0.1")
    incarnation: str = info("Equal strings: counters can be subtracted.", since="0.1")
    name: str | None = info("The target that the guest sees it at, e.g. vda.", since="0.1", default=None)
    alias: str | None = info("The hypervisor's alias of the device.", since="0.1", default=None)
    serial: str | None = info("Serial number given to the guest.", since="0.1", default=None)
    bus: str | None = info("Bus it is on, e.g. virtio.", since="0.1", default=None)
    device: str | None = info("What it is to the guest: disk, cdrom, floppy, lun.", since="0.1", default=None)
    kind: str | None = info("What is behind it: file, block, network, ...", since="0.1", default=None)
    source: str | None = info("The image, block device or volume behind it.", since="0.1", default=None)
    read_bytes: int | None = counter(B, "Read by the guest.", since="0.1")
    read_requests: int | None = counter(COUNT, "Reads completed.", since="0.1")
    read_time_ns: int | None = counter(NS, "Time that reads took, added up.", since="0.1")
    write_bytes: int | None = counter(B, "Written by the guest.", since="0.1")
    write_requests: int | None = counter(COUNT, "Writes completed.", since="0.1")
    write_time_ns: int | None = counter(NS, "Time that writes took, added up.", since="0.1")
    flush_requests: int | None = counter(COUNT, "Flushes completed.", since="0.1")
    flush_time_ns: int | None = counter(NS, "Time that flushes took, added up.", since="0.1")
    discard_bytes: int | None = counter(B, "Discarded (trimmed) by the guest.", since="0.1")
    discard_requests: int | None = counter(COUNT, "Discards completed.", since="0.1")
    discard_time_ns: int | None = counter(NS, "Time that discards took, added up.", since="0.1")
    failed_requests: int | None = counter(COUNT, "Requests that ended in an error.", since="0.1")
    capacity_bytes: int | None = gauge(B, "What the guest can address.", since="0.1")
    host_allocated_bytes: int | None = gauge(B, "Bytes that the image takes on the host's storage.", since="0.1")
    highest_written_bytes: int | None = gauge(B, "End of the furthest write into the image.", since="0.1")
    host_length_bytes: int | None = gauge(B, "Length of the image on the host.", since="0.1", group=Group.BLOCK_DETAIL)


@final
@record
class NicStats(Record):
    """One network interface of an instance; rx is what the guest received."""

    key: str = info("Unique within the instance: alias, else host device, else mac.", since="0.1")
    incarnation: str = info("Equal strings: counters can be subtracted.", since="0.1")
    name: str | None = info("The host's device, e.g. vnet0.", since="0.1", default=None)
    alias: str | None = info("The hypervisor's alias of the device.", since="0.1", default=None)
    mac: str | None = info("The guest's hardware address.", since="0.1", default=None)
    model: str | None = info("Device model, e.g. virtio.", since="0.1", default=None)
    kind: str | None = info("How it is attached: bridge, network, ethernet, user, ...", since="0.1", default=None)
    bridge: str | None = info("Bridge it is plugged into.", since="0.1", default=None)
    port_id: str | None = info("Port id given by the network service (interfaceid).", since="0.1", default=None)
    filter_name: str | None = info("Name of the network filter.", since="0.1", default=None)
    filter_parameters: tuple[tuple[str, str], ...] = info(
        "Parameters of the network filter, by name.", since="0.1", default=()
    )
    link_up: bool | None = info("Is the link up, as configured?", since="0.1", default=None)
    rx_bytes: int | None = counter(B, "Bytes the guest received on this NIC.", since="0.1")
    rx_packets: int | None = counter(COUNT, "Packets the guest received.", since="0.1")
    rx_errors: int | None = counter(COUNT, "Packets for the guest lost by errors.", since="0.1")
    rx_drops: int | None = counter(COUNT, "Packets for the guest dropped.", since="0.1")
    tx_bytes: int | None = counter(B, "Bytes the guest sent.", since="0.1")
    tx_packets: int | None = counter(COUNT, "Packets the guest sent.", since="0.1")
    tx_errors: int | None = counter(COUNT, "Packets of the guest lost by errors.", since="0.1")
    tx_drops: int | None = counter(COUNT, "Packets of the guest dropped.", since="0.1")


@final
@record
class PerfStats(Record):
    """Hardware and software events counted by the host for an instance, where it enabled them."""

    cpu_cycles: int | None = counter(COUNT, "Total CPU cycles.", since="0.1")
    instructions: int | None = counter(COUNT, "Retired instructions.", since="0.1")
    cache_references: int | None = counter(COUNT, "Last-level cache accesses.", since="0.1")
    cache_misses: int | None = counter(COUNT, "Last-level cache misses.", since="0.1")
    branch_instructions: int | None = counter(COUNT, "Retired branches.", since="0.1")
    branch_misses: int | None = counter(COUNT, "Mispredicted branches.", since="0.1")
    bus_cycles: int | None = counter(COUNT, "Bus cycles.", since="0.1")
    frontend_stalled_cycles: int | None = counter(COUNT, "Cycles stalled in the front end.", since="0.1")
    backend_stalled_cycles: int | None = counter(COUNT, "Cycles stalled in the back end.", since="0.1")
    reference_cpu_cycles: int | None = counter(COUNT, "CPU cycles unaffected by frequency.", since="0.1")
    cpu_clock_ns: int | None = counter(NS, "Time by the per-CPU clock.", since="0.1")
    task_clock_ns: int | None = counter(NS, "Time by the task's clock.", since="0.1")
    page_faults: int | None = counter(COUNT, "Page faults.", since="0.1")
    minor_page_faults: int | None = counter(COUNT, "Page faults without I/O.", since="0.1")
    major_page_faults: int | None = counter(COUNT, "Page faults with I/O.", since="0.1")
    context_switches: int | None = counter(COUNT, "Context switches.", since="0.1")
    cpu_migrations: int | None = counter(COUNT, "Moves to another CPU.", since="0.1")
    alignment_faults: int | None = counter(COUNT, "Alignment faults.", since="0.1")
    emulation_faults: int | None = counter(COUNT, "Emulation faults.", since="0.1")


@final
@record
class IothreadStats(Record):
    """Polling settings of one I/O thread; hypervisors give settings here, not statistics."""

    index: int = info("Its id within the instance.", since="0.1")
    poll_maximum_ns: int | None = gauge(NS, "Longest busy-polling time.", since="0.1")
    poll_grow: int | None = info("Factor by which the polling time grows.", since="0.1", default=None)
    poll_shrink: int | None = info("Divisor by which the polling time shrinks.", since="0.1", default=None)


@final
@record
class ProcessIoStats(Record):
    """What the process of an instance moved to and from the host's storage, as the host's kernel charges it.

    Not what the guest asked for, which its disks tell: what the host's page cache has is not fetched again, a write is
    charged when a page is made dirty, and an image that QEMU itself fetches over the network is not among it.
    """

    read_bytes: int | None = counter(B, "Fetched from the host's storage for the process.", since="0.1")
    write_bytes: int | None = counter(
        B, "Sent to the host's storage by the process, or made dirty in the page cache to be.", since="0.1"
    )
    cancelled_write_bytes: int | None = counter(
        B,
        "Made dirty, by whichever process, and thrown away by this one before it was written, as by truncating a file.",
        since="0.1",
    )


class DirtyRateStatus(str, Enum):
    """How far a measurement of the dirty rate is."""

    UNSTARTED = "unstarted"
    MEASURING = "measuring"
    MEASURED = "measured"
    UNKNOWN = "unknown"


@final
@record
class VcpuDirtyRate(Record):
    """The dirty rate of one virtual CPU."""

    index: int = info("The vCPU's number.", since="0.1")
    memory_bytes_per_s: int | None = gauge(Unit.BYTES_PER_SECOND, "Memory it dirtied per second.", since="0.1")


@final
@record
class DirtyRate(Record):
    """The last measurement of how fast an instance dirties memory; measuring is somebody else's to start."""

    status: DirtyRateStatus | None = info("How far the measurement is.", since="0.1", default=None)
    mode: str | None = info("How it is measured: page-sampling, dirty-ring, ...", since="0.1", default=None)
    started_host_ns: int | None = gauge(NS, "Its start, by the hypervisor's own clock.", since="0.1")
    period_ns: int | None = gauge(NS, "Length of the measurement.", since="0.1")
    memory_bytes_per_s: int | None = gauge(Unit.BYTES_PER_SECOND, "Memory dirtied per second.", since="0.1")
    vcpus: tuple[VcpuDirtyRate, ...] = ()


@final
@record
class Job(Record):
    """The job that an instance is busy with (migration, save, dump, backup)."""

    active: bool | None = info("Is a job running?", since="0.1", default=None)
    kind: str | None = info("Bounded or unbounded, as the hypervisor says.", since="0.1", default=None)
    operation: str | None = info("What it does: migration_out, save, backup, ...", since="0.1", default=None)
    elapsed_ns: int | None = gauge(NS, "Time since its start.", since="0.1")
    total_bytes: int | None = gauge(B, "Data to be moved.", since="0.1")
    processed_bytes: int | None = gauge(B, "Data moved.", since="0.1")
    remaining_bytes: int | None = gauge(B, "Data still to be moved.", since="0.1")


@final
@record
class GuestFilesystem(Record):
    """A file system as the guest's agent tells it."""

    mountpoint: str | None = info("Where it is mounted.", since="0.1", default=None)
    device: str | None = info("Its device in the guest.", since="0.1", default=None)
    kind: str | None = info("Its type, e.g. ext4.", since="0.1", default=None)
    total_bytes: int | None = gauge(B, "Its size.", since="0.1")
    used_bytes: int | None = gauge(B, "Its used part.", since="0.1")


@final
@record
class GuestAgent(Record):
    """What the agent inside the guest says: untrusted, bounded text and numbers."""

    hostname: str | None = info("The guest's host name.", since="0.1", default=None)
    os_id: str | None = info("Its operating system's id, e.g. debian.", since="0.1", default=None)
    os_name: str | None = info("Its operating system's name.", since="0.1", default=None)
    os_version: str | None = info("Its operating system's version.", since="0.1", default=None)
    kernel_release: str | None = info("Its kernel's release.", since="0.1", default=None)
    timezone: str | None = info("Its time zone's name.", since="0.1", default=None)
    timezone_offset_ns: int | None = gauge(NS, "Its offset from UTC.", since="0.1")
    users: tuple[str, ...] = info("Users logged in.", since="0.1", default=())
    filesystems: tuple[GuestFilesystem, ...] = ()


@final
@record
class DiskRates(Record):
    """What a disk did per second."""

    key: str = info("The disk's key.", since="0.1")
    read_bytes_per_s: float | None = gauge(Unit.BYTES_PER_SECOND, "Read per second.", since="0.1")
    read_requests_per_s: float | None = gauge(Unit.PER_SECOND, "Reads per second.", since="0.1")
    read_latency_ns: float | None = gauge(NS, "Mean time of a read.", since="0.1")
    write_bytes_per_s: float | None = gauge(Unit.BYTES_PER_SECOND, "Written per second.", since="0.1")
    write_requests_per_s: float | None = gauge(Unit.PER_SECOND, "Writes per second.", since="0.1")
    write_latency_ns: float | None = gauge(NS, "Mean time of a write.", since="0.1")


@final
@record
class NicRates(Record):
    """What a NIC did per second; rx is what the guest received."""

    key: str = info("The NIC's key.", since="0.1")
    rx_bytes_per_s: float | None = gauge(Unit.BYTES_PER_SECOND, "Received per second.", since="0.1")
    rx_packets_per_s: float | None = gauge(Unit.PER_SECOND, "Packets received per second.", since="0.1")
    tx_bytes_per_s: float | None = gauge(Unit.BYTES_PER_SECOND, "Sent per second.", since="0.1")
    tx_packets_per_s: float | None = gauge(Unit.PER_SECOND, "Packets sent per second.", since="0.1")


@final
@record
class InstanceRates(Record):
    """What an instance did per second over one window."""

    instance: Instance
    source: RateSource = info("Derived from counters, or supplied by the hypervisor.", since="0.1")
    window_ns: int | None = gauge(NS, "The time that the rates are means over.", since="0.1")
    ended_unix_ns: int | None = gauge(
        Unit.UNIX_NANOSECONDS,
        "When that time ended, by the clock of who measured: the reading host, or the hypervisor that supplies them.",
        since="0.1",
    )
    cpu_cores: float | None = gauge(Unit.CORES, "CPU seconds per second.", since="0.1")
    cpu_fraction: float | None = gauge(Unit.FRACTION, "CPU seconds per second and online vCPU.", since="0.1")
    delay_fraction: float | None = gauge(
        Unit.FRACTION, "Part of the online vCPUs' time spent ready without a host CPU.", since="0.1"
    )
    disks: tuple[DiskRates, ...] = ()
    nics: tuple[NicRates, ...] = ()


@final
@record
class InstanceStats(Record):
    """Everything read of one instance."""

    instance: Instance
    incarnation: str = info("Equal strings: counters can be subtracted.", since="0.1")
    taken: Span
    state: State | None = info("What it is doing.", since="0.1", group=Group.STATE, default=None)
    native_state: str | None = info("The hypervisor's own word for it.", since="0.1", group=Group.STATE, default=None)
    state_reason: str | None = info("Why it came to that state.", since="0.1", group=Group.STATE, default=None)
    cpu: CpuStats = CpuStats()
    memory: MemoryStats = MemoryStats()
    disks: tuple[DiskStats, ...] = ()
    nics: tuple[NicStats, ...] = ()
    perf: PerfStats = PerfStats()
    iothreads: tuple[IothreadStats, ...] = ()
    # With the reason of a driver, or of a record that was stored, from before there was such a thing.
    process_io: ProcessIoStats = blank(ProcessIoStats, NOT_GIVEN)
    dirty_rate: DirtyRate = DirtyRate()
    job: Job = Job()
    guest_agent: GuestAgent = GuestAgent()
    supplied_rates: InstanceRates | None = None


@final
@record
class Failure:
    """An instance of which nothing could be read."""

    instance: Instance
    reason: Reason = info("Why.", since="0.1")
    detail: str = info("What was tried and what came back.", since="0.1", default="")

    def __str__(self) -> str:
        return f"{self.instance}: {Absence(self.reason, self.detail)}"


@final
@record
class HostId:
    """Which host a snapshot is of, and who says so."""

    value: str = info("The id.", since="0.1")
    source: str = info("Where it comes from: machine-id, or the hypervisor.", since="0.1")


@final
@record
class Versions:
    """What read a snapshot, and what it was read from."""

    hvinspect: str = info("Version of hvinspect.", since="0.1")
    driver: str = info("Version of the driver's distribution.", since="0.1")
    binding: str | None = info("Version of the vendor's library that the driver uses.", since="0.1", default=None)
    hypervisor: str | None = info("Name of the hypervisor, e.g. QEMU.", since="0.1", default=None)
    hypervisor_version: str | None = info("Version of the hypervisor.", since="0.1", default=None)
    manager_version: str | None = info("Version of the daemon in between, e.g. libvirtd.", since="0.1", default=None)


@final
@record
class HostStats(Record):
    """The host itself."""

    incarnation: str = info("Equal strings: counters can be subtracted.", since="0.1")
    hostname: str | None = info("Its name.", since="0.1", default=None)
    uuid: UUID | None = info("Its UUID, as the hypervisor gives it.", since="0.1", default=None)
    hypervisor: str | None = info("Name of the hypervisor.", since="0.1", default=None)
    hypervisor_version: str | None = info("Version of the hypervisor.", since="0.1", default=None)
    cpus: int | None = gauge(COUNT, "CPUs online.", since="0.1")
    user_ns: int | None = counter(NS, "CPU time in user mode, all CPUs.", since="0.1")
    system_ns: int | None = counter(NS, "CPU time in the kernel, all CPUs.", since="0.1")
    idle_ns: int | None = counter(NS, "CPU time idle, all CPUs.", since="0.1")
    iowait_ns: int | None = counter(NS, "CPU time idle while I/O was awaited, all CPUs.", since="0.1")
    memory_total_bytes: int | None = gauge(B, "Memory of the host.", since="0.1")
    memory_free_bytes: int | None = gauge(B, "Memory used for nothing at all.", since="0.1")
    memory_available_bytes: int | None = gauge(B, "Memory that new work could have without swapping.", since="0.1")
    taken: Span


@final
@record
class Snapshot:
    """All instances of a target at one moment. Iterating gives those that were read."""

    instances: tuple[InstanceStats, ...]
    failures: tuple[Failure, ...]
    taken: Span
    driver: str = info("The driver that read it.", since="0.1")
    host_id: HostId | None = info("The host it is of; None if nothing names it.", since="0.1", default=None)
    versions: Versions
    #: For each group that was asked for, where its numbers come from.
    sources: tuple[tuple[Group, str], ...] = ()

    def __iter__(self) -> Iterator[InstanceStats]:
        return iter(self.instances)

    def get(self, key: str | UUID) -> InstanceStats | None:
        """The instance of that key or uuid; None if it is not among those read.

        Raises:
            InstanceNotFound: several instances have that uuid.
        """
        uuid = uuid_or_none(key)
        wanted = str(key)
        for stats in self.instances:
            if stats.instance.key == wanted:
                return stats
        if uuid is None:
            return None
        found = [stats for stats in self.instances if stats.instance.uuid == uuid]
        unread = [failure for failure in self.failures if failure.instance.uuid == uuid]
        if found and len(found) + len(unread) > 1:
            sharing = [stats.instance for stats in found] + [failure.instance for failure in unread]
            keys = ", ".join(printable(instance.key) for instance in sharing)
            raise InstanceNotFound(f"uuid {uuid} is that of several instances: ask by key ({keys})", driver=self.driver)
        return found[0] if found else None

    def __getitem__(self, key: str | UUID) -> InstanceStats:
        found = self.get(key)
        if found is not None:
            return found
        for failure in self.failures:
            if failure.instance.key == str(key) or failure.instance.uuid == (uuid_or_none(key) or key):
                raise InstanceNotFound(f"nothing was read of {failure}", driver=self.driver)
        raise InstanceNotFound(f"the snapshot has no instance {printable(key)}", driver=self.driver)


def uuid_or_none(key: object) -> UUID | None:
    """The uuid that *key* is or is the text of; None if it is neither."""
    if isinstance(key, UUID):
        return key
    if not isinstance(key, str):
        raise TypeError(f"an instance is looked up by its key or uuid, not by {type(key).__name__}")
    try:
        return UUID(key)
    except ValueError:
        return None


#: Every field by path, e.g. ``CATALOGUE["nic.rx_bytes"]``.
CATALOGUE: dict[str, Field] = _fields.catalogue(
    {
        "instance": (Instance, None),
        "openstack": (OpenStackMetadata, None),
        "stats": (InstanceStats, None),
        "cpu": (CpuStats, Group.CPU),
        "vcpu": (VcpuStats, Group.CPU),
        "memory": (MemoryStats, Group.MEMORY),
        "disk": (DiskStats, Group.DISK),
        "nic": (NicStats, Group.NIC),
        "perf": (PerfStats, Group.PERF),
        "iothread": (IothreadStats, Group.IOTHREAD),
        "process_io": (ProcessIoStats, Group.PROCESS_IO),
        "dirty_rate": (DirtyRate, Group.DIRTY_RATE),
        "vcpu_dirty_rate": (VcpuDirtyRate, Group.DIRTY_RATE),
        "job": (Job, Group.JOB),
        "guest_agent": (GuestAgent, Group.GUEST_AGENT),
        "guest_filesystem": (GuestFilesystem, Group.GUEST_AGENT),
        "host": (HostStats, None),
        "span": (Span, None),
        "rates": (InstanceRates, None),
        "disk_rates": (DiskRates, None),
        "nic_rates": (NicRates, None),
    }
)
