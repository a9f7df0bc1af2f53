"""Writes an initramfs: the kernel's "newc" form of cpio, made in memory without a program."""

from __future__ import annotations

import io
from typing import Final, final

_DIRECTORY: Final = 0o40755
_LINK: Final = 0o120777


@final
class Archive:
    """A file tree for a kernel to unpack. Folders come before what is in them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._out = io.BytesIO()

    def directory(self, name: str) -> None:
        """Add an empty folder."""
        self._add(name, mode=_DIRECTORY)

    def link(self, name: str, to: str) -> None:
        """Add a symbolic link."""
        self._add(name, mode=_LINK, content=to.encode())

    def file(self, name: str, content: bytes, *, mode: int = 0o644) -> None:
        """Add a file with its permission bits."""
        self._add(name, mode=0o100000 | mode, content=content)

    def finished(self) -> bytes:
        """End it and return all of it; uncompressed: emulated CPUs are slower at unpacking than at copying."""
        self._add("TRAILER!!!", mode=0)
        return self._out.getvalue()

    def _add(self, name: str, *, mode: int, content: bytes = b"") -> None:
        encoded = name.encode() + b"\0"
        # Inode, mode, owner, group, links, time, size, four device numbers, name's length, check sum.
        numbers = (self._out.tell(), mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(encoded), 0)
        header = b"070701" + "".join(f"{number:08X}" for number in numbers).encode()
        for part in (header + encoded, content):
            self._out.write(part)
            self._out.write(b"\0" * (-self._out.tell() % 4))
