"""Builds the simulator's launcher with the distribution's Go and govmomi, once for each state of its sources."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Final

from tests.lab import requirements
from tests.lab.settings import CACHE

__all__ = ["build"]

_SOURCES: Final = Path(__file__).with_name("vcenter")
#: Debian's packages of Go libraries are a GOPATH.
_ENVIRONMENT: Final = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "-p=2"}


def build() -> Path:
    """The program."""
    go = requirements.program("go")
    version = subprocess.run([go, "version"], check=True, capture_output=True).stdout
    sources = sorted(_SOURCES.glob("*.go"))
    digest = hashlib.sha256(version + b"".join(one.read_bytes() for one in sources)).hexdigest()[:16]
    made = CACHE / f"vcenter-{digest}"
    if not made.exists():
        CACHE.mkdir(exist_ok=True)
        cache = CACHE / "go-build"
        unfinished = made.with_suffix(f".{os.getpid()}")
        environment = {**os.environ, **_ENVIRONMENT, "GOCACHE": str(cache)}
        subprocess.run([go, "build", "-o", str(unfinished), "."], check=True, cwd=_SOURCES, env=environment)
        unfinished.rename(made)
    return made
