"""The pages name all that there is: a table that is written by hand goes out of date without a word."""

from __future__ import annotations

import pytest

import hvinspect
from tests.lab.settings import PROJECT_ROOT

DOCS = PROJECT_ROOT / "docs"


def rows(page: str) -> set[str]:
    """What the rows of the page's tables begin with."""
    return {line.split("|")[1].strip(" `") for line in (DOCS / page).read_text().splitlines() if line.startswith("| `")}


@pytest.mark.parametrize("reason", [reason.name for reason in hvinspect.Reason])
def test_every_reason_has_what_helps(reason: str) -> None:
    assert reason in rows("absence.md")


@pytest.mark.parametrize("error", [error.__name__ for error in hvinspect.Error.__subclasses__()])
def test_every_error_has_a_remedy(error: str) -> None:
    assert error in rows("errors.md")


@pytest.mark.parametrize("field", sorted(hvinspect.Health.__dataclass_fields__.keys() - {"connected", "calls"}))
def test_what_grows_in_health_is_explained(field: str) -> None:
    assert any(field in row for row in (DOCS / "agents.md").read_text().splitlines() if row.startswith("|"))
