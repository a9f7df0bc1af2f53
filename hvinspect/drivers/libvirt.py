"""The libvirt driver: one read-only connection, one bulk call where there is one, a description of each domain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, ClassVar, Self
from uuid import UUID

from hvinspect.driver import (
    Absence,
    Deadline,
    DeadlineExceeded,
    Driver,
    Error,
    Failure,
    Group,
    GuestAgent,
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
    Task,
    blank,
    option,
    printable,
)

from ._libvirt_absences import NEEDS_WRITE
from ._libvirt_agent import decode_agent
from ._libvirt_decode import Reading, decode
from ._libvirt_describe import Description, describe
from ._libvirt_devices import fits
from ._libvirt_host import decode_host, decode_job, host_identity, sources, version_text
from ._libvirt_lives import Lives
from ._libvirt_native import Native, binding_version, statistics_flags
from ._libvirt_per_guest import add_block_info, read_guest
from ._libvirt_provides import provided
from ._libvirt_reply import Reply
from ._libvirt_taps import indexes_of, own_taps
from ._libvirt_uri import LibvirtUri, parse_uri
from ._libvirt_words import INACTIVE_STATES

__all__ = ["LibvirtDriver", "LibvirtOptions"]

#: How long one guest's agent is waited for, in seconds: it is the guest's program, and may do what it likes.
_AGENT_PATIENCE = 2.0
_AGENT_STUCK = Absence(Reason.TIMED_OUT, "an earlier question to the guest's agent has not been answered")
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
    """A domain's description, and the instance that it completes."""

    instance: Instance
    description: Description
    #: Host devices of its NICs that are in this process's own network namespace.
    taps: tuple[str, ...] = ()
    #: Why the description is empty, if it could not be read.
    problem: Absence | None = None


class LibvirtDriver(Driver):
    """One read-only connection to a libvirt daemon, or to the test driver inside the client's library."""

    Options: ClassVar[type[Any]] = LibvirtOptions

    def __init__(self, native: Native, uri: LibvirtUri, request: OpenRequest) -> None:
        self._native = native
        self._uri = uri
        self._options: LibvirtOptions = request.options
        self._workers = request.workers
        handle = native.handle
        self._hypervisor: str = native.call("the hypervisor's type", handle.getType)
        self._has_bulk = self._hypervisor == "QEMU"
        self._daemon_version: int = native.call("libvirt's version", handle.getLibVersion)
        capabilities = native.call("the host's capabilities", handle.getCapabilities)
        self._identity = host_identity(capabilities, is_local=uri.is_local)
        self._known: dict[str, _Known] = {}
        self._lives = Lives()
        self._writable: Native | None = None
        self._agents_asked: dict[str, Task[Any]] = {}

    @classmethod
    def open(cls, request: OpenRequest) -> Self:
        """Open the read-only connection, and nothing else."""
        uri = parse_uri(request.target.rest)
        native = Native.open(uri)
        try:
            return cls(native, uri, request)
        except Error:
            native.close()
            raise

    def close(self) -> None:
        """Close what was opened."""
        if self._writable is not None:
            self._writable.close()
        self._native.close()

    # -- the host

    def origin(self, request: OriginRequest) -> Origin:
        """The daemon's word on itself; the host's machine-id if it is this very host."""
        return Origin(
            host_id=self._identity.host_id,
            binding=binding_version(),
            hypervisor=self._hypervisor,
            hypervisor_version=self._native.call("the hypervisor's version", self._hypervisor_version),
            manager_version=f"libvirt {version_text(self._daemon_version)}",
            sources=sources(bulk=self._has_bulk),
        )

    def _hypervisor_version(self) -> str:
        return version_text(self._native.handle.getVersion())

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        """By the hypervisor behind the daemon, and by the daemon's version."""
        return provided(self._hypervisor, self._identity.architecture, self._daemon_version)

    def host(self, request: HostRequest) -> HostStats:
        """The host's CPUs and memory, as the daemon gives them."""
        watch = Stopwatch()
        handle = self._native.handle
        calls: dict[str, Callable[[], Any]] = {
            "hostname": handle.getHostname,
            "version": self._hypervisor_version,
            "info": handle.getInfo,
            "cpu": lambda: handle.getCPUStats(-1),  # of all CPUs together
            "memory": lambda: handle.getMemoryStats(-1),  # of all NUMA cells together
        }
        answers = {name: self._native.ask(f"the host's {name}", call) for name, call in calls.items()}
        return decode_host(answers, self._identity, hypervisor=self._hypervisor, taken=watch.span())

    # -- instances

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        """Every domain, running or not."""
        found = tuple(_instance(domain) for domain in self._domains())
        gone = self._known.keys() - {one.key for one in found}
        self._lives.forget(gone)
        for key in gone:
            self._known.pop(key, None)
        return found

    def _domains(self) -> list[Any]:
        return self._native.call("the list of domains", lambda: self._native.handle.listAllDomains(0))

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        """In one bulk call where the hypervisor has it, else one instance after another."""
        domains = {domain.UUIDString(): domain for domain in self._domains()}
        wanted = [(one, domains[one.key]) for one in request.instances if one.key in domains]
        for one in request.instances:
            if one.key not in domains:
                yield _vanished(one)
        replies = self._bulk(request, wanted) if self._has_bulk else self._one_by_one(request, wanted)
        for instance, domain, reply, watch in replies:
            try:
                yield self._finish(request, instance, domain, reply, watch)
            except InstanceNotFound:
                yield _vanished(instance)

    def _bulk(
        self, request: ReadRequest, wanted: Sequence[tuple[Instance, Any]]
    ) -> Iterator[tuple[Instance, Any, Reply, Stopwatch]]:
        if not wanted:
            return
        watch = Stopwatch()
        domains, flags = [domain for _, domain in wanted], statistics_flags(request.groups)
        answers = self._native.call(
            "the bulk statistics", lambda: self._native.handle.domainListGetStats(domains, flags, 0)
        )
        replies = {domain.UUIDString(): values for domain, values in answers}
        for instance, domain in wanted:
            # A domain that went away in the middle of the call is left out by libvirt; _finish then finds it gone.
            yield instance, domain, Reply(replies.get(instance.key, {})), watch

    def _one_by_one(
        self, request: ReadRequest, wanted: Sequence[tuple[Instance, Any]]
    ) -> Iterator[tuple[Instance, Any, Reply, Stopwatch]]:
        for instance, domain in wanted:
            if request.deadline.passed:
                return
            watch = Stopwatch()
            try:
                yield instance, domain, self._read_guest(request, instance, domain), watch
            except InstanceNotFound:
                yield instance, domain, Reply({}), watch

    def _read_guest(self, request: ReadRequest, instance: Instance, domain: Any) -> Reply:
        return read_guest(
            domain,
            self._native.ask,
            lambda: self._described(instance, domain, None).description,
            groups=request.groups,
            hypervisor=self._hypervisor,
        )

    def _finish(
        self, request: ReadRequest, instance: Instance, domain: Any, reply: Reply, watch: Stopwatch
    ) -> InstanceStats:
        taken, groups = watch.span(), request.groups
        if not reply.values:
            raise InstanceNotFound("it went away while it was read")
        known = self._described(instance, domain, reply)
        active = reply.values.get("state.state") not in INACTIVE_STATES
        if Group.BLOCK_DETAIL in groups and self._has_bulk:
            reply = add_block_info(domain, self._native.ask, reply, known.description)
        reading = Reading(
            instance=known.instance,
            life=f"{self._identity.life}/{instance.native_id or '-'}",
            taken=taken,
            groups=groups,
            reply=reply,
            description=known.description,
            undescribed=known.problem,
            daemon_version=self._daemon_version,
            job=decode_job(self._native.ask("the job", domain.jobStats)) if Group.JOB in groups and active else None,
            guest_agent=self._agent(instance, request) if Group.GUEST_AGENT in groups and active else None,
            indexes=indexes_of(known.taps),
        )
        return self._lives.settle(decode(reading))

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
            xml = self._native.call("the description of a domain", domain.XMLDesc)
            description = describe(xml, described_at=now)
            complete = replace(instance, openstack=description.openstack, described_at=now)
            known = _Known(complete, description, own_taps(description) if self._uri.is_local else ())
        except ReplyInvalid as exc:
            known = _Known(instance, Description(now), (), Absence(Reason.FAILED, printable(exc)))
        self._known[instance.key] = known
        return known

    # -- the guest's agent

    def _agent(self, instance: Instance, request: ReadRequest) -> GuestAgent:
        """What the guest's agent says, waiting no longer for it than is fair to the other instances."""
        if self._options.access is not Access.WRITE:
            return blank(GuestAgent, NEEDS_WRITE)
        earlier = self._agents_asked.get(instance.key)
        if earlier is not None and not earlier.ended:
            return blank(GuestAgent, _AGENT_STUCK)
        patience = Deadline.after(max(0.001, min(_AGENT_PATIENCE, request.deadline.remaining / 2)))
        try:
            task = self._workers.start(lambda: self._ask_agent(instance), patience, "the guest's agent")
            self._agents_asked[instance.key] = task
            answer = task.result(patience)
        except DeadlineExceeded as exc:
            return blank(GuestAgent, Absence(Reason.TIMED_OUT, printable(exc)))
        except Error as exc:
            return blank(GuestAgent, Absence(Reason.FAILED, printable(exc)))
        finally:
            self._agents_asked = {key: task for key, task in self._agents_asked.items() if not task.ended}
        return blank(GuestAgent, answer) if isinstance(answer, Absence) else decode_agent(answer)

    def _ask_agent(self, instance: Instance) -> Any:
        writable = self._writable
        if writable is None or not writable.alive:
            writable = self._writable = Native.open(self._uri, writable=True)
        return writable.ask(
            "the guest's agent", lambda: writable.handle.lookupByUUIDString(instance.key).guestInfo(0, 0)
        )


def _instance(domain: Any) -> Instance:
    text, number = domain.UUIDString(), domain.ID()
    uuid = UUID(text)
    return Instance(
        key=text,
        uuid=uuid if uuid.int else None,
        name=domain.name(),
        native_id=str(number) if number >= 0 else None,
        driver="libvirt",
    )


def _vanished(instance: Instance) -> Failure:
    return Failure(instance=instance, reason=Reason.VANISHED, detail="it went away while it was read")
