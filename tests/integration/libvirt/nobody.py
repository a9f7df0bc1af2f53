"""Runs a command as a user in no group of any use, nobody or another, who can read the project wherever it is.

In a mount namespace of its own, folders on the way to the project and its Python that such a user may not enter are
replaced by empty ones with nothing in them but the way.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.lab import kernel, settings

UID = 65534
_SPOTS = Path("/run/hvinspect-lab/reachable")


def command(*words: str, user: int = UID) -> list[str]:
    """What runs *words* as *user*, from the root folder, with hardly any environment, when run in the project's."""
    return [sys.executable, "-m", "tests.integration.libvirt.nobody", str(user), *words]


def run(*words: str, user: int = UID, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Run *words* as *user*."""
    return subprocess.run(
        command(*words, user=user),
        cwd=settings.PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def hvinspect(*words: str, user: int = UID, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Run the command hvinspect as *user*."""
    return run(sys.executable, "-m", "hvinspect", *words, user=user, timeout=timeout)


def _make_reachable(paths: Sequence[Path]) -> None:
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    _SPOTS.mkdir(parents=True, exist_ok=True)
    closed = {folder: [path for path in paths if folder in path.parents] for folder in _closed(paths)}
    for folder, beyond in closed.items():
        spots = {path: _SPOTS / str(number) for number, path in enumerate(beyond)}
        for path, spot in spots.items():
            spot.mkdir(exist_ok=True)
            kernel.mount(str(path), spot, flags=kernel.MS_BIND | kernel.MS_REC)
        kernel.mount("none", folder, kind="tmpfs", options="mode=755")
        for path, spot in spots.items():
            # One may be inside another: .venv in the project.
            path.mkdir(parents=True, exist_ok=True)
            kernel.mount(str(spot), path, flags=kernel.MS_BIND | kernel.MS_REC)


def _closed(paths: Sequence[Path]) -> Iterator[Path]:
    """The outermost folders above *paths* that others may not enter."""
    seen: set[Path] = set()
    for path in paths:
        for folder in reversed(path.parents):
            if not folder.stat().st_mode & 0o001:
                if folder not in seen:
                    seen.add(folder)
                    yield folder
                break


def _main(user: int, words: list[str]) -> None:
    _make_reachable([settings.PROJECT_ROOT, Path(sys.base_prefix).resolve(), Path(sys.prefix)])
    os.chdir("/")
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    environment = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(settings.PROJECT_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    os.execve(words[0], words, environment)


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2:])
