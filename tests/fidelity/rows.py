"""What a row of a table of evidence is, how rows are judged, and how they are shown. No I/O here, and no hypervisor.

A table has, for each field that a driver gives, how it is known to be true. What its checks take, the *look*, is
each lab's own. A *series* gives of a path of the catalogue the values of each device, in the order of time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Generic, TypeAlias, TypeVar, final

from hvinspect import CATALOGUE, Kind

__all__ = [
    "How",
    "Row",
    "Series",
    "Table",
    "equal",
    "fails",
    "failures",
    "inside",
    "mismatched",
    "moved",
    "of_drivers",
    "shown",
]  # fmt: skip

Look = TypeVar("Look")
Series: TypeAlias = Callable[[str], Iterable[Sequence[Any]]]

#: Made by the core, of what drivers give: no driver's to be right about, unless its hypervisor supplies rates.
_OF_THE_CORE: Final = frozenset({"span"})
_OF_RATES: Final = frozenset({"rates", "disk_rates", "nic_rates"})


class How(str, Enum):
    """The kind of evidence."""

    EXACT = "equal to another source"
    BETWEEN = "between two reads of another source"
    BOUNDED = "near another source, within a stated bound"
    TOLD = "equal to what was put where it is read"
    ASKED = "as the lab made it"
    IDENTITY = "the same while it lives, different for others"
    DECODE_ONLY = "decode only"


# No slots: CPython's frozen classes that have them cannot be made by the name Row[...] (cpython #105936).
@final
@dataclass(frozen=True, kw_only=True)
class Row(Generic[Look]):
    """How one field is known to be true."""

    how: How
    #: What it is compared with; of DECODE_ONLY why there is nothing to compare it with.
    source: str
    check: Callable[[Look], None]
    #: Why a counter need not move in the lab; None if it must.
    still: str | None = None


#: Path of the catalogue -> its row.
Table: TypeAlias = Mapping[str, Row[Look]]


def inside(value: Any, before: Any, after: Any, *, slack: int = 0, what: object = "") -> None:
    """*value* is a number between the two reads, give or take *slack*."""
    assert type(value) is int, f"{what}: {value!r} is no number"
    low, high = min(before, after) - slack, max(before, after) + slack
    assert low <= value <= high, f"{what}: {value} is not between {low} and {high}"


def equal(value: Any, expected: Any, *, what: object = "") -> None:
    """*value* is *expected*, and of its type, so that True is not 1."""
    assert type(value) is type(expected), f"{what}: {value!r} is not {expected!r}"
    assert value == expected, f"{what}: {value!r} is not {expected!r}"


def of_drivers(given: Mapping[str, object], *, rates: bool = False) -> set[str]:
    """Of what a driver's provides() says, the paths that it gives itself; with *rates* those too."""
    cores = _OF_THE_CORE if rates else _OF_THE_CORE | _OF_RATES
    return {path for path, why in given.items() if why is None and CATALOGUE[path].record not in cores}


def mismatched(table: Mapping[str, object], given: Collection[str]) -> list[str]:
    """Fields that are given and have no row, and rows of fields that are not given."""
    return [
        *(f"{path}: given, and has no row" for path in sorted(set(given) - table.keys())),
        *(f"{path}: has a row, and is not given" for path in sorted(table.keys() - set(given))),
    ]


def fails(row: Row[Look], look: Look) -> str | None:
    """Why the row does not hold; None if it does."""
    try:
        row.check(look)
    except Exception as problem:  # noqa: BLE001 - whatever a wrong decoder does, the row does not hold
        return f"{type(problem).__name__} {problem}"
    return None


def failures(table: Table[Look], look: Look, series: Series) -> list[str]:
    """The rows that do not hold, and the counters that stood still, as "path: why"."""
    found = []
    for path, row in table.items():
        problem = fails(row, look)
        if problem is not None:
            found.append(f"{path}: {problem}")
        if CATALOGUE[path].kind is Kind.COUNTER and row.still is None and not moved(series(path)):
            found.append(f"{path}: did not move")
    return found


def moved(series: Iterable[Sequence[Any]]) -> bool:
    """Did the counter change on one and the same device?"""
    return any(len({value for value in values if value is not None}) > 1 for values in series)


def shown(
    table: Mapping[str, Row[Any]], lacking: Mapping[str, str], series: Series, **target: str
) -> list[dict[str, str]]:
    """One row for each field, *lacking* by path being why it is not given; each begins with the words of *target*."""

    def row(path: str, how: str, source: str, has_moved: str) -> dict[str, str]:
        return {**target, "field": path, "evidence": how, "source": source, "moved": has_moved}

    def has_moved(path: str) -> str:
        if CATALOGUE[path].kind is not Kind.COUNTER:
            return "-"
        return "yes" if moved(series(path)) else f"no: {table[path].still}"

    rows = [row(path, "not given", why, "-") for path, why in lacking.items()]
    rows += [row(path, one.how.value, one.source, has_moved(path)) for path, one in table.items()]
    order = list(CATALOGUE)
    return sorted(rows, key=lambda one: order.index(one["field"]))
