"""The libvirt driver: one read-only connection, one bulk call where there is one, a description of each domain."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Self
from uuid import UUID

from hvinspect.driver import (
    Absence,
    ConnectionLost,
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
    Stopwatch,
    blank,
    option,
    printable,
    this_boot,
)

from ._libvirt_absences import NEEDS_WRITE
from ._libvirt_agent import decode_agent
from ._libvirt_asking import Agents
from ._libvirt_decode import Reading, decode
from ._libvirt_devices import nic_names, shown_by
from ._libvirt_host import (
    Boots,
    CpuClock,
    cpu_clock,
    decode_host,
    decode_job,
    host_identity,
    sources,
    version_text,
)
from ._libvirt_known import OLDEST_NS, Descriptions, Known
from ._libvirt_lives import Lives
from ._libvirt_native import Native, binding_version, by_uuid, statistics_flags
from ._libvirt_per_guest import add_block_info, read_guest
from ._libvirt_provides import provided
from ._libvirt_reply import Reply
from ._libvirt_taps import indexes_of
from ._libvirt_uri import LibvirtUri, parse_uri
from ._libvirt_words import INACTIVE_STATES

__all__ = ["LibvirtDriver", "LibvirtOptions"]


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


class LibvirtDriver(Driver):
    """One read-only connection to a libvirt daemon, or to the test driver inside the client's library."""

    Options: ClassVar[type[Any]] = LibvirtOptions
    #: No description is older while snapshots are taken.
    oldest_description_ns: ClassVar[int] = OLDEST_NS

    def __init__(self, native: Native, uri: LibvirtUri, request: OpenRequest) -> None:
        self._native = native
        self._uri = uri
        self._options: LibvirtOptions = request.options
        handle = native.handle
        self._hypervisor: str = native.call("the hypervisor's type", handle.getType)
        self._has_bulk = self._hypervisor == "QEMU"
        self._daemon_version: int = native.call("libvirt's version", handle.getLibVersion)
        capabilities = native.call("the host's capabilities", handle.getCapabilities)
        self._boots: Boots = request.memory.setdefault("boots", Boots())
        self._identity = host_identity(
            capabilities,
            uri=uri.text,
            boot=this_boot() if uri.is_local else "",
            mark="" if uri.is_local else self._boots.mark(self._cpu_clock()),
        )
        self._descriptions = Descriptions(self._xml_of, oldest_ns=self.oldest_description_ns)
        self._lives: Lives = request.memory.setdefault("lives", Lives())
        self._agents = Agents(uri, request.workers) if self._options.access is Access.WRITE else None

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
        if self._agents is not None:
            self._agents.close()
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
        watch = Stopwatch()
        found = tuple(_instance(domain) for domain in self._domains())
        keys = {one.key for one in found}
        self._descriptions.keep(keys)
        running = {one.key: int(one.native_id) for one in found if one.native_id is not None}
        self._lives.listed(keys, running, mark=f"{watch.started_unix_ns:x}")
        if not self._uri.is_local and not self._boots.is_noted(time.monotonic_ns()):
            self._boots.note(self._cpu_clock())
        return found

    def _cpu_clock(self) -> CpuClock | None:
        handle, ask = self._native.handle, self._native.ask
        cpu = ask("the host's CPU time", lambda: handle.getCPUStats(-1))
        return cpu_clock(cpu, ask("the host's CPUs", handle.getInfo), at_ns=time.monotonic_ns())

    def _domains(self) -> list[Any]:
        return self._native.call("the list of domains", lambda: self._native.handle.listAllDomains(0))

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        """In one bulk call where the hypervisor has it, else one instance after another."""
        domains = {domain.UUIDString(): domain for domain in self._domains()}
        wanted = [(one, domains[one.key]) for one in request.instances if one.key in domains]
        for one in request.instances:
            if one.key not in domains:
                yield _vanished(one)
        self._descriptions.spread([one.key for one, _ in wanted])
        replies = self._bulk(request, wanted) if self._has_bulk else self._one_by_one(request, wanted)
        for instance, domain, reply, watch in replies:
            try:
                yield self._finish(request, instance, domain, reply, watch)
            except InstanceNotFound:
                yield _vanished(instance)
            except ConnectionLost:
                raise
            except Exception as exc:  # noqa: BLE001  # whatever one guest's answers bring about, the others are read
                yield Failure(instance=instance, reason=Reason.FAILED, detail=printable(exc))

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
        replies = by_uuid(answers)
        for instance, domain in wanted:
            # A domain that went away in the middle of the call is left out by libvirt; _finish then finds it gone.
            answered, values = replies.get(instance.key, (domain, {}))
            yield instance, answered, Reply(values), watch

    def _one_by_one(
        self, request: ReadRequest, wanted: Sequence[tuple[Instance, Any]]
    ) -> Iterator[tuple[Instance, Any, Reply, Stopwatch]]:
        for instance, domain in wanted:
            if request.deadline.passed:
                return
            watch = Stopwatch()
            try:
                yield instance, domain, self._read_guest(request, instance, domain, watch), watch
            except InstanceNotFound:
                yield instance, domain, Reply({}), watch

    def _read_guest(self, request: ReadRequest, instance: Instance, domain: Any, watch: Stopwatch) -> Reply:
        return read_guest(
            domain,
            self._native.ask,
            lambda: self._described(instance, domain, {}, watch).description,
            groups=request.groups,
            hypervisor=self._hypervisor,
        )

    def _finish(
        self, request: ReadRequest, instance: Instance, domain: Any, reply: Reply, watch: Stopwatch
    ) -> InstanceStats:
        taken, groups = watch.span(), request.groups
        if not reply.values:
            raise InstanceNotFound("it went away while it was read")
        # The domain as it was when it answered: it may have been started anew since it was listed.
        instance = _instance(domain)
        shown, indexes = shown_by(reply), {}
        if self._uri.is_local and "net" in shown:
            shown["taps"] = indexes = indexes_of(nic_names(reply))
        known = self._described(instance, domain, shown, watch)
        state = reply.values.get("state.state")
        active = type(state) is not int or state not in INACTIVE_STATES
        if Group.BLOCK_DETAIL in groups and self._has_bulk:
            reply = add_block_info(domain, self._native.ask, reply, known.description)
        reading = Reading(
            instance=known.instance,
            life=self._lives.process(
                instance.key,
                f"{self._identity.life}/{instance.native_id or '-'}",
                cpu_time if active and type(cpu_time := reply.values.get("cpu.time")) is int else None,
                mark=f"{taken.started_unix_ns:x}",
            ),
            taken=taken,
            groups=groups,
            reply=reply,
            description=known.description,
            undescribed=known.problem,
            daemon_version=self._daemon_version,
            job=decode_job(self._native.ask("the job", domain.jobStats)) if Group.JOB in groups and active else None,
            guest_agent=self._agent(instance, request) if Group.GUEST_AGENT in groups and active else None,
            indexes=indexes,
        )
        return self._lives.settle(decode(reading), is_polled=known.description.is_polled)

    def _described(self, instance: Instance, domain: Any, shown: Mapping[str, object], watch: Stopwatch) -> Known:
        """The description of *instance*, of whose devices a reply has *shown* this much."""
        # Single calls show nothing of what is plugged, for it is the description that says what to ask for.
        since = None if self._has_bulk else watch.elapsed_ns
        return self._descriptions.of(instance, domain, shown, younger_than_ns=since)

    def _xml_of(self, domain: Any) -> str | Absence:
        return self._native.ask("the description of a domain", domain.XMLDesc)

    # -- the guest's agent

    def _agent(self, instance: Instance, request: ReadRequest) -> GuestAgent:
        """What the guest's agent says, waiting no longer for it than is fair to the other instances."""
        if self._agents is None:
            return blank(GuestAgent, NEEDS_WRITE)
        answer = self._agents.ask(instance.key, request.deadline)
        return blank(GuestAgent, answer) if isinstance(answer, Absence) else decode_agent(answer)


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
