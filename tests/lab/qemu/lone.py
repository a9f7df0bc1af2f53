"""A guest that runs without libvirt: a QEMU process of the lab's own, its taps, images and monitors."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any, Self, final

from tests.lab import requirements, settings
from tests.lab.channel import by_socket
from tests.lab.daemons import wait_until
from tests.lab.inhabitant import Inhabitant
from tests.lab.qemu.command import FOLDER, command_line, monitor_of, own_monitor_of, tap_of, trace_of
from tests.lab.second_opinions import Monitor
from tests.lab.specification import DiskSpec, GuestSpec, NicSpec, mac_of

__all__ = ["LoneGuest", "many", "start_together"]

#: The lab hides it, lest libvirtd finds it.
_WITH_KVM = 'umount /dev/kvm; exec "$@"'
_REQUEST = re.compile(r"handle_qmp_command mon \S+ req: (.*)")


@final
class LoneGuest(Inhabitant):
    """One guest; with *namespace* it and its taps are in a network namespace of that name, which it makes."""

    def __init__(
        self,
        spec: GuestSpec,
        *,
        namespace: str | None = None,
        threads_named: bool = True,
        traced: bool = True,
        accelerator: str = "tcg",
    ) -> None:
        """Describe it; start() makes it real."""
        self.spec = spec
        self.namespace = namespace
        self._threads_named = threads_named
        self._traced = traced
        self._accelerator = accelerator
        self._process: subprocess.Popen[bytes] | None = None
        super().__init__(spec.uuid, uri="", channel=by_socket(spec.command_socket))

    @property
    def target(self) -> str:
        """What hvinspect is connected to for this guest alone."""
        return f"qemu:{monitor_of(self.spec)}"

    @property
    def pid(self) -> int:
        """Its QEMU."""
        assert self._process is not None, "it was not started"
        return self._process.pid

    def start(self) -> Self:
        """Make its taps and images, and start it; returns when its monitor is there."""
        FOLDER.mkdir(exist_ok=True)
        self.spec.folder.mkdir(parents=True, exist_ok=True)
        for disk in self.spec.disks:
            self._make_image(disk)
        if self.namespace is not None:
            _ip("netns", "add", self.namespace)
            # As in the lab's own: nothing is sent unasked.
            for name in ("all", "default"):
                setting = f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6"
                _ip("netns", "exec", self.namespace, "sh", "-c", f"[ ! -e {setting} ] || echo 1 >{setting}")
        for number, nic in enumerate(self.spec.nics):
            if nic.kind != "user":
                self._make_tap(tap_of(self.spec, number), nic)
        return self.run()

    def run(self) -> Self:
        """Start its QEMU on what is there, the first time or again."""
        command = command_line(
            self.spec, threads_named=self._threads_named, traced=self._traced, accelerator=self._accelerator
        )
        if self._accelerator == "kvm":
            command = [requirements.program("unshare"), "--mount", "sh", "-c", _WITH_KVM, "sh", *command]
        if self.namespace is not None:
            command = [requirements.program("ip"), "netns", "exec", self.namespace, *command]
        for path in (monitor_of(self.spec), own_monitor_of(self.spec)):
            path.unlink(missing_ok=True)  # those of one that was killed
        with (self.spec.folder / "qemu.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self._is_up, what=f"the monitor of {self.spec.name}", timeout=60.0)
        return self

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError((self.spec.folder / "qemu.log").read_text())
        return own_monitor_of(self.spec).exists()

    def destroy(self) -> None:
        """End it and remove what was made for it."""
        self.channel.close()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()
            self._process = None
        for number, nic in enumerate(self.spec.nics):
            if nic.kind != "user" and self.namespace is None:
                _ip("link", "delete", tap_of(self.spec, number), check=False)
        if self.namespace is not None:
            _ip("netns", "delete", self.namespace, check=False)
        for path in (monitor_of(self.spec), own_monitor_of(self.spec), trace_of(self.spec)):
            path.unlink(missing_ok=True)
        for disk in self.spec.disks:
            if disk.source is None:
                self.spec.image_of(disk).unlink(missing_ok=True)
        shutil.rmtree(self.spec.folder, ignore_errors=True)

    # What it does itself.

    def write(self, disk: str, *, count: int, size: int) -> None:
        """Write *count* blocks of *size* bytes past the page cache, then flush."""
        self.ask("write", disk, count, size, 0)

    def read(self, disk: str, *, count: int, size: int) -> None:
        """Read *count* blocks of *size* bytes past the page cache."""
        self.ask("read", disk, count, size, 0)

    def discard(self, disk: str, *, offset: int, length: int) -> None:
        """Tell the disk that *length* bytes are not needed."""
        self.ask("discard", disk, offset, length)

    # What is done to it.

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Stopped in its tracks, monitor and all, while the context lasts."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End its QEMU without a word."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def tell(self, command: str, **arguments: object) -> Any:
        """Give it a command on the tests' own monitor."""
        with Monitor(own_monitor_of(self.spec)) as monitor:
            return monitor.execute(command, **arguments)

    def commands(self) -> list[str]:
        """Every request that QEMU says it was given, the tests' own too."""
        path = trace_of(self.spec)
        return _REQUEST.findall(path.read_text(errors="replace")) if path.exists() else []

    def _make_image(self, disk: DiskSpec) -> None:
        command = [requirements.program("qemu-img"), "create", "-q", "-f", disk.format]
        subprocess.run([*command, str(self.spec.image_of(disk)), str(disk.size)], check=True)

    def _make_tap(self, tap: str, nic: NicSpec) -> None:
        inside = () if self.namespace is None else ("-n", self.namespace)
        _ip(*inside, "tuntap", "add", "dev", tap, "mode", "tap")
        if self.namespace is None:
            _ip("link", "set", tap, "master", nic.bridge)
        _ip(*inside, "link", "set", tap, "up")


def start_together(guests: Sequence[LoneGuest], *, timeout: float = 180.0) -> None:
    """Start many and wait until all that have a kernel have booted."""
    for guest in guests:
        guest.start()
    for guest in guests:
        if guest.spec.kernel:
            guest.channel.wait_ready(timeout=timeout)


@contextlib.contextmanager
def many(count: int, *, traced: bool = False) -> Iterator[list[LoneGuest]]:
    """*count* tiny paused guests without kernel, each with a disk and a card, for as long as the context lasts."""
    guests = [
        LoneGuest(
            GuestSpec(
                name=f"lone-{number}",
                memory_mib=16,
                kernel=False,
                disks=(DiskSpec(target="vda", format="qcow2", size=1024 * 1024),),
                nics=(NicSpec(mac=mac_of(number), bridge=settings.BRIDGE),),
            ),
            traced=traced,
        )
        for number in range(1, count + 1)
    ]
    try:
        start_together(guests)
        yield guests
    finally:
        for guest in guests:
            guest.destroy()


def _ip(*words: str, check: bool = True) -> None:
    subprocess.run([requirements.program("ip"), *words], check=check, stderr=None if check else subprocess.DEVNULL)
