"""The largest guest that can be thought of: 512 vCPUs, 200 disks on a chain of 30 images each, 5 MB of metadata."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from hvinspect import DEFAULT_GROUPS, Instance
from hvinspect._xml import LONGEST_XML
from hvinspect.driver import ReplyInvalid
from hvinspect.drivers._libvirt.decode import Reading
from hvinspect.drivers._libvirt.describe import describe
from hvinspect.drivers._libvirt.plan import decode
from hvinspect.drivers._libvirt.reply import Reply

from .case import TAKEN

ROOT: Final = Path(__file__).parents[3]
VCPUS, DISKS, IMAGES = 512, 200, 30
_MB: Final = 1_000_000
#: 5 MB in four shapes, the worst for memory last: 4 characters an element.
METADATA: Final = {
    "one text": "<x xmlns='urn:x'>" + "y" * 5 * _MB + "</x>",
    "one attribute": "<x xmlns='urn:x' y='" + "y" * 5 * _MB + "'/>",
    "lines": "<x xmlns='urn:x'>" + ("<y>" + "z" * 993 + "</y>") * (5 * _MB // 1000) + "</x>",
    "empty": "<x xmlns='urn:x'>" + "<y/>" * (5 * _MB // 4) + "</x>",
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


def reading(metadata: str = "") -> Reading:
    uuid = UUID("0c9d7ad1-c1c8-4a2f-9f3e-1b7d5a6e2002")
    return Reading(
        instance=Instance(key=str(uuid), uuid=uuid, name="giant", native_id="1", driver="libvirt"),
        life="life",
        taken=TAKEN,
        groups=frozenset(DEFAULT_GROUPS),
        reply=Reply(reply()),
        description=describe(xml(metadata), described_at=1),
        daemon_version=9_000_000,
    )


def test_each_vcpu_is_there_in_its_order() -> None:
    assert [(one.index, one.time_ns, one.delay_ns) for one in decode(reading()).stats.cpu.vcpus] == [
        (vcpu, 10**6 + vcpu, vcpu) for vcpu in range(VCPUS)
    ]


@pytest.mark.parametrize("metadata", METADATA)
def test_each_disk_is_there_once_as_itself_whatever_the_metadata(metadata: str) -> None:
    disks = decode(reading(METADATA[metadata])).stats.disks
    assert [(disk.name, disk.serial, disk.source) for disk in disks] == [
        (f"sd{disk}", f"s{disk}", _image(disk, 0)[0]) for disk in range(DISKS)
    ]
    assert [disk.incarnation for disk in disks] == [
        f"life/scsi0-0-0-{disk}/{_image(disk, 0)[1]}" for disk in range(DISKS)
    ]


def test_what_a_disk_counts_is_its_own_and_of_no_image_below() -> None:
    disks = decode(reading()).stats.disks
    assert len(disks) == DISKS
    for number, disk in enumerate(disks):
        assert (disk.read_requests, disk.flush_time_ns) == (1000 * number, 1000 * number + 7)
        sizes = (disk.highest_written_bytes, disk.capacity_bytes, disk.host_allocated_bytes)
        assert sizes == (0, 10**9, 4096)


def test_to_decode_it_takes_far_less_memory_than_the_reply_itself() -> None:
    asked = reading()
    size = sum(sys.getsizeof(key) + sys.getsizeof(value) for key, value in asked.reply.values.items())
    tracemalloc.start()
    try:
        decode(asked)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0 < peak < size / 5


@pytest.mark.parametrize(("metadata", "most"), [("one text", 5), ("one attribute", 5), ("lines", 3), ("empty", 3)])
def test_to_read_its_xml_takes_a_small_multiple_of_it_whatever_it_is_made_of(metadata: str, most: float) -> None:
    """Measured in a process of its own, because it is libxml2's memory, of which Python knows nothing."""
    program = f"from tests.drivers.libvirt import test_giant; test_giant.print_multiple({metadata!r})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 0 < float(done.stdout) < most


@pytest.mark.parametrize("metadata", METADATA)
def test_to_read_its_xml_takes_of_python_no_more_than_copies_of_it(metadata: str) -> None:
    text = xml(METADATA[metadata])
    tracemalloc.start()
    try:
        describe(text, described_at=1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0 < peak < 3 * len(text)


def print_multiple(metadata: str) -> None:
    """By how much more this process has resident while that XML is read, as a multiple of it."""
    text = xml(METADATA[metadata])
    describe(xml(), described_at=1)
    # What was made to make the text is gone, and its peak is forgotten.
    Path("/proc/self/clear_refs").write_text("5")
    before = _most_resident_bytes()
    describe(text, described_at=1)
    print((_most_resident_bytes() - before) / len(text))


def _most_resident_bytes() -> int:
    # What getrusage() tells begins with what the parent had.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def test_xml_of_five_megabytes_is_within_what_is_read_and_far_more_is_refused() -> None:
    assert len(xml(METADATA["lines"])) < LONGEST_XML
    with pytest.raises(ReplyInvalid, match=str(LONGEST_XML)):
        describe(xml(METADATA["lines"] * 4), described_at=1)
