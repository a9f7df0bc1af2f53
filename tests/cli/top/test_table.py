"""The screen with all instances: on any terminal, whatever they are called."""

from __future__ import annotations

import pytest
from rich.console import Console

import hvinspect
from hvinspect.cli.top.rows import Row, rows
from hvinspect.cli.top.table import Shown, table
from hvinspect.cli.top.view import View
from hvinspect.cli.watch import Reading
from hvinspect.testing.fake import FakeHypervisor


def shown(*names: str, trouble: str = "") -> Shown:
    """A first reading of instances that are called so."""
    with FakeHypervisor(instances=0) as hypervisor, hvinspect.connect(hypervisor.target) as connection:
        for name in names:
            hypervisor.add(name=name)
        reading = Reading(connection.snapshot(), None)
    return Shown("fake:", reading, rows(reading, ()), 2.0, trouble)


def listed(what: Shown) -> list[Row]:
    return list(what.rows)


@pytest.mark.parametrize("width", [1, 2, 5, 10, 11, 12, 23, 24, 80, 500])
@pytest.mark.parametrize("height", [1, 2, 5, 24])
@pytest.mark.parametrize("names", [(), ("one",), ("\u6f22" * 10_000,), ("e" + "\u0301" * 10_000, "two")])
def test_it_is_drawn_on_a_terminal_of_any_size(width: int, height: int, names: tuple[str, ...]) -> None:
    what = shown(*names)
    lines = table(View(), what, listed(what), width=width, height=height)
    # The terminal cuts what it has no room for.
    assert len(lines) >= height


def test_rows_are_as_wide_as_one_another_whatever_the_names() -> None:
    what = shown("one", "\u6f22" * 10_000)
    lines = table(View(), what, listed(what), width=80, height=24)
    assert len({line.cell_len for line in lines[2:5]}) == 1


def test_what_is_in_no_trouble_is_not_red() -> None:
    what = shown("one")
    lines = table(View(), what, listed(what), width=80, height=24)
    (line,) = [line for line in lines if "one" in line.plain]
    console = Console()
    assert not [
        at for at in range(1, 80) if (colour := line.get_style_at_offset(console, at).color) and colour.name == "red"
    ]


def test_an_error_is_one_line_that_cannot_steer_the_terminal() -> None:
    what = shown("one", trouble="it said \x1b[2J\x9b31m\n\u202e")
    lines = table(View(), what, listed(what), width=80, height=24)
    assert len(lines) == 24
    assert all(line.plain.isprintable() for line in lines)
    assert any("it said" in line.plain for line in lines)
