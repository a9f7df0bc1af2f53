"""A recording that was tampered with: read back, or refused by the errors that a driver has."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hvinspect import Group, HostStats, InvalidTarget, NotSupported, ReplyInvalid, to_dict
from hvinspect.driver import (
    Absence,
    Deadline,
    HostRequest,
    InventoryRequest,
    NoOptions,
    OpenRequest,
    OriginRequest,
    ProvidesRequest,
    ReadRequest,
    Target,
    Workers,
)
from hvinspect.testing.replay import ReplayDriver
from tests.fuzz import recorded
from tests.fuzz.draw import Draw, edited
from tests.fuzz.oracles import can_be_shown
from tests.fuzz.subject import Subject
from tests.unit.records import full

_HEADER = {
    "format": 1,
    "driver": "libvirt",
    "target": "libvirt:qemu:///system",
    "versions": {"hvinspect": "0", "driver": "0"},
    "groups": ["state", "cpu"],
    "host_id": {"value": "x", "source": "machine-id"},
    "sources": {"state": "somewhere"},
    "provides": {
        "cpu.time_ns": None,
        "nic.rx_bytes": {"reason": "unsupported", "detail": "none"},
        "disk.read_bytes": None,
    },
}
_FILES = {
    "replay.json": json.dumps(_HEADER),
    "snapshot-0001.json": recorded.SNAPSHOTS[0],
    "host-0001.json": json.dumps(to_dict(full(HostStats))),
}
_NAMES = tuple(_FILES)


def _run(data: bytes) -> None:
    draw = Draw(data)
    kind = draw.byte()
    changed = draw.pick(_NAMES)
    files: dict[str, bytes] = {name: text.encode() for name, text in _FILES.items()}
    if kind % 4 == 0:
        files[changed] = draw.rest()
    elif kind % 4 == 1:
        del files[changed]
    else:
        files[changed] = json.dumps(edited(json.loads(_FILES[changed]), draw)).encode()
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        try:
            _read(folder)
        except (InvalidTarget, ReplyInvalid, NotSupported) as refused:
            can_be_shown(refused)


def _read(folder: str) -> None:
    deadline = Deadline.after(10.0)
    driver = ReplayDriver.open(
        OpenRequest(
            target=Target("replay", folder), options=NoOptions(), deadline=deadline, workers=Workers("fuzz", limit=1)
        )
    )
    provided: Any = driver.provides(ProvidesRequest(deadline=deadline))
    assert all(why is None or isinstance(why, Absence) for why in provided.values())
    driver.origin(OriginRequest(deadline=deadline))
    found = driver.inventory(InventoryRequest(deadline=deadline))
    groups = frozenset({Group.STATE, Group.NIC})
    results = list(driver.read(ReadRequest(instances=found, groups=groups, deadline=deadline)))
    assert [result.instance for result in results] == list(found)
    driver.host(HostRequest(deadline=deadline))


SUBJECT = Subject(
    name="replay",
    run=_run,
    seeds=(
        *(bytes([1, number]) for number in range(len(_NAMES))),
        *(bytes([2, number]) for number in range(len(_NAMES))),
        *(bytes([2, 0, 1, place, 0, 3, 0, 2]) for place in range(len(_HEADER))),
        b"\0\0" + b"[" * 3000,
        b'\0\0{"format": 1, "groups": ["state"]}',
    ),
    words=(b'"format"', b'"groups"', b'"provides"', b"[[[[[[[[", b"{}", b"null", b"NaN", b"1e999"),
    longest=4096,
    share=2,
)
