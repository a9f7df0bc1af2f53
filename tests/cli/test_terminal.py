"""On a real terminal of 80 columns and 24 lines."""

from __future__ import annotations

import os
import re
import signal
import subprocess

import pytest

from hvinspect import CATALOGUE

from .running import on_terminal, without_escapes


@pytest.mark.parametrize(
    "arguments",
    [
        ("stats", "fake:", "--option", "instances=50"),
        ("stats", "fake:", "--option", "instances=50", "--option", "kind=rates"),
        ("stats", "fake:", "--why"),
        ("stats", "fake:", "--detail"),
        ("list", "fake:"),
        ("fields",),
        ("capabilities", "fake:"),
        ("host", "fake:"),
        ("drivers",),
        ("--help",),
    ],
)
def test_no_line_is_wider_than_the_terminal(arguments: tuple[str, ...]) -> None:
    code, text = on_terminal(*arguments)
    assert code == 0
    lines = without_escapes(text)
    assert len(lines) > 3
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("kind", ["counters", "rates"])
def test_a_name_as_nova_gives_it_stays_on_one_line_with_all_numbers(kind: str) -> None:
    _, text = on_terminal("stats", "fake:", "--option", "instances=50", "--option", f"kind={kind}")
    rows = [line for line in without_escapes(text) if re.match("instance-.* (running|paused|shut off) ", line)]
    assert len(rows) == 50
    assert all(re.match(r"instance-[0-9a-f]{8} ", row) for row in rows)
    assert not any("…" in row for row in rows)


def test_colour_is_for_terminals() -> None:
    assert "\x1b[" in on_terminal("stats", "fake:")[1]


def test_a_watch_is_redrawn_in_place_and_fits_the_screen() -> None:
    code, text = on_terminal(
        "stats", "fake:", "--option", "instances=50", "--watch", "0.2", "--count", "3", scripted_too=False
    )
    assert code == 0
    up = re.findall(r"\x1b\[1A", text)
    assert up, "the cursor never went up"
    # Between two ways up there is one frame, never more of it than the screen has lines.
    frames = re.split(r"(?:\x1b\[1A\x1b\[2K|\x1b\[2K\x1b\[1A)+", text)
    assert len(frames) >= 3
    assert all(len(frame.splitlines()) <= 24 for frame in frames)
    assert "more: a taller window" in text
    assert "CORES" in frames[-1]


def test_what_failed_is_on_the_screen_even_if_not_all_fits() -> None:
    _, text = on_terminal(
        "stats",
        "scripted:" + "fine+" * 40 + "denied",
        "--group",
        "state",
        "--watch",
        "0.1",
        "--count",
        "2",
        scripted_too=True,
    )
    lines = without_escapes(text)
    assert any(re.match(r"guest-40 +denied", line) for line in lines)
    assert "1 failed" in text


def test_trouble_of_a_watch_is_told_below_the_last_table() -> None:
    code, text = on_terminal("stats", "scripted:flaky", "--watch", "0.2", "--count", "2", scripted_too=True)
    assert code == 7
    assert "it was away for a moment" in text
    last_frame = text.rpartition("\x1b[2K")[2]
    assert last_frame.index("guest-0") < last_frame.index("it was away for a moment")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_watch_gives_the_cursor_back(number: signal.Signals, code: int) -> None:
    sent: list[int] = []

    def interrupt(child: subprocess.Popen[bytes], written: str) -> None:
        if "CORES" in written and not sent:
            sent.append(child.pid)
            os.kill(child.pid, number)

    ended, text = on_terminal("stats", "fake:", "--watch", "0.1", meanwhile=interrupt)
    assert ended == code
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert "Traceback" not in text


def test_a_field_is_never_broken() -> None:
    paths = [line.split(" ")[0] for line in without_escapes(on_terminal("fields")[1])]
    assert set(CATALOGUE) <= set(paths)
