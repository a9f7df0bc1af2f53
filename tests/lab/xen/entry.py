"""How a test run gets into dom0 of the lab, and knows that it is there. Needs nothing that may be missing."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tests.lab.settings import INSIDE, PROJECT_ROOT

if TYPE_CHECKING:
    import pytest

#: What the variable that names the lab says in dom0.
INSIDE_VALUE = "xen"


def inside() -> bool:
    """Whether the caller already runs in dom0."""
    return os.environ.get(INSIDE) == INSIDE_VALUE


def reexecute(config: pytest.Config) -> None:
    """Replace this pytest by a lab with the same pytest in its dom0; do nothing when already there.

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
    paths = [str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "tests.lab.xen", *command_of(*map(str, config.invocation_params.args))]
    os.execve(sys.executable, command, environment)


def command_of(*arguments: str) -> list[str]:
    """The command that runs tests in dom0, where the project's disk is read-only."""
    return ["python3", "-m", "pytest", "-p", "no:cacheprovider", *arguments]
