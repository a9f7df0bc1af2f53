"""A second source for each field that the driver says it gives: the table, and how a row is judged. No I/O here.

A number that moves by itself lies between two readings of its source, one before the snapshot and one after it; what a
guest was made to do is counted by the guest too, and is equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, final

from hvinspect import CATALOGUE, HostStats, InstanceStats
from tests.fidelity import rows
from tests.fidelity.records import records
from tests.fidelity.rows import How, equal, inside

__all__ = ["TABLE", "Look", "Moment", "Row", "series"]


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


#: Of what this lab looks at.
Row: TypeAlias = rows.Row[Look]
#: What is to be said of a field, whichever it is.
Rule: TypeAlias = Callable[[str], Row]


def values(moment: Moment, path: str) -> list[Any]:
    """Those of each record that has the field *path*."""
    field = CATALOGUE[path]
    found = records(field.record, moment.stats, moment.host)
    if field.record == "disk":  # QEMU lists them in an order of its own
        found = tuple(sorted(found, key=lambda disk: disk.key))
    return [getattr(one, field.name) for one in found]


def series(look: Look, path: str) -> Iterator[tuple[Any, ...]]:
    """The values of a field of each device of the guest that worked; of a job, of the one that migrates."""
    return zip(values(look.first, path), values(look.second, path), strict=True)


def made(what: str) -> Rule:
    """As the guest was made."""

    def rule(path: str) -> Row:
        def check(look: Look) -> None:
            for moment in (look.first, look.second):
                equal(values(moment, path), look.made[what])

        return Row(how=How.ASKED, source="how the guest was started", check=check)

    return rule


def seen(source: str, *, of: str = "second", still: str | None = None) -> Rule:
    """Between two readings of *source*, or equal to it where that is one and the same value each time."""

    def rule(path: str) -> Row:
        def check(look: Look) -> None:
            for moment in {"second": (look.first, look.second), "migrating": (look.migrating,)}[of]:
                low, found, high = moment.before[path], values(moment, path), moment.after[path]
                assert len(found) == len(low), (found, low)
                for one, value, other in zip(low, found, high, strict=True):
                    if isinstance(one, int) and not isinstance(one, bool):
                        inside(value, one, other, what=path)
                    else:
                        assert value in (one, other), (one, value, other)

        return Row(how=How.BETWEEN, source=source, check=check, still=still)

    return rule


def counted(source: str, *, moves: Sequence[bool], still: str | None = None) -> Rule:
    """What the guest was made to do between the snapshots is what *source* says; *moves* tells of which devices."""

    def rule(path: str) -> Row:
        def check(look: Look) -> None:
            grown = [None if after is None else after - before for before, after in series(look, path)]
            equal(grown, look.made[path])
            assert [bool(one) for one in grown] == list(moves), grown

        return Row(how=How.EXACT, source=source, check=check, still=still)

    return rule


def near(source: str, *, part: float, still: str | None = None) -> Rule:
    """Within *part* of the source, which the guest tells at another moment."""

    def rule(path: str) -> Row:
        def check(look: Look) -> None:
            (value,), (told,) = values(look.second, path), look.second.after[path]
            inside(value, told, told, slack=int(part * told), what=path)

        if not part:
            return Row(how=How.EXACT, source=source, check=check, still=still)
        return Row(how=How.BOUNDED, source=f"{source}, within {part:.0%}", check=check, still=still)

    return rule


def the_same(path: str) -> Row:
    """The same in one life, and another's is another."""

    def check(look: Look) -> None:
        mine, others = values(look.first, path), values(look.migrating, path)
        equal(values(look.second, path), mine)
        assert len({*mine}) == len(mine)
        assert not {*mine} & {*others}

    return Row(how=How.IDENTITY, source="two snapshots of one life, and of another guest", check=check)


def unseen(why: str) -> Rule:
    """Not to be had in the lab: only its decoding is tested, on what QEMU documents."""

    def rule(path: str) -> Row:
        def check(look: Look) -> None:
            assert {*values(look.second, path)} == {None}

        return Row(how=How.DECODE_ONLY, source=why, check=check, still=why)

    return rule


_PROC, _MONITOR, _IMAGE = "/proc, read by the test", "a second monitor of the same QEMU", "the image's file"
_KERNEL, _GUEST = "the kernel's own statistics of the tap", "what the guest counts itself"
_KVM = "KVM alone tells it: test_kvm sees it where there is one"
_WAITS = "the lab's kernel keeps no such statistics"
_CALM = "nothing in the lab makes a tap lose or spoil a frame"
_IN_MEMORY = "the lab's images are in memory, of which nothing is charged: test_truth has one on a disk"
_NO_SWAP, _NO_HUGE_PAGES = "the guest has no swap", "nobody asks for huge pages"
_BUSY, _NO_DISK = "the host may be busy all the time", "the lab's host waits for no disk"
_ALL: Final = (True, True, True)

_RULES: Final[Mapping[str, Rule]] = {
    **{f"instance.{name}": made(f"instance.{name}") for name in ("key", "uuid", "name", "native_id", "driver")},
    "instance.described_at": seen("the clock"),
    **dict.fromkeys(("stats.incarnation", "vcpu.incarnation", "disk.incarnation", "nic.incarnation"), the_same),
    "stats.state": made("stats.state"),
    "stats.native_state": seen(_MONITOR),
    **{f"cpu.{name}": seen(_PROC) for name in ("time_ns", "user_ns", "system_ns")},
    "cpu.vcpus_online": made("cpu.vcpus_online"),
    "cpu.vcpus_maximum": made("cpu.vcpus_maximum"),
    "cpu.vcpus_at_start": made("cpu.vcpus_at_start"),
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
    **{f"memory.guest_swap_{way}_bytes": near(_GUEST, part=0.0, still=_NO_SWAP) for way in ("in", "out")},
    "memory.guest_major_faults": near(_GUEST, part=0.1, still="the guest has all it runs in memory"),
    "memory.guest_minor_faults": near(_GUEST, part=0.5),
    **{
        f"memory.guest_hugetlb_{what}": near(_NO_HUGE_PAGES, part=0.0, still=_NO_HUGE_PAGES)
        for what in ("allocations", "failures")
    },
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
    "disk.failed_requests": counted("no request failed", moves=(False, False, False), still="no request failed"),
    "disk.capacity_bytes": made("disk.capacity_bytes"),
    **{f"disk.{name}": seen(_IMAGE) for name in ("host_allocated_bytes", "host_length_bytes")},
    "disk.highest_written_bytes": seen(_MONITOR),
    **{f"nic.{name}": made(f"nic.{name}") for name in ("key", "name", "alias", "mac", "model", "kind", "bridge")},
    **{f"nic.{way}_{what}": seen(_KERNEL) for way in ("rx", "tx") for what in ("bytes", "packets")},
    **{f"nic.{way}_{what}": seen(_KERNEL, still=_CALM) for way in ("rx", "tx") for what in ("errors", "drops")},
    "iothread.index": made("iothread.index"),
    **{f"iothread.{name}": seen(_MONITOR) for name in ("poll_maximum_ns", "poll_grow", "poll_shrink")},
    **{
        f"process_io.{name}": seen(_PROC, still=_IN_MEMORY)
        for name in ("read_bytes", "write_bytes", "cancelled_write_bytes")
    },
    "dirty_rate.status": made("dirty_rate.status"),
    "dirty_rate.mode": seen(_MONITOR),
    **{f"dirty_rate.{name}": seen(_MONITOR) for name in ("started_host_ns", "period_ns", "memory_bytes_per_s")},
    **{f"job.{name}": seen(_MONITOR, of="migrating") for name in ("active", "operation", "elapsed_ns")},
    **{f"job.{name}": seen(_MONITOR, of="migrating") for name in ("total_bytes", "processed_bytes", "remaining_bytes")},
    **{f"host.{name}": seen(_PROC) for name in ("incarnation", "hostname", "hypervisor", "cpus", "memory_total_bytes")},
    **{f"host.{name}": seen(_PROC) for name in ("user_ns", "system_ns")},
    "host.idle_ns": seen(_PROC, still=_BUSY),
    "host.iowait_ns": seen(_PROC, still=_NO_DISK),
    **{f"host.{name}": near(_PROC, part=0.2) for name in ("memory_free_bytes", "memory_available_bytes")},
}
#: By path of the catalogue.
TABLE: Final[Mapping[str, Row]] = {path: rule(path) for path, rule in _RULES.items()}
