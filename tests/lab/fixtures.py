"""The lab as pytest fixtures; an integration test's conftest imports those it wants by name.

The tests run inside the lab, so the daemons are there already and the address is plain ``qemu:///system``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, final

import pytest

from tests.lab import daemons, entry, settings
from tests.lab.containers import Container, ContainerSpec
from tests.lab.guests import Guest, start_together
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of

GuestFactory: TypeAlias = Callable[..., tuple[Guest, ...]]
ContainerFactory: TypeAlias = Callable[..., tuple[Container, ...]]


@final
class Lab:
    """The running lab: its daemons, and the policy between them and unprivileged users."""

    qemu_uri = settings.QEMU_URI
    lxc_uri = settings.LXC_URI
    bridge = settings.BRIDGE
    libvirtd = daemons.LIBVIRTD
    virtlogd = daemons.VIRTLOGD
    polkit = daemons.POLKIT
    system_bus = daemons.SYSTEM_BUS

    def deny_by_polkit(self) -> None:
        """Have polkit refuse unprivileged readers."""
        daemons.deny_by_polkit()

    def allow_by_polkit(self) -> None:
        """Let the distribution's own policy hold again."""
        daemons.allow_by_polkit()

    def log_calls(self, *, on: bool) -> None:
        """Have libvirtd log every call, or no longer; restarts it."""
        daemons.write_configuration(rpc_log=on)
        daemons.LIBVIRTD.restart()

    def called_procedures(self) -> tuple[str, ...]:
        """The calls clients made since the log began, such as "ConnectGetAllDomainStats"."""
        return daemons.called_procedures()


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The lab this test runs in."""
    if not entry.inside():
        pytest.fail("not inside a lab: run `python -m tests.lab pytest ...`", pytrace=False)
    return Lab()


@pytest.fixture
def libvirtd(lab: Lab) -> Iterator[daemons.Daemon]:
    """The daemon, to be hurt at will; it runs and answers again when the test ends."""
    yield lab.libvirtd
    if lab.libvirtd.pid is not None:
        lab.libvirtd.resume()
    lab.libvirtd.start()


@pytest.fixture(scope="session")
def session_guests(lab: Lab) -> Iterator[GuestFactory]:
    """A factory of guests that live until all tests have run."""
    yield from _factory()


@pytest.fixture
def guests(lab: Lab) -> Iterator[GuestFactory]:
    """A factory of guests, ``guests(spec, ...)``, booted together and destroyed when the test ends."""
    yield from _factory()


@pytest.fixture
def containers(lab: Lab) -> Iterator[ContainerFactory]:
    """A factory of containers, ``containers(spec, ...)``, destroyed when the test ends."""
    made: list[Container] = []

    def factory(*specs: ContainerSpec) -> tuple[Container, ...]:
        new = tuple(Container(spec) for spec in specs)
        made.extend(new)
        return tuple(container.start() for container in new)

    yield factory
    for container in made:
        container.destroy()


@pytest.fixture(scope="session")
def two_busy_guests(session_guests: GuestFactory) -> tuple[Guest, Guest]:
    """Two guests that have each written, read, sent and computed a little; later tests may ask for more.

    Each has 2 vCPUs, a raw disk vda, a qcow2 disk vdb, two cards on the bridge and a reporting balloon.
    """
    first, second = session_guests(busy_spec(1), busy_spec(2))
    for guest in (first, second):
        guest.write("vda", count=64, size=65536)
        guest.read("vdb", count=100, size=4096)
        guest.ping(guest.spec.nics[0], count=20, size=100)
        guest.spin(1)
    return first, second


def keys_of_still_guests(prefix: str, count: int) -> Iterator[set[str]]:
    """The keys of *count* guests that never run an instruction, destroyed when the generator goes on."""
    made = [Guest(GuestSpec(name=f"{prefix}-{number}", memory_mib=16, kernel=False)) for number in range(count)]
    try:
        for guest in made:
            guest.start()
        yield {guest.spec.uuid for guest in made}
    finally:
        for guest in made:
            guest.destroy()


def busy_spec(number: int) -> GuestSpec:
    """The specification of one of ``two_busy_guests``, or of a third."""
    return GuestSpec(
        name=f"busy-{number}",
        vcpus=2,
        disks=(
            DiskSpec(target="vda", serial=f"lab-{number}-a", discard=True),
            DiskSpec(target="vdb", format="qcow2", size=128 * MIB),
        ),
        nics=(NicSpec(mac=mac_of(number)), NicSpec(mac=mac_of(number, 1))),
        balloon_period=2,
        own_monitor=True,
    )


def _factory() -> Iterator[GuestFactory]:
    made: list[GuestSpec] = []

    def factory(*specs: GuestSpec) -> tuple[Guest, ...]:
        made.extend(specs)
        return start_together(specs)

    yield factory
    for spec in made:
        Guest(spec).destroy()
