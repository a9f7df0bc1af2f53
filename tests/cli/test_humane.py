"""Numbers for people."""

from __future__ import annotations

import pytest

from hvinspect import CATALOGUE
from hvinspect.cli import humane


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (10 * 1024, "10 KiB"),
        (999 * 1024, "999 KiB"),
        (1000 * 1024, "1.0 MiB"),
        (5 * 1024**3, "5.0 GiB"),
        (2**80, "1048576 EiB"),
        (-1536, "-1.5 KiB"),
    ],
)
def test_a_size_has_its_unit(number: int, text: str) -> None:
    assert humane.size(number) == text


def test_a_size_takes_at_most_seven_characters() -> None:
    assert max(len(humane.size(factor * 10**power)) for power in range(18) for factor in (1, 5, 9.99)) <= 7


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0 ns"),
        (1500, "1.5 us"),
        (2_500_000, "2.5 ms"),
        (12_340_000_000, "12.34 s"),
        (61_000_000_000, "1m 01s"),
        (3 * 3600 * 10**9 + 5 * 60 * 10**9, "3h 05m"),
        (49 * 3600 * 10**9, "2d 01h"),
        (-61_000_000_000, "-1m 01s"),
    ],
)
def test_a_duration_has_its_unit(nanoseconds: int, text: str) -> None:
    assert humane.duration(nanoseconds) == text


def test_a_moment_is_utc() -> None:
    assert humane.moment(0) == "1970-01-01T00:00:00Z"


def test_a_moment_beyond_the_calendar_is_told_in_nanoseconds() -> None:
    assert humane.moment(2**70) == f"{2**70} ns since 1970"


def test_an_exact_value_has_the_raw_number_too() -> None:
    assert humane.exact(CATALOGUE["disk.read_bytes"], 1536) == "1,536 (1.5 KiB)"


def test_a_value_is_shown_by_the_unit_of_its_field() -> None:
    assert humane.shown(CATALOGUE["nic_rates.rx_bytes_per_s"], 2048.0) == "2.0 KiB/s"
    assert humane.shown(CATALOGUE["rates.cpu_fraction"], 0.25) == "25 %"
    assert humane.shown(CATALOGUE["nic.link_up"], False) == "no"
    assert humane.shown(CATALOGUE["nic.filter_parameters"], (("IP", "10.0.0.2"),)) == "IP=10.0.0.2"
