"""The planned way of decoding gives what the careful way gives, and is taken for the guests that a host is full of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hvinspect import DEFAULT_GROUPS
from hvinspect.drivers._libvirt import plan
from hvinspect.drivers._libvirt.decode import Reading, decode_carefully
from hvinspect.drivers._libvirt.describe import Description, describe
from hvinspect.drivers._libvirt.plan import decode
from hvinspect.drivers._libvirt.reply import Reply

from .case import TAKEN, all_cases, load

_CASES = [load(name) for name in all_cases()]
_BULK = [case for case in _CASES if case.bulk is not None]
_EDGES = (0, 1, 2, 5, 6, -1, 512, 1 << 32, 2**53, 2**53 - 1, 9_223_372_036, 9_223_372_037, 2**63 - 1, 2**63, 2**64 - 1)
_VALUES = st.sampled_from((*_EDGES, True, None, "vda", "x", 1.5)) | st.integers(0, 10**12)
_VERSIONS = st.sampled_from((1_002_009, 7_000_000, 9_000_000, 11_003_000))


@st.composite
def _readings(draw: st.DrawFn) -> Reading:
    """A recorded one, in which some values are others and some keys are gone."""
    case = draw(st.sampled_from(_BULK))
    values = dict(case.reply.values)
    for key in draw(st.lists(st.sampled_from(sorted(values)), max_size=4)):
        if draw(st.booleans()):
            values[key] = draw(_VALUES)
        else:
            values.pop(key, None)
    nics = [one.target or "" for one in case.description.nics]
    return Reading(
        instance=case.decode().instance,
        life=draw(st.sampled_from(("life/1", "a%s{b}~3"))),
        taken=TAKEN,
        groups=draw(st.sampled_from((DEFAULT_GROUPS, frozenset(sorted(DEFAULT_GROUPS)[:3])))),
        reply=Reply(values),
        description=draw(st.sampled_from((case.description, _others(case.description)))),
        daemon_version=draw(_VERSIONS),
        indexes=draw(st.sampled_from(({}, dict.fromkeys(nics, 7), {"vnet9": 3}))),
    )


def _others(description: Description) -> Description:
    """The same with devices that have other names of their own."""
    return replace(
        description,
        disks=tuple(replace(one, alias=one.alias and f"ua-{one.alias}%", serial="s") for one in description.disks),
        nics=tuple(replace(one, mac="52:54:00:00:00:99", bridge="br{9}") for one in description.nics),
    )


def _changed(reading: Reading, changes: list[tuple[int, Any]]) -> Reading:
    values: dict[str, Any] = {
        key: value + 1000 if type(value) is int and value > 1000 else value
        for key, value in reading.reply.values.items()
    }
    keys = [*values]
    for place, value in changes if keys else ():
        values[keys[place % len(keys)]] = value
    return replace(reading, reply=Reply(values))


@given(_readings(), st.lists(st.lists(st.tuples(st.integers(0, 1000), _VALUES), max_size=3), min_size=12, max_size=12))
@settings(
    max_examples=400, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
def test_guests_of_one_kind_decode_as_each_would_with_care(
    reading: Reading, others: list[list[tuple[int, Any]]]
) -> None:
    # At the third there is a plan.
    for one in (reading, reading, *(_changed(reading, changes) for changes in others)):
        assert decode(one) == decode_carefully(one)


@pytest.mark.parametrize("daemon_version", [9_000_000, 11_003_000])
@pytest.mark.parametrize("name", [case.name for case in _BULK])
def test_one_value_that_is_unlike_that_of_others_counts_by_itself(name: str, daemon_version: int) -> None:
    reading = replace(_reading(name), daemon_version=daemon_version)
    for _ in range(2):
        decode(reading)
    for key in reading.reply.values:
        for value in (*_EDGES, reading.reply.values.get(key.replace("physical", "capacity")), True):
            other = replace(reading, reply=Reply({**reading.reply.values, key: value}))
            assert decode(other) == decode_carefully(other), (key, value)


def _reading(name: str) -> Reading:
    case = load(name)
    return Reading(
        instance=case.decode().instance,
        life="life",
        taken=TAKEN,
        groups=DEFAULT_GROUPS,
        reply=Reply(case.bulk or {}),
        description=describe(case.xml, described_at=1),
        daemon_version=9_000_000,
    )


@pytest.mark.parametrize(
    "name", ["running", "newest", "paused", "shut-off", "user-mode-nic", "no-balloon", "vcpus-plugged"]
)
def test_the_third_guest_of_a_kind_is_not_decoded_with_care(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = _reading(name)
    expected = [decode(reading) for _ in range(2)][-1]

    def not_now(_reading: Reading) -> None:
        pytest.fail("decoded with care")

    monkeypatch.setattr(plan, "decode_carefully", not_now)
    assert decode(reading) == expected


def test_what_is_like_a_tag_is_never_taken_for_one() -> None:
    reading = _reading("running")
    for number in ((1 << 32) - 1, 1 << 32, (1 << 32) + 1024):
        other = replace(reading, reply=Reply({**reading.reply.values, "state.reason": number}))
        for _ in range(3):
            assert decode(other) == decode_carefully(other)
