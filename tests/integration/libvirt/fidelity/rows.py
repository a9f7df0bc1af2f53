"""How a field is compared with what was seen without libvirt: pure functions of what was looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from tests.fidelity import rows
from tests.fidelity.rows import How, equal, inside
from tests.integration.libvirt.fidelity.look import Look, Moment

#: The moments of the busy guest, between which it did all that it does.
BUSY: Final = ("first", "second")

Check: TypeAlias = Callable[[Look], None]


#: Of what this lab looks at.
Row: TypeAlias = rows.Row[Look]
Table: TypeAlias = rows.Table[Look]


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
