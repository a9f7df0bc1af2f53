"""What of a screen is the same in every run."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["lasting"]


def lasting(lines: Sequence[str]) -> str:
    """The text of *lines*, with words in the place of what differs."""
    # The clock and the length of the bars say how many readings there were, and the time how busy the machine is.
    seen = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "YYYY-MM-DDTHH:MM:SSZ", "\n".join(lines).rstrip() + "\n")
    seen = re.sub(r"read in [\d.]+ [mun]?s", "read in (time)", seen)
    return re.sub(r" [▁▂▃▄▅▆▇█ ]*[▁▂▃▄▅▆▇█]$", " (bars)", seen, flags=re.MULTILINE)
