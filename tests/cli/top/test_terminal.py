"""However it ends, keys come in lines again."""

from __future__ import annotations

import io
import os
import sys
import termios
from collections.abc import Iterator

import pytest
from rich.console import Console

from hvinspect.cli.top.terminal import Terminal


class Screen(io.StringIO):
    """One that can be written until it breaks."""

    broken = False

    def write(self, text: str) -> int:
        if self.broken:
            raise OSError("the screen is gone")
        return super().write(text)


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    other, own = os.openpty()
    with open(own, encoding="utf-8", closefd=True) as file:
        monkeypatch.setattr(sys, "stdin", file)
        yield own
    os.close(other)


def test_keys_come_one_by_one_and_then_in_lines_again(keyboard: int) -> None:
    before = termios.tcgetattr(keyboard)
    with Terminal.taken(Console(file=Screen(), force_terminal=True)):
        assert termios.tcgetattr(keyboard) != before
    assert termios.tcgetattr(keyboard) == before


def test_a_screen_that_breaks_at_the_end_leaves_the_keys_as_they_were(keyboard: int) -> None:
    before, screen = termios.tcgetattr(keyboard), Screen()
    with pytest.raises(OSError, match="is gone"), Terminal.taken(Console(file=screen, force_terminal=True)):
        screen.broken = True
    assert termios.tcgetattr(keyboard) == before


def test_a_screen_that_breaks_at_the_beginning_leaves_the_keys_as_they_were(keyboard: int) -> None:
    before, screen = termios.tcgetattr(keyboard), Screen()
    screen.broken = True
    with pytest.raises(OSError, match="is gone"), Terminal.taken(Console(file=screen, force_terminal=True)):
        pass
    assert termios.tcgetattr(keyboard) == before


def test_a_keyboard_that_is_gone_is_an_error_of_the_system(keyboard: int) -> None:
    with Terminal.taken(Console(file=Screen(), force_terminal=True)) as terminal:
        nothing = os.open(os.devnull, os.O_RDONLY)
        saved = os.dup(keyboard)
        os.dup2(nothing, keyboard)
        try:
            with pytest.raises(OSError, match="terminal is gone"):
                terminal.wait(10)
        finally:
            os.dup2(saved, keyboard)
            os.close(saved)
            os.close(nothing)
