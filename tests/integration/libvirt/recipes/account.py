"""The service account of the recipes, made in the lab as systemd makes it on a host."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.libvirt.recipes.shown import SYSUSERS
from tests.lab import kernel, requirements

_FILES = ("passwd", "group")


@contextmanager
def account(folder: Path) -> Iterator[int]:
    """Let it be known in the whole lab while the context lasts; its number. What is made is in *folder*."""
    (folder / "etc").mkdir()
    for name in _FILES:
        shutil.copy(Path("/etc") / name, folder / "etc")
    program = requirements.program("systemd-sysusers")
    subprocess.run([program, f"--root={folder}", str(SYSUSERS)], check=True, capture_output=True, timeout=60)
    (line,) = [line for line in (folder / "etc/passwd").read_text().splitlines() if line.startswith("hvinspect:")]
    for name in _FILES:
        kernel.mount(str(folder / "etc" / name), Path("/etc") / name, flags=kernel.MS_BIND)
    try:
        yield int(line.split(":")[2])
    finally:
        for name in _FILES:
            kernel.detach(Path("/etc") / name)
