"""Finds the distribution's headless Chromium, or unpacks it into .lab/; installs nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.lab.unpacked import libraries, unpacked

__all__ = ["command_and_environment"]

_PACKAGES: Final = ("chromium-headless-shell", "fonts-dejavu-core")
_PROGRAM: Final = "usr/lib/chromium/chromium-headless-shell"


def command_and_environment() -> tuple[str, Mapping[str, str]]:
    """The program, and the environment in which it finds what was unpacked beside it.

    Raises:
        requirements.Missing: apt does not have it.
    """
    root = unpacked("chromium", *_PACKAGES)
    if root is None:
        return f"/{_PROGRAM}", os.environ
    program = root / _PROGRAM
    return str(program if program.exists() else f"/{_PROGRAM}"), {
        **os.environ,
        "LD_LIBRARY_PATH": libraries(root),
        "FONTCONFIG_FILE": str(_fonts(root)),
    }


def _fonts(root: Path) -> Path:
    """Fonts of the machine and of the packages, under the name of a generic family."""
    file = root / "fonts.conf"
    file.write_text(f"""<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>/usr/share/fonts</dir><dir>{root}/usr/share/fonts</dir><cachedir>{root}/fonts</cachedir>
<alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>""")
    return file
