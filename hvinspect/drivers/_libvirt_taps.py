"""Interface indexes of guests' taps, where they are in this process's own network namespace."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from ._libvirt_describe import Description

__all__ = ["indexes_of", "own_taps"]


def own_taps(description: Description) -> tuple[str, ...]:
    """Host devices of *description* that are here: their hardware address tells, a name alone would not."""
    return tuple(
        nic.target
        for nic in description.nics
        if nic.target is not None and nic.mac is not None and _address(nic.target)[3:] == nic.mac.lower()[3:]
    )


def indexes_of(devices: Sequence[str]) -> dict[str, int]:
    """The kernel's index of each of *devices*, which it never gives again in one boot."""
    indexes: dict[str, int] = {}
    for device in devices:
        try:
            indexes[device] = socket.if_nametoindex(device)
        except OSError:
            continue
    return indexes


def _address(device: str) -> str:
    # libvirt gives a tap the guest's address with fe in front: only the first byte differs.
    if "/" in device or device.startswith("."):
        return ""
    try:
        with open(f"/sys/class/net/{device}/address", encoding="ascii") as file:
            return file.read(64).strip().lower()
    except (OSError, ValueError):
        return ""
