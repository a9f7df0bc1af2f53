"""The contract between hvinspect and a driver, and all that a driver may use.

A driver is a class found by name (entry-point group ``hvinspect.drivers.v1``). hvinspect calls each hook on a thread
of its own and enforces the deadline from outside, so a driver that ignores deadlines is slow but never harmful.
Each hook takes one frozen request; a new parameter is a new field of it. No abstract method is added within
one ``DRIVER_API``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, ClassVar, Self, final

from ._absence import NOTHING_ABSENT, UNEXPLAINED, Absence, Absences, Reason, Record, shared_absences
from ._blank import blank
from ._deadline import Deadline
from ._errors import (
    AccessDenied,
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    DriverUnavailable,
    Error,
    InstanceNotFound,
    InvalidTarget,
    NotSupported,
    ReplyInvalid,
)
from ._fields import DEFAULT_GROUPS, Field, Group, Kind, Unit, counter, gauge, info, record
from ._frames import empty_frames
from ._host import machine_id, this_boot
from ._lives import Lives
from ._model import (
    CATALOGUE,
    CpuStats,
    DirtyRate,
    DirtyRateStatus,
    DiskRates,
    DiskStats,
    Failure,
    GuestAgent,
    GuestFilesystem,
    HostId,
    HostStats,
    Instance,
    InstanceRates,
    InstanceStats,
    IothreadStats,
    Job,
    MemoryStats,
    NicRates,
    NicStats,
    OpenStackMetadata,
    PerfStats,
    ProcessIoStats,
    RateSource,
    Span,
    State,
    VcpuDirtyRate,
    VcpuState,
    VcpuStats,
)
from ._options import NoOptions, option
from ._qemu_process import NicCounters, ProcessLook, QemuProcesses, StorageCounters, ThreadTimes
from ._span import Stopwatch
from ._target import Secret, Target
from ._text import printable
from ._workers import Cap, Task, Workers
from ._xml import LONGEST_XML, parse_xml

#: The version of this contract.
DRIVER_API = 1


@final
@record
class OpenRequest:
    """What open() is asked for."""

    target: Target
    #: The driver's own Options record, filled and checked.
    options: Any
    deadline: Deadline
    #: For calls that the driver wants to overlap or to give up by itself.
    workers: Workers
    #: What the driver wants to know again when a lost connection is opened anew: one for each Connection, kept by it.
    memory: dict[str, Any] = field(default_factory=dict[str, Any])


@final
@record
class InventoryRequest:
    """What inventory() is asked for."""

    deadline: Deadline


@final
@record
class ReadRequest:
    """What read() is asked for."""

    #: As inventory() has just given them, some or all.
    instances: Sequence[Instance]
    groups: frozenset[Group]
    deadline: Deadline


@final
@record
class HostRequest:
    """What host() is asked for."""

    deadline: Deadline


@final
@record
class ProvidesRequest:
    """What provides() is asked for."""

    deadline: Deadline


@final
@record
class OriginRequest:
    """What origin() is asked for."""

    deadline: Deadline


@final
@record
class Origin:
    """Where a driver's numbers come from, so that a consumer can check instead of trusting."""

    host_id: HostId | None = None
    #: Version of the vendor's library that the driver uses.
    binding: str | None = None
    hypervisor: str | None = None
    hypervisor_version: str | None = None
    #: Version of the daemon between the driver and the hypervisor.
    manager_version: str | None = None
    #: The request behind each group.
    sources: Mapping[Group, str] | None = None


class Driver(ABC):
    """One open connection to one hypervisor."""

    #: The frozen dataclass of the driver's options, made with option().
    Options: ClassVar[type[Any]] = NoOptions
    #: Does a target's rest begin with "//"?
    takes_urls: ClassVar[bool] = False
    #: How many hooks may run at a time; 1 for a driver that is not thread-safe.
    concurrency: ClassVar[int] = 4
    #: How many calls of its own, on OpenRequest.workers, may be under way at a time, stuck ones included.
    own_calls: ClassVar[int] = 4

    @classmethod
    @abstractmethod
    def open(cls, request: OpenRequest) -> Self:
        """Connect.

        Raises:
            InvalidTarget, ConnectFailed, AccessDenied, DeadlineExceeded
        """

    @abstractmethod
    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        """Every instance of the target, running or not.

        Raises:
            ConnectionLost: hvinspect then closes this driver and opens a new one.
        """

    @abstractmethod
    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        """One result for each instance of the request, in any order; what was yielded by the deadline is delivered."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection. Called once, on a thread of its own, when no hook runs on it any more."""

    def host(self, request: HostRequest) -> HostStats:
        """The host's own numbers.

        Raises:
            NotSupported: the driver has none.
        """
        raise NotSupported("this driver has no statistics of the host")

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        """For each path of the catalogue: None if this connection gives it, else why not.

        A path that is not there counts as UNSUPPORTED.
        """
        return {}

    def origin(self, request: OriginRequest) -> Origin:
        """Where the numbers come from."""
        return Origin()

    def quarantined(self) -> Sequence[str]:
        """Keys of the instances that are read with caution, because they did not answer. Must not block."""
        return ()

    def unknown_statistics(self) -> Sequence[str]:
        """Names of what the hypervisor gave and this driver has no field for: it is newer. Must not block."""
        return ()


__all__ = [
    "CATALOGUE",
    "DEFAULT_GROUPS",
    "DRIVER_API",
    "LONGEST_XML",
    "NOTHING_ABSENT",
    "UNEXPLAINED",
    "Absence",
    "Absences",
    "AccessDenied",
    "Cap",
    "ConnectFailed",
    "ConnectionLost",
    "CpuStats",
    "Deadline",
    "DeadlineExceeded",
    "DirtyRate",
    "DirtyRateStatus",
    "DiskRates",
    "DiskStats",
    "Driver",
    "DriverUnavailable",
    "Error",
    "Failure",
    "Field",
    "Group",
    "GuestAgent",
    "GuestFilesystem",
    "HostId",
    "HostRequest",
    "HostStats",
    "Instance",
    "InstanceNotFound",
    "InstanceRates",
    "InstanceStats",
    "InvalidTarget",
    "InventoryRequest",
    "IothreadStats",
    "Job",
    "Kind",
    "Lives",
    "MemoryStats",
    "NicCounters",
    "NicRates",
    "NicStats",
    "NoOptions",
    "NotSupported",
    "OpenRequest",
    "OpenStackMetadata",
    "Origin",
    "OriginRequest",
    "PerfStats",
    "ProcessIoStats",
    "ProcessLook",
    "ProvidesRequest",
    "QemuProcesses",
    "RateSource",
    "ReadRequest",
    "Reason",
    "Record",
    "ReplyInvalid",
    "Secret",
    "Span",
    "State",
    "Stopwatch",
    "StorageCounters",
    "Target",
    "Task",
    "ThreadTimes",
    "Unit",
    "VcpuDirtyRate",
    "VcpuState",
    "VcpuStats",
    "Workers",
    "blank",
    "counter",
    "empty_frames",
    "gauge",
    "info",
    "machine_id",
    "option",
    "parse_xml",
    "printable",
    "record",
    "shared_absences",
    "this_boot",
]
