"""Swaps every two fields of a record in the libvirt driver, and counts the swaps that no check of the lab notices.

``python -m tools.swap_fields [RECORDING]``

Two kinds of swap. *fields*: the decoder fills each of the two with what is the other's. *keys*: it reads each of two
keys of libvirt's where it should read the other. The checks are those of tests/integration/libvirt/test_fidelity.py,
on a recording that this keeps (tests/fidelity/lab.json unless told otherwise). Exit status 1 if a swap is missed.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, final

from hvinspect import CATALOGUE
from hvinspect.driver import Absences
from hvinspect.drivers import libvirt as driver
from hvinspect.drivers._libvirt.keys import MAPPED, pattern_of
from hvinspect.drivers._libvirt.lives import counted
from tests.fidelity.rows import fails
from tests.integration.libvirt.fidelity import evidence
from tests.integration.libvirt.fidelity.look import Look
from tests.integration.libvirt.fidelity.rows import Row
from tests.integration.libvirt.fidelity.tape import Calls
from tools import measured

RECORDING = Path(__file__).parent.parent / "tests" / "fidelity" / "lab.json"
_BULK = "domainListGetStats"


@final
@dataclass(frozen=True, slots=True)
class Swap:
    """Two names that change places."""

    kind: Literal["fields", "keys"]
    #: The record of the catalogue, or the beginning that both keys have.
    family: str
    one: str
    other: str


def swaps() -> Iterator[Swap]:
    """All of them. Two fields that no hypervisor gives are the same thing: nothing."""
    given = {path for table in evidence.TABLES.values() for path in table}
    records: dict[str, list[str]] = {}
    for field in CATALOGUE.values():
        records.setdefault(field.record, []).append(field.name)
    for record, names in records.items():
        for one, other in itertools.combinations(names, 2):
            if {f"{record}.{one}", f"{record}.{other}"} & given:
                yield Swap("fields", record, one, other)
    families: dict[str, list[str]] = {}
    for pattern in MAPPED:
        beginning = pattern.rpartition("N.")[0] or pattern.partition(".")[0]
        families.setdefault(beginning.rstrip("."), []).append(pattern)
    for family, patterns in families.items():
        for one, other in itertools.combinations(patterns, 2):
            if not {one, other} <= {"vcpu.N.halted"}:
                yield Swap("keys", family, one, other)


def noticed(recording: Mapping[str, Any], swap: Swap) -> str | None:
    """The first check that fails with the driver changed by *swap*; None if all hold.

    It is "made up: ..." if the lab's own numbers do not show it.
    """
    for fill, prefix in ((False, ""), (True, "made up: ")):
        look = _looked(recording, swap, fill=fill)
        known = frozenset[str]() if fill else _lacking(recording)
        with _changed_by(swap):
            found = _first_failure(look, swap, leave_out=known)
        if found is not None:
            return prefix + found
    return None


def _looked(recording: Mapping[str, Any], swap: Swap, *, fill: bool) -> Look:
    if swap.kind == "fields":
        return Look(recording, fill=fill)
    return Look(recording, spoil=lambda calls: _with_keys_swapped(calls, swap), fill=fill)


_lacks: dict[int, frozenset[str]] = {}


def _lacking(recording: Mapping[str, Any]) -> frozenset[str]:
    """The rows that do not hold without made-up numbers."""
    if id(recording) not in _lacks:
        look = Look(recording, fill=False)
        _lacks[id(recording)] = frozenset(name for name, row in _all_rows() if fails(row, look) is not None)
    return _lacks[id(recording)]


def _changed_by(swap: Swap) -> contextlib.AbstractContextManager[None]:
    if swap.kind == "keys":
        return contextlib.nullcontext()

    def change(values: Mapping[str, Any]) -> dict[str, Any]:
        changed = {swap.one: values[swap.other], swap.other: values[swap.one]}
        if "absences" in values:
            names = {swap.one: swap.other, swap.other: swap.one}
            absences = values["absences"].items()
            changed["absences"] = Absences({names.get(name, name): absence for name, absence in absences})
        return changed

    return changed(swap.family, change)


@contextlib.contextmanager
def changed(record: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Iterator[None]:
    """While the context lasts, what *change* makes of a record's values replaces them as the decoder leaves them."""
    patched: Any = driver
    decode, decode_host = patched.decode, patched.decode_host
    name = _CLASSES[record]
    patched.decode = lambda reading: counted(_rewritten(decode(reading).stats, name, change))
    patched.decode_host = lambda *args, **kwargs: _rewritten(decode_host(*args, **kwargs), name, change)
    try:
        yield
    finally:
        patched.decode, patched.decode_host = decode, decode_host


def _rewritten(value: Any, class_name: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, tuple):
        return tuple(_rewritten(one, class_name, change) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    before = {field.name: getattr(value, field.name) for field in fields(value)}
    after = {name: _rewritten(one, class_name, change) for name, one in before.items()}
    if type(value).__name__ == class_name:
        after |= change(before)
    return replace(value, **after)


def _all_rows() -> list[tuple[str, Row]]:
    return [
        (f"{hypervisor} {path}", row) for hypervisor, table in evidence.TABLES.items() for path, row in table.items()
    ]


def _first_failure(look: Look, swap: Swap, *, leave_out: frozenset[str]) -> str | None:
    paths = {path for key in (swap.one, swap.other) for path in MAPPED.get(key, (f"{swap.family}.{key}",))}
    rows = [(name, row) for name, row in _all_rows() if name not in leave_out]
    # Those first that are the likeliest to fail.
    rows.sort(key=lambda one: one[0].partition(" ")[2] not in paths)
    return next((name for name, row in rows if fails(row, look) is not None), None)


_CLASSES = {
    "stats": "InstanceStats", "instance": "Instance", "openstack": "OpenStackMetadata", "cpu": "CpuStats",
    "vcpu": "VcpuStats", "memory": "MemoryStats", "disk": "DiskStats", "nic": "NicStats", "perf": "PerfStats",
    "iothread": "IothreadStats", "dirty_rate": "DirtyRate", "vcpu_dirty_rate": "VcpuDirtyRate", "job": "Job",
    "host": "HostStats",
}  # fmt: skip


def _with_keys_swapped(calls: Calls, swap: Swap) -> Calls:
    return {
        key: [_reply_swapped(answer, swap) for answer in answers] if f" {_BULK} " in key else answers
        for key, answers in calls.items()
    }


def _reply_swapped(answer: list[Any], swap: Swap) -> list[Any]:
    return [[domain, dict(_keys_swapped(values, swap))] for domain, values in answer]


def _keys_swapped(values: Mapping[str, Any], swap: Swap) -> Iterator[tuple[str, Any]]:
    ends = {pattern: pattern.rpartition("N.")[2] for pattern in (swap.one, swap.other)}
    turned = {swap.one: swap.other, swap.other: swap.one}
    for key, value in values.items():
        pattern = pattern_of(key)
        if pattern in turned:
            start = key.removesuffix(ends[pattern])
            yield start + ends[turned[pattern]], value
        else:
            yield key, value


_recording: dict[str, Any] = {}


def _noticed(swap: Swap) -> tuple[Swap, str | None]:
    return swap, noticed(_recording, swap)


def main(path: Path = RECORDING) -> int:
    """Try all swaps; print and record how many were noticed."""
    _recording.update(json.loads(path.read_text(encoding="utf-8")))
    sound = evidence.wrong(Look(_recording))
    if sound:
        print("The checks do not hold as it is:", *sound, sep="\n  ")
        return 1
    started = time.monotonic()
    tried, real, made_up = (Counter[tuple[str, str]]() for _ in range(3))
    missed = []
    context = multiprocessing.get_context("fork")
    # In processes of their own: a change of the driver stays in there.
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=context) as pool:
        for swap, by in pool.map(_noticed, swaps(), chunksize=8):
            place = swap.kind, swap.family
            tried[place] += 1
            made_up[place] += by is not None and by.startswith("made up")
            real[place] += by is not None and not by.startswith("made up")
            if by is None:
                missed.append(swap)
    rows: list[dict[str, measured.Scalar]] = [
        {
            "swapped": kind,
            "of": family,
            "pairs": tried[kind, family],
            "caught by the lab's numbers": real[kind, family],
            "caught by made-up numbers": made_up[kind, family],
            "missed": tried[kind, family] - real[kind, family] - made_up[kind, family],
        }
        for kind, family in tried
    ]
    names = list(rows[0])[2:]
    rows.append({"swapped": "all", "of": "all", **{name: sum(int(str(row[name])) for row in rows) for name in names}})
    for row in rows:
        print(f"{row['swapped']:7}{row['of']:16}", ", ".join(f"{name} {row[name]}" for name in names))
    for swap in missed:
        print(f"MISSED  {swap.kind} of {swap.family}: {swap.one} and {swap.other}")
    print(f"{time.monotonic() - started:.0f} s")
    measured.record("swapped-fields", rows)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
