"""What a snapshot says of a guest's devices and metadata is what libvirt has of them, or says how old it is."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace

import libvirt
import pytest

import hvinspect
from hvinspect import Group, InstanceStats, Reason
from hvinspect.drivers.libvirt import LibvirtDriver
from hvinspect.testing import registered
from tests.integration.libvirt.reading import disk_of, nic_of
from tests.lab import kernel, settings
from tests.lab.fixtures import GuestFactory, Lab
from tests.lab.guests import Guest
from tests.lab.specification import DiskSpec, GuestSpec, NicSpec, disk_element, mac_of

LIVE = libvirt.VIR_DOMAIN_AFFECT_LIVE
_PORT = "0d1ad4b8-1111-4e8c-9d0f-7f9f3a3f5c11"
_OTHER_PORT = "0d1ad4b8-2222-4e8c-9d0f-7f9f3a3f5c22"
_NOVA = "http://openstack.org/xmlns/libvirt/nova/1.1"
_MIB = 1024 * 1024


class Hasty(LibvirtDriver):
    """Lets no description grow old."""

    oldest_description_ns = 1_000_000_000


@pytest.fixture(scope="module")
def guest(session_guests: GuestFactory) -> Guest:
    """One with devices of all kinds, which the tests change."""
    (made,) = session_guests(
        GuestSpec(
            name="described",
            disks=(
                DiskSpec(target="vda", serial="first"),
                DiskSpec(target="hdc", bus="ide", device="cdrom", empty=True),
            ),
            nics=(NicSpec(mac=mac_of(31)), NicSpec(mac=mac_of(31, 1), kind="user")),
            balloon_period=2,
            metadata=_nova("before", "1"),
        )
    )
    return made


@pytest.fixture
def hasty(lab: Lab) -> Iterator[hvinspect.Connection]:
    with registered("hasty", Hasty), hvinspect.connect(f"hasty:{lab.qemu_uri}") as connection:
        yield connection


@pytest.fixture
def elsewhere() -> Iterator[Executor]:
    """Runs things in a network namespace of its own: as for an agent in a container, the guests' taps are not there."""
    with ThreadPoolExecutor(1, initializer=kernel.unshare, initargs=(kernel.CLONE_NEWNET,)) as executor:
        yield executor


def test_a_disk_and_a_card_that_are_plugged_are_in_the_next_snapshot_and_gone_from_it_when_unplugged(
    hv: hvinspect.Connection, guest: Guest
) -> None:
    before = _read(hv, guest)
    disk, nic = DiskSpec(target="vdc", serial="third"), NicSpec(mac=mac_of(31, 2))
    guest.plug(disk)
    guest.plug(nic)
    plugged = _read(hv, guest)
    new_disk, new_nic = disk_of(plugged, "vdc"), nic_of(plugged, nic.mac)
    assert (new_disk.alias, new_disk.serial, new_disk.bus) == ("virtio-disk2", "third", "virtio")
    assert new_disk.source == str(guest.spec.image_of(disk))
    assert new_disk.read_bytes is not None
    assert (new_nic.bridge, new_nic.model, new_nic.kind) == (settings.BRIDGE, "virtio", "bridge")
    assert new_nic.name is not None
    assert new_nic.rx_bytes is not None
    guest.unplug(disk)
    guest.unplug(nic)
    after = _read(hv, guest)
    assert [one.key for one in after.disks] == [one.key for one in before.disks]
    assert [one.key for one in after.nics] == [one.key for one in before.nics]


def test_another_volume_at_the_same_target_shows_at_once(hv: hvinspect.Connection, guest: Guest) -> None:
    first = DiskSpec(target="vdb")
    guest.plug(first)
    before = disk_of(_read(hv, guest), "vdb")
    volume = settings.IMAGES / "volume-2.raw"
    volume.write_bytes(bytes(2 * _MIB))
    guest.unplug(first)
    second = DiskSpec(target="vdb", source=volume)
    guest.plug(second)
    after = disk_of(_read(hv, guest), "vdb")
    guest.unplug(second)
    assert after.key == before.key
    assert after.source == str(volume)
    assert after.capacity_bytes == 2 * _MIB
    assert after.incarnation != before.incarnation


def test_a_pivot_and_a_snapshot_show_the_new_source_at_once(hv: hvinspect.Connection, guest: Guest) -> None:
    copy, overlay = settings.IMAGES / "copy.raw", settings.IMAGES / "overlay.qcow2"
    before = disk_of(_read(hv, guest), "vda")
    with guest.domain() as domain:
        domain.blockCopy("vda", f"<disk type='file'><source file='{copy}'/><driver type='raw'/></disk>", {}, 0)
        _until(lambda: "ready='yes'" in domain.XMLDesc())
        assert disk_of(_read(hv, guest), "vda").source == before.source
        domain.blockJobAbort("vda", libvirt.VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT)
        _until(lambda: "<mirror" not in domain.XMLDesc())
        assert disk_of(_read(hv, guest), "vda").source == str(copy)
        domain.snapshotCreateXML(
            "<domainsnapshot><disks><disk name='vda' snapshot='external'>"
            f"<source file='{overlay}'/></disk><disk name='hdc' snapshot='no'/></disks></domainsnapshot>",
            libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA,
        )
    after = disk_of(_read(hv, guest), "vda")
    assert (after.source, after.key, after.serial) == (str(overlay), before.key, "first")


def test_media_that_are_inserted_and_ejected_show_at_once(hv: hvinspect.Connection, guest: Guest) -> None:
    media = settings.IMAGES / "media.iso"
    media.write_bytes(bytes(_MIB))
    drive = replace(guest.spec.disks[1], empty=False, source=media)
    assert disk_of(_read(hv, guest), "hdc").source is None
    with guest.domain() as domain:
        domain.updateDeviceFlags(_xml(guest, drive), LIVE)
        full = disk_of(_read(hv, guest), "hdc")
        assert (full.source, full.capacity_bytes, full.device) == (str(media), _MIB, "cdrom")
        domain.updateDeviceFlags(_xml(guest, guest.spec.disks[1]), LIVE)
    stats = _read(hv, guest)
    ejected = disk_of(stats, "hdc")
    assert (ejected.source, ejected.capacity_bytes) == (None, None)
    # An ejected drive has a number in the statistics that its XML does not have: no reason to read it each time.
    for _ in range(3):
        assert _read(hv, guest).instance.described_at == stats.instance.described_at


def test_quiet_guests_are_described_once(hv: hvinspect.Connection, guest: Guest) -> None:
    off = Guest(
        GuestSpec(
            name="defined",
            kernel=False,
            disks=(DiskSpec(target="vda"), DiskSpec(target="hdc", bus="ide", device="cdrom", empty=True)),
            nics=(NicSpec(mac=mac_of(32)),),
        )
    ).define()
    try:
        every = set(Group) - {Group.UNKNOWN}
        described = [
            {one.instance.key: one.instance.described_at for one in hv.snapshot(groups=groups, timeout=30.0)}
            for groups in (hvinspect.DEFAULT_GROUPS, *[{Group.CPU}, every] * 5)
        ]
        assert None not in described[0].values()
        assert described == [described[0]] * len(described)
    finally:
        off.destroy()


def test_an_instance_that_is_off_is_described_from_what_is_defined(hv: hvinspect.Connection) -> None:
    spec = GuestSpec(
        name="off", kernel=False, disks=(DiskSpec(target="vda", serial="off"),), nics=(NicSpec(mac=mac_of(33)),),
        metadata=_nova("off", "3"),
    )  # fmt: skip
    with Guest(spec).define() as off:
        before = _read(hv, off)
        assert before.instance.native_id is None
        assert before.instance.openstack is not None
        assert (before.disks[0].serial, before.disks[0].alias, before.nics[0].mac) == ("off", None, mac_of(33))
        assert before.cpu.time_ns is None
        with off.domain() as domain:
            domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        after = _read(hv, off)
        assert (after.disks[0].alias, after.nics[0].name is not None) == ("virtio-disk0", True)
        assert after.incarnation != before.incarnation


def test_what_statistics_do_not_show_is_found_before_it_is_too_old(
    hv: hvinspect.Connection, hasty: hvinspect.Connection, guest: Guest
) -> None:
    assert _flavor(_read(hasty, guest)) == "before"
    old = _read(hv, guest)
    with guest.domain() as domain:
        # As nova does it, its key included.
        domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, _nova("after", "1"), "instance", _NOVA, LIVE)
        xml = domain.XMLDesc()
        interface = next(one for one in xml.split("<interface")[1:] if mac_of(31) in one).partition("</interface>")[0]
        down = interface.replace("<alias", "<link state='down'/><alias")
        domain.updateDeviceFlags(f"<interface{down}</interface>", LIVE)
    changed = time.time_ns()
    time.sleep(1.0)
    stats = _read(hasty, guest)
    assert _flavor(stats) == "after"
    assert nic_of(stats, mac_of(31)).link_up is False
    assert stats.instance.described_at is not None
    assert stats.instance.described_at > changed
    # One that may be older says that it is.
    late = _read(hv, guest)
    assert late.instance.described_at == old.instance.described_at
    assert _flavor(late) == "before"
    assert late.instance.described_at is not None
    assert late.instance.described_at < changed
    with guest.domain() as domain:
        domain.updateDeviceFlags(f"<interface{interface}</interface>", LIVE)


def test_a_port_swapped_on_the_same_device_shows_at_once(hv: hvinspect.Connection, guest: Guest) -> None:
    first = NicSpec(mac=mac_of(31, 3), target="tapswapped", interface_id=_PORT)
    second = replace(first, interface_id=_OTHER_PORT)
    guest.plug(first)
    before = nic_of(_read(hv, guest), first.mac)
    guest.unplug(first)
    guest.plug(second)
    after = nic_of(_read(hv, guest), first.mac)
    guest.unplug(second)
    assert (before.port_id, after.port_id) == (_PORT, _OTHER_PORT)
    assert (after.key, after.name) == (before.key, "tapswapped")
    assert after.incarnation != before.incarnation


def test_a_port_swapped_where_no_reply_shows_it_is_told_or_the_age_of_what_is_told(
    lab: Lab, guest: Guest, elsewhere: Executor
) -> None:
    def connected(driver: str) -> hvinspect.Connection:
        return elsewhere.submit(hvinspect.connect, f"{driver}:{lab.qemu_uri}").result()

    def read(hv: hvinspect.Connection) -> InstanceStats:
        return elsewhere.submit(_read, hv, guest).result()

    first = NicSpec(mac=mac_of(31, 4), target="tapunseen", interface_id=_PORT)
    second = replace(first, interface_id=_OTHER_PORT)
    guest.plug(first)
    with connected("libvirt") as usual, registered("hasty", Hasty), connected("hasty") as hasty:
        before = [nic_of(read(hv), first.mac) for hv in (usual, hasty)]
        guest.unplug(first)
        # libvirt changes no interface id in place: the tap is another one of the same name, which has not counted yet.
        guest.plug(second)
        changed = time.time_ns()
        late, told = read(usual), [read(hasty)]
        while nic_of(told[-1], first.mac).port_id != _OTHER_PORT:
            assert time.time_ns() - changed < 20 * Hasty.oldest_description_ns
            told.append(read(hasty))
    guest.unplug(second)
    assert [nic.port_id for nic in before] == [_PORT, _PORT]
    # The tap's own number is not seen from there, so nothing has made even this one ask.
    assert nic_of(late, first.mac) == before[0]
    for stats in (late, *told):
        described_at = stats.instance.described_at
        assert described_at is not None
        assert (nic_of(stats, first.mac).port_id == _OTHER_PORT) is (described_at > changed)
        oldest_ns = (LibvirtDriver if stats is late else Hasty).oldest_description_ns
        assert stats.taken.started_unix_ns - described_at <= oldest_ns <= 60 * 1_000_000_000


def test_a_description_that_cannot_be_read_costs_itself_alone(lab: Lab, guests: GuestFactory, guest: Guest) -> None:
    hostile, huge = guests(
        *(
            GuestSpec(
                name=name,
                kernel=False,
                memory_mib=16,
                disks=(DiskSpec(target="vda", size=_MIB),),
                nics=(NicSpec(mac=mac_of(number)),),
            )
            for number, name in ((34, "hostile"), (35, "huge"))
        )
    )
    # Bytes that are no text, which virsh and libvirt take and the binding does not.
    subprocess.run(["virsh", "-q", "desc", "hostile", "--live", "--title", b"\xff\xfe"], check=True)
    with huge.domain() as domain:
        for number in range(2):
            filling = f"<filling>{'x' * 3_000_000}</filling>"
            domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, filling, "x", f"http://example.org/{number}", LIVE)
    with hvinspect.connect(f"libvirt:{lab.qemu_uri}") as hv:
        snapshot = hv.snapshot(timeout=30.0)
        for one in (hostile, huge):
            stats = snapshot[one.spec.uuid]
            for part in ("disks", "nics"):
                why = stats.why(part)
                assert why is not None
                assert why.reason is Reason.FAILED
            assert stats.instance.described_at is None
            assert disk_of(stats, "vda").read_bytes is not None
            assert stats.nics[0].rx_bytes is not None
            assert stats.nics[0].link_up is None
        assert snapshot[guest.spec.uuid].why("disks") is None
        # A control character, which libvirt hands on in its XML though XML cannot have it, costs not even that.
        with hostile.domain() as domain:
            domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, "\x1b[2J\x07\x01", None, None, LIVE)
    with hvinspect.connect(f"libvirt:{lab.qemu_uri}") as hv:
        assert disk_of(_read(hv, hostile), "vda").alias == "virtio-disk0"


def _read(hv: hvinspect.Connection, guest: Guest) -> InstanceStats:
    return hv.snapshot([guest.spec.uuid], timeout=30.0)[guest.spec.uuid]


def _flavor(stats: InstanceStats) -> str | None:
    return stats.instance.openstack.flavor_name if stats.instance.openstack is not None else None


def _nova(flavor: str, vcpus: str) -> str:
    return (
        f'<nova:instance xmlns:nova="{_NOVA}"><nova:name>described</nova:name>'
        f'<nova:flavor name="{flavor}"><nova:vcpus>{vcpus}</nova:vcpus></nova:flavor></nova:instance>'
    )


def _xml(guest: Guest, disk: DiskSpec) -> str:
    from xml.etree import ElementTree

    return ElementTree.tostring(disk_element(guest.spec, disk), encoding="unicode")


def _until(true: object) -> None:
    assert callable(true)
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
