"""The Xen driver: in dom0, what the hypervisor, xenstore and dom0's kernel know of each domain; no toolstack needed."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from hvinspect.driver import (
    Absence,
    AccessDenied,
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    Driver,
    Failure,
    Group,
    HostId,
    HostRequest,
    HostStats,
    Instance,
    InstanceStats,
    InvalidTarget,
    InventoryRequest,
    Lives,
    NoOptions,
    OpenRequest,
    Origin,
    OriginRequest,
    ProvidesRequest,
    ReadRequest,
    Reason,
    Stopwatch,
    machine_id,
    printable,
    this_boot,
)

from ._xen.decode import Reading, decode, decode_host, number, uuid_of
from ._xen.found import Domain
from ._xen.gather import Devices, Lasting
from ._xen.native import Native
from ._xen.places import Places
from ._xen.provides import provided
from ._xen.starts import Starts
from ._xen.sysfs import Sysfs
from ._xen.xenstore import Store

__all__ = ["XenDriver"]

_DOMAINS = "/local/domain"
_DOM0_ONLY = "This driver reads in dom0 alone, the domain that the host was booted into"
#: What the hypervisor itself tells.
_OF_HYPERVISOR = frozenset({Group.STATE, Group.CPU, Group.MEMORY})
_SOURCES = {
    Group.STATE: "xenstat_get_node",
    Group.CPU: "xenstat_get_node with XENSTAT_VCPU",
    Group.MEMORY: "xenstat_get_node; memory/static-max in xenstore",
    Group.DISK: "/sys/bus/xen-backend/devices; backends in xenstore",
    Group.NIC: "/sys/class/net; backends in xenstore",
}


class XenDriver(Driver):
    """A handle of libxenstat and a connection to xenstored. Neither is thread-safe."""

    Options: ClassVar[type[Any]] = NoOptions
    concurrency: ClassVar[int] = 1
    #: Where to look; tests have a tree of their own.
    places: ClassVar[Places] = Places()

    def __init__(self, native: Native, store: Store, sysfs: Sysfs, *, lives: Lives, starts: Starts) -> None:
        """All of them open."""
        self._native = native
        self._store = store
        self._sysfs = sysfs
        self._lives = lives
        self._starts = starts
        self._lasting: Lasting = {}

    @classmethod
    def open(cls, request: OpenRequest) -> Self:
        """Make sure that this is dom0 and may read before the vendor's library does: that would print."""
        if request.target.rest:
            raise InvalidTarget(
                f"a Xen host is read in its dom0: write xen: and nothing after it, not {request.target}"
            )
        _check_dom0(cls.places)
        _check_hypercalls(cls.places)
        store = Store.open(cls.places.xenstored, request.deadline)
        try:
            native = Native.open(cls.places)
        except BaseException:
            store.close()
            raise
        lives: Lives = request.memory.setdefault("lives", Lives())
        starts: Starts = request.memory.setdefault("starts", Starts())
        return cls(native, store, Sysfs(cls.places.sysfs), lives=lives, starts=starts)

    def close(self) -> None:
        """Close both."""
        self._native.close()
        self._store.close()

    # -- the host

    def origin(self, request: OriginRequest) -> Origin:
        """dom0's machine-id stands for the host."""
        own = machine_id()
        return Origin(
            host_id=HostId(value=own, source="machine-id") if own else None,
            binding=self._native.name,
            hypervisor="Xen",
            hypervisor_version=self._native.version,
            sources=_SOURCES,
        )

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        """The same in every dom0."""
        return provided()

    def host(self, request: HostRequest) -> HostStats:
        """The whole machine as the hypervisor has it, not dom0's part of it."""
        watch = Stopwatch()
        node = self._native.node(vcpus=False)
        return decode_host(
            node, hostname=socket.gethostname(), version=self._native.version, life=this_boot(), taken=watch.span()
        )

    # -- instances

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        """Every domain that xenstore knows but dom0."""
        watch, deadline = Stopwatch(), request.deadline
        domids = sorted(
            domid
            for name in self._store.names([_DOMAINS], deadline)[0]
            if (domid := number(name)) is not None and domid
        )
        values = self._store.read([f"{_DOMAINS}/{domid}/{key}" for domid in domids for key in ("vm", "name")], deadline)
        found: dict[str, Instance] = {}
        for domid, vm, name in zip(domids, values[::2], values[1::2], strict=True):
            if vm is None and name is None:
                continue  # what is left in xenstore of a domain that is gone
            uuid = uuid_of(vm)
            key = str(uuid) if uuid else f"domid-{domid}"
            if key in found:  # while a domain moves within the host there are two of it
                key = f"{key}#{domid}"
            found[key] = Instance(
                key=key,
                uuid=uuid,
                name=name or None,
                native_id=str(domid),
                driver="xen",
                described_at=watch.started_unix_ns,
            )
        there = set(domids)
        self._lives.keep(found.keys())
        self._starts.keep(found.keys())
        self._lasting = {place: known for place, known in self._lasting.items() if place[0] in there}
        return tuple(found.values())

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        """All domains from the hypervisor in one call, then each with its devices."""
        watch, groups, deadline = Stopwatch(), request.groups, request.deadline
        domains = self._native.node(vcpus=Group.CPU in groups).domains if groups & _OF_HYPERVISOR else None
        devices = Devices(
            self._store, self._sysfs, self._lasting, deadline, disks=Group.DISK in groups, nics=Group.NIC in groups
        )
        for instance in request.instances:
            try:
                yield self._read(instance, request, watch, domains, devices)
            except (ConnectionLost, DeadlineExceeded):
                raise
            except Exception as exc:  # noqa: BLE001  # whatever one domain's entries bring about, the others are read
                yield Failure(instance=instance, reason=Reason.FAILED, detail=printable(exc))

    def _read(
        self,
        instance: Instance,
        request: ReadRequest,
        watch: Stopwatch,
        domains: Mapping[int, Domain] | None,
        devices: Devices,
    ) -> InstanceStats | Failure:
        domid, groups = int(instance.native_id or 0), request.groups
        domain = domains.get(domid) if domains is not None else None
        home = f"{_DOMAINS}/{domid}"
        # Last, because an id may be another domain's by now: then all that was read may be that one's.
        disks, nics, (vm, name, limit, *times) = devices.read(
            domid,
            [
                *(f"{home}/vm", f"{home}/name", f"{home}/memory/static-max"),
                # What libxl writes, and what XAPI does.
                *(f"/vm/{instance.uuid}/start_time", f"/vm/{instance.uuid}/domains/{domid}/create-time"),
            ],
        )
        started = next(filter(None, times), "")
        if (vm is None and name is None) or uuid_of(vm) != instance.uuid:
            return Failure(instance=instance, reason=Reason.VANISHED, detail="it went away while it was read")
        if domains is not None and domain is None:
            return Failure(
                instance=instance,
                reason=Reason.VANISHED,
                detail=f"xenstore has the domain {domid} and the hypervisor has not: it is being built or taken down",
            )
        ran = domain is None or domain.cpu_ns > 0 or "paused" not in domain.flags
        if self._starts.begins_or_ends(instance.key, domid, started=bool(started), ran=ran):
            return Failure(
                instance=instance,
                reason=Reason.VANISHED,
                detail=f"xenstore has no time of the start of domain {domid}: it is being built or taken down",
            )
        return self._lives.settle(
            decode(
                Reading(
                    instance=instance,
                    # Nothing in it is used twice: a domain's id is, after some 32,000 others, but it started at
                    # another time then. What it does not show Lives remembers: a guest that loads its driver again
                    # connects to the same backend, which then counts from 0.
                    life=f"{this_boot()}/{domid}/{printable(started, limit=40)}",
                    taken=watch.span(),
                    groups=groups,
                    domain=domain,
                    memory_limit=limit,
                    disks=disks,
                    nics=nics,
                )
            )
        )


def _check_dom0(places: Places) -> None:
    path = places.capabilities
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            capabilities = file.read(4096)
    except PermissionError as exc:
        raise AccessDenied(f"{path} may not be read: {printable(exc.strerror)}") from exc
    except OSError as exc:
        hint = "Mount it: mount -t xenfs xenfs /proc/xen" if _is_xen(places) else _DOM0_ONLY
        raise ConnectFailed(f"this is no dom0 of a Xen host: {path} is not there. {hint}") from exc
    if "control_d" not in capabilities.split():
        raise ConnectFailed(
            f"this is no dom0 of a Xen host: {path} does not have control_d in it, as in a guest. {_DOM0_ONLY}"
        )


def _is_xen(places: Places) -> bool:
    try:
        with open(f"{places.sysfs}/hypervisor/type", encoding="ascii", errors="replace") as file:
            return file.read(16).strip() == "xen"
    except OSError:
        return False


def _check_hypercalls(places: Places) -> None:
    """May this process open what libxenstat opens? It is opened as that does, and closed."""
    if not any(map(_opens, places.privcmd)):
        raise ConnectFailed(
            f"there is no {' or '.join(places.privcmd)} to make hypercalls by. Load its module: modprobe xen-privcmd"
        )
    # The library does without where it is not there; where it may not be opened, it prints and fails.
    _opens(places.hypercall)


def _opens(path: str) -> bool:
    """Whether there is such a device; that it cannot be opened is an error."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
    except FileNotFoundError:
        return False
    except PermissionError as exc:
        raise AccessDenied(
            f"{path} may not be opened: {printable(exc.strerror)}. All that Xen tells is for root in dom0: "
            "run the agent as root there, or let it run one command as root by sudo"
        ) from exc
    except OSError as exc:
        raise ConnectFailed(f"{path} cannot be opened: {printable(exc.strerror)}") from exc
    return True
