"""Faults of devices: disks and NICs that come and go, images and taps and bridges deleted, storage that hangs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from hvinspect import Failure, InstanceStats
from tests.integration.libvirt.faults.judge import complete, complete_but
from tests.integration.libvirt.faults.matrix import Case, fault
from tests.integration.libvirt.faults.readers import Read
from tests.integration.libvirt.faults.scene import SMALL, Scene, tiny
from tests.integration.libvirt.reading import process_state, wait_until_stopped
from tests.lab import requirements, settings
from tests.lab.daemons import wait_until
from tests.lab.guests import Guest
from tests.lab.specification import MIB, DiskSpec, NicSpec, mac_of


@fault("a disk plugged and unplugged in mid-read", "the disks of a guest")
def disk_comes_and_goes(scene: Scene) -> Iterator[Case]:
    guest, disk = scene.booted, DiskSpec(target="vdb", size=MIB)

    def come_and_go() -> None:
        for _ in range(3):
            guest.plug(disk)
            wait_until(lambda: "vdb" in guest.counters().disks, what="the guest has vdb", timeout=30)
            guest.unplug(disk)

    def truth(reads: Sequence[Read]) -> None:
        lives = {
            one.incarnation
            for read in reads
            if read.snapshot
            for one in read.snapshot[guest.spec.uuid].disks
            if one.name == "vdb"
        }
        assert len(lives) >= 3, f"it was plugged three times, and was seen in {len(lives)} lives"

    yield Case(
        passing=come_and_go,
        proof=lambda: "the guest saw it three times",
        hit={guest.spec.uuid: complete_but(or_busy=True)},
        truth=truth,
    )
    guest.spec.image_of(disk).unlink(missing_ok=True)


@fault("a NIC plugged and unplugged in mid-read", "the NICs of a guest")
def nic_comes_and_goes(scene: Scene) -> Iterator[Case]:
    guest, nic = scene.booted, NicSpec(mac=mac_of(149, 1), target="tapfault")

    def come_and_go() -> None:
        for _ in range(3):
            guest.plug(nic)
            wait_until(
                lambda: any(one.mac == nic.mac for one in guest.counters().nics.values()),
                what="the guest has it",
                timeout=30,
            )
            guest.unplug(nic)

    def truth(reads: Sequence[Read]) -> None:
        lives = {
            one.incarnation
            for read in reads
            if read.snapshot
            for one in read.snapshot[guest.spec.uuid].nics
            if one.name == nic.target
        }
        assert len(lives) >= 3, f"it was plugged three times, and was seen in {len(lives)} lives"

    yield Case(
        passing=come_and_go,
        proof=lambda: "the guest saw it three times",
        hit={guest.spec.uuid: complete_but(or_busy=True)},
        truth=truth,
    )


@fault("a disk's image deleted", "the file behind a disk")
def image_deleted(scene: Scene) -> Iterator[Case]:
    victim = scene.own("imageless").start(paused=False)
    image = victim.spec.image_of(victim.spec.disks[0])

    @contextlib.contextmanager
    def deleted() -> Iterator[None]:
        image.unlink()
        yield
        image.touch()
        os.truncate(image, victim.spec.disks[0].size)

    def proof() -> str:
        assert not image.exists()
        assert victim.runs()
        return "no file of that name; the guest runs"

    yield Case(
        lasting=deleted(),
        proof=proof,
        # How long it is and what it takes is looked up by its name.
        hit={victim.spec.uuid: complete_but("disks.virtio-disk0.capacity", "disks.virtio-disk0.h")},
    )
    victim.destroy()


@fault("a disk's storage hangs", "a network disk whose server does not answer a read of the guest")
def storage_hangs(scene: Scene) -> Iterator[Case]:
    victim = scene.own("nbd", None)
    socket, image = victim.spec.folder / "nbd.sock", settings.IMAGES / "nbd.raw"
    image.touch()
    os.truncate(image, MIB)
    victim.spec.folder.mkdir(parents=True, exist_ok=True)
    victim.spec.folder.chmod(0o777)
    server = subprocess.Popen(
        [requirements.program("qemu-nbd"), "--socket", str(socket), "--persistent", "--shared=0", "-f", "raw", image]
    )
    wait_until(socket.exists, what="qemu-nbd serves", timeout=20)
    socket.chmod(0o777)
    with _nbd_guest(victim, socket):

        @contextlib.contextmanager
        def hanging() -> Iterator[None]:
            os.kill(server.pid, signal.SIGSTOP)
            wait_until_stopped(server.pid)
            # Its firmware now reads the first sector, and waits.
            victim.resume()
            time.sleep(2.0)
            yield
            os.kill(server.pid, signal.SIGCONT)

        def proof() -> str:
            assert process_state(server.pid) == "T"
            assert victim.runs()
            return f"qemu-nbd, process {server.pid}, in state T"

        def look(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
            complete(now, failure, before)
            assert now is not None
            assert now.disks[0].read_requests == 0, "a read was counted that has not ended"

        yield Case(
            lasting=hanging(),
            proof=proof,
            hit={victim.spec.uuid: look},
            afterwards=lambda snapshots: all(
                (one[victim.spec.uuid].disks[0].read_requests or 0) > 0 for one in snapshots
            ),
        )
    server.kill()
    server.wait()
    image.unlink()


@contextlib.contextmanager
def _nbd_guest(guest: Guest, socket: Path) -> Iterator[None]:
    guest.start(paused=True)
    with guest.domain() as domain:
        domain.attachDevice(
            "<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='nbd'>"
            f"<host transport='unix' socket='{socket}'/></source><target dev='vda' bus='virtio'/></disk>"
        )
    yield
    guest.destroy()


@fault("a tap deleted under its guest", "the host's side of a NIC")
def tap_deleted(scene: Scene) -> Iterator[Case]:
    nic = NicSpec(mac=mac_of(148), target="tapdoomed")
    victim = Guest(tiny("tapless", 0, SMALL, nic=nic)).start(paused=False)

    @contextlib.contextmanager
    def deleted() -> Iterator[None]:
        _ip("link", "delete", "tapdoomed")
        yield
        victim.destroy()
        victim.start(paused=False)

    def proof() -> str:
        assert not Path("/sys/class/net/tapdoomed").exists()
        assert victim.runs()
        return "no such link; the guest runs"

    def look(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
        complete_but("nics.")(now, failure, before)
        assert now is not None
        assert all(one.rx_bytes is None for one in now.nics), "there is nothing that counts"

    yield Case(lasting=deleted(), proof=proof, hit={victim.spec.uuid: look})
    victim.destroy()


@fault("a bridge deleted under its guest", "the network of a NIC")
def bridge_deleted(scene: Scene) -> Iterator[Case]:
    _make_bridge()
    nic = NicSpec(mac=mac_of(147), bridge="doomedbr", target="tapbridge")
    victim = Guest(tiny("bridgeless", 0, SMALL, nic=nic)).start(paused=False)

    @contextlib.contextmanager
    def deleted() -> Iterator[None]:
        _ip("link", "delete", "doomedbr")
        yield
        _make_bridge()
        _ip("link", "set", "tapbridge", "master", "doomedbr")

    def proof() -> str:
        assert not Path("/sys/class/net/doomedbr").exists()
        return "no such bridge; the tap has no master"

    yield Case(lasting=deleted(), proof=proof, hit={victim.spec.uuid: complete})
    victim.destroy()
    _ip("link", "delete", "doomedbr")


def _make_bridge() -> None:
    _ip("link", "add", "doomedbr", "type", "bridge")
    _ip("link", "set", "doomedbr", "up")


def _ip(*words: str) -> None:
    subprocess.run([requirements.program("ip"), *words], check=True)


@fault("all taps down", "the links of all NICs")
def links_down(scene: Scene) -> Iterator[Case]:
    taps = [path.parent.name for path in Path("/sys/class/net").glob("vnet*/brport")]

    @contextlib.contextmanager
    def down() -> Iterator[None]:
        for tap in taps:
            _ip("link", "set", tap, "down")
        yield
        for tap in taps:
            _ip("link", "set", tap, "up")

    def proof() -> str:
        assert taps
        assert not any(int(Path(f"/sys/class/net/{tap}/flags").read_text(), 16) & 1 for tap in taps)
        return f"{', '.join(taps)} down"

    yield Case(lasting=down(), proof=proof)


FAULTS = (
    image_deleted,
    storage_hangs,
    tap_deleted,
    bridge_deleted,
    links_down,
    disk_comes_and_goes,
    nic_comes_and_goes,
)
