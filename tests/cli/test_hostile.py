"""Names are untrusted: nothing of them reaches a terminal as a command, and none is taken for markup."""

from __future__ import annotations

import pytest

from .running import on_terminal, run, without_escapes
from .scripted import HOSTILE

ESCAPED = r"\x1b[2J\x9b31m[red]bad[/red]\r\n\u202e:smile:\x07"


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "scripted:hostile-name"),
        ("stats", "scripted:hostile-name"),
        ("stats", "scripted:hostile-name", "--why"),
        ("stats", "scripted:hostile-name", "--detail"),
        ("stats", "scripted:denied+failed"),
        ("stats", "scripted:hostile"),
        ("host", "scripted:fine"),
    ],
)
def test_what_is_printed_is_printable_and_whole(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    printed = result.stdout + result.stderr
    assert ESCAPED in printed
    assert all(line.isprintable() for line in printed.splitlines())


def test_a_long_name_is_whole_in_a_pipe_and_folded_on_a_terminal() -> None:
    arguments = ("stats", "fake:", "--option", "hostile=yes", "--option", "instances=1")
    assert "x" * 300 in run(*arguments).stdout
    _, text = on_terminal(*arguments)
    lines = without_escapes(text)
    assert max(map(len, lines)) <= 80
    assert sum(line.count("x") for line in lines) < 120


def test_what_is_folded_is_all_there() -> None:
    _, text = on_terminal("list", "fake:", "--option", "hostile=yes", "--option", "instances=1")
    assert "…" in text, "the end of the shortened name"


def test_a_terminal_gets_no_control_sequence_of_a_name() -> None:
    assert "\x1b[2J" in HOSTILE
    _, text = on_terminal("stats", "scripted:hostile-name", scripted_too=True)
    assert "\x1b[2J" not in text
    assert "\u202e" not in text
    assert "\x9b" not in text
    assert "[red]" in "".join(without_escapes(text)).replace(" ", "")
