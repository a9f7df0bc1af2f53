"""Rates of two stored readings that were tampered with: each is there and not negative, or missing for a reason."""

from __future__ import annotations

import json
from typing import Any

from hvinspect import HostRates, HostStats, RateSource, RatesSnapshot, ReplyInvalid, from_dict, rates, to_dict
from hvinspect.testing._walk import Part, parts_of_rates
from tests.fuzz import recorded
from tests.fuzz.draw import Draw, edited
from tests.fuzz.oracles import is_stored, parts_hold
from tests.fuzz.subject import Subject
from tests.unit.records import full

_MOVES = (0, 1, -1, 10**9, -(10**9), 2**62, -(2**62))
_STORED = (json.dumps(to_dict(full(HostStats))), *recorded.SNAPSHOTS)


def _run(data: bytes) -> None:
    draw = Draw(data)
    text = draw.pick(_STORED)
    before, after = json.loads(text), json.loads(text)
    step = draw.pick((0, 1, 10_000_000, 10**10))
    for span in _spans(after):
        span["started_monotonic_ns"] += step
    if draw.byte() % 2:
        after = _moved(after, draw)
    half = Draw(bytes(draw.byte() for _ in range(draw.byte())))
    try:
        early: Any = from_dict(edited(before, half)).record
        late: Any = from_dict(edited(after, draw)).record
    except ReplyInvalid:
        return
    if type(early) is not type(late) or isinstance(early, (HostRates, RatesSnapshot)):
        return
    try:
        made = rates(early, late)
    except ValueError:
        return
    if isinstance(made, HostRates):
        parts_hold([Part("host", "host_rates", made)])
    else:
        for one in made:
            if one.source is RateSource.DERIVED:
                parts_hold(part for part in parts_of_rates(one) if part.name.endswith("rates"))
    is_stored(made)


def _moved(plain: Any, draw: Draw) -> Any:
    """*plain* with its numbers larger or smaller, as counters are later on."""
    if isinstance(plain, dict):
        return {key: value if key == "taken" else _moved(value, draw) for key, value in plain.items()}
    if isinstance(plain, list):
        return [_moved(value, draw) for value in plain]
    return plain + draw.pick(_MOVES) if type(plain) is int else plain


def _spans(plain: dict[str, Any]) -> list[dict[str, Any]]:
    return [plain["taken"], *(one["taken"] for one in plain.get("instances", ()))]


SUBJECT = Subject(
    name="rates",
    run=_run,
    seeds=(
        *(bytes([number, step]) for number in range(len(_STORED)) for step in range(4)),
        *(bytes([number, 3, 1, *[move, *range(7)] * 20]) for number in range(len(_STORED)) for move in range(7)),
    ),
    longest=300,
    share=4,
)
