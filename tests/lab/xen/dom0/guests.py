"""Guests that run: made by xl or by libvirt, told what to do, changed and ended."""

from __future__ import annotations

import contextlib
import os
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Final, Self, final

from tests.lab.channel import Channel, CommandFailed, Reply
from tests.lab.truth import GuestCounters, Pings, parse_counters
from tests.lab.xen.dom0 import network
from tests.lab.xen.dom0.loop import LoopDevice
from tests.lab.xen.dom0.run import output
from tests.lab.xen.dom0.specification import MIB, GuestSpec, libvirt_xml, xl_configuration

_FILES: Final = Path("/tmp")
# Ethernet, IPv4 and ICMP headers of an echo.
_PING_OVERHEAD: Final = 14 + 20 + 8
# Emulated, a guest needs some 10 s to boot, and more beside others.
_PATIENCE: Final = 120.0


class Guest(ABC):
    """A guest that takes the commands of ``commands.sh``; as a context it is destroyed at its end."""

    def __init__(self, spec: GuestSpec) -> None:
        """Describe a guest; start() makes it real."""
        self.spec = spec
        self.domid = -1
        self._disk: LoopDevice | None = None
        self._channel = Channel(self._open_console)

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Destroy it."""
        self.destroy()

    @abstractmethod
    def _create(self, disk: str) -> int:
        """Have it made, with *disk* as its xvda; return its domid."""

    @abstractmethod
    def _destroy(self) -> None:
        """Have it ended."""

    def start(self) -> Self:
        """Make it and wait until it takes commands."""
        self.create()
        self._channel.wait_ready(timeout=_PATIENCE)
        return self

    def create(self) -> Self:
        """Make it, and do not wait for it to boot, which is what takes long."""
        self._disk = LoopDevice(_FILES / f"{self.spec.name}.img", size=self.spec.disk_mib * MIB)
        self.domid = self._create(self._disk.path)
        return self

    def destroy(self) -> None:
        """End it; no matter if it has ended already."""
        self._channel.close()
        with contextlib.suppress(AssertionError):
            self._destroy()
        if self._disk is not None:
            self._disk.close()
            self._disk = None

    def ask(self, *words: str | int) -> Reply:
        """Have it run one command."""
        return self._channel.ask(*words, timeout=_PATIENCE)

    def counters(self) -> GuestCounters:
        """What it counts itself."""
        return parse_counters(self.ask("counters").lines)

    def read(self, *, count: int, size: int) -> None:
        """Read *count* blocks of *size* bytes past the page cache."""
        self.ask("read", "xvda", count, size)

    def write(self, *, count: int, size: int) -> None:
        """Write *count* blocks of *size* bytes past the page cache, then flush."""
        self.ask("write", "xvda", count, size)

    def ping(self, card: int, *, count: int, size: int = 56) -> Pings:
        """Send *count* echo requests with *size* bytes of payload to dom0, which answers each."""
        return self._ping(card, count, size)

    def send(self, card: int, *, count: int, size: int = 56) -> Pings:
        """Send *count* packets that nobody answers."""
        with network.deaf():
            return self._ping(card, count, size, "0.01")

    def spin(self, seconds: int, *, cpus: tuple[int, ...] = (0,)) -> float:
        """Burn *seconds* of CPU time on each of *cpus*; return the seconds its kernel counted in all."""
        (ticks,) = self.ask("spin", seconds, *cpus).values("ticks")
        return ticks / 100

    def vif(self, card: int) -> str:
        """dom0's end of a card."""
        return f"vif{self.domid}.{self.spec.cards.index(card)}"

    def known_load(self) -> None:
        """With the reads of a new disk's partitions 259 of 2072 sectors; 100 writes of 1600; 300 KiB sent."""
        self.read(count=256, size=4096)
        self.write(count=100, size=8192)
        for card in self.spec.cards:
            self.send(card, count=300, size=1024)

    def _ping(self, card: int, *what: str | int) -> Pings:
        address, mac = self.spec.address(card), self.spec.mac(card)
        peer_mac = network.meet(self.vif(card), address=address, mac=mac)
        sent, received = self.ask("ping", mac, f"{address}/16", network.ADDRESS, peer_mac, *what).values("pings")
        return Pings(sent=sent, received=received, packet_bytes=int(what[1]) + _PING_OVERHEAD)

    def _open_console(self) -> tuple[int, int]:
        terminal = output("xenstore-read", f"/local/domain/{self.domid}/console/tty").strip()
        descriptor = os.open(terminal, os.O_RDWR | os.O_NOCTTY)
        return descriptor, descriptor


@final
class XlGuest(Guest):
    """A guest made by Xen's own tools."""

    def _create(self, disk: str) -> int:
        file = _FILES / f"{self.spec.name}.cfg"
        image = _FILES / f"{self.spec.name}-qemu.img" if self.spec.qemu_disk_mib else None
        if image is not None:
            with image.open("wb") as empty:
                empty.truncate(self.spec.qemu_disk_mib * MIB)
        file.write_text(xl_configuration(self.spec, disk, str(image) if image else None), encoding="utf-8")
        output("xl", "create", str(file))
        return int(output("xl", "domid", self.spec.name))

    def _destroy(self) -> None:
        output("xl", "destroy", self.spec.name)

    def pause(self) -> None:
        """Stop its CPUs."""
        output("xl", "pause", self.spec.name)

    def unpause(self) -> None:
        """Let its CPUs go on."""
        output("xl", "unpause", self.spec.name)

    def set_vcpus(self, count: int) -> None:
        """Ask it to take CPUs up or down, which it does a while later."""
        # The machine has fewer CPUs than that, which it would refuse.
        output("xl", "vcpu-set", "--ignore-host", self.spec.name, str(count))

    def take_vcpu(self, number: int) -> bool:
        """Have it use a CPU that it was given, as udev would; False if it has not noticed it yet."""
        try:
            self.ask("online", number)
        except CommandFailed:
            return False
        return True

    def set_memory(self, mebibytes: int) -> None:
        """Ask its balloon for another size, which it takes on a while later."""
        output("xl", "mem-set", self.spec.name, f"{mebibytes}m")


@final
class LibvirtGuest(Guest):
    """A guest made by libvirt, which does not see those of xl."""

    def _create(self, disk: str) -> int:
        file = _FILES / f"{self.spec.name}.xml"
        file.write_text(libvirt_xml(self.spec, disk), encoding="utf-8")
        output("virsh", "-c", "xen:///system", "create", str(file))
        return int(output("virsh", "-c", "xen:///system", "domid", self.spec.name))

    def _destroy(self) -> None:
        output("virsh", "-c", "xen:///system", "destroy", self.spec.name)
