"""The kernel's numbers of the host devices of guests' NICs, where they are in this process's own network namespace."""

from __future__ import annotations

import socket
from collections.abc import Iterable

__all__ = ["indexes_of"]


def indexes_of(devices: Iterable[str]) -> dict[str, int]:
    """The interface index of each of *devices* that is here: the kernel gives none twice in one boot.

    A device of that name which is another one, in a namespace that is not the guest's, does no harm: its index may
    change too often, and hides nothing.
    """
    indexes: dict[str, int] = {}
    for device in devices:
        try:
            indexes[device] = socket.if_nametoindex(device)
        except (OSError, ValueError):  # it is not here; or it is no name that a device could have
            continue
    return indexes
