"""Guests as nova makes them: what it writes into their descriptions."""

from __future__ import annotations

from typing import Final

from tests.lab.specification import DiskSpec, GuestSpec, NicSpec, mac_of

PROJECT: Final = "0c9d7ad1c1c84a2f9f3e1b7d5a6e2002"
PORT: Final = "2f3c4d5e-6a7b-4c8d-9e0f-1a2b3c4d5e6f"
#: As nova 2025.2 (32) writes it.
_INSTANCE: Final = """<nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
  <nova:package version="32.0.0"/>
  <nova:name>{name}</nova:name>
  <nova:creationTime>2025-11-02 07:41:09</nova:creationTime>
  <nova:flavor name="c1.tiny" id="6d1f5b1e-0b9c-4a38-9a55-9f8a4a7d7705">
    <nova:memory>128</nova:memory><nova:disk>2</nova:disk><nova:swap>64</nova:swap>
    <nova:ephemeral>1</nova:ephemeral><nova:vcpus>{vcpus}</nova:vcpus>
    <nova:extraSpecs><nova:extraSpec name="hw:cpu_policy">shared</nova:extraSpec></nova:extraSpecs>
  </nova:flavor>
  <nova:image uuid="8f2b7c7e-29e5-4d0b-8f67-3a2c1b0d9e03">
    <nova:containerFormat>bare</nova:containerFormat><nova:diskFormat>qcow2</nova:diskFormat>
    <nova:minDisk>1</nova:minDisk><nova:minRam>0</nova:minRam>
    <nova:properties><nova:property name="hw_disk_bus">virtio</nova:property></nova:properties>
  </nova:image>
  <nova:owner>
    <nova:user uuid="5b3c1f0e8f2d4a67b4d2a2c7f1e9d001">alice</nova:user>
    <nova:project uuid="{project}">shop</nova:project>
  </nova:owner>
  <nova:root type="image" uuid="8f2b7c7e-29e5-4d0b-8f67-3a2c1b0d9e03"/>
</nova:instance>"""


def metadata(name: str, vcpus: int = 1) -> str:
    """What is inside <metadata>."""
    return _INSTANCE.format(name=name, vcpus=vcpus, project=PROJECT)


def linux(name: str, number: int, *, balloon_period: int | None = 2) -> GuestSpec:
    """A guest that boots: two vCPUs, a raw disk and one of qcow2, two cards, a drive with nothing in it."""
    return GuestSpec(
        name=name,
        vcpus=2,
        disks=(
            DiskSpec(target="vda"),
            DiskSpec(target="vdb", format="qcow2"),
            DiskSpec(target="hda", bus="ide", device="cdrom", empty=True),
        ),
        nics=(NicSpec(mac=mac_of(number)), NicSpec(mac=mac_of(number, 1), interface_id=PORT)),
        balloon_period=balloon_period,
        metadata=metadata(name, 2),
    )


def still(prefix: str, count: int, *, first: int) -> tuple[GuestSpec, ...]:
    """Tiny guests that never run an instruction; *first* is the number of the first among all guests of a test run."""
    return tuple(
        GuestSpec(
            name=f"{prefix}-{number}",
            memory_mib=16,
            kernel=False,
            disks=(DiskSpec(target="vda", size=1024 * 1024),),
            nics=(NicSpec(mac=mac_of(number)),),
            metadata=metadata(f"{prefix}-{number}"),
        )
        for number in range(first, first + count)
    )
