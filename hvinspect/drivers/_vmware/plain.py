"""Objects of pyVmomi's become plain records. No I/O here, and no vendor's library: kinds are known by their names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hvinspect.driver import Absence

from .found import Disk, Hardware, Machine, Nic

__all__ = [
    "HARDWARE_PROPERTIES",
    "HOST_PROPERTIES",
    "MACHINE_PROPERTIES",
    "hardware_of",
    "machine_of",
    "moment_of",
    "number_of",
    "text_of",
    "unix_ns_of",
]

_KIB = 1024
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)

MACHINE_PROPERTIES: Final = (
    "name",
    "config.changeVersion",
    "config.instanceUuid",
    "config.modified",
    "config.template",
    "runtime.bootTime",
    "runtime.connectionState",
    "runtime.powerState",
    "summary.quickStats.balloonedMemory",
    "summary.quickStats.hostMemoryUsage",
)
HARDWARE_PROPERTIES: Final = (
    "config.annotation",
    "config.hardware.device",
    "config.hardware.memoryMB",
    "config.hardware.numCPU",
)
HOST_PROPERTIES: Final = (
    "hardware.cpuInfo.numCpuThreads",
    "hardware.memorySize",
    "hardware.systemInfo.uuid",
    "name",
    "runtime.bootTime",
    "summary.quickStats.overallMemoryUsage",
)

#: Names of types of vSphere's, without what they all begin with.
_PREFIX = "vim.vm.device."
_BUSES = {
    "VirtualSCSIController": "scsi",
    "VirtualIDEController": "ide",
    "VirtualSATAController": "sata",
    "VirtualNVMEController": "nvme",
    "VirtualSIOController": "sio",
}
_DEVICES = {"VirtualDisk": "disk", "VirtualCdrom": "cdrom", "VirtualFloppy": "floppy"}
_DISK_KINDS = {
    # Files that stand for a device.
    "VirtualDisk.RawDiskMappingVer1BackingInfo": "block",
    "VirtualDisk.RawDiskVer2BackingInfo": "block",
    "VirtualDevice.FileBackingInfo": "file",
    "VirtualDevice.DeviceBackingInfo": "block",
}
_MODELS = {
    "VirtualVmxnet3Vrdma": "vmxnet3vrdma",
    "VirtualVmxnet3": "vmxnet3",
    "VirtualVmxnet2": "vmxnet2",
    "VirtualVmxnet": "vmxnet",
    "VirtualE1000e": "e1000e",
    "VirtualE1000": "e1000",
    "VirtualPCNet32": "pcnet32",
    "VirtualSriovEthernetCard": "sriov",
}
_NIC_KINDS = {
    "VirtualEthernetCard.DistributedVirtualPortBackingInfo": "distributed",
    "VirtualEthernetCard.OpaqueNetworkBackingInfo": "opaque",
    "VirtualEthernetCard.NetworkBackingInfo": "network",
}


def machine_of(ref: str, values: Mapping[str, Any], missing: Mapping[str, Absence]) -> Machine:
    """A virtual machine by its MACHINE_PROPERTIES."""
    return Machine(
        ref=ref,
        name=text_of(values.get("name")),
        is_template=bool(values.get("config.template")),
        instance_uuid=text_of(values.get("config.instanceUuid")),
        # Hosts leave the time at 1970; the simulator has no changeVersion.
        version=(text_of(values.get("config.changeVersion")) or "", moment_of(values.get("config.modified"))),
        power=text_of(values.get("runtime.powerState")),
        connection=text_of(values.get("runtime.connectionState")),
        booted=moment_of(values.get("runtime.bootTime")),
        host_memory_mib=number_of(values.get("summary.quickStats.hostMemoryUsage")),
        ballooned_mib=number_of(values.get("summary.quickStats.balloonedMemory")),
        missing=missing,
    )


def hardware_of(values: Mapping[str, Any], missing: Mapping[str, Absence]) -> Hardware | Absence:
    """A virtual machine by its HARDWARE_PROPERTIES; why there are none, if one of them is missing for a reason."""
    for path in HARDWARE_PROPERTIES:
        if path in missing:
            return missing[path]
    devices = tuple(values.get("config.hardware.device", ()))
    by_key = {one.key: one for one in devices}
    disks = ((one, _of(one, _DEVICES)) for one in devices)
    return Hardware(
        vcpus=number_of(values.get("config.hardware.numCPU")),
        memory_mib=number_of(values.get("config.hardware.memoryMB")),
        annotation=text_of(values.get("config.annotation")) or "",
        disks=tuple(_disk(one, device, by_key.get(one.controllerKey)) for one, device in disks if device),
        nics=tuple(_nic(one) for one in devices if "VirtualEthernetCard" in _kinds(one)),
    )


def _disk(disk: Any, device: str, controller: Any) -> Disk:
    bus = _of(controller, _BUSES)
    unit = number_of(disk.unitNumber)
    backing = disk.backing
    return Disk(
        key=int(disk.key),
        device=device,
        name=f"{bus}{int(controller.busNumber)}:{unit}" if bus is not None and unit is not None else None,
        bus=bus,
        kind=_of(backing, _DISK_KINDS),
        source=text_of(getattr(backing, "fileName", None)) or text_of(getattr(backing, "deviceName", None)),
        capacity_bytes=_capacity(disk) if device == "disk" else None,
    )


def _capacity(disk: Any) -> int | None:
    kib = number_of(disk.capacityInKB)
    return number_of(disk.capacityInBytes) or (kib * _KIB if kib is not None else None)


def _nic(card: Any) -> Nic:
    return Nic(
        key=int(card.key),
        mac=text_of(card.macAddress),
        model=_of(card, _MODELS),
        kind=_of(card.backing, _NIC_KINDS),
        external_id=text_of(getattr(card, "externalId", None)),
        connected=bool(card.connectable.connected) if card.connectable is not None else None,
    )


def _of(found: Any, words: Mapping[str, str]) -> str | None:
    """The word for the most special of the types that *found* has."""
    return next((words[kind] for kind in _kinds(found) if kind in words), None)


def _kinds(found: Any) -> tuple[str, ...]:
    return tuple(kind.__name__.removeprefix(_PREFIX) for kind in type(found).__mro__)


def text_of(value: Any) -> str | None:
    """A plain text; None for an empty one too. pyVmomi's own are of subclasses."""
    return str.__str__(value) or None if isinstance(value, str) else None


def number_of(value: Any) -> int | None:
    """A plain number."""
    return int(value) if value is not None else None


def moment_of(value: Any) -> str:
    """A time as text, for comparing."""
    return value.isoformat() if value is not None else ""


def unix_ns_of(value: datetime) -> int:
    """A time, which is UTC where it does not say what it is."""
    return ((value if value.tzinfo else value.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND * 1000
