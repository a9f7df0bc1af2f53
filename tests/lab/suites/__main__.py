"""``python -m tests.lab.suites [--client SUITE] [--daemon SUITE] COMMAND ARGS...`` runs a command in a lab of suites.

The command, with the binding, libvirt's client library and the Python that it finds, is of the one suite; libvirtd and
QEMU are of the other.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from tests.lab import kernel, requirements, settings
from tests.lab.suites.root import PACKAGES, SUITES, NotMade

#: The project is here, and the daemons' root folder there: places that every Debian has, and nothing in.
PROJECT: Final = Path("/srv")
_DAEMONS: Final = Path("/mnt")
_OF_THE_KERNEL: Final = ("/proc", "/sys", "/dev")


def main(arguments: Sequence[str]) -> int:
    """Run the command line *arguments*; comes back only if there can be no lab."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.suites", description=__doc__)
    parser.add_argument("--client", choices=SUITES, default="trixie", help="the suite that the command is of")
    parser.add_argument("--daemon", choices=SUITES, default="trixie", help="the suite that libvirtd and QEMU are of")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="e.g. virsh version")
    given = parser.parse_args(arguments)
    if not given.command:
        parser.error("which command?")
    try:
        client, daemon = SUITES[given.client].root(), SUITES[given.daemon].root()
    except requirements.Missing as missing:
        print(f"lab: {missing}", file=sys.stderr)
        return requirements.EXIT_STATUS
    except NotMade as failure:
        print(f"lab: {failure}", file=sys.stderr)
        return 1
    return _become(given.command, client=client, daemon=daemon)


def _become(command: Sequence[str], *, client: Path, daemon: Path) -> NoReturn:
    """Go on as a lab with *command* in it, whose root folder is *client*."""
    _enter(client, daemon)
    environment = {
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "PATH": requirements.SYSTEM_PATH,
        "PYTHONPATH": f"{PROJECT}:{PACKAGES}",
    }
    if client != daemon:
        environment[settings.DAEMONS] = str(_DAEMONS)
    # The system's Python: that of the environment which runs this is not here any more.
    lab = ["/usr/bin/python3", "-m", "tests.lab", "--rpc-log", *command]
    os.execve(lab[0], lab, environment)


def _enter(client: Path, daemon: Path) -> None:
    """Make *client* the root folder of this process, with *daemon* in it; neither can be changed from then on."""
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    for root, place in ((client, client), (daemon, client / _DAEMONS.relative_to("/"))):
        # A mount of its own, for only from such a one can a container's init go on to another.
        kernel.mount(str(root), place, flags=kernel.MS_BIND)
        kernel.mount("none", place, flags=kernel.MS_BIND | kernel.MS_REMOUNT | kernel.MS_RDONLY)
    for name in _OF_THE_KERNEL:
        kernel.mount(name, client / name.lstrip("/"), flags=kernel.MS_BIND | kernel.MS_REC)
    for name, mode in (("/run", 755), ("/tmp", 1777)):
        kernel.mount("tmpfs", client / name.lstrip("/"), kind="tmpfs", options=f"mode={mode}")
    kernel.mount(str(settings.PROJECT_ROOT), client / PROJECT.relative_to("/"), flags=kernel.MS_BIND)
    os.chroot(client)
    os.chdir(PROJECT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
