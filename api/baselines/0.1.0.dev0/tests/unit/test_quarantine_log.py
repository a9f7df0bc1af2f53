"""One line in the log for each change of who does not answer, whatever their number, and none while it stays."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from hvinspect import Instance
from tests.unit.toy import Hooks, hooks


@pytest.fixture
def toy() -> Iterator[Hooks]:
    with hooks() as made:
        yield made


@pytest.fixture
def told(toy: Hooks, caplog: pytest.LogCaptureFixture) -> Callable[..., list[str]]:
    """Reads once with these in quarantine, and gives the lines that were written meanwhile."""
    caplog.set_level(logging.INFO, logger="hvinspect")
    connection = toy.connect()

    def read(*keys: str) -> list[str]:
        caplog.clear()
        toy.quarantined = lambda: keys
        connection.snapshot()
        return [record.getMessage().replace(f" instance(s) of {connection.target}", "") for record in caplog.records]

    return read


def test_each_change_is_one_line_and_what_stays_is_none(told: Callable[..., list[str]]) -> None:
    assert told() == []
    assert told("a") == ["1 do not answer and are read with caution: a"]
    assert told("a") == []
    assert told("a", "b") == ["1 do not answer and are read with caution: b"]
    assert told("b") == ["1 are well again: a"]
    assert told() == ["1 are well again: b"]
    assert told() == []


def test_some_that_come_while_others_go_are_two_lines(told: Callable[..., list[str]]) -> None:
    told("a")
    assert told("b") == ["1 do not answer and are read with caution: b", "1 are well again: a"]


def test_of_many_a_few_are_named(toy: Hooks, told: Callable[..., list[str]]) -> None:
    toy.instances = [Instance(key=f"{number:02}", name=f"vm-{number:02}") for number in range(40)]
    assert told(*(one.key for one in toy.instances)) == [
        "40 do not answer and are read with caution: vm-00, vm-01, vm-02, vm-03, vm-04 and 35 more"
    ]


def test_names_are_escaped_and_cut(toy: Hooks, told: Callable[..., list[str]]) -> None:
    toy.instances = [Instance(key="a", name="evil\n\u202e" + 1000 * "x")]
    (line,) = told("a")
    assert line.isprintable()
    assert len(line) < 200


def test_one_that_is_gone_is_called_by_its_key(toy: Hooks, told: Callable[..., list[str]]) -> None:
    told("a")
    toy.instances = [Instance(key="b")]
    assert told() == ["1 are well again: a"]


def test_a_driver_that_cannot_tell_costs_no_snapshot(toy: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise OSError("no")

    toy.quarantined = fail
    connection = toy.connect()
    assert len(connection.snapshot().instances) == 2
    assert connection.health().quarantined == ()
