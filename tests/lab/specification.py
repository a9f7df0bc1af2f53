"""What a guest of the lab is made of, as frozen values, and the domain XML they become; no I/O here."""

from __future__ import annotations

import uuid as uuids
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, final

from tests.lab import settings

_NAMESPACE: Final = uuids.UUID("6f0c1b52-3f57-4e0e-9d5c-6c6162677374")
QEMU_NAMESPACE: Final = "http://libvirt.org/schemas/domain/qemu/1.0"
MIB: Final = 1024 * 1024


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSpec:
    """One disk or drive. Without a *source* the lab makes an empty image of *size* bytes."""

    target: str
    bus: str = "virtio"
    device: Literal["disk", "cdrom", "floppy"] = "disk"
    format: Literal["raw", "qcow2"] = "raw"
    size: int = 64 * MIB
    serial: str | None = None
    source: Path | None = None
    # A drive with nothing in it; only a cdrom or floppy can be.
    empty: bool = False
    backing: Path | None = None
    read_only: bool = False
    discard: bool = False
    cache: str | None = None
    iothread: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NicSpec:
    """One network card: on the lab's bridge, behind QEMU's own user-mode network, or on a tap made by others.

    The card's address on the bridge is derived from the last two bytes of its MAC.
    """

    mac: str
    kind: Literal["bridge", "user", "ethernet"] = "bridge"
    bridge: str = settings.BRIDGE
    model: str = "virtio"
    target: str | None = None
    managed: bool = True
    interface_id: str | None = None
    virtual_port: str | None = None
    filter: str | None = None
    link_up: bool = True

    @property
    def address(self) -> str:
        """The IPv4 address of the guest on this card."""
        high, low = (int(byte, 16) for byte in self.mac.split(":")[-2:])
        return f"10.77.{high}.{low}"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GuestSpec:
    """A whole guest. One without a kernel is a tiny one that never runs an instruction."""

    name: str
    uuid: str = ""
    memory_mib: int = 128
    maximum_memory_mib: int | None = None
    vcpus: int = 1
    maximum_vcpus: int | None = None
    disks: tuple[DiskSpec, ...] = ()
    nics: tuple[NicSpec, ...] = ()
    balloon: bool = True
    balloon_period: int | None = None
    iothreads: int = 0
    agent: bool = False
    title: str | None = None
    # The elements inside <metadata>, such as nova's.
    metadata: str = ""
    kernel: bool = True
    machine: str = "pc"
    # A QMP monitor of the lab's own beside libvirt's: what QEMU counts and libvirt leaves out.
    own_monitor: bool = False
    #: For QEMU's own command line, beside what libvirt writes there.
    qemu_arguments: tuple[str, ...] = ()
    kernel_arguments: str = ""
    extra_devices: str = ""

    def __post_init__(self) -> None:
        """Fill in the uuid from the name, so that a guest made again is the same guest."""
        if not self.uuid:
            object.__setattr__(self, "uuid", str(uuids.uuid5(_NAMESPACE, self.name)))

    @property
    def folder(self) -> Path:
        """Where the guest's sockets and console are; named by uuid, for a name may be anything."""
        return settings.GUESTS / self.uuid

    @property
    def console(self) -> Path:
        """The log of the guest's first serial port."""
        return self.folder / "console.log"

    @property
    def command_socket(self) -> Path:
        """The guest's second serial port, on which it takes commands."""
        return self.folder / "commands.sock"

    @property
    def agent_socket(self) -> Path:
        """The guest agent's channel; no agent answers in the guest."""
        return self.folder / "agent.sock"

    @property
    def monitor_socket(self) -> Path:
        """The lab's own QMP monitor."""
        return self.folder / "monitor.sock"

    def image_of(self, disk: DiskSpec) -> Path:
        """The file behind *disk*."""
        return disk.source or settings.IMAGES / f"{self.uuid}-{disk.target}.{disk.format}"


def mac_of(guest: int, nic: int = 0) -> str:
    """A MAC for the *nic*-th card of the *guest*-th guest (1 to 250), unique among such."""
    return f"52:54:00:4c:{guest:02x}:{nic + 16:02x}"


def domain_xml(spec: GuestSpec) -> str:
    """The libvirt domain of *spec*."""
    domain = ElementTree.Element("domain", {"type": "qemu"})
    ElementTree.register_namespace("qemu", QEMU_NAMESPACE)
    _text(domain, "name", spec.name)
    _text(domain, "uuid", spec.uuid)
    if spec.title is not None:
        _text(domain, "title", spec.title)
    if spec.metadata:
        domain.append(ElementTree.fromstring(f"<metadata>{spec.metadata}</metadata>"))
    _text(domain, "memory", str(spec.maximum_memory_mib or spec.memory_mib), unit="MiB")
    _text(domain, "currentMemory", str(spec.memory_mib), unit="MiB")
    _text(domain, "vcpu", str(spec.maximum_vcpus or spec.vcpus), current=str(spec.vcpus))
    if spec.iothreads:
        _text(domain, "iothreads", str(spec.iothreads))
    _add_boot(domain, spec)
    features = ElementTree.SubElement(domain, "features")
    ElementTree.SubElement(features, "acpi")
    _text(domain, "on_reboot", "restart")
    devices = ElementTree.SubElement(domain, "devices")
    for disk in spec.disks:
        devices.append(disk_element(spec, disk))
    for nic in spec.nics:
        devices.append(nic_element(nic))
    if any(disk.bus == "scsi" for disk in spec.disks):
        ElementTree.SubElement(devices, "controller", type="scsi", model="virtio-scsi")
    _add_channels(devices, spec)
    _add_balloon(devices, spec)
    if spec.extra_devices:
        devices.extend(ElementTree.fromstring(f"<devices>{spec.extra_devices}</devices>"))
    own_monitor = ("-qmp", f"unix:{spec.monitor_socket},server=on,wait=off") if spec.own_monitor else ()
    if arguments := (*own_monitor, *spec.qemu_arguments):
        command_line = ElementTree.SubElement(domain, f"{{{QEMU_NAMESPACE}}}commandline")
        for value in arguments:
            ElementTree.SubElement(command_line, f"{{{QEMU_NAMESPACE}}}arg", value=value)
    return ElementTree.tostring(domain, encoding="unicode")


def _add_boot(domain: ElementTree.Element, spec: GuestSpec) -> None:
    system = ElementTree.SubElement(domain, "os")
    _text(system, "type", "hvm", arch="x86_64", machine=spec.machine)
    if spec.kernel:
        _text(system, "kernel", str(settings.BOOT / "kernel"))
        _text(system, "initrd", str(settings.BOOT / "initramfs"))
        # Without IPv6 a card sends nothing of its own accord, so packets can be counted exactly.
        arguments = "console=ttyS0 quiet ipv6.disable=1 panic=-1 tsc=reliable"
        _text(system, "cmdline", f"{arguments} {spec.kernel_arguments}".strip())


def _add_channels(devices: ElementTree.Element, spec: GuestSpec) -> None:
    if spec.kernel:
        console = ElementTree.SubElement(devices, "serial", type="file")
        ElementTree.SubElement(console, "source", path=str(spec.console), append="on")
        ElementTree.SubElement(console, "target", port="0")
        commands = ElementTree.SubElement(devices, "serial", type="unix")
        ElementTree.SubElement(commands, "source", mode="bind", path=str(spec.command_socket))
        ElementTree.SubElement(commands, "target", port="1")
    if spec.agent:
        channel = ElementTree.SubElement(devices, "channel", type="unix")
        ElementTree.SubElement(channel, "source", mode="bind", path=str(spec.agent_socket))
        ElementTree.SubElement(channel, "target", type="virtio", name="org.qemu.guest_agent.0")


def _add_balloon(devices: ElementTree.Element, spec: GuestSpec) -> None:
    balloon = ElementTree.SubElement(devices, "memballoon", model="virtio" if spec.balloon else "none")
    if spec.balloon_period is not None:
        ElementTree.SubElement(balloon, "stats", period=str(spec.balloon_period))


def disk_element(spec: GuestSpec, disk: DiskSpec) -> ElementTree.Element:
    """The XML of one disk, also good for plugging it."""
    element = ElementTree.Element("disk", type="file", device=disk.device)
    driver = {"name": "qemu", "type": disk.format}
    if disk.cache is not None:
        driver["cache"] = disk.cache
    if disk.discard:
        driver["discard"] = "unmap"
    if disk.iothread is not None:
        driver["iothread"] = str(disk.iothread)
    ElementTree.SubElement(element, "driver", driver)
    if not disk.empty:
        ElementTree.SubElement(element, "source", file=str(spec.image_of(disk)))
    ElementTree.SubElement(element, "target", dev=disk.target, bus=disk.bus)
    if disk.serial is not None:
        _text(element, "serial", disk.serial)
    if disk.read_only or disk.device == "cdrom":
        ElementTree.SubElement(element, "readonly")
    return element


def nic_element(nic: NicSpec) -> ElementTree.Element:
    """The XML of one network card, also good for plugging it."""
    element = ElementTree.Element("interface", type=nic.kind)
    ElementTree.SubElement(element, "mac", address=nic.mac)
    if nic.kind == "bridge":
        ElementTree.SubElement(element, "source", bridge=nic.bridge)
    if nic.target is not None:
        target = {"dev": nic.target} if nic.managed else {"dev": nic.target, "managed": "no"}
        ElementTree.SubElement(element, "target", target)
    ElementTree.SubElement(element, "model", type=nic.model)
    if nic.interface_id is not None or nic.virtual_port is not None:
        port = ElementTree.SubElement(element, "virtualport")
        # Without a type libvirt takes no parameters.
        port.set("type", nic.virtual_port or "openvswitch")
        if nic.interface_id is not None:
            ElementTree.SubElement(port, "parameters", interfaceid=nic.interface_id)
    if nic.filter is not None:
        ElementTree.SubElement(element, "filterref", filter=nic.filter)
    if not nic.link_up:
        ElementTree.SubElement(element, "link", state="down")
    return element


def _text(parent: ElementTree.Element, tag: str, text: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, tag, attributes).text = text
