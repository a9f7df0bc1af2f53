"""A modular daemon, virtqemud: the real one, built of Debian's source, and, in CI, libvirtd behind its sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import hvinspect
from tests.integration.libvirt import nobody
from tests.lab import settings
from tests.lab.daemons import Daemon
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest
from tests.lab.virtqemud import VIRTQEMUD

FOLDER = settings.READ_ONLY_SOCKET.parent
CONNECT_FAILED = 5
EXPLICIT = f"libvirt:qemu:///system?socket={FOLDER}/virtqemud-sock-ro"


def daemons() -> set[str]:
    """What of libvirt's runs, by process."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            name = path.read_text().strip()
        except OSError:
            continue
        if name.startswith("virt") or name == "libvirtd":
            found.add(f"{name} {path.parent.name}")
    return found


@pytest.fixture
def moved(lab: Lab, two_busy_guests: tuple[Guest, Guest]) -> Iterator[None]:
    """A host with virtqemud's sockets and without libvirtd's. What listens stays the same when a socket is renamed."""
    lab.polkit.start()
    names = {FOLDER / f"libvirt-sock{end}": FOLDER / f"virtqemud-sock{end}" for end in ("", "-ro")}
    for old, new in names.items():
        old.rename(new)
    try:
        yield
    finally:
        for old, new in names.items():
            new.rename(old)


@pytest.mark.parametrize("target", ["libvirt:qemu:///system", EXPLICIT])
def test_its_guests_are_read_by_whoever_may(moved: None, two_busy_guests: tuple[Guest, Guest], target: str) -> None:
    told = nobody.hvinspect("stats", target)
    assert (told.returncode, told.stderr) == (0, "")
    assert all(guest.spec.name in told.stdout for guest in two_busy_guests)


def test_nothing_is_started_where_it_does_not_run(moved: None) -> None:
    before = daemons()
    missing = FOLDER / "virtxend-sock-ro"
    with pytest.raises(hvinspect.ConnectFailed, match=missing.name):
        hvinspect.connect(f"libvirt:xen:///system?socket={missing}")
    assert daemons() == before != set()


@pytest.fixture(scope="module")
def virtqemud(lab: Lab, two_busy_guests: tuple[Guest, Guest]) -> Iterator[Daemon]:
    """The real one, on a host whose guests libvirtd has started and left to it."""
    lab.polkit.start()
    lab.libvirtd.stop()
    VIRTQEMUD.start()
    try:
        yield VIRTQEMUD
    finally:
        VIRTQEMUD.stop()
        lab.libvirtd.start()


@pytest.mark.slow
@pytest.mark.parametrize("target", ["libvirt:qemu:///system", EXPLICIT])
def test_the_guests_of_a_real_one_are_read_by_whoever_may(
    virtqemud: Daemon, two_busy_guests: tuple[Guest, Guest], target: str
) -> None:
    assert not settings.READ_ONLY_SOCKET.exists()
    told = nobody.hvinspect("stats", target)
    assert (told.returncode, told.stderr) == (0, "")
    assert all(guest.spec.name in told.stdout for guest in two_busy_guests)


@pytest.mark.slow
def test_reading_goes_on_when_a_real_one_is_started_again(
    virtqemud: Daemon, two_busy_guests: tuple[Guest, Guest]
) -> None:
    with hvinspect.connect("libvirt:qemu:///system") as hv:
        before = hv.snapshot(timeout=30.0)
        virtqemud.restart()
        after = hv.snapshot(timeout=30.0)
        assert hv.health().reconnects == 1
    for guest in two_busy_guests:
        assert after[guest.spec.uuid].incarnation == before[guest.spec.uuid].incarnation
        assert after[guest.spec.uuid].disks[0].write_bytes == before[guest.spec.uuid].disks[0].write_bytes
