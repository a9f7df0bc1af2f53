"""The libvirt driver: every call of libvirt's that hvinspect makes, and the one place where its errors are mapped."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from hvinspect.driver import (
    Absence,
    Driver,
    Failure,
    Group,
    HostRequest,
    HostStats,
    Instance,
    InstanceNotFound,
    InstanceStats,
    InventoryRequest,
    OpenRequest,
    Origin,
    OriginRequest,
    ProvidesRequest,
    ReadRequest,
    Reason,
    ReplyInvalid,
    Stopwatch,
    option,
    printable,
)

from ._libvirt_decode import Reading, decode
from ._libvirt_describe import Description, describe
from ._libvirt_devices import fits
from ._libvirt_errors import absence_of, call_error, open_error
from ._libvirt_host import decode_host, decode_job, host_identity, sources, version_text
from ._libvirt_per_guest import add_block_info, read_guest
from ._libvirt_provides import provided
from ._libvirt_quiet import quiet
from ._libvirt_reply import Reply
from ._libvirt_uri import parse_uri

_imported_before = "libvirt" in sys.modules
import libvirt  # noqa: E402  # whether the host program had it before us decides who owns its error handler

quiet(libvirt, imported_before=_imported_before)

__all__ = ["LibvirtDriver", "LibvirtOptions"]

T = TypeVar("T")

_GROUP_FLAGS = {
    Group.STATE: libvirt.VIR_DOMAIN_STATS_STATE,
    Group.CPU: libvirt.VIR_DOMAIN_STATS_CPU_TOTAL | libvirt.VIR_DOMAIN_STATS_VCPU,
    Group.MEMORY: libvirt.VIR_DOMAIN_STATS_BALLOON,
    Group.NIC: libvirt.VIR_DOMAIN_STATS_INTERFACE,
    Group.DISK: libvirt.VIR_DOMAIN_STATS_BLOCK,
    Group.BLOCK_DETAIL: libvirt.VIR_DOMAIN_STATS_BLOCK,
    Group.PERF: libvirt.VIR_DOMAIN_STATS_PERF,
    Group.IOTHREAD: libvirt.VIR_DOMAIN_STATS_IOTHREAD,
    Group.DIRTY_RATE: libvirt.VIR_DOMAIN_STATS_DIRTYRATE,
}
#: An older description is read again. Half of what is promised, so that a reader's interval fits in between.
_OLDEST_DESCRIPTION_NS = 30 * 1_000_000_000


class Access(str, Enum):
    """What the connection may do."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class LibvirtOptions:
    """The options of a libvirt target."""

    access: Access = option(
        "write opens a second connection that may change guests, used for the groups that need it and nothing else",
        default=Access.READ,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """A domain's description and the instance that it completes."""

    instance: Instance
    description: Description
    indexes: tuple[str, ...]
    problem: Absence | None = None


class LibvirtDriver(Driver):
    """One read-only connection to a libvirt daemon, or to the test driver inside the client's library."""

    Options: ClassVar[type[Any]] = LibvirtOptions

    def __init__(self, connection: Any, uri: str, *, is_local: bool) -> None:
        self._connection = connection
        self._uri = uri
        self._is_local = is_local
        self._hypervisor: str = connection.getType()
        self._has_bulk = self._hypervisor == "QEMU"
        self._daemon_version: int = connection.getLibVersion()
        self._identity = host_identity(connection.getCapabilities(), is_local=is_local)
        self._known: dict[str, _Known] = {}

    @classmethod
    def open(cls, request: OpenRequest) -> Self:
        """Open the read-only connection, and nothing else."""
        uri = parse_uri(request.target.rest)
        try:
            connection = libvirt.openReadOnly(uri.text)
        except libvirt.libvirtError as exc:
            raise open_error(exc.get_error_code(), _message(exc), printable(uri.text)) from exc
        try:
            return cls(connection, uri.text, is_local=uri.is_local)
        except libvirt.libvirtError as exc:
            raise open_error(exc.get_error_code(), _message(exc), printable(uri.text)) from exc

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def origin(self, request: OriginRequest) -> Origin:
        """The daemon's word on itself; the host's machine-id if it is this very host."""
        return Origin(
            host_id=self._identity.host_id,
            binding=f"libvirt-python {version_text(libvirt.getVersion())}",
            hypervisor=self._hypervisor,
            hypervisor_version=self._call("version", self._hypervisor_version),
            manager_version=f"libvirt {version_text(self._daemon_version)}",
            sources=sources(bulk=self._has_bulk),
        )

    def _hypervisor_version(self) -> str:
        return version_text(self._connection.getVersion())

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        """By the hypervisor behind the daemon, and by the daemon's version."""
        return provided(self._hypervisor, self._daemon_version)

    def host(self, request: HostRequest) -> HostStats:
        """The host's CPUs and memory, as the daemon gives them."""
        watch = Stopwatch()
        answers: dict[str, Any] = {}
        for name, call in {
            "hostname": self._connection.getHostname,
            "version": self._hypervisor_version,
            "info": self._connection.getInfo,
            "cpu": lambda: self._connection.getCPUStats(libvirt.VIR_NODE_CPU_STATS_ALL_CPUS),
            "memory": lambda: self._connection.getMemoryStats(libvirt.VIR_NODE_MEMORY_STATS_ALL_CELLS),
        }.items():
            answers[name] = self._or_absence(f"host {name}", call)
        return decode_host(answers, self._identity, hypervisor=self._hypervisor, taken=watch.span())

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        """Every domain, running or not."""
        found = [_instance(domain) for domain in self._call("the list of domains", self._domains)]
        keys = {one.key for one in found}
        for gone in self._known.keys() - keys:
            self._known.pop(gone, None)
        return found

    def _domains(self) -> list[Any]:
        domains: list[Any] = self._connection.listAllDomains(0)
        return domains

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        """In one bulk call where the hypervisor has it, else one instance after another."""
        by_uuid = {domain.UUIDString(): domain for domain in self._call("the list of domains", self._domains)}
        wanted = [(one, by_uuid[one.key]) for one in request.instances if one.key in by_uuid]
        for one in request.instances:
            if one.key not in by_uuid:
                yield Failure(instance=one, reason=Reason.VANISHED, detail="it went away while it was read")
        replies = self._bulk(request, wanted) if self._has_bulk else self._one_by_one(request, wanted)
        for instance, domain, reply, watch in replies:
            try:
                yield self._finish(request, instance, domain, reply, watch)
            except InstanceNotFound as exc:
                yield Failure(instance=instance, reason=Reason.VANISHED, detail=printable(exc))

    def _finish(
        self, request: ReadRequest, instance: Instance, domain: Any, reply: Reply, watch: Stopwatch
    ) -> InstanceStats:
        taken = watch.span()
        active = reply.values.get("state.state") not in (5, 6)
        known = self._described(instance, domain, reply)
        if Group.BLOCK_DETAIL in request.groups and self._has_bulk:
            reply = add_block_info(domain, self._or_absence, reply)
        return decode(
            Reading(
                instance=known.instance,
                life=f"{self._identity.life}/{instance.native_id or '-'}",
                taken=taken,
                groups=request.groups,
                reply=reply,
                description=known.description,
                undescribed=known.problem,
                daemon_version=self._daemon_version,
                job=decode_job(self._or_absence("job", domain.jobStats))
                if Group.JOB in request.groups and active
                else None,
                indexes=_interface_indexes(known.indexes),
            )
        )

    # -- replies

    def _bulk(
        self, request: ReadRequest, wanted: Sequence[tuple[Instance, Any]]
    ) -> Iterator[tuple[Instance, Any, Reply, Stopwatch]]:
        flags = libvirt.VIR_DOMAIN_STATS_STATE
        for group in request.groups:
            flags |= _GROUP_FLAGS.get(group, 0)
        watch = Stopwatch()
        domains = [domain for _, domain in wanted]
        answers = self._call(
            "the bulk statistics",
            lambda: self._connection.domainListGetStats(domains, flags, 0) if domains else [],
        )
        by_uuid = {domain.UUIDString(): values for domain, values in answers}
        for instance, domain in wanted:
            values = by_uuid.get(instance.key)
            # libvirt leaves out a domain that ended in the middle of the call.
            yield instance, domain, Reply(values if values is not None else self._gone(domain)), watch

    def _gone(self, domain: Any) -> Mapping[str, Any]:
        return {"state.state": self._call("the state of a domain", lambda: domain.state())[0]}

    def _one_by_one(
        self, request: ReadRequest, wanted: Sequence[tuple[Instance, Any]]
    ) -> Iterator[tuple[Instance, Any, Reply, Stopwatch]]:
        for instance, domain in wanted:
            if request.deadline.passed:
                return
            watch = Stopwatch()
            try:
                reply = self._per_guest(domain, instance, request)
            except InstanceNotFound:
                continue
            yield instance, domain, reply, watch

    def _per_guest(self, domain: Any, instance: Instance, request: ReadRequest) -> Reply:
        return read_guest(
            domain,
            self._or_absence,
            lambda: self._described(instance, domain, None).description,
            groups=request.groups,
            hypervisor=self._hypervisor,
        )

    # -- descriptions

    def _described(self, instance: Instance, domain: Any, reply: Reply | None) -> _Known:
        """The description of *instance*: the one kept, unless it is old or *reply* shows other devices."""
        known = self._known.get(instance.key)
        now = Stopwatch().started_unix_ns
        if (
            known is not None
            and known.problem is None
            and known.instance.native_id == instance.native_id
            and known.instance.name == instance.name
            and 0 <= now - known.description.described_at < _OLDEST_DESCRIPTION_NS
            and (reply is None or fits(known.description, reply))
        ):
            return known
        try:
            xml = self._call("the description of a domain", domain.XMLDesc)
            description = describe(xml, described_at=now)
            known = _Known(
                replace(instance, openstack=description.openstack, described_at=now),
                description,
                _own_taps(description) if self._is_local else (),
            )
        except ReplyInvalid as exc:
            known = _Known(instance, Description(now), (), Absence(Reason.FAILED, printable(exc)))
        self._known[instance.key] = known
        return known

    # -- the seam of errors

    def _call(self, what: str, call: Callable[[], T]) -> T:
        """Make one native call; whatever libvirt raises leaves as hvinspect's."""
        try:
            return call()
        except libvirt.libvirtError as exc:
            raise call_error(exc.get_error_code(), _message(exc), what, alive=self._alive()) from exc

    def _or_absence(self, what: str, call: Callable[[], T]) -> T | Absence:
        """Make one native call that may fail by itself; only a lost connection or a lost domain is raised."""
        try:
            return call()
        except libvirt.libvirtError as exc:
            absence = absence_of(exc.get_error_code(), _message(exc))
            if absence.reason is Reason.VANISHED or not self._alive():
                raise call_error(exc.get_error_code(), _message(exc), what, alive=self._alive()) from exc
            return absence

    def _alive(self) -> bool:
        try:
            return bool(self._connection.isAlive())
        except libvirt.libvirtError:
            return False


def _instance(domain: Any) -> Instance:
    uuid, number = domain.UUIDString(), domain.ID()
    return Instance(
        key=uuid,
        uuid=UUID(uuid) if UUID(uuid).int else None,
        name=domain.name(),
        native_id=str(number) if number >= 0 else None,
        driver="libvirt",
    )


def _message(exc: Any) -> str:
    return exc.get_error_message() or str(exc)


def _own_taps(description: Description) -> tuple[str, ...]:
    """Host devices of *description* that are in our own network namespace: their hardware address tells."""
    own = []
    for nic in description.nics:
        if nic.target is not None and nic.mac is not None and _address(nic.target)[3:] == nic.mac.lower()[3:]:
            own.append(nic.target)
    return tuple(own)


def _address(device: str) -> str:
    # libvirt gives a tap the guest's address with fe in front, so only the first byte differs.
    if "/" in device or device.startswith("."):
        return ""
    try:
        with open(f"/sys/class/net/{device}/address", encoding="ascii") as file:
            return file.read(64).strip().lower()
    except (OSError, ValueError):
        return ""


def _interface_indexes(devices: Sequence[str]) -> dict[str, int]:
    indexes = {}
    for device in devices:
        try:
            indexes[device] = socket.if_nametoindex(device)
        except OSError:
            continue
    return indexes
