"""Takes the kernel out of its self-unpacking file, so that nobody has to unpack it under emulation for each guest."""

from __future__ import annotations

import gzip
import lzma
import struct
import subprocess
from typing import Final

from tests.lab import requirements

# From Linux's x86 boot protocol.
_SETUP_SECTORS: Final = 0x1F1
_PAYLOAD: Final = 0x248
_SECTOR: Final = 512


def unpack(image: bytes) -> bytes:
    """The ELF file in *image*, a distribution's vmlinuz.

    Raises:
        ValueError: it is not packed in a way known here.
    """
    start, length = struct.unpack_from("<II", image, _PAYLOAD)
    start += (image[_SETUP_SECTORS] + 1) * _SECTOR
    # At the end stands the unpacked length.
    payload = image[start : start + length - 4]
    if payload.startswith(b"\xfd7zXZ"):
        unpacked = lzma.decompress(payload)
    elif payload.startswith(b"\x1f\x8b"):
        unpacked = gzip.decompress(payload)
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        command = [requirements.program("zstd"), "-dc"]
        unpacked = subprocess.run(command, input=payload, capture_output=True, check=True).stdout
    else:
        raise ValueError(f"a kernel that begins with {payload[:6]!r}")
    if not unpacked.startswith(b"\x7fELF"):
        raise ValueError("a kernel that is no ELF file")
    return unpacked
