"""How a test run gets into a lab, and knows it is in one. Needs nothing that may be missing."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tests.lab.settings import INSIDE, INSIDE_VALUE, PROJECT_ROOT

if TYPE_CHECKING:
    import pytest


def inside() -> bool:
    """Whether the caller already runs in a lab."""
    return os.environ.get(INSIDE) == INSIDE_VALUE


def reexecute(config: pytest.Config) -> None:
    """Replace this pytest by a lab running the same pytest; do nothing when already in one.

    Call it in ``pytest_cmdline_main`` of a conftest.
    """
    if inside():
        return
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        # Or what the lab prints ends in pytest's temporary file.
        capture.stop_global_capturing()
    sys.stdout.flush()
    sys.stderr.flush()
    environment = dict(os.environ)
    paths = [str(PROJECT_ROOT), *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    command = [sys.executable, "-m", "tests.lab", "--rpc-log", sys.executable, "-m", "pytest"]
    os.execve(sys.executable, [*command, *map(str, config.invocation_params.args)], environment)
