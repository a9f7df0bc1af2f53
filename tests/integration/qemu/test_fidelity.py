"""Every field that the driver says it gives is true, by a second source; and each of the checks can fail."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest

import hvinspect
from hvinspect import Connection, DirtyRateStatus, Group, State
from hvinspect.drivers._qemu.provides import provided
from tests.fidelity.records import spoiled
from tests.fidelity.rows import How, fails, failures, mismatched, of_drivers, shown
from tests.integration.qemu.evidence import TABLE, Look, Moment, series
from tests.integration.qemu.outside import facts
from tests.lab.fixtures import Lab
from tests.lab.qemu.command import FOLDER, tap_of
from tests.lab.qemu.lone import LoneGuest
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of
from tests.lab.truth import GuestCounters
from tools import measured

_ALL_GROUPS = frozenset(group for group in Group if group is not Group.UNKNOWN)
_SLACK_NS = 20_000_000
_BALLOON = {"path": "/machine/peripheral/balloon0", "property": "guest-stats-polling-interval"}
_GIVEN = of_drivers(provided(has_monitors=True))


@pytest.fixture(scope="module")
def look(busy: LoneGuest) -> Iterator[Look]:
    """A guest that works between two snapshots, and another one that is migrated away, slowly."""
    mover = LoneGuest(
        GuestSpec(
            name="mover",
            memory_mib=16,
            kernel=False,
            disks=(DiskSpec(target="vdm", size=MIB),),
            nics=(NicSpec(mac=mac_of(94)),),
        ),
        traced=False,
    ).start()
    busy.tell("qom-set", **_BALLOON, value=1)
    busy.tell("calc-dirty-rate", **{"calc-time": 1})
    try:
        with hvinspect.connect(f"qemu:{FOLDER}/*.qmp") as hv:
            yield _look(hv, busy, mover)
    finally:
        busy.tell("qom-set", **_BALLOON, value=0)
        mover.destroy()


def _look(hv: Connection, busy: LoneGuest, mover: LoneGuest) -> Look:
    deadline = time.monotonic() + 60
    while _moment(hv, busy).stats.dirty_rate.status is not DirtyRateStatus.MEASURED:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    began = busy.counters()
    first = _moment(hv, busy)
    for disk in ("vda", "vdb", "sda"):
        busy.write(disk, count=11, size=65536)
        busy.read(disk, count=13, size=4096)
    busy.discard("sda", offset=0, length=4 * MIB)
    busy.ping(busy.spec.nics[0], count=20, size=100)
    busy.spin(1, cpus=(1,))
    ended = busy.counters()
    time.sleep(1.5)  # the balloon is asked once a second
    with hvinspect.connect(busy.target) as fresh:  # one that stands asks once a minute whether anybody polls
        second = _moment(fresh, busy)
    mover.tell("migrate-set-parameters", **{"max-bandwidth": 65536})
    mover.tell("migrate", uri="exec:cat >/dev/null")
    while (moving := _moment(hv, mover)).stats.job.processed_bytes is None:
        assert time.monotonic() < deadline
    return Look(first=first, second=second, migrating=moving, made=_made(busy, began, ended))


def _moment(hv: Connection, guest: LoneGuest) -> Moment:
    before: dict[str, Any] = facts(guest)
    stats = hv.snapshot([UUID(guest.spec.uuid)], groups=_ALL_GROUPS)[guest.spec.uuid]
    host = hv.host()
    after = {**facts(guest, slack_ns=_SLACK_NS), **(_of_guest(guest.counters()) if guest.spec.kernel else {})}
    return Moment(stats=stats, host=host, before=before, after=after)


def _of_guest(told: GuestCounters) -> dict[str, list[int]]:
    memory = {name: value * 1024 for name, value in told.memory_kib.items()}
    return {
        "memory.guest_total_bytes": [memory["MemTotal"]],
        "memory.guest_unused_bytes": [memory["MemFree"]],
        "memory.guest_usable_bytes": [memory["MemAvailable"]],
        "memory.guest_caches_bytes": [memory["Cached"] + memory["Buffers"]],
        "memory.guest_swap_in_bytes": [told.faults["pswpin"]],
        "memory.guest_swap_out_bytes": [told.faults["pswpout"]],
        "memory.guest_major_faults": [told.faults["pgmajfault"]],
        "memory.guest_minor_faults": [told.faults["pgfault"]],
        "memory.guest_hugetlb_allocations": [0],
        "memory.guest_hugetlb_failures": [0],
    }


def _made(guest: LoneGuest, began: GuestCounters, ended: GuestCounters) -> dict[str, list[Any]]:
    spec, disks = guest.spec, sorted(guest.spec.disks, key=lambda disk: disk.target)
    grown = [
        {
            name: getattr(ended.disks[disk.target], name) - getattr(began.disks[disk.target], name)
            for name in (
                "read_bytes", "read_requests", "write_bytes", "data_write_requests", "flush_requests", "discard_bytes",
                "discard_requests",
            )
        }
        for disk in disks
    ]  # fmt: skip
    return {
        "instance.key": [spec.uuid],
        "instance.uuid": [UUID(spec.uuid)],
        "instance.name": [spec.name],
        "instance.native_id": [str(guest.pid)],
        "instance.driver": ["qemu"],
        "stats.state": [State.RUNNING],
        "cpu.vcpus_online": [spec.vcpus],
        "cpu.vcpus_maximum": [spec.maximum_vcpus],
        "cpu.vcpus_at_start": [spec.vcpus],
        "vcpu.index": [*range(spec.vcpus)],
        "memory.assigned_bytes": [spec.memory_mib * MIB],
        "disk.key": [disk.target for disk in disks],
        "disk.alias": [disk.target for disk in disks],
        "disk.serial": [disk.serial for disk in disks],
        "disk.bus": [disk.bus for disk in disks],
        "disk.device": [disk.device for disk in disks],
        "disk.kind": ["file" for _ in disks],
        "disk.source": [str(spec.image_of(disk)) for disk in disks],
        "disk.capacity_bytes": [disk.size for disk in disks],
        **{f"disk.{name}": [one[name] for one in grown] for name in ("read_bytes", "read_requests", "write_bytes")},
        "disk.write_requests": [one["data_write_requests"] for one in grown],
        "disk.flush_requests": [one["flush_requests"] for one in grown],
        **{
            f"disk.{name}": [one[name] if disk.bus == "scsi" else None for disk, one in zip(disks, grown, strict=True)]
            for name in ("discard_bytes", "discard_requests")
        },
        "disk.failed_requests": [0 for _ in disks],
        "nic.key": ["nic0", "nic1"],
        "nic.alias": ["nic0", "nic1"],
        "nic.name": [tap_of(spec, 0), None],
        "nic.mac": [nic.mac for nic in spec.nics],
        "nic.model": [nic.model for nic in spec.nics],
        "nic.kind": ["bridge", "user"],
        "nic.bridge": [spec.nics[0].bridge, None],
        "iothread.index": [0],
        "dirty_rate.status": [DirtyRateStatus.MEASURED],
    }


def test_every_field_that_is_given_has_a_row_and_no_other(lab: Lab) -> None:
    assert mismatched(TABLE, _GIVEN) == []


def test_every_row_holds_and_every_counter_moved(look: Look) -> None:
    wrong = failures(TABLE, look, partial(series, look))
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("path", sorted(_GIVEN))
def test_a_wrong_value_is_noticed(look: Look, path: str) -> None:
    # The first is left: a counter that was wrong in both would have grown alike.
    second, migrating = _spoiled(look.second, path), _spoiled(look.migrating, path)
    assert fails(TABLE[path], dataclasses.replace(look, second=second, migrating=migrating)) is not None


def _spoiled(moment: Moment, path: str) -> Moment:
    stats, host = spoiled(path, moment.stats, moment.host)
    assert host is not None
    return dataclasses.replace(moment, stats=stats, host=host)


def test_the_table_is_kept(look: Look) -> None:
    lacking = {path: str(why) for path, why in provided(has_monitors=True).items() if why is not None}
    rows = shown(TABLE, lacking, partial(series, look), driver="qemu")
    assert sorted(row["field"] for row in rows if row["evidence"] == How.DECODE_ONLY.value) == [
        "vcpu.halted",
        "vcpu.wait_ns",
    ]
    measured.record("fidelity_qemu", rows)
