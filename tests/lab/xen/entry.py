"""How a test run gets into dom0 of the lab. Needs nothing that may be missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab import entry

if TYPE_CHECKING:
    import pytest

#: What the variable that names the lab says in dom0.
INSIDE_VALUE = "xen"


def reexecute(config: pytest.Config) -> None:
    """Replace this pytest by a lab with the same pytest in its dom0; do nothing when already there.

    Call it in ``pytest_cmdline_main`` of a conftest.
    """
    if not entry.inside(INSIDE_VALUE):
        # The project's disk is read-only there.
        entry.become(config, "tests.lab.xen", "python3", "-m", "pytest", "-p", "no:cacheprovider")
