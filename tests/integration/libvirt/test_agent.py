"""A guest's agent is the guest's program: whatever it does costs its own group of its own guest, for a while."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self, final

import pytest

import hvinspect
from hvinspect import Group, GuestAgent, Reason
from tests.integration.libvirt import nobody
from tests.lab.daemons import wait_until
from tests.lab.fixtures import GuestFactory
from tests.lab.guests import Guest
from tests.lab.specification import GuestSpec

TARGET = "libvirt:qemu:///system"
GROUPS = [*hvinspect.DEFAULT_GROUPS, Group.GUEST_AGENT]
CHANNEL, PLAYED = "org.qemu.guest_agent.0", "played"
#: What one agent is waited for.
PATIENCE = 2.0

GOOD: dict[str, Any] = {
    "guest-ping": {},
    "guest-get-host-name": {"host-name": "inside"},
    "guest-get-users": [{"user": "ann", "login-time": 1.5}, {"user": "bob", "login-time": 2.5}],
    "guest-get-osinfo": {"id": "debian", "name": "Debian", "version": "12", "kernel-release": "6.1.0"},
    "guest-get-timezone": {"zone": "CET", "offset": 3600},
    "guest-get-fsinfo": [
        {"name": "vda1", "mountpoint": "/", "type": "ext4", "used-bytes": 400, "total-bytes": 1000, "disk": []}
    ],
    "guest-get-disks": [],
    "guest-network-get-interfaces": [],
}

#: Sends bytes to the host; what it is called with is the question.
Say = Callable[[bytes], None]
Behaviour = Callable[[Say, Mapping[str, Any]], None]


@final
class Agent:
    """While the context lasts, plays the agent of a guest that relays the channel to a socket."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self.behave: Behaviour = right
        self.asked: list[str] = []

    def __enter__(self) -> Self:
        self._ended = False
        self._line = socket.socket(socket.AF_UNIX)
        self._line.settimeout(0.2)
        self._line.connect(str(self.guest.spec.folder / "played.sock"))
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()
        self.guest.ask("relay", CHANNEL, PLAYED)
        self._wait_for("connected")
        return self

    def __exit__(self, *problem: object) -> None:
        self._ended = True
        self._thread.join(10.0)
        self._line.close()
        self.guest.ask("unrelay")
        self._wait_for("disconnected")

    def restart(self) -> None:
        """Begin anew and do right: the channel is closed and opened, which is when libvirt forgives and forgets."""
        self.__exit__()
        self.behave = right
        self.__enter__()

    def _wait_for(self, state: str) -> None:
        """Until libvirt knows: QEMU tells of a port at most once a second, and of open and closed only the last."""

        def knows() -> bool:
            with self.guest.domain() as domain:
                target = ElementTree.fromstring(domain.XMLDesc()).find(f".//channel/target[@name='{CHANNEL}']")
            return target is not None and target.get("state") == state

        wait_until(knows, what=f"the agent of {self.guest.spec.name} is {state}", timeout=60.0)

    def _play(self) -> None:
        received = b""
        while not self._ended:
            try:
                received += self._line.recv(65536)
            except TimeoutError:
                continue
            *questions, received = received.split(b"\n")
            for question in questions:
                self._answer(question)

    def _answer(self, text: bytes) -> None:
        try:
            # libvirt flushes the agent's parser with a byte that is no JSON.
            question = json.loads(text.lstrip(b"\xff").decode())
        except ValueError:
            return
        command = question["execute"]
        self.asked.append(command)

        def say(data: bytes) -> None:
            sent = 0
            while sent < len(data) and not self._ended:
                try:
                    sent += self._line.send(data[sent : sent + 65536])
                except TimeoutError:
                    continue

        if command in ("guest-sync", "guest-sync-delimited"):
            say(_line(question["arguments"]["id"]))
        else:
            with contextlib.suppress(OSError):
                self.behave(say, question)


def _line(answer: Any) -> bytes:
    return json.dumps({"return": answer}).encode() + b"\n"


def right(say: Say, question: Mapping[str, Any]) -> None:
    command = question["execute"]
    if command in GOOD:
        say(_line(GOOD[command]))
        return
    # Newer versions of libvirt ask for more, such as the load; what an agent does not know it says so.
    unknown = {"class": "CommandNotFound", "desc": f"The command {command} has not been found"}
    say(json.dumps({"error": unknown}).encode() + b"\n")


def silent(say: Say, question: Mapping[str, Any]) -> None:
    """Answers to guest-sync and to nothing else."""


def _instead(command: str, answer: Any) -> Behaviour:
    def behave(say: Say, question: Mapping[str, Any]) -> None:
        say(_line(answer)) if question["execute"] == command else right(say, question)

    return behave


def _garbage(seconds: float) -> Behaviour:
    def behave(say: Say, question: Mapping[str, Any]) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            say(b"\x00\xff{[garbage\r\n" * 1000)

    return behave


@pytest.fixture(scope="module")
def relaying(session_guests: GuestFactory) -> tuple[Guest, ...]:
    """Three guests whose agents can be played."""
    return session_guests(*(played_spec(f"played-{number}") for number in range(3)))


@pytest.fixture(scope="module")
def playing(relaying: tuple[Guest, ...]) -> Iterator[Agent]:
    with Agent(relaying[0]) as agent:
        yield agent


def played_spec(name: str) -> GuestSpec:
    """A guest that hands its agent's channel to whoever plays the agent."""
    channel = (
        f'<channel type="unix"><source mode="bind" path="{GuestSpec(name=name).folder}/played.sock"/>'
        f'<target type="virtio" name="{PLAYED}"/></channel>'
    )
    return GuestSpec(name=name, agent=True, extra_devices=channel)


@pytest.fixture
def asking() -> Iterator[hvinspect.Connection]:
    with hvinspect.connect(TARGET, options={"access": "write"}) as hv:
        yield hv


@pytest.fixture
def agent(playing: Agent, asking: hvinspect.Connection) -> Agent:
    """The agent of one of them, who is heard and does right until told otherwise."""
    if playing.behave is not right:
        _restart(asking, playing)
    _until_heard(asking, playing)
    playing.asked.clear()
    return playing


def _read(hv: hvinspect.Connection, agent: Agent, other: Guest, *, timeout: float = 10.0) -> GuestAgent:
    """What the agent tells in one snapshot with all else right, by its deadline."""
    started = time.monotonic()
    snapshot = hv.snapshot(groups=GROUPS, timeout=timeout)
    assert time.monotonic() - started < timeout
    for guest in (agent.guest, other):
        stats = snapshot[guest.spec.uuid]
        assert stats.cpu.time_ns is not None
        assert stats.memory.assigned_bytes is not None
    assert all(disk.read_bytes is not None for disk in snapshot[other.spec.uuid].disks)
    assert all(nic.rx_bytes is not None for nic in snapshot[other.spec.uuid].nics)
    return snapshot[agent.guest.spec.uuid].guest_agent


def _until_heard(hv: hvinspect.Connection, agent: Agent) -> GuestAgent:
    """What the agent tells, asked again until it does: a busy machine may take longer than it is waited for."""
    told = _heard(hv, agent, timeout=60.0)
    assert told.hostname is not None, f"the agent was never heard: {told.why('hostname')}"
    return told


def _heard(hv: hvinspect.Connection, agent: Agent, *, timeout: float) -> GuestAgent:
    """What the agent tells by then, if anything."""
    deadline = time.monotonic() + timeout
    while (told := _agent_of(hv, agent.guest)).hostname is None and time.monotonic() < deadline:
        time.sleep(0.1)
    return told


def _restart(hv: hvinspect.Connection, agent: Agent) -> None:
    """Restart the agent, and see that it is heard."""
    agent.restart()
    # In newer QEMUs (10.0) a port that was full lets nothing out when it is opened again, until it is once more.
    if _heard(hv, agent, timeout=15.0).hostname is None:
        agent.restart()
    _until_heard(hv, agent)


def _agent_of(hv: hvinspect.Connection, guest: Guest) -> GuestAgent:
    return hv.snapshot([guest.spec.uuid], groups=[Group.GUEST_AGENT])[guest.spec.uuid].guest_agent


def test_a_right_answer_is_there(asking: hvinspect.Connection, agent: Agent) -> None:
    told = _until_heard(asking, agent)
    assert told.hostname == "inside"
    assert told.os_id == "debian"
    assert told.kernel_release == "6.1.0"
    assert told.timezone_offset_ns == 3_600_000_000_000
    assert told.users == ("ann", "bob")
    (root,) = told.filesystems
    assert (root.mountpoint, root.kind, root.total_bytes, root.used_bytes) == ("/", "ext4", 1000, 400)


def test_a_guest_without_the_channel_or_without_an_agent_has_the_reason(
    asking: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]
) -> None:
    why = _agent_of(asking, two_busy_guests[0]).why("hostname")
    assert why is not None
    assert why.reason is Reason.NOT_CONFIGURED


@pytest.mark.parametrize(
    "behave",
    [
        _instead("guest-get-users", [{"user": f"u{number}", "login-time": 1.0} for number in range(10_000)]),
        _instead("guest-get-host-name", {"host-name": "x" * (20 * 1024 * 1024)}),
        _instead("guest-get-host-name", {"host-name": "x" * 300_000}),
        _instead("guest-get-host-name", {"host-name": 7}),
        _instead("guest-get-host-name", []),
        _instead("guest-get-users", {"user": None}),
        _instead("guest-get-users", [None, 7, {"user": 7}]),
        _instead("guest-get-timezone", {"zone": 5, "offset": "far"}),
        _instead("guest-get-osinfo", None),
        _instead("guest-get-fsinfo", [{"name": 1}]),
        lambda say, question: say(b'{"return": {"host-name": "cut\n'),
        lambda say, question: say(b'{"return": ' + b"[" * 100_000 + b"\n"),
        lambda say, question: say(b"not JSON at all\n"),
        lambda say, question: say(b'{"error": {"class": "GenericError", "desc": "no"}}\n'),
        lambda say, question: say(b"{}\n"),
        _garbage(1.0),
    ],
    ids=[
        *("users-10000", "name-20-MB", "name-300-kB", "name-number", "name-list", "users-object", "users-odd"),
        *("zone-odd", "os-none", "fs-odd", "cut", "deep", "no-json", "errors", "empty", "garbage"),
    ],
)
def test_a_hostile_answer_costs_no_more_than_the_agents_part(
    asking: hvinspect.Connection, agent: Agent, two_busy_guests: tuple[Guest, Guest], behave: Behaviour
) -> None:
    agent.behave = behave
    told = _read(asking, agent, two_busy_guests[0])
    assert len(repr(told)) < 100_000
    assert told.hostname in (None, "inside")
    if told.hostname is None:
        assert told.why("hostname") is not None
    with hvinspect.connect(TARGET) as reading:
        assert not reading.snapshot().failures
    agent.behave = right
    if _agent_of(asking, agent.guest).hostname is None:
        _restart(asking, agent)


def test_names_with_control_characters_are_data_and_are_escaped_where_shown(
    asking: hvinspect.Connection, agent: Agent
) -> None:
    hostile = "\x1b[2J\x07\u202ename\n"
    agent.behave = _instead("guest-get-host-name", {"host-name": hostile})
    told = _until_heard(asking, agent)
    assert told.hostname == hostile


def test_an_agent_that_falls_silent_is_waited_for_once_and_briefly(
    asking: hvinspect.Connection, agent: Agent, two_busy_guests: tuple[Guest, Guest]
) -> None:
    agent.behave = silent
    started = time.monotonic()
    told = _read(asking, agent, two_busy_guests[0], timeout=60.0)
    assert time.monotonic() - started < PATIENCE + 8.0
    why = told.why("hostname")
    assert why is not None
    assert why.reason is Reason.TIMED_OUT
    asked = len(agent.asked)
    for _ in range(20):
        why = _read(asking, agent, two_busy_guests[0]).why("hostname")
        assert why is not None
        assert why.reason is Reason.TIMED_OUT
    assert len(agent.asked) == asked, "it is not asked again before it has answered"
    assert asking.health().stuck_calls == 1
    # The daemon is well: others read of it, and of this very guest, all that does not need its agent.
    others = nobody.hvinspect("stats", TARGET)
    assert others.returncode == 0, others.stderr
    agent.restart()
    _until_heard(asking, agent)
    assert asking.health().stuck_calls == 0


def test_silent_agents_leave_the_daemon_its_workers_and_the_other_guests_their_numbers(
    asking: hvinspect.Connection,
    agent: Agent,
    relaying: tuple[Guest, ...],
    two_busy_guests: tuple[Guest, Guest],
) -> None:
    with Agent(relaying[1]) as second, Agent(relaying[2]) as third:
        agents = (agent, second, third)
        for one in agents:
            _until_heard(asking, one)
            one.asked.clear()
            one.behave = silent
        for _ in range(3):
            started = time.monotonic()
            snapshot = asking.snapshot(groups=GROUPS, timeout=10.0)
            assert time.monotonic() - started < 10.0
            for guest in (*relaying, *two_busy_guests):
                assert snapshot[guest.spec.uuid].memory.assigned_bytes is not None
            assert asking.health().stuck_calls == 2
        reasons = [_agent_of(asking, guest).why("hostname") for guest in relaying]
        assert sorted(why.reason for why in reasons if why is not None) == [
            Reason.BUSY,
            Reason.TIMED_OUT,
            Reason.TIMED_OUT,
        ]
        assert sum("guest-get-users" in one.asked for one in agents) == 2
