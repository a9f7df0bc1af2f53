"""The page Start, in a Debian with nothing in it: no step is missing."""

from __future__ import annotations

import shlex

import pytest

import hvinspect
from tests.integration.newcomer.page import blocks
from tests.lab.bare import Bare, Ran

pytestmark = pytest.mark.slow


def test_every_line_for_the_shell_works_in_its_turn(started: Ran) -> None:
    assert started.status == 0, started.output
    for told in (f"hvinspect {hvinspect.__version__}", "instance-00000000", "busy-1", "busy-2"):
        assert told in started.output, started.output


def test_every_line_for_python_says_what_the_page_says(bare: Bare, started: Ran) -> None:
    assert started.status == 0
    examples = shlex.quote(blocks("start.md", "{doctest}"))
    ran = bare.run(f"printf %s {examples} > start.txt; . ~/hvinspect/bin/activate; python -m doctest start.txt")
    assert ran.status == 0, ran.output
