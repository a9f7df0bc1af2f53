"""The recording that all tests here play."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def recording() -> dict[str, Any]:
    """One run of the lab, kept by tests/integration/libvirt/test_fidelity.py."""
    text = Path(__file__).with_name("lab.json").read_text(encoding="utf-8")
    made: dict[str, Any] = json.loads(text)
    return made
