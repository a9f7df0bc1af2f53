"""A reply of the bulk call: whatever is in it, it becomes a record that holds."""

from __future__ import annotations

import re
from typing import Any

from hvinspect import Group
from hvinspect.drivers._libvirt.decode import Reading, decode_carefully
from hvinspect.drivers._libvirt.devices import fits, nic_names, shown_by
from hvinspect.drivers._libvirt.plan import decode
from hvinspect.drivers._libvirt.reply import Reply
from tests.drivers.libvirt.case import TAKEN, snapshot_of
from tests.fuzz import recorded
from tests.fuzz.draw import EDGES, Draw
from tests.fuzz.oracles import agree_with, is_stored, stats_hold
from tests.fuzz.subject import Subject

_GROUPS = tuple(sorted(set(Group) - {Group.UNKNOWN}))
_KEYS = tuple(
    sorted(
        {key for case in recorded.BULK for key in case.bulk or {}}
        | {f"image.{name}.{end}" for name in ("vda", "sda") for end in ("allocated", "length")}
    )
)
_PARTS = ("cpu", "block", "block.0", "vcpu", "image.vda", "net", "balloon")
_NUMBERS = ("0", "1", "7", "00", "-1", "999999999", "9" * 5000, "٣", "", "x", "1.2")


def _run(data: bytes) -> None:
    draw = Draw(data)
    case = draw.pick(recorded.BULK)
    what = draw.byte()
    groups = case.groups if what % 4 == 0 else frozenset(group for group in _GROUPS if draw.byte() % 2)
    undescribed = recorded.FAILED if what & 4 else None
    other = draw.pick(recorded.CASES) if what & 8 else case
    description = recorded.NOTHING if undescribed else recorded.DESCRIPTIONS[other.name]
    values = dict(recorded.REPLIES[case.name].values)
    if what & 16:
        values.clear()
    for _ in range(32):
        if not draw.more:
            break
        _edit(values, draw)
    reasons = {draw.pick(_PARTS): recorded.FAILED} if what & 32 else {}
    reply = Reply(values, reasons)
    reading = Reading(
        instance=recorded.INSTANCES[case.name],
        life="life",
        taken=TAKEN,
        groups=groups,
        reply=reply,
        description=description,
        undescribed=undescribed,
        daemon_version=draw.pick((9_000_000, 1_002_009, 99_000_000)),
        indexes=dict.fromkeys(nic_names(reply), 3),
    )
    stats = decode_carefully(reading)
    # The first time it may be learned how such a reply is decoded at once, which the others are then.
    for _ in range(3):
        assert decode(reading).stats == stats
    stats_hold(stats)
    snapshot = snapshot_of(stats)
    is_stored(snapshot)
    agree_with(snapshot)
    assert fits(description, shown_by(reply), shown_by(reply)) or any(value != value for value in values.values())


def _edit(values: dict[str, Any], draw: Draw) -> None:
    kind = draw.byte() % 8
    key = draw.pick(_KEYS) if kind else draw.text()
    if kind in (1, 2):
        values.pop(key, None)
        return
    if kind == 3:
        key = re.sub(r"\.\d+\.", f".{draw.pick(_NUMBERS)}.", key, count=1)
    # A name that another entry has makes two of one.
    values[key] = draw.pick(("vda", "vnet0", "sda", "")) if kind == 4 else draw.value()


#: Each number at which numbers end, under each key, many at a time; everything is asked for.
_AT_EDGES = tuple(
    bytes([0, 1, *[1] * len(_GROUPS)])
    + b"".join(b"\5" + key.to_bytes(2, "big") + bytes([1, 0, edge]) for key in range(first, first + 32))
    for edge in range(len(EDGES))
    for first in range(0, len(_KEYS), 32)
)

SUBJECT = Subject(
    name="reply",
    run=_run,
    seeds=(
        *(bytes([number]) for number in range(len(recorded.BULK))),
        *_AT_EDGES,
    ),
    longest=400,
    share=2,
)
