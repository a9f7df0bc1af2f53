"""`hvinspect top` as a user has it in front of him: keys in, screens out, compared with those in screens/.

With HVINSPECT_RECORD=1 the screens are written anew; look at them before they are kept.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.terminal.lasting import lasting
from tests.integration.terminal.sshd import ssh, there
from tests.integration.terminal.tmux import Screen, hvinspect, screen

SCREENS = Path(__file__).parent / "screens"
#: A fake host whose clock goes on by a second with each reading, so that every rate is the same in every run.
FAKE = ("top", "fake:", "--option", "clock=reads", "--option", "instances=50", "--every", "0.2")
READ = "1.05"
"""The CPU of the busiest instance, from the second reading on."""
DETAILED = ("Down", "Down", "Enter")
"""What leads from the table to one instance alone."""


@pytest.fixture
def top(tmp_path: Path) -> Iterator[Screen]:
    """The table after some readings, and paused, so that nothing moves."""
    with screen(hvinspect(*FAKE), tmp_path) as shown:
        shown.wait_for(READ)
        shown.press("p")
        shown.wait_for("paused")
        yield shown


def _same(shown: Screen, name: str) -> None:
    """Wait until the screen is as it is kept: a key or another size is not drawn at once."""
    file = SCREENS / f"{name}.txt"
    if os.environ.get("HVINSPECT_RECORD"):
        time.sleep(1)
        file.write_text(lasting(shown.lines()))
    kept = file.read_text()
    end = time.monotonic() + 10
    while (seen := lasting(shown.lines())) != kept and time.monotonic() < end:
        time.sleep(0.05)
    assert seen == kept


def test_the_table(top: Screen) -> None:
    _same(top, "table")


def test_sorted_by_net(top: Screen) -> None:
    top.press("n")
    _same(top, "net")


def test_sorted_by_memory(top: Screen) -> None:
    top.press("m")
    _same(top, "memory")


def test_sorted_by_disk(top: Screen) -> None:
    top.press("d")
    _same(top, "disk")


def test_over_ssh_it_is_the_same(tmp_path: Path) -> None:
    with ssh(tmp_path) as login, screen([*login, there(hvinspect(*FAKE))], tmp_path) as shown:
        shown.wait_for(READ)
        shown.press("p")
        shown.wait_for("paused")
        _same(shown, "table")
        shown.press("q")
        shown.wait(lambda lines: "hvinspect top  fake:" not in lines[0] and "$" in lines)
        shown.press("echo left with $?", "Enter")
        shown.wait_for("left with 0")


def test_sorted_by_name_backwards(top: Screen) -> None:
    top.press("i")
    top.wait_for("INSTANCE*")
    top.press("r")
    _same(top, "names_backwards")


def test_a_filter(top: Screen) -> None:
    top.press("/", "-", "0", "0", "0", "0", "0", "0", "2")
    top.wait_for("filter: -0000002_")
    top.press("Enter")
    _same(top, "filter")
    top.press("Escape")
    top.wait_for("q quit")


def _is_one_above_the_end(lines: list[str]) -> bool:
    last = re.search(r"-(\d+) of (\d+) lines", lines[-1])
    return last is not None and int(last[1]) == int(last[2]) - 1


def test_one_instance_in_detail_and_back(top: Screen) -> None:
    top.press(*DETAILED)
    _same(top, "detail")
    # A page is what fits: no line is passed over.
    top.press("PageDown")
    top.wait(lambda lines: "16-30 of" in lines[-1])
    top.press("PageDown")
    lines = top.wait(lambda lines: "31-45 of" in lines[-1])
    assert any(line.startswith("memory.assigned_bytes ") for line in lines)
    # Beyond the end there is nothing to come back from.
    top.press("End", "Down", "Down", "Up")
    top.wait(_is_one_above_the_end)
    top.press("Escape")
    top.wait_for("DISK W/s")


def test_help(top: Screen) -> None:
    top.press("h")
    _same(top, "help")
    top.press("x")
    top.wait_for("q quit")


def test_a_narrow_window_loses_columns_and_a_wide_one_has_them_again(top: Screen) -> None:
    top.resize(50, 12)
    _same(top, "narrow")
    top.resize(120, 40)
    _same(top, "wide")


def test_a_window_of_any_size_is_drawn_in(top: Screen) -> None:
    for columns, lines in ((5, 3), (1, 1)):
        top.resize(columns, lines)
        # Nothing can be told from so small a screen; that it is still alive can be seen of the next.
        top.wait(lambda shown, lines=lines: len(shown) == lines)  # type: ignore[misc]
    top.resize(80, 24)
    top.wait_for("q quit")


def test_who_is_stuck_is_marked_and_the_others_are_there(tmp_path: Path) -> None:
    command = hvinspect("top", "scripted:fine+timed_out+denied+fine", "--every", "60", module="tests.cli.scripted")
    with screen(command, tmp_path) as shown:
        shown.wait_for("q quit")
        shown.press("p", "t")
        _same(shown, "trouble")
        shown.press("Enter")
        assert any("timed out" in line for line in shown.wait_for("escape back"))


def test_a_reading_that_fails_is_told_and_the_last_table_stays(tmp_path: Path) -> None:
    command = hvinspect("top", "scripted:flaky", "--every", "2", module="tests.cli.scripted")
    with screen(command, tmp_path) as shown:
        lines = shown.wait_for("it was away for a moment")
        assert any("guest-0" in line for line in lines)
        shown.wait(lambda now: not any("it was away" in line for line in now))


def test_keys_are_answered_while_a_reading_takes_long(tmp_path: Path) -> None:
    command = hvinspect("top", "scripted:dozing", "--every", "0.2", "--timeout", "25", module="tests.cli.scripted")
    with screen(command, tmp_path) as shown:
        shown.wait_for("q quit")
        # The second reading takes 20 seconds.
        shown.press("h")
        shown.wait_for("any key goes back")
        shown.press("q")
        assert "any key goes back" not in "".join(shown.wait(lambda lines: lines[-1].startswith("$") or not lines[-1]))


def test_quitting_gives_the_terminal_back_as_it_was(top: Screen) -> None:
    assert top.alternate()
    top.press("q")
    top.wait(lambda lines: "hvinspect top  fake:" not in lines[0])
    top.press("stty -a | tr ' ' '\\n' | grep -x -e -icanon -e -echo; echo left with $?", "Enter")
    lines = top.wait_for("left with 1")
    assert not top.alternate()
    assert top.cursor_shown()
    # What was on the screen before is there again.
    assert any("--option" in line for line in lines)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGQUIT, 131), (signal.SIGHUP, 129)]
)
def test_a_signal_gives_the_terminal_back_too(top: Screen, number: signal.Signals, code: int) -> None:
    (child,) = _children(top.pid())
    os.kill(child, number)
    top.wait(lambda lines: "hvinspect top  fake:" not in lines[0])
    top.press("echo code $?", "Enter")
    assert not any("Traceback" in line for line in top.wait_for(f"code {code}"))
    assert top.cursor_shown()


def test_a_stopped_one_gives_the_terminal_back_and_takes_it_again(top: Screen) -> None:
    top.press("C-z")
    top.wait(lambda lines: "hvinspect top  fake:" not in lines[0])
    top.press("echo here", "Enter")
    top.wait(lambda lines: "here" in lines)
    top.press("fg", "Enter")
    top.wait_for("paused")
    top.press("p")
    top.wait(lambda lines: "hvinspect top" in lines[0] and "paused" not in lines[0])


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
