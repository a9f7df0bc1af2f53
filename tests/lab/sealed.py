"""Runs a command as a container does: mounts, processes and network of its own, an unprivileged user, no /sys.

``python -m tests.lab.sealed [--see PATH | --read PATH ...] -- COMMAND``: of the lab it has only the programs, /etc and
each PATH, a folder or a file bound in where it is, the latter for reading alone.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from tests.lab import kernel, settings

UID: Final = 65534
_PROGRAMS: Final = ("/bin", "/etc", "/lib", "/lib64", "/sbin", "/usr")
_DEVICES: Final = ("/dev/null", "/dev/urandom", "/dev/zero")


def command(*seen: Path, read: Sequence[Path] = ()) -> tuple[str, ...]:
    """What to put before a command of Python's that is to see only the project, *seen*, and *read* without writing."""
    paths = (settings.PROJECT_ROOT, Path(sys.prefix), Path(sys.base_prefix).resolve(), *seen)
    words = [*(word for path in paths for word in ("--see", str(path)))]
    words += [word for path in read for word in ("--read", str(path))]
    return (sys.executable, "-m", "tests.lab.sealed", *words, "--")


def _seal(seen: Sequence[Path], read: Sequence[Path]) -> None:
    """Leave the caller with a root folder of its own."""
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC)
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    root = settings.STATE / f"sealed-{os.getpid()}"
    root.mkdir()
    kernel.mount("none", root, kind="tmpfs", options="mode=755")
    for name in _PROGRAMS:
        path = Path(name)
        if path.is_symlink():
            (root / name[1:]).symlink_to(path.readlink())
        elif path.is_dir():
            _bind(root, path)
    for path in (*map(Path, _DEVICES), *seen):
        _bind(root, path)
    for path in read:
        spot = _bind(root, path)
        kernel.mount("none", spot, flags=kernel.MS_BIND | kernel.MS_REMOUNT | kernel.MS_RDONLY | kernel.MS_NOSUID)
    for name in ("proc", "tmp", "dev/shm", "var"):
        (root / name).mkdir(exist_ok=True)
    for name in ("tmp", "dev/shm"):
        (root / name).chmod(0o1777)
    (root / "run").mkdir(exist_ok=True)
    (root / "var/run").symlink_to("/run")
    os.chroot(root)
    os.chdir("/")


def _bind(root: Path, path: Path) -> Path:
    spot = root / str(path)[1:]
    spot.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        spot.mkdir(exist_ok=True)
    else:
        spot.touch()
    kernel.mount(str(path), spot, flags=kernel.MS_BIND | kernel.MS_REC)
    return spot


def _run(words: Sequence[str]) -> int:
    """Run it as the first process of its own, without privileges, and return its exit status."""
    kernel.unshare(kernel.CLONE_NEWPID)
    child = os.fork()
    if not child:
        kernel.mount("proc", "/proc", kind="proc", flags=kernel.MS_NOSUID | kernel.MS_NODEV)
        os.setgroups([])
        os.setresgid(UID, UID, UID)
        os.setresuid(UID, UID, UID)
        # Its parent's number is of another namespace. Said before, the change of user would have undone it.
        kernel.die_with_parent(0)
        os.execv(words[0], [*words])

    def forward(number: int, _: FrameType | None) -> None:
        os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _main(words: list[str]) -> int:
    paths: dict[str, list[Path]] = {"--see": [], "--read": []}
    while words[0] in paths:
        paths[words[0]].append(Path(words[1]))
        words = words[2:]
    _seal(paths["--see"], paths["--read"])
    return _run(words[1:])


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
