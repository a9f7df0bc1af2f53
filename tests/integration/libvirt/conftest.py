"""Takes this run into a lab, gives the tests its daemons, guests and a connection, and audits the calls at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import hvinspect
from tests.integration.libvirt import audit
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

_AUDIT = pytest.StashKey[tuple[int, list[str]]]()


def pytest_cmdline_main(config: pytest.Config) -> None:
    """Start the same run again inside a lab, unless it is in one."""
    entry.reexecute(config)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which hvinspect called what its list does not have, or in which nobody listened."""
    if not entry.inside():
        return
    heard = list(audit.seen(audit.logs()))
    found = audit.violations(heard) if heard else ["nothing was logged: start the lab with --rpc-log"]
    session.config.stash[_AUDIT] = (len(heard), found)
    if found and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what the audit found."""
    clients, found = config.stash.get(_AUDIT, (0, []))
    if found:
        terminalreporter.section("the daemons' own logs of what was called", red=True)
        terminalreporter.write_line("\n".join([*found, audit.REMEDY]))
    elif clients:
        terminalreporter.write_line(f"{clients} connections, and hvinspect called nothing that its list does not have")


@pytest.fixture
def hv(lab: Lab) -> Iterator[hvinspect.Connection]:
    """A connection to the lab's libvirtd, as any reader makes it."""
    with hvinspect.connect(f"libvirt:{lab.qemu_uri}") as connection:
        yield connection
