"""What the fidelity run needs beyond the lab: more of the guest, a block device, and files in the kernel's place."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.lab import image, kernel, newc, settings
from tests.lab.guests import Guest
from tests.lab.specification import NicSpec

_APPLETS: Final = ("head", "sysctl", "tail", "umount")

_LOOP_CTL_GET_FREE: Final = 0x4C82
_LOOP_CONFIGURE: Final = 0x4C0A
_LO_FLAGS_AUTOCLEAR: Final = 4


@contextlib.contextmanager
def open_shell() -> Iterator[None]:
    """Guests booted while the context lasts take ``run WORDS`` too: any line of shell."""
    archive = settings.BOOT / "initramfs"
    before = archive.read_bytes()
    added = newc.Archive()
    text = image.COMMANDS.read_text().replace("    *) false ;;\n", '    run) eval "$*" >&4 2>&4 ;;\n    *) false ;;\n')
    assert "    run) " in text, "commands.sh ends its commands otherwise than it did"
    added.file("commands.sh", text.encode())
    for applet in _APPLETS:
        added.link(f"bin/{applet}", "busybox")
    # The kernel unpacks one archive after the other; the later file of a name stands.
    archive.write_bytes(before + b"\0" * (-len(before) % 512) + added.finished())
    try:
        yield
    finally:
        archive.write_bytes(before)


@contextlib.contextmanager
def block_device(size: int) -> Iterator[Path]:
    """A loop device of *size* bytes. The kernel frees it when nobody has it open: not even a kill leaves it behind."""
    backing = settings.IMAGES / "loop.img"
    with backing.open("wb") as file:
        file.truncate(size)
    with backing.open("r+b") as file:
        holder, path = _free_loop(file.fileno())
    try:
        yield path
    finally:
        os.close(holder)
        backing.unlink()


def _free_loop(backing: int) -> tuple[int, Path]:
    control = os.open("/dev/loop-control", os.O_RDWR)
    try:
        for _ in range(20):
            path = Path(f"/dev/loop{fcntl.ioctl(control, _LOOP_CTL_GET_FREE)}")
            holder = os.open(path, os.O_RDWR)
            # struct loop_config: descriptor, block size, loop_info64 (its flags are after 52 bytes), reserve.
            information = struct.pack("<52xI", _LO_FLAGS_AUTOCLEAR)
            try:
                fcntl.ioctl(holder, _LOOP_CONFIGURE, struct.pack("<2I232s64x", backing, 0, information))
            except OSError:
                os.close(holder)  # another was faster
                continue
            return holder, path
    finally:
        os.close(control)
    raise OSError("no loop device is free")


@contextlib.contextmanager
def told(path: Path, text: str) -> Iterator[None]:
    """Have *path*, a file of the kernel's, read *text* in this lab while the context lasts."""
    instead = settings.STATE / f"told{path.as_posix().replace('/', '-')}"
    place: Path = path
    if path.parent.name == "net":
        # The kernel forgets what is below this one, and a mount with it.
        instead.mkdir(exist_ok=True)
        (instead / path.name).write_text(text)
        place = path.parent
    else:
        instead.write_text(text)
    kernel.mount(str(instead), place, flags=kernel.MS_BIND)
    try:
        yield
    finally:
        kernel.detach(place)


def flood_while_stopped(guest: Guest, nic: NicSpec, tap: str, *, count: int) -> None:
    """Send *count* frames to a guest whose QEMU does not take them: what does not fit into the tap is dropped."""
    addresses = bytes.fromhex((nic.mac + settings.BRIDGE_MAC).replace(":", ""))
    # An experimental ethertype, which no guest answers.
    frame = addresses + b"\x88\xb5" + bytes(50)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender, guest.stopped():
        sender.bind((tap, 0))
        for _ in range(count):
            with contextlib.suppress(OSError):  # the tap says that it is full
                sender.send(frame)
