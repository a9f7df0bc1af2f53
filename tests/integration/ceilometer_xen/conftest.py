"""Takes this run, with the ceilometer that is installed where it is started, into dom0 of the lab."""

from __future__ import annotations

from tests.integration.xen.conftest import hv, loaded, pair, pytest_cmdline_main

__all__ = ["hv", "loaded", "pair", "pytest_cmdline_main"]
