"""The logger ``hvinspect``: one line per change of state, none per cycle. Loaded when its first line is written."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

__all__ = ["logger"]


@cache
def logger() -> logging.Logger:
    """The logger, silent unless the host program wants to hear it."""
    import logging  # a third of what importing the rest of the core costs

    found = logging.getLogger("hvinspect")
    found.addHandler(logging.NullHandler())
    return found
