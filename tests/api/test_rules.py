"""Each rule sees its change, and not the change that looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.api.compare import compare
from tools.api.page import page
from tools.api.rules import PAGE, RULES, Layer

from .snippets import Pair, pairs, surface

PAIRS = list(pairs())
ROOT = Path(__file__).parent.parent.parent


def found(before: str, after: str) -> set[str]:
    return {one.rule for one in compare(surface(before), surface(after))}


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_change_is_found_by_its_rule(pair: Pair) -> None:
    assert pair.rule in found(pair.before, pair.after)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_near_miss_is_not(pair: Pair) -> None:
    assert pair.rule not in found(pair.before, pair.near)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_what_stays_as_it_is_gives_no_finding(pair: Pair) -> None:
    assert found(pair.before, pair.before) == set()


def test_every_rule_of_structure_has_a_pair() -> None:
    of_structure = {rule.id for rule in RULES.values() if rule.layer is Layer.STRUCTURE}
    assert of_structure == {pair.rule for pair in PAIRS}


def test_the_page_is_made_of_the_rules() -> None:
    assert (ROOT / PAGE).read_text() == page()
