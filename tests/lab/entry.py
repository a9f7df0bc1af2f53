"""How a test run gets into a lab, and knows it is in one. Needs nothing that may be missing."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tests.lab.settings import INSIDE, INSIDE_VALUE, PROJECT_ROOT

if TYPE_CHECKING:
    import pytest


def inside(lab: str = INSIDE_VALUE) -> bool:
    """Whether the caller already runs in the lab of this name."""
    return os.environ.get(INSIDE) == lab


def reexecute(config: pytest.Config) -> None:
    """Replace this pytest by a lab running the same pytest; do nothing when already in one.

    Call it in ``pytest_cmdline_main`` of a conftest.
    """
    if not inside():
        become(config, "tests.lab", "--rpc-log", sys.executable, "-m", "pytest")


def become(config: pytest.Config, module: str, *command: str) -> None:
    """Replace this pytest by *module*, which runs *command* with the same arguments in a lab."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        # Or what the lab prints ends in pytest's temporary file.
        capture.stop_global_capturing()
    sys.stdout.flush()
    sys.stderr.flush()
    paths = [str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    arguments = [*command, *map(str, config.invocation_params.args)]
    os.execve(sys.executable, [sys.executable, "-m", module, *arguments], environment)
