"""The ``hvinspect`` command. Importing this needs neither click nor rich; running it does."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

_NEEDS = ("click", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with *arguments* (those of the process, if None); what it returns is the exit code."""
    from .exits import Exit

    try:
        from .commands import hvinspect
    except ModuleNotFoundError as exc:
        missing = (exc.name or "").partition(".")[0]
        if missing not in _NEEDS:
            raise
        print(f"hvinspect: the command needs {missing}: pip install 'hvinspect[cli]'", file=sys.stderr)
        return Exit.DRIVER
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    return hvinspect.run(arguments)
