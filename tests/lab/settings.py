"""The places, names and addresses every part of the lab agrees on; no code here."""

from __future__ import annotations

from pathlib import Path
from typing import Final

INSIDE: Final = "HVINSPECT_LAB"
INSIDE_VALUE: Final = "libvirt"
# Names the root folder of another suite's libvirtd and QEMU, if it is not that of the programs here.
DAEMONS: Final = "HVINSPECT_LAB_DAEMONS"

PROJECT_ROOT: Final = Path(__file__).resolve().parents[2]
# On the project's own disk, kept between runs; the rest of the lab lives in memory and ends with it.
CACHE: Final = PROJECT_ROOT / ".lab"

# All of these are inside the lab's private /run and /var/lib/libvirt.
STATE: Final = Path("/run/hvinspect-lab")
GUESTS: Final = STATE / "guests"
CONTAINERS: Final = STATE / "containers"
# Programs libvirtd finds before the host's.
PROGRAMS: Final = STATE / "bin"
BOOT: Final = STATE / "boot"
LOGS: Final = Path("/var/log/libvirt")
IMAGES: Final = Path("/var/lib/libvirt/images")

QEMU_URI: Final = "qemu:///system"
LXC_URI: Final = "lxc:///system"
# What the lab's own clients connect to: the daemon's log shows the mark, and hvinspect refuses it.
MARK: Final = "lab=1"
OWN_QEMU_URI: Final = f"{QEMU_URI}?{MARK}"
OWN_LXC_URI: Final = f"{LXC_URI}?{MARK}"
READ_ONLY_SOCKET: Final = Path("/run/libvirt/libvirt-sock-ro")
#: Those of libvirtd.
SOCKETS: Final = (READ_ONLY_SOCKET, READ_ONLY_SOCKET.with_name("libvirt-sock"))

HOST_NAME: Final = "lab"
BRIDGE: Final = "labbr0"
BRIDGE_MAC: Final = "02:00:00:4c:00:01"
BRIDGE_ADDRESS: Final = "10.77.0.1"
NETWORK_BITS: Final = 16
