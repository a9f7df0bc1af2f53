"""The sockets of a modular daemon, virtqemud. Debian builds none, so the lab's libvirtd is moved behind its sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import hvinspect
from tests.integration.libvirt import nobody
from tests.lab import settings
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest

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
def virtqemud(lab: Lab, two_busy_guests: tuple[Guest, Guest]) -> Iterator[None]:
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
def test_its_guests_are_read_by_whoever_may(virtqemud: None, two_busy_guests: tuple[Guest, Guest], target: str) -> None:
    told = nobody.hvinspect("stats", target)
    assert (told.returncode, told.stderr) == (0, "")
    assert all(guest.spec.name in told.stdout for guest in two_busy_guests)


def test_nothing_is_started_where_it_does_not_run(virtqemud: None) -> None:
    before = daemons()
    missing = FOLDER / "virtxend-sock-ro"
    with pytest.raises(hvinspect.ConnectFailed, match=missing.name):
        hvinspect.connect(f"libvirt:xen:///system?socket={missing}")
    assert daemons() == before != set()
