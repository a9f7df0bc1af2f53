"""dom0's side of the guests' cards: a bridge, or each card's other end by itself."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.lab.xen.dom0.run import output

BRIDGE: Final = "xenbr0"
#: dom0's address towards every guest.
ADDRESS: Final = "10.77.0.1"
#: An Ethernet type for experiments: nobody answers such frames.
_EXPERIMENTAL: Final = (0x88B5).to_bytes(2, "big")
_HEADER: Final = 14
_ECHO_SWITCH: Final = Path("/proc/sys/net/ipv4/icmp_echo_ignore_all")


@contextlib.contextmanager
def bridge() -> Iterator[str]:
    """A Linux bridge, which cards of guests made meanwhile are put into."""
    output("ip", "link", "add", "name", BRIDGE, "type", "bridge")
    try:
        # One that snoops joins a group, and tells its ports so.
        Path(f"/sys/class/net/{BRIDGE}/bridge/multicast_snooping").write_text("0\n", encoding="ascii")
        output("ip", "link", "set", BRIDGE, "up")
        yield BRIDGE
    finally:
        output("ip", "link", "delete", BRIDGE)


@contextlib.contextmanager
def port(vif: str, bridge: str) -> Iterator[None]:
    """*vif*, which was in no bridge, is in *bridge*."""
    output("ip", "link", "set", vif, "master", bridge)
    try:
        yield
    finally:
        output("ip", "link", "set", vif, "nomaster")


def meet(vif: str, *, address: str, mac: str) -> str:
    """Have dom0 know the guest behind *vif*, so that no ARP is ever sent; return the MAC the guest should send to."""
    own = BRIDGE if Path(f"/sys/class/net/{vif}/master").exists() else vif
    output("ip", "address", "replace", f"{ADDRESS}/32", "dev", own)
    output("ip", "route", "replace", f"{address}/32", "dev", own)
    output("busybox", "arp", "-i", own, "-s", address, mac)
    return Path(f"/sys/class/net/{own}/address").read_text(encoding="ascii").strip()


@contextlib.contextmanager
def deaf() -> Iterator[None]:
    """Nobody answers a guest's pings, so that the two directions differ."""
    _ECHO_SWITCH.write_text("1\n")
    try:
        yield
    finally:
        _ECHO_SWITCH.write_text("0\n")


def send_frames(vif: str, mac: str, *, count: int, size: int) -> int:
    """Send *count* frames with *size* bytes to the guest behind *vif*; return the bytes of all, headers among them."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((vif, 0))
        own = Path(f"/sys/class/net/{vif}/address").read_text(encoding="ascii").strip()
        frame = bytes.fromhex((mac + own).replace(":", "")) + _EXPERIMENTAL + bytes(size)
        for _ in range(count):
            raw.send(frame)
    return count * (size + _HEADER)
