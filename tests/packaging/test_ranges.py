"""The ranges that installers are told, and what the pages say of them."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.wheels import ROOT
from tools import pythons, ranges

EVERY = [(extra, one) for extra, needed in ranges.declared().items() for one in needed]
NOXFILE = (ROOT / "noxfile.py").read_text()
_EXTRAS = re.compile(r"hvinspect\[([\w,-]+)\]")


@pytest.mark.parametrize(("extra", "requirement"), EVERY, ids=[f"{extra}-{one.name}" for extra, one in EVERY])
def test_a_dependency_has_a_lowest_version_and_no_cap(extra: str, requirement: Requirement) -> None:
    assert ranges.lowest(requirement)


def test_a_dependency_of_two_extras_has_one_lowest_version() -> None:
    held = [line.partition("==")[0] for line in ranges.constraints()]
    assert len(held) == len(set(held))


@pytest.mark.parametrize("text", ["click", "click>=8,<9", "click==8.1", "click~=8.1"])
def test_another_kind_of_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no cap"):
        ranges.lowest(Requirement(text))


def test_the_oldest_python_that_is_looked_for_is_the_oldest_that_is_declared() -> None:
    oldest = ".".join(map(str, pythons.OLDEST))
    assert ranges.pythons() == f">={oldest}"
    assert all(version in SpecifierSet(ranges.pythons()) for version in pythons.found())


def test_the_oldest_ceilometer_that_is_tried_is_the_lowest_that_is_declared() -> None:
    (declared,) = ranges.declared()["ceilometer"]
    tried = re.search(r'^CEILOMETER, CEILOMETER_OLDER = "[\d.]+", "([\d.]+)"$', NOXFILE, flags=re.MULTILINE)
    assert tried is not None
    assert tried[1] == ranges.lowest(declared)


def test_the_pages_name_no_extra_that_does_not_exist() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "hvinspect").rglob("*.py")]
    told = {word for page in pages for match in _EXTRAS.finditer(page.read_text()) for word in match[1].split(",")}
    assert told
    assert told <= set(ranges.declared())
