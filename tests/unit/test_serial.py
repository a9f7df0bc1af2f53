"""Records to plain data and back, across versions, and whatever else comes in their place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hvinspect import (
    SCHEMA,
    HostRates,
    HostStats,
    RatesSnapshot,
    ReplyInvalid,
    Snapshot,
    State,
    from_dict,
    to_dict,
)
from tests.unit.records import full, storable

KINDS = [Snapshot, HostStats, RatesSnapshot, HostRates]
unhurried = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def plain(kind: type[Any] = Snapshot) -> dict[str, Any]:
    """A full record as plain data, as it comes out of a file."""
    made: dict[str, Any] = json.loads(json.dumps(to_dict(full(kind))))
    return made


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in plain data."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [place for key in keys for place in ((value, key), *places(value[key]))]


@unhurried
@given(storable())
def test_what_was_stored_comes_back(record: Any) -> None:
    assert from_dict(json.loads(json.dumps(to_dict(record)))).record == record


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_nothing_is_left_aside_of_what_was_stored(kind: type[Any]) -> None:
    restored = from_dict(plain(kind))
    assert restored.record == full(kind)
    assert (restored.unknown_keys, restored.unknown_values) == (0, 0)


def test_what_is_none_is_left_out() -> None:
    stored = to_dict(HostStats(incarnation="1", taken=full(HostStats).taken))
    assert "cpus" not in stored


def test_the_schema_and_the_kind_are_told() -> None:
    assert (plain()["schema"], plain()["kind"]) == (SCHEMA, "snapshot")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_unknown_key_is_skipped_and_counted_at_every_level(kind: type[Any]) -> None:
    data = plain(kind)
    levels = [data, *(place[key] for place, key in places(data) if isinstance(place[key], dict))]
    # The keys of "absences" are fields' names; which there are is not the format's affair.
    levels = [level for level in levels if "reason" not in level or "instance" in level]
    for level in levels:
        level["from_a_later_version"] = {"deep": [1]}
    restored = from_dict(data)
    assert restored.record == full(kind)
    assert restored.unknown_keys == len(levels)


def test_an_unknown_key_of_a_reason_is_counted() -> None:
    data = {"schema": 1, "kind": "host", "incarnation": "1", "taken": plain(HostStats)["taken"]}
    data["absences"] = {"cpus": {"reason": "busy", "detail": "d", "since": 5}}
    assert from_dict(data).unknown_keys == 1


def test_an_unknown_value_of_an_enum_is_read_as_unknown_and_counted() -> None:
    data = plain()
    data["instances"][0]["state"] = "levitating"
    restored = from_dict(data)
    assert isinstance(restored.record, Snapshot)
    assert restored.record.instances[0].state is State.UNKNOWN
    assert restored.unknown_values == 1


def test_an_unknown_reason_is_counted() -> None:
    data = plain()
    data["failures"][0]["reason"] = "abducted"
    assert from_dict(data).unknown_values == 1


def test_a_newer_schema_is_refused() -> None:
    with pytest.raises(ReplyInvalid, match="schema"):
        from_dict({**plain(), "schema": SCHEMA + 1})


@pytest.mark.parametrize("schema", [None, "1", True, 0, -1, 1.0, [1]])
def test_a_schema_that_is_none_is_refused(schema: Any) -> None:
    with pytest.raises(ReplyInvalid, match="schema"):
        from_dict({**plain(), "schema": schema})


@pytest.mark.parametrize("data", [None, [], "snapshot", 5, {}, {"kind": []}, {"kind": "x\x1b"}, [("kind", "host")]])
def test_what_is_no_record_is_refused(data: Any) -> None:
    with pytest.raises(ReplyInvalid, match="no record of hvinspect") as caught:
        from_dict(data)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("missing", ["taken", "driver", "versions", "instances"])
def test_what_a_record_cannot_be_without_is_required(missing: str) -> None:
    data = plain()
    del data[missing]
    with pytest.raises(ReplyInvalid, match=missing):
        from_dict(data)


def test_no_field_takes_a_value_of_another_type() -> None:
    for index in range(len(places(plain()))):
        data = plain()
        place, key = places(data)[index]
        if key in ("schema", "kind"):
            continue
        before = place[key]
        for wrong in (1, 1.5, "x", True, [None], {"x": 1}):
            if _alike(wrong, before):
                continue
            place[key] = wrong
            assert _read_or_refuse(data) is None, f"{wrong!r} was taken for {before!r} at {key!r}"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_finite_number_is_refused(number: float) -> None:
    data = plain(HostRates)
    data["user_cores"] = number
    with pytest.raises(ReplyInvalid, match="finite"):
        from_dict(data)


@pytest.mark.parametrize("number", [10**400, -(10**400), 2**64 + 1])
def test_a_number_that_nothing_reaches_is_refused(number: int) -> None:
    # With some of them no rate can be had: a float does not hold them.
    for kind, field in ((HostStats, "user_ns"), (HostRates, "user_cores")):
        data = plain(kind)
        data[field] = number
        with pytest.raises(ReplyInvalid, match="bits"):
            from_dict(data)


@unhurried
@given(st.data())
def test_damaged_data_is_read_or_refused(data: st.DataObject) -> None:
    damaged = plain(data.draw(st.sampled_from(KINDS)))
    for _ in range(data.draw(st.integers(1, 3))):
        place, key = data.draw(st.sampled_from(places(damaged)))
        place[key] = data.draw(json_values)
    _read_or_refuse(damaged)


@unhurried
@given(json_values, st.sampled_from(["snapshot", "host", "rates", "host_rates"]))
def test_any_json_is_read_or_refused(value: Any, kind: str) -> None:
    _read_or_refuse(value)
    _read_or_refuse({"schema": 1, "kind": kind, "instances": value, "taken": value, "absences": value})


@pytest.mark.parametrize("record", [None, {}, "x", full(Snapshot).instances[0]])
def test_what_cannot_be_stored_is_a_type_error(record: Any) -> None:
    with pytest.raises(TypeError, match="to_dict"):
        to_dict(record)


def _alike(wrong: Any, before: Any) -> bool:
    number = isinstance(before, float) and type(wrong) in (int, float)
    # Text may be of an enum or free: both are text. A dict may be a record of which every key is optional.
    return number or type(wrong) is type(before)


def _read_or_refuse(data: Any) -> Any:
    try:
        record = from_dict(data).record
    except ReplyInvalid:
        return None
    assert isinstance(record, tuple(KINDS))
    return record
