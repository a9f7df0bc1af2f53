"""The host as libvirt tells it: its identity, numbers and jobs decoded. No libvirt here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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
    this_boot,
)

from . import _libvirt_words as words
from ._libvirt_absences import NO_JOB, NOT_IN_REPLY, shared
from ._libvirt_reply import Values

__all__ = ["HostIdentity", "decode_host", "decode_job", "host_identity", "sources", "version_text"]

_KIB = 1024
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


def host_identity(capabilities: str, *, is_local: bool) -> HostIdentity:
    """From the daemon's capabilities, and from this host's own files if it is this host."""
    root = parse_xml(capabilities)
    text = root.findtext("./host/uuid") or ""
    try:
        uuid = UUID(text)
    except ValueError:
        uuid = None
    own = machine_id() if is_local else None
    if own is not None:
        host_id: HostId | None = HostId(value=own, source="machine-id")
    elif uuid is not None:
        host_id = HostId(value=str(uuid), source="libvirt's capabilities")
    else:
        host_id = None
    boot = this_boot() if is_local else ""
    life = hashlib.blake2s(f"{text}/{boot}".encode(), digest_size=6).hexdigest()
    return HostIdentity(host_id, uuid, life, root.findtext("./host/cpu/arch") or "")


def decode_host(answers: Mapping[str, Any], identity: HostIdentity, *, hypervisor: str, taken: Span) -> HostStats:
    """The host's record; an answer that is an Absence costs its own fields."""
    absent: dict[str, Absence] = {"memory_available_bytes": _NO_AVAILABLE}

    def numbers(name: str) -> tuple[Values, Absence]:
        answer = answers[name]
        failed = isinstance(answer, Absence)
        values = Values({} if failed else answer)
        values.absent = absent
        return values, answer if isinstance(answer, Absence) else NOT_IN_REPLY

    def plain(field: str, name: str) -> Any:
        answer = answers[name]
        if isinstance(answer, Absence):
            absent[field] = answer
            return None
        return answer

    cpu, cpu_why = numbers("cpu")
    memory, memory_why = numbers("memory")
    info = plain("cpus", "info")
    if identity.uuid is None:
        absent["uuid"] = NOT_IN_REPLY
    return HostStats(
        hostname=plain("hostname", "hostname"),
        uuid=identity.uuid,
        hypervisor=hypervisor,
        hypervisor_version=plain("hypervisor_version", "version"),
        cpus=int(info[2]) if info is not None else None,
        user_ns=cpu.number("user_ns", "user", cpu_why),
        system_ns=cpu.number("system_ns", "kernel", cpu_why),
        idle_ns=cpu.number("idle_ns", "idle", cpu_why),
        iowait_ns=cpu.number("iowait_ns", "iowait", cpu_why),
        memory_total_bytes=memory.number("memory_total_bytes", "total", memory_why, _KIB),
        memory_free_bytes=memory.number("memory_free_bytes", "free", memory_why, _KIB),
        taken=taken,
        absences=shared(absent),
    )


def decode_job(answer: Mapping[str, Any] | Absence) -> Job:
    """virDomainGetJobStats; times are milliseconds there."""
    if isinstance(answer, Absence):
        return blank(Job, answer)
    kind = answer.get("type")
    if kind == 0:
        lacking = {name: why for name, why in blank(Job, NO_JOB).absences.items() if name not in ("active", "kind")}
        return Job(active=False, kind=words.JOB_KINDS[0], absences=shared(lacking))
    taken = Values(answer)
    operation = taken.number("operation", "operation", NOT_IN_REPLY)
    number = kind if isinstance(kind, int) else None
    return Job(
        active=number in (1, 2) if number is not None else None,
        kind=words.JOB_KINDS.get(number, f"type {number}") if number is not None else None,
        operation=words.JOB_OPERATIONS.get(operation, f"operation {operation}") if operation is not None else None,
        elapsed_ns=taken.number("elapsed_ns", "time_elapsed", NOT_IN_REPLY, 1_000_000),
        total_bytes=taken.number("total_bytes", "data_total", NOT_IN_REPLY),
        processed_bytes=taken.number("processed_bytes", "data_processed", NOT_IN_REPLY),
        remaining_bytes=taken.number("remaining_bytes", "data_remaining", NOT_IN_REPLY),
        absences=shared(
            taken.absent if number is not None else {**taken.absent, "active": NOT_IN_REPLY, "kind": NOT_IN_REPLY}
        ),
    )


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
