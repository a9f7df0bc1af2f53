"""What a guest did is what is counted, to the byte; by its monitor where that counts, by the host where that does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

import hvinspect
from hvinspect import Connection, DiskStats, InstanceStats, State
from tests.lab import requirements, second_opinions, settings
from tests.lab.channel import CommandFailed
from tests.lab.daemons import wait_until
from tests.lab.qemu.command import tap_of
from tests.lab.qemu.lone import LoneGuest
from tests.lab.specification import MIB

_TICK_NS = 10_000_000
_BROKEN_SECTOR = 1024
#: Sends nine frames of 200 bytes by a device to an address.
_FRAMES = """
import socket, sys
device, address = sys.argv[1:]
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
    out.bind((device, 0))
    frame = bytes.fromhex(address.replace(":", "")) + bytes.fromhex("020000000099") + b"\\x88\\xb5"
    for _ in range(9):
        out.send(frame.ljust(200, b"x"))
"""


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A file on a disk: of what is in memory alone, as the lab's images, nothing goes to storage."""
    path = settings.CACHE / f"storage-{os.getpid()}"
    path.parent.mkdir(exist_ok=True)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@pytest.fixture
def broken(busy: LoneGuest) -> Iterator[str]:
    """A disk that is plugged for a while, and of which one sector cannot be read."""
    image = settings.IMAGES / "broken.raw"
    with image.open("wb") as file:
        file.truncate(MIB)
    errors = [{"event": "read_aio", "sector": _BROKEN_SECTOR, "errno": 5, "immediately": False, "once": False}]
    below = {"driver": "file", "filename": str(image)}
    busy.tell("blockdev-add", **{"driver": "blkdebug", "node-name": "debug", "image": below, "inject-error": errors})
    busy.tell("blockdev-add", **{"driver": "raw", "node-name": "broken", "file": "debug"})
    busy.tell("device_add", driver="virtio-blk-pci", drive="broken", id="vdc")
    wait_until(lambda: "vdc" in busy.counters().disks, what="the guest sees it", timeout=30)
    yield "vdc"
    busy.tell("device_del", id="vdc")
    wait_until(lambda: "vdc" not in busy.counters().disks, what="the guest let go of it", timeout=30)
    wait_until(lambda: is_let_go(busy, "broken"), what="QEMU let go of it", timeout=30)
    wait_until(lambda: is_let_go(busy, "debug"), what="QEMU let go of it", timeout=30)
    image.unlink()


def is_let_go(guest: LoneGuest, node: str) -> bool:
    """Take away a block node, which is in use until its device is gone."""
    try:
        guest.tell("blockdev-del", **{"node-name": node})
    except RuntimeError:
        return False
    return True


def read(hv: Connection, guest: LoneGuest, *groups: hvinspect.Group) -> InstanceStats:
    return hv.snapshot([UUID(guest.spec.uuid)], groups=groups or hvinspect.DEFAULT_GROUPS)[guest.spec.uuid]


def disk(stats: InstanceStats, key: str) -> DiskStats:
    return next(one for one in stats.disks if one.key == key)


def grown(before: object, after: object, *names: str) -> tuple[int, ...]:
    return tuple(getattr(after, name) - getattr(before, name) for name in names)


def test_who_it_is_and_what_it_has(hv: Connection, busy: LoneGuest) -> None:
    stats = read(hv, busy)
    assert (str(stats.instance.uuid), stats.instance.name) == (busy.spec.uuid, "alone")
    assert (stats.instance.native_id, stats.state) == (str(busy.pid), State.RUNNING)
    assert (stats.cpu.vcpus_online, stats.cpu.vcpus_maximum) == (2, 4)
    assert stats.memory.assigned_bytes == stats.memory.maximum_bytes == 128 * MIB
    assert {one.key for one in stats.disks} == {"vda", "vdb", "sda"}
    for spec in busy.spec.disks:
        one = disk(stats, spec.target)
        assert (one.capacity_bytes, one.bus) == (spec.size, spec.bus)
        assert (one.source, one.serial) == (str(busy.spec.image_of(spec)), spec.serial)


def test_writes_and_their_flush_are_counted_to_the_byte(hv: Connection, busy: LoneGuest) -> None:
    before = read(hv, busy)
    busy.write("vdb", count=37, size=65536)
    after = read(hv, busy)
    names = ("write_bytes", "write_requests", "flush_requests", "read_bytes", "failed_requests")
    assert grown(disk(before, "vdb"), disk(after, "vdb"), *names) == (37 * 65536, 37, 1, 0, 0)
    assert grown(disk(before, "vda"), disk(after, "vda"), *names) == (0, 0, 0, 0, 0)
    assert grown(disk(before, "vdb"), disk(after, "vdb"), "write_time_ns", "flush_time_ns") > (0, 0)


def test_reads_are_counted_to_the_byte(hv: Connection, busy: LoneGuest) -> None:
    before = read(hv, busy)
    busy.read("vda", count=100, size=4096)
    after = read(hv, busy)
    names = ("read_bytes", "read_requests", "write_bytes")
    assert grown(disk(before, "vda"), disk(after, "vda"), *names) == (409600, 100, 0)


def test_discards_of_a_scsi_disk_are_counted_to_the_byte(hv: Connection, busy: LoneGuest) -> None:
    before = read(hv, busy)
    busy.discard("sda", offset=0, length=4 * MIB)
    after = read(hv, busy)
    assert grown(disk(before, "sda"), disk(after, "sda"), "discard_bytes", "write_bytes") == (4 * MIB, 0)


def test_discards_of_a_virtio_disk_which_qemu_does_not_count_are_not_called_none(
    hv: Connection, busy: LoneGuest
) -> None:
    busy.discard("vda", offset=0, length=4 * MIB)
    one = disk(read(hv, busy), "vda")
    assert one.discard_bytes is None
    assert "virtio-blk" in str(one.why("discard_bytes"))


def test_requests_that_failed_are_counted(hv: Connection, busy: LoneGuest, broken: str) -> None:
    before = disk(read(hv, busy), broken)
    busy.read("vdc", count=10, size=4096)
    for _ in range(3):
        with pytest.raises(CommandFailed):
            busy.ask("read", "vdc", 1, 4096, _BROKEN_SECTOR // 8)
    after = disk(read(hv, busy), broken)
    assert grown(before, after, "failed_requests", "read_requests", "read_bytes") == (3, 10, 40960)


def test_what_the_balloon_leaves_is_what_is_assigned(hv: Connection, busy: LoneGuest) -> None:
    busy.tell("balloon", value=96 * MIB)
    try:
        wait_until(lambda: busy.tell("query-balloon")["actual"] == 96 * MIB, what="the balloon", timeout=30)
        memory = read(hv, busy).memory
        assert (memory.assigned_bytes, memory.maximum_bytes) == (96 * MIB, 128 * MIB)
    finally:
        busy.tell("balloon", value=128 * MIB)
        wait_until(lambda: busy.tell("query-balloon")["actual"] == 128 * MIB, what="the balloon", timeout=30)


def test_the_sizes_of_an_image_are_those_of_its_file(hv: Connection, busy: LoneGuest) -> None:
    stats = read(hv, busy, hvinspect.Group.DISK, hvinspect.Group.BLOCK_DETAIL)
    for spec in busy.spec.disks:
        file = busy.spec.image_of(spec).stat()
        one = disk(stats, spec.target)
        assert (one.host_length_bytes, one.host_allocated_bytes) == (file.st_size, file.st_blocks * 512)
        assert one.highest_written_bytes is not None
        assert one.highest_written_bytes <= file.st_size


def test_what_a_guest_receives_and_sends_is_counted_its_way(hv: Connection, busy: LoneGuest) -> None:
    before = read(hv, busy)
    pings = busy.ping(busy.spec.nics[0], count=20, size=100)
    lost = busy.send(busy.spec.nics[0], count=30, size=1000)
    nic, old = read(hv, busy).nics[0], before.nics[0]
    names = ("tx_packets", "rx_packets", "tx_bytes", "rx_bytes")
    sent = 20 * pings.packet_bytes + 30 * lost.packet_bytes
    assert grown(old, nic, *names) == (50, 20, sent, 20 * pings.packet_bytes)
    assert (nic.key, nic.name, nic.bridge, nic.kind) == (
        "nic0",
        tap_of(busy.spec, 0),
        busy.spec.nics[0].bridge,
        "bridge",
    )


def test_a_user_mode_card_is_there_without_counters(hv: Connection, busy: LoneGuest) -> None:
    nic = read(hv, busy).nics[1]
    assert (nic.key, nic.kind, nic.model, nic.rx_bytes) == ("nic1", "user", "e1000", None)


def test_a_card_in_another_network_namespace_is_counted(hv: Connection, apart: LoneGuest) -> None:
    before = read(hv, apart).nics[0]
    peer = ("10.91.0.2/24", "10.91.0.1", "02:00:00:00:00:99")
    apart.ask("ping", apart.spec.nics[0].mac, *peer, 15, 200, "0.01")
    after = read(hv, apart).nics[0]
    assert grown(before, after, "tx_packets", "tx_bytes", "rx_packets") == (15, 15 * (200 + 42), 0)
    into = [requirements.program("ip"), "netns", "exec", str(apart.namespace), sys.executable, "-c", _FRAMES]
    subprocess.run([*into, tap_of(apart.spec, 0), apart.spec.nics[0].mac], check=True)
    later = read(hv, apart).nics[0]
    assert grown(after, later, "rx_packets", "rx_bytes", "tx_packets") == (9, 9 * 200, 0)
    assert after.name == tap_of(apart.spec, 0)
    assert "another network namespace" in str(after.why("bridge"))


def test_cpu_time_is_the_processs_and_each_vcpus_is_its_threads(hv: Connection, busy: LoneGuest) -> None:
    before, began = read(hv, busy), second_opinions.process_cpu_ns(busy.pid)
    busy.spin(1, cpus=(1,))
    after, ended = read(hv, busy), second_opinions.process_cpu_ns(busy.pid)
    (used,) = grown(before.cpu, after.cpu, "time_ns")
    assert 0 < used <= ended - began + 4 * _TICK_NS
    (second,) = grown(before.cpu.vcpus[1], after.cpu.vcpus[1], "time_ns")
    (first,) = grown(before.cpu.vcpus[0], after.cpu.vcpus[0], "time_ns")
    (waited,) = grown(before.cpu.vcpus[1], after.cpu.vcpus[1], "delay_ns")
    assert waited >= 0
    # On a busy host it was ready to run, and did not; how long of that the guest took for running it cannot tell.
    assert second + waited > 500_000_000
    assert second > 100_000_000
    assert first + second <= used


def test_a_vcpus_numbers_are_the_first_two_of_schedstat(hv: Connection, busy: LoneGuest) -> None:
    vcpus = read(hv, busy).cpu.vcpus
    times = second_opinions.vcpu_times(busy.pid)
    assert [vcpu.index for vcpu in vcpus] == sorted(times)
    for vcpu in vcpus:
        assert vcpu.time_ns is not None
        assert vcpu.delay_ns is not None
        thread = int(vcpu.incarnation.rpartition("/")[2])
        schedstat = Path(f"/proc/{busy.pid}/task/{thread}/schedstat").read_text()
        time_ns, delay_ns = map(int, schedstat.split()[:2])
        assert 0 <= time_ns - vcpu.time_ns < 2_000_000_000
        assert 0 <= delay_ns - vcpu.delay_ns < 2_000_000_000


def test_memory_on_the_host_is_the_processs(hv: Connection, busy: LoneGuest) -> None:
    memory = read(hv, busy).memory
    assert memory.host_resident_bytes == pytest.approx(second_opinions.resident_kib(busy.pid) * 1024, rel=0.05)


def test_what_the_process_wrote_and_took_back_is_counted(hv: Connection, still: LoneGuest, on_disk: Path) -> None:
    # QEMU itself writes this file, through the page cache: none of its guest's disks does.
    before = read(hv, still, hvinspect.Group.DISK, hvinspect.Group.PROCESS_IO)
    still.tell("pmemsave", val=0, size=4 * MIB, filename=str(on_disk))
    after = read(hv, still, hvinspect.Group.DISK, hvinspect.Group.PROCESS_IO)
    (written,) = grown(before.process_io, after.process_io, "write_bytes")
    # Besides, the file system's own notes of where the file is.
    assert 4 * MIB <= written < 5 * MIB
    assert grown(disk(before, "vda"), disk(after, "vda"), "write_bytes") == (0,)
    deadline = time.monotonic() + 60
    while not (cancelled := grown(before.process_io, after.process_io, "cancelled_write_bytes")[0]):
        # Truncates what is there; in between the kernel may have written it out.
        assert time.monotonic() < deadline
        still.tell("pmemsave", val=0, size=4 * MIB, filename=str(on_disk))
        after = read(hv, still, hvinspect.Group.DISK, hvinspect.Group.PROCESS_IO)
    assert cancelled % 4096 == 0
    assert cancelled <= grown(before.process_io, after.process_io, "write_bytes")[0]


def test_what_the_process_read_from_storage_is_counted(hv: Connection, still: LoneGuest, on_disk: Path) -> None:
    on_disk.write_bytes(os.urandom(2 * MIB))
    with on_disk.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # the page cache's would not be fetched
    before = read(hv, still, hvinspect.Group.PROCESS_IO).process_io
    still.tell(
        "blockdev-add", driver="raw", file={"driver": "file", "filename": str(on_disk)}, **{"node-name": "later"}
    )
    read_in = {"device": "later", "target": "nowhere", "sync": "full", "job-id": "reader"}
    still.tell("blockdev-add", driver="null-co", size=2 * MIB, **{"node-name": "nowhere"})
    still.tell("blockdev-backup", **read_in)
    deadline = time.monotonic() + 30
    while grown(before, read(hv, still, hvinspect.Group.PROCESS_IO).process_io, "read_bytes")[0] < 2 * MIB:
        assert time.monotonic() < deadline


def test_the_guests_own_memory_moves_once_somebody_has_it_asked_for(hv: Connection, busy: LoneGuest) -> None:
    # Drivers report once, when they are loaded.
    memory = read(hv, busy).memory
    assert memory.guest_total_bytes == busy.counters().memory_kib["MemTotal"] * 1024
    assert memory.guest_updated_unix_ns is not None
    assert read(hv, busy).memory.guest_updated_unix_ns == memory.guest_updated_unix_ns
    balloon = {"path": "/machine/peripheral/balloon0", "property": "guest-stats-polling-interval"}
    busy.tell("qom-set", **balloon, value=1)
    try:
        deadline = time.monotonic() + 30
        # A new connection asks at once whether there is a new report; one that stands asks that once a minute.
        with hvinspect.connect(busy.target) as another:
            while (now := read(another, busy).memory.guest_updated_unix_ns) in (None, memory.guest_updated_unix_ns):
                assert time.monotonic() < deadline
                time.sleep(0.2)
        assert now == pytest.approx(time.time_ns(), abs=30e9)
    finally:
        busy.tell("qom-set", **balloon, value=0)


def test_without_a_balloon_there_is_no_report(hv: Connection, apart: LoneGuest) -> None:
    memory = read(hv, apart).memory
    assert memory.assigned_bytes == 128 * MIB
    assert "no balloon" in str(memory.why("guest_total_bytes"))


def test_a_paused_guest_is_paused_in_qemus_own_word(hv: Connection, busy: LoneGuest) -> None:
    busy.tell("stop")
    try:
        stats = read(hv, busy)
        assert (stats.state, stats.native_state) == (State.PAUSED, "paused")
    finally:
        busy.tell("cont")
    assert read(hv, busy).state is State.RUNNING


def test_a_card_that_is_plugged_and_unplugged_comes_and_goes(hv: Connection, still: LoneGuest) -> None:
    subprocess.run(["ip", "tuntap", "add", "dev", "later0", "mode", "tap"], check=True)
    try:
        assert [nic.key for nic in read(hv, still).nics] == ["nic0"]
        still.tell("netdev_add", type="tap", id="later", ifname="later0", script="no", downscript="no")
        assert [nic.key for nic in read(hv, still).nics] == ["nic0", "later0"]
        still.tell("netdev_del", id="later")
        assert [nic.key for nic in read(hv, still).nics] == ["nic0"]
    finally:
        subprocess.run(["ip", "link", "delete", "later0"], check=True)
