"""Where the host keeps what this driver reads. No I/O here.

A test puts a tree of its own in their place by a subclass of the driver; nobody else has a reason to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

__all__ = ["Places"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Folders."""

    proc: str = "/proc"
    sys: str = "/sys"
