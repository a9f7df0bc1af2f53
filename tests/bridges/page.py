"""The programs that a bridge's page shows."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["TARGET", "programs"]

PAGES = Path(__file__).resolve().parents[2] / "docs" / "bridges"
#: What they read: in a test the name of a FakeHypervisor, the driver that is called libvirt there being the fake one.
TARGET = "qemu:///system"


def programs(page: str) -> list[str]:
    """Each block of Python on *page*, in their order."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
