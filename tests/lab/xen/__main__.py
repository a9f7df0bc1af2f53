"""``python -m tests.lab.xen [--xen 4.20] [--boots N] COMMAND ARGS...`` runs a command in dom0 of an emulated Xen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.lab import requirements
from tests.lab.xen.bounded import TookTooLong
from tests.lab.xen.release import OF_THE_MACHINE, RELEASES


def main(arguments: Sequence[str]) -> int:
    """Run the command line *arguments* and return the exit status: the command's own."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.xen", description=__doc__)
    parser.add_argument("--xen", choices=RELEASES, default=OF_THE_MACHINE.xen, help="the release of Xen")
    parser.add_argument("--boots", type=int, metavar="N", help="boot so often, and count how often it went well")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="e.g. xl info")
    given = parser.parse_args(arguments)
    if not given.command:
        parser.error("which command?")
    release = RELEASES[given.xen]
    try:
        requirements.check_xen()
        # Only now: they need what was just looked for.
        from tests.lab.xen import boots, images, machine

        try:
            built = images.build(release)
            if given.boots is not None:
                return boots.count(release, built, given.command, times=given.boots)
            done = machine.run(release, built, given.command)
        except (machine.NotBooted, machine.Broken, TookTooLong) as failure:
            print(f"lab: {failure}", file=sys.stderr)
            return 1
    except requirements.Missing as missing:
        print(f"lab: {missing}", file=sys.stderr)
        return requirements.EXIT_STATUS
    print(f"lab: Xen {release.xen}, dom0 up after {done.boot_seconds:.0f} s, all in {done.seconds:.0f} s", flush=True)
    return done.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
