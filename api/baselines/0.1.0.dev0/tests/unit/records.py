"""Records made by their own types: some at random, one with every field filled."""

from __future__ import annotations

import dataclasses
import types
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from hypothesis import strategies as st

from hvinspect import Absence, Absences, HostRates, HostStats, RatesSnapshot, Reason, Snapshot

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(0, 2**64),
    float: st.floats(0, 1e12),
    str: _TEXT,
    UUID: st.uuids(),
    Absences: st.dictionaries(_TEXT, st.builds(Absence, st.sampled_from(Reason), _TEXT), max_size=2).map(Absences),
}
_FILLED: dict[Any, Any] = {bool: True, int: 1, float: 1.0, str: "x", UUID: UUID(int=1), Absences: Absences()}


@cache
def of_type(hint: Any) -> st.SearchStrategy[Any]:
    """Values of the type *hint*, a record or what a record holds."""
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if get_origin(hint) in (Union, types.UnionType):
        return st.none() | of_type(_plain(hint))
    if get_origin(hint) is tuple:
        inner = get_args(hint)
        if inner[-1] is Ellipsis:
            return st.lists(of_type(inner[0]), max_size=2).map(tuple)
        return st.tuples(*(of_type(one) for one in inner))
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    hints = get_type_hints(hint)
    return st.builds(hint, **{name: of_type(hints[name]) for name in hints if name in _names(hint)})


def full(hint: Any) -> Any:
    """A value of the type *hint* in which nothing is missing."""
    if hint in _FILLED:
        return _FILLED[hint]
    if get_origin(hint) in (Union, types.UnionType):
        return full(_plain(hint))
    if get_origin(hint) is tuple:
        return tuple(full(one) for one in get_args(hint) if one is not Ellipsis)
    if issubclass(hint, Enum):
        return next(iter(hint))
    hints = get_type_hints(hint)
    return hint(**{name: full(hints[name]) for name in _names(hint)})


def snapshots() -> st.SearchStrategy[Snapshot]:
    """Snapshots of any content."""
    return of_type(Snapshot)


def storable() -> st.SearchStrategy[Any]:
    """Whatever to_dict() takes."""
    return st.one_of([of_type(kind) for kind in (Snapshot, HostStats, RatesSnapshot, HostRates)])


def _plain(hint: Any) -> Any:
    return next(one for one in get_args(hint) if one is not type(None))


def _names(record: Any) -> set[str]:
    return {field.name for field in dataclasses.fields(record)}
