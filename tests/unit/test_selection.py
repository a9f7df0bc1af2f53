"""Which instances and which groups are asked for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hvinspect import DEFAULT_GROUPS, Group, Instance, Reason
from hvinspect._selection import Selection, requested_groups
from tests.unit.toy import hooks

U1, U2 = UUID(int=1), UUID(int=2)
KNOWN = (Instance(key="a", uuid=U1), Instance(key="b", uuid=U2), Instance(key="c", uuid=U2), Instance(key="d"))


def chosen(*wanted: Any) -> list[str]:
    return [one.key for one in Selection.of(wanted).apply(KNOWN)[0]]


def unknown(*wanted: Any) -> list[str]:
    return [failure.instance.key for failure in Selection.of(wanted).apply(KNOWN)[1]]


def test_none_is_all() -> None:
    assert Selection.of(None).apply(KNOWN) == (KNOWN, [])


def test_an_empty_collection_is_none() -> None:
    assert Selection.of([]).is_empty
    assert chosen() == []


def test_an_empty_selection_asks_the_hypervisor_nothing() -> None:
    asked: list[object] = []
    with hooks(inventory=asked.append) as toy, toy.connect() as connection:
        assert connection.snapshot([]).instances == ()
    assert asked == []


@pytest.mark.parametrize("wanted", ["a", U1, str(U1), str(U1).upper(), KNOWN[0], Instance(key="old key", uuid=U1)])
def test_an_instance_is_named_by_key_or_uuid_or_itself(wanted: object) -> None:
    assert chosen(wanted) == ["a"]


def test_a_uuid_of_two_instances_names_both() -> None:
    assert chosen(U2) == ["b", "c"]


def test_what_is_named_twice_is_chosen_once() -> None:
    assert chosen("a", U1, "a") == ["a"]


def test_the_order_is_the_hypervisors() -> None:
    assert chosen("d", "a") == ["a", "d"]


def test_what_is_unknown_is_a_failure() -> None:
    _, failures = Selection.of(["x"]).apply(KNOWN)
    assert [(one.instance.key, one.reason) for one in failures] == [("x", Reason.NOT_FOUND)]


def test_what_is_unknown_and_named_twice_fails_once() -> None:
    assert unknown("x", "x", UUID(int=9), str(UUID(int=9))) == ["x", str(UUID(int=9))]


def test_an_instance_without_uuid_is_not_found_by_that() -> None:
    assert unknown(Instance(key="x", uuid=None)) == ["x"]


@pytest.mark.parametrize("instances", ["a", b"a", U1, KNOWN[0]])
def test_one_instance_alone_is_a_type_error(instances: Any) -> None:
    with pytest.raises(TypeError, match="instances is a collection"):
        Selection.of(instances)


@pytest.mark.parametrize("wanted", [1, None, b"a", ("a",), 1.5])
def test_what_cannot_name_an_instance_is_a_type_error(wanted: Any) -> None:
    with pytest.raises(TypeError, match="an instance is named by"):
        Selection.of([wanted])


def test_groups_are_taken_as_they_are() -> None:
    assert requested_groups(DEFAULT_GROUPS) == DEFAULT_GROUPS


def test_a_group_may_be_given_by_its_value() -> None:
    assert requested_groups(["cpu"]) == {Group.CPU}  # type: ignore[list-item]


@pytest.mark.parametrize("groups", ["cpu", Group.CPU])
def test_one_group_alone_is_a_type_error(groups: Any) -> None:
    with pytest.raises(TypeError, match="groups is a collection"):
        requested_groups(groups)


@pytest.mark.parametrize("group", ["nonsense", Group.UNKNOWN, 5, None, []])
def test_what_is_no_group_is_a_value_error(group: Any) -> None:
    with pytest.raises(ValueError, match=r"not a valid Group|cannot be asked for"):
        requested_groups([group])
