"""What a guest's agent says, bounded: the guest is free to answer anything. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hvinspect.driver import Absence, GuestAgent, GuestFilesystem, Reason, shared_absences

from .reply import Values

__all__ = ["decode_agent"]

_LONGEST = 256
_MOST = 256
_NOT_TOLD = Absence(Reason.NEEDS_GUEST, "the guest's agent did not tell it")
_TOO_LONG = Absence(Reason.FAILED, f"the guest's agent gave more than {_LONGEST} characters")
_TOO_MANY = Absence(Reason.FAILED, f"the guest's agent gave more than {_MOST}")
_FIELDS = {"user": "users", "fs": "filesystems"}
_SECOND_NS = 1_000_000_000
_DAY_S = 86_400


def decode_agent(answer: Mapping[str, Any]) -> GuestAgent:
    """virDomainGetGuestInfo."""
    absent: dict[str, Absence] = {}

    def text(field: str, key: str) -> str | None:
        return _text(answer, key, field, absent)

    offset = answer.get("timezone.offset")
    if type(offset) is not int or abs(offset) > _DAY_S:
        offset, absent["timezone_offset_ns"] = None, _NOT_TOLD
    names = (_text(answer, f"user.{number}.name", "users", absent) for number in _numbers(answer, "user", absent))
    return GuestAgent(
        hostname=text("hostname", "hostname"),
        os_id=text("os_id", "os.id"),
        os_name=text("os_name", "os.name"),
        os_version=text("os_version", "os.version"),
        kernel_release=text("kernel_release", "os.kernel-release"),
        timezone=text("timezone", "timezone.name"),
        timezone_offset_ns=offset * _SECOND_NS if offset is not None else None,
        users=tuple(name for name in names if name is not None),
        filesystems=tuple(_filesystem(answer, f"fs.{number}.") for number in _numbers(answer, "fs", absent)),
        absences=shared_absences(absent),
    )


def _filesystem(answer: Mapping[str, Any], prefix: str) -> GuestFilesystem:
    taken = Values(answer)
    return GuestFilesystem(
        mountpoint=_text(answer, prefix + "mountpoint", "mountpoint", taken.absent),
        device=_text(answer, prefix + "name", "device", taken.absent),
        kind=_text(answer, prefix + "fstype", "kind", taken.absent),
        total_bytes=taken.number("total_bytes", prefix + "total-bytes", _NOT_TOLD),
        used_bytes=taken.number("used_bytes", prefix + "used-bytes", _NOT_TOLD),
        absences=shared_absences(taken.absent),
    )


def _text(answer: Mapping[str, Any], key: str, field: str, absent: dict[str, Absence]) -> str | None:
    value = answer.get(key)
    if type(value) is str and len(value) <= _LONGEST:
        return value
    absent[field] = _TOO_LONG if type(value) is str else _NOT_TOLD
    return None


def _numbers(answer: Mapping[str, Any], kind: str, absent: dict[str, Absence]) -> range:
    """The numbers of the entries of *kind*; none if there are so many that somebody wants to fill our memory."""
    count = answer.get(f"{kind}.count")
    if type(count) is int and 0 <= count <= _MOST:
        return range(count)
    absent[_FIELDS[kind]] = _NOT_TOLD if type(count) is not int or count < 0 else _TOO_MANY
    return range(0)
