"""Guests that run: made from a specification through libvirt, told what to do, changed and hurt."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree
import xml.sax.saxutils as saxutils
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, final

import libvirt

from tests.lab import requirements, settings
from tests.lab.channel import by_socket
from tests.lab.daemons import wait_until
from tests.lab.inhabitant import Inhabitant
from tests.lab.specification import (
    DiskSpec,
    GuestSpec,
    NicSpec,
    disk_element,
    domain_xml,
    mac_of,
    nic_element,
)

# Errors are raised; by default libvirt prints each as well.
libvirt.registerErrorHandler(lambda context, error: None, None)


@final
class Guest(Inhabitant):
    """One guest of the lab.

    Every call on libvirt uses a connection made for it, so that a restarted daemon is no matter.
    """

    def __init__(self, spec: GuestSpec) -> None:
        """Describe a guest; start() makes it real."""
        self.spec = spec
        super().__init__(spec.uuid, uri=settings.OWN_QEMU_URI, channel=by_socket(spec.command_socket))
        # Like the address and the channel, another one when it has moved to another node.
        self._run = Path("/run")

    def start(self, *, paused: bool | None = None) -> Self:
        """Make it a transient domain; by default one without kernel is left paused."""
        self._prepare()
        if paused is None:
            paused = not self.spec.kernel
        flags = libvirt.VIR_DOMAIN_START_PAUSED if paused else 0
        with contextlib.closing(libvirt.open(self._uri)) as connection:
            connection.createXML(domain_xml(self.spec), flags)
        return self

    def define(self) -> Self:
        """Make it a persistent domain that does not run."""
        self._prepare()
        with contextlib.closing(libvirt.open(self._uri)) as connection:
            connection.defineXML(domain_xml(self.spec))
        return self

    def undefine(self) -> None:
        """Take its persistent definition away."""
        with self.domain() as domain:
            domain.undefine()

    def wait_ready(self, *, timeout: float = 120.0) -> Self:
        """Wait until it has booted and takes commands."""
        self.channel.wait_ready(timeout=timeout)
        return self

    def destroy(self) -> None:
        """End it, forget its definition and delete its images; no matter if it has ended already."""
        self.channel.close()
        with contextlib.closing(libvirt.open(self._uri)) as connection:
            try:
                domain = connection.lookupByUUIDString(self.spec.uuid)
                persistent = bool(domain.isPersistent())
                with contextlib.suppress(libvirt.libvirtError):
                    domain.destroy()
                if persistent:
                    domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE)
            except libvirt.libvirtError as failure:
                if failure.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                    raise
        for disk in self.spec.disks:
            if disk.source is None:
                self.spec.image_of(disk).unlink(missing_ok=True)
        shutil.rmtree(self.spec.folder, ignore_errors=True)

    # What the guest does itself.

    def write(self, disk: str, *, count: int, size: int, seek: int = 0) -> None:
        """Write *count* blocks of *size* bytes past the page cache, then flush; *seek* skips blocks."""
        self.ask("write", disk, count, size, seek)

    def read(self, disk: str, *, count: int, size: int, skip: int = 0) -> None:
        """Read *count* blocks of *size* bytes past the page cache."""
        self.ask("read", disk, count, size, skip)

    def discard(self, disk: str, *, offset: int, length: int) -> None:
        """Tell the disk that *length* bytes are not needed."""
        self.ask("discard", disk, offset, length)

    def fill(self, mebibytes: int) -> None:
        """Put as much into its root folder, which is in memory."""
        self.ask("fill", mebibytes)

    def drop_balloon(self) -> None:
        """Unload the guest's balloon driver."""
        self.ask("drop-balloon")

    def reboot(self, *, timeout: float = 120.0) -> None:
        """Reboot in place and wait until it takes commands again."""
        self.ask("reboot")
        self.wait_ready(timeout=timeout)

    def power_off(self, *, timeout: float = 30.0) -> None:
        """Have the guest switch itself off and wait until libvirt knows."""
        self.ask("poweroff")
        self.channel.close()
        wait_until(lambda: not self.runs(), what=f"{self.spec.name} is off", timeout=timeout)

    # What is done to the guest.

    @property
    def pid(self) -> int:
        """The process of its QEMU, from outside libvirt's interface.

        Raises:
            ProcessLookupError: it does not run.
        """
        # libvirt 9.0 writes a name into its pid file's name as it does into XML.
        escaped = saxutils.escape(self.spec.name, {"'": "&apos;", '"': "&quot;"})
        for name in (self.spec.name, escaped):
            with contextlib.suppress(FileNotFoundError):
                return int((self._run / f"libvirt/qemu/{name}.pid").read_text())
        raise ProcessLookupError(f"{self.spec.name} has no QEMU")

    def runs(self) -> bool:
        """Whether libvirt has it as an active domain."""
        try:
            with self.domain() as domain:
                return bool(domain.isActive())
        except libvirt.libvirtError as failure:
            if failure.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                return False
            raise

    def pause(self) -> None:
        """Stop its CPUs; QEMU and its monitor go on."""
        with self.domain() as domain:
            domain.suspend()

    def resume(self) -> None:
        """Let its CPUs go on."""
        with self.domain() as domain:
            domain.resume()

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Its QEMU stopped in its tracks, monitor and all, while the context lasts."""
        pid = self.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def kill(self) -> None:
        """Kill its QEMU; libvirt learns of it afterwards."""
        os.kill(self.pid, signal.SIGKILL)

    def migrate(self, uri: str, *, run: Path) -> None:
        """Move it, live, to the node at *uri*, whose /run is seen from here at *run*."""
        self.channel.close()
        moved = self.spec.folder / run.parent.name
        moved.mkdir(exist_ok=True)
        moved.chmod(0o777)
        with self.domain() as domain, contextlib.closing(libvirt.open(uri)) as destination:
            # Sockets of its own there: the source's are removed under their name when it ends.
            xml = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_MIGRATABLE)
            xml = xml.replace(f"{self.spec.folder}/", f"{moved}/")
            # The images are the same files, whatever libvirt thinks of their cache.
            flags = libvirt.VIR_MIGRATE_LIVE | libvirt.VIR_MIGRATE_UNSAFE
            domain.migrate3(destination, {libvirt.VIR_MIGRATE_PARAM_DEST_XML: xml}, flags)
        self._uri, self._run = uri, run
        self.channel = by_socket(moved / self.spec.command_socket.name)

    def plug(self, device: DiskSpec | NicSpec) -> None:
        """Plug a disk or a card into the running guest."""
        if isinstance(device, DiskSpec):
            self._make_image(device)
        with self.domain() as domain:
            domain.attachDevice(self._xml(device))

    def unplug(self, device: DiskSpec | NicSpec, *, timeout: float = 30.0) -> None:
        """Unplug a disk or a card and wait until the guest has let go of it."""
        mark = device.target if isinstance(device, DiskSpec) else device.mac.lower()
        with self.domain() as domain:
            domain.detachDevice(self._xml(device))
            quoted = f"'{mark}'"
            wait_until(lambda: quoted not in domain.XMLDesc(), what=f"{mark} unplugged", timeout=timeout)

    def _xml(self, device: DiskSpec | NicSpec) -> str:
        element = disk_element(self.spec, device) if isinstance(device, DiskSpec) else nic_element(device)
        return ElementTree.tostring(element, encoding="unicode")

    def _prepare(self) -> None:
        self.spec.folder.mkdir(parents=True, exist_ok=True)
        # QEMU, as a user of its own, makes sockets here.
        self.spec.folder.chmod(0o777)
        for disk in self.spec.disks:
            self._make_image(disk)

    def _make_image(self, disk: DiskSpec) -> None:
        path = self.spec.image_of(disk)
        if disk.empty or path.exists():
            return
        if disk.format == "raw" and disk.backing is None:
            with path.open("wb") as image:
                image.truncate(disk.size)
            return
        command = [requirements.program("qemu-img"), "create", "-q", "-f", disk.format]
        if disk.backing is not None:
            command += ["-b", str(disk.backing), "-F", disk.backing.suffix.removeprefix(".")]
        subprocess.run([*command, str(path), str(disk.size)], check=True)


def start_together(specs: Sequence[GuestSpec], *, timeout: float = 180.0) -> tuple[Guest, ...]:
    """Start many guests and wait until all have booted, which they do side by side."""
    # The first by itself: libvirtd (9.0) fails now and then if two of them make the cgroup of all machines at once.
    first = [Guest(spec).start() for spec in specs[:1]]
    # It starts domains side by side, one for each of its workers.
    with ThreadPoolExecutor(max_workers=4) as pool:
        guests = (*first, *pool.map(lambda spec: Guest(spec).start(), specs[1:]))
    deadline = time.monotonic() + timeout
    for guest in guests:
        if guest.spec.kernel:
            guest.wait_ready(timeout=max(1.0, deadline - time.monotonic()))
    return guests


def many(count: int, *, disks: int = 1, nics: int = 1, prefix: str = "tiny") -> tuple[Guest, ...]:
    """Start *count* tiny paused guests without kernel, for measuring how reading many of them scales."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return start_together(
        tuple(
            GuestSpec(
                name=f"{prefix}-{number}",
                memory_mib=16,
                kernel=False,
                disks=tuple(DiskSpec(target=f"vd{letters[index]}", size=1024 * 1024) for index in range(disks)),
                nics=tuple(NicSpec(mac=mac_of(number, index)) for index in range(nics)),
            )
            for number in range(1, count + 1)
        )
    )
