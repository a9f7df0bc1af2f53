"""Takes this run into a lab, gives the tests its guests and agents, and audits hvinspect's calls at the end."""

from __future__ import annotations

import pytest

from tests.integration.ceilometer import nova
from tests.integration.ceilometer.agent import Agents
from tests.integration.libvirt.conftest import pytest_cmdline_main, pytest_sessionfinish, pytest_terminal_summary
from tests.lab import settings
from tests.lab.fixtures import GuestFactory, Lab, guests, lab, libvirtd, session_guests
from tests.lab.guests import Guest

__all__ = [
    "agents",
    "guests",
    "lab",
    "libvirtd",
    "linux",
    "pytest_cmdline_main",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "session_guests",
    "stills",
]


@pytest.fixture(scope="session")
def linux(session_guests: GuestFactory) -> Guest:
    """A guest that booted and has done something of everything."""
    (guest,) = session_guests(nova.linux("linux", 1))
    guest.write("vda", count=16, size=65536)
    guest.write("vdb", count=16, size=65536)
    guest.read("vdb", count=10, size=4096)
    for nic in guest.spec.nics:
        guest.ping(nic, count=5, size=100)
    guest.spin(1)
    return guest


@pytest.fixture(scope="session")
def stills(session_guests: GuestFactory) -> tuple[Guest, ...]:
    """Five guests of which nothing ever moves."""
    return session_guests(*nova.still("still", 5, first=10))


@pytest.fixture(scope="session")
def agents(lab: Lab) -> Agents:
    """A maker of agents."""
    folder = settings.STATE / "agents"
    folder.mkdir()
    folder.chmod(0o777)
    return Agents(folder)
