"""Gives the tests simulated servers and a connection, and audits at the end what was called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import hvinspect
from tests.integration.vmware import audit
from tests.lab import requirements
from tests.lab.vmware.simulator import Simulator, simulated

_CALLS = pytest.StashKey[Counter[tuple[str, str]]]()
#: Starts a server.
Start = Callable[..., Simulator]


def pytest_configure(config: pytest.Config) -> None:
    """Say what is missing in one line."""
    config.stash[_CALLS] = Counter()
    try:
        requirements.check_vmware()
    except requirements.Missing as missing:
        raise pytest.UsageError(str(missing)) from missing


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which hvinspect called what its list does not have, or in which nobody listened."""
    calls = session.config.stash[_CALLS]
    silent = not calls and session.testscollected and session.testsfailed == 0
    if (silent or audit.violations(calls)) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what the audit found."""
    calls = config.stash[_CALLS]
    found = audit.violations(calls)
    if found:
        terminalreporter.section("the simulated servers' own log of what was called", red=True)
        terminalreporter.write_line("\n".join([*found, audit.REMEDY]))
    elif calls:
        total = sum(calls.values())
        terminalreporter.write_line(f"{total} calls, and hvinspect called nothing that its list does not have")


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Start]:
    """Starts servers that are gone, and audited, after the last test."""
    started: list[Simulator] = []
    with ExitStack() as ends:

        def begin(**how: Any) -> Simulator:
            folder: Path = tmp_path_factory.mktemp("server") / "lab-ca"
            made = ends.enter_context(simulated(folder, **how))
            started.append(made)
            return made

        yield begin
    for one in started:
        request.config.stash[_CALLS].update(one.calls())


@pytest.fixture(scope="session")
def vcenter(start: Start) -> Simulator:
    """A vCenter with three virtual machines and a template, which no test changes."""
    return start()


@pytest.fixture(scope="session")
def esx(start: Start) -> Simulator:
    """An ESX host with the same."""
    return start(esx=True)


@pytest.fixture(params=["vcenter", "esx"])
def server(request: pytest.FixtureRequest) -> Simulator:
    """Each of the two."""
    found: Simulator = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def hv(server: Simulator) -> Iterator[hvinspect.Connection]:
    """A connection to it, as any reader makes it."""
    with hvinspect.connect(server.target, options=server.options) as connection:
        yield connection
