"""The rows of what the host counts of QEMU's process, and of the settings and measurements that QEMU tells."""

from __future__ import annotations

from typing import Final

from hvinspect.drivers._libvirt.keys import MAPPED
from tests.fidelity.rows import How, equal, inside
from tests.integration.libvirt.fidelity.look import Look
from tests.integration.libvirt.fidelity.rows import BUSY, Check, Row, every, sides

_MIB: Final = 2**20

_NO_PMU: Final = "the processors of the measured machine, which is virtual itself, count no hardware events"
_NO_RING: Final = "dirty rings need KVM, and the lab's guests are emulated"

#: Field -> what of the main thread it is, which libvirt counts with the threads that it starts later on; how much more
#: those may add, and how far the kernel's two ways may be apart. Threads come with requests to the disks and go, each
#: with faults of its own; on a busy host they are more, and moved about.
_PERF: Final[dict[str, tuple[str, float]]] = {
    "page_faults": ("page_faults", 2.0),
    "minor_page_faults": ("minor_page_faults", 2.0),
    "major_page_faults": ("major_page_faults", 0.0),
    "context_switches": ("context_switches", 1.0),
    "cpu_migrations": ("cpu_migrations", 5.0),
    "task_clock_ns": ("run_ns", 0.25),
    "cpu_clock_ns": ("run_ns", 0.25),
}
_PERF_STILL: Final = {
    "major_page_faults": "all of QEMU's program is in the host's memory, and stays there",
    "alignment_faults": "x86 fixes unaligned accesses in hardware",
    "emulation_faults": "x86 emulates no instruction of a user's program",
}


def _grown(field: str) -> Check:
    name, share = _PERF[field]

    def check(look: Look) -> None:
        first, second = look["first"], look["second"]
        thread = [[seen["process"]["main_thread"][name] for seen in sides(moment)] for moment in (first, second)]
        low, high = thread[1][0] - thread[0][1], thread[1][1] - thread[0][0]
        slack = int(share * high)
        inside(getattr(second.stats.perf, field) - getattr(first.stats.perf, field), low, high, slack=slack, what=field)

    return check


def _perf() -> dict[str, Row]:
    rows = {
        f"perf.{field}": Row(
            how=How.BOUNDED if share else How.BETWEEN,
            source=f"{name} of QEMU's main thread in /proc{f', within {share:.0%}' if share else ''}",
            check=every(_grown(field), _decoded(f"perf.{field}")),
            still=_PERF_STILL.get(field),
        )
        for field, (name, share) in _PERF.items()
    }
    for (path,) in (paths for key, paths in MAPPED.items() if key.startswith("perf.")):
        still = _PERF_STILL.get(path.removeprefix("perf."), _NO_PMU)
        row = Row(how=How.DECODE_ONLY, source="made-up numbers in a real reply", check=_decoded(path), still=still)
        rows.setdefault(path, row)
    return rows


def _decoded(path: str) -> Check:
    """By the table of keys, where there is nothing to compare with; numbers are made up for keys that the lab lacks."""
    (key,) = (key for key, paths in MAPPED.items() if path in paths)

    def check(look: Look) -> None:
        for name in (*BUSY, "filled"):
            record, _, field = path.partition(".")
            for one in look[name].records(record):
                equal(getattr(one, field), look[name].reply.get(key.replace(".N.", f".{getattr(one, 'index', '')}.")))

    return check


_POLLING: Final = {"poll_maximum_ns": "poll-max-ns", "poll_grow": "poll-grow", "poll_shrink": "poll-shrink"}


def _iothread(field: str) -> Check:
    def check(look: Look) -> None:
        for moment in map(look.__getitem__, BUSY):
            equal([str(one.index) for one in moment.stats.iothreads], sorted(moment.before["qmp"]["iothreads"]))
            for one in moment.stats.iothreads:
                if field != "index":
                    equal(getattr(one, field), moment.before["qmp"]["iothreads"][str(one.index)][_POLLING[field]])

    return check


def _dirty(field: str, name: str, unit: int) -> Check:
    def check(look: Look) -> None:
        told = look["second"].before["qmp"]["dirty_rate"][name]
        value = getattr(look["second"].stats.dirty_rate, field)
        equal(getattr(value, "value", value), told * unit if unit else told)
        assert getattr(look["first"].stats.dirty_rate, field) != value
        if field == "memory_bytes_per_s":
            # It wrote random numbers over the same 16 MiB again and again, for about as long as was measured.
            inside(value, 2 * _MIB, 96 * _MIB)

    return check


def _rest() -> dict[str, Row]:

    def vcpu_rates(look: Look) -> None:
        found = look["filled"].stats.dirty_rate.vcpus
        reply = look["filled"].reply
        assert [one.index for one in found] == [0, 1]
        for one in found:
            equal(one.memory_bytes_per_s, reply[f"dirtyrate.vcpu.{one.index}.megabytes_per_second"] * _MIB)

    rows = {
        f"iothread.{field}": Row(how=How.EXACT, source="query-iothreads", check=_iothread(field))
        for field in ("index", *_POLLING)
    }
    for field, name, unit in (
        ("status", "status", 0),
        ("mode", "mode", 0),
        ("started_host_ns", "start-time", 10**9),
        ("period_ns", "calc-time", 10**9),
        ("memory_bytes_per_s", "dirty-rate", _MIB),
    ):
        rows[f"dirty_rate.{field}"] = Row(
            how=How.EXACT, source=f"{name} of query-dirty-rate", check=_dirty(field, name, unit)
        )
    for field in ("index", "memory_bytes_per_s"):
        rows[f"vcpu_dirty_rate.{field}"] = Row(
            how=How.DECODE_ONLY, source="made-up numbers in a real reply", check=vcpu_rates, still=_NO_RING
        )
    return rows


ROWS: Final = {**_perf(), **_rest()}
