"""The mechanical corpus reaches all of the surface, in many ways."""

from __future__ import annotations

import pytest

from tests.api.mutations.__main__ import mutants
from tests.api.mutations.mutant import Mutant
from tools.api import surface


@pytest.fixture(scope="module")
def corpus() -> list[Mutant]:
    return mutants(surface.take())


def test_there_are_many_operators(corpus: list[Mutant]) -> None:
    assert len({one.operator for one in corpus}) >= 40


def test_every_public_name_is_taken_away(corpus: list[Mutant]) -> None:
    taken = {one.symbol for one in corpus if one.operator == "export-removed"}
    assert taken == {f"{module}:{name}" for module, names in surface.take()["exports"].items() for name in names}


def test_every_class_and_function_is_changed(corpus: list[Mutant]) -> None:
    changed = {one.symbol.partition("(")[0] for one in corpus}
    changed |= {symbol.rpartition(".")[0] for symbol in changed}
    symbols = surface.take()["symbols"]
    assert [name for name, one in symbols.items() if one["kind"] != "constant" and name not in changed] == []
