"""Records the cases that a lab can show: ``python -m tests.lab python -m tests.drivers.libvirt.scenes``.

Names after it choose among them. What is recorded differs from run to run by what the guests happened to do; expected
records are accepted afterwards.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import libvirt

from hvinspect.drivers._libvirt.words import RAW_WRITES_UNCOUNTED_SINCE
from tests.drivers.libvirt.case import CASES
from tests.lab import requirements, settings
from tests.lab.containers import Container, ContainerSpec
from tests.lab.daemons import wait_until
from tests.lab.fixtures import busy_spec
from tests.lab.guests import Guest, start_together
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of
from tools.record_libvirt import record

SCENES: list[Callable[[], None]] = []


def scene(function: Callable[[], None]) -> Callable[[], None]:
    """One that is played by default."""
    SCENES.append(function)
    return function


def take(guest: Guest, name: str, shows: str, *, flags: int = 0) -> None:
    """Record *guest* over a read-only connection."""
    with contextlib.closing(libvirt.openReadOnly(settings.QEMU_URI)) as connection:
        domain = connection.lookupByUUIDString(guest.spec.uuid)
        record(connection, domain, name, shows=shows, flags=flags)


@contextlib.contextmanager
def tiny(name: str, **parts: Any) -> Iterator[Guest]:
    """A paused guest without a kernel."""
    guest = Guest(GuestSpec(name=name, kernel=False, memory_mib=16, **parts))
    with guest:
        yield guest.start()


@scene
def busy() -> None:
    """A guest with everything, then without its balloon driver, then with vCPUs unplugged."""
    spec = replace(
        busy_spec(1),
        name="everything",
        maximum_vcpus=4,
        iothreads=2,
        title="Everything",
        disks=(
            *busy_spec(1).disks,
            DiskSpec(target="sda", bus="sata", device="cdrom", empty=True),
        ),
        nics=(*busy_spec(1).nics, NicSpec(mac=mac_of(1, 2), kind="user")),
    )
    (guest,) = start_together([spec])
    with guest:
        guest.write("vda", count=64, size=65536)
        guest.read("vdb", count=100, size=4096)
        guest.ping(spec.nics[0], count=20, size=100)
        guest.send(spec.nics[1], count=7, size=300)
        guest.spin(1)
        _wait_for_report(guest)
        take(guest, "running", "a running guest: disks, NICs, a reporting balloon, I/O threads, an empty drive")
        subprocess.run(["virsh", "-q", "domdirtyrate-calc", spec.name, "--seconds", "2"], check=True)
        take(guest, "dirty-rate-measuring", "a measurement of the dirty rate that is not over")
        guest.fault(8000)
        _wait_for_dirty_rate(guest)
        take(guest, "dirty-rate-measured", "a measured dirty rate")
        with guest.domain() as domain:
            domain.setVcpusFlags(4)
        take(guest, "vcpus-plugged", "vCPUs plugged into a running guest")
        guest.drop_balloon()
        time.sleep(3)
        take(guest, "balloon-driver-gone", "a guest that unloaded its balloon driver: the numbers are of before")


@scene
def balloons() -> None:
    """Booted guests whose balloon reports by no period, or is not there."""
    full = settings.IMAGES / "written-full.raw"
    full.write_bytes(b"x" * 64 * MIB)
    disks = (
        DiskSpec(target="vda"),
        DiskSpec(target="vdb", source=full),
        DiskSpec(target="vdc", format="qcow2"),
        DiskSpec(target="vdd", discard=True),
    )
    silent = GuestSpec(name="no-period", disks=disks)
    none = GuestSpec(name="no-balloon", balloon=False, disks=(DiskSpec(target="vda"),))
    one, other = start_together([silent, none])
    with one, other:
        take(one, "no-period", "a balloon without a period: the guest's numbers are those of its boot, for ever")
        take(other, "no-balloon", "a running guest without a balloon")
        for target in ("vda", "vdb", "vdc"):
            one.write(target, count=1, size=4096, seek=8192)
        one.write("vdd", count=256, size=4096)
        one.discard("vdd", offset=0, length=MIB)
        shows = "a block written at 32 MiB of a sparse raw, a full raw, a qcow2 image; a raw one written and discarded"
        take(one, "images-written", shows)


@scene
def newer_images() -> None:
    """What is said of raw images where QEMU does not count how far they were written."""
    with contextlib.closing(libvirt.openReadOnly(settings.QEMU_URI)) as connection:
        if connection.getLibVersion() < RAW_WRITES_UNCOUNTED_SINCE:
            print("this libvirt counts how far raw images were written")
            return
    odd = settings.IMAGES / "odd.raw"
    with odd.open("wb") as file:
        file.truncate(1_000_100)
    disks = (
        DiskSpec(target="vda"),
        DiskSpec(target="vdb", source=odd),
        DiskSpec(target="vdc", format="qcow2"),
        DiskSpec(target="vdd", discard=True),
    )
    (guest,) = start_together([GuestSpec(name="newer-images", disks=disks)])
    with guest:
        for target in ("vda", "vdc"):
            guest.write(target, count=1, size=MIB, seek=32)
        guest.write("vdd", count=256, size=4096)
        guest.discard("vdd", offset=0, length=MIB)
        shows = "1 MiB written at 32 MiB of a raw and a qcow2 image, a raw one written and discarded, one of odd length"
        take(guest, "images-written-newer", shows)


@scene
def without_kernel() -> None:
    """Tiny paused ones."""
    with tiny("paused", disks=(DiskSpec(target="vda"),), nics=(NicSpec(mac=mac_of(9)),)) as guest:
        take(guest, "paused", "a guest that was started paused and never ran")
    with tiny("empty-drives", disks=(
        DiskSpec(target="sda", bus="sata", device="cdrom", empty=True),
        DiskSpec(target="fda", bus="fdc", device="floppy", empty=True),
    )) as guest:  # fmt: skip
        take(guest, "empty-drives", "a cdrom and a floppy drive with nothing in them")
    with tiny("user-mode", nics=(NicSpec(mac=mac_of(9), kind="user"), NicSpec(mac=mac_of(9, 1)))) as guest:
        take(guest, "user-mode-nic", "a user-mode NIC, counted in net.count and without keys, before one with them")
    with tiny("bare", balloon=False) as guest:
        take(guest, "bare", "no disk, no NIC, no balloon")
    with tiny("hole", vcpus=4, maximum_vcpus=4) as guest, guest.domain() as domain:
        xml = domain.XMLDesc()
    mark = "<vcpu placement='static'>4</vcpu>"
    holes = "<vcpu id='0' enabled='yes' hotpluggable='no'/>" + "".join(
        f"<vcpu id='{number}' enabled='{enabled}' hotpluggable='yes'/>"
        for number, enabled in ((1, "no"), (2, "yes"), (3, "no"))
    )
    assert mark in xml
    xml = xml.replace(mark, f"<vcpu placement='static' current='2'>4</vcpu><vcpus>{holes}</vcpus>")
    with contextlib.closing(libvirt.open(settings.QEMU_URI)) as connection:
        domain = connection.createXML(xml, libvirt.VIR_DOMAIN_START_PAUSED)
        try:
            record(connection, domain, "vcpu-hole", shows="vCPUs 0 and 2 of 4: the numbers have holes")
        finally:
            domain.destroy()


@scene
def images() -> None:
    """What three names say of an image."""
    base = settings.IMAGES / "base.qcow2"
    requirements_qemu_img("create", "-q", "-f", "qcow2", str(base), "64M")
    middle = settings.IMAGES / "middle.qcow2"
    requirements_qemu_img("create", "-q", "-f", "qcow2", "-b", str(base), "-F", "qcow2", str(middle))
    written = settings.IMAGES / "written.raw"
    with written.open("wb") as file:
        file.truncate(64 * MIB)
        file.write(b"x" * 4096)
    full = settings.IMAGES / "full.raw"
    full.write_bytes(b"x" * 4 * MIB)
    disks = (
        DiskSpec(target="vda", format="qcow2", backing=middle, serial="chain"),
        DiskSpec(target="vdb"),
        DiskSpec(target="vdc", source=written),
        DiskSpec(target="vdd", source=full),
        DiskSpec(target="vde", format="qcow2"),
    )
    with tiny("images", disks=disks) as guest:
        take(guest, "images", "qcow2 on a chain; raw images of which nothing, a block, all is allocated; idle qcow2")
        take(
            guest,
            "images-backing",
            "the same with the flag BACKING: several entries have one name",
            flags=libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING,
        )
    stopped = Guest(GuestSpec(name="images-off", kernel=False, disks=(
        DiskSpec(target="vdc", source=written), DiskSpec(target="vde", format="qcow2"),
    ))).define()  # fmt: skip
    with stopped:
        take(stopped, "images-off", "images of a guest that does not run")


def requirements_qemu_img(*arguments: str) -> None:
    subprocess.run([requirements.program("qemu-img"), *arguments], check=True)


@scene
def not_running() -> None:
    """A defined guest that never ran, and one that was saved."""
    spec = GuestSpec(
        name="off", vcpus=2, maximum_vcpus=4, memory_mib=64, maximum_memory_mib=128,
        disks=(DiskSpec(target="vda"), DiskSpec(target="sda", bus="sata", device="cdrom", empty=True)),
        nics=(NicSpec(mac=mac_of(10)), NicSpec(mac=mac_of(10, 1), kind="user")),
    )  # fmt: skip
    with Guest(spec).define() as guest:
        take(guest, "shut-off", "a defined guest that does not run: what is configured is not what is there")
    saved = GuestSpec(name="saved", kernel=False, memory_mib=16, disks=(DiskSpec(target="vda", format="qcow2"),))
    with Guest(saved).define() as guest:
        with guest.domain() as domain:
            domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
            domain.managedSave()
        take(guest, "saved", "a guest whose memory was saved to a file")


@scene
def perf() -> None:
    """Events, if the host's kernel counts them."""
    with tiny("perf") as guest, guest.domain() as domain:
        events = ("cpu_clock", "task_clock", "page_faults", "page_faults_min", "context_switches", "cpu_migrations")
        try:
            domain.setPerfEvents(dict.fromkeys(events, True), libvirt.VIR_DOMAIN_AFFECT_LIVE)
        except libvirt.libvirtError as failure:
            print(f"no perf events here: {failure}")
            return
        take(guest, "perf", "software events that the host's kernel counts")


@scene
def container() -> None:
    """One of libvirt's LXC driver."""
    spec = ContainerSpec(name="container", nics=(NicSpec(mac=mac_of(11)),))
    with Container(spec).start() as running, contextlib.closing(libvirt.openReadOnly(settings.LXC_URI)) as connection:
        running.ping(spec.nics[0], count=5, size=100)
        domain = connection.lookupByUUIDString(spec.uuid)
        record(connection, domain, "lxc", shows="a running container: each number is a call of its own")


@scene
def own_test_driver() -> None:
    """libvirt's own test hypervisor."""
    with contextlib.closing(libvirt.open("test:///default")) as connection:
        domain = connection.lookupByName("test")
        record(connection, domain, "test-driver", shows="the domain of test:///default")
        domain.destroy()
        record(connection, domain, "test-driver-off", shows="the domain of test:///default, shut off")


def _statistics(guest: Guest) -> dict[str, Any]:
    with guest.domain() as domain:
        ((_, values),) = domain.connect().domainListGetStats([domain], 0, 0)
        return dict(values)


def _wait_for_report(guest: Guest) -> None:
    first = _statistics(guest).get("balloon.last-update", 0)
    wait_until(lambda: _statistics(guest).get("balloon.last-update", 0) > max(first, 1), what="a report", timeout=30)


def _wait_for_dirty_rate(guest: Guest) -> None:
    wait_until(lambda: _statistics(guest).get("dirtyrate.calc_status") == 2, what="a dirty rate", timeout=30)


def main(names: list[str]) -> None:
    for function in SCENES:
        if not names or function.__name__ in names:
            print(function.__name__, flush=True)
            function()
    made = sorted(path.parent.name for path in CASES.glob("*/about.json") if json.loads(path.read_text()))
    print("cases:", *made)


if __name__ == "__main__":
    main(sys.argv[1:])
