"""The driver for VMware vSphere: the virtual machines of a vCenter or of one ESX host, by the API that both have."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self, final

from hvinspect.driver import (
    Absence,
    ConnectFailed,
    ConnectionLost,
    Deadline,
    DeadlineExceeded,
    Driver,
    Failure,
    Group,
    HostId,
    HostRequest,
    HostStats,
    Instance,
    InstanceStats,
    InventoryRequest,
    NotSupported,
    OpenRequest,
    Origin,
    OriginRequest,
    ProvidesRequest,
    ReadRequest,
    Reason,
    Secret,
    Stopwatch,
    Task,
    Workers,
    option,
    printable,
)

from ._vmware import absences
from ._vmware.address import parse_address
from ._vmware.apart import ask
from ._vmware.decode import decode, decode_host, why_unsampled
from ._vmware.found import About, Hardware, Known, Reading, Samples
from ._vmware.inventory import Inventory
from ._vmware.metrics import NUMBERS, wanted
from ._vmware.native import BINDING, Session
from ._vmware.provides import provided
from ._vmware.secret import VARIABLE, find_password
from ._vmware.trust import Trust
from ._vmware.wire import Wire

__all__ = ["VmwareDriver"]

#: So many virtual machines in one query of performance counters.
_CHUNK = 250
#: So many such queries at once.
_AT_A_TIME = 2
#: What part of the time is kept for giving what there is without rates, and how many seconds at most.
_RESERVE, _LONGEST_RESERVE_S = 0.25, 1.0
_GOODBYE_S = 2.0
_RATES = frozenset({Group.CPU, Group.DISK, Group.NIC})
#: Samples by the machine's reference, or why there are none.
_Sampled = Mapping[str, Samples | Absence]
_SOURCES = {
    Group.STATE: "RetrievePropertiesEx: runtime",
    Group.CPU: "RetrievePropertiesEx: config.hardware; QueryPerf: cpu",
    Group.MEMORY: "RetrievePropertiesEx: summary.quickStats, config.hardware",
    Group.DISK: "RetrievePropertiesEx: config.hardware; QueryPerf: virtualDisk",
    Group.NIC: "RetrievePropertiesEx: config.hardware; QueryPerf: net",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class VmwareOptions:
    """How to get in, and whom to believe."""

    password: Secret | None = option("The user's password.", default=None)
    password_file: str | None = option(
        f"File with the password in its first line. Without this and password, {VARIABLE} of the environment is taken.",
        default=None,
    )
    ca: str | None = option(
        "File of certificates (PEM) of those who may vouch for the server, instead of the system's.", default=None
    )
    thumbprint: str | None = option(
        "SHA-256 of the server's own certificate, which it must have then, whoever vouches for it.", default=None
    )


class VmwareDriver(Driver):
    """One session at a vCenter or an ESX host."""

    Options: ClassVar[type[Any]] = VmwareOptions
    takes_urls: ClassVar[bool] = True

    def __init__(
        self,
        session: Session,
        about: About,
        counters: Mapping[str, int],
        *,
        workers: Workers,
        host_id: HostId | None = None,
    ) -> None:
        """The session is open."""
        self._workers = workers
        self._session = session
        self._about = about
        self._counters = counters
        self._host_id = host_id
        self._inventory = Inventory(session)

    @classmethod
    def open(cls, request: OpenRequest) -> Self:
        """Log in, and learn the numbers of the performance counters."""
        address = parse_address(request.target.rest)
        options: VmwareOptions = request.options
        password = find_password(options.password, options.password_file)
        deadline = _with_reserve(request.deadline)
        session = Session(address, Wire(address, Trust.of(ca=options.ca, thumbprint=options.thumbprint)))
        try:
            about = session.open(password, deadline)
            all_counters = session.counters(deadline)
            host_id = _host_id(session, about, deadline)
        except BaseException as exc:
            with contextlib.suppress(Exception):  # what went wrong before is what matters
                session.close(request.deadline)
            if isinstance(exc, ConnectionLost):
                raise ConnectFailed(str(exc)) from exc
            raise
        counters = {name: all_counters[name] for name in NUMBERS & all_counters.keys()}
        return cls(session, about, counters, workers=request.workers, host_id=host_id)

    def close(self) -> None:
        """Log out and close."""
        self._session.close(Deadline.after(_GOODBYE_S))

    # -- the server

    def origin(self, request: OriginRequest) -> Origin:
        """A vCenter has an id of its own, an ESX host that of its hardware."""
        return Origin(
            host_id=self._host_id,
            binding=BINDING,
            hypervisor=self._about.name,
            hypervisor_version=self._about.version,
            sources=_SOURCES,
        )

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        """A vCenter has no host of which one could speak."""
        return provided(is_host=self._about.is_host)

    def host(self, request: HostRequest) -> HostStats:
        """The host, of an ESX host."""
        if not self._about.is_host:
            raise NotSupported(absences.MANY_HOSTS.detail)
        watch = Stopwatch()
        host = self._session.host(request.deadline)
        return decode_host(host, self._about, watch.span())

    # -- virtual machines

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        """Every virtual machine but templates, with its state and memory: they come in the same call."""
        return tuple(known.instance for known in self._inventory.read(request.deadline).values())

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        """What the inventory brought, and the rates of those that run, many in a call."""
        latest = self._inventory.latest
        lacking = NUMBERS - self._counters.keys()
        running: list[Known] = []
        for instance in request.instances:
            known = latest.get(instance.key)
            if known is None:
                yield _vanished(instance)
                continue
            why = why_unsampled(known) if request.groups & _RATES else absences.NOT_REQUESTED
            if why is None and isinstance(known.hardware, Absence):
                why = known.hardware
            if why is None:
                running.append(known)
            else:
                yield decode(Reading(known=known, groups=request.groups, sampled=why, lacking=lacking))
        for chunk, sampled_by_ref in self._samples(running, request.groups, _with_reserve(request.deadline)):
            for known in chunk:
                sampled = sampled_by_ref.get(known.machine.ref, absences.NO_SAMPLE)
                if sampled is absences.VANISHED:
                    yield _vanished(known.instance)
                else:
                    yield decode(Reading(known=known, groups=request.groups, sampled=sampled, lacking=lacking))

    def _samples(
        self, running: Sequence[Known], groups: frozenset[Group], deadline: Deadline
    ) -> Iterator[tuple[Sequence[Known], _Sampled]]:
        """By ref, many machines at a time. While some are decoded here the server works on the next."""
        chunks = [running[start : start + _CHUNK] for start in range(0, len(running), _CHUNK)]
        tasks: dict[int, Task[_Sampled]] = {}
        for position, chunk in enumerate(chunks):
            try:
                for ahead, following in enumerate(chunks[position : position + _AT_A_TIME], position):
                    if ahead not in tasks:
                        ask_for = partial(self._sample, following, groups, deadline)
                        tasks[ahead] = self._workers.start(ask_for, deadline, "the newest samples")
                found = tasks.pop(position).result(deadline)
            except DeadlineExceeded as exc:
                found = dict.fromkeys((known.machine.ref for known in chunk), Absence(Reason.TIMED_OUT, printable(exc)))
            yield chunk, found

    def _sample(self, chunk: Sequence[Known], groups: frozenset[Group], deadline: Deadline) -> _Sampled:
        """The samples of *chunk* by ref, or why there are none; the rest of their records is there in any case."""
        pairs = {
            known.machine.ref: tuple(wanted(known.hardware, groups, self._counters))
            for known in chunk
            if isinstance(known.hardware, Hardware)
        }
        pairs = {ref: some for ref, some in pairs.items() if some}
        try:
            return ask(
                tuple(pairs),
                lambda refs: self._session.query({ref: pairs[ref] for ref in refs}, self._counters, deadline),
            )
        except DeadlineExceeded as exc:
            return dict.fromkeys(pairs, Absence(Reason.TIMED_OUT, printable(exc)))
        except (ConnectionLost, ConnectFailed) as exc:
            return dict.fromkeys(pairs, Absence(Reason.FAILED, printable(exc)))


def _vanished(instance: Instance) -> Failure:
    return Failure(instance=instance, reason=absences.VANISHED.reason, detail=absences.VANISHED.detail)


def _with_reserve(deadline: Deadline) -> Deadline:
    return deadline.earlier(min(_LONGEST_RESERVE_S, deadline.remaining * _RESERVE))


def _host_id(session: Session, about: About, deadline: Deadline) -> HostId | None:
    if about.uuid is not None:
        return HostId(value=about.uuid, source="vCenter")
    uuid = session.host(deadline).uuid if about.is_host else None
    return HostId(value=uuid, source="ESX") if uuid is not None else None
