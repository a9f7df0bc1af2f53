"""What guests and containers have in common: they do on command exactly what a test expects counted."""

from __future__ import annotations

import contextlib
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import libvirt

from tests.lab import requirements, settings
from tests.lab.channel import Channel, Reply
from tests.lab.specification import NicSpec
from tests.lab.truth import GuestCounters, Pings, parse_counters

# Of an ICMP echo: Ethernet, IPv4 and ICMP headers.
_PING_OVERHEAD: Final = 14 + 20 + 8
_ECHO_SWITCH: Final = Path("/proc/sys/net/ipv4/icmp_echo_ignore_all")


class Inhabitant(ABC):
    """Someone in the lab who takes the commands of ``commands.sh``; as a context, destroyed at its end."""

    def __init__(self, uuid: str, *, uri: str, channel: Channel) -> None:
        """Find it by *uuid* at the libvirt of *uri*, and talk to it over *channel*."""
        self._uuid = uuid
        self._uri = uri
        self.channel = channel

    def __enter__(self) -> Self:
        """Return the inhabitant itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Destroy it."""
        self.destroy()

    @abstractmethod
    def destroy(self) -> None:
        """End it and delete its files; no matter if it has ended already."""

    @contextlib.contextmanager
    def domain(self) -> Iterator[libvirt.virDomain]:
        """Its libvirt domain, writable, for as long as the context lasts."""
        with contextlib.closing(libvirt.open(self._uri)) as connection:
            yield connection.lookupByUUIDString(self._uuid)

    def ask(self, *words: str | int, timeout: float = 60.0) -> Reply:
        """Have it run one of the commands in ``commands.sh``."""
        return self.channel.ask(*words, timeout=timeout)

    def counters(self) -> GuestCounters:
        """What it counts itself; to a container, memory, CPUs and disks are the host's."""
        return parse_counters(self.ask("counters").lines)

    def ping(self, nic: NicSpec, *, count: int, size: int = 56) -> Pings:
        """Send *count* echo requests with *size* bytes of payload to the bridge, which answers each."""
        return self._ping(nic, count, size)

    def send(self, nic: NicSpec, *, count: int, size: int = 56) -> Pings:
        """Send *count* packets that nobody in the lab answers, so that the two directions differ."""
        with _deaf_bridge():
            return self._ping(nic, count, size, "0.01")

    def spin(self, seconds: int, *, cpus: Sequence[int] = (0,)) -> float:
        """Burn *seconds* of CPU time on each of *cpus* at once; return the seconds its kernel counted in all.

        Of a virtual guest the host counts somewhat less on a busy machine: the guest cannot tell when
        its vCPU did not run.
        """
        (ticks,) = self.ask("spin", seconds, *cpus, timeout=60.0 + 60.0 * seconds).values("ticks")
        return ticks / 100

    def fault(self, pages: int) -> None:
        """Touch *pages* pages never touched before, each a minor fault."""
        self.ask("faults", pages)

    def _ping(self, nic: NicSpec, *what: str | int) -> Pings:
        # Both sides are told where the other is, so that no ARP is sent and counted.
        place = (nic.address, "lladdr", nic.mac, "dev", nic.bridge, "nud", "permanent")
        subprocess.run([requirements.program("ip"), "neigh", "replace", *place], check=True)
        own = f"{nic.address}/{settings.NETWORK_BITS}"
        peer = (settings.BRIDGE_ADDRESS, settings.BRIDGE_MAC)
        sent, received = self.ask("ping", nic.mac.lower(), own, *peer, *what).values("pings")
        return Pings(sent=sent, received=received, packet_bytes=int(what[1]) + _PING_OVERHEAD)


@contextlib.contextmanager
def _deaf_bridge() -> Iterator[None]:
    _ECHO_SWITCH.write_text("1\n")
    try:
        yield
    finally:
        _ECHO_SWITCH.write_text("0\n")
