"""Where dom0 keeps what this driver reads. No I/O here.

A test puts a tree of its own in their place by a subclass of the driver; nobody else has a reason to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

__all__ = ["Places"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Files, folders and sockets, each in the order in which they are tried."""

    capabilities: str = "/proc/xen/capabilities"
    #: What libxencall opens, and what it falls back to.
    privcmd: tuple[str, ...] = ("/dev/xen/privcmd", "/proc/xen/privcmd")
    #: What libxencall has buffers from; a kernel before 4.18 does not have it.
    hypercall: str = "/dev/xen/hypercall"
    xenstored: tuple[str, ...] = ("/run/xenstored/socket", "/var/run/xenstored/socket")
    sysfs: str = "/sys"
    #: Patterns of folders that a libxenstat may be in. Debian has the libraries of each Xen among those of the system,
    #: older releases of it in a folder for each Xen; XAPI's dom0 and what is built by hand have lib64 and /usr/local.
    libraries: tuple[str, ...] = (
        "/usr/lib/*-linux-gnu*",
        "/usr/lib/xen-*/lib",
        "/usr/lib/xen-*/lib/*-linux-gnu*",
        "/usr/lib64",
        "/usr/lib",
        "/usr/local/lib",
        "/usr/local/lib64",
    )
