"""The catalogue: every field says its unit, kind, meaning and first version, and its name agrees."""

from __future__ import annotations

import dataclasses
import inspect
from enum import Enum
from typing import Any, get_type_hints

import pytest

import hvinspect
from hvinspect import CATALOGUE, Field, Kind, Unit, _model, _rates, samples
from hvinspect.driver import record

RECORDS = sorted(
    {
        kind
        for module in (hvinspect, _model, _rates, samples)
        for kind in vars(module).values()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind)
    },
    key=lambda kind: kind.__name__,
)
ENUMS = sorted(
    {kind for kind in vars(hvinspect).values() if isinstance(kind, type) and issubclass(kind, Enum)},
    key=lambda kind: kind.__name__,
)
# Told in the hypervisor's own seconds, which have no zero that is known here.
_SUFFIXES = sorted((unit.value for unit in Unit if unit.value.startswith("_")), key=len, reverse=True)

every_field = pytest.mark.parametrize("field", CATALOGUE.values(), ids=str)
every_record = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)


def suffix_of(name: str) -> str:
    """The longest unit that *name* ends in; empty if none."""
    return next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), "")


@every_field
def test_the_suffix_is_the_unit(field: Field) -> None:
    expected = {Unit.COUNT: "", Unit.NONE: ""}.get(field.unit, field.unit.value)
    assert suffix_of(field.name) == expected


@every_field
def test_a_countable_is_a_plural(field: Field) -> None:
    if field.unit is Unit.COUNT:
        plural = (field.name.endswith("s"), *(part.endswith("s") for part in field.name.split("_")))
        assert any(plural), f"{field} counts things and is no plural"


@every_field
def test_seconds_and_milliseconds_are_no_unit(field: Field) -> None:
    if not field.name.endswith("_per_s"):
        assert not field.name.endswith(("_s", "_ms", "_us", "_seconds", "_kb", "_kib", "_mb", "_percent"))


@every_field
def test_a_name_says_neither_total_nor_rate(field: Field) -> None:
    assert not field.name.endswith(("_total", "_rate"))


@every_field
def test_a_field_is_explained_in_a_sentence(field: Field) -> None:
    assert field.meaning[0].isupper()
    assert field.meaning.rstrip()[-1] in ".?"


@every_field
def test_a_field_names_its_first_version(field: Field) -> None:
    major, minor = field.since.split(".")
    assert (int(major), int(minor)) >= (0, 1)


@every_field
def test_a_field_has_a_known_kind_and_unit(field: Field) -> None:
    assert field.kind is not Kind.UNKNOWN
    assert field.unit is not Unit.UNKNOWN


@every_field
def test_a_counter_is_an_integer_or_not_known(field: Field) -> None:
    if field.kind is Kind.COUNTER:
        assert _hint(field) == int | None


@every_field
def test_a_field_is_numeric_if_its_type_and_unit_are(field: Field) -> None:
    number = _hint(field) in (int, float, int | None, float | None)
    assert field.numeric == (number and field.unit is not Unit.NONE)


@every_field
def test_a_path_is_the_record_and_the_name(field: Field) -> None:
    assert field.path == f"{field.record}.{field.name}"
    assert CATALOGUE[field.path] is field


@every_record
def test_a_record_is_frozen(record: type[Any]) -> None:
    assert record.__dataclass_params__.frozen


@every_record
def test_a_record_has_slots_and_no_dict(record: type[Any]) -> None:
    assert all("__slots__" in vars(kind) for kind in record.__mro__[:-1])


@every_record
def test_a_record_is_final_and_takes_keywords_only(record: type[Any]) -> None:
    # An Absence is made in great numbers, of two values whose order is clear.
    if record.__name__ in ("Absence", "DriverStatus"):
        return
    assert getattr(record, "__final__", False) or record.__name__ == "Record"
    kinds = {parameter.kind for parameter in inspect.signature(record).parameters.values()}
    assert kinds <= {inspect.Parameter.KEYWORD_ONLY}


@every_record
def test_a_record_holds_nothing_that_can_change(record: type[Any]) -> None:
    for name, hint in get_type_hints(record).items():
        told = str(hint)
        assert "list" not in told, name
        assert "dict" not in told, name


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_an_enum_is_text_and_open(kind: type[Enum]) -> None:
    assert issubclass(kind, str)
    assert kind["UNKNOWN"].value == "unknown"


def test_the_default_groups_are_those_of_the_design() -> None:
    assert {group.value for group in hvinspect.DEFAULT_GROUPS} == {"state", "cpu", "memory", "disk", "nic"}


def _hint(field: Field) -> Any:
    records = {kind: name for name, kind in _short_names().items()}
    owner = next(kind for kind, name in records.items() if name == field.record)
    return get_type_hints(owner)[field.name]


def _short_names() -> dict[str, type[Any]]:
    by_fields = {}
    for name in {field.record for field in CATALOGUE.values()}:
        names = [field.name for field in CATALOGUE.values() if field.record == name]
        by_fields[name] = next(record for record in RECORDS if _declared(record) == names)
    return by_fields


def _declared(record: type[Any]) -> list[str]:
    return [field.name for field in dataclasses.fields(record) if field.metadata]


@record
class _Counted:
    """A record of a driver's own, with all that a dataclass may have."""

    number: int
    seen: list[int] = dataclasses.field(default_factory=list[int])

    def __post_init__(self) -> None:
        self.seen.append(self.number)


def test_a_record_may_have_defaults_that_are_made_and_an_end_of_its_making() -> None:
    assert _Counted(number=1).seen == [1]
    assert _Counted(number=2).seen == [2]


@every_record
def test_a_record_wants_what_has_no_default_and_nothing_unknown(record: type[Any]) -> None:
    wanted = {field.name: None for field in dataclasses.fields(record) if field.default is dataclasses.MISSING}
    made = record(**wanted)
    for field in dataclasses.fields(record):
        assert getattr(made, field.name) is (None if field.name in wanted else field.default)
    for name in wanted:
        with pytest.raises(TypeError, match=name):
            record(**{other: None for other in wanted if other != name})
    with pytest.raises(TypeError, match="unheard_of"):
        record(**wanted, unheard_of=1)


def test_a_group_is_found_by_its_text() -> None:
    assert "cpu" in hvinspect.DEFAULT_GROUPS
