"""Finds every Python on this machine that the library supports, one per minor version."""

from __future__ import annotations

import glob
import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

OLDEST = (3, 11)

#: Where version managers put what they install; PATH comes first.
_INSTALLED = (
    "/usr/bin",
    "/usr/local/bin",
    "/opt/python*/bin",
    "~/.pyenv/versions/*/bin",
    "~/.local/share/uv/python/*/bin",
    "~/.local/share/mise/installs/python/*/bin",
    "~/.asdf/installs/python/*/bin",
)
_NAME = re.compile(r"python(3)\.(\d+)")


@cache
def found() -> dict[str, Path]:
    """Minor version -> interpreter, oldest first; only those that start and can make an environment."""
    pythons: dict[tuple[int, int], Path] = {}
    for path in _candidates():
        match = _NAME.fullmatch(path.name)
        assert match is not None
        version = (int(match[1]), int(match[2]))
        if version >= OLDEST and version not in pythons:
            interpreter = _interpreter(path, version)
            if interpreter is not None and interpreter.name.startswith(path.name):
                pythons[version] = interpreter
    return {f"{major}.{minor}": path for (major, minor), path in sorted(pythons.items())}


def put_on_path() -> list[str]:
    """The versions found, each of which ``pythonX.Y`` now starts: a version manager's shim may refuse to."""
    directories = [str(path.parent) for path in found().values()]
    os.environ["PATH"] = os.pathsep.join([*directories, os.environ.get("PATH", os.defpath)])
    return list(found())


def _candidates() -> Iterator[Path]:
    directories = os.environ.get("PATH", os.defpath).split(os.pathsep)
    for pattern in _INSTALLED:
        directories += sorted(glob.glob(os.path.expanduser(pattern)))  # noqa: PTH111, PTH207  # patterns are text
    for directory in dict.fromkeys(filter(None, directories)):
        yield from sorted(path for path in Path(directory).glob("python3.*") if _NAME.fullmatch(path.name))


def _interpreter(path: Path, version: tuple[int, int]) -> Path | None:
    """What *path* (perhaps a shim) starts in the end, if that is a release and can make environments."""
    program = "import sys, venv, ensurepip; v = sys.version_info; print(v[:2], v.releaselevel, sys.executable)"
    try:
        reply = subprocess.run([path, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    said, _, executable = reply.stdout.strip().partition(" final ")
    return Path(executable) if executable and said == str(version) else None
