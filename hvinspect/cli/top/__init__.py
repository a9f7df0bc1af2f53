"""``hvinspect top``: a live view of every instance, and of one instance in detail."""

from __future__ import annotations

from .command import top

__all__ = ["top"]
