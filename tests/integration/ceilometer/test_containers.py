"""The agent as it is deployed in a container, which sees of the host libvirtd's sockets alone."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ceilometer import watch
from tests.integration.ceilometer.agent import HAS_POLLSTERS, PATIENCE, Agent, Agents, Cycle
from tests.lab import sealed, settings
from tests.lab.daemons import LIBVIRTD, wait_until
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest

FOLDER = settings.READ_ONLY_SOCKET.parent
CONFIGURATION = Path("/etc/libvirt/libvirtd.conf")
#: Where a host has what of guests could be read without asking; images are in the third, sockets and logs in the last.
HOST = ("/proc/", "/sys/", "/var/", "/run/")
#: One of a hypervisor alone is looked for before that of all.
SOCKETS = {f"/var{settings.READ_ONLY_SOCKET.with_name(name)}" for name in ("virtqemud-sock-ro", "libvirt-sock-ro")}
#: libuuid's, of which it has an id for each sample.
CEILOMETERS = {"/run/uuidd/request", "/var/lib/libuuid/clock.txt"}
INTERVAL = 3


@pytest.fixture(scope="module", params=["polkit", "none"])
def authentication(request: pytest.FixtureRequest, lab: Lab) -> Iterator[str]:
    """Whom libvirtd lets read: whom polkit does, or whoever can open the socket."""
    if request.param == "polkit":
        yield "polkit"
        return
    before = CONFIGURATION.read_text()
    CONFIGURATION.write_text(f'{before}auth_unix_ro = "none"\n')
    LIBVIRTD.restart()
    yield "none"
    CONFIGURATION.write_text(before)
    LIBVIRTD.restart()


@pytest.fixture(scope="module")
def contained(agents: Agents, authentication: str, linux: Guest, stills: tuple[Guest, ...]) -> Iterator[Agent]:
    """An agent in a container, whose use of files is written down."""
    with in_container(agents, f"contained-{authentication}", FOLDER, watched=True) as agent:
        agent.wait_for_cycles(2)
        yield agent


@contextlib.contextmanager
def in_container(agents: Agents, name: str, *seen: Path, watched: bool = False) -> Iterator[Agent]:
    """An agent that sees its own folder and *seen*."""
    agent = agents.ours(name, interval=INTERVAL)
    watcher = watch.command(record_of(agent)) if watched else ()
    agent.wrap((*watcher, *sealed.command(agent.folder, *seen)))
    with agent:
        yield agent


def record_of(agent: Agent) -> Path:
    """Where it is written down what a watched agent used."""
    return agent.folder / "used"


def keys(cycle: Cycle) -> set[tuple[str, str]]:
    """What it has samples of, but for what tells of the time since the cycle before."""
    return {(one.meter, one.resource) for one in cycle.samples if not one.meter.endswith((".delta", ".rate"))}


def test_it_has_all_samples(contained: Agent, linux: Guest, stills: tuple[Guest, ...]) -> None:
    cycle = contained.wait_for_cycles(2)[1]
    assert len(cycle.meters_of(linux.spec.uuid)) >= (32 if HAS_POLLSTERS else 26)
    assert {one.guest for one in cycle.samples} == {linux.spec.uuid, *(guest.spec.uuid for guest in stills)}


def test_it_reads_nothing_of_the_host_but_what_libvirtd_tells(contained: Agent) -> None:
    # The last that it reads before its first cycle.
    used = watch.used_since(record_of(contained), contained.folder / "polling.yaml")
    of_the_host = {path for path in used if path.startswith(HOST) and not path.startswith(str(contained.folder))}
    # The clock's boot, which is this process's too; and the proof that Python is seen, and what is native.
    assert of_the_host - CEILOMETERS == {"/proc/sys/kernel/random/boot_id", *SOCKETS}


def test_a_daemon_that_was_restarted_is_back_in_the_next_cycle(contained: Agent) -> None:
    before = contained.cycles[-2]
    inode = settings.READ_ONLY_SOCKET.stat().st_ino
    LIBVIRTD.restart()
    assert settings.READ_ONLY_SOCKET.stat().st_ino != inode
    returned = time.time()
    after = contained.wait_for_cycles(1, since=returned)[0]
    assert keys(after) == keys(before)
    if HAS_POLLSTERS:
        assert after.began - returned < INTERVAL + 1


def test_a_socket_that_is_bound_without_its_folder_is_named(
    agents: Agents, linux: Guest, stills: tuple[Guest, ...]
) -> None:
    with in_container(agents, "contained-file", settings.READ_ONLY_SOCKET) as agent:
        agent.wait_for_cycles(1)
        LIBVIRTD.restart()
        wait_until(lambda: "Cannot read" in agent.log, what="a cycle without libvirtd", timeout=PATIENCE)
        (line,) = [line for line in agent.log.splitlines() if "Cannot read" in line]
    assert "mount its folder" in line
    assert str(settings.READ_ONLY_SOCKET) in line
