"""Finds the distribution's headless Chromium, or unpacks it into .lab/; installs nothing."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.lab import requirements
from tests.lab.settings import CACHE

__all__ = ["command_and_environment"]

_PACKAGES: Final = ("chromium-headless-shell", "fonts-dejavu-core")
_INSTALL: Final = re.compile(r"^Inst (\S+) \((\S+)", flags=re.MULTILINE)
# apt drops to a user who cannot write into the cache.
_AS_ROOT: Final = ("-o", "APT::Sandbox::User=root")
_PROGRAM: Final = "usr/lib/chromium/chromium-headless-shell"


def command_and_environment() -> tuple[str, Mapping[str, str]]:
    """The program, and the environment in which it finds what was unpacked beside it.

    Raises:
        requirements.Missing: apt does not have it.
    """
    missing = _INSTALL.findall(_run("apt-get", "--no-install-recommends", "-s", "install", *_PACKAGES))
    if not missing:
        return f"/{_PROGRAM}", os.environ
    root = _unpacked([f"{name}={version}" for name, version in missing])
    libraries = sorted({str(file.parent) for file in root.rglob("*.so*")})
    program = root / _PROGRAM
    return str(program if program.exists() else f"/{_PROGRAM}"), {
        **os.environ,
        "LD_LIBRARY_PATH": ":".join(libraries),
        "FONTCONFIG_FILE": str(_fonts(root)),
    }


def _unpacked(packages: list[str]) -> Path:
    target = CACHE / f"chromium-{hashlib.sha256(repr(packages).encode()).hexdigest()[:12]}"
    if not target.is_dir():
        CACHE.mkdir(exist_ok=True)
        # A folder under its own name is a whole one.
        with tempfile.TemporaryDirectory(dir=CACHE) as name:
            pool, root = Path(name) / "pool", Path(name) / "root"
            pool.mkdir()
            _run("apt-get", *_AS_ROOT, "-q", "download", *packages, cwd=pool)
            for archive in pool.glob("*.deb"):
                _run("dpkg-deb", "-x", str(archive), str(root))
            root.rename(target)
    return target


def _fonts(root: Path) -> Path:
    """Fonts of the machine and of the packages, under the name of a generic family."""
    file = root / "fonts.conf"
    file.write_text(f"""<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>/usr/share/fonts</dir><dir>{root}/usr/share/fonts</dir><cachedir>{root}/fonts</cachedir>
<alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>""")
    return file


def _run(program: str, *arguments: str, cwd: Path | None = None) -> str:
    command = [requirements.program(program), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd).stdout
    except subprocess.CalledProcessError as failure:
        words = " ".join(str(failure.stderr).split())
        raise requirements.Missing(f"no headless Chromium (apt-get update on Debian?): {words}") from failure
