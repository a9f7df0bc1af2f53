"""Recorded cases: a server's replies in their order, played to the driver in the place of a connection."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast, final

from hvinspect import DEFAULT_GROUPS, Failure, Group, HostStats, InstanceStats, Snapshot, Span, Versions, to_dict
from hvinspect.driver import (
    Deadline,
    HostRequest,
    InventoryRequest,
    ReadRequest,
    Secret,
    Workers,
)
from hvinspect.drivers._vmware.address import parse_address
from hvinspect.drivers._vmware.found import About
from hvinspect.drivers._vmware.metrics import NUMBERS
from hvinspect.drivers._vmware.native import Session
from hvinspect.drivers._vmware.wire import Reply, Wire
from hvinspect.drivers.vmware import VmwareDriver

__all__ = ["CASES", "FAULT", "Answers", "Played", "PlayedWire", "all_cases", "connected", "load", "plain", "read"]

CASES = Path(__file__).with_name("cases")
#: In the name of the file of a reply that is a server's fault.
FAULT = ".fault"
LONG = 60.0
#: The moment that all cases are of.
TAKEN = Span(
    started_unix_ns=1_700_000_000_000_000_000,
    started_monotonic_ns=1_000_000_000,
    duration_ns=1_000_000,
    boot_id="11111111-2222-3333-4444-555555555555",
)


class Answers(Protocol):
    """What the driver's session is given for a connection."""

    def post(self, body: bytes, headers: Mapping[str, str], deadline: Deadline, what: str) -> Reply:
        """As Wire has it."""
        ...

    def close(self) -> None:
        """As Wire has it."""


@final
class PlayedWire:
    """Answers each request with the next reply, which must be one to that method."""

    def __init__(self, replies: list[tuple[str, Reply]]) -> None:
        """Replies by the method that they answer."""
        self._replies = replies
        #: What was sent.
        self.sent: list[bytes] = []

    def post(self, body: bytes, headers: Mapping[str, str], deadline: Deadline, what: str) -> Reply:
        """As Wire has it."""
        assert self._replies, f"no reply is left for {what}"
        method, reply = self._replies.pop(0)
        assert what == method, f"{what} was called, and the case has a reply to {method}"
        self.sent.append(body)
        return reply

    def add(self, replies: Iterable[tuple[str, Reply]]) -> None:
        """More of them."""
        self._replies += replies

    def close(self) -> None:
        """As Wire has it."""

    @property
    def is_played_out(self) -> bool:
        """Was every reply asked for?"""
        return not self._replies


@final
@dataclass
class Played:
    """A driver that is connected to a case."""

    about: Mapping[str, Any]
    wire: PlayedWire
    driver: VmwareDriver
    server: About

    @property
    def groups(self) -> frozenset[Group]:
        """The groups that are asked for."""
        return frozenset(map(Group, self.about["groups"])) if "groups" in self.about else DEFAULT_GROUPS

    def read(self) -> tuple[list[InstanceStats], list[Failure]]:
        """All of its instances."""
        return read(self.driver, self.groups)

    def host(self) -> HostStats:
        """Its host."""
        return self.driver.host(HostRequest(deadline=Deadline.after(LONG)))


def all_cases() -> Iterator[str]:
    """The names of all cases."""
    return (folder.name for folder in sorted(CASES.iterdir()) if (folder / "about.json").is_file())


def load(name: str | Path) -> Played:
    """The case of that name, or in a folder."""
    folder = CASES / name
    replies = []
    for file in sorted(folder.glob("[0-9]*.xml")):
        method = file.name.partition("-")[2].partition(".")[0]
        status = 500 if file.stem.endswith(FAULT) else 200
        replies.append((method, Reply(status, "vmware_soap_session=abc; Path=/", file.read_bytes())))
    wire = PlayedWire(replies)
    driver, server = connected(wire)
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    return Played(about=about, wire=wire, driver=driver, server=server)


def connected(
    wire: Answers, *, rest: str = "//reader@server/", password: Secret | None = None
) -> tuple[VmwareDriver, About]:
    """A driver that is logged in over *wire*, and at which server; *rest* is a target's, after its driver."""
    session = Session(parse_address(rest), cast("Wire", wire))
    deadline = Deadline.after(LONG)
    server = session.open(password or Secret("mellon"), deadline)
    counters = session.counters(deadline)
    known = {one: counters[one] for one in NUMBERS & counters.keys()}
    return VmwareDriver(session, server, known, workers=Workers("played", limit=4)), server


def read(driver: VmwareDriver, groups: frozenset[Group]) -> tuple[list[InstanceStats], list[Failure]]:
    """All of its instances, in the order of its inventory."""
    deadline = Deadline.after(LONG)
    instances = driver.inventory(InventoryRequest(deadline=deadline))
    got = list(driver.read(ReadRequest(instances=instances, groups=groups, deadline=deadline)))
    order = [instance.key for instance in instances]
    got.sort(key=lambda one: order.index(one.instance.key))
    done = [one for one in got if isinstance(one, InstanceStats)]
    return done, [one for one in got if isinstance(one, Failure)]


def plain(read: list[InstanceStats], failures: list[Failure]) -> dict[str, Any]:
    """The records as plain data, all of one moment."""
    versions = Versions(hvinspect="0", driver="0")
    snapshot = Snapshot(
        instances=tuple(read), failures=tuple(failures), taken=TAKEN, driver="vmware", versions=versions
    )
    made: dict[str, Any] = _of_one_moment(to_dict(snapshot))
    return {name: made[name] for name in ("instances", "failures")}


def _of_one_moment(data: Any) -> Any:
    if isinstance(data, dict):
        moment = to_dict(_EMPTY)["taken"]
        return {
            name: moment
            if name == "taken"
            else TAKEN.started_unix_ns
            if name == "described_at"
            else _of_one_moment(value)
            for name, value in data.items()
        }
    return [_of_one_moment(one) for one in data] if isinstance(data, list) else data


_EMPTY = Snapshot(instances=(), failures=(), taken=TAKEN, driver="vmware", versions=Versions(hvinspect="0", driver="0"))
