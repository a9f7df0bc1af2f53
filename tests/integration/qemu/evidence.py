"""A second source for each field that the driver says it gives: the table, and how a row is judged. No I/O here.

A number that moves by itself lies between two readings of its source, one before the snapshot and one after it; what a
guest was made to do is counted by the guest too, and is equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, final

from hvinspect import CATALOGUE, HostStats, InstanceStats

__all__ = ["ROWS", "Look", "Moment", "Row", "records"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One snapshot, and what other sources said before and after it."""

    stats: InstanceStats
    host: HostStats
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A guest before and after it worked, one that migrates, and how the guests were made."""

    first: Moment
    second: Moment
    migrating: Moment
    made: Mapping[str, Any]


Check: TypeAlias = Callable[[Look, str], None]


class Row(NamedTuple):
    """How one field is known to be true: the other source, and the comparison."""

    source: str
    check: Check


def records(moment: Moment, path: str) -> list[Any]:
    """The records that have the field *path*."""
    name = CATALOGUE[path].record
    if name == "host":
        return [moment.host]
    stats: Any = moment.stats
    # QEMU lists disks in an order of its own.
    disks = tuple(sorted(stats.disks, key=lambda disk: disk.key))
    places = {
        "instance": stats.instance, "stats": stats, "vcpu": stats.cpu.vcpus, "nic": stats.nics, "disk": disks,
        "iothread": stats.iothreads,
    }  # fmt: skip
    found = places[name] if name in places else getattr(stats, name)
    return list(found) if isinstance(found, tuple) else [found]


def _values(moment: Moment, path: str) -> list[Any]:
    return [getattr(record, CATALOGUE[path].name) for record in records(moment, path)]


def made(what: str) -> Row:
    """As the guest was made."""

    def check(look: Look, path: str) -> None:
        for moment in (look.first, look.second):
            assert _values(moment, path) == look.made[what]

    return Row("how the guest was started", check)


def seen(source: str, *, of: str = "second") -> Row:
    """Between two readings of *source*, or equal to it where that is one and the same value each time."""

    def check(look: Look, path: str) -> None:
        for moment in {"second": (look.first, look.second), "migrating": (look.migrating,)}[of]:
            low, values, high = moment.before[path], _values(moment, path), moment.after[path]
            assert len(values) == len(low), (values, low)
            for one, value, other in zip(low, values, high, strict=True):
                if isinstance(one, int) and not isinstance(one, bool):
                    assert type(value) is int
                    assert min(one, other) <= value <= max(one, other), (one, value, other)
                else:
                    assert value in (one, other), (one, value, other)

    return Row(source, check)


def counted(source: str, *, moves: Sequence[bool]) -> Row:
    """What the guest was made to do between the snapshots is what *source* says; *moves* tells of which devices."""

    def check(look: Look, path: str) -> None:
        grown = [
            after - before if after is not None else None
            for before, after in zip(_values(look.first, path), _values(look.second, path), strict=True)
        ]
        assert grown == look.made[path], (grown, look.made[path])
        assert [bool(one) for one in grown] == list(moves), grown

    return Row(source, check)


def near(source: str, *, part: float) -> Row:
    """Within *part* of the source, which the guest tells at another moment."""

    def check(look: Look, path: str) -> None:
        (value,), (told,) = _values(look.second, path), look.second.after[path]
        assert type(value) is int
        assert abs(value - told) <= part * told, (value, told)

    return Row(source, check)


def the_same() -> Row:
    """The same in one life, and another's is another."""

    def check(look: Look, path: str) -> None:
        mine, others = _values(look.first, path), _values(look.migrating, path)
        assert mine == _values(look.second, path)
        assert len({*mine}) == len(mine)
        assert not {*mine} & {*others}

    return Row("the same while it lives, different for others", check)


def unseen(why: str) -> Row:
    """Not to be had in the lab: only its decoding is tested, on what QEMU documents."""

    def check(look: Look, path: str) -> None:
        assert {*_values(look.second, path)} == {None}

    return Row(f"decoding only: {why}", check)


_PROC, _MONITOR, _IMAGE = "/proc, read by the test", "a second monitor of the same QEMU", "the image's file"
_KERNEL, _GUEST = "the kernel's own statistics of the tap", "what the guest counts itself"
_KVM, _WAITS = "KVM alone tells it, and the lab has none", "the lab's kernel keeps no such statistics"
_ALL: Final = (True, True, True)

ROWS: Final[Mapping[str, Row]] = {
    **{f"instance.{name}": made(f"instance.{name}") for name in ("key", "uuid", "name", "native_id", "driver")},
    "instance.described_at": seen("the clock"),
    **{path: the_same() for path in ("stats.incarnation", "vcpu.incarnation", "disk.incarnation", "nic.incarnation")},
    "stats.state": made("stats.state"),
    "stats.native_state": seen(_MONITOR),
    **{f"cpu.{name}": seen(_PROC) for name in ("time_ns", "user_ns", "system_ns")},
    "cpu.vcpus_online": made("cpu.vcpus_online"),
    "cpu.vcpus_maximum": made("cpu.vcpus_maximum"),
    "vcpu.index": made("vcpu.index"),
    "vcpu.time_ns": seen(_PROC),
    "vcpu.delay_ns": seen(_PROC),
    "vcpu.wait_ns": unseen(_WAITS),
    "vcpu.halted": unseen(_KVM),
    "memory.assigned_bytes": made("memory.assigned_bytes"),
    "memory.maximum_bytes": made("memory.assigned_bytes"),
    "memory.host_resident_bytes": near(_PROC, part=0.05),
    "memory.guest_total_bytes": near(_GUEST, part=0.0),
    "memory.guest_unused_bytes": near(_GUEST, part=0.1),
    "memory.guest_usable_bytes": near(_GUEST, part=0.1),
    "memory.guest_caches_bytes": near(_GUEST, part=0.5),
    "memory.guest_swap_in_bytes": near(_GUEST, part=0.0),
    "memory.guest_swap_out_bytes": near(_GUEST, part=0.0),
    "memory.guest_major_faults": near(_GUEST, part=0.1),
    "memory.guest_minor_faults": near(_GUEST, part=0.5),
    "memory.guest_hugetlb_allocations": near("nobody asked for huge pages", part=0.0),
    "memory.guest_hugetlb_failures": near("nobody asked for huge pages", part=0.0),
    "memory.guest_updated_unix_ns": seen("the clock"),
    **{f"disk.{name}": made(f"disk.{name}") for name in ("key", "alias", "serial", "bus", "device", "kind", "source")},
    **{
        f"disk.{name}": counted(_GUEST, moves=_ALL)
        for name in ("read_bytes", "read_requests", "write_bytes", "write_requests")
    },
    **{f"disk.{name}": seen(_MONITOR) for name in ("read_time_ns", "write_time_ns", "flush_time_ns")},
    "disk.flush_requests": counted(_GUEST, moves=_ALL),
    "disk.discard_bytes": counted(_GUEST, moves=(True, False, False)),
    "disk.discard_requests": counted(_GUEST, moves=(True, False, False)),
    "disk.discard_time_ns": seen(_MONITOR),
    "disk.failed_requests": counted("no request failed", moves=(False, False, False)),
    "disk.capacity_bytes": made("disk.capacity_bytes"),
    **{f"disk.{name}": seen(_IMAGE) for name in ("host_allocated_bytes", "host_length_bytes")},
    "disk.highest_written_bytes": seen(_MONITOR),
    **{f"nic.{name}": made(f"nic.{name}") for name in ("key", "name", "alias", "mac", "model", "kind", "bridge")},
    **{f"nic.{way}_{what}": seen(_KERNEL) for way in ("rx", "tx") for what in ("bytes", "packets", "errors", "drops")},
    "iothread.index": made("iothread.index"),
    **{f"iothread.{name}": seen(_MONITOR) for name in ("poll_maximum_ns", "poll_grow", "poll_shrink")},
    **{f"process_io.{name}": seen(_PROC) for name in ("read_bytes", "write_bytes", "cancelled_write_bytes")},
    "dirty_rate.status": made("dirty_rate.status"),
    "dirty_rate.mode": seen(_MONITOR),
    **{f"dirty_rate.{name}": seen(_MONITOR) for name in ("started_host_ns", "period_ns", "memory_bytes_per_s")},
    **{f"job.{name}": seen(_MONITOR, of="migrating") for name in ("active", "operation", "elapsed_ns")},
    **{f"job.{name}": seen(_MONITOR, of="migrating") for name in ("total_bytes", "processed_bytes", "remaining_bytes")},
    **{f"host.{name}": seen(_PROC) for name in ("incarnation", "hostname", "hypervisor", "cpus", "memory_total_bytes")},
    **{f"host.{name}": seen(_PROC) for name in ("user_ns", "system_ns", "idle_ns", "iowait_ns")},
    **{f"host.{name}": near(_PROC, part=0.2) for name in ("memory_free_bytes", "memory_available_bytes")},
}
