# pyright: strict
"""A driver of somebody else: guests of a bhyve-like hypervisor whose manager answers in JSON, a request at a time.

Frozen with a release, and run against every later one: it uses the driver API as a driver of its time does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

import hvinspect
import hvinspect.driver as api
from hvinspect.driver import Absence, Absences, Group, Reason, State, blank, option
from hvinspect.testing import conformance, registered

E = TypeVar("E", bound=hvinspect.Error)

NOT_COUNTED = Absence(Reason.UNSUPPORTED, "the manager does not count it")
NOT_ASKED = Absence(Reason.NOT_REQUESTED, "its group was not asked for")
STATES = {"running": State.RUNNING, "stopped": State.SHUT_OFF, "suspended": State.PAUSED}
NEVER: tuple[str, ...] = ("disks", "iothreads", "state_reason", "supplied_rates")
GIVEN = frozenset({
    "instance.key", "instance.uuid", "instance.name", "instance.driver", "stats.incarnation", "stats.state",
    "stats.native_state", "cpu.time_ns", "cpu.vcpus_online", "memory.maximum_bytes", "nic.key", "nic.incarnation",
    "nic.rx_bytes", "nic.tx_bytes", "host.incarnation", "host.hostname", "host.cpus",
})  # fmt: skip


class Manager:
    """What would be on the other end of a socket."""

    def __init__(self) -> None:
        self.token = "let me in"
        self.broken = False
        self.guests: dict[str, dict[str, Any]] = {
            "web": {"uuid": str(UUID(int=1)), "state": "running", "boot": 1, "cpu_us": 500, "cpus": 2, "tap": [10, 20]},
            "db": {"uuid": str(UUID(int=2)), "state": "stopped", "boot": 0, "cpu_us": 0, "cpus": 4, "tap": None},
        }

    def ask(self, what: str, token: str) -> str:
        if self.broken:
            raise BrokenPipeError(what)
        if token != self.token:
            raise PermissionError(what)
        fixed: dict[str, Any] = {"list": list(self.guests), "host": {"name": "beastie", "cpus": 8}}
        return json.dumps(fixed.get(what, self.guests.get(what)))


MANAGERS = {"local": Manager()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    token: api.Secret = option("What the manager asks for.", default=api.Secret(""))
    prefix: str = option("Only guests whose name begins so.", default="")


class BhyveDriver(api.Driver):
    Options: ClassVar[type[Options]] = Options
    concurrency: ClassVar[int] = 1

    def __init__(self, manager: Manager, request: api.OpenRequest) -> None:
        self._manager, self._options, self._workers = manager, request.options, request.workers
        self.opened: int = request.memory.setdefault("opened", 0) + 1
        request.memory["opened"] = self.opened

    @classmethod
    def open(cls, request: api.OpenRequest) -> Self:
        manager = MANAGERS.get(request.target.rest)
        if manager is None:
            raise api.ConnectFailed(f"there is no manager {api.printable(request.target.rest)!r}")
        driver = cls(manager, request)
        driver._ask("list", request.deadline)
        return driver

    def _ask(self, what: str, deadline: api.Deadline) -> Any:
        """The one place where errors of the manager become hvinspect's."""
        deadline.check(what)
        try:
            token: str = self._options.token.reveal()
            return json.loads(self._workers.call(lambda: self._manager.ask(what, token), deadline, what))
        except PermissionError as exc:
            raise api.AccessDenied(f"the manager refused {what}: give option 'token'") from exc
        except ConnectionError as exc:
            raise api.ConnectionLost(f"the manager hung up on {what}") from exc

    def inventory(self, request: api.InventoryRequest) -> Sequence[api.Instance]:
        names = [name for name in self._ask("list", request.deadline) if name.startswith(self._options.prefix)]
        uuids = {name: UUID(self._ask(name, request.deadline)["uuid"]) for name in names}
        return [api.Instance(key=name, uuid=uuids[name], name=name, driver="bhyve") for name in names]

    def read(self, request: api.ReadRequest) -> Iterator[api.InstanceStats | api.Failure]:
        for instance in request.instances:
            watch = api.Stopwatch()
            guest = self._ask(instance.key, request.deadline)
            if guest is None:
                yield api.Failure(instance=instance, reason=Reason.VANISHED, detail="the manager forgot it")
            else:
                yield stats_of(instance, guest, request.groups, watch.span())

    def host(self, request: api.HostRequest) -> api.HostStats:
        watch = api.Stopwatch()
        told = self._ask("host", request.deadline)
        rest = lacking("host", "hostname", "cpus")
        return api.HostStats(
            incarnation=api.this_boot(), hostname=told["name"], cpus=told["cpus"], taken=watch.span(), absences=rest
        )

    def provides(self, request: api.ProvidesRequest) -> Mapping[str, Absence | None]:
        return {path: None if path in GIVEN else NOT_COUNTED for path in api.CATALOGUE}

    def origin(self, request: api.OriginRequest) -> api.Origin:
        ask = "a request for the guest"
        return api.Origin(
            host_id=api.HostId(value="beastie", source="manager"),
            hypervisor="bhyve",
            sources={Group.STATE: ask, Group.CPU: ask, Group.MEMORY: ask, Group.NIC: ask},
        )

    def unknown_statistics(self) -> Sequence[str]:
        return ["boot"]

    def close(self) -> None:
        self._manager = Manager()


def stats_of(
    instance: api.Instance, guest: dict[str, Any], groups: frozenset[Group], taken: api.Span
) -> api.InstanceStats:
    missing = dict.fromkeys(NEVER, NOT_COUNTED)
    incarnation = f"{guest['uuid']}-{guest['boot']}"
    stats = api.InstanceStats(
        instance=instance, incarnation=incarnation, taken=taken,
        cpu=blank(api.CpuStats, NOT_ASKED), memory=blank(api.MemoryStats, NOT_ASKED),
        perf=blank(api.PerfStats, NOT_COUNTED), dirty_rate=blank(api.DirtyRate, NOT_COUNTED),
        job=blank(api.Job, NOT_COUNTED), guest_agent=blank(api.GuestAgent, NOT_COUNTED),
    )  # fmt: skip
    if Group.STATE in groups:
        stats = replace(stats, state=STATES.get(guest["state"], State.UNKNOWN), native_state=guest["state"])
    else:
        missing |= {"state": NOT_ASKED, "native_state": NOT_ASKED}
    if Group.CPU in groups:
        rest = lacking("cpu", "time_ns", "vcpus_online") | {"vcpus": NOT_COUNTED}
        cpu = api.CpuStats(time_ns=guest["cpu_us"] * 1000, vcpus_online=guest["cpus"], absences=rest)
        stats = replace(stats, cpu=cpu)
    if Group.MEMORY in groups:
        stats = replace(stats, memory=api.MemoryStats(maximum_bytes=2**30, absences=lacking("memory", "maximum_bytes")))
    if Group.NIC not in groups:
        missing["nics"] = NOT_ASKED
    elif guest["tap"] is None:
        missing["nics"] = Absence(Reason.NOT_RUNNING)
    else:
        # A tap counts from the host's side: what it received is what the guest sent.
        sent, received = guest["tap"]
        rest = lacking("nic", "rx_bytes", "tx_bytes", "filter_parameters")
        tap = api.NicStats(key="tap0", incarnation=incarnation, rx_bytes=received, tx_bytes=sent, absences=rest)
        stats = replace(stats, nics=(tap,))
    return replace(stats, absences=Absences(missing))


def lacking(record: str, *given: str) -> Absences:
    """A reason for all that a record of the catalogue could have, but for what is given."""
    fields = [field for field in api.CATALOGUE.values() if field.record == record and not field.required]
    return Absences({field.name: NOT_COUNTED for field in fields if field.name not in given})


def raised(kind: type[E], call: Callable[[], object]) -> E:
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def main() -> None:
    options = {"token": hvinspect.Secret("let me in")}
    with registered("bhyve", BhyveDriver):
        report = conformance.run("bhyve:local", options=options)
        assert report.ok, report
        denied = raised(hvinspect.AccessDenied, lambda: hvinspect.connect("bhyve:local", options={"token": "wrong"}))
        assert isinstance(denied.__cause__, PermissionError)
        assert "wrong" not in str(denied)
        with hvinspect.connect("bhyve:local", options=options) as hv:
            assert hv.snapshot()["web"].nics[0].rx_bytes == 20
            assert hv.health().unknown_statistics == ("boot",)
            assert hv.host().hostname == "beastie"
            MANAGERS["local"].broken = True
            assert raised(hvinspect.ConnectionLost, hv.snapshot).retryable
            MANAGERS["local"].broken = False
            assert hv.snapshot(["web"])["web"].state is State.RUNNING
            assert hv.health().reconnects >= 1


if __name__ == "__main__":
    main()
