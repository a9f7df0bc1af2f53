"""The host as libvirt tells it: its identity, numbers and jobs decoded. No libvirt here.

Which boot of it. On this very host the kernel tells, and that is the beginning of every incarnation: the same for every
reader and every connection until the host is booted again. libvirt's own uuid of the host has no part in it: on a host
without DMI the daemon makes up another at each of its starts. Of a remote host nothing tells the boot: there every
Connection has a mark of its own, which it keeps when it is opened anew as long as the host's CPUs prove
that they have run on in between.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final
from uuid import UUID

from hvinspect.driver import (
    Absence,
    Group,
    HostId,
    HostStats,
    Job,
    Reason,
    Span,
    blank,
    machine_id,
    parse_xml,
    shared_absences,
)

from . import words
from .absences import NO_JOB, NOT_IN_REPLY
from .reply import Values, shown

__all__ = [
    "Boots",
    "CpuClock",
    "HostIdentity",
    "cpu_clock",
    "decode_host",
    "decode_job",
    "host_identity",
    "ran_on",
    "sources",
    "version_text",
]

_KIB = 1024
#: What may be missing from the CPUs' time: a part (a host that is a guest itself is robbed of some), and whole ticks.
_UNCOUNTED_SHARE = 0.1
_TICKS_NS = 500_000_000
_NO_AVAILABLE = Absence(Reason.UNSUPPORTED, "libvirt does not give it")


@final
@dataclass(frozen=True, slots=True)
class HostIdentity:
    """Which host, and which boot of it as far as that can be known."""

    host_id: HostId | None
    uuid: UUID | None
    #: The beginning of every incarnation on it.
    life: str
    #: Its processor's architecture, e.g. x86_64.
    architecture: str


def host_identity(capabilities: str, *, uri: str, boot: str, mark: str = "") -> HostIdentity:
    """From the daemon's capabilities.

    *boot* is the present boot's id if the daemon is on this very host, else empty; then *mark* stands for it.
    """
    root = parse_xml(capabilities)
    text = root.findtext("./host/uuid") or ""
    try:
        uuid = UUID(text)
    except ValueError:
        uuid = None
    own = machine_id() if boot else None
    if own is not None:
        host_id: HostId | None = HostId(value=own, source="machine-id")
    elif uuid is not None:
        host_id = HostId(value=str(uuid), source="libvirt's capabilities")
    else:
        host_id = None
    # One boot may have several daemons (the system's, the session's), each with ids of its own.
    whole = f"{boot}/{uri}" if boot else f"{text}/{uri}/{mark}"
    life = hashlib.blake2s(whole.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
    return HostIdentity(host_id, uuid, life, root.findtext("./host/cpu/arch") or "")


@final
@dataclass(frozen=True, slots=True)
class CpuClock:
    """The time of all of a host's CPUs together, idle or not: the nearest that libvirt has to an uptime."""

    total_ns: int
    cpus: int
    #: The reader's monotonic clock.
    at_ns: int


def cpu_clock(cpu: Any, node: Any, *, at_ns: int) -> CpuClock | None:
    """From the host's getCPUStats() and getInfo(); None if they do not give it."""
    try:
        times: list[Any] = [cpu[name] for name in ("user", "kernel", "idle", "iowait")]
        cpus: Any = node[2]
    except (TypeError, LookupError):  # an Absence, or not what libvirt gives
        return None
    if type(cpus) is not int or cpus < 1 or any(type(time) is not int or not 0 <= time < 1 << 63 for time in times):
        return None
    return CpuClock(sum(times), cpus, at_ns)


def ran_on(before: CpuClock | None, now: CpuClock | None) -> bool:
    """Is it proved that the host was not booted between *before* and *now*?

    If it was, its CPUs have run for no longer than the time in between, so what they have run since *before* is too
    little by at least what they had run until then. Too much proves nothing either: then it is the reader that slept.
    """
    if before is None or now is None or before.cpus != now.cpus:
        return False
    passed = now.at_ns - before.at_ns
    grown = (now.total_ns - before.total_ns) / now.cpus
    slack = passed * _UNCOUNTED_SHARE + _TICKS_NS
    return abs(grown - passed) <= slack < before.total_ns / before.cpus


@final
class Boots:
    """The boots of a remote host that one Connection has seen."""

    def __init__(self) -> None:
        self._mark = ""
        self._clock: CpuClock | None = None

    def mark(self, clock: CpuClock | None) -> str:
        """The mark of the present boot: the one so far if that is proved to go on, else a new one."""
        if not self._mark or not ran_on(self._clock, clock):
            self._mark = secrets.token_hex(6)
        self._clock = clock
        return self._mark

    def note(self, clock: CpuClock | None) -> None:
        """The connection stands, and so does the boot: from here on it can be proved with less."""
        self._clock = clock or self._clock

    def is_noted(self, now_ns: int) -> bool:
        """Has it been noted within the last minute?"""
        return self._clock is not None and now_ns - self._clock.at_ns < 60_000_000_000


def decode_host(answers: Mapping[str, Any], identity: HostIdentity, *, hypervisor: str, taken: Span) -> HostStats:
    """The host's record; an answer that is an Absence costs its own fields."""
    absent: dict[str, Absence] = {"memory_available_bytes": _NO_AVAILABLE}

    def numbers(name: str) -> tuple[Values, Absence]:
        answer = answers[name]
        values = Values(answer if isinstance(answer, Mapping) else {})
        values.absent = absent
        return values, NOT_IN_REPLY if isinstance(answer, Mapping) else _why(name, answer)

    def text(field: str, name: str) -> str | None:
        answer = answers[name]
        if type(answer) is str:
            return answer
        absent[field] = _why(name, answer)
        return None

    cpu, cpu_why = numbers("cpu")
    memory, memory_why = numbers("memory")
    cpus = _cpus(answers["info"])
    if cpus is None:
        absent["cpus"] = _why("info", answers["info"])
    if identity.uuid is None:
        absent["uuid"] = NOT_IN_REPLY
    return HostStats(
        incarnation=identity.life,
        hostname=text("hostname", "hostname"),
        uuid=identity.uuid,
        hypervisor=hypervisor,
        hypervisor_version=text("hypervisor_version", "version"),
        cpus=cpus,
        user_ns=cpu.number("user_ns", "user", cpu_why),
        system_ns=cpu.number("system_ns", "kernel", cpu_why),
        idle_ns=cpu.number("idle_ns", "idle", cpu_why),
        iowait_ns=cpu.number("iowait_ns", "iowait", cpu_why),
        memory_total_bytes=memory.number("memory_total_bytes", "total", memory_why, _KIB),
        memory_free_bytes=memory.number("memory_free_bytes", "free", memory_why, _KIB),
        taken=taken,
        absences=shared_absences(absent),
    )


def _cpus(info: Any) -> int | None:
    """The number of CPUs in virNodeGetInfo's answer."""
    cpus: Any = info[2] if isinstance(info, Sequence) and len(info) > 2 else None
    return cpus if type(cpus) is int and 0 < cpus < 1 << 31 else None


def _why(name: str, answer: object) -> Absence:
    """Why *answer* does not tell the host's *name*."""
    if isinstance(answer, Absence):
        return answer
    return Absence(Reason.FAILED, f"libvirt answered {shown(answer)} for the host's {name}")


def decode_job(answer: Mapping[str, Any] | Absence) -> Job:
    """virDomainGetJobStats; times are milliseconds there."""
    if isinstance(answer, Absence):
        return blank(Job, answer)
    kind = answer.get("type")
    if kind == 0:
        lacking = {name: why for name, why in blank(Job, NO_JOB).absences.items() if name not in ("active", "kind")}
        return Job(active=False, kind=words.JOB_KINDS[0], absences=shared_absences(lacking))
    taken = Values(answer)
    operation = taken.number("operation", "operation", NOT_IN_REPLY)
    number = kind if type(kind) is int and abs(kind) < 1 << 31 else None
    return Job(
        active=number in (1, 2) if number is not None else None,
        kind=words.JOB_KINDS.get(number, f"type {number}") if number is not None else None,
        operation=words.JOB_OPERATIONS.get(operation, f"operation {operation}") if operation is not None else None,
        elapsed_ns=taken.number("elapsed_ns", "time_elapsed", NOT_IN_REPLY, 1_000_000),
        total_bytes=_data(taken, answer, "total"),
        processed_bytes=_data(taken, answer, "processed"),
        remaining_bytes=_data(taken, answer, "remaining"),
        absences=shared_absences(
            taken.absent if number is not None else {**taken.absent, "active": NOT_IN_REPLY, "kind": NOT_IN_REPLY}
        ),
    )


def _data(taken: Values, answer: Mapping[str, Any], part: str) -> int | None:
    """All data of a job; a dump and a backup name only that of memory, or that of the disks."""
    if f"data_{part}" in answer:
        return taken.number(f"{part}_bytes", f"data_{part}", NOT_IN_REPLY)
    parts = [key for key in (f"memory_{part}", f"disk_{part}") if key in answer]
    numbers = [taken.number(f"{part}_bytes", key, NOT_IN_REPLY) for key in parts or [f"data_{part}"]]
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def sources(*, bulk: bool) -> dict[Group, str]:
    """The request behind each group."""
    bulk_call = "virDomainListGetStats"
    per_guest = {
        Group.STATE: "virDomainGetState",
        Group.CPU: "virDomainGetCPUStats, virDomainGetVcpus",
        Group.MEMORY: "virDomainGetInfo, virDomainMemoryStats",
        Group.DISK: "virDomainBlockStatsFlags, virDomainGetBlockInfo",
        Group.NIC: "virDomainInterfaceStats",
    }
    calls = dict.fromkeys(Group, bulk_call) if bulk else per_guest
    return {
        **calls,
        Group.BLOCK_DETAIL: "virDomainGetBlockInfo",
        Group.JOB: "virDomainGetJobStats",
        Group.GUEST_AGENT: "virDomainGetGuestInfo",
    }


def version_text(number: int) -> str:
    """libvirt writes 9.0.0 as 9000000."""
    return f"{number // 1_000_000}.{number // 1_000 % 1_000}.{number % 1_000}"
