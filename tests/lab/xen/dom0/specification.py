"""What a guest of Xen is made of, and what xl and libvirt are told of it; no I/O here."""

from __future__ import annotations

import json
import uuid as uuids
from dataclasses import dataclass
from typing import Final, final

_NAMESPACE: Final = uuids.UUID("6f0c1b52-3f57-4e0e-9d5c-6c616278656e")
KERNEL: Final = "/boot/vmlinux"
INITRAMFS: Final = "/project/guest-initramfs"
ARGUMENTS: Final = "console=hvc0 quiet loglevel=1 net.ifnames=0 ipv6.disable=1"
CARD_SCRIPT: Final = "/etc/xen/scripts/vif-lab"
MIB: Final = 1024 * 1024


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GuestSpec:
    """A paravirtual guest with a disk, xvda, and cards by their last byte of the MAC; xl can give it another disk."""

    name: str
    memory_mib: int = 96
    vcpus: int = 1
    online_vcpus: int | None = None
    disk_mib: int = 4
    cards: tuple[int, ...] = (1,)
    #: Of xvdb, which a QEMU in dom0 serves; 0 is none.
    qemu_disk_mib: int = 0

    @property
    def uuid(self) -> str:
        """From the name, so that a guest made again is the same guest."""
        return str(uuids.uuid5(_NAMESPACE, self.name))

    def mac(self, card: int) -> str:
        """The hardware address of a card."""
        return f"00:16:3e:00:00:{card:02x}"

    def address(self, card: int) -> str:
        """The IPv4 address of the guest on a card."""
        return f"10.77.0.{card + 1}"


def xl_configuration(spec: GuestSpec, disk: str, qemu_disk: str | None) -> str:
    """What ``xl create`` reads; *disk* is a block device, *qemu_disk* a file."""
    disks = [f"format=raw,vdev=xvda,access=rw,backendtype=phy,target={disk}"]
    if qemu_disk is not None:
        disks.append(f"format=raw,vdev=xvdb,access=rw,backendtype=qdisk,target={qemu_disk}")
    cards = ", ".join(f'"mac={spec.mac(card)},script={CARD_SCRIPT}"' for card in spec.cards)
    lines = [
        'type = "pv"',
        f'name = "{spec.name}"',
        f'uuid = "{spec.uuid}"',
        f'kernel = "{KERNEL}"',
        f'ramdisk = "{INITRAMFS}"',
        f'extra = "{ARGUMENTS}"',
        f"memory = {spec.memory_mib}",
        f"maxvcpus = {spec.vcpus}",
        f"vcpus = {spec.online_vcpus or spec.vcpus}",
        f"disk = {json.dumps(disks)}",
        f"vif = [{cards}]",
        'on_poweroff = "destroy"',
    ]
    return "\n".join(lines) + "\n"


def libvirt_xml(spec: GuestSpec, disk: str) -> str:
    """The same guest as libvirt's domain XML."""
    cards = "".join(
        f"<interface type='ethernet'><mac address='{spec.mac(card)}'/><script path='{CARD_SCRIPT}'/></interface>"
        for card in spec.cards
    )
    return f"""
        <domain type='xen'>
          <name>{spec.name}</name><uuid>{spec.uuid}</uuid>
          <memory unit='MiB'>{spec.memory_mib}</memory>
          <vcpu current='{spec.online_vcpus or spec.vcpus}'>{spec.vcpus}</vcpu>
          <os>
            <type arch='x86_64' machine='xenpv'>linux</type>
            <kernel>{KERNEL}</kernel><initrd>{INITRAMFS}</initrd><cmdline>{ARGUMENTS}</cmdline>
          </os>
          <devices>
            <disk type='block' device='disk'>
              <driver name='phy' type='raw'/><source dev='{disk}'/><target dev='xvda' bus='xen'/>
            </disk>
            {cards}
            <console type='pty'><target type='xen' port='0'/></console>
          </devices>
        </domain>
    """
