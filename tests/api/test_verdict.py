"""Which bump allows what, and which number would be right."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from packaging.version import Version

from tools.api import waivers
from tools.api.baselines import Baseline, NoBaseline, relevant
from tools.api.findings import Audience, Finding, Level, merged
from tools.api.verdict import Numbers, granted, judge, needed
from tools.api.waivers import Waiver

TODAY = datetime.date(2027, 1, 1)


def finding(level: Level, *audiences: Audience, rule: str = "name-removed") -> Finding:
    return Finding(
        rule=rule, level=level, audiences=audiences or (Audience.CALLER,), symbol="x.y", before="a", after="b"
    )


@pytest.mark.parametrize(
    ("baseline", "now", "level"),
    [
        ("0.1.0", "0.2.0", Level.MAJOR),
        ("0.1.0", "0.2.0.dev0", Level.MAJOR),
        ("0.1.0", "0.1.1", Level.MINOR),
        ("0.1.0", "0.1.0", Level.PATCH),
        ("0.1.0.dev0", "0.1.0.dev0", Level.MINOR),
        ("0.1.0.dev0", "0.1.0", Level.MINOR),
        ("0.9.0", "1.0.0", Level.MAJOR),
        ("1.2.0", "1.2.1", Level.PATCH),
        ("1.2.0", "1.3.0", Level.MINOR),
        ("1.2.0", "2.0.0", Level.MAJOR),
    ],
)
def test_a_bump_allows_what_it_says(baseline: str, now: str, level: Level) -> None:
    assert granted(Version(baseline), Version(now)) is level


@pytest.mark.parametrize(
    ("baseline", "level", "version"),
    [
        ("0.1.0", Level.MAJOR, "0.2.0"),
        ("0.1.0", Level.MINOR, "0.1.1"),
        ("1.2.3", Level.MAJOR, "2.0.0"),
        ("1.2.3", Level.MINOR, "1.3.0"),
        ("1.2.3", Level.PATCH, "1.2.4"),
    ],
)
def test_the_version_that_would_be_right_is_named(baseline: str, level: Level, version: str) -> None:
    assert needed(Version(baseline), level) == Version(version)


def test_each_audience_has_its_own_number() -> None:
    old = Numbers(Version("1.0.0"), 1, 1)
    one = finding(Level.MAJOR, *Audience)
    assert judge([one], old, old).excessive[one] == (
        "version 2.0.0 (it is 1.0.0), DRIVER_API 2 (it is 1), SCHEMA 2 (it is 1)"
    )
    assert not judge([one], old, Numbers(Version("2.0.0"), 2, 2)).excessive
    assert "SCHEMA 2" in judge([one], old, Numbers(Version("2.0.0"), 2, 1)).excessive[one]


def test_a_break_for_readers_alone_is_an_addition_to_the_package() -> None:
    old, one = Numbers(Version("1.0.0"), 1, 1), finding(Level.MAJOR, Audience.READER)
    assert not judge([one], old, Numbers(Version("1.1.0"), 1, 2)).excessive
    assert judge([one], old, Numbers(Version("1.0.1"), 1, 2)).excessive


def test_what_is_found_twice_concerns_all_whom_either_names() -> None:
    twice = [finding(Level.MAJOR, Audience.CALLER), finding(Level.MAJOR, Audience.READER)]
    assert [set(one.audiences) for one in merged(twice)] == [{Audience.CALLER, Audience.READER}]


def baselines(*versions: str) -> list[Baseline]:
    return [Baseline(Version(one), Path(one)) for one in versions]


@pytest.mark.parametrize(
    ("now", "there", "chosen"),
    [
        ("0.1.0.dev0", ["0.1.0.dev0"], ["0.1.0.dev0"]),
        ("0.1.0", ["0.1.0.dev0", "0.1.0.dev1"], ["0.1.0.dev1", "0.1.0.dev0"]),
        ("0.1.3", ["0.1.0.dev0", "0.1.0", "0.1.2"], ["0.1.2", "0.1.0"]),
        ("0.2.0.dev0", ["0.1.0", "0.1.2"], ["0.1.2"]),
        ("1.3.0", ["0.9.0", "1.0.0", "1.1.0", "1.2.0"], ["1.2.0", "1.0.0"]),
        ("2.0.0.dev0", ["1.0.0", "1.2.0"], ["1.2.0"]),
    ],
)
def test_the_last_release_and_the_first_of_the_series_count(now: str, there: list[str], chosen: list[str]) -> None:
    assert [str(one.version) for one in relevant(Version(now), baselines(*there))] == chosen


@pytest.mark.parametrize(
    ("now", "there"),
    [("0.1.0", []), ("0.1.0", ["0.2.0"]), ("0.1.3", ["0.1.2"]), ("0.2.1", ["0.1.0"]), ("1.2.0", ["0.9.0"])],
)
def test_a_missing_baseline_is_an_error(now: str, there: list[str]) -> None:
    with pytest.raises(NoBaseline):
        relevant(Version(now), baselines(*there))


def test_a_baseline_without_its_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not in the subpath"):
        Baseline(Version("0.1.0"), tmp_path).surface  # noqa: B018  # reading it is the test
    from tools.api.baselines import FOLDER

    with pytest.raises(NoBaseline, match=r"has no surface\.json"):
        Baseline(Version("0.1.0"), FOLDER / "0.0.0").surface  # noqa: B018


def waiver(expires: datetime.date = TODAY, symbol: str = "x.y") -> Waiver:
    return Waiver("name-removed", symbol, "it never worked", expires)


def test_a_waiver_covers_one_rule_and_symbol() -> None:
    assert waiver().covers(finding(Level.MAJOR))
    assert not waiver(symbol="x.z").covers(finding(Level.MAJOR))
    assert not waiver().covers(finding(Level.MAJOR, rule="kind-changed"))


def test_a_needed_waiver_is_no_problem() -> None:
    assert list(waivers.problems([waiver()], [finding(Level.MAJOR)], TODAY)) == []


def test_an_expired_waiver_fails() -> None:
    old = waiver(TODAY - datetime.timedelta(days=1))
    assert "expired" in "".join(waivers.problems([old], [finding(Level.MAJOR)], TODAY))


def test_an_unused_waiver_fails() -> None:
    assert "not needed" in "".join(waivers.problems([waiver()], [], TODAY))


def test_a_waiver_of_what_was_not_looked_for_is_not_unused() -> None:
    assert list(waivers.problems([waiver()], [], TODAY, everything=False)) == []


@pytest.mark.parametrize(
    "entry",
    [
        'rule = "name-removed"\nsymbol = "x"\nreason = "y"',
        'rule = "name-removed"\nsymbol = "x"\nreason = " "\nexpires = 2027-01-01',
        'rule = "no-such-rule"\nsymbol = "x"\nreason = "y"\nexpires = 2027-01-01',
        'rule = "name-removed"\nsymbol = "x"\nreason = "y"\nexpires = "next year"',
    ],
)
def test_a_waiver_that_is_not_complete_is_refused(entry: str, tmp_path: Path) -> None:
    file = tmp_path / "waivers.toml"
    file.write_text(f"[[waiver]]\n{entry}\n")
    with pytest.raises(ValueError, match="waiver"):
        waivers.read(file)
