"""Stored records: read back or refused, whatever the file says."""

from __future__ import annotations

import json

from hvinspect import HostRates, HostStats, RatesSnapshot, ReplyInvalid, Snapshot, from_dict, to_dict
from hvinspect.samples import absences, samples
from tests.fuzz import recorded
from tests.fuzz.draw import Draw, edited
from tests.fuzz.oracles import can_be_shown, is_stored
from tests.fuzz.subject import Subject
from tests.unit.records import full

_STORED = (
    *(json.dumps(to_dict(full(kind))) for kind in (Snapshot, HostStats, RatesSnapshot, HostRates)),
    *recorded.SNAPSHOTS,
)


def _run(data: bytes) -> None:
    draw = Draw(data)
    plain = edited(json.loads(draw.pick(_STORED)), draw)
    try:
        record = from_dict(plain).record
    except ReplyInvalid as refused:
        can_be_shown(refused)
        return
    hash(record)
    is_stored(record)
    if isinstance(record, Snapshot):
        for sample in samples(record):
            assert sample.value is not None
        assert all(missing.absence.detail is not None for missing in absences(record))


SUBJECT = Subject(
    name="stored",
    run=_run,
    seeds=(
        *(bytes([number]) for number in range(len(_STORED))),
        *(bytes([kind, 1, place, 0, edit, 0, 2]) for kind in range(4) for place in range(9) for edit in (0, 3)),
    ),
    longest=200,
    share=8,
)
