"""The largest guest that can be thought of: 512 vCPUs, 200 disks on a chain of 30 images each, 5 MB of metadata."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from functools import cache
from typing import Any, Final
from uuid import UUID

import pytest

from hvinspect import DEFAULT_GROUPS, Instance, InstanceStats
from hvinspect.drivers._libvirt_decode import Reading, decode
from hvinspect.drivers._libvirt_describe import describe
from hvinspect.drivers._libvirt_reply import Reply

from .case import TAKEN

VCPUS, DISKS, IMAGES = 512, 200, 30
_MB: Final = 1_000_000
#: 5 MB in three shapes, the worst for memory last: 4 characters an element.
METADATA: Final = {
    "one text": "<x xmlns='urn:x'>" + "y" * 5 * _MB + "</x>",
    "one attribute": "<x xmlns='urn:x' y='" + "y" * 5 * _MB + "'/>",
    "lines": "<x xmlns='urn:x'>" + ("<y>" + "z" * 993 + "</y>") * (5 * _MB // 1000) + "</x>",
    "empty elements": "<x xmlns='urn:x'>" + "<y/>" * (5 * _MB // 4) + "</x>",
}


def _image(disk: int, image: int) -> tuple[str, int]:
    """Path and libvirt's number of one image in the chain of a disk; the first is the disk's own."""
    return f"/images/{disk}/{image}.qcow2", 1 + disk * IMAGES + image


@cache
def reply() -> dict[str, Any]:
    """As the bulk call gives it with the flag BACKING: only the first entry of a name has what the guest did."""
    values: dict[str, Any] = {
        "state.state": 1, "state.reason": 1, "cpu.time": 5 * 10**9, "vcpu.current": VCPUS, "vcpu.maximum": VCPUS,
        "block.count": DISKS * IMAGES,
    }  # fmt: skip
    for vcpu in range(VCPUS):
        at = f"vcpu.{vcpu}."
        values |= {at + "state": 1, at + "time": 10**6 + vcpu, at + "wait": 0, at + "delay": vcpu}
    for disk in range(DISKS):
        for image in range(IMAGES):
            at = f"block.{disk * IMAGES + image}."
            path, index = _image(disk, image)
            values |= {at + "name": f"sd{disk}", at + "path": path, at + "backingIndex": index}
            if image == 0:
                names = ("rd.reqs", "rd.bytes", "rd.times", "wr.reqs", "wr.bytes", "wr.times", "fl.reqs", "fl.times")
                values |= {at + name: 1000 * disk + place for place, name in enumerate(names)}
            values |= {at + "allocation": image, at + "capacity": 10**9 + image, at + "physical": 4096 + image}
    return values


def xml(metadata: str = "") -> str:
    """The domain of that reply."""
    disks: list[str] = []
    for disk in range(DISKS):
        chain = "<backingStore/>"
        for image in reversed(range(1, IMAGES)):
            path, index = _image(disk, image)
            chain = (
                f"<backingStore type='file' index='{index}'><format type='qcow2'/><source file='{path}'/>"
                f"{chain}</backingStore>"
            )
        path, index = _image(disk, 0)
        disks.append(
            f"<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{path}' index='{index}'/>"
            f"{chain}<target dev='sd{disk}' bus='scsi'/><serial>s{disk}</serial><alias name='scsi0-0-0-{disk}'/></disk>"
        )
    return f"<domain type='kvm'><metadata>{metadata}</metadata><devices>{''.join(disks)}</devices></domain>"


def giant(metadata: str = "") -> InstanceStats:
    uuid = "0c9d7ad1-c1c8-4a2f-9f3e-1b7d5a6e2002"
    return decode(
        Reading(
            instance=Instance(key=uuid, uuid=UUID(uuid), name="giant", native_id="1", driver="libvirt"),
            life="life",
            taken=TAKEN,
            groups=frozenset(DEFAULT_GROUPS),
            reply=Reply(reply()),
            description=describe(xml(metadata), described_at=1),
            daemon_version=9_000_000,
        )
    )


def test_each_vcpu_is_there_in_its_order() -> None:
    assert [(one.index, one.time_ns, one.delay_ns) for one in giant().cpu.vcpus] == [
        (vcpu, 10**6 + vcpu, vcpu) for vcpu in range(VCPUS)
    ]


def test_each_disk_is_there_once_as_itself() -> None:
    disks = giant().disks
    assert [(disk.name, disk.serial, disk.source) for disk in disks] == [
        (f"sd{disk}", f"s{disk}", _image(disk, 0)[0]) for disk in range(DISKS)
    ]
    assert [disk.incarnation for disk in disks] == [
        f"life/scsi0-0-0-{disk}/{_image(disk, 0)[1]}" for disk in range(DISKS)
    ]


def test_what_a_disk_counts_is_its_own_and_of_no_image_below() -> None:
    for number, disk in enumerate(giant().disks):
        assert (disk.read_requests, disk.flush_time_ns) == (1000 * number, 1000 * number + 7)
        sizes = (disk.highest_written_bytes, disk.capacity_bytes, disk.host_allocated_bytes)
        assert sizes == (0, 10**9, 4096)


def test_it_takes_little_more_memory_than_what_becomes_of_it() -> None:
    values, description = reply(), describe(xml(), described_at=1)
    size = sum(sys.getsizeof(key) + sys.getsizeof(value) for key, value in values.items())
    uuid = UUID("0c9d7ad1-c1c8-4a2f-9f3e-1b7d5a6e2002")
    instance = Instance(key=str(uuid), uuid=uuid, name="giant", native_id="1", driver="libvirt")
    reading = Reading(
        instance=instance, life="life", taken=TAKEN, groups=frozenset(DEFAULT_GROUPS), reply=Reply(values),
        description=description, daemon_version=9_000_000,
    )  # fmt: skip
    tracemalloc.start()
    stats = decode(reading)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(stats.disks) == DISKS
    print(size, peak, peak/size)


@pytest.mark.parametrize("shape", METADATA)
def test_metadata(shape: str) -> None:
    stats = giant(METADATA[shape])
    assert len(stats.disks)==DISKS
    text = xml(METADATA[shape])
    tracemalloc.start()
    describe(text, described_at=1)
    print(shape, len(text), tracemalloc.get_traced_memory()[1]/len(text))
    tracemalloc.stop()

