"""Takes this run into a lab, and gives the tests its daemons, guests and a connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import hvinspect
from tests.lab import entry
from tests.lab.fixtures import (
    Lab,
    containers,
    guests,
    lab,
    libvirtd,
    session_guests,
    two_busy_guests,
)

__all__ = ["containers", "guests", "hv", "lab", "libvirtd", "session_guests", "two_busy_guests"]


def pytest_cmdline_main(config: pytest.Config) -> None:
    """Start the same run again inside a lab, unless it is in one."""
    entry.reexecute(config)


@pytest.fixture
def hv(lab: Lab) -> Iterator[hvinspect.Connection]:
    """A connection to the lab's libvirtd, as any reader makes it."""
    with hvinspect.connect(f"libvirt:{lab.qemu_uri}") as connection:
        yield connection
