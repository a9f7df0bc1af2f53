"""An ordinary account of dom0, such as an agent runs as, and the ways in which root may let it do more."""

from __future__ import annotations

import contextlib
import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.lab.xen.dom0.run import output

NAME: Final = "nobody"
_ID: Final = 65534
#: A group that the account is in, and which nothing belongs to.
GROUP: Final = 4242
_SUDO: Final = Path("/usr/bin/sudo")
_RULES: Final = Path("/etc/sudoers.d/lab")
# Installing packages would make what Debian's own file includes. Nobody has a password, and nobody is asked for one.
_PAM: Final = "account required pam_permit.so\nsession required pam_permit.so\n"
_COMMAND: Final = Path("/tmp/hvinspect")


def run(*command: str, capability: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run *command* as the account, with a *capability* as ``AmbientCapabilities=`` of a service gives it."""
    switches = ["--keep=1", f"--groups={GROUP}", f"--gid={_ID}", f"--uid={_ID}"]
    if capability is not None:
        switches += [f"--inh={capability}", f"--addamb={capability}"]
    return subprocess.run(
        ["capsh", *switches, "--shell=/bin/sh", "--", "-c", shlex.join(command)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@contextlib.contextmanager
def opened_to_its_group(*paths: str) -> Iterator[None]:
    """The account's group may read and write *paths*."""
    before = {path: Path(path).stat() for path in paths}
    try:
        for path in paths:
            os.chown(path, 0, GROUP)
            Path(path).chmod(0o660)
        yield
    finally:
        for path, was in before.items():
            os.chown(path, was.st_uid, was.st_gid)
            Path(path).chmod(stat.S_IMODE(was.st_mode))


@contextlib.contextmanager
def python_with(capability: str) -> Iterator[str]:
    """A Python whose file has *capability*, for whoever runs it."""
    python = Path("/tmp/python-with-a-capability")
    python.write_bytes(Path(sys.executable).resolve().read_bytes())
    python.chmod(0o755)
    try:
        output("setcap", f"{capability}+ep", str(python))
        yield str(python)
    finally:
        python.unlink()


@contextlib.contextmanager
def sudo_allows(rule: str) -> Iterator[str]:
    """sudo lets the account run hvinspect, as root and with the arguments of *rule* only; gives hvinspect's path."""
    # Whoever built the image owns its files there.
    os.chown(_SUDO, 0, 0)
    _SUDO.chmod(0o4755)
    for name in ("sudo", "other"):
        Path("/etc/pam.d", name).write_text(_PAM, encoding="utf-8")
    _COMMAND.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(os.environ["PYTHONPATH"])} exec python3 -P -m hvinspect "$@"\n',
        encoding="utf-8",
    )
    _COMMAND.chmod(0o755)
    _RULES.write_text(f"{NAME} ALL=(root) NOPASSWD: {_COMMAND} {rule}\n", encoding="utf-8")
    _RULES.chmod(0o440)
    try:
        yield str(_COMMAND)
    finally:
        _RULES.unlink()
        _COMMAND.unlink()
