"""Running the command: in this process, as a process of its own, and on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner, Result

from hvinspect.cli.commands import hvinspect as command

from . import scripted

ROOT = Path(__file__).resolve().parents[2]
#: Up to 8.1 click mixes standard error into the output unless it is told not to.
_APART: Final[dict[str, Any]] = {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07")


def run(*arguments: str) -> Result:
    """In this process, standard output being no terminal."""
    scripted.register()
    return CliRunner(**_APART).invoke(command, arguments, catch_exceptions=False)


def argv(*arguments: str, scripted_too: bool = False) -> list[str]:
    """The command line of a process of its own."""
    return [sys.executable, "-m", "tests.cli.scripted" if scripted_too else "hvinspect", *arguments]


def environment(**more: str) -> dict[str, str]:
    """As little as the command needs, so that no setting of the one who tests matters."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **more}


def process(
    *arguments: str, scripted_too: bool = False, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """As a process of its own, its output in pipes."""
    return subprocess.run(
        argv(*arguments, scripted_too=scripted_too),
        env=environment(**(env or {})),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def on_terminal(
    *arguments: str,
    scripted_too: bool = False,
    columns: int = 80,
    lines: int = 24,
    meanwhile: Callable[[subprocess.Popen[bytes], str], None] | None = None,
) -> tuple[int, str]:
    """On a terminal of that size: the exit code and all that was written, control sequences included.

    *meanwhile* is called with what was written so far whenever there is more of it.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    with subprocess.Popen(
        argv(*arguments, scripted_too=scripted_too),
        env=environment(TERM="xterm-256color"),
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    ) as child:
        os.close(slave)
        written = b""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if not select.select([master], [], [], 0.2)[0]:
                continue
            try:
                more = os.read(master, 65536)
            except OSError:  # Linux's way to say that the other end is closed
                break
            if not more:
                break
            written += more
            if meanwhile is not None:
                meanwhile(child, written.decode(errors="replace"))
        else:
            child.kill()
        code = child.wait()
    os.close(master)
    return code, written.decode()


def without_escapes(text: str) -> list[str]:
    """The lines of what a terminal got, without control sequences."""
    return _ESCAPES.sub("", text).replace("\r", "").splitlines()
