"""Packages of the distribution unpacked into .lab/, for a program that is to be run and not installed."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.lab import requirements
from tests.lab.settings import CACHE

__all__ = ["libraries", "unpacked"]

_INSTALL: Final = re.compile(r"^Inst (\S+) \((\S+)", flags=re.MULTILINE)
# apt drops to a user who cannot write into the cache.
_AS_ROOT: Final = ("-o", "APT::Sandbox::User=root")


def unpacked(name: str, *packages: str) -> Path | None:
    """A folder with those of *packages* that are not installed, and of what they need; None if all are.

    Raises:
        requirements.Missing: apt does not have them.
    """
    try:
        return _unpacked(name, packages)
    except requirements.Missing:
        # It knows of no packages yet, or of some that are no longer there.
        _run(name, "apt-get", "-q", "update")
        return _unpacked(name, packages)


def _unpacked(name: str, packages: Sequence[str]) -> Path | None:
    missing = _INSTALL.findall(_run(name, "apt-get", "--no-install-recommends", "-s", "install", *packages))
    if not missing:
        return None
    wanted = [f"{package}={version}" for package, version in missing]
    target = CACHE / f"{name}-{hashlib.sha256(repr(wanted).encode()).hexdigest()[:12]}"
    if not target.is_dir():
        CACHE.mkdir(exist_ok=True)
        # A folder under its own name is a whole one.
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            pool, root = Path(folder) / "pool", Path(folder) / "root"
            pool.mkdir()
            _run(name, "apt-get", *_AS_ROOT, "-q", "download", *wanted, cwd=pool)
            for archive in pool.glob("*.deb"):
                _run(name, "dpkg-deb", "-x", str(archive), str(root))
            root.rename(target)
    return target


def libraries(root: Path) -> str:
    """Where the libraries are that were unpacked, as the dynamic linker is told."""
    return ":".join(sorted({str(file.parent) for file in root.rglob("*.so*")}))


def _run(name: str, program: str, *arguments: str, cwd: Path | None = None) -> str:
    command: Sequence[str] = [requirements.program(program), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd).stdout
    except subprocess.CalledProcessError as failure:
        words = " ".join(str(failure.stderr).split())
        raise requirements.Missing(f"no {name} (apt-get update on Debian?): {words}") from failure
