"""Takes this run into a lab, gives the tests QEMUs without libvirt, and audits at the end what they were told."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import hvinspect
from hvinspect.drivers._qemu.operations import COMMANDS
from tests.lab import entry
from tests.lab.fixtures import Lab, lab
from tests.lab.qemu.command import FOLDER
from tests.lab.qemu.lone import LoneGuest, many, start_together
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of

__all__ = ["lab"]

_AUDIT = pytest.StashKey[tuple[int, list[str]]]()
_HEARD: list[str] = []


def pytest_cmdline_main(config: pytest.Config) -> None:
    """Start the same run again inside a lab, unless it is in one."""
    entry.reexecute(config)


def violations(requests: list[str]) -> list[str]:
    """Those of *requests* that are hvinspect's, which gives each an id, and not on its list."""
    listed = {one.command: one.arguments for one in COMMANDS}
    found = []
    for text in requests:
        said = json.loads(text)
        if "id" not in said:
            continue  # the tests' own
        allowed, arguments = listed.get(said["execute"]), said.get("arguments", {})
        if allowed is None or any(
            name not in allowed or ("*" not in allowed[name] and value not in allowed[name])
            for name, value in arguments.items()
        ):
            found.append(text)
    return found


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which hvinspect gave a QEMU what its list does not have, or in which QEMU logged nothing."""
    if not entry.inside():
        return
    found = violations(_HEARD) if _HEARD else ["no QEMU logged what it was told"]
    session.config.stash[_AUDIT] = (len(_HEARD), found)
    if found and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what the audit found."""
    heard, found = config.stash.get(_AUDIT, (0, []))
    if found:
        terminalreporter.section("what QEMUs logged that they were told", red=True)
        terminalreporter.write_line("\n".join(found))
        terminalreporter.write_line("List it in hvinspect/drivers/_qemu/operations.py, or do not send it")
    elif heard:
        terminalreporter.write_line(f"{heard} requests logged by QEMU, and hvinspect's are all on its list")


def end(guest: LoneGuest) -> None:
    """Note what it was told, and destroy it."""
    _HEARD.extend(guest.commands())
    guest.destroy()


@pytest.fixture(scope="session")
def busy(lab: Lab) -> Iterator[LoneGuest]:
    """A guest that boots: 2 vCPUs, three disks, a card on the bridge and a user-mode one, a balloon."""
    guest = LoneGuest(
        GuestSpec(
            name="alone",
            vcpus=2,
            maximum_vcpus=4,
            disks=(
                DiskSpec(target="vda", serial="alone-a", discard=True),
                DiskSpec(target="vdb", format="qcow2", size=128 * MIB),
                DiskSpec(target="sda", bus="scsi", discard=True),
            ),
            nics=(NicSpec(mac=mac_of(90)), NicSpec(mac=mac_of(90, 1), kind="user", model="e1000")),
            iothreads=1,
        )
    )
    start_together([guest])
    yield guest
    end(guest)


@pytest.fixture(scope="module")
def crowd(lab: Lab, request: pytest.FixtureRequest) -> Iterator[list[LoneGuest]]:
    """As many guests without a kernel as the test says."""
    with many(request.param, traced=True) as guests:
        yield guests
        for guest in guests:
            _HEARD.extend(guest.commands())


@pytest.fixture(scope="session")
def apart(lab: Lab) -> Iterator[LoneGuest]:
    """A guest that boots in a network namespace of its own; its threads have no names."""
    spec = GuestSpec(name="apart", nics=(NicSpec(mac=mac_of(91), kind="ethernet"),), balloon=False)
    guest = LoneGuest(spec, namespace="elsewhere", threads_named=False)
    start_together([guest])
    yield guest
    end(guest)


@pytest.fixture
def still(lab: Lab) -> Iterator[LoneGuest]:
    """A guest without a kernel, to be hurt at will."""
    spec = GuestSpec(
        name="still",
        memory_mib=16,
        kernel=False,
        disks=(DiskSpec(target="vda", size=MIB),),
        nics=(NicSpec(mac=mac_of(92)),),
    )
    guest = LoneGuest(spec).start()
    yield guest
    end(guest)


@pytest.fixture
def hv(busy: LoneGuest) -> Iterator[hvinspect.Connection]:
    """A connection to every monitor of the lab's."""
    with hvinspect.connect(f"qemu:{FOLDER}/*.qmp") as connection:
        yield connection
