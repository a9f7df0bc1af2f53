"""``python -m tests.lab [--rpc-log] [COMMAND ARGS...]`` runs a command, or without one a shell, in a lab."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tests.lab import requirements


def main(arguments: Sequence[str]) -> int:
    """Run the command line *arguments* and return the exit status."""
    rpc_log = arguments[:1] == ["--rpc-log"]
    command = list(arguments[1:] if rpc_log else arguments)
    if command[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    try:
        requirements.check()
        # Only now: it needs what was just looked for.
        from tests.lab import start

        return start.run(command or [os.environ.get("SHELL", "/bin/sh")], rpc_log=rpc_log)
    except requirements.Missing as missing:
        print(f"lab: {missing}", file=sys.stderr)
        return requirements.EXIT_STATUS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
