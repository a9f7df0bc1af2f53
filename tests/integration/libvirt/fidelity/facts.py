"""What the run asks for by its own will, so that descriptions have something outside libvirt to be equal to."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tests.lab import settings
from tests.lab.specification import GuestSpec, NicSpec, mac_of

PORT_ID: Final = "2f1d6a60-7a06-4a43-8f0a-61c0b5a0a001"
#: Of libvirt's own test driver.
TEST_UUID: Final = "6695eb01-f6a4-8304-79aa-97f2502e193f"

#: /proc/net/dev's columns for the tap: what the host received of the guest, then what it sent to it.
TOLD_NIC: Final = (1001, 1002, 1003, 1004, 5, 6, 7, 8, 2001, 2002, 2003, 2004, 15, 16, 17, 18)
TOLD_WAITS_NS: Final = (1_234_567_890, 42_000_001)
#: What is told twice: at first this, then as much again.
TOLD: Final = {"told": 1, "told-later": 2}

OPENSTACK: Final[dict[str, Any]] = {
    "name": "web & more",
    "created_unix_ns": 1_763_805_301_000_000_000,
    "flavor_name": "m1.tiny",
    "flavor_id": "f-1",
    "flavor_vcpus": 3,
    "flavor_memory_bytes": 512 * 2**20,
    "flavor_disk_bytes": 7 * 2**30,
    "flavor_ephemeral_bytes": 5 * 2**30,
    "flavor_swap_bytes": 64 * 2**20,
    "flavor_extra_specs": (("hw:cpu_policy", "shared"),),
    "user_id": "u-1",
    "user_name": "alice",
    "project_id": "p-1",
    "project_name": "shop",
    "image_id": "i-1",
    "image_properties": (("base_image_ref", "i-1"), ("disk_format", "qcow2"), ("hw_disk_bus", "virtio")),
    "nova_version": "31.0.1",
}
NOVA_NAMESPACE: Final = "http://openstack.org/xmlns/libvirt/nova/1.1"
NOVA: Final = f"""
<nova:instance xmlns:nova="{NOVA_NAMESPACE}">
  <nova:package version="31.0.1"/><nova:name>web &amp; more</nova:name>
  <nova:creationTime>2025-11-22 09:55:01</nova:creationTime>
  <nova:flavor name="m1.tiny" id="f-1"><nova:memory>512</nova:memory><nova:disk>7</nova:disk><nova:swap>64</nova:swap>
    <nova:ephemeral>5</nova:ephemeral><nova:vcpus>3</nova:vcpus>
    <nova:extraSpecs><nova:extraSpec name="hw:cpu_policy">shared</nova:extraSpec></nova:extraSpecs></nova:flavor>
  <nova:image uuid="i-1"><nova:diskFormat>qcow2</nova:diskFormat>
    <nova:properties><nova:property name="hw_disk_bus">virtio</nova:property></nova:properties></nova:image>
  <nova:owner><nova:user uuid="u-1">alice</nova:user><nova:project uuid="p-1">shop</nova:project></nova:owner>
  <nova:root type="image" uuid="i-1"/>
</nova:instance>
"""
_FILTERED: Final = f"""
<interface type='bridge'><mac address='{mac_of(3, 1)}'/><source bridge='{settings.BRIDGE}'/>
  <model type='e1000'/><filterref filter='clean'><parameter name='IP' value='10.0.0.1'/></filterref></interface>
"""

#: A guest that is defined and does not run: libvirt has nothing of it but what it was told.
DESCRIBED: Final[dict[str, Any]] = {
    "name": "fidelity-described",
    "kernel": False,
    "memory_mib": 16,
    "vcpus": 1,
    "maximum_vcpus": 2,
    "metadata": NOVA,
    "nics": (NicSpec(mac=mac_of(3), link_up=False),),
    "extra_devices": _FILTERED,
}


def of_subject(spec: GuestSpec, *, images: dict[str, Path], taps: tuple[str, ...]) -> dict[str, Any]:
    """What the busy guest was made of."""
    disk = {"device": "disk", "bus": "virtio", "kind": "file", "serial": None}
    managed = {"model": "virtio", "kind": "bridge", "bridge": settings.BRIDGE, "port_id": None, "link_up": True}
    first, second, user = (nic.mac for nic in spec.nics)
    return {
        "name": spec.name,
        "uuid": spec.uuid,
        "vcpus_maximum": spec.maximum_vcpus,
        "disks": {
            "vda": {**disk, "serial": "lab-a", "alias": "virtio-disk0", "source": str(images["vda"])},
            "vdb": {**disk, "alias": "virtio-disk1", "source": str(images["vdb"])},
            "vdc": {**disk, "alias": "virtio-disk2", "source": str(images["vdc"])},
            "vdd": {**disk, "kind": "block", "alias": "virtio-disk3", "source": str(images["vdd"])},
            "hdc": {**disk, "bus": "ide", "device": "cdrom", "alias": "ide0-1-0", "source": None},
        },
        "nics": {
            first: {**managed, "alias": "net0", "name": taps[0]},
            second: {**managed, "alias": "net1", "name": taps[1], "port_id": PORT_ID, "link_up": False},
            user: {**managed, "alias": "net2", "kind": "user", "bridge": None, "name": None},
        },
        # vdb's, by the run's own writes: QEMU's file of it is something else.
        "capacity": {"vda": 64 * 2**20, "vdb": 64 * 2**20, "vdc": 64 * 2**20, "vdd": 32 * 2**20},
    }
