"""The command line of a guest without libvirt, from the same specification; no I/O here."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.lab import settings
from tests.lab.specification import DiskSpec, GuestSpec

__all__ = ["FOLDER", "command_line", "monitor_of", "own_monitor_of", "tap_of", "trace_of"]

#: Where their monitors are, as an operator would keep them.
FOLDER: Final = Path("/run/vms")
_ARGUMENTS: Final = "console=ttyS0 quiet ipv6.disable=1 panic=-1 tsc=reliable"
_MODELS: Final = {"virtio": "virtio-net-pci"}


def monitor_of(spec: GuestSpec) -> Path:
    """The monitor that hvinspect is shown."""
    return FOLDER / f"{spec.name}.qmp"


def own_monitor_of(spec: GuestSpec) -> Path:
    """One for the tests, so that they do not stand in its way."""
    return FOLDER / f"{spec.name}.lab"


def trace_of(spec: GuestSpec) -> Path:
    """Where QEMU logs every command that it is given."""
    return FOLDER / f"{spec.name}.trace"


def tap_of(spec: GuestSpec, number: int) -> str:
    """The tap of the card *number*."""
    return f"{spec.name}-{number}"


def command_line(
    spec: GuestSpec, *, threads_named: bool = True, traced: bool = True, accelerator: str = "tcg"
) -> list[str]:
    """What to start; taps and images must be there."""
    name = spec.name.replace(",", ",,")
    command = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-accel", accelerator]
    command += ["-name", f"{name},debug-threads=on" if threads_named else name, "-uuid", spec.uuid]
    command += ["-m", str(spec.memory_mib), "-smp", f"{spec.vcpus},maxcpus={spec.maximum_vcpus or spec.vcpus}"]
    command += ["-machine", spec.machine]
    if accelerator == "kvm":
        # What the host's own hypervisor lets through is less than QEMU takes for granted.
        command += ["-cpu", "qemu64"]
    command += ["-qmp", f"unix:{monitor_of(spec)},server=on,wait=off"]
    command += ["-qmp", f"unix:{own_monitor_of(spec)},server=on,wait=off"]
    if traced:
        command += ["-D", str(trace_of(spec)), "-trace", "handle_qmp_command"]
    if spec.kernel:
        command += ["-kernel", str(settings.BOOT / "kernel"), "-initrd", str(settings.BOOT / "initramfs")]
        command += ["-append", f"{_ARGUMENTS} {spec.kernel_arguments}".strip()]
        command += ["-serial", f"file:{spec.console}", "-serial", f"unix:{spec.command_socket},server=on,wait=off"]
    else:
        command.append("-S")
    if any(disk.bus == "scsi" for disk in spec.disks):
        command += ["-device", "virtio-scsi-pci,id=scsi0"]
    for disk in spec.disks:
        command += _disk(spec, disk)
    for number, nic in enumerate(spec.nics):
        behind = "user" if nic.kind == "user" else f"tap,ifname={tap_of(spec, number)},script=no,downscript=no"
        command += ["-netdev", f"{behind},id=host{number}"]
        model = _MODELS.get(nic.model, nic.model)
        command += ["-device", f"{model},netdev=host{number},id=nic{number},mac={nic.mac}"]
    if spec.balloon:
        command += ["-device", "virtio-balloon-pci,id=balloon0"]
    for number in range(spec.iothreads):
        command += ["-object", f"iothread,id=iothread{number + 1}"]
    return command


def _disk(spec: GuestSpec, disk: DiskSpec) -> list[str]:
    """By -blockdev, as managers do; a raw one by -drive, as people do."""
    path, name = spec.image_of(disk), disk.target
    serial = f",serial={disk.serial}" if disk.serial else ""
    device = "scsi-hd" if disk.bus == "scsi" else "virtio-blk-pci"
    if disk.format == "raw":
        discard = ",discard=unmap" if disk.discard else ""
        drive = f"file={path},format=raw,if=none,id=drive-{name},cache.direct=off{discard}"
        return ["-drive", drive, "-device", f"{device},drive=drive-{name},id={name}{serial}"]
    return [
        *("-blockdev", f"driver=file,filename={path},node-name=file-{name}"),
        *("-blockdev", f"driver={disk.format},file=file-{name},node-name=format-{name}"),
        *("-device", f"{device},drive=format-{name},id={name}{serial}"),
    ]
