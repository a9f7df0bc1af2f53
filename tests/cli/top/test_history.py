"""What is remembered, and its picture."""

from __future__ import annotations

from hvinspect.cli.top.history import History, sparkline
from hvinspect.cli.top.measures import Numbers


def test_numbers_are_kept_in_their_order() -> None:
    history = History()
    for cores in (1.0, 2.0, 3.0):
        history.add([("a", "life", Numbers(cores=cores))])
    assert [one.cores for one in history.of("a")] == [1.0, 2.0, 3.0]


def test_another_life_begins_anew_and_who_is_gone_is_forgotten() -> None:
    history = History()
    history.add([("a", "one", Numbers(cores=1)), ("b", "one", Numbers(cores=1))])
    history.add([("a", "two", Numbers(cores=2))])
    assert [one.cores for one in history.of("a")] == [2]
    assert history.of("b") == ()


def test_a_long_watch_does_not_grow() -> None:
    history = History()
    for number in range(1000):
        history.add([("a", "life", Numbers(cores=number))])
    assert len(history.of("a")) == 240
    assert history.of("a")[-1].cores == 999


def test_a_sparkline_has_the_last_values_against_the_greatest_of_them() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8], 9) == "▁▂▃▄▅▆▇██"
    assert sparkline([800, 4, 8], 2) == "▅█"
    assert sparkline([1, None, 1], 5) == "█ █"
    assert sparkline([0, 0], 5) == "▁▁"
    assert sparkline([], 5) == ""
    assert sparkline([1], 0) == ""


def test_a_terminal_with_few_letters_has_a_sparkline_too() -> None:
    assert sparkline([0, 4, 8], 3, ascii_only=True).isascii()
