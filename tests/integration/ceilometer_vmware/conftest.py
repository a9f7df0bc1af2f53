"""Gives the tests simulated servers, and audits at the end what the agents called."""

from __future__ import annotations

from tests.integration.vmware.conftest import (
    esx,
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
    start,
    vcenter,
)

__all__ = ["esx", "pytest_configure", "pytest_sessionfinish", "pytest_terminal_summary", "start", "vcenter"]
