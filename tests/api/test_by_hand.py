"""The changes made by hand are changes of the code that is here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.api.surface import ROOT

from .mutations.by_hand import Change, changes


@pytest.mark.parametrize("change", changes(), ids=lambda change: str(change.what))
def test_it_finds_its_text_once(change: Change) -> None:
    file = Path(change.file) if change.file == "pyproject.toml" else Path("hvinspect", change.file)
    assert (ROOT / file).read_text().count(change.before) == 1
