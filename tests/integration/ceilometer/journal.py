"""A notification driver for the agent: each message a line of JSON in the file that $CEILOMETER_JOURNAL names.

It is found as any driver of oslo.messaging's, by an entry point: install() makes what a package's installation would.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any, Final

NAME: Final = "journal"
VARIABLE: Final = "CEILOMETER_JOURNAL"
_MODULE: Final = "ceilometer_journal"


class Journal:
    """What oslo.messaging makes of the driver's name."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Nothing of what it is told matters here."""

    def notify(self, _context: Any, message: Any, _priority: Any, _retry: Any) -> None:
        """Write it down; a line at once, because several processes may."""
        written = {"published": time.time(), "pid": os.getpid(), "samples": message["payload"]["samples"]}
        with open(os.environ[VARIABLE], "ab", buffering=0) as file:
            file.write(json.dumps(written, default=str).encode() + b"\n")


def install(folder: Path) -> None:
    """Make *folder* one that a Python with it on its path finds the driver in."""
    shutil.copy(__file__, folder / f"{_MODULE}.py")
    metadata = folder / f"{_MODULE}-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {_MODULE}\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(f"[oslo.messaging.notify.drivers]\n{NAME} = {_MODULE}:Journal\n")
