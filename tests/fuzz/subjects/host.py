"""The host's capabilities, numbers and jobs: read, or missing for a reason."""

from __future__ import annotations

from typing import Any

from hvinspect import ReplyInvalid
from hvinspect.drivers._libvirt.host import cpu_clock, decode_host, decode_job, host_identity, ran_on
from hvinspect.testing._walk import Part, parts_of_host
from tests.drivers.libvirt.case import TAKEN
from tests.fuzz import recorded
from tests.fuzz.draw import Draw, edited
from tests.fuzz.oracles import can_be_shown, is_stored, parts_hold
from tests.fuzz.subject import Subject

_CAPABILITIES = (
    b"<capabilities><host><uuid>9eadd654-e973-5ac9-9034-9d09751e2fe0</uuid><cpu><arch>x86_64</arch></cpu></host>"
    b"</capabilities>"
)
_IDENTITY = host_identity(_CAPABILITIES.decode(), uri="qemu:///system", boot="")
_CALLS = ("cpu", "memory", "info", "hostname", "version")


def _answers() -> dict[str, Any]:
    return {
        "cpu": {"kernel": 1, "user": 2, "idle": 3, "iowait": 4},
        "memory": {"total": 8, "free": 4, "buffers": 1, "cached": 1},
        "info": ["x86_64", 7954, 2, 2000, 1, 1, 2, 1],
        "hostname": "node",
        "version": "7.2.0",
    }


def _job() -> dict[str, Any]:
    return {
        "type": 2, "operation": 6, "time_elapsed": 10, "data_total": 9, "data_processed": 4, "data_remaining": 5,
        "memory_total": 9, "memory_processed": 4, "memory_remaining": 5, "disk_total": 1, "disk_remaining": 1,
    }  # fmt: skip


def _run(data: bytes) -> None:
    draw = Draw(data)
    kind = draw.byte() % 3
    if kind == 0:
        _identity(draw)
    elif kind == 1:
        _host(draw)
    else:
        kind_of_job = draw.value() if draw.byte() % 4 == 1 else 2
        job = edited(_job(), draw)
        record = decode_job({**job, "type": kind_of_job} if isinstance(job, dict) else {})
        hash(record)
        parts_hold([Part("job", "job", record)])


def _identity(draw: Draw) -> None:
    try:
        identity = host_identity(
            draw.rest().decode("utf-8", "surrogateescape"), uri="qemu:///system", boot="", mark="mark"
        )
    except ReplyInvalid as refused:
        can_be_shown(refused)
        return
    assert len(identity.life) == 12
    assert (identity.host_id is None) == (identity.uuid is None)


def _host(draw: Draw) -> None:
    failed = draw.byte()
    changed = edited(_answers(), draw)
    answers = _answers() | (changed if isinstance(changed, dict) else {})
    for bit, name in enumerate(_CALLS):
        if failed & 1 << bit:
            answers[name] = recorded.FAILED
    record = decode_host(answers, _IDENTITY, hypervisor="QEMU", taken=TAKEN)
    hash(record)
    parts_hold(parts_of_host(record))
    is_stored(record)
    clock = cpu_clock(answers["cpu"], answers["info"], at_ns=draw.byte() << 30)
    later = cpu_clock(_answers()["cpu"], _answers()["info"], at_ns=draw.byte() << 30)
    assert ran_on(clock, later) in (True, False)


SUBJECT = Subject(
    name="host",
    run=_run,
    seeds=(
        b"\0" + _CAPABILITIES,
        b"\0<capabilities/>",
        *(bytes([1, 1 << bit]) for bit in range(5)),
        *(bytes([1, 0, 1, bit, 0, 7, 0, 2]) for bit in range(5)),
        *(bytes([2, 0, 1, number, 0, 3, 0, 2]) for number in range(11)),
        b"\2\1\xfe",
    ),
    words=(b"<uuid>", b"</uuid>", b"<host>", b"<cpu>", b"<arch>"),
    longest=300,
    share=8,
)
