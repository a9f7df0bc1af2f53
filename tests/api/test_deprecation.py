"""Deprecation from the first warning to the removal, on an example; and the registry against the code."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import inspect
import pickle
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from packaging.version import Version

import hvinspect
from hvinspect import _deprecation
from hvinspect._deprecation import Deprecation, HvinspectDeprecationWarning, deprecated
from tools.api import surface
from tools.api.compare import compare
from tools.api.deprecations import earliest, problems_of_registry, removed_too_early
from tools.api.surface import ROOT, Surface

ENTRY = Deprecation("hvinspect.old", "0.3", "2027-03-01", "use hvinspect.new()", "0.6.0")
MESSAGE = "hvinspect.old is deprecated since 0.3: use hvinspect.new(); not removed before 0.6.0"


# Type checkers take a message only where it is written out.
@deprecated("hvinspect.old is deprecated since 0.3: use hvinspect.new(); not removed before 0.6.0")
def old(number: int, *, twice: bool = False) -> int:
    """What was there first."""
    return number * (2 if twice else 1)


@deprecated("hvinspect.old is deprecated since 0.3: use hvinspect.new(); not removed before 0.6.0")
@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OldRecord:
    """A record that is to go."""

    number: int


def test_there_is_one_form_of_message() -> None:
    assert ENTRY.message == MESSAGE


def test_a_deprecated_function_warns_at_its_caller_and_works() -> None:
    with pytest.warns(HvinspectDeprecationWarning, match=re.escape(MESSAGE)) as caught:
        assert old(2, twice=True) == 4  # type: ignore[deprecated]  # that mypy says so is what this line shows
    assert [one.filename for one in caught] == [__file__]


def test_its_signature_stays() -> None:
    assert list(inspect.signature(old).parameters) == ["number", "twice"]  # type: ignore[deprecated]


def test_a_deprecated_record_keeps_its_signature_and_can_be_copied_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record = OldRecord(number=1)  # type: ignore[deprecated]
        assert dataclasses.replace(record, number=2).number == 2
        assert copy.deepcopy(record) == record == pickle.loads(pickle.dumps(record))
    assert list(inspect.signature(OldRecord).parameters) == ["number"]  # type: ignore[deprecated]


def test_what_cannot_carry_a_decorator_warns_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_deprecation.REGISTRY, ENTRY.symbol, ENTRY)

    def connect(*, retries: int | None = None) -> None:
        if retries is not None:
            _deprecation.warn(ENTRY.symbol)

    with pytest.warns(HvinspectDeprecationWarning, match=re.escape(MESSAGE)) as caught:
        connect(retries=1)
    assert [one.filename for one in caught] == [__file__]


def test_the_category_is_public_and_a_deprecation() -> None:
    assert hvinspect.HvinspectDeprecationWarning is HvinspectDeprecationWarning
    assert issubclass(HvinspectDeprecationWarning, DeprecationWarning)


def test_type_checkers_report_each_use(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("from tests.api.test_deprecation import old\nold(1)\n")
    command = [sys.executable, "-m", "mypy", "--enable-error-code=deprecated", "--config-file=", str(program)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={"MYPYPATH": str(ROOT)})
    assert "use hvinspect.new()" in ended.stdout
    assert "[deprecated]" in ended.stdout


# -- the registry


def marked(dump: Surface) -> dict[str, str]:
    """Symbol -> message of all that carries the decorator."""
    found = {}
    for symbol, facts in dump["symbols"].items():
        for name, one in {"": facts, **facts.get("members", {})}.items():
            if "deprecated" in one:
                found[f"{symbol}.{name}".rstrip(".")] = one["deprecated"]
    return found


def warned() -> set[str]:
    """Symbols that the code warns of by name."""
    sources = [path for path in (ROOT / "hvinspect").rglob("*.py") if path.name != "_deprecation.py"]
    return {
        name
        for path in sources
        for name in re.findall(r"""\b_deprecation\.warn\(\s*["']([^"']+)["']""", path.read_text())
    }


def test_the_registry_has_what_the_code_deprecates_and_nothing_else() -> None:
    in_code = marked(surface.take())
    assert in_code.keys() | warned() == _deprecation.REGISTRY.keys()
    for symbol, message in in_code.items():
        assert _deprecation.REGISTRY[symbol].message == message


def test_the_registry_keeps_the_periods() -> None:
    assert list(problems_of_registry({symbol: one._asdict() for symbol, one in _deprecation.REGISTRY.items()})) == []


# -- the periods, on the example


@pytest.mark.parametrize(("since", "first"), [("0.3", "0.6"), ("1.2", "2.0"), ("2.0", "3.0")])
def test_it_is_removed_in_a_major_after_two_minors(since: str, first: str) -> None:
    assert earliest(Version(since)) == Version(first)


def test_a_period_that_is_too_short_is_a_problem() -> None:
    assert list(problems_of_registry({"x": ENTRY._asdict()})) == []
    assert list(problems_of_registry({"x": ENTRY._replace(not_before="0.5.0")._asdict()}))


@pytest.fixture(scope="module")
def before() -> Surface:
    """As if connect() had been deprecated in 0.3."""
    dump = surface.take()
    entry = ENTRY._replace(symbol="hvinspect.connect")
    connect = {**dump["symbols"]["hvinspect.connect"], "deprecated": entry.message}
    return {
        **dump,
        "symbols": {**dump["symbols"], "hvinspect.connect": connect},
        "deprecations": {entry.symbol: entry._asdict()},
    }


@pytest.fixture(scope="module")
def without(before: Surface) -> Surface:
    """And removed."""
    exports = {**before["exports"]["hvinspect"]}
    del exports["connect"]
    symbols = {**before["symbols"]}
    del symbols["hvinspect.connect"]
    return {**before, "exports": {**before["exports"], "hvinspect": exports}, "symbols": symbols, "deprecations": {}}


def test_deprecating_is_an_addition(before: Surface) -> None:
    assert [one.rule for one in compare(surface.take(), before)] == ["deprecated"]


def test_removing_is_a_break(before: Surface, without: Surface) -> None:
    assert [one.rule for one in compare(before, without)] == ["name-removed"]


@pytest.mark.parametrize(
    ("version", "day", "early"),
    [
        ("0.5.0", "2029-01-01", "promised until 0.6.0"),
        ("0.6.0", "2028-02-28", "twelve months"),
        ("0.6.0", "2028-02-29", ""),
        ("0.6.0.dev0", "2028-03-01", ""),
    ],
)
def test_it_is_gone_neither_too_early_by_version_nor_by_date(
    version: str, day: str, early: str, before: Surface, without: Surface
) -> None:
    said = "".join(removed_too_early(before, without, Version(version), datetime.date.fromisoformat(day)))
    assert early in said
    assert bool(said) is bool(early)


def test_what_is_still_there_is_not_gone(before: Surface) -> None:
    now = {**before, "deprecations": {}}
    assert list(removed_too_early(before, now, Version("0.4.0"), datetime.date(2027, 4, 1))) == []
