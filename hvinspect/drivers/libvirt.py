"""The libvirt driver: one read-only connection, one bulk call where there is one, a description of each domain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Self

from hvinspect.driver import (
    Absence,
    Cap,
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
    Job,
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

from ._libvirt.absences import NEEDS_WRITE, NOT_ANSWERING
from ._libvirt.agent import decode_agent
from ._libvirt.asking import Agents
from ._libvirt.bulk import Answer, read_bulk
from ._libvirt.cpu_time import CpuTimes
from ._libvirt.decode import Reading
from ._libvirt.describe import is_of
from ._libvirt.devices import nic_names, shown_by
from ._libvirt.each import read_each
from ._libvirt.host import (
    Boots,
    CpuClock,
    cpu_clock,
    decode_host,
    decode_job,
    host_identity,
    sources,
    version_text,
)
from ._libvirt.keys import pattern_of, unmapped
from ._libvirt.known import OLDEST_NS, Descriptions, Known
from ._libvirt.lanes import Lane, Lanes
from ._libvirt.lives import Lives
from ._libvirt.native import Native, binding_version, instance_of
from ._libvirt.per_guest import add_block_info
from ._libvirt.plan import decode
from ._libvirt.provides import provided
from ._libvirt.reads import read_many
from ._libvirt.reply import Reply
from ._libvirt.shards import MOST_STUCK, Shards
from ._libvirt.taps import Taps
from ._libvirt.uri import LibvirtUri, parse_uri
from ._libvirt.words import DESCRIBES_IN_TURN_SINCE, INACTIVE_STATES

__all__ = ["LibvirtDriver", "LibvirtOptions"]

_MOST_UNKNOWN = 100
#: The number of what a Xen host was booted into: that is the host, and no instance. Nobody else has it.
_DOM0 = "0"


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
    #: Three requests of each of four reads, six that are stuck, and the agents.
    own_calls: ClassVar[int] = 20
    #: No description is older while snapshots are taken.
    oldest_description_ns: ClassVar[int] = OLDEST_NS

    def __init__(self, open_native: Callable[[], Native], uri: LibvirtUri, request: OpenRequest) -> None:
        """*open_native* opens a connection; this needs several."""
        native = open_native()
        try:
            self._uri = uri
            self._learn(native, request)
        except Error:
            native.close()
            raise
        self._descriptions = Descriptions(oldest_ns=self.oldest_description_ns)
        self._lives: Lives = request.memory.setdefault("lives", Lives())
        self._cpu_times: CpuTimes = request.memory.setdefault("cpu times", CpuTimes())
        cap = Cap.at(uri.daemon, limit=MOST_STUCK)
        self._options: LibvirtOptions = request.options
        self._taps = Taps() if uri.is_local else None
        self._agents = Agents(uri, request.workers, cap) if self._options.access is Access.WRITE else None
        self._lanes = Lanes(native, open_native, uri.shown)
        self._shards = Shards(self._lanes, request.workers, cap, has_bulk=self._has_bulk)
        #: The last list: what has not changed since is not made again.
        self._listed: Mapping[str, Instance] | None = None
        self._unknown: set[str] = set()
        #: What is remembered of each life is looked at and changed by one read at a time.
        self._settling = threading.Lock()
        #: Guests whose monitors others had, to the last.
        self._busy: set[str] = set()
        #: Guests that were asked and have not answered yet.
        self._silent: set[str] = set()

    def _learn(self, native: Native, request: OpenRequest) -> None:
        """What does not change while the connection stands."""
        handle = native.handle
        self._hypervisor: str = native.call("the hypervisor's type", handle.getType)
        self._has_bulk = self._hypervisor == "QEMU"
        self._daemon_version: int = native.call("libvirt's version", handle.getLibVersion)
        self._version: int = native.call("the hypervisor's version", handle.getVersion)
        capabilities = native.call("the host's capabilities", handle.getCapabilities)
        self._boots: Boots = request.memory.setdefault("boots", Boots())
        self._identity = host_identity(
            capabilities,
            uri=self._uri.text,
            boot=this_boot() if self._uri.is_local else "",
            mark="" if self._uri.is_local else self._boots.mark(_cpu_clock(native)),
        )

    @classmethod
    def open(cls, request: OpenRequest) -> Self:
        """Open the read-only connection, and nothing else."""
        uri = parse_uri(request.target.rest)
        return cls(lambda: Native.open(uri), uri, request)

    def close(self) -> None:
        """Close what was opened."""
        if self._agents is not None:
            self._agents.close()
        if self._taps is not None:
            self._taps.close()
        self._lanes.close()

    # -- the host

    def origin(self, request: OriginRequest) -> Origin:
        """The daemon's word on itself; the host's machine-id if it is this very host."""
        return Origin(
            host_id=self._identity.host_id,
            binding=binding_version(),
            hypervisor=self._hypervisor,
            hypervisor_version=version_text(self._version),
            manager_version=f"libvirt {version_text(self._daemon_version)}",
            sources=sources(bulk=self._has_bulk),
        )

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        """By the hypervisor behind the daemon, and by the daemon's version."""
        return provided(self._hypervisor, self._identity.architecture, self._daemon_version)

    def host(self, request: HostRequest) -> HostStats:
        """The host's CPUs and memory, as the daemon gives them."""
        with self._lanes.lend(request.deadline) as lane:
            watch, handle = Stopwatch(), lane.native.handle
            calls: dict[str, Callable[[], Any]] = {
                "hostname": handle.getHostname,
                "version": lambda: version_text(handle.getVersion()),
                "info": handle.getInfo,
                "cpu": lambda: handle.getCPUStats(-1),  # of all CPUs together
                "memory": lambda: handle.getMemoryStats(-1),  # of all NUMA cells together
            }
            answers = {name: lane.native.ask(f"the host's {name}", call) for name, call in calls.items()}
            return decode_host(answers, self._identity, hypervisor=self._hypervisor, taken=watch.span())

    # -- instances

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        """Every domain, running or not."""
        with self._lanes.lend(request.deadline) as lane:
            watch = Stopwatch()
            before, listed = self._listed or {}, lane.list().items()
            found = {
                key: instance
                for key, domain in listed
                if (instance := instance_of(domain, key, before=before.get(key))).native_id != _DOM0
            }
            if not self._uri.is_local and not self._boots.is_noted(time.monotonic_ns()):
                self._boots.note(_cpu_clock(lane.native))
        if found != self._listed:
            self._learn_of(found, at_ns=watch.started_unix_ns)
        return tuple(found.values())

    def _learn_of(self, found: Mapping[str, Instance], *, at_ns: int) -> None:
        """The list is another one than the last."""
        keys, self._listed = found.keys(), found
        for known in (self._descriptions, self._cpu_times, self._shards.quarantine):
            known.keep(keys)
        self._silent &= keys
        self._busy &= keys
        running = {one.key: int(one.native_id) for one in found.values() if one.native_id is not None}
        with self._settling:
            self._lives.listed(keys, running, at_ns=at_ns)

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        """In a few bulk calls where the hypervisor has them, else one instance after another."""
        self._descriptions.spread([one.key for one in request.instances])
        with self._lanes.lend(request.deadline) as lane:
            yield from read_many(
                self._shards,
                request,
                lane,
                ask=lambda lane, instances: self._ask(lane, instances, request),
                finish=lambda lane, answer: self._finished(lane, answer, request),
            )

    def quarantined(self) -> Sequence[str]:
        """Those that do not answer, and those whose monitors are left alone."""
        return sorted({*self._silent, *self._shards.quarantine.keys})

    def unknown_statistics(self) -> Sequence[str]:
        """Keys of replies, with N for each number."""
        return sorted(self._unknown)

    def _ask(self, lane: Lane, instances: Sequence[Instance], request: ReadRequest) -> Iterator[Answer]:
        if self._has_bulk:
            return read_bulk(lane, instances, request.groups, daemon_version=self._daemon_version, busy=self._busy)
        return read_each(
            lane,
            instances,
            request.groups,
            hypervisor=self._hypervisor,
            describe=lambda lane, answer: self._described(lane, answer, {}).description,
        )

    def _finished(self, lane: Lane, answer: Answer, request: ReadRequest) -> InstanceStats | Failure:
        try:
            return self._finish(lane, answer, request)
        except InstanceNotFound:
            return Failure(instance=answer.instance, reason=Reason.VANISHED, detail="it went away while it was read")
        except ConnectionLost:
            raise
        except Exception as exc:  # noqa: BLE001  # whatever one guest's answers bring about, the others are read
            return Failure(instance=answer.instance, reason=Reason.FAILED, detail=printable(exc))

    def _finish(self, lane: Lane, answer: Answer, request: ReadRequest) -> InstanceStats:
        (self._silent.add if answer.unasked is NOT_ANSWERING else self._silent.discard)(answer.instance.key)
        reply, taken, groups, ask = answer.reply, answer.taken, request.groups, lane.native.ask
        if not reply.values:
            raise InstanceNotFound("it went away while it was read")
        instance = answer.instance
        ended_ns = taken.started_monotonic_ns + taken.duration_ns
        shown, indexes = shown_by(reply), {}
        if self._taps is not None and "net" in shown:
            indexes = self._taps.indexes_of(nic_names(reply), since_ns=ended_ns)
            shown["taps"] = hash(frozenset(indexes.items()))
        known = self._described(lane, answer, shown)
        state = reply.values.get("state.state")
        active = type(state) is not int or state not in INACTIVE_STATES
        with self._settling:
            life, reply = self._life(answer, active=active, ended_ns=ended_ns)
        job = guest_agent = None
        if Group.BLOCK_DETAIL in groups and self._has_bulk and answer.unasked is None:
            reply = add_block_info(answer.domain, ask, reply, known.description)
        if Group.JOB in groups and active:
            job = blank(Job, answer.unasked) if answer.unasked else decode_job(ask("the job", answer.domain.jobStats))
        if Group.GUEST_AGENT in groups and active:
            guest_agent = blank(GuestAgent, answer.unasked) if answer.unasked else self._agent(instance, request)
        reading = Reading(
            instance=known.instance,
            life=life,
            taken=taken,
            groups=groups,
            reply=reply,
            description=known.description,
            undescribed=known.problem,
            daemon_version=self._daemon_version,
            job=job,
            guest_agent=guest_agent,
            indexes=indexes,
        )
        counted = decode(reading)
        with self._settling:
            return self._lives.settle(counted, is_polled=known.description.is_polled)

    def _life(self, answer: Answer, *, active: bool, ended_ns: int) -> tuple[str, Reply]:
        """The incarnation of the domain that gave *answer*, and its reply, whose CPU time goes on from the last."""
        instance, reply, taken = answer.instance, answer.reply, answer.taken
        process = f"{self._identity.life}/{instance.native_id or '-'}"
        cpu = reply.values.get("cpu.time") if active else None
        if type(cpu) is not int:
            cpu = None
        life = self._lives.process(
            instance.key,
            process,
            cpu,
            at_ns=taken.started_unix_ns,
            is_coarse=answer.is_coarse and active,
            began_ns=taken.started_monotonic_ns,
            ended_ns=ended_ns,
        )
        if cpu is None or not self._has_bulk:
            return life, reply
        times = self._cpu_times
        given = (times.coarse if answer.is_coarse else times.exact)(instance.key, life, cpu)
        return life, reply if given == cpu else Reply({**reply.values, "cpu.time": given}, reply.reasons)

    def _described(self, lane: Lane, answer: Answer, shown: Mapping[str, object]) -> Known:
        """The description of the domain that gave *answer*, of whose devices its reply has *shown* this much."""
        # Single calls show nothing of what is plugged, for it is the description that says what to ask for.
        since = None if self._has_bulk else time.monotonic_ns() - answer.taken.started_monotonic_ns
        return self._descriptions.of(
            answer.instance,
            lambda: self._describe(lane, answer),
            shown,
            younger_than_ns=since,
        )

    def _describe(self, lane: Lane, answer: Answer) -> str | Absence:
        # Here, because it is now and then, and when something is new. Single calls have keys of our own.
        if self._has_bulk and not answer.is_coarse and len(self._unknown) < _MOST_UNKNOWN:
            self._unknown |= {pattern_of(key) for key in unmapped(answer.reply.values)}
        if answer.unasked is not None and self._daemon_version >= DESCRIBES_IN_TURN_SINCE:
            return answer.unasked
        xml: str | Absence = lane.native.ask("the description of a domain", answer.domain.XMLDesc)
        number = answer.instance.native_id
        if self._has_bulk and isinstance(xml, str) and number is not None and not is_of(xml, number):
            # It ended after it had answered. What would start next has other devices, and other names for them.
            raise InstanceNotFound("it went away while it was read")
        return xml

    # -- the guest's agent

    def _agent(self, instance: Instance, request: ReadRequest) -> GuestAgent:
        """What the guest's agent says, waiting no longer for it than is fair to the other instances."""
        if self._agents is None:
            return blank(GuestAgent, NEEDS_WRITE)
        answer = self._agents.ask(instance.key, request.deadline)
        return blank(GuestAgent, answer) if isinstance(answer, Absence) else decode_agent(answer)


def _cpu_clock(native: Native) -> CpuClock | None:
    cpu = native.ask("the host's CPU time", lambda: native.handle.getCPUStats(-1))
    return cpu_clock(cpu, native.ask("the host's CPUs", native.handle.getInfo), at_ns=time.monotonic_ns())
