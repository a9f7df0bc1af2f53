"""The emulated machine: boots Xen and dom0 in bounded time, hands on what a command says, brings its files back."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, final

from tests.lab import requirements, settings
from tests.lab.xen import project
from tests.lab.xen.bounded import within
from tests.lab.xen.images import Images
from tests.lab.xen.release import Release
from tools.measured import record

#: Seconds until dom0 is up: 15 on an idle machine.
BOOT: Final = 240.0
#: Seconds for all of it.
ALL: Final = 1200.0
#: Seconds for making a disk, and for reading one: 10 on a busy machine.
_DISK: Final = 240.0
_READY: Final = b"dom0 is up\n"
_TAIL: Final = 25
_PROJECT_DISK: Final = "project.img"
_CONSOLE: Final = "console"
_RESULTS_FOLDER: Final = "results"
_RESULTS_DISK: Final = "results.img"
_RESULTS: Final = 32 * 1024 * 1024
# Without -smap dom0 dies, without -xsave its programs crash; more emulated CPUs are slower.
_CPU: Final = ("-accel", "tcg", "-cpu", "max,-smap,-xsave", "-smp", "1", "-m", "1536")
_BARE: Final = ("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot")
_XEN: Final = (
    "console=com1 com1=115200,8n1 dom0_mem=768M,max:768M dom0_max_vcpus=1 loglvl=warning guest_loglvl=warning "
    "noreboot=1 spec-ctrl=no xpti=off"
)
_LINUX: Final = "console=hvc0 quiet loglevel=3 panic=1 net.ifnames=0"


class NotBooted(Exception):
    """The emulator ended, or its time was up, before dom0 was there."""


class Broken(Exception):
    """dom0 was there, and did not end as it should."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Emulated:
    """One emulator that came to its end."""

    boot_seconds: float
    seconds: float
    #: How often it was begun: twice, if the emulator did not boot at first.
    attempts: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run that came to its end."""

    status: int
    boot_seconds: float
    seconds: float
    attempts: int


def run(release: Release, images: Images, command: Sequence[str]) -> Run:
    """Boot, run *command* in dom0 with its output on this one's, and leave its files in the cache.

    Raises:
        NotBooted: dom0 did not come up, twice.
        Broken: dom0 came up and did not finish.
        TookTooLong: a disk could not be made or read in its time.
    """
    with tempfile.TemporaryDirectory(dir=settings.CACHE, prefix="running-") as name:
        folder = Path(name)
        with within(_DISK, "making the project's disk"):
            project.make_disk(images, folder / _PROJECT_DISK, command=command, xen=release.xen)
        try:
            done = emulate(images, folder)
            with within(_DISK, "reading dom0's results"):
                status = _read_results(folder)
        finally:
            _keep(folder, settings.CACHE / f"xen-{release.xen}-results")
    return Run(status=status, boot_seconds=done.boot_seconds, seconds=done.seconds, attempts=done.attempts)


def emulate(images: Images, folder: Path) -> Emulated:
    """Boot what is in *folder*, once more if it does not boot at first, and wait until dom0 has switched off.

    Raises:
        NotBooted: dom0 did not come up, twice.
        Broken: dom0 came up and did not finish.
    """
    try:
        return _emulate(images, folder, attempt=1)
    except NotBooted as failure:
        print(f"lab: {failure}\nlab: once more", file=sys.stderr, flush=True)
        return _emulate(images, folder, attempt=2)


def _emulate(images: Images, folder: Path, *, attempt: int) -> Emulated:
    with (folder / _RESULTS_DISK).open("wb") as disk:
        disk.truncate(_RESULTS)
    started = time.monotonic()
    console = folder / _CONSOLE
    command = _command(images, folder)
    # Its input stays open: at the end of that the port counts as unplugged, and dom0 would wait for ever.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as emulator:
        assert emulator.stdout is not None
        killer = threading.Timer(BOOT, emulator.kill)
        killer.start()
        try:
            said = _until_ready(emulator.stdout)
            if said is not None:
                emulator.kill()
                emulator.wait()
                after = time.monotonic() - started
                raise NotBooted(f"no dom0 after {after:.0f} s: {said}\n{_tail(console)}")
            booted = time.monotonic() - started
            killer.cancel()
            killer = threading.Timer(ALL - booted, emulator.kill)
            killer.start()
            # In pieces: a test's dots come before its line ends.
            while piece := os.read(emulator.stdout.fileno(), 65536):
                sys.stdout.buffer.write(piece)
                sys.stdout.flush()
            status = emulator.wait()
        finally:
            killer.cancel()
            # After an exception of our own: a run that was interrupted leaves no emulator behind.
            emulator.kill()
    ended = time.monotonic() - started
    if status != 0:
        raise Broken(f"the emulator ended with status {status} after {ended:.0f} s\n{_tail(console)}")
    return Emulated(boot_seconds=booted, seconds=ended, attempts=attempt)


def _until_ready(output: IO[bytes]) -> str | None:
    """None once dom0 has said that it is up, else what was said before the end."""
    said = b""
    while not said.endswith(_READY):
        # One at a time: what comes after it is the command's.
        piece = os.read(output.fileno(), 1)
        if not piece:
            return said.decode(errors="replace").strip() or "nothing was said"
        said += piece
    return None


def _command(images: Images, folder: Path) -> list[str]:
    disks = ((images.root, "snapshot=on"), (folder / _PROJECT_DISK, "read-only=on"), (folder / _RESULTS_DISK, ""))
    # However this process ends, the emulator ends with it.
    command = [requirements.program("setpriv"), "--pdeathsig", "KILL"]
    command += [requirements.program("qemu-system-x86_64"), *_CPU, *_BARE]
    command += ["-serial", f"file:{folder / _CONSOLE}"]
    command += ["-kernel", str(images.hypervisor), "-append", _XEN]
    command += ["-initrd", f"{images.kernel} {_LINUX},{images.initramfs}"]
    for number, (file, option) in enumerate(disks):
        drive = f"file={file},format=raw,if=none,id=disk{number},cache=unsafe"
        command += ["-drive", f"{drive},{option}".rstrip(","), "-device", f"virtio-blk-pci,drive=disk{number}"]
    command += ["-chardev", "stdio,id=output,signal=off", "-device", "virtio-serial-pci"]
    return [*command, "-device", "virtserialport,chardev=output,name=output"]


def _read_results(folder: Path) -> int:
    """Unpack what dom0 left on its disk, keep what it measured, and return the command's exit status."""
    results = folder / _RESULTS_FOLDER
    try:
        with tarfile.open(folder / _RESULTS_DISK) as archive:
            archive.extractall(results, filter="data")
        status = int((results / "status").read_text(encoding="ascii"))
    except (tarfile.ReadError, FileNotFoundError) as failure:
        raise Broken(f"dom0 left no result: {failure}\n{_tail(folder / _CONSOLE)}") from failure
    for file in sorted(results.glob("measured/*.json")):
        record(file.stem, json.loads(file.read_text(encoding="utf-8")))
    return status


def _keep(folder: Path, target: Path) -> None:
    """Leave the results of this run, and what there is of one that failed, to be looked at."""
    results = folder / _RESULTS_FOLDER
    results.mkdir(exist_ok=True)
    if (folder / _CONSOLE).exists():
        shutil.copyfile(folder / _CONSOLE, results / _CONSOLE)
    shutil.rmtree(target, ignore_errors=True)
    # Another run that ends at this moment may have left its own: one of them is enough.
    with contextlib.suppress(OSError):
        results.rename(target)


def _tail(console: Path) -> str:
    if not console.exists():
        return "nothing on the console"
    lines = console.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL:]
    return "\n".join(["the end of its console:", *(f"    {line}" for line in lines)])
