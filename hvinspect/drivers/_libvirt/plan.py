"""Decodes the usual reply in a fraction of the time, to what decode_carefully() makes of it. No I/O here.

The guests of a host are of few kinds: the same keys, the same devices, the same state. All of one kind have each number
from the same key, and lack the same fields for the same reasons. So how one of them is decoded carefully is traced, and
is the plan for the others. What is in any way unusual is left to the careful way, which alone knows the keys.
"""

from __future__ import annotations

from hvinspect.driver import DEFAULT_GROUPS

from .decode import Reading, decode_carefully
from .layout import MOST_KINDS, Layout, Row
from .lives import Counted, counted
from .reply import LIMIT, is_length_of
from .trace import plan_of

__all__ = ["decode"]


def decode(reading: Reading) -> Counted:
    """The record of one domain, and what is remembered of it."""
    reply = reading.reply
    layout, row = reply.laid_out()
    if (
        layout is None
        or reading.description.form is None
        or reply.reasons
        or reading.undescribed is not None
        or not _is_usual(layout, row, reading)
    ):
        return counted(decode_carefully(reading))
    kind = _kind(layout, row, reading)
    plan = layout.plans.get(kind)
    if plan is None:
        return _learn(layout, kind, row, reading)
    return plan(reading, row) or counted(decode_carefully(reading))


def _is_usual(layout: Layout, row: Row, reading: Reading) -> bool:
    """Are all numbers such as libvirt gives, and of the devices that are described?"""
    numbers, description = layout.numbers_in(row), reading.description
    return (
        layout.names_in(row) == description.names
        and min(numbers, default=0) >= 0
        and max(numbers, default=0) < LIMIT
        and reading.groups <= DEFAULT_GROUPS
        and (not reading.indexes or (*reading.indexes,) == description.nic_names)
    )


def _kind(layout: Layout, row: Row, reading: Reading) -> tuple[object, ...]:
    """What decides which fields there are, besides the keys."""
    return (
        reading.description.form,
        reading.instance.native_id is None,  # tells whether one that crashed is gone
        reading.daemon_version,
        reading.groups,
        bool(reading.indexes),
        *layout.deciding_in(row),
        *map(bool, layout.zeros_in(row)),
        *[is_length_of(row[one], row[other]) for one, other in layout.lengths],
    )


def _learn(layout: Layout, kind: tuple[object, ...], row: Row, reading: Reading) -> Counted:
    """What decode() gives of *reading*. If it is the second of its *kind*, there is a plan for those to come."""
    found = counted(decode_carefully(reading))
    if kind not in layout.seen:
        if len(layout.seen) >= MOST_KINDS:
            layout.seen.clear()
        layout.seen.add(kind)
        return found
    kept = [*layout.deciding, *(place for place in layout.zeros if not row[place])]
    plan = plan_of(
        reading,
        kept={layout.keys[place] for place in kept},
        names=layout.names,
        full={
            layout.keys[one]: layout.keys[other] for one, other in layout.lengths if is_length_of(row[one], row[other])
        },
    )
    if len(layout.plans) >= MOST_KINDS:
        layout.plans.clear()
    layout.plans[kind] = plan if plan is not None and plan(reading, row) == found else _carefully
    return found


def _carefully(_reading: Reading, _row: Row) -> None:
    """The plan for a kind that is not to be planned for."""
