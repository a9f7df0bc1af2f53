"""The package with one change, in a folder of its own: what the gate has to see is done to real code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.api.surface import ROOT, Surface


def changed(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """A copy with each (file, text, replacement) applied; a text that is not there once is a mistake."""
    target = folder / "changed"
    shutil.copytree(ROOT / "hvinspect", target / "hvinspect", ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in changes:
        path = target / "hvinspect" / name
        text = path.read_text()
        assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new))
    return target


def surface_of(package: Path) -> Surface:
    """The surface of a copy."""
    code = "import json; from tools.api import surface; print(json.dumps(surface.take()))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(package), str(ROOT)])}
    reply = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    surface: Surface = json.loads(reply.stdout)
    return surface
