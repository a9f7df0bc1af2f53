"""A real terminal: a program in a tmux of its own, keys sent to it, its screen read back."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, final

from tests.lab import requirements

ROOT: Final = Path(__file__).resolve().parents[3]
_PATIENCE: Final = 20.0


@final
class Screen:
    """What a user in front of it sees, and the keyboard."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def lines(self) -> list[str]:
        """What is on it now, without colours, spaces at the ends of lines removed."""
        return self._tmux("capture-pane", "-p").splitlines()

    def coloured(self) -> str:
        """The same as the terminal was sent it, with the codes of its colours."""
        return self._tmux("capture-pane", "-p", "-e")

    def press(self, *keys: str) -> None:
        """Type *keys*, by tmux's names."""
        self._tmux("send-keys", *keys)

    def resize(self, columns: int, lines: int) -> None:
        """Make the window another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def wait(self, until: Callable[[list[str]], bool]) -> list[str]:
        """Wait until the screen is so, and return it."""
        end = time.monotonic() + _PATIENCE
        while not until(lines := self.lines()):
            assert time.monotonic() < end, "the screen stayed:\n" + "\n".join(lines)
            time.sleep(0.05)
        return lines

    def wait_for(self, text: str) -> list[str]:
        """Wait until *text* is on it."""
        return self.wait(lambda lines: any(text in line for line in lines))

    def cursor_shown(self) -> bool:
        """Is there a cursor?"""
        return self._tmux("display-message", "-p", "#{cursor_flag}").strip() == "1"

    def alternate(self) -> bool:
        """Does a program have the whole of it, with what was there before kept for later?"""
        return self._tmux("display-message", "-p", "#{alternate_on}").strip() == "1"

    def pid(self) -> int:
        """The first process in it."""
        return int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def _tmux(self, *command: str) -> str:
        done = subprocess.run(
            [requirements.program("tmux"), "-S", str(self._socket), *command],
            capture_output=True,
            text=True,
            check=True,
            env=_environment(),
        )
        return done.stdout


@contextmanager
def screen(command: Sequence[str], folder: Path, *, columns: int = 80, lines: int = 24) -> Generator[Screen]:
    """*command* in an interactive shell, as a user starts it, on a screen of that size."""
    socket = folder / "tmux"
    made = Screen(socket)
    start = ("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(lines), "-c", str(ROOT), "sh", "-i")
    made._tmux(*start)
    try:
        # The prompt, then the command: what is left of it on the screen later was there before.
        made.wait_for("$")
        made.press(shlex.join(command), "Enter")
        yield made
    finally:
        made._tmux("kill-server")


def hvinspect(*arguments: str, module: str = "hvinspect") -> list[str]:
    """The command line of the command."""
    return [sys.executable, "-m", module, *arguments]


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "PS1": "$ ", "ENV": "", "TERM": "xterm-256color"}
