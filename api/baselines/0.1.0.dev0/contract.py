"""What the public types of 0.1.0.dev0 allowed. Generated: see tools/api/contract.py."""
# ruff: noqa
# mypy: disable-error-code="misc,empty-body"
# pyright: reportDeprecated=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

import typing
from typing import Literal, Protocol

import collections.abc
import contextlib
import enum
import hvinspect
import hvinspect.bridges
import hvinspect.compat
import hvinspect.driver
import hvinspect.samples
import hvinspect.testing
import hvinspect.testing.conformance
import hvinspect.testing.fake
import hvinspect.testing.faults
import hvinspect.testing.replay
import lxml.etree
import pathlib
import types
import uuid

R = typing.TypeVar("R", bound=hvinspect.driver.Record)
T = typing.TypeVar("T")
hvinspect.Absence  # hvinspect.Absence
hvinspect.Absences  # hvinspect.Absences
hvinspect.AccessDenied  # hvinspect.AccessDenied
hvinspect.CATALOGUE  # hvinspect.CATALOGUE
hvinspect.Capabilities  # hvinspect.Capabilities
hvinspect.Capability  # hvinspect.Capability
hvinspect.ConnectFailed  # hvinspect.ConnectFailed
hvinspect.Connection  # hvinspect.Connection
hvinspect.ConnectionLost  # hvinspect.ConnectionLost
hvinspect.CpuStats  # hvinspect.CpuStats
hvinspect.DEFAULT_GROUPS  # hvinspect.DEFAULT_GROUPS
hvinspect.DeadlineExceeded  # hvinspect.DeadlineExceeded
hvinspect.DirtyRate  # hvinspect.DirtyRate
hvinspect.DirtyRateStatus  # hvinspect.DirtyRateStatus
hvinspect.DiskRates  # hvinspect.DiskRates
hvinspect.DiskStats  # hvinspect.DiskStats
hvinspect.DriverNotFound  # hvinspect.DriverNotFound
hvinspect.DriverStatus  # hvinspect.DriverStatus
hvinspect.DriverUnavailable  # hvinspect.DriverUnavailable
hvinspect.Error  # hvinspect.Error
hvinspect.Failure  # hvinspect.Failure
hvinspect.Field  # hvinspect.Field
hvinspect.Group  # hvinspect.Group
hvinspect.GuestAgent  # hvinspect.GuestAgent
hvinspect.GuestFilesystem  # hvinspect.GuestFilesystem
hvinspect.Health  # hvinspect.Health
hvinspect.HostId  # hvinspect.HostId
hvinspect.HostRates  # hvinspect.HostRates
hvinspect.HostStats  # hvinspect.HostStats
hvinspect.HvinspectDeprecationWarning  # hvinspect.HvinspectDeprecationWarning
hvinspect.Instance  # hvinspect.Instance
hvinspect.InstanceNotFound  # hvinspect.InstanceNotFound
hvinspect.InstanceRates  # hvinspect.InstanceRates
hvinspect.InstanceStats  # hvinspect.InstanceStats
hvinspect.InvalidTarget  # hvinspect.InvalidTarget
hvinspect.IothreadStats  # hvinspect.IothreadStats
hvinspect.Job  # hvinspect.Job
hvinspect.Kind  # hvinspect.Kind
hvinspect.MemoryStats  # hvinspect.MemoryStats
hvinspect.NicRates  # hvinspect.NicRates
hvinspect.NicStats  # hvinspect.NicStats
hvinspect.NotSupported  # hvinspect.NotSupported
hvinspect.OpenStackMetadata  # hvinspect.OpenStackMetadata
hvinspect.PerfStats  # hvinspect.PerfStats
hvinspect.RateClock  # hvinspect.RateClock
hvinspect.RateSource  # hvinspect.RateSource
hvinspect.RatesSnapshot  # hvinspect.RatesSnapshot
hvinspect.Reason  # hvinspect.Reason
hvinspect.ReplyInvalid  # hvinspect.ReplyInvalid
hvinspect.Restored  # hvinspect.Restored
hvinspect.SCHEMA  # hvinspect.SCHEMA
hvinspect.Secret  # hvinspect.Secret
hvinspect.Snapshot  # hvinspect.Snapshot
hvinspect.Span  # hvinspect.Span
hvinspect.State  # hvinspect.State
hvinspect.Unit  # hvinspect.Unit
hvinspect.VcpuDirtyRate  # hvinspect.VcpuDirtyRate
hvinspect.VcpuState  # hvinspect.VcpuState
hvinspect.VcpuStats  # hvinspect.VcpuStats
hvinspect.Versions  # hvinspect.Versions
hvinspect.__version__  # hvinspect.__version__
hvinspect.available_drivers  # hvinspect.available_drivers
hvinspect.connect  # hvinspect.connect
hvinspect.from_dict  # hvinspect.from_dict
hvinspect.rates  # hvinspect.rates
hvinspect.to_dict  # hvinspect.to_dict
hvinspect.compat.require  # hvinspect.compat.require
hvinspect.driver.Absence  # hvinspect.driver.Absence
hvinspect.driver.Absences  # hvinspect.driver.Absences
hvinspect.driver.AccessDenied  # hvinspect.driver.AccessDenied
hvinspect.driver.CATALOGUE  # hvinspect.driver.CATALOGUE
hvinspect.driver.Cap  # hvinspect.driver.Cap
hvinspect.driver.ConnectFailed  # hvinspect.driver.ConnectFailed
hvinspect.driver.ConnectionLost  # hvinspect.driver.ConnectionLost
hvinspect.driver.CpuStats  # hvinspect.driver.CpuStats
hvinspect.driver.DEFAULT_GROUPS  # hvinspect.driver.DEFAULT_GROUPS
hvinspect.driver.DRIVER_API  # hvinspect.driver.DRIVER_API
hvinspect.driver.Deadline  # hvinspect.driver.Deadline
hvinspect.driver.DeadlineExceeded  # hvinspect.driver.DeadlineExceeded
hvinspect.driver.DirtyRate  # hvinspect.driver.DirtyRate
hvinspect.driver.DirtyRateStatus  # hvinspect.driver.DirtyRateStatus
hvinspect.driver.DiskRates  # hvinspect.driver.DiskRates
hvinspect.driver.DiskStats  # hvinspect.driver.DiskStats
hvinspect.driver.Driver  # hvinspect.driver.Driver
hvinspect.driver.DriverUnavailable  # hvinspect.driver.DriverUnavailable
hvinspect.driver.Error  # hvinspect.driver.Error
hvinspect.driver.Failure  # hvinspect.driver.Failure
hvinspect.driver.Field  # hvinspect.driver.Field
hvinspect.driver.Group  # hvinspect.driver.Group
hvinspect.driver.GuestAgent  # hvinspect.driver.GuestAgent
hvinspect.driver.GuestFilesystem  # hvinspect.driver.GuestFilesystem
hvinspect.driver.HostId  # hvinspect.driver.HostId
hvinspect.driver.HostRequest  # hvinspect.driver.HostRequest
hvinspect.driver.HostStats  # hvinspect.driver.HostStats
hvinspect.driver.Instance  # hvinspect.driver.Instance
hvinspect.driver.InstanceNotFound  # hvinspect.driver.InstanceNotFound
hvinspect.driver.InstanceRates  # hvinspect.driver.InstanceRates
hvinspect.driver.InstanceStats  # hvinspect.driver.InstanceStats
hvinspect.driver.InvalidTarget  # hvinspect.driver.InvalidTarget
hvinspect.driver.InventoryRequest  # hvinspect.driver.InventoryRequest
hvinspect.driver.IothreadStats  # hvinspect.driver.IothreadStats
hvinspect.driver.Job  # hvinspect.driver.Job
hvinspect.driver.Kind  # hvinspect.driver.Kind
hvinspect.driver.LONGEST_XML  # hvinspect.driver.LONGEST_XML
hvinspect.driver.MemoryStats  # hvinspect.driver.MemoryStats
hvinspect.driver.NOTHING_ABSENT  # hvinspect.driver.NOTHING_ABSENT
hvinspect.driver.NicRates  # hvinspect.driver.NicRates
hvinspect.driver.NicStats  # hvinspect.driver.NicStats
hvinspect.driver.NoOptions  # hvinspect.driver.NoOptions
hvinspect.driver.NotSupported  # hvinspect.driver.NotSupported
hvinspect.driver.OpenRequest  # hvinspect.driver.OpenRequest
hvinspect.driver.OpenStackMetadata  # hvinspect.driver.OpenStackMetadata
hvinspect.driver.Origin  # hvinspect.driver.Origin
hvinspect.driver.OriginRequest  # hvinspect.driver.OriginRequest
hvinspect.driver.PerfStats  # hvinspect.driver.PerfStats
hvinspect.driver.ProvidesRequest  # hvinspect.driver.ProvidesRequest
hvinspect.driver.RateSource  # hvinspect.driver.RateSource
hvinspect.driver.ReadRequest  # hvinspect.driver.ReadRequest
hvinspect.driver.Reason  # hvinspect.driver.Reason
hvinspect.driver.Record  # hvinspect.driver.Record
hvinspect.driver.ReplyInvalid  # hvinspect.driver.ReplyInvalid
hvinspect.driver.Secret  # hvinspect.driver.Secret
hvinspect.driver.Span  # hvinspect.driver.Span
hvinspect.driver.State  # hvinspect.driver.State
hvinspect.driver.Stopwatch  # hvinspect.driver.Stopwatch
hvinspect.driver.Target  # hvinspect.driver.Target
hvinspect.driver.Task  # hvinspect.driver.Task
hvinspect.driver.UNEXPLAINED  # hvinspect.driver.UNEXPLAINED
hvinspect.driver.Unit  # hvinspect.driver.Unit
hvinspect.driver.VcpuDirtyRate  # hvinspect.driver.VcpuDirtyRate
hvinspect.driver.VcpuState  # hvinspect.driver.VcpuState
hvinspect.driver.VcpuStats  # hvinspect.driver.VcpuStats
hvinspect.driver.Workers  # hvinspect.driver.Workers
hvinspect.driver.blank  # hvinspect.driver.blank
hvinspect.driver.counter  # hvinspect.driver.counter
hvinspect.driver.empty_frames  # hvinspect.driver.empty_frames
hvinspect.driver.gauge  # hvinspect.driver.gauge
hvinspect.driver.info  # hvinspect.driver.info
hvinspect.driver.machine_id  # hvinspect.driver.machine_id
hvinspect.driver.option  # hvinspect.driver.option
hvinspect.driver.parse_xml  # hvinspect.driver.parse_xml
hvinspect.driver.printable  # hvinspect.driver.printable
hvinspect.driver.record  # hvinspect.driver.record
hvinspect.driver.this_boot  # hvinspect.driver.this_boot
hvinspect.samples.Missing  # hvinspect.samples.Missing
hvinspect.samples.Sample  # hvinspect.samples.Sample
hvinspect.samples.absences  # hvinspect.samples.absences
hvinspect.samples.samples  # hvinspect.samples.samples
hvinspect.testing.FakeClock  # hvinspect.testing.FakeClock
hvinspect.testing.FakeDriver  # hvinspect.testing.FakeDriver
hvinspect.testing.FakeHypervisor  # hvinspect.testing.FakeHypervisor
hvinspect.testing.FakeKind  # hvinspect.testing.FakeKind
hvinspect.testing.ReplayDriver  # hvinspect.testing.ReplayDriver
hvinspect.testing.conformance  # hvinspect.testing.conformance
hvinspect.testing.faults  # hvinspect.testing.faults
hvinspect.testing.record  # hvinspect.testing.record
hvinspect.testing.registered  # hvinspect.testing.registered
hvinspect.testing.conformance.CHECKS  # hvinspect.testing.conformance.CHECKS
hvinspect.testing.conformance.Check  # hvinspect.testing.conformance.Check
hvinspect.testing.conformance.Moved  # hvinspect.testing.conformance.Moved
hvinspect.testing.conformance.Outcome  # hvinspect.testing.conformance.Outcome
hvinspect.testing.conformance.Report  # hvinspect.testing.conformance.Report
hvinspect.testing.conformance.Result  # hvinspect.testing.conformance.Result
hvinspect.testing.conformance.Traffic  # hvinspect.testing.conformance.Traffic
hvinspect.testing.conformance.Way  # hvinspect.testing.conformance.Way
hvinspect.testing.conformance.run  # hvinspect.testing.conformance.run
hvinspect.testing.fake.FakeClock  # hvinspect.testing.fake.FakeClock
hvinspect.testing.fake.FakeDriver  # hvinspect.testing.fake.FakeDriver
hvinspect.testing.fake.FakeHypervisor  # hvinspect.testing.fake.FakeHypervisor
hvinspect.testing.fake.FakeKind  # hvinspect.testing.fake.FakeKind
hvinspect.testing.fake.FakeOptions  # hvinspect.testing.fake.FakeOptions
hvinspect.testing.faults.Deny  # hvinspect.testing.faults.Deny
hvinspect.testing.faults.DenyGroups  # hvinspect.testing.faults.DenyGroups
hvinspect.testing.faults.Disconnect  # hvinspect.testing.faults.Disconnect
hvinspect.testing.faults.Fault  # hvinspect.testing.faults.Fault
hvinspect.testing.faults.Hang  # hvinspect.testing.faults.Hang
hvinspect.testing.faults.Hook  # hvinspect.testing.faults.Hook
hvinspect.testing.faults.Partly  # hvinspect.testing.faults.Partly
hvinspect.testing.faults.Vanish  # hvinspect.testing.faults.Vanish
hvinspect.testing.faults.wrap  # hvinspect.testing.faults.wrap
hvinspect.testing.replay.FORMAT  # hvinspect.testing.replay.FORMAT
hvinspect.testing.replay.ReplayDriver  # hvinspect.testing.replay.ReplayDriver
hvinspect.testing.replay.record  # hvinspect.testing.replay.record
class _P1(Protocol):
    def __call__(self, reason: hvinspect.Reason, detail: str = ...) -> hvinspect.Absence: ...
_p1: _P1 = hvinspect.Absence  # hvinspect.Absence
def _a2(one: hvinspect.Absence) -> str: return one.detail  # hvinspect.Absence.detail
def _a3(one: hvinspect.Absence) -> hvinspect.Reason: return one.reason  # hvinspect.Absence.reason
def _b4(one: hvinspect.Absences) -> collections.abc.Mapping[typing.Any, typing.Any]: return one  # hvinspect.Absences
def _b5(one: hvinspect.Absences) -> collections.abc.Collection[typing.Any]: return one  # hvinspect.Absences
def _b6(one: hvinspect.Absences) -> collections.abc.Sized: return one  # hvinspect.Absences
def _b7(one: hvinspect.Absences) -> collections.abc.Iterable[typing.Any]: return one  # hvinspect.Absences
def _b8(one: hvinspect.Absences) -> collections.abc.Container[typing.Any]: return one  # hvinspect.Absences
class _P9(Protocol):
    def __call__(self, by_field: collections.abc.Mapping[str, hvinspect.Absence] | None = ...) -> hvinspect.Absences: ...
_p9: _P9 = hvinspect.Absences  # hvinspect.Absences
class _P10(Protocol):
    def __getitem__(self, field: str) -> hvinspect.Absence: ...
def _m10(one: hvinspect.Absences) -> _P10: return one  # hvinspect.Absences.__getitem__
class _P11(Protocol):
    def __iter__(self) -> collections.abc.Iterator[str]: ...
def _m11(one: hvinspect.Absences) -> _P11: return one  # hvinspect.Absences.__iter__
class _P12(Protocol):
    def __len__(self) -> int: ...
def _m12(one: hvinspect.Absences) -> _P12: return one  # hvinspect.Absences.__len__
class _P13(Protocol):
    def __or__(self, other: collections.abc.Mapping[str, hvinspect.Absence]) -> hvinspect.Absences: ...
def _m13(one: hvinspect.Absences) -> _P13: return one  # hvinspect.Absences.__or__
def _b14(one: hvinspect.AccessDenied) -> hvinspect.Error: return one  # hvinspect.AccessDenied
def _b15(one: hvinspect.AccessDenied) -> PermissionError: return one  # hvinspect.AccessDenied
def _b16(one: hvinspect.AccessDenied) -> OSError: return one  # hvinspect.AccessDenied
def _b17(one: hvinspect.AccessDenied) -> Exception: return one  # hvinspect.AccessDenied
def _b18(one: hvinspect.AccessDenied) -> BaseException: return one  # hvinspect.AccessDenied
class _P19(Protocol):
    def __call__(self, message: str = ..., *, driver: str | None = ..., target: str | None = ...) -> hvinspect.AccessDenied: ...
_p19: _P19 = hvinspect.AccessDenied  # hvinspect.AccessDenied
def _a20(one: hvinspect.AccessDenied) -> str: return one.code  # hvinspect.AccessDenied.code
def _a21(one: hvinspect.AccessDenied) -> str | None: return one.driver  # hvinspect.AccessDenied.driver
def _a22(one: hvinspect.AccessDenied) -> bool: return one.retryable  # hvinspect.AccessDenied.retryable
def _a23(one: hvinspect.AccessDenied) -> str | None: return one.target  # hvinspect.AccessDenied.target
_is_24: dict[str, hvinspect.Field] = hvinspect.CATALOGUE  # hvinspect.CATALOGUE
class _P25(Protocol):
    def __call__(self, *, fields: tuple[hvinspect.Capability, ...]) -> hvinspect.Capabilities: ...
_p25: _P25 = hvinspect.Capabilities  # hvinspect.Capabilities
class _P26(Protocol):
    def __getitem__(self, path: str) -> hvinspect.Capability: ...
def _m26(one: hvinspect.Capabilities) -> _P26: return one  # hvinspect.Capabilities.__getitem__
class _P27(Protocol):
    def __iter__(self) -> collections.abc.Iterator[hvinspect.Capability]: ...
def _m27(one: hvinspect.Capabilities) -> _P27: return one  # hvinspect.Capabilities.__iter__
def _a28(one: hvinspect.Capabilities) -> tuple[hvinspect.Capability, ...]: return one.fields  # hvinspect.Capabilities.fields
class _P30(Protocol):
    def __call__(self, provided: collections.abc.Mapping[str, hvinspect.Absence | None]) -> hvinspect.Capabilities: ...
_p30: _P30 = hvinspect.Capabilities.of  # hvinspect.Capabilities.of
class _P31(Protocol):
    def __call__(self, *, field: hvinspect.Field, absence: hvinspect.Absence | None) -> hvinspect.Capability: ...
_p31: _P31 = hvinspect.Capability  # hvinspect.Capability
def _a32(one: hvinspect.Capability) -> hvinspect.Absence | None: return one.absence  # hvinspect.Capability.absence
def _a33(one: hvinspect.Capability) -> hvinspect.Field: return one.field  # hvinspect.Capability.field
def _a34(one: hvinspect.Capability) -> bool: return one.given  # hvinspect.Capability.given
def _b35(one: hvinspect.ConnectFailed) -> hvinspect.Error: return one  # hvinspect.ConnectFailed
def _b36(one: hvinspect.ConnectFailed) -> ConnectionError: return one  # hvinspect.ConnectFailed
def _b37(one: hvinspect.ConnectFailed) -> OSError: return one  # hvinspect.ConnectFailed
def _b38(one: hvinspect.ConnectFailed) -> Exception: return one  # hvinspect.ConnectFailed
def _b39(one: hvinspect.ConnectFailed) -> BaseException: return one  # hvinspect.ConnectFailed
class _P40(Protocol):
    def __call__(self, message: str = ..., *, driver: str | None = ..., target: str | None = ...) -> hvinspect.ConnectFailed: ...
_p40: _P40 = hvinspect.ConnectFailed  # hvinspect.ConnectFailed
def _a41(one: hvinspect.ConnectFailed) -> str: return one.code  # hvinspect.ConnectFailed.code
def _a42(one: hvinspect.ConnectFailed) -> str | None: return one.driver  # hvinspect.ConnectFailed.driver
def _a43(one: hvinspect.ConnectFailed) -> bool: return one.retryable  # hvinspect.ConnectFailed.retryable
def _a44(one: hvinspect.ConnectFailed) -> str | None: return one.target  # hvinspect.ConnectFailed.target
class _P45(Protocol):
    def __enter__(self) -> typing.Self: ...
def _m45(one: hvinspect.Connection) -> _P45: return one  # hvinspect.Connection.__enter__
class _P46(Protocol):
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None) -> None: ...
def _m46(one: hvinspect.Connection) -> _P46: return one  # hvinspect.Connection.__exit__
class _P47(Protocol):
    def capabilities(self, timeout: float = ...) -> hvinspect.Capabilities: ...
def _m47(one: hvinspect.Connection) -> _P47: return one  # hvinspect.Connection.capabilities
class _P48(Protocol):
    def close(self, timeout: float = ...) -> object: ...
def _m48(one: hvinspect.Connection) -> _P48: return one  # hvinspect.Connection.close
class _P49(Protocol):
    def health(self) -> hvinspect.Health: ...
def _m49(one: hvinspect.Connection) -> _P49: return one  # hvinspect.Connection.health
class _P50(Protocol):
    def host(self, timeout: float = ...) -> hvinspect.HostStats: ...
def _m50(one: hvinspect.Connection) -> _P50: return one  # hvinspect.Connection.host
class _P51(Protocol):
    def snapshot(self, instances: collections.abc.Collection[hvinspect.Instance | str | uuid.UUID] | None = ..., *, groups: collections.abc.Collection[hvinspect.Group] = ..., timeout: float = ...) -> hvinspect.Snapshot: ...
def _m51(one: hvinspect.Connection) -> _P51: return one  # hvinspect.Connection.snapshot
def _a52(one: hvinspect.Connection) -> str: return one.target  # hvinspect.Connection.target
def _b53(one: hvinspect.ConnectionLost) -> hvinspect.Error: return one  # hvinspect.ConnectionLost
def _b54(one: hvinspect.ConnectionLost) -> ConnectionError: return one  # hvinspect.ConnectionLost
def _b55(one: hvinspect.ConnectionLost) -> OSError: return one  # hvinspect.ConnectionLost
def _b56(one: hvinspect.ConnectionLost) -> Exception: return one  # hvinspect.ConnectionLost
def _b57(one: hvinspect.ConnectionLost) -> BaseException: return one  # hvinspect.ConnectionLost
class _P58(Protocol):
    def __call__(self, message: str = ..., *, driver: str | None = ..., target: str | None = ...) -> hvinspect.ConnectionLost: ...
_p58: _P58 = hvinspect.ConnectionLost  # hvinspect.ConnectionLost
def _a59(one: hvinspect.ConnectionLost) -> str: return one.code  # hvinspect.ConnectionLost.code
def _a60(one: hvinspect.ConnectionLost) -> str | None: return one.driver  # hvinspect.ConnectionLost.driver
def _a61(one: hvinspect.ConnectionLost) -> bool: return one.retryable  # hvinspect.ConnectionLost.retryable
def _a62(one: hvinspect.ConnectionLost) -> str | None: return one.target  # hvinspect.ConnectionLost.target
def _b63(one: hvinspect.CpuStats) -> hvinspect.driver.Record: return one  # hvinspect.CpuStats
class _P64(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., time_ns: int | None = ..., user_ns: int | None = ..., system_ns: int | None = ..., vcpus_online: int | None = ..., vcpus_maximum: int | None = ..., vcpus: tuple[hvinspect.VcpuStats, ...] = ...) -> hvinspect.CpuStats: ...
_p64: _P64 = hvinspect.CpuStats  # hvinspect.CpuStats
def _a65(one: hvinspect.CpuStats) -> hvinspect.Absences: return one.absences  # hvinspect.CpuStats.absences
def _a66(one: hvinspect.CpuStats) -> int | None: return one.system_ns  # hvinspect.CpuStats.system_ns
def _a67(one: hvinspect.CpuStats) -> int | None: return one.time_ns  # hvinspect.CpuStats.time_ns
def _a68(one: hvinspect.CpuStats) -> int | None: return one.user_ns  # hvinspect.CpuStats.user_ns
def _a69(one: hvinspect.CpuStats) -> tuple[hvinspect.VcpuStats, ...]: return one.vcpus  # hvinspect.CpuStats.vcpus
def _a70(one: hvinspect.CpuStats) -> int | None: return one.vcpus_maximum  # hvinspect.CpuStats.vcpus_maximum
def _a71(one: hvinspect.CpuStats) -> int | None: return one.vcpus_online  # hvinspect.CpuStats.vcpus_online
class _P72(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m72(one: hvinspect.CpuStats) -> _P72: return one  # hvinspect.CpuStats.why
_is_73: frozenset[hvinspect.Group] = hvinspect.DEFAULT_GROUPS  # hvinspect.DEFAULT_GROUPS
def _b74(one: hvinspect.DeadlineExceeded) -> hvinspect.Error: return one  # hvinspect.DeadlineExceeded
def _b75(one: hvinspect.DeadlineExceeded) -> TimeoutError: return one  # hvinspect.DeadlineExceeded
def _b76(one: hvinspect.DeadlineExceeded) -> OSError: return one  # hvinspect.DeadlineExceeded
def _b77(one: hvinspect.DeadlineExceeded) -> Exception: return one  # hvinspect.DeadlineExceeded
def _b78(one: hvinspect.DeadlineExceeded) -> BaseException: return one  # hvinspect.DeadlineExceeded
class _P79(Protocol):
    def __call__(self, message: str = ..., *, driver: str | None = ..., target: str | None = ...) -> hvinspect.DeadlineExceeded: ...
_p79: _P79 = hvinspect.DeadlineExceeded  # hvinspect.DeadlineExceeded
def _a80(one: hvinspect.DeadlineExceeded) -> str: return one.code  # hvinspect.DeadlineExceeded.code
def _a81(one: hvinspect.DeadlineExceeded) -> str | None: return one.driver  # hvinspect.DeadlineExceeded.driver
def _a82(one: hvinspect.DeadlineExceeded) -> bool: return one.retryable  # hvinspect.DeadlineExceeded.retryable
def _a83(one: hvinspect.DeadlineExceeded) -> str | None: return one.target  # hvinspect.DeadlineExceeded.target
def _b84(one: hvinspect.DirtyRate) -> hvinspect.driver.Record: return one  # hvinspect.DirtyRate
class _P85(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., status: hvinspect.DirtyRateStatus | None = ..., mode: str | None = ..., started_host_ns: int | None = ..., period_ns: int | None = ..., memory_bytes_per_s: int | None = ..., vcpus: tuple[hvinspect.VcpuDirtyRate, ...] = ...) -> hvinspect.DirtyRate: ...
_p85: _P85 = hvinspect.DirtyRate  # hvinspect.DirtyRate
def _a86(one: hvinspect.DirtyRate) -> hvinspect.Absences: return one.absences  # hvinspect.DirtyRate.absences
def _a87(one: hvinspect.DirtyRate) -> int | None: return one.memory_bytes_per_s  # hvinspect.DirtyRate.memory_bytes_per_s
def _a88(one: hvinspect.DirtyRate) -> str | None: return one.mode  # hvinspect.DirtyRate.mode
def _a89(one: hvinspect.DirtyRate) -> int | None: return one.period_ns  # hvinspect.DirtyRate.period_ns
def _a90(one: hvinspect.DirtyRate) -> int | None: return one.started_host_ns  # hvinspect.DirtyRate.started_host_ns
def _a91(one: hvinspect.DirtyRate) -> hvinspect.DirtyRateStatus | None: return one.status  # hvinspect.DirtyRate.status
def _a92(one: hvinspect.DirtyRate) -> tuple[hvinspect.VcpuDirtyRate, ...]: return one.vcpus  # hvinspect.DirtyRate.vcpus
class _P93(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m93(one: hvinspect.DirtyRate) -> _P93: return one  # hvinspect.DirtyRate.why
def _b94(one: hvinspect.DirtyRateStatus) -> str: return one  # hvinspect.DirtyRateStatus
def _b95(one: hvinspect.DirtyRateStatus) -> enum.Enum: return one  # hvinspect.DirtyRateStatus
_e96: Literal[hvinspect.DirtyRateStatus.UNSTARTED] = hvinspect.DirtyRateStatus.UNSTARTED  # hvinspect.DirtyRateStatus.UNSTARTED
_e97: Literal[hvinspect.DirtyRateStatus.MEASURING] = hvinspect.DirtyRateStatus.MEASURING  # hvinspect.DirtyRateStatus.MEASURING
_e98: Literal[hvinspect.DirtyRateStatus.MEASURED] = hvinspect.DirtyRateStatus.MEASURED  # hvinspect.DirtyRateStatus.MEASURED
_e99: Literal[hvinspect.DirtyRateStatus.UNKNOWN] = hvinspect.DirtyRateStatus.UNKNOWN  # hvinspect.DirtyRateStatus.UNKNOWN
def _b100(one: hvinspect.DiskRates) -> hvinspect.driver.Record: return one  # hvinspect.DiskRates
class _P101(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., key: str, read_bytes_per_s: float | None = ..., read_requests_per_s: float | None = ..., read_latency_ns: float | None = ..., write_bytes_per_s: float | None = ..., write_requests_per_s: float | None = ..., write_latency_ns: float | None = ...) -> hvinspect.DiskRates: ...
_p101: _P101 = hvinspect.DiskRates  # hvinspect.DiskRates
def _a102(one: hvinspect.DiskRates) -> hvinspect.Absences: return one.absences  # hvinspect.DiskRates.absences
def _a103(one: hvinspect.DiskRates) -> str: return one.key  # hvinspect.DiskRates.key
def _a104(one: hvinspect.DiskRates) -> float | None: return one.read_bytes_per_s  # hvinspect.DiskRates.read_bytes_per_s
def _a105(one: hvinspect.DiskRates) -> float | None: return one.read_latency_ns  # hvinspect.DiskRates.read_latency_ns
def _a106(one: hvinspect.DiskRates) -> float | None: return one.read_requests_per_s  # hvinspect.DiskRates.read_requests_per_s
class _P107(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m107(one: hvinspect.DiskRates) -> _P107: return one  # hvinspect.DiskRates.why
def _a108(one: hvinspect.DiskRates) -> float | None: return one.write_bytes_per_s  # hvinspect.DiskRates.write_bytes_per_s
def _a109(one: hvinspect.DiskRates) -> float | None: return one.write_latency_ns  # hvinspect.DiskRates.write_latency_ns
def _a110(one: hvinspect.DiskRates) -> float | None: return one.write_requests_per_s  # hvinspect.DiskRates.write_requests_per_s
def _b111(one: hvinspect.DiskStats) -> hvinspect.driver.Record: return one  # hvinspect.DiskStats
class _P112(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., key: str, incarnation: str, name: str | None = ..., alias: str | None = ..., serial: str | None = ..., bus: str | None = ..., device: str | None = ..., kind: str | None = ..., source: str | None = ..., read_bytes: int | None = ..., read_requests: int | None = ..., read_time_ns: int | None = ..., write_bytes: int | None = ..., write_requests: int | None = ..., write_time_ns: int | None = ..., flush_requests: int | None = ..., flush_time_ns: int | None = ..., discard_bytes: int | None = ..., discard_requests: int | None = ..., discard_time_ns: int | None = ..., failed_requests: int | None = ..., capacity_bytes: int | None = ..., host_allocated_bytes: int | None = ..., highest_written_bytes: int | None = ..., host_length_bytes: int | None = ...) -> hvinspect.DiskStats: ...
_p112: _P112 = hvinspect.DiskStats  # hvinspect.DiskStats
def _a113(one: hvinspect.DiskStats) -> hvinspect.Absences: return one.absences  # hvinspect.DiskStats.absences
def _a114(one: hvinspect.DiskStats) -> str | None: return one.alias  # hvinspect.DiskStats.alias
def _a115(one: hvinspect.DiskStats) -> str | None: return one.bus  # hvinspect.DiskStats.bus
def _a116(one: hvinspect.DiskStats) -> int | None: return one.capacity_bytes  # hvinspect.DiskStats.capacity_bytes
def _a117(one: hvinspect.DiskStats) -> str | None: return one.device  # hvinspect.DiskStats.device
def _a118(one: hvinspect.DiskStats) -> int | None: return one.discard_bytes  # hvinspect.DiskStats.discard_bytes
def _a119(one: hvinspect.DiskStats) -> int | None: return one.discard_requests  # hvinspect.DiskStats.discard_requests
def _a120(one: hvinspect.DiskStats) -> int | None: return one.discard_time_ns  # hvinspect.DiskStats.discard_time_ns
def _a121(one: hvinspect.DiskStats) -> int | None: return one.failed_requests  # hvinspect.DiskStats.failed_requests
def _a122(one: hvinspect.DiskStats) -> int | None: return one.flush_requests  # hvinspect.DiskStats.flush_requests
def _a123(one: hvinspect.DiskStats) -> int | None: return one.flush_time_ns  # hvinspect.DiskStats.flush_time_ns
def _a124(one: hvinspect.DiskStats) -> int | None: return one.highest_written_bytes  # hvinspect.DiskStats.highest_written_bytes
def _a125(one: hvinspect.DiskStats) -> int | None: return one.host_allocated_bytes  # hvinspect.DiskStats.host_allocated_bytes
def _a126(one: hvinspect.DiskStats) -> int | None: return one.host_length_bytes  # hvinspect.DiskStats.host_length_bytes
def _a127(one: hvinspect.DiskStats) -> str: return one.incarnation  # hvinspect.DiskStats.incarnation
def _a128(one: hvinspect.DiskStats) -> str: return one.key  # hvinspect.DiskStats.key
def _a129(one: hvinspect.DiskStats) -> str | None: return one.kind  # hvinspect.DiskStats.kind
def _a130(one: hvinspect.DiskStats) -> str | None: return one.name  # hvinspect.DiskStats.name
def _a131(one: hvinspect.DiskStats) -> int | None: return one.read_bytes  # hvinspect.DiskStats.read_bytes
def _a132(one: hvinspect.DiskStats) -> int | None: return one.read_requests  # hvinspect.DiskStats.read_requests
def _a133(one: hvinspect.DiskStats) -> int | None: return one.read_time_ns  # hvinspect.DiskStats.read_time_ns
def _a134(one: hvinspect.DiskStats) -> str | None: return one.serial  # hvinspect.DiskStats.serial
def _a135(one: hvinspect.DiskStats) -> str | None: return one.source  # hvinspect.DiskStats.source
class _P136(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m136(one: hvinspect.DiskStats) -> _P136: return one  # hvinspect.DiskStats.why
def _a137(one: hvinspect.DiskStats) -> int | None: return one.write_bytes  # hvinspect.DiskStats.write_bytes
def _a138(one: hvinspect.DiskStats) -> int | None: return one.write_requests  # hvinspect.DiskStats.write_requests
def _a139(one: hvinspect.DiskStats) -> int | None: return one.write_time_ns  # hvinspect.DiskStats.write_time_ns
def _b140(one: hvinspect.DriverNotFound) -> hvinspect.Error: return one  # hvinspect.DriverNotFound
def _b141(one: hvinspect.DriverNotFound) -> LookupError: return one  # hvinspect.DriverNotFound
def _b142(one: hvinspect.DriverNotFound) -> Exception: return one  # hvinspect.DriverNotFound
def _b143(one: hvinspect.DriverNotFound) -> BaseException: return one  # hvinspect.DriverNotFound
class _P144(Protocol):
    def __call__(self, message: str = ..., *, driver: str | None = ..., target: str | None = ...) -> hvinspect.DriverNotFound: ...
_p144: _P144 = hvinspect.DriverNotFound  # hvinspect.DriverNotFound
def _a145(one: hvinspect.DriverNotFound) -> str: return one.code  # hvinspect.DriverNotFound.code
def _a146(one: hvinspect.DriverNotFound) -> str | None: return one.driver  # hvinspect.DriverNotFound.driver
def _a147(one: hvinspect.DriverNotFound) -> bool: return one.retryable  # hvinspect.DriverNotFound.retryable
def _a148(one: hvinspect.DriverNotFound) -> str | None: return one.target  # hvinspect.DriverNotFound.target
class _P149(Protocol):
    def __call__(self, *, name: str, usable: bool, distribution: str, remedy: str = ...) -> hvinspect.DriverStatus: ...
_p149: _P149 = hvinspect.DriverStatus  # hvinspect.DriverStatus
def _a150(one: hvinspect.DriverStatus) -> str: return one.distribution  # hvinspect.DriverStatus.distribution
def _a151(one: hvinspect.DriverStatus) -> str: return one.name  # hvinspect.DriverStatus.name
def _a152(one: hvinspect.DriverStatus) -> str: return one.remedy  # hvinspect.DriverStatus.remedy
def _a153(one: hvinspect.DriverStatus) -> bool: return one.usable  # hvinspect.DriverStatus.usable
def _b154(one: hvinspect.DriverUnavailable) -> hvinspect.Error: return one  # hvinspect.DriverUnavailable
def _b155(one: hvinspect.DriverUnavailable) -> ImportError: return one  # hvinspect.DriverUnavailable
def _b156(one: hvinspect.DriverUnavailable) -> Exception: return one  # hvinspect.DriverUnavailable
def _b157(one: hvinspect.DriverUnavailable) -> BaseException: return one  # hvinspect.DriverUnavailable
class _P158(Protocol):
    def __call__(self, message: str = ..., *, driver: str | None = ..., target: str | None = ...) -> hvinspect.DriverUnavailable: ...
_p158: _P158 = hvinspect.DriverUnavailable  # hvinspect.DriverUnavailable
def _a159(one: hvinspect.DriverUnavailable) -> str: return one.code  # hvinspect.DriverUnavailable.code
def _a160(one: hvinspect.DriverUnavailable) -> str | None: return one.driver  # hvinspect.DriverUnavailable.driver
def _a161(one: hvinspect.DriverUnavailable) -> bool: return one.retryable  # hvinspect.DriverUnavailable.retryable
def _a162(one: hvinspect.DriverUnavailable) -> str | None: return one.target  # hvinspect.DriverUnavailable.target
def _b163(one: hvinspect.Error) -> Exception: return one  # hvinspect.Error
def _b164(one: hvinspect.Error) -> BaseException: return one  # hvinspect.Error
class _P165(Protocol):
    def __call__(self, message: str = ..., *, driver: str | None = ..., target: str | None = ...) -> hvinspect.Error: ...
_p165: _P165 = hvinspect.Error  # hvinspect.Error
def _a166(one: hvinspect.Error) -> str: return one.code  # hvinspect.Error.code
def _a167(one: hvinspect.Error) -> str | None: return one.driver  # hvinspect.Error.driver
def _a168(one: hvinspect.Error) -> bool: return one.retryable  # hvinspect.Error.retryable
def _a169(one: hvinspect.Error) -> str | None: return one.target  # hvinspect.Error.target
class _P170(Protocol):
    def __call__(self, *, instance: hvinspect.Instance, reason: hvinspect.Reason, detail: str = ...) -> hvinspect.Failure: ...
_p170: _P170 = hvinspect.Failure  # hvinspect.Failure
def _a171(one: hvinspect.Failure) -> str: return one.detail  # hvinspect.Failure.detail
def _a172(one: hvinspect.Failure) -> hvinspect.Instance: return one.instance  # hvinspect.Failure.instance
def _a173(one: hvinspect.Failure) -> hvinspect.Reason: return one.reason  # hvinspect.Failure.reason
class _P174(Protocol):
    def __call__(self, *, path: str, record: str, name: str, unit: hvinspect.Unit, kind: hvinspect.Kind, meaning: str, since: str, group: hvinspect.Group | None, numeric: bool, required: bool) -> hvinspect.Field: ...
_p174: _P174 = hvinspect.Field  # hvinspect.Field
def _a175(one: hvinspect.Field) -> hvinspect.Group | None: return one.group  # hvinspect.Field.group
def _a176(one: hvinspect.Field) -> hvinspect.Kind: return one.kind  # hvinspect.Field.kind
def _a177(one: hvinspect.Field) -> str: return one.meaning  # hvinspect.Field.meaning
def _a178(one: hvinspect.Field) -> str: return one.name  # hvinspect.Field.name
def _a179(one: hvinspect.Field) -> bool: return one.numeric  # hvinspect.Field.numeric
def _a180(one: hvinspect.Field) -> str: return one.path  # hvinspect.Field.path
def _a181(one: hvinspect.Field) -> str: return one.record  # hvinspect.Field.record
def _a182(one: hvinspect.Field) -> bool: return one.required  # hvinspect.Field.required
def _a183(one: hvinspect.Field) -> str: return one.since  # hvinspect.Field.since
def _a184(one: hvinspect.Field) -> hvinspect.Unit: return one.unit  # hvinspect.Field.unit
def _b185(one: hvinspect.Group) -> str: return one  # hvinspect.Group
def _b186(one: hvinspect.Group) -> enum.Enum: return one  # hvinspect.Group
_e187: Literal[hvinspect.Group.STATE] = hvinspect.Group.STATE  # hvinspect.Group.STATE
_e188: Literal[hvinspect.Group.CPU] = hvinspect.Group.CPU  # hvinspect.Group.CPU
_e189: Literal[hvinspect.Group.MEMORY] = hvinspect.Group.MEMORY  # hvinspect.Group.MEMORY
_e190: Literal[hvinspect.Group.DISK] = hvinspect.Group.DISK  # hvinspect.Group.DISK
_e191: Literal[hvinspect.Group.NIC] = hvinspect.Group.NIC  # hvinspect.Group.NIC
_e192: Literal[hvinspect.Group.PERF] = hvinspect.Group.PERF  # hvinspect.Group.PERF
_e193: Literal[hvinspect.Group.IOTHREAD] = hvinspect.Group.IOTHREAD  # hvinspect.Group.IOTHREAD
_e194: Literal[hvinspect.Group.DIRTY_RATE] = hvinspect.Group.DIRTY_RATE  # hvinspect.Group.DIRTY_RATE
_e195: Literal[hvinspect.Group.BLOCK_DETAIL] = hvinspect.Group.BLOCK_DETAIL  # hvinspect.Group.BLOCK_DETAIL
_e196: Literal[hvinspect.Group.JOB] = hvinspect.Group.JOB  # hvinspect.Group.JOB
_e197: Literal[hvinspect.Group.GUEST_AGENT] = hvinspect.Group.GUEST_AGENT  # hvinspect.Group.GUEST_AGENT
_e198: Literal[hvinspect.Group.UNKNOWN] = hvinspect.Group.UNKNOWN  # hvinspect.Group.UNKNOWN
def _b199(one: hvinspect.GuestAgent) -> hvinspect.driver.Record: return one  # hvinspect.GuestAgent
class _P200(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., hostname: str | None = ..., os_id: str | None = ..., os_name: str | None = ..., os_version: str | None = ..., kernel_release: str | None = ..., timezone: str | None = ..., timezone_offset_ns: int | None = ..., users: tuple[str, ...] = ..., filesystems: tuple[hvinspect.GuestFilesystem, ...] = ...) -> hvinspect.GuestAgent: ...
_p200: _P200 = hvinspect.GuestAgent  # hvinspect.GuestAgent
def _a201(one: hvinspect.GuestAgent) -> hvinspect.Absences: return one.absences  # hvinspect.GuestAgent.absences
def _a202(one: hvinspect.GuestAgent) -> tuple[hvinspect.GuestFilesystem, ...]: return one.filesystems  # hvinspect.GuestAgent.filesystems
def _a203(one: hvinspect.GuestAgent) -> str | None: return one.hostname  # hvinspect.GuestAgent.hostname
def _a204(one: hvinspect.GuestAgent) -> str | None: return one.kernel_release  # hvinspect.GuestAgent.kernel_release
def _a205(one: hvinspect.GuestAgent) -> str | None: return one.os_id  # hvinspect.GuestAgent.os_id
def _a206(one: hvinspect.GuestAgent) -> str | None: return one.os_name  # hvinspect.GuestAgent.os_name
def _a207(one: hvinspect.GuestAgent) -> str | None: return one.os_version  # hvinspect.GuestAgent.os_version
def _a208(one: hvinspect.GuestAgent) -> str | None: return one.timezone  # hvinspect.GuestAgent.timezone
def _a209(one: hvinspect.GuestAgent) -> int | None: return one.timezone_offset_ns  # hvinspect.GuestAgent.timezone_offset_ns
def _a210(one: hvinspect.GuestAgent) -> tuple[str, ...]: return one.users  # hvinspect.GuestAgent.users
class _P211(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m211(one: hvinspect.GuestAgent) -> _P211: return one  # hvinspect.GuestAgent.why
def _b212(one: hvinspect.GuestFilesystem) -> hvinspect.driver.Record: return one  # hvinspect.GuestFilesystem
class _P213(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., mountpoint: str | None = ..., device: str | None = ..., kind: str | None = ..., total_bytes: int | None = ..., used_bytes: int | None = ...) -> hvinspect.GuestFilesystem: ...
_p213: _P213 = hvinspect.GuestFilesystem  # hvinspect.GuestFilesystem
def _a214(one: hvinspect.GuestFilesystem) -> hvinspect.Absences: return one.absences  # hvinspect.GuestFilesystem.absences
def _a215(one: hvinspect.GuestFilesystem) -> str | None: return one.device  # hvinspect.GuestFilesystem.device
def _a216(one: hvinspect.GuestFilesystem) -> str | None: return one.kind  # hvinspect.GuestFilesystem.kind
def _a217(one: hvinspect.GuestFilesystem) -> str | None: return one.mountpoint  # hvinspect.GuestFilesystem.mountpoint
def _a218(one: hvinspect.GuestFilesystem) -> int | None: return one.total_bytes  # hvinspect.GuestFilesystem.total_bytes
def _a219(one: hvinspect.GuestFilesystem) -> int | None: return one.used_bytes  # hvinspect.GuestFilesystem.used_bytes
class _P220(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m220(one: hvinspect.GuestFilesystem) -> _P220: return one  # hvinspect.GuestFilesystem.why
class _P221(Protocol):
    def __call__(self, *, connected: bool, calls: int, timeouts: int, reconnects: int, stuck_calls: int, quarantined: tuple[str, ...], unknown_statistics: tuple[str, ...]) -> hvinspect.Health: ...
_p221: _P221 = hvinspect.Health  # hvinspect.Health
def _a222(one: hvinspect.Health) -> int: return one.calls  # hvinspect.Health.calls
def _a223(one: hvinspect.Health) -> bool: return one.connected  # hvinspect.Health.connected
def _a224(one: hvinspect.Health) -> tuple[str, ...]: return one.quarantined  # hvinspect.Health.quarantined
def _a225(one: hvinspect.Health) -> int: return one.reconnects  # hvinspect.Health.reconnects
def _a226(one: hvinspect.Health) -> int: return one.stuck_calls  # hvinspect.Health.stuck_calls
def _a227(one: hvinspect.Health) -> int: return one.timeouts  # hvinspect.Health.timeouts
def _a228(one: hvinspect.Health) -> tuple[str, ...]: return one.unknown_statistics  # hvinspect.Health.unknown_statistics
class _P229(Protocol):
    def __call__(self, *, value: str, source: str) -> hvinspect.HostId: ...
_p229: _P229 = hvinspect.HostId  # hvinspect.HostId
def _a230(one: hvinspect.HostId) -> str: return one.source  # hvinspect.HostId.source
def _a231(one: hvinspect.HostId) -> str: return one.value  # hvinspect.HostId.value
def _b232(one: hvinspect.HostRates) -> hvinspect.driver.Record: return one  # hvinspect.HostRates
class _P233(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., window_ns: int | None = ..., clock: hvinspect.RateClock = ..., user_cores: float | None = ..., system_cores: float | None = ..., idle_cores: float | None = ..., iowait_cores: float | None = ...) -> hvinspect.HostRates: ...
_p233: _P233 = hvinspect.HostRates  # hvinspect.HostRates
def _a234(one: hvinspect.HostRates) -> hvinspect.Absences: return one.absences  # hvinspect.HostRates.absences
def _a235(one: hvinspect.HostRates) -> hvinspect.RateClock: return one.clock  # hvinspect.HostRates.clock
def _a236(one: hvinspect.HostRates) -> float | None: return one.idle_cores  # hvinspect.HostRates.idle_cores
def _a237(one: hvinspect.HostRates) -> float | None: return one.iowait_cores  # hvinspect.HostRates.iowait_cores
def _a238(one: hvinspect.HostRates) -> float | None: return one.system_cores  # hvinspect.HostRates.system_cores
def _a239(one: hvinspect.HostRates) -> float | None: return one.user_cores  # hvinspect.HostRates.user_cores
class _P240(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m240(one: hvinspect.HostRates) -> _P240: return one  # hvinspect.HostRates.why
def _a241(one: hvinspect.HostRates) -> int | None: return one.window_ns  # hvinspect.HostRates.window_ns
def _b242(one: hvinspect.HostStats) -> hvinspect.driver.Record: return one  # hvinspect.HostStats
class _P243(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., incarnation: str, hostname: str | None = ..., uuid: uuid.UUID | None = ..., hypervisor: str | None = ..., hypervisor_version: str | None = ..., cpus: int | None = ..., user_ns: int | None = ..., system_ns: int | None = ..., idle_ns: int | None = ..., iowait_ns: int | None = ..., memory_total_bytes: int | None = ..., memory_free_bytes: int | None = ..., memory_available_bytes: int | None = ..., taken: hvinspect.Span) -> hvinspect.HostStats: ...
_p243: _P243 = hvinspect.HostStats  # hvinspect.HostStats
def _a244(one: hvinspect.HostStats) -> hvinspect.Absences: return one.absences  # hvinspect.HostStats.absences
def _a245(one: hvinspect.HostStats) -> int | None: return one.cpus  # hvinspect.HostStats.cpus
def _a246(one: hvinspect.HostStats) -> str | None: return one.hostname  # hvinspect.HostStats.hostname
def _a247(one: hvinspect.HostStats) -> str | None: return one.hypervisor  # hvinspect.HostStats.hypervisor
def _a248(one: hvinspect.HostStats) -> str | None: return one.hypervisor_version  # hvinspect.HostStats.hypervisor_version
def _a249(one: hvinspect.HostStats) -> int | None: return one.idle_ns  # hvinspect.HostStats.idle_ns
def _a250(one: hvinspect.HostStats) -> str: return one.incarnation  # hvinspect.HostStats.incarnation
def _a251(one: hvinspect.HostStats) -> int | None: return one.iowait_ns  # hvinspect.HostStats.iowait_ns
def _a252(one: hvinspect.HostStats) -> int | None: return one.memory_available_bytes  # hvinspect.HostStats.memory_available_bytes
def _a253(one: hvinspect.HostStats) -> int | None: return one.memory_free_bytes  # hvinspect.HostStats.memory_free_bytes
def _a254(one: hvinspect.HostStats) -> int | None: return one.memory_total_bytes  # hvinspect.HostStats.memory_total_bytes
def _a255(one: hvinspect.HostStats) -> int | None: return one.system_ns  # hvinspect.HostStats.system_ns
def _a256(one: hvinspect.HostStats) -> hvinspect.Span: return one.taken  # hvinspect.HostStats.taken
def _a257(one: hvinspect.HostStats) -> int | None: return one.user_ns  # hvinspect.HostStats.user_ns
def _a258(one: hvinspect.HostStats) -> uuid.UUID | None: return one.uuid  # hvinspect.HostStats.uuid
class _P259(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m259(one: hvinspect.HostStats) -> _P259: return one  # hvinspect.HostStats.why
def _b260(one: hvinspect.HvinspectDeprecationWarning) -> DeprecationWarning: return one  # hvinspect.HvinspectDeprecationWarning
def _b261(one: hvinspect.HvinspectDeprecationWarning) -> Warning: return one  # hvinspect.HvinspectDeprecationWarning
def _b262(one: hvinspect.HvinspectDeprecationWarning) -> Exception: return one  # hvinspect.HvinspectDeprecationWarning
def _b263(one: hvinspect.HvinspectDeprecationWarning) -> BaseException: return one  # hvinspect.HvinspectDeprecationWarning
class _P264(Protocol):
    def __call__(self, *, key: str, uuid: uuid.UUID | None = ..., name: str | None = ..., native_id: str | None = ..., driver: str | None = ..., openstack: hvinspect.OpenStackMetadata | None = ..., described_at: int | None = ...) -> hvinspect.Instance: ...
_p264: _P264 = hvinspect.Instance  # hvinspect.Instance
def _a265(one: hvinspect.Instance) -> int | None: return one.described_at  # hvinspect.Instance.described_at
def _a266(one: hvinspect.Instance) -> str | None: return one.driver  # hvinspect.Instance.driver
def _a267(one: hvinspect.Instance) -> str: return one.key  # hvinspect.Instance.key
def _a268(one: hvinspect.Instance) -> str | None: return one.name  # hvinspect.Instance.name
def _a269(one: hvinspect.Instance) -> str | None: return one.native_id  # hvinspect.Instance.native_id
def _a270(one: hvinspect.Instance) -> hvinspect.OpenStackMetadata | None: return one.openstack  # hvinspect.Instance.openstack
def _a271(one: hvinspect.Instance) -> uuid.UUID | None: return one.uuid  # hvinspect.Instance.uuid
def _b272(one: hvinspect.InstanceNotFound) -> hvinspect.Error: return one  # hvinspect.InstanceNotFound
def _b273(one: hvinspect.InstanceNotFound) -> LookupError: return one  # hvinspect.InstanceNotFound
def _b274(one: hvinspect.InstanceNotFound) -> Exception: return one  # hvinspect.InstanceNotFound
def _b275(one: hvinspect.InstanceNotFound) -> BaseException: return one  # hvinspect.InstanceNotFound
class _P276(Protocol):
    def __call__(self, message: str = ..., *, driver: str | None = ..., target: str | None = ...) -> hvinspect.InstanceNotFound: ...
_p276: _P276 = hvinspect.InstanceNotFound  # hvinspect.InstanceNotFound
def _a277(one: hvinspect.InstanceNotFound) -> str: return one.code  # hvinspect.InstanceNotFound.code
def _a278(one: hvinspect.InstanceNotFound) -> str | None: return one.driver  # hvinspect.InstanceNotFound.driver
def _a279(one: hvinspect.InstanceNotFound) -> bool: return one.retryable  # hvinspect.InstanceNotFound.retryable
def _a280(one: hvinspect.InstanceNotFound) -> str | None: return one.target  # hvinspect.InstanceNotFound.target
def _b281(one: hvinspect.InstanceRates) -> hvinspect.driver.Record: return one  # hvinspect.InstanceRates
class _P282(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., instance: hvinspect.Instance, source: hvinspect.RateSource, window_ns: int | None = ..., cpu_cores: float | None = ..., cpu_fraction: float | None = ..., delay_fraction: float | None = ..., disks: tuple[hvinspect.DiskRates, ...] = ..., nics: tuple[hvinspect.NicRates, ...] = ...) -> hvinspect.InstanceRates: ...
_p282: _P282 = hvinspect.InstanceRates  # hvinspect.InstanceRates
def _a283(one: hvinspect.InstanceRates) -> hvinspect.Absences: return one.absences  # hvinspect.InstanceRates.absences
def _a284(one: hvinspect.InstanceRates) -> float | None: return one.cpu_cores  # hvinspect.InstanceRates.cpu_cores
def _a285(one: hvinspect.InstanceRates) -> float | None: return one.cpu_fraction  # hvinspect.InstanceRates.cpu_fraction
def _a286(one: hvinspect.InstanceRates) -> float | None: return one.delay_fraction  # hvinspect.InstanceRates.delay_fraction
def _a287(one: hvinspect.InstanceRates) -> tuple[hvinspect.DiskRates, ...]: return one.disks  # hvinspect.InstanceRates.disks
def _a288(one: hvinspect.InstanceRates) -> hvinspect.Instance: return one.instance  # hvinspect.InstanceRates.instance
def _a289(one: hvinspect.InstanceRates) -> tuple[hvinspect.NicRates, ...]: return one.nics  # hvinspect.InstanceRates.nics
def _a290(one: hvinspect.InstanceRates) -> hvinspect.RateSource: return one.source  # hvinspect.InstanceRates.source
class _P291(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m291(one: hvinspect.InstanceRates) -> _P291: return one  # hvinspect.InstanceRates.why
def _a292(one: hvinspect.InstanceRates) -> int | None: return one.window_ns  # hvinspect.InstanceRates.window_ns
def _b293(one: hvinspect.InstanceStats) -> hvinspect.driver.Record: return one  # hvinspect.InstanceStats
class _P294(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., instance: hvinspect.Instance, incarnation: str, taken: hvinspect.Span, state: hvinspect.State | None = ..., native_state: str | None = ..., state_reason: str | None = ..., cpu: hvinspect.CpuStats = ..., memory: hvinspect.MemoryStats = ..., disks: tuple[hvinspect.DiskStats, ...] = ..., nics: tuple[hvinspect.NicStats, ...] = ..., perf: hvinspect.PerfStats = ..., iothreads: tuple[hvinspect.IothreadStats, ...] = ..., dirty_rate: hvinspect.DirtyRate = ..., job: hvinspect.Job = ..., guest_agent: hvinspect.GuestAgent = ..., supplied_rates: hvinspect.InstanceRates | None = ...) -> hvinspect.InstanceStats: ...
_p294: _P294 = hvinspect.InstanceStats  # hvinspect.InstanceStats
def _a295(one: hvinspect.InstanceStats) -> hvinspect.Absences: return one.absences  # hvinspect.InstanceStats.absences
def _a296(one: hvinspect.InstanceStats) -> hvinspect.CpuStats: return one.cpu  # hvinspect.InstanceStats.cpu
def _a297(one: hvinspect.InstanceStats) -> hvinspect.DirtyRate: return one.dirty_rate  # hvinspect.InstanceStats.dirty_rate
def _a298(one: hvinspect.InstanceStats) -> tuple[hvinspect.DiskStats, ...]: return one.disks  # hvinspect.InstanceStats.disks
def _a299(one: hvinspect.InstanceStats) -> hvinspect.GuestAgent: return one.guest_agent  # hvinspect.InstanceStats.guest_agent
def _a300(one: hvinspect.InstanceStats) -> str: return one.incarnation  # hvinspect.InstanceStats.incarnation
def _a301(one: hvinspect.InstanceStats) -> hvinspect.Instance: return one.instance  # hvinspect.InstanceStats.instance
def _a302(one: hvinspect.InstanceStats) -> tuple[hvinspect.IothreadStats, ...]: return one.iothreads  # hvinspect.InstanceStats.iothreads
def _a303(one: hvinspect.InstanceStats) -> hvinspect.Job: return one.job  # hvinspect.InstanceStats.job
def _a304(one: hvinspect.InstanceStats) -> hvinspect.MemoryStats: return one.memory  # hvinspect.InstanceStats.memory
def _a305(one: hvinspect.InstanceStats) -> str | None: return one.native_state  # hvinspect.InstanceStats.native_state
def _a306(one: hvinspect.InstanceStats) -> tuple[hvinspect.NicStats, ...]: return one.nics  # hvinspect.InstanceStats.nics
def _a307(one: hvinspect.InstanceStats) -> hvinspect.PerfStats: return one.perf  # hvinspect.InstanceStats.perf
def _a308(one: hvinspect.InstanceStats) -> hvinspect.State | None: return one.state  # hvinspect.InstanceStats.state
def _a309(one: hvinspect.InstanceStats) -> str | None: return one.state_reason  # hvinspect.InstanceStats.state_reason
def _a310(one: hvinspect.InstanceStats) -> hvinspect.InstanceRates | None: return one.supplied_rates  # hvinspect.InstanceStats.supplied_rates
def _a311(one: hvinspect.InstanceStats) -> hvinspect.Span: return one.taken  # hvinspect.InstanceStats.taken
class _P312(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m312(one: hvinspect.InstanceStats) -> _P312: return one  # hvinspect.InstanceStats.why
def _b313(one: hvinspect.InvalidTarget) -> hvinspect.Error: return one  # hvinspect.InvalidTarget
def _b314(one: hvinspect.InvalidTarget) -> ValueError: return one  # hvinspect.InvalidTarget
def _b315(one: hvinspect.InvalidTarget) -> Exception: return one  # hvinspect.InvalidTarget
def _b316(one: hvinspect.InvalidTarget) -> BaseException: return one  # hvinspect.InvalidTarget
class _P317(Protocol):
    def __call__(self, message: str = ..., *, driver: str | None = ..., target: str | None = ...) -> hvinspect.InvalidTarget: ...
_p317: _P317 = hvinspect.InvalidTarget  # hvinspect.InvalidTarget
def _a318(one: hvinspect.InvalidTarget) -> str: return one.code  # hvinspect.InvalidTarget.code
def _a319(one: hvinspect.InvalidTarget) -> str | None: return one.driver  # hvinspect.InvalidTarget.driver
def _a320(one: hvinspect.InvalidTarget) -> bool: return one.retryable  # hvinspect.InvalidTarget.retryable
def _a321(one: hvinspect.InvalidTarget) -> str | None: return one.target  # hvinspect.InvalidTarget.target
def _b322(one: hvinspect.IothreadStats) -> hvinspect.driver.Record: return one  # hvinspect.IothreadStats
class _P323(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., index: int, poll_maximum_ns: int | None = ..., poll_grow: int | None = ..., poll_shrink: int | None = ...) -> hvinspect.IothreadStats: ...
_p323: _P323 = hvinspect.IothreadStats  # hvinspect.IothreadStats
def _a324(one: hvinspect.IothreadStats) -> hvinspect.Absences: return one.absences  # hvinspect.IothreadStats.absences
def _a325(one: hvinspect.IothreadStats) -> int: return one.index  # hvinspect.IothreadStats.index
def _a326(one: hvinspect.IothreadStats) -> int | None: return one.poll_grow  # hvinspect.IothreadStats.poll_grow
def _a327(one: hvinspect.IothreadStats) -> int | None: return one.poll_maximum_ns  # hvinspect.IothreadStats.poll_maximum_ns
def _a328(one: hvinspect.IothreadStats) -> int | None: return one.poll_shrink  # hvinspect.IothreadStats.poll_shrink
class _P329(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m329(one: hvinspect.IothreadStats) -> _P329: return one  # hvinspect.IothreadStats.why
def _b330(one: hvinspect.Job) -> hvinspect.driver.Record: return one  # hvinspect.Job
class _P331(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., active: bool | None = ..., kind: str | None = ..., operation: str | None = ..., elapsed_ns: int | None = ..., total_bytes: int | None = ..., processed_bytes: int | None = ..., remaining_bytes: int | None = ...) -> hvinspect.Job: ...
_p331: _P331 = hvinspect.Job  # hvinspect.Job
def _a332(one: hvinspect.Job) -> hvinspect.Absences: return one.absences  # hvinspect.Job.absences
def _a333(one: hvinspect.Job) -> bool | None: return one.active  # hvinspect.Job.active
def _a334(one: hvinspect.Job) -> int | None: return one.elapsed_ns  # hvinspect.Job.elapsed_ns
def _a335(one: hvinspect.Job) -> str | None: return one.kind  # hvinspect.Job.kind
def _a336(one: hvinspect.Job) -> str | None: return one.operation  # hvinspect.Job.operation
def _a337(one: hvinspect.Job) -> int | None: return one.processed_bytes  # hvinspect.Job.processed_bytes
def _a338(one: hvinspect.Job) -> int | None: return one.remaining_bytes  # hvinspect.Job.remaining_bytes
def _a339(one: hvinspect.Job) -> int | None: return one.total_bytes  # hvinspect.Job.total_bytes
class _P340(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m340(one: hvinspect.Job) -> _P340: return one  # hvinspect.Job.why
def _b341(one: hvinspect.Kind) -> str: return one  # hvinspect.Kind
def _b342(one: hvinspect.Kind) -> enum.Enum: return one  # hvinspect.Kind
_e343: Literal[hvinspect.Kind.COUNTER] = hvinspect.Kind.COUNTER  # hvinspect.Kind.COUNTER
_e344: Literal[hvinspect.Kind.GAUGE] = hvinspect.Kind.GAUGE  # hvinspect.Kind.GAUGE
_e345: Literal[hvinspect.Kind.INFO] = hvinspect.Kind.INFO  # hvinspect.Kind.INFO
_e346: Literal[hvinspect.Kind.UNKNOWN] = hvinspect.Kind.UNKNOWN  # hvinspect.Kind.UNKNOWN
def _b347(one: hvinspect.MemoryStats) -> hvinspect.driver.Record: return one  # hvinspect.MemoryStats
class _P348(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., assigned_bytes: int | None = ..., maximum_bytes: int | None = ..., host_resident_bytes: int | None = ..., guest_total_bytes: int | None = ..., guest_unused_bytes: int | None = ..., guest_usable_bytes: int | None = ..., guest_caches_bytes: int | None = ..., guest_swap_in_bytes: int | None = ..., guest_swap_out_bytes: int | None = ..., guest_major_faults: int | None = ..., guest_minor_faults: int | None = ..., guest_hugetlb_allocations: int | None = ..., guest_hugetlb_failures: int | None = ..., guest_updated_unix_ns: int | None = ...) -> hvinspect.MemoryStats: ...
_p348: _P348 = hvinspect.MemoryStats  # hvinspect.MemoryStats
def _a349(one: hvinspect.MemoryStats) -> hvinspect.Absences: return one.absences  # hvinspect.MemoryStats.absences
def _a350(one: hvinspect.MemoryStats) -> int | None: return one.assigned_bytes  # hvinspect.MemoryStats.assigned_bytes
def _a351(one: hvinspect.MemoryStats) -> int | None: return one.guest_caches_bytes  # hvinspect.MemoryStats.guest_caches_bytes
def _a352(one: hvinspect.MemoryStats) -> int | None: return one.guest_hugetlb_allocations  # hvinspect.MemoryStats.guest_hugetlb_allocations
def _a353(one: hvinspect.MemoryStats) -> int | None: return one.guest_hugetlb_failures  # hvinspect.MemoryStats.guest_hugetlb_failures
def _a354(one: hvinspect.MemoryStats) -> int | None: return one.guest_major_faults  # hvinspect.MemoryStats.guest_major_faults
def _a355(one: hvinspect.MemoryStats) -> int | None: return one.guest_minor_faults  # hvinspect.MemoryStats.guest_minor_faults
def _a356(one: hvinspect.MemoryStats) -> int | None: return one.guest_swap_in_bytes  # hvinspect.MemoryStats.guest_swap_in_bytes
def _a357(one: hvinspect.MemoryStats) -> int | None: return one.guest_swap_out_bytes  # hvinspect.MemoryStats.guest_swap_out_bytes
def _a358(one: hvinspect.MemoryStats) -> int | None: return one.guest_total_bytes  # hvinspect.MemoryStats.guest_total_bytes
def _a359(one: hvinspect.MemoryStats) -> int | None: return one.guest_unused_bytes  # hvinspect.MemoryStats.guest_unused_bytes
def _a360(one: hvinspect.MemoryStats) -> int | None: return one.guest_updated_unix_ns  # hvinspect.MemoryStats.guest_updated_unix_ns
def _a361(one: hvinspect.MemoryStats) -> int | None: return one.guest_usable_bytes  # hvinspect.MemoryStats.guest_usable_bytes
def _a362(one: hvinspect.MemoryStats) -> int | None: return one.host_resident_bytes  # hvinspect.MemoryStats.host_resident_bytes
def _a363(one: hvinspect.MemoryStats) -> int | None: return one.maximum_bytes  # hvinspect.MemoryStats.maximum_bytes
class _P364(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m364(one: hvinspect.MemoryStats) -> _P364: return one  # hvinspect.MemoryStats.why
def _b365(one: hvinspect.NicRates) -> hvinspect.driver.Record: return one  # hvinspect.NicRates
class _P366(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., key: str, rx_bytes_per_s: float | None = ..., rx_packets_per_s: float | None = ..., tx_bytes_per_s: float | None = ..., tx_packets_per_s: float | None = ...) -> hvinspect.NicRates: ...
_p366: _P366 = hvinspect.NicRates  # hvinspect.NicRates
def _a367(one: hvinspect.NicRates) -> hvinspect.Absences: return one.absences  # hvinspect.NicRates.absences
def _a368(one: hvinspect.NicRates) -> str: return one.key  # hvinspect.NicRates.key
def _a369(one: hvinspect.NicRates) -> float | None: return one.rx_bytes_per_s  # hvinspect.NicRates.rx_bytes_per_s
def _a370(one: hvinspect.NicRates) -> float | None: return one.rx_packets_per_s  # hvinspect.NicRates.rx_packets_per_s
def _a371(one: hvinspect.NicRates) -> float | None: return one.tx_bytes_per_s  # hvinspect.NicRates.tx_bytes_per_s
def _a372(one: hvinspect.NicRates) -> float | None: return one.tx_packets_per_s  # hvinspect.NicRates.tx_packets_per_s
class _P373(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m373(one: hvinspect.NicRates) -> _P373: return one  # hvinspect.NicRates.why
def _b374(one: hvinspect.NicStats) -> hvinspect.driver.Record: return one  # hvinspect.NicStats
class _P375(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., key: str, incarnation: str, name: str | None = ..., alias: str | None = ..., mac: str | None = ..., model: str | None = ..., kind: str | None = ..., bridge: str | None = ..., port_id: str | None = ..., filter_name: str | None = ..., filter_parameters: tuple[tuple[str, str], ...] = ..., link_up: bool | None = ..., rx_bytes: int | None = ..., rx_packets: int | None = ..., rx_errors: int | None = ..., rx_drops: int | None = ..., tx_bytes: int | None = ..., tx_packets: int | None = ..., tx_errors: int | None = ..., tx_drops: int | None = ...) -> hvinspect.NicStats: ...
_p375: _P375 = hvinspect.NicStats  # hvinspect.NicStats
def _a376(one: hvinspect.NicStats) -> hvinspect.Absences: return one.absences  # hvinspect.NicStats.absences
def _a377(one: hvinspect.NicStats) -> str | None: return one.alias  # hvinspect.NicStats.alias
def _a378(one: hvinspect.NicStats) -> str | None: return one.bridge  # hvinspect.NicStats.bridge
def _a379(one: hvinspect.NicStats) -> str | None: return one.filter_name  # hvinspect.NicStats.filter_name
def _a380(one: hvinspect.NicStats) -> tuple[tuple[str, str], ...]: return one.filter_parameters  # hvinspect.NicStats.filter_parameters
def _a381(one: hvinspect.NicStats) -> str: return one.incarnation  # hvinspect.NicStats.incarnation
def _a382(one: hvinspect.NicStats) -> str: return one.key  # hvinspect.NicStats.key
def _a383(one: hvinspect.NicStats) -> str | None: return one.kind  # hvinspect.NicStats.kind
def _a384(one: hvinspect.NicStats) -> bool | None: return one.link_up  # hvinspect.NicStats.link_up
def _a385(one: hvinspect.NicStats) -> str | None: return one.mac  # hvinspect.NicStats.mac
def _a386(one: hvinspect.NicStats) -> str | None: return one.model  # hvinspect.NicStats.model
def _a387(one: hvinspect.NicStats) -> str | None: return one.name  # hvinspect.NicStats.name
def _a388(one: hvinspect.NicStats) -> str | None: return one.port_id  # hvinspect.NicStats.port_id
def _a389(one: hvinspect.NicStats) -> int | None: return one.rx_bytes  # hvinspect.NicStats.rx_bytes
def _a390(one: hvinspect.NicStats) -> int | None: return one.rx_drops  # hvinspect.NicStats.rx_drops
def _a391(one: hvinspect.NicStats) -> int | None: return one.rx_errors  # hvinspect.NicStats.rx_errors
def _a392(one: hvinspect.NicStats) -> int | None: return one.rx_packets  # hvinspect.NicStats.rx_packets
def _a393(one: hvinspect.NicStats) -> int | None: return one.tx_bytes  # hvinspect.NicStats.tx_bytes
def _a394(one: hvinspect.NicStats) -> int | None: return one.tx_drops  # hvinspect.NicStats.tx_drops
def _a395(one: hvinspect.NicStats) -> int | None: return one.tx_errors  # hvinspect.NicStats.tx_errors
def _a396(one: hvinspect.NicStats) -> int | None: return one.tx_packets  # hvinspect.NicStats.tx_packets
class _P397(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m397(one: hvinspect.NicStats) -> _P397: return one  # hvinspect.NicStats.why
def _b398(one: hvinspect.NotSupported) -> hvinspect.Error: return one  # hvinspect.NotSupported
def _b399(one: hvinspect.NotSupported) -> Exception: return one  # hvinspect.NotSupported
def _b400(one: hvinspect.NotSupported) -> BaseException: return one  # hvinspect.NotSupported
class _P401(Protocol):
    def __call__(self, message: str = ..., *, driver: str | None = ..., target: str | None = ...) -> hvinspect.NotSupported: ...
_p401: _P401 = hvinspect.NotSupported  # hvinspect.NotSupported
def _a402(one: hvinspect.NotSupported) -> str: return one.code  # hvinspect.NotSupported.code
def _a403(one: hvinspect.NotSupported) -> str | None: return one.driver  # hvinspect.NotSupported.driver
def _a404(one: hvinspect.NotSupported) -> bool: return one.retryable  # hvinspect.NotSupported.retryable
def _a405(one: hvinspect.NotSupported) -> str | None: return one.target  # hvinspect.NotSupported.target
def _b406(one: hvinspect.OpenStackMetadata) -> hvinspect.driver.Record: return one  # hvinspect.OpenStackMetadata
class _P407(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., name: str | None = ..., created_unix_ns: int | None = ..., flavor_name: str | None = ..., flavor_id: str | None = ..., flavor_vcpus: int | None = ..., flavor_memory_bytes: int | None = ..., flavor_disk_bytes: int | None = ..., flavor_ephemeral_bytes: int | None = ..., flavor_swap_bytes: int | None = ..., user_id: str | None = ..., user_name: str | None = ..., project_id: str | None = ..., project_name: str | None = ..., image_id: str | None = ..., nova_version: str | None = ...) -> hvinspect.OpenStackMetadata: ...
_p407: _P407 = hvinspect.OpenStackMetadata  # hvinspect.OpenStackMetadata
def _a408(one: hvinspect.OpenStackMetadata) -> hvinspect.Absences: return one.absences  # hvinspect.OpenStackMetadata.absences
def _a409(one: hvinspect.OpenStackMetadata) -> int | None: return one.created_unix_ns  # hvinspect.OpenStackMetadata.created_unix_ns
def _a410(one: hvinspect.OpenStackMetadata) -> int | None: return one.flavor_disk_bytes  # hvinspect.OpenStackMetadata.flavor_disk_bytes
def _a411(one: hvinspect.OpenStackMetadata) -> int | None: return one.flavor_ephemeral_bytes  # hvinspect.OpenStackMetadata.flavor_ephemeral_bytes
def _a412(one: hvinspect.OpenStackMetadata) -> str | None: return one.flavor_id  # hvinspect.OpenStackMetadata.flavor_id
def _a413(one: hvinspect.OpenStackMetadata) -> int | None: return one.flavor_memory_bytes  # hvinspect.OpenStackMetadata.flavor_memory_bytes
def _a414(one: hvinspect.OpenStackMetadata) -> str | None: return one.flavor_name  # hvinspect.OpenStackMetadata.flavor_name
def _a415(one: hvinspect.OpenStackMetadata) -> int | None: return one.flavor_swap_bytes  # hvinspect.OpenStackMetadata.flavor_swap_bytes
def _a416(one: hvinspect.OpenStackMetadata) -> int | None: return one.flavor_vcpus  # hvinspect.OpenStackMetadata.flavor_vcpus
def _a417(one: hvinspect.OpenStackMetadata) -> str | None: return one.image_id  # hvinspect.OpenStackMetadata.image_id
def _a418(one: hvinspect.OpenStackMetadata) -> str | None: return one.name  # hvinspect.OpenStackMetadata.name
def _a419(one: hvinspect.OpenStackMetadata) -> str | None: return one.nova_version  # hvinspect.OpenStackMetadata.nova_version
def _a420(one: hvinspect.OpenStackMetadata) -> str | None: return one.project_id  # hvinspect.OpenStackMetadata.project_id
def _a421(one: hvinspect.OpenStackMetadata) -> str | None: return one.project_name  # hvinspect.OpenStackMetadata.project_name
def _a422(one: hvinspect.OpenStackMetadata) -> str | None: return one.user_id  # hvinspect.OpenStackMetadata.user_id
def _a423(one: hvinspect.OpenStackMetadata) -> str | None: return one.user_name  # hvinspect.OpenStackMetadata.user_name
class _P424(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m424(one: hvinspect.OpenStackMetadata) -> _P424: return one  # hvinspect.OpenStackMetadata.why
def _b425(one: hvinspect.PerfStats) -> hvinspect.driver.Record: return one  # hvinspect.PerfStats
class _P426(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., cpu_cycles: int | None = ..., instructions: int | None = ..., cache_references: int | None = ..., cache_misses: int | None = ..., branch_instructions: int | None = ..., branch_misses: int | None = ..., bus_cycles: int | None = ..., frontend_stalled_cycles: int | None = ..., backend_stalled_cycles: int | None = ..., reference_cpu_cycles: int | None = ..., cpu_clock_ns: int | None = ..., task_clock_ns: int | None = ..., page_faults: int | None = ..., minor_page_faults: int | None = ..., major_page_faults: int | None = ..., context_switches: int | None = ..., cpu_migrations: int | None = ..., alignment_faults: int | None = ..., emulation_faults: int | None = ...) -> hvinspect.PerfStats: ...
_p426: _P426 = hvinspect.PerfStats  # hvinspect.PerfStats
def _a427(one: hvinspect.PerfStats) -> hvinspect.Absences: return one.absences  # hvinspect.PerfStats.absences
def _a428(one: hvinspect.PerfStats) -> int | None: return one.alignment_faults  # hvinspect.PerfStats.alignment_faults
def _a429(one: hvinspect.PerfStats) -> int | None: return one.backend_stalled_cycles  # hvinspect.PerfStats.backend_stalled_cycles
def _a430(one: hvinspect.PerfStats) -> int | None: return one.branch_instructions  # hvinspect.PerfStats.branch_instructions
def _a431(one: hvinspect.PerfStats) -> int | None: return one.branch_misses  # hvinspect.PerfStats.branch_misses
def _a432(one: hvinspect.PerfStats) -> int | None: return one.bus_cycles  # hvinspect.PerfStats.bus_cycles
def _a433(one: hvinspect.PerfStats) -> int | None: return one.cache_misses  # hvinspect.PerfStats.cache_misses
def _a434(one: hvinspect.PerfStats) -> int | None: return one.cache_references  # hvinspect.PerfStats.cache_references
def _a435(one: hvinspect.PerfStats) -> int | None: return one.context_switches  # hvinspect.PerfStats.context_switches
def _a436(one: hvinspect.PerfStats) -> int | None: return one.cpu_clock_ns  # hvinspect.PerfStats.cpu_clock_ns
def _a437(one: hvinspect.PerfStats) -> int | None: return one.cpu_cycles  # hvinspect.PerfStats.cpu_cycles
def _a438(one: hvinspect.PerfStats) -> int | None: return one.cpu_migrations  # hvinspect.PerfStats.cpu_migrations
def _a439(one: hvinspect.PerfStats) -> int | None: return one.emulation_faults  # hvinspect.PerfStats.emulation_faults
def _a440(one: hvinspect.PerfStats) -> int | None: return one.frontend_stalled_cycles  # hvinspect.PerfStats.frontend_stalled_cycles
def _a441(one: hvinspect.PerfStats) -> int | None: return one.instructions  # hvinspect.PerfStats.instructions
def _a442(one: hvinspect.PerfStats) -> int | None: return one.major_page_faults  # hvinspect.PerfStats.major_page_faults
def _a443(one: hvinspect.PerfStats) -> int | None: return one.minor_page_faults  # hvinspect.PerfStats.minor_page_faults
def _a444(one: hvinspect.PerfStats) -> int | None: return one.page_faults  # hvinspect.PerfStats.page_faults
def _a445(one: hvinspect.PerfStats) -> int | None: return one.reference_cpu_cycles  # hvinspect.PerfStats.reference_cpu_cycles
def _a446(one: hvinspect.PerfStats) -> int | None: return one.task_clock_ns  # hvinspect.PerfStats.task_clock_ns
class _P447(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m447(one: hvinspect.PerfStats) -> _P447: return one  # hvinspect.PerfStats.why
def _b448(one: hvinspect.RateClock) -> str: return one  # hvinspect.RateClock
def _b449(one: hvinspect.RateClock) -> enum.Enum: return one  # hvinspect.RateClock
_e450: Literal[hvinspect.RateClock.MONOTONIC] = hvinspect.RateClock.MONOTONIC  # hvinspect.RateClock.MONOTONIC
_e451: Literal[hvinspect.RateClock.WALL] = hvinspect.RateClock.WALL  # hvinspect.RateClock.WALL
_e452: Literal[hvinspect.RateClock.UNKNOWN] = hvinspect.RateClock.UNKNOWN  # hvinspect.RateClock.UNKNOWN
def _b453(one: hvinspect.RateSource) -> str: return one  # hvinspect.RateSource
def _b454(one: hvinspect.RateSource) -> enum.Enum: return one  # hvinspect.RateSource
_e455: Literal[hvinspect.RateSource.DERIVED] = hvinspect.RateSource.DERIVED  # hvinspect.RateSource.DERIVED
_e456: Literal[hvinspect.RateSource.SUPPLIED] = hvinspect.RateSource.SUPPLIED  # hvinspect.RateSource.SUPPLIED
_e457: Literal[hvinspect.RateSource.UNKNOWN] = hvinspect.RateSource.UNKNOWN  # hvinspect.RateSource.UNKNOWN
class _P458(Protocol):
    def __call__(self, *, instances: tuple[hvinspect.InstanceRates, ...], clock: hvinspect.RateClock = ...) -> hvinspect.RatesSnapshot: ...
_p458: _P458 = hvinspect.RatesSnapshot  # hvinspect.RatesSnapshot
class _P459(Protocol):
    def __getitem__(self, key: str | uuid.UUID) -> hvinspect.InstanceRates: ...
def _m459(one: hvinspect.RatesSnapshot) -> _P459: return one  # hvinspect.RatesSnapshot.__getitem__
class _P460(Protocol):
    def __iter__(self) -> collections.abc.Iterator[hvinspect.InstanceRates]: ...
def _m460(one: hvinspect.RatesSnapshot) -> _P460: return one  # hvinspect.RatesSnapshot.__iter__
def _a461(one: hvinspect.RatesSnapshot) -> hvinspect.RateClock: return one.clock  # hvinspect.RatesSnapshot.clock
class _P462(Protocol):
    def get(self, key: str | uuid.UUID) -> hvinspect.InstanceRates | None: ...
def _m462(one: hvinspect.RatesSnapshot) -> _P462: return one  # hvinspect.RatesSnapshot.get
def _a463(one: hvinspect.RatesSnapshot) -> tuple[hvinspect.InstanceRates, ...]: return one.instances  # hvinspect.RatesSnapshot.instances
def _b464(one: hvinspect.Reason) -> str: return one  # hvinspect.Reason
def _b465(one: hvinspect.Reason) -> enum.Enum: return one  # hvinspect.Reason
_e466: Literal[hvinspect.Reason.UNSUPPORTED] = hvinspect.Reason.UNSUPPORTED  # hvinspect.Reason.UNSUPPORTED
_e467: Literal[hvinspect.Reason.NEEDS_NEWER_HYPERVISOR] = hvinspect.Reason.NEEDS_NEWER_HYPERVISOR  # hvinspect.Reason.NEEDS_NEWER_HYPERVISOR
_e468: Literal[hvinspect.Reason.NOT_RUNNING] = hvinspect.Reason.NOT_RUNNING  # hvinspect.Reason.NOT_RUNNING
_e469: Literal[hvinspect.Reason.NEEDS_GUEST] = hvinspect.Reason.NEEDS_GUEST  # hvinspect.Reason.NEEDS_GUEST
_e470: Literal[hvinspect.Reason.NOT_CONFIGURED] = hvinspect.Reason.NOT_CONFIGURED  # hvinspect.Reason.NOT_CONFIGURED
_e471: Literal[hvinspect.Reason.NOT_REQUESTED] = hvinspect.Reason.NOT_REQUESTED  # hvinspect.Reason.NOT_REQUESTED
_e472: Literal[hvinspect.Reason.BUSY] = hvinspect.Reason.BUSY  # hvinspect.Reason.BUSY
_e473: Literal[hvinspect.Reason.TIMED_OUT] = hvinspect.Reason.TIMED_OUT  # hvinspect.Reason.TIMED_OUT
_e474: Literal[hvinspect.Reason.DENIED] = hvinspect.Reason.DENIED  # hvinspect.Reason.DENIED
_e475: Literal[hvinspect.Reason.VANISHED] = hvinspect.Reason.VANISHED  # hvinspect.Reason.VANISHED
_e476: Literal[hvinspect.Reason.NOT_FOUND] = hvinspect.Reason.NOT_FOUND  # hvinspect.Reason.NOT_FOUND
_e477: Literal[hvinspect.Reason.FAILED] = hvinspect.Reason.FAILED  # hvinspect.Reason.FAILED
_e478: Literal[hvinspect.Reason.FIRST_SAMPLE] = hvinspect.Reason.FIRST_SAMPLE  # hvinspect.Reason.FIRST_SAMPLE
_e479: Literal[hvinspect.Reason.RESET] = hvinspect.Reason.RESET  # hvinspect.Reason.RESET
_e480: Literal[hvinspect.Reason.IDENTITY_CHANGED] = hvinspect.Reason.IDENTITY_CHANGED  # hvinspect.Reason.IDENTITY_CHANGED
_e481: Literal[hvinspect.Reason.TOO_CLOSE] = hvinspect.Reason.TOO_CLOSE  # hvinspect.Reason.TOO_CLOSE
_e482: Literal[hvinspect.Reason.NO_EVENTS] = hvinspect.Reason.NO_EVENTS  # hvinspect.Reason.NO_EVENTS
_e483: Literal[hvinspect.Reason.UNKNOWN] = hvinspect.Reason.UNKNOWN  # hvinspect.Reason.UNKNOWN
def _b484(one: hvinspect.ReplyInvalid) -> hvinspect.Error: return one  # hvinspect.ReplyInvalid
def _b485(one: hvinspect.ReplyInvalid) -> Exception: return one  # hvinspect.ReplyInvalid
def _b486(one: hvinspect.ReplyInvalid) -> BaseException: return one  # hvinspect.ReplyInvalid
class _P487(Protocol):
    def __call__(self, message: str = ..., *, driver: str | None = ..., target: str | None = ...) -> hvinspect.ReplyInvalid: ...
_p487: _P487 = hvinspect.ReplyInvalid  # hvinspect.ReplyInvalid
def _a488(one: hvinspect.ReplyInvalid) -> str: return one.code  # hvinspect.ReplyInvalid.code
def _a489(one: hvinspect.ReplyInvalid) -> str | None: return one.driver  # hvinspect.ReplyInvalid.driver
def _a490(one: hvinspect.ReplyInvalid) -> bool: return one.retryable  # hvinspect.ReplyInvalid.retryable
def _a491(one: hvinspect.ReplyInvalid) -> str | None: return one.target  # hvinspect.ReplyInvalid.target
class _P492(Protocol):
    def __call__(self, *, record: hvinspect.HostRates | hvinspect.HostStats | hvinspect.RatesSnapshot | hvinspect.Snapshot, unknown_keys: int, unknown_values: int) -> hvinspect.Restored: ...
_p492: _P492 = hvinspect.Restored  # hvinspect.Restored
def _a493(one: hvinspect.Restored) -> hvinspect.HostRates | hvinspect.HostStats | hvinspect.RatesSnapshot | hvinspect.Snapshot: return one.record  # hvinspect.Restored.record
def _a494(one: hvinspect.Restored) -> int: return one.unknown_keys  # hvinspect.Restored.unknown_keys
def _a495(one: hvinspect.Restored) -> int: return one.unknown_values  # hvinspect.Restored.unknown_values
_is_496: int = hvinspect.SCHEMA  # hvinspect.SCHEMA
class _P497(Protocol):
    def __call__(self, value: str) -> hvinspect.Secret: ...
_p497: _P497 = hvinspect.Secret  # hvinspect.Secret
class _P498(Protocol):
    def reveal(self) -> str: ...
def _m498(one: hvinspect.Secret) -> _P498: return one  # hvinspect.Secret.reveal
class _P499(Protocol):
    def __call__(self, *, instances: tuple[hvinspect.InstanceStats, ...], failures: tuple[hvinspect.Failure, ...], taken: hvinspect.Span, driver: str, host_id: hvinspect.HostId | None = ..., versions: hvinspect.Versions, sources: tuple[tuple[hvinspect.Group, str], ...] = ...) -> hvinspect.Snapshot: ...
_p499: _P499 = hvinspect.Snapshot  # hvinspect.Snapshot
class _P500(Protocol):
    def __getitem__(self, key: str | uuid.UUID) -> hvinspect.InstanceStats: ...
def _m500(one: hvinspect.Snapshot) -> _P500: return one  # hvinspect.Snapshot.__getitem__
class _P501(Protocol):
    def __iter__(self) -> collections.abc.Iterator[hvinspect.InstanceStats]: ...
def _m501(one: hvinspect.Snapshot) -> _P501: return one  # hvinspect.Snapshot.__iter__
def _a502(one: hvinspect.Snapshot) -> str: return one.driver  # hvinspect.Snapshot.driver
def _a503(one: hvinspect.Snapshot) -> tuple[hvinspect.Failure, ...]: return one.failures  # hvinspect.Snapshot.failures
class _P504(Protocol):
    def get(self, key: str | uuid.UUID) -> hvinspect.InstanceStats | None: ...
def _m504(one: hvinspect.Snapshot) -> _P504: return one  # hvinspect.Snapshot.get
def _a505(one: hvinspect.Snapshot) -> hvinspect.HostId | None: return one.host_id  # hvinspect.Snapshot.host_id
def _a506(one: hvinspect.Snapshot) -> tuple[hvinspect.InstanceStats, ...]: return one.instances  # hvinspect.Snapshot.instances
def _a507(one: hvinspect.Snapshot) -> tuple[tuple[hvinspect.Group, str], ...]: return one.sources  # hvinspect.Snapshot.sources
def _a508(one: hvinspect.Snapshot) -> hvinspect.Span: return one.taken  # hvinspect.Snapshot.taken
def _a509(one: hvinspect.Snapshot) -> hvinspect.Versions: return one.versions  # hvinspect.Snapshot.versions
class _P510(Protocol):
    def __call__(self, *, started_unix_ns: int, started_monotonic_ns: int, duration_ns: int, boot_id: str) -> hvinspect.Span: ...
_p510: _P510 = hvinspect.Span  # hvinspect.Span
def _a511(one: hvinspect.Span) -> str: return one.boot_id  # hvinspect.Span.boot_id
def _a512(one: hvinspect.Span) -> int: return one.duration_ns  # hvinspect.Span.duration_ns
def _a513(one: hvinspect.Span) -> int: return one.started_monotonic_ns  # hvinspect.Span.started_monotonic_ns
def _a514(one: hvinspect.Span) -> int: return one.started_unix_ns  # hvinspect.Span.started_unix_ns
def _b515(one: hvinspect.State) -> str: return one  # hvinspect.State
def _b516(one: hvinspect.State) -> enum.Enum: return one  # hvinspect.State
_e517: Literal[hvinspect.State.RUNNING] = hvinspect.State.RUNNING  # hvinspect.State.RUNNING
_e518: Literal[hvinspect.State.PAUSED] = hvinspect.State.PAUSED  # hvinspect.State.PAUSED
_e519: Literal[hvinspect.State.SHUTTING_DOWN] = hvinspect.State.SHUTTING_DOWN  # hvinspect.State.SHUTTING_DOWN
_e520: Literal[hvinspect.State.SHUT_OFF] = hvinspect.State.SHUT_OFF  # hvinspect.State.SHUT_OFF
_e521: Literal[hvinspect.State.CRASHED] = hvinspect.State.CRASHED  # hvinspect.State.CRASHED
_e522: Literal[hvinspect.State.SUSPENDED] = hvinspect.State.SUSPENDED  # hvinspect.State.SUSPENDED
_e523: Literal[hvinspect.State.UNKNOWN] = hvinspect.State.UNKNOWN  # hvinspect.State.UNKNOWN
def _b524(one: hvinspect.Unit) -> str: return one  # hvinspect.Unit
def _b525(one: hvinspect.Unit) -> enum.Enum: return one  # hvinspect.Unit
_e526: Literal[hvinspect.Unit.NANOSECONDS] = hvinspect.Unit.NANOSECONDS  # hvinspect.Unit.NANOSECONDS
_e527: Literal[hvinspect.Unit.UNIX_NANOSECONDS] = hvinspect.Unit.UNIX_NANOSECONDS  # hvinspect.Unit.UNIX_NANOSECONDS
_e528: Literal[hvinspect.Unit.BYTES] = hvinspect.Unit.BYTES  # hvinspect.Unit.BYTES
_e529: Literal[hvinspect.Unit.BYTES_PER_SECOND] = hvinspect.Unit.BYTES_PER_SECOND  # hvinspect.Unit.BYTES_PER_SECOND
_e530: Literal[hvinspect.Unit.PER_SECOND] = hvinspect.Unit.PER_SECOND  # hvinspect.Unit.PER_SECOND
_e531: Literal[hvinspect.Unit.FRACTION] = hvinspect.Unit.FRACTION  # hvinspect.Unit.FRACTION
_e532: Literal[hvinspect.Unit.CORES] = hvinspect.Unit.CORES  # hvinspect.Unit.CORES
_e533: Literal[hvinspect.Unit.COUNT] = hvinspect.Unit.COUNT  # hvinspect.Unit.COUNT
_e534: Literal[hvinspect.Unit.NONE] = hvinspect.Unit.NONE  # hvinspect.Unit.NONE
_e535: Literal[hvinspect.Unit.UNKNOWN] = hvinspect.Unit.UNKNOWN  # hvinspect.Unit.UNKNOWN
def _b536(one: hvinspect.VcpuDirtyRate) -> hvinspect.driver.Record: return one  # hvinspect.VcpuDirtyRate
class _P537(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., index: int, memory_bytes_per_s: int | None = ...) -> hvinspect.VcpuDirtyRate: ...
_p537: _P537 = hvinspect.VcpuDirtyRate  # hvinspect.VcpuDirtyRate
def _a538(one: hvinspect.VcpuDirtyRate) -> hvinspect.Absences: return one.absences  # hvinspect.VcpuDirtyRate.absences
def _a539(one: hvinspect.VcpuDirtyRate) -> int: return one.index  # hvinspect.VcpuDirtyRate.index
def _a540(one: hvinspect.VcpuDirtyRate) -> int | None: return one.memory_bytes_per_s  # hvinspect.VcpuDirtyRate.memory_bytes_per_s
class _P541(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m541(one: hvinspect.VcpuDirtyRate) -> _P541: return one  # hvinspect.VcpuDirtyRate.why
def _b542(one: hvinspect.VcpuState) -> str: return one  # hvinspect.VcpuState
def _b543(one: hvinspect.VcpuState) -> enum.Enum: return one  # hvinspect.VcpuState
_e544: Literal[hvinspect.VcpuState.OFFLINE] = hvinspect.VcpuState.OFFLINE  # hvinspect.VcpuState.OFFLINE
_e545: Literal[hvinspect.VcpuState.RUNNING] = hvinspect.VcpuState.RUNNING  # hvinspect.VcpuState.RUNNING
_e546: Literal[hvinspect.VcpuState.BLOCKED] = hvinspect.VcpuState.BLOCKED  # hvinspect.VcpuState.BLOCKED
_e547: Literal[hvinspect.VcpuState.UNKNOWN] = hvinspect.VcpuState.UNKNOWN  # hvinspect.VcpuState.UNKNOWN
def _b548(one: hvinspect.VcpuStats) -> hvinspect.driver.Record: return one  # hvinspect.VcpuStats
class _P549(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ..., index: int, incarnation: str, state: hvinspect.VcpuState | None = ..., time_ns: int | None = ..., wait_ns: int | None = ..., delay_ns: int | None = ..., halted: bool | None = ..., host_cpu: int | None = ...) -> hvinspect.VcpuStats: ...
_p549: _P549 = hvinspect.VcpuStats  # hvinspect.VcpuStats
def _a550(one: hvinspect.VcpuStats) -> hvinspect.Absences: return one.absences  # hvinspect.VcpuStats.absences
def _a551(one: hvinspect.VcpuStats) -> int | None: return one.delay_ns  # hvinspect.VcpuStats.delay_ns
def _a552(one: hvinspect.VcpuStats) -> bool | None: return one.halted  # hvinspect.VcpuStats.halted
def _a553(one: hvinspect.VcpuStats) -> int | None: return one.host_cpu  # hvinspect.VcpuStats.host_cpu
def _a554(one: hvinspect.VcpuStats) -> str: return one.incarnation  # hvinspect.VcpuStats.incarnation
def _a555(one: hvinspect.VcpuStats) -> int: return one.index  # hvinspect.VcpuStats.index
def _a556(one: hvinspect.VcpuStats) -> hvinspect.VcpuState | None: return one.state  # hvinspect.VcpuStats.state
def _a557(one: hvinspect.VcpuStats) -> int | None: return one.time_ns  # hvinspect.VcpuStats.time_ns
def _a558(one: hvinspect.VcpuStats) -> int | None: return one.wait_ns  # hvinspect.VcpuStats.wait_ns
class _P559(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m559(one: hvinspect.VcpuStats) -> _P559: return one  # hvinspect.VcpuStats.why
class _P560(Protocol):
    def __call__(self, *, hvinspect: str, driver: str, binding: str | None = ..., hypervisor: str | None = ..., hypervisor_version: str | None = ..., manager_version: str | None = ...) -> hvinspect.Versions: ...
_p560: _P560 = hvinspect.Versions  # hvinspect.Versions
def _a561(one: hvinspect.Versions) -> str | None: return one.binding  # hvinspect.Versions.binding
def _a562(one: hvinspect.Versions) -> str: return one.driver  # hvinspect.Versions.driver
def _a563(one: hvinspect.Versions) -> str: return one.hvinspect  # hvinspect.Versions.hvinspect
def _a564(one: hvinspect.Versions) -> str | None: return one.hypervisor  # hvinspect.Versions.hypervisor
def _a565(one: hvinspect.Versions) -> str | None: return one.hypervisor_version  # hvinspect.Versions.hypervisor_version
def _a566(one: hvinspect.Versions) -> str | None: return one.manager_version  # hvinspect.Versions.manager_version
_is_567: str = hvinspect.__version__  # hvinspect.__version__
class _P568(Protocol):
    def __call__(self) -> tuple[hvinspect.DriverStatus, ...]: ...
_p568: _P568 = hvinspect.available_drivers  # hvinspect.available_drivers
class _P569(Protocol):
    def __call__(self, version: str, *, groups: collections.abc.Collection[hvinspect.Group | str] = ..., fields: collections.abc.Collection[str] = ...) -> object: ...
_p569: _P569 = hvinspect.compat.require  # hvinspect.compat.require
class _P570(Protocol):
    def __call__(self, target: str, *, timeout: float = ..., options: collections.abc.Mapping[str, hvinspect.Secret | str] | None = ...) -> hvinspect.Connection: ...
_p570: _P570 = hvinspect.connect  # hvinspect.connect
class _P571(Protocol):
    def __call__(self, limit: int) -> hvinspect.driver.Cap: ...
_p571: _P571 = hvinspect.driver.Cap  # hvinspect.driver.Cap
class _P573(Protocol):
    def __call__(self, place: str, *, limit: int) -> hvinspect.driver.Cap: ...
_p573: _P573 = hvinspect.driver.Cap.at  # hvinspect.driver.Cap.at
def _a574(one: hvinspect.driver.Cap) -> int: return one.stuck  # hvinspect.driver.Cap.stuck
_is_575: int = hvinspect.driver.DRIVER_API  # hvinspect.driver.DRIVER_API
class _P576(Protocol):
    def __call__(self, at_monotonic_ns: int) -> hvinspect.driver.Deadline: ...
_p576: _P576 = hvinspect.driver.Deadline  # hvinspect.driver.Deadline
class _P578(Protocol):
    def __call__(self, seconds: float) -> hvinspect.driver.Deadline: ...
_p578: _P578 = hvinspect.driver.Deadline.after  # hvinspect.driver.Deadline.after
class _P579(Protocol):
    def check(self, what: str) -> object: ...
def _m579(one: hvinspect.driver.Deadline) -> _P579: return one  # hvinspect.driver.Deadline.check
class _P580(Protocol):
    def earlier(self, seconds: float) -> hvinspect.driver.Deadline: ...
def _m580(one: hvinspect.driver.Deadline) -> _P580: return one  # hvinspect.driver.Deadline.earlier
def _a581(one: hvinspect.driver.Deadline) -> bool: return one.passed  # hvinspect.driver.Deadline.passed
def _a582(one: hvinspect.driver.Deadline) -> float: return one.remaining  # hvinspect.driver.Deadline.remaining
class _All583(hvinspect.driver.Driver):  # hvinspect.driver.Driver
    Options: typing.ClassVar[type[typing.Any]]  # hvinspect.driver.Driver.Options
    def close(self) -> None: raise NotImplementedError  # hvinspect.driver.Driver.close
    concurrency: typing.ClassVar[int]  # hvinspect.driver.Driver.concurrency
    def host(self, request: hvinspect.driver.HostRequest) -> hvinspect.HostStats: raise NotImplementedError  # hvinspect.driver.Driver.host
    def inventory(self, request: hvinspect.driver.InventoryRequest) -> collections.abc.Sequence[hvinspect.Instance]: raise NotImplementedError  # hvinspect.driver.Driver.inventory
    @classmethod
    def open(cls, request: hvinspect.driver.OpenRequest) -> typing.Self: raise NotImplementedError  # hvinspect.driver.Driver.open
    def origin(self, request: hvinspect.driver.OriginRequest) -> hvinspect.driver.Origin: raise NotImplementedError  # hvinspect.driver.Driver.origin
    own_calls: typing.ClassVar[int]  # hvinspect.driver.Driver.own_calls
    def provides(self, request: hvinspect.driver.ProvidesRequest) -> collections.abc.Mapping[str, hvinspect.Absence | None]: raise NotImplementedError  # hvinspect.driver.Driver.provides
    def quarantined(self) -> collections.abc.Sequence[str]: raise NotImplementedError  # hvinspect.driver.Driver.quarantined
    def read(self, request: hvinspect.driver.ReadRequest) -> collections.abc.Iterator[hvinspect.Failure | hvinspect.InstanceStats]: raise NotImplementedError  # hvinspect.driver.Driver.read
    takes_urls: typing.ClassVar[bool]  # hvinspect.driver.Driver.takes_urls
    def unknown_statistics(self) -> collections.abc.Sequence[str]: raise NotImplementedError  # hvinspect.driver.Driver.unknown_statistics
_All583()  # hvinspect.driver.Driver
class _Least584(hvinspect.driver.Driver):  # hvinspect.driver.Driver
    def close(self) -> None: raise NotImplementedError  # hvinspect.driver.Driver.close
    def inventory(self, request: hvinspect.driver.InventoryRequest) -> collections.abc.Sequence[hvinspect.Instance]: raise NotImplementedError  # hvinspect.driver.Driver.inventory
    @classmethod
    def open(cls, request: hvinspect.driver.OpenRequest) -> typing.Self: raise NotImplementedError  # hvinspect.driver.Driver.open
    def read(self, request: hvinspect.driver.ReadRequest) -> collections.abc.Iterator[hvinspect.Failure | hvinspect.InstanceStats]: raise NotImplementedError  # hvinspect.driver.Driver.read
_Least584()  # hvinspect.driver.Driver
class _P585(Protocol):
    def __call__(self, *, deadline: hvinspect.driver.Deadline) -> hvinspect.driver.HostRequest: ...
_p585: _P585 = hvinspect.driver.HostRequest  # hvinspect.driver.HostRequest
def _a586(one: hvinspect.driver.HostRequest) -> hvinspect.driver.Deadline: return one.deadline  # hvinspect.driver.HostRequest.deadline
class _P587(Protocol):
    def __call__(self, *, deadline: hvinspect.driver.Deadline) -> hvinspect.driver.InventoryRequest: ...
_p587: _P587 = hvinspect.driver.InventoryRequest  # hvinspect.driver.InventoryRequest
def _a588(one: hvinspect.driver.InventoryRequest) -> hvinspect.driver.Deadline: return one.deadline  # hvinspect.driver.InventoryRequest.deadline
_is_589: int = hvinspect.driver.LONGEST_XML  # hvinspect.driver.LONGEST_XML
_is_590: hvinspect.Absences = hvinspect.driver.NOTHING_ABSENT  # hvinspect.driver.NOTHING_ABSENT
class _P591(Protocol):
    def __call__(self) -> hvinspect.driver.NoOptions: ...
_p591: _P591 = hvinspect.driver.NoOptions  # hvinspect.driver.NoOptions
class _P592(Protocol):
    def __call__(self, *, target: hvinspect.driver.Target, options: typing.Any, deadline: hvinspect.driver.Deadline, workers: hvinspect.driver.Workers, memory: dict[str, typing.Any] = ...) -> hvinspect.driver.OpenRequest: ...
_p592: _P592 = hvinspect.driver.OpenRequest  # hvinspect.driver.OpenRequest
def _a593(one: hvinspect.driver.OpenRequest) -> hvinspect.driver.Deadline: return one.deadline  # hvinspect.driver.OpenRequest.deadline
def _a594(one: hvinspect.driver.OpenRequest) -> dict[str, typing.Any]: return one.memory  # hvinspect.driver.OpenRequest.memory
def _a595(one: hvinspect.driver.OpenRequest) -> typing.Any: return one.options  # hvinspect.driver.OpenRequest.options
def _a596(one: hvinspect.driver.OpenRequest) -> hvinspect.driver.Target: return one.target  # hvinspect.driver.OpenRequest.target
def _a597(one: hvinspect.driver.OpenRequest) -> hvinspect.driver.Workers: return one.workers  # hvinspect.driver.OpenRequest.workers
class _P598(Protocol):
    def __call__(self, *, host_id: hvinspect.HostId | None = ..., binding: str | None = ..., hypervisor: str | None = ..., hypervisor_version: str | None = ..., manager_version: str | None = ..., sources: collections.abc.Mapping[hvinspect.Group, str] | None = ...) -> hvinspect.driver.Origin: ...
_p598: _P598 = hvinspect.driver.Origin  # hvinspect.driver.Origin
def _a599(one: hvinspect.driver.Origin) -> str | None: return one.binding  # hvinspect.driver.Origin.binding
def _a600(one: hvinspect.driver.Origin) -> hvinspect.HostId | None: return one.host_id  # hvinspect.driver.Origin.host_id
def _a601(one: hvinspect.driver.Origin) -> str | None: return one.hypervisor  # hvinspect.driver.Origin.hypervisor
def _a602(one: hvinspect.driver.Origin) -> str | None: return one.hypervisor_version  # hvinspect.driver.Origin.hypervisor_version
def _a603(one: hvinspect.driver.Origin) -> str | None: return one.manager_version  # hvinspect.driver.Origin.manager_version
def _a604(one: hvinspect.driver.Origin) -> collections.abc.Mapping[hvinspect.Group, str] | None: return one.sources  # hvinspect.driver.Origin.sources
class _P605(Protocol):
    def __call__(self, *, deadline: hvinspect.driver.Deadline) -> hvinspect.driver.OriginRequest: ...
_p605: _P605 = hvinspect.driver.OriginRequest  # hvinspect.driver.OriginRequest
def _a606(one: hvinspect.driver.OriginRequest) -> hvinspect.driver.Deadline: return one.deadline  # hvinspect.driver.OriginRequest.deadline
class _P607(Protocol):
    def __call__(self, *, deadline: hvinspect.driver.Deadline) -> hvinspect.driver.ProvidesRequest: ...
_p607: _P607 = hvinspect.driver.ProvidesRequest  # hvinspect.driver.ProvidesRequest
def _a608(one: hvinspect.driver.ProvidesRequest) -> hvinspect.driver.Deadline: return one.deadline  # hvinspect.driver.ProvidesRequest.deadline
class _P609(Protocol):
    def __call__(self, *, instances: collections.abc.Sequence[hvinspect.Instance], groups: frozenset[hvinspect.Group], deadline: hvinspect.driver.Deadline) -> hvinspect.driver.ReadRequest: ...
_p609: _P609 = hvinspect.driver.ReadRequest  # hvinspect.driver.ReadRequest
def _a610(one: hvinspect.driver.ReadRequest) -> hvinspect.driver.Deadline: return one.deadline  # hvinspect.driver.ReadRequest.deadline
def _a611(one: hvinspect.driver.ReadRequest) -> frozenset[hvinspect.Group]: return one.groups  # hvinspect.driver.ReadRequest.groups
def _a612(one: hvinspect.driver.ReadRequest) -> collections.abc.Sequence[hvinspect.Instance]: return one.instances  # hvinspect.driver.ReadRequest.instances
class _P613(Protocol):
    def __call__(self, *, absences: hvinspect.Absences = ...) -> hvinspect.driver.Record: ...
_p613: _P613 = hvinspect.driver.Record  # hvinspect.driver.Record
def _a614(one: hvinspect.driver.Record) -> hvinspect.Absences: return one.absences  # hvinspect.driver.Record.absences
class _P615(Protocol):
    def why(self, field: str) -> hvinspect.Absence | None: ...
def _m615(one: hvinspect.driver.Record) -> _P615: return one  # hvinspect.driver.Record.why
class _P616(Protocol):
    def __call__(self) -> hvinspect.driver.Stopwatch: ...
_p616: _P616 = hvinspect.driver.Stopwatch  # hvinspect.driver.Stopwatch
def _a617(one: hvinspect.driver.Stopwatch) -> int: return one.elapsed_ns  # hvinspect.driver.Stopwatch.elapsed_ns
class _P618(Protocol):
    def span(self) -> hvinspect.Span: ...
def _m618(one: hvinspect.driver.Stopwatch) -> _P618: return one  # hvinspect.driver.Stopwatch.span
def _a619(one: hvinspect.driver.Stopwatch) -> int: return one.started_unix_ns  # hvinspect.driver.Stopwatch.started_unix_ns
class _P620(Protocol):
    def __call__(self, driver: str, rest: str) -> hvinspect.driver.Target: ...
_p620: _P620 = hvinspect.driver.Target  # hvinspect.driver.Target
def _a621(one: hvinspect.driver.Target) -> str: return one.driver  # hvinspect.driver.Target.driver
class _P623(Protocol):
    def __call__(self, text: str) -> hvinspect.driver.Target: ...
_p623: _P623 = hvinspect.driver.Target.parse  # hvinspect.driver.Target.parse
def _a624(one: hvinspect.driver.Target) -> str: return one.rest  # hvinspect.driver.Target.rest
_is_625: hvinspect.Absence = hvinspect.driver.UNEXPLAINED  # hvinspect.driver.UNEXPLAINED
class _P626(Protocol):
    def __call__(self, name: str, *, limit: int) -> hvinspect.driver.Workers: ...
_p626: _P626 = hvinspect.driver.Workers  # hvinspect.driver.Workers
def _a629(one: hvinspect.driver.Workers) -> int: return one.stuck  # hvinspect.driver.Workers.stuck
class _P630(Protocol):
    def __call__(self, unit: hvinspect.Unit, meaning: str, *, since: str, group: hvinspect.Group | None = ..., default: typing.Any = ...) -> typing.Any: ...
_p630: _P630 = hvinspect.driver.counter  # hvinspect.driver.counter
class _P631(Protocol):
    def __call__(self, error: BaseException) -> object: ...
_p631: _P631 = hvinspect.driver.empty_frames  # hvinspect.driver.empty_frames
class _P632(Protocol):
    def __call__(self, unit: hvinspect.Unit, meaning: str, *, since: str, group: hvinspect.Group | None = ..., default: typing.Any = ...) -> typing.Any: ...
_p632: _P632 = hvinspect.driver.gauge  # hvinspect.driver.gauge
class _P633(Protocol):
    def __call__(self, meaning: str, *, since: str, unit: hvinspect.Unit = ..., group: hvinspect.Group | None = ..., default: typing.Any = ...) -> typing.Any: ...
_p633: _P633 = hvinspect.driver.info  # hvinspect.driver.info
class _P634(Protocol):
    def __call__(self) -> str | None: ...
_p634: _P634 = hvinspect.driver.machine_id  # hvinspect.driver.machine_id
class _P635(Protocol):
    def __call__(self, meaning: str, *, default: typing.Any) -> typing.Any: ...
_p635: _P635 = hvinspect.driver.option  # hvinspect.driver.option
class _P636(Protocol):
    def __call__(self, text: str, *, only: collections.abc.Mapping[str, collections.abc.Collection[str]] = ...) -> lxml.etree._Element: ...
_p636: _P636 = hvinspect.driver.parse_xml  # hvinspect.driver.parse_xml
class _P637(Protocol):
    def __call__(self, text: object, *, limit: int = ...) -> str: ...
_p637: _P637 = hvinspect.driver.printable  # hvinspect.driver.printable
class _P638(Protocol):
    def __call__(self) -> str: ...
_p638: _P638 = hvinspect.driver.this_boot  # hvinspect.driver.this_boot
class _P639(Protocol):
    def __call__(self, plain: collections.abc.Mapping[str, typing.Any]) -> hvinspect.Restored: ...
_p639: _P639 = hvinspect.from_dict  # hvinspect.from_dict
class _P640(Protocol):
    @typing.overload
    def __call__(self, before: hvinspect.Snapshot, after: hvinspect.Snapshot) -> hvinspect.RatesSnapshot: ...
    @typing.overload
    def __call__(self, before: hvinspect.HostStats, after: hvinspect.HostStats) -> hvinspect.HostRates: ...
_p640: _P640 = hvinspect.rates  # hvinspect.rates
class _P641(Protocol):
    def __call__(self, *, field: hvinspect.Field, absence: hvinspect.Absence, instance: hvinspect.Instance, device: str | None) -> hvinspect.samples.Missing: ...
_p641: _P641 = hvinspect.samples.Missing  # hvinspect.samples.Missing
def _a642(one: hvinspect.samples.Missing) -> hvinspect.Absence: return one.absence  # hvinspect.samples.Missing.absence
def _a643(one: hvinspect.samples.Missing) -> str | None: return one.device  # hvinspect.samples.Missing.device
def _a644(one: hvinspect.samples.Missing) -> hvinspect.Field: return one.field  # hvinspect.samples.Missing.field
def _a645(one: hvinspect.samples.Missing) -> hvinspect.Instance: return one.instance  # hvinspect.samples.Missing.instance
class _P646(Protocol):
    def __call__(self, *, field: hvinspect.Field, value: typing.Any, instance: hvinspect.Instance, device: str | None, taken: hvinspect.Span) -> hvinspect.samples.Sample: ...
_p646: _P646 = hvinspect.samples.Sample  # hvinspect.samples.Sample
def _a647(one: hvinspect.samples.Sample) -> str | None: return one.device  # hvinspect.samples.Sample.device
def _a648(one: hvinspect.samples.Sample) -> hvinspect.Field: return one.field  # hvinspect.samples.Sample.field
def _a649(one: hvinspect.samples.Sample) -> hvinspect.Instance: return one.instance  # hvinspect.samples.Sample.instance
def _a650(one: hvinspect.samples.Sample) -> hvinspect.Span: return one.taken  # hvinspect.samples.Sample.taken
def _a651(one: hvinspect.samples.Sample) -> typing.Any: return one.value  # hvinspect.samples.Sample.value
class _P652(Protocol):
    def __call__(self, snapshot: hvinspect.Snapshot) -> collections.abc.Iterator[hvinspect.samples.Missing]: ...
_p652: _P652 = hvinspect.samples.absences  # hvinspect.samples.absences
class _P653(Protocol):
    def __call__(self, snapshot: hvinspect.Snapshot) -> collections.abc.Iterator[hvinspect.samples.Sample]: ...
_p653: _P653 = hvinspect.samples.samples  # hvinspect.samples.samples
def _b654(one: hvinspect.testing.FakeClock) -> str: return one  # hvinspect.testing.FakeClock
def _b655(one: hvinspect.testing.FakeClock) -> enum.Enum: return one  # hvinspect.testing.FakeClock
_e656: Literal[hvinspect.testing.FakeClock.HOST] = hvinspect.testing.FakeClock.HOST  # hvinspect.testing.FakeClock.HOST
_e657: Literal[hvinspect.testing.FakeClock.READS] = hvinspect.testing.FakeClock.READS  # hvinspect.testing.FakeClock.READS
_e658: Literal[hvinspect.testing.FakeClock.MANUAL] = hvinspect.testing.FakeClock.MANUAL  # hvinspect.testing.FakeClock.MANUAL
def _b659(one: hvinspect.testing.FakeDriver) -> hvinspect.driver.Driver: return one  # hvinspect.testing.FakeDriver
def _a660(one: hvinspect.testing.FakeDriver) -> type[hvinspect.testing.fake.FakeOptions]: return one.Options  # hvinspect.testing.FakeDriver.Options
class _P661(Protocol):
    def close(self) -> object: ...
def _m661(one: hvinspect.testing.FakeDriver) -> _P661: return one  # hvinspect.testing.FakeDriver.close
def _a662(one: hvinspect.testing.FakeDriver) -> int: return one.concurrency  # hvinspect.testing.FakeDriver.concurrency
class _P663(Protocol):
    def host(self, request: hvinspect.driver.HostRequest) -> hvinspect.HostStats: ...
def _m663(one: hvinspect.testing.FakeDriver) -> _P663: return one  # hvinspect.testing.FakeDriver.host
class _P664(Protocol):
    def inventory(self, request: hvinspect.driver.InventoryRequest) -> collections.abc.Sequence[hvinspect.Instance]: ...
def _m664(one: hvinspect.testing.FakeDriver) -> _P664: return one  # hvinspect.testing.FakeDriver.inventory
class _P666(Protocol):
    def __call__(self, request: hvinspect.driver.OpenRequest) -> hvinspect.testing.FakeDriver: ...
_p666: _P666 = hvinspect.testing.FakeDriver.open  # hvinspect.testing.FakeDriver.open
class _P667(Protocol):
    def origin(self, request: hvinspect.driver.OriginRequest) -> hvinspect.driver.Origin: ...
def _m667(one: hvinspect.testing.FakeDriver) -> _P667: return one  # hvinspect.testing.FakeDriver.origin
def _a668(one: hvinspect.testing.FakeDriver) -> int: return one.own_calls  # hvinspect.testing.FakeDriver.own_calls
class _P669(Protocol):
    def provides(self, request: hvinspect.driver.ProvidesRequest) -> collections.abc.Mapping[str, hvinspect.Absence | None]: ...
def _m669(one: hvinspect.testing.FakeDriver) -> _P669: return one  # hvinspect.testing.FakeDriver.provides
class _P670(Protocol):
    def quarantined(self) -> collections.abc.Sequence[str]: ...
def _m670(one: hvinspect.testing.FakeDriver) -> _P670: return one  # hvinspect.testing.FakeDriver.quarantined
class _P671(Protocol):
    def read(self, request: hvinspect.driver.ReadRequest) -> collections.abc.Iterator[hvinspect.Failure | hvinspect.InstanceStats]: ...
def _m671(one: hvinspect.testing.FakeDriver) -> _P671: return one  # hvinspect.testing.FakeDriver.read
def _a672(one: hvinspect.testing.FakeDriver) -> bool: return one.takes_urls  # hvinspect.testing.FakeDriver.takes_urls
class _P673(Protocol):
    def unknown_statistics(self) -> collections.abc.Sequence[str]: ...
def _m673(one: hvinspect.testing.FakeDriver) -> _P673: return one  # hvinspect.testing.FakeDriver.unknown_statistics
class _P674(Protocol):
    def __call__(self, *, seed: int = ..., instances: int = ..., vcpus: int = ..., disks: int = ..., nics: int = ..., kind: hvinspect.testing.FakeKind = ..., clock: hvinspect.testing.FakeClock = ..., hostile: bool = ..., name: str | None = ...) -> hvinspect.testing.FakeHypervisor: ...
_p674: _P674 = hvinspect.testing.FakeHypervisor  # hvinspect.testing.FakeHypervisor
class _P675(Protocol):
    def __enter__(self) -> typing.Self: ...
def _m675(one: hvinspect.testing.FakeHypervisor) -> _P675: return one  # hvinspect.testing.FakeHypervisor.__enter__
class _P676(Protocol):
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None) -> None: ...
def _m676(one: hvinspect.testing.FakeHypervisor) -> _P676: return one  # hvinspect.testing.FakeHypervisor.__exit__
class _P677(Protocol):
    def accept(self) -> object: ...
def _m677(one: hvinspect.testing.FakeHypervisor) -> _P677: return one  # hvinspect.testing.FakeHypervisor.accept
class _P678(Protocol):
    def add(self, key: str | None = ..., *, name: str | None = ..., state: hvinspect.State | None = ..., vcpus: int | None = ..., disks: int | None = ..., nics: int | None = ...) -> str: ...
def _m678(one: hvinspect.testing.FakeHypervisor) -> _P678: return one  # hvinspect.testing.FakeHypervisor.add
class _P679(Protocol):
    def advance(self, seconds: float) -> object: ...
def _m679(one: hvinspect.testing.FakeHypervisor) -> _P679: return one  # hvinspect.testing.FakeHypervisor.advance
class _P680(Protocol):
    def close(self) -> object: ...
def _m680(one: hvinspect.testing.FakeHypervisor) -> _P680: return one  # hvinspect.testing.FakeHypervisor.close
class _P681(Protocol):
    def connected(self) -> int: ...
def _m681(one: hvinspect.testing.FakeHypervisor) -> _P681: return one  # hvinspect.testing.FakeHypervisor.connected
class _P682(Protocol):
    def disconnect(self) -> object: ...
def _m682(one: hvinspect.testing.FakeHypervisor) -> _P682: return one  # hvinspect.testing.FakeHypervisor.disconnect
class _P683(Protocol):
    def fail(self, key: str, reason: hvinspect.Reason = ..., detail: str = ...) -> object: ...
def _m683(one: hvinspect.testing.FakeHypervisor) -> _P683: return one  # hvinspect.testing.FakeHypervisor.fail
class _P684(Protocol):
    def guests(self) -> tuple[typing.Any, ...]: ...
def _m684(one: hvinspect.testing.FakeHypervisor) -> _P684: return one  # hvinspect.testing.FakeHypervisor.guests
class _P685(Protocol):
    def hang(self, key: str) -> object: ...
def _m685(one: hvinspect.testing.FakeHypervisor) -> _P685: return one  # hvinspect.testing.FakeHypervisor.hang
class _P686(Protocol):
    def heal(self, key: str) -> object: ...
def _m686(one: hvinspect.testing.FakeHypervisor) -> _P686: return one  # hvinspect.testing.FakeHypervisor.heal
def _a687(one: hvinspect.testing.FakeHypervisor) -> tuple[str, ...]: return one.keys  # hvinspect.testing.FakeHypervisor.keys
class _P688(Protocol):
    def lost(self, ticket: int) -> bool: ...
def _m688(one: hvinspect.testing.FakeHypervisor) -> _P688: return one  # hvinspect.testing.FakeHypervisor.lost
class _P690(Protocol):
    def __call__(self, name: str) -> hvinspect.testing.FakeHypervisor | None: ...
_p690: _P690 = hvinspect.testing.FakeHypervisor.of_name  # hvinspect.testing.FakeHypervisor.of_name
class _P691(Protocol):
    def pause(self, key: str) -> object: ...
def _m691(one: hvinspect.testing.FakeHypervisor) -> _P691: return one  # hvinspect.testing.FakeHypervisor.pause
class _P692(Protocol):
    def read_disk(self, key: str, disk: str, size_bytes: int, requests: int) -> object: ...
def _m692(one: hvinspect.testing.FakeHypervisor) -> _P692: return one  # hvinspect.testing.FakeHypervisor.read_disk
class _P693(Protocol):
    def reboot_host(self) -> object: ...
def _m693(one: hvinspect.testing.FakeHypervisor) -> _P693: return one  # hvinspect.testing.FakeHypervisor.reboot_host
class _P694(Protocol):
    def receive(self, key: str, nic: str, size_bytes: int, packets: int) -> object: ...
def _m694(one: hvinspect.testing.FakeHypervisor) -> _P694: return one  # hvinspect.testing.FakeHypervisor.receive
class _P695(Protocol):
    def recreate(self, key: str) -> object: ...
def _m695(one: hvinspect.testing.FakeHypervisor) -> _P695: return one  # hvinspect.testing.FakeHypervisor.recreate
class _P696(Protocol):
    def refuse(self, detail: str = ...) -> object: ...
def _m696(one: hvinspect.testing.FakeHypervisor) -> _P696: return one  # hvinspect.testing.FakeHypervisor.refuse
class _P697(Protocol):
    def remove(self, key: str) -> object: ...
def _m697(one: hvinspect.testing.FakeHypervisor) -> _P697: return one  # hvinspect.testing.FakeHypervisor.remove
class _P698(Protocol):
    def replug_disk(self, key: str, disk: str) -> object: ...
def _m698(one: hvinspect.testing.FakeHypervisor) -> _P698: return one  # hvinspect.testing.FakeHypervisor.replug_disk
class _P699(Protocol):
    def replug_nic(self, key: str, nic: str) -> object: ...
def _m699(one: hvinspect.testing.FakeHypervisor) -> _P699: return one  # hvinspect.testing.FakeHypervisor.replug_nic
class _P700(Protocol):
    def reset_counters(self, key: str) -> object: ...
def _m700(one: hvinspect.testing.FakeHypervisor) -> _P700: return one  # hvinspect.testing.FakeHypervisor.reset_counters
class _P701(Protocol):
    def resume(self, key: str) -> object: ...
def _m701(one: hvinspect.testing.FakeHypervisor) -> _P701: return one  # hvinspect.testing.FakeHypervisor.resume
class _P702(Protocol):
    def send(self, key: str, nic: str, size_bytes: int, packets: int) -> object: ...
def _m702(one: hvinspect.testing.FakeHypervisor) -> _P702: return one  # hvinspect.testing.FakeHypervisor.send
class _P703(Protocol):
    def spin(self, key: str, seconds: float) -> object: ...
def _m703(one: hvinspect.testing.FakeHypervisor) -> _P703: return one  # hvinspect.testing.FakeHypervisor.spin
class _P704(Protocol):
    def start(self, key: str) -> object: ...
def _m704(one: hvinspect.testing.FakeHypervisor) -> _P704: return one  # hvinspect.testing.FakeHypervisor.start
class _P705(Protocol):
    def stop(self, key: str) -> object: ...
def _m705(one: hvinspect.testing.FakeHypervisor) -> _P705: return one  # hvinspect.testing.FakeHypervisor.stop
def _a706(one: hvinspect.testing.FakeHypervisor) -> str: return one.target  # hvinspect.testing.FakeHypervisor.target
class _P707(Protocol):
    def tick(self) -> object: ...
def _m707(one: hvinspect.testing.FakeHypervisor) -> _P707: return one  # hvinspect.testing.FakeHypervisor.tick
class _P708(Protocol):
    def unplug(self, key: str, device: str) -> object: ...
def _m708(one: hvinspect.testing.FakeHypervisor) -> _P708: return one  # hvinspect.testing.FakeHypervisor.unplug
class _P709(Protocol):
    def wait(self, key: str, ticket: int, seconds: float) -> object: ...
def _m709(one: hvinspect.testing.FakeHypervisor) -> _P709: return one  # hvinspect.testing.FakeHypervisor.wait
class _P710(Protocol):
    def write_disk(self, key: str, disk: str, size_bytes: int, requests: int) -> object: ...
def _m710(one: hvinspect.testing.FakeHypervisor) -> _P710: return one  # hvinspect.testing.FakeHypervisor.write_disk
def _b711(one: hvinspect.testing.FakeKind) -> str: return one  # hvinspect.testing.FakeKind
def _b712(one: hvinspect.testing.FakeKind) -> enum.Enum: return one  # hvinspect.testing.FakeKind
_e713: Literal[hvinspect.testing.FakeKind.COUNTERS] = hvinspect.testing.FakeKind.COUNTERS  # hvinspect.testing.FakeKind.COUNTERS
_e714: Literal[hvinspect.testing.FakeKind.RATES] = hvinspect.testing.FakeKind.RATES  # hvinspect.testing.FakeKind.RATES
def _b715(one: hvinspect.testing.ReplayDriver) -> hvinspect.driver.Driver: return one  # hvinspect.testing.ReplayDriver
def _a716(one: hvinspect.testing.ReplayDriver) -> type[typing.Any]: return one.Options  # hvinspect.testing.ReplayDriver.Options
class _P717(Protocol):
    def close(self) -> object: ...
def _m717(one: hvinspect.testing.ReplayDriver) -> _P717: return one  # hvinspect.testing.ReplayDriver.close
def _a718(one: hvinspect.testing.ReplayDriver) -> int: return one.concurrency  # hvinspect.testing.ReplayDriver.concurrency
class _P719(Protocol):
    def host(self, request: hvinspect.driver.HostRequest) -> hvinspect.HostStats: ...
def _m719(one: hvinspect.testing.ReplayDriver) -> _P719: return one  # hvinspect.testing.ReplayDriver.host
class _P720(Protocol):
    def inventory(self, request: hvinspect.driver.InventoryRequest) -> collections.abc.Sequence[hvinspect.Instance]: ...
def _m720(one: hvinspect.testing.ReplayDriver) -> _P720: return one  # hvinspect.testing.ReplayDriver.inventory
class _P722(Protocol):
    def __call__(self, request: hvinspect.driver.OpenRequest) -> hvinspect.testing.ReplayDriver: ...
_p722: _P722 = hvinspect.testing.ReplayDriver.open  # hvinspect.testing.ReplayDriver.open
class _P723(Protocol):
    def origin(self, request: hvinspect.driver.OriginRequest) -> hvinspect.driver.Origin: ...
def _m723(one: hvinspect.testing.ReplayDriver) -> _P723: return one  # hvinspect.testing.ReplayDriver.origin
def _a724(one: hvinspect.testing.ReplayDriver) -> int: return one.own_calls  # hvinspect.testing.ReplayDriver.own_calls
class _P725(Protocol):
    def provides(self, request: hvinspect.driver.ProvidesRequest) -> collections.abc.Mapping[str, hvinspect.Absence | None]: ...
def _m725(one: hvinspect.testing.ReplayDriver) -> _P725: return one  # hvinspect.testing.ReplayDriver.provides
class _P726(Protocol):
    def quarantined(self) -> collections.abc.Sequence[str]: ...
def _m726(one: hvinspect.testing.ReplayDriver) -> _P726: return one  # hvinspect.testing.ReplayDriver.quarantined
class _P727(Protocol):
    def read(self, request: hvinspect.driver.ReadRequest) -> collections.abc.Iterator[hvinspect.Failure | hvinspect.InstanceStats]: ...
def _m727(one: hvinspect.testing.ReplayDriver) -> _P727: return one  # hvinspect.testing.ReplayDriver.read
def _a728(one: hvinspect.testing.ReplayDriver) -> bool: return one.takes_urls  # hvinspect.testing.ReplayDriver.takes_urls
class _P729(Protocol):
    def unknown_statistics(self) -> collections.abc.Sequence[str]: ...
def _m729(one: hvinspect.testing.ReplayDriver) -> _P729: return one  # hvinspect.testing.ReplayDriver.unknown_statistics
_is_730: tuple[hvinspect.testing.conformance.Check, ...] = hvinspect.testing.conformance.CHECKS  # hvinspect.testing.conformance.CHECKS
class _P731(Protocol):
    def __call__(self, *, name: str, since: str, preview: bool, meaning: str, faults: collections.abc.Callable[[typing.Any], collections.abc.Iterator[str]]) -> hvinspect.testing.conformance.Check: ...
_p731: _P731 = hvinspect.testing.conformance.Check  # hvinspect.testing.conformance.Check
class _P732(Protocol):
    def __call__(self, subject: typing.Any) -> hvinspect.testing.conformance.Result: ...
def _m732(one: hvinspect.testing.conformance.Check) -> _P732: return one  # hvinspect.testing.conformance.Check.__call__
def _a733(one: hvinspect.testing.conformance.Check) -> collections.abc.Callable[[typing.Any], collections.abc.Iterator[str]]: return one.faults  # hvinspect.testing.conformance.Check.faults
def _a734(one: hvinspect.testing.conformance.Check) -> str: return one.meaning  # hvinspect.testing.conformance.Check.meaning
def _a735(one: hvinspect.testing.conformance.Check) -> str: return one.name  # hvinspect.testing.conformance.Check.name
def _a736(one: hvinspect.testing.conformance.Check) -> bool: return one.preview  # hvinspect.testing.conformance.Check.preview
def _a737(one: hvinspect.testing.conformance.Check) -> str: return one.since  # hvinspect.testing.conformance.Check.since
class _P738(Protocol):
    def __call__(self, *, instance: str, nic: str, bytes: int, packets: int) -> hvinspect.testing.conformance.Moved: ...
_p738: _P738 = hvinspect.testing.conformance.Moved  # hvinspect.testing.conformance.Moved
def _a739(one: hvinspect.testing.conformance.Moved) -> int: return one.bytes  # hvinspect.testing.conformance.Moved.bytes
def _a740(one: hvinspect.testing.conformance.Moved) -> str: return one.instance  # hvinspect.testing.conformance.Moved.instance
def _a741(one: hvinspect.testing.conformance.Moved) -> str: return one.nic  # hvinspect.testing.conformance.Moved.nic
def _a742(one: hvinspect.testing.conformance.Moved) -> int: return one.packets  # hvinspect.testing.conformance.Moved.packets
def _b743(one: hvinspect.testing.conformance.Outcome) -> str: return one  # hvinspect.testing.conformance.Outcome
def _b744(one: hvinspect.testing.conformance.Outcome) -> enum.Enum: return one  # hvinspect.testing.conformance.Outcome
_e745: Literal[hvinspect.testing.conformance.Outcome.PASSED] = hvinspect.testing.conformance.Outcome.PASSED  # hvinspect.testing.conformance.Outcome.PASSED
_e746: Literal[hvinspect.testing.conformance.Outcome.FAILED] = hvinspect.testing.conformance.Outcome.FAILED  # hvinspect.testing.conformance.Outcome.FAILED
_e747: Literal[hvinspect.testing.conformance.Outcome.WARNED] = hvinspect.testing.conformance.Outcome.WARNED  # hvinspect.testing.conformance.Outcome.WARNED
_e748: Literal[hvinspect.testing.conformance.Outcome.SKIPPED] = hvinspect.testing.conformance.Outcome.SKIPPED  # hvinspect.testing.conformance.Outcome.SKIPPED
_e749: Literal[hvinspect.testing.conformance.Outcome.UNKNOWN] = hvinspect.testing.conformance.Outcome.UNKNOWN  # hvinspect.testing.conformance.Outcome.UNKNOWN
class _P750(Protocol):
    def __call__(self, *, target: str, results: tuple[hvinspect.testing.conformance.Result, ...]) -> hvinspect.testing.conformance.Report: ...
_p750: _P750 = hvinspect.testing.conformance.Report  # hvinspect.testing.conformance.Report
class _P751(Protocol):
    def __getitem__(self, check: str) -> hvinspect.testing.conformance.Result: ...
def _m751(one: hvinspect.testing.conformance.Report) -> _P751: return one  # hvinspect.testing.conformance.Report.__getitem__
class _P752(Protocol):
    def __iter__(self) -> collections.abc.Iterator[hvinspect.testing.conformance.Result]: ...
def _m752(one: hvinspect.testing.conformance.Report) -> _P752: return one  # hvinspect.testing.conformance.Report.__iter__
def _a753(one: hvinspect.testing.conformance.Report) -> bool: return one.ok  # hvinspect.testing.conformance.Report.ok
def _a754(one: hvinspect.testing.conformance.Report) -> tuple[hvinspect.testing.conformance.Result, ...]: return one.results  # hvinspect.testing.conformance.Report.results
def _a755(one: hvinspect.testing.conformance.Report) -> str: return one.target  # hvinspect.testing.conformance.Report.target
class _P756(Protocol):
    def __call__(self, *, check: str, outcome: hvinspect.testing.conformance.Outcome, details: tuple[str, ...] = ...) -> hvinspect.testing.conformance.Result: ...
_p756: _P756 = hvinspect.testing.conformance.Result  # hvinspect.testing.conformance.Result
def _a757(one: hvinspect.testing.conformance.Result) -> str: return one.check  # hvinspect.testing.conformance.Result.check
def _a758(one: hvinspect.testing.conformance.Result) -> tuple[str, ...]: return one.details  # hvinspect.testing.conformance.Result.details
def _a759(one: hvinspect.testing.conformance.Result) -> hvinspect.testing.conformance.Outcome: return one.outcome  # hvinspect.testing.conformance.Result.outcome
def _b760(one: hvinspect.testing.conformance.Way) -> str: return one  # hvinspect.testing.conformance.Way
def _b761(one: hvinspect.testing.conformance.Way) -> enum.Enum: return one  # hvinspect.testing.conformance.Way
_e762: Literal[hvinspect.testing.conformance.Way.RECEIVE] = hvinspect.testing.conformance.Way.RECEIVE  # hvinspect.testing.conformance.Way.RECEIVE
_e763: Literal[hvinspect.testing.conformance.Way.SEND] = hvinspect.testing.conformance.Way.SEND  # hvinspect.testing.conformance.Way.SEND
class _P764(Protocol):
    def __call__(self, target: str, *, options: collections.abc.Mapping[str, hvinspect.Secret | str] | None = ..., timeout: float = ..., interval: float = ..., traffic: collections.abc.Callable[[hvinspect.testing.conformance.Way], hvinspect.testing.conformance.Moved] | None = ..., skip: collections.abc.Mapping[str, str] | None = ...) -> hvinspect.testing.conformance.Report: ...
_p764: _P764 = hvinspect.testing.conformance.run  # hvinspect.testing.conformance.run
class _P765(Protocol):
    def __call__(self, *, seed: int = ..., instances: int = ..., vcpus: int = ..., disks: int = ..., nics: int = ..., kind: hvinspect.testing.FakeKind = ..., clock: hvinspect.testing.FakeClock = ..., hostile: bool = ...) -> hvinspect.testing.fake.FakeOptions: ...
_p765: _P765 = hvinspect.testing.fake.FakeOptions  # hvinspect.testing.fake.FakeOptions
def _a766(one: hvinspect.testing.fake.FakeOptions) -> hvinspect.testing.FakeClock: return one.clock  # hvinspect.testing.fake.FakeOptions.clock
def _a767(one: hvinspect.testing.fake.FakeOptions) -> int: return one.disks  # hvinspect.testing.fake.FakeOptions.disks
def _a768(one: hvinspect.testing.fake.FakeOptions) -> bool: return one.hostile  # hvinspect.testing.fake.FakeOptions.hostile
def _a769(one: hvinspect.testing.fake.FakeOptions) -> int: return one.instances  # hvinspect.testing.fake.FakeOptions.instances
def _a770(one: hvinspect.testing.fake.FakeOptions) -> hvinspect.testing.FakeKind: return one.kind  # hvinspect.testing.fake.FakeOptions.kind
def _a771(one: hvinspect.testing.fake.FakeOptions) -> int: return one.nics  # hvinspect.testing.fake.FakeOptions.nics
def _a772(one: hvinspect.testing.fake.FakeOptions) -> int: return one.seed  # hvinspect.testing.fake.FakeOptions.seed
def _a773(one: hvinspect.testing.fake.FakeOptions) -> int: return one.vcpus  # hvinspect.testing.fake.FakeOptions.vcpus
class _P774(Protocol):
    def __call__(self, hook: typing.Literal['host', 'inventory', 'open', 'provides', 'read'], calls: frozenset[int] | set[int] | None = ...) -> hvinspect.testing.faults.Deny: ...
_p774: _P774 = hvinspect.testing.faults.Deny  # hvinspect.testing.faults.Deny
def _a775(one: hvinspect.testing.faults.Deny) -> frozenset[int] | set[int] | None: return one.calls  # hvinspect.testing.faults.Deny.calls
def _a776(one: hvinspect.testing.faults.Deny) -> typing.Literal['host', 'inventory', 'open', 'provides', 'read']: return one.hook  # hvinspect.testing.faults.Deny.hook
class _P777(Protocol):
    def __call__(self, groups: frozenset[hvinspect.Group] | set[hvinspect.Group], calls: frozenset[int] | set[int] | None = ...) -> hvinspect.testing.faults.DenyGroups: ...
_p777: _P777 = hvinspect.testing.faults.DenyGroups  # hvinspect.testing.faults.DenyGroups
def _a778(one: hvinspect.testing.faults.DenyGroups) -> frozenset[int] | set[int] | None: return one.calls  # hvinspect.testing.faults.DenyGroups.calls
def _a779(one: hvinspect.testing.faults.DenyGroups) -> frozenset[hvinspect.Group] | set[hvinspect.Group]: return one.groups  # hvinspect.testing.faults.DenyGroups.groups
class _P780(Protocol):
    def __call__(self, hook: typing.Literal['host', 'inventory', 'open', 'provides', 'read'], calls: frozenset[int] | set[int] | None = ...) -> hvinspect.testing.faults.Disconnect: ...
_p780: _P780 = hvinspect.testing.faults.Disconnect  # hvinspect.testing.faults.Disconnect
def _a781(one: hvinspect.testing.faults.Disconnect) -> frozenset[int] | set[int] | None: return one.calls  # hvinspect.testing.faults.Disconnect.calls
def _a782(one: hvinspect.testing.faults.Disconnect) -> typing.Literal['host', 'inventory', 'open', 'provides', 'read']: return one.hook  # hvinspect.testing.faults.Disconnect.hook
class _P783(Protocol):
    def __call__(self, hook: typing.Literal['host', 'inventory', 'open', 'provides', 'read'], calls: frozenset[int] | set[int] | None = ..., seconds: float | None = ...) -> hvinspect.testing.faults.Hang: ...
_p783: _P783 = hvinspect.testing.faults.Hang  # hvinspect.testing.faults.Hang
def _a784(one: hvinspect.testing.faults.Hang) -> frozenset[int] | set[int] | None: return one.calls  # hvinspect.testing.faults.Hang.calls
def _a785(one: hvinspect.testing.faults.Hang) -> typing.Literal['host', 'inventory', 'open', 'provides', 'read']: return one.hook  # hvinspect.testing.faults.Hang.hook
def _a786(one: hvinspect.testing.faults.Hang) -> float | None: return one.seconds  # hvinspect.testing.faults.Hang.seconds
class _P787(Protocol):
    def __call__(self, results: int, calls: frozenset[int] | set[int] | None = ...) -> hvinspect.testing.faults.Partly: ...
_p787: _P787 = hvinspect.testing.faults.Partly  # hvinspect.testing.faults.Partly
def _a788(one: hvinspect.testing.faults.Partly) -> frozenset[int] | set[int] | None: return one.calls  # hvinspect.testing.faults.Partly.calls
def _a789(one: hvinspect.testing.faults.Partly) -> int: return one.results  # hvinspect.testing.faults.Partly.results
class _P790(Protocol):
    def __call__(self, key: str, calls: frozenset[int] | set[int] | None = ...) -> hvinspect.testing.faults.Vanish: ...
_p790: _P790 = hvinspect.testing.faults.Vanish  # hvinspect.testing.faults.Vanish
def _a791(one: hvinspect.testing.faults.Vanish) -> frozenset[int] | set[int] | None: return one.calls  # hvinspect.testing.faults.Vanish.calls
def _a792(one: hvinspect.testing.faults.Vanish) -> str: return one.key  # hvinspect.testing.faults.Vanish.key
class _P793(Protocol):
    def __call__(self, driver: type[hvinspect.driver.Driver], faults: collections.abc.Sequence[hvinspect.testing.faults.Deny | hvinspect.testing.faults.DenyGroups | hvinspect.testing.faults.Disconnect | hvinspect.testing.faults.Hang | hvinspect.testing.faults.Partly | hvinspect.testing.faults.Vanish], *, name: str = ...) -> contextlib.AbstractContextManager[str]: ...
_p793: _P793 = hvinspect.testing.faults.wrap  # hvinspect.testing.faults.wrap
class _P794(Protocol):
    def __call__(self, connection: hvinspect.Connection, folder: pathlib.Path | str, *, snapshots: int = ..., interval: float = ..., groups: collections.abc.Collection[hvinspect.Group] = ..., timeout: float = ...) -> object: ...
_p794: _P794 = hvinspect.testing.record  # hvinspect.testing.record
class _P795(Protocol):
    def __call__(self, name: str, driver: type[hvinspect.driver.Driver]) -> contextlib.AbstractContextManager[str]: ...
_p795: _P795 = hvinspect.testing.registered  # hvinspect.testing.registered
_is_796: int = hvinspect.testing.replay.FORMAT  # hvinspect.testing.replay.FORMAT
class _P797(Protocol):
    def __call__(self, stored: hvinspect.HostRates | hvinspect.HostStats | hvinspect.RatesSnapshot | hvinspect.Snapshot) -> dict[str, typing.Any]: ...
_p797: _P797 = hvinspect.to_dict  # hvinspect.to_dict
