"""What a row of the table is, and how a row is judged: pure functions of what was looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias, final

from hvinspect import CATALOGUE, Kind
from tests.integration.libvirt.fidelity.look import Look, Moment

#: The moments of the busy guest, between which it did all that it does.
BUSY: Final = ("first", "second")

Check: TypeAlias = Callable[[Look], None]


class How(str, Enum):
    """The kind of evidence."""

    EXACT = "equal to a source outside libvirt"
    BETWEEN = "between two reads of a source outside libvirt"
    BOUNDED = "near a source outside libvirt, within a stated bound"
    TOLD = "equal to what was put into the kernel's file that libvirt reads"
    ASKED = "as the run made it"
    IDENTITY = "the same while it lives, different for others"
    DECODE_ONLY = "decode only"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one claimed field of one hypervisor is known to be true."""

    how: How
    #: What it is compared with.
    source: str
    check: Check
    #: Why a counter need not move in the lab; None if it must.
    still: str | None = None


#: Path of the catalogue -> its row.
Table: TypeAlias = Mapping[str, Row]


def inside(value: Any, before: Any, after: Any, *, slack: int = 0, what: object = "") -> None:
    """*value* is a number between the two reads, give or take *slack*."""
    assert type(value) is int, f"{what}: {value!r} is no number"
    low, high = min(before, after) - slack, max(before, after) + slack
    assert low <= value <= high, f"{what}: {value} is not between {low} and {high}"


def equal(value: Any, expected: Any, *, what: object = "") -> None:
    """*value* is *expected*, and of its type."""
    assert type(value) is type(expected), f"{what}: {value!r} is not {expected!r}"
    assert value == expected, f"{what}: {value!r} is not {expected!r}"


def between(
    field: str, moments: Iterable[str], value: Callable[[Moment], Any], truth: Callable[[Any], Any], slack: int = 0
) -> Check:
    """*value* of each moment lies between *truth* of what was seen before and after."""
    names = tuple(moments)

    def check(look: Look) -> None:
        for name in names:
            moment = look[name]
            inside(value(moment), truth(moment.before), truth(moment.after), slack=slack, what=f"{field} {name}")

    return check


def every(*checks: Check) -> Check:
    """All of *checks*."""

    def check(look: Look) -> None:
        for one in checks:
            one(look)

    return check


def fails(row: Row, look: Look) -> str | None:
    """Why the row does not hold; None if it does."""
    try:
        row.check(look)
    except Exception as problem:  # noqa: BLE001 - whatever a wrong decoder does, the row does not hold
        return f"{type(problem).__name__} {problem}"
    return None


def failures(tables: Mapping[str, Table], look: Look) -> list[str]:
    """The rows that do not hold, as "hypervisor path: why"."""
    found = []
    for hypervisor, table in tables.items():
        for path, row in table.items():
            problem = fails(row, look)
            if problem is not None:
                found.append(f"{hypervisor} {path}: {problem}")
            if CATALOGUE[path].kind is Kind.COUNTER and row.still is None and not moved(look, hypervisor, path):
                found.append(f"{hypervisor} {path}: did not move")
    return found


def moved(look: Look, hypervisor: str, path: str) -> bool:
    """Was the counter other than zero, and did it change on one and the same device?"""
    for series in look.series(hypervisor, path):
        known = [value for value in series if value is not None]
        if any(known) and len(set(known)) > 1:
            return True
    return False


def unclaimed(look: Look, hypervisor: str) -> dict[str, str]:
    """The paths that the driver says it does not give, with its reason."""
    capabilities = look.of(hypervisor)[0].capabilities
    return {one.field.path: str(one.absence) for one in capabilities if one.absence is not None}


def claimed(look: Look, hypervisor: str) -> set[str]:
    """The paths that the driver says it gives."""
    return {one.field.path for one in look.of(hypervisor)[0].capabilities if one.absence is None}


def identity(record: str) -> Row:
    """Incarnations: the same while it lives, different from those of others."""

    def check(look: Look) -> None:
        first, second = (look[name].records(record) for name in BUSY)
        found = [one.incarnation for one in first]
        assert found
        assert all(type(one) is str and one for one in found)
        equal([one.incarnation for one in second], found)
        assert len(set(found)) == len(found)
        others = {one.incarnation for name in ("still", "described") for one in look[name].records(record)}
        assert not others & set(found)

    return Row(how=How.IDENTITY, source="two snapshots of one life, and of other instances", check=check)


def asked(record: str, field: str, check: Callable[[Look], None]) -> Row:
    """A description: it is what the run asked for."""
    return Row(how=How.ASKED, source=f"what the run asked for or did: {record}'s {field}", check=check)


def sides(moment: Moment) -> tuple[Any, Any]:
    """What was seen before the snapshot, and after it."""
    return moment.before, moment.after


def value_of(record: str, field: str) -> Callable[[Moment], Any]:
    """The field of the first of such records."""
    return lambda moment: getattr(moment.records(record)[0], field)


def seen_at(*names: str) -> Callable[[Any], Any]:
    """What was seen without libvirt at that place."""

    def truth(seen: Any) -> Any:
        for name in names:
            seen = seen[name]
        return seen

    return truth


def seen_by_guest(truth: Callable[[Any], int]) -> Callable[[Any], int]:
    """What the guest told of itself."""
    return lambda seen: truth(seen["guest"])
