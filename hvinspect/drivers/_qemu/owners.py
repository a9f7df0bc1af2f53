"""Whose a monitor's socket is: those of libvirt and Proxmox are left alone. No I/O but following links.

A monitor serves one client. While hvinspect had it, its owner could not start, stop or migrate the guest.
"""

from __future__ import annotations

import os

__all__ = ["owner_of"]

#: Folders of a path -> whose sockets are in it. libvirt's are below /var/lib and /run, or below a user's own folders.
_OWNERS = {
    ("libvirt", "qemu"): ("libvirt", "read these guests through libvirt, libvirt:qemu:///system"),
    ("qemu-server",): ("Proxmox", "qemu: without a socket reads them in /proc"),
}


def owner_of(path: str) -> str | None:
    """Who has the socket *path*, which may be a pattern, to itself, and what to do instead; None if nobody has."""
    for shown in (os.path.normpath(path), os.path.realpath(path)):
        parts = tuple(shown.split("/"))
        for folders, (owner, remedy) in _OWNERS.items():
            if any(parts[at : at + len(folders)] == folders for at in range(len(parts) - 1)):
                return f"it is {owner}'s own, and a monitor serves one client: {remedy}"
    return None
