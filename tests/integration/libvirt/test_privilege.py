"""Reading takes no privilege, what takes one says so, and nothing is started on the way."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hvinspect
from hvinspect import Group, Reason, to_dict
from tests.integration.libvirt import nobody
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest

TARGET = "libvirt:qemu:///system"
DENIED = 6
INVALID_TARGET = 3


@pytest.fixture(autouse=True)
def polkit(lab: Lab) -> None:
    """Whoever is not root is asked for polkit's word: it runs, and its name is on the bus."""
    lab.polkit.start()


@pytest.fixture
def denied(lab: Lab) -> Iterator[None]:
    """The lab with a polkit rule that refuses readers, in force."""
    lab.deny_by_polkit()
    try:
        deadline = time.monotonic() + 10
        while nobody.hvinspect("list", TARGET).returncode == 0:
            assert time.monotonic() < deadline, "polkit never took the rule"
            time.sleep(0.2)
        yield
    finally:
        lab.allow_by_polkit()
        deadline = time.monotonic() + 10
        while nobody.hvinspect("list", TARGET).returncode != 0:
            assert time.monotonic() < deadline, "polkit never let the rule go"
            time.sleep(0.2)


def test_nobody_is_nobody() -> None:
    told = nobody.run(
        "/bin/sh", "-c", "id; grep CapEff /proc/self/status; test -w /run/libvirt/libvirt-sock && echo may"
    )
    assert "uid=65534" in told.stdout
    assert "libvirt" not in told.stdout
    assert "CapEff:\t0000000000000000" in told.stdout


def test_an_unprivileged_user_reads_all_default_groups(two_busy_guests: tuple[Guest, Guest]) -> None:
    table = nobody.hvinspect("stats", TARGET)
    assert table.returncode == 0, table.stderr
    assert table.stderr == ""
    assert all(guest.spec.name in table.stdout for guest in two_busy_guests)

    told = nobody.hvinspect("stats", "--json", TARGET)
    assert told.returncode == 0, told.stderr
    with hvinspect.connect(TARGET) as hv:
        by_root = to_dict(hv.snapshot())
    given = {one["instance"]["uuid"]: set(_paths(one)) for one in json.loads(told.stdout)["instances"]}
    assert {guest.spec.uuid for guest in two_busy_guests} <= given.keys()
    assert given == {one["instance"]["uuid"]: set(_paths(one)) for one in by_root["instances"]}
    assert {"cpu.time_ns", "memory.guest_unused_bytes", "disks.0.read_bytes", "nics.0.rx_bytes"} <= given[
        two_busy_guests[0].spec.uuid
    ]


def test_a_polkit_rule_against_it_is_a_clear_denial(denied: None) -> None:
    told = nobody.hvinspect("stats", TARGET)
    assert told.returncode == DENIED
    assert told.stdout == ""
    assert "org.libvirt.unix.monitor" in told.stderr
    assert TARGET.removeprefix("libvirt:") in told.stderr
    assert len(told.stderr.splitlines()) <= 4
    assert "Traceback" not in told.stderr
    assert "libvirt: " not in told.stderr  # how libvirt's own prints begin


def test_a_socket_without_leave_is_a_clear_denial(tmp_path: Path) -> None:
    path = Path("/run/closed.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0o600)
        try:
            told = nobody.hvinspect("stats", f"libvirt:qemu+unix:///system?socket={path}")
        finally:
            path.unlink()
    assert told.returncode == DENIED
    assert str(path) in told.stderr
    assert "read-only socket" in told.stderr


def test_a_session_uri_starts_no_daemon() -> None:
    daemons = _libvirtds()
    told = nobody.hvinspect("stats", "libvirt:qemu:///session")
    assert told.returncode == INVALID_TARGET
    assert "socket=" in told.stderr
    assert _libvirtds() == daemons


def test_the_agent_without_the_option_is_denied_and_no_writable_connection_is_made(
    lab: Lab, two_busy_guests: tuple[Guest, Guest]
) -> None:
    before = _writable_connections()
    with hvinspect.connect(TARGET) as hv:
        stats = hv.snapshot([two_busy_guests[0].spec.uuid], groups=[*hvinspect.DEFAULT_GROUPS, Group.GUEST_AGENT])[
            two_busy_guests[0].spec.uuid
        ]
        assert _writable_connections() == before
    why = stats.guest_agent.why("hostname")
    assert why is not None
    assert why.reason is Reason.DENIED
    assert "access" in why.detail
    assert "write" in why.detail
    assert stats.memory.assigned_bytes

    with hvinspect.connect(TARGET, options={"access": "write"}) as hv:
        hv.snapshot(groups=hvinspect.DEFAULT_GROUPS)
        assert _writable_connections() == before, "it is opened for what needs it, and not before"
        hv.snapshot([two_busy_guests[0].spec.uuid], groups=[Group.GUEST_AGENT])
        assert _writable_connections() == before + 1


def test_an_unprivileged_user_is_denied_what_needs_more_and_given_the_rest(
    two_busy_guests: tuple[Guest, Guest],
) -> None:
    told = nobody.run(
        sys.executable,
        "-c",
        "import hvinspect\n"
        f"with hvinspect.connect({TARGET!r}, options={{'access': 'write'}}) as hv:\n"
        "    for stats in hv.snapshot(groups=[*hvinspect.DEFAULT_GROUPS, hvinspect.Group.GUEST_AGENT]):\n"
        "        print(stats.cpu.time_ns > 0, stats.guest_agent.why('hostname'))\n",
    )
    assert (told.returncode, told.stderr) == (0, "")
    lines = told.stdout.splitlines()
    assert len(lines) >= 2
    assert all(line.startswith("True denied: ") and "org.libvirt.unix.manage" in line for line in lines)


def _paths(data: Any, prefix: str = "") -> Iterator[str]:
    """Where something is, and nothing of what it is."""
    items = enumerate(data) if isinstance(data, list) else data.items() if isinstance(data, dict) else ()
    for key, value in items:
        yield f"{prefix}{key}"
        yield from _paths(value, f"{prefix}{key}.")


def _libvirtds() -> set[str]:
    found: set[str] = set()
    for process in Path("/proc").glob("[0-9]*/comm"):
        try:
            if process.read_text().startswith(("libvirtd", "virtqemud")):
                found.add(process.parent.name)
        except OSError:
            continue
    return found


def _writable_connections() -> int:
    """How many have the writable socket open at the daemon's end."""
    lines = Path("/proc/net/unix").read_text().splitlines()
    return sum(line.endswith("/libvirt-sock") for line in lines)
