"""Two real guests at work, and the command that shows their counters moving: what `./dev demo` runs in a lab."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack

from tests.lab.fixtures import busy_spec
from tests.lab.guests import Guest, start_together

TARGET = "libvirt:qemu:///system"
_EVERY_SECONDS = "2"
_TIMES = "4"


def main() -> int:
    """Boot the guests, keep them busy, watch them."""
    say("starting two guests (QEMU, software emulation) under a libvirtd of their own ...")
    with ExitStack() as alive:
        writer, sender = (alive.enter_context(guest) for guest in start_together((busy_spec(1), busy_spec(2))))
        ended = threading.Event()
        loads = (
            threading.Thread(target=until, args=(ended, lambda: disk_work(writer))),
            threading.Thread(target=until, args=(ended, lambda: network_work(sender))),
        )
        for load in loads:
            load.start()
        try:
            watch = ("stats", TARGET, "--watch", _EVERY_SECONDS, "--count", _TIMES)
            say(f"{writer.spec.name} writes to its disks, {sender.spec.name} sends pings")
            say(f"hvinspect {' '.join(watch)}")
            return subprocess.run([sys.executable, "-m", "hvinspect", *watch], check=False).returncode
        finally:
            ended.set()
            for load in loads:
                load.join()
            say("stopping the guests; nothing is left of them")


def until(ended: threading.Event, work: Callable[[], object]) -> None:
    """Do *work* again and again until *ended*."""
    while not ended.is_set():
        work()


def disk_work(guest: Guest) -> None:
    """A second or so of writing and reading."""
    guest.write("vda", count=64, size=65536)
    guest.read("vdb", count=64, size=65536)


def network_work(guest: Guest) -> None:
    """A second or so of packets and computing."""
    guest.ping(guest.spec.nics[0], count=50, size=1000)
    guest.spin(1)


def say(text: str) -> None:
    """To the reader, before what the command prints."""
    print(f"demo: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
