"""Checks of single values: there or explained, of the right type, and only those that were asked for."""

from __future__ import annotations

import math
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from hvinspect import Absence, Field, Group, HostStats, Kind, NotSupported, Reason, State, Unit
from hvinspect.driver import printable

from ._checks import check
from ._subject import ALL_GROUPS, Subject
from ._walk import Part, fields_of, parts_of, parts_of_host

__all__ = ["host_faults", "reason_faults"]

#: A guest may be west of Greenwich.
_SIGNED = frozenset({"guest_agent.timezone_offset_ns"})
#: Unix nanoseconds of 1980 and of 2200: what lies outside was meant in another unit.
_EARLIEST, _LATEST = 315_532_800 * 10**9, 7_258_118_400 * 10**9

_hints_of: dict[Any, dict[str, Any]] = {}


@check(since="0.1")
def data_is_present(subject: Subject) -> Iterator[str]:
    """At least one instance runs, with its state and its use of the CPU."""
    running = [stats for stats in subject.first if stats.state is State.RUNNING]
    if not running:
        yield (
            f"no instance is in state RUNNING (read: {len(subject.first.instances)}, "
            f"failures: {', '.join(map(str, subject.first.failures)) or 'none'}): expected one to look at"
        )
    elif not any(
        stats.cpu.time_ns is not None
        or (stats.supplied_rates is not None and stats.supplied_rates.cpu_cores is not None)
        for stats in running
    ):
        absence = running[0].cpu.why("time_ns")
        yield f"no running instance has cpu.time_ns or supplied cpu_cores ({absence}): expected one of them"


@check(since="0.1")
def every_missing_value_has_a_reason(subject: Subject) -> Iterator[str]:
    """A value is there, or it is None and its record says why; never both, never neither."""
    for snapshot in (subject.first, subject.everything):
        for part in parts_of(snapshot):
            yield from reason_faults(part)


@check(since="0.1")
def no_reason_is_unknown(subject: Subject) -> Iterator[str]:
    """Why a value is missing is known to the driver."""
    for snapshot in (subject.first, subject.everything):
        for part in parts_of(snapshot):
            for name, absence in part.record.absences.items() if part.explained else ():
                if absence.reason is Reason.UNKNOWN:
                    yield f"{part.where}: {name} is missing for the reason {absence}: expected one that says why"
        for failure in snapshot.failures:
            if failure.reason is Reason.UNKNOWN:
                yield f"failure of {failure}: expected a reason other than UNKNOWN"


@check(since="0.1")
def values_have_their_types(subject: Subject) -> Iterator[str]:
    """Numbers are whole, not negative and in their unit; text is text; nothing is of another type than declared."""
    for snapshot in (subject.first, subject.everything):
        for part in parts_of(snapshot):
            yield from _type_faults(part)


@check(since="0.1")
def only_what_was_asked_for_is_read(subject: Subject) -> Iterator[str]:
    """What belongs to no group that was asked for is NOT_REQUESTED."""
    never = {one.field.path: one.absence for one in subject.capabilities if one.absence is not None}
    for group in sorted(ALL_GROUPS, key=lambda group: group.value):
        for part in parts_of(subject.snapshot(groups={group})):
            for field in fields_of(part):
                yield from _unasked(part, field, group, never.get(field.path))
            yield from _unasked_devices(part, group)


@check(since="0.1")
def host_gives_numbers_or_says_that_it_has_none(subject: Subject) -> Iterator[str]:
    """host() gives the host's own numbers, each there or explained, or raises NotSupported."""
    try:
        host = subject.connection.host(subject.timeout)
    except NotSupported:
        return
    yield from host_faults(host)


def host_faults(host: HostStats) -> Iterator[str]:
    """What is wrong with the numbers of a host."""
    whole, *_ = parts = tuple(parts_of_host(host))
    for part in parts:
        yield from reason_faults(part)
        yield from _type_faults(part)
    if all(getattr(host, field.name) is None for field in fields_of(whole) if not field.required):
        yield "host: nothing is given: expected a value, or NotSupported from host()"


def reason_faults(part: Part) -> Iterator[str]:
    """Where a record has neither a value nor a reason, or both."""
    if not part.explained:
        return
    names = {field.name for field in fields(part.record)} - {"absences"}
    for name in sorted(names):
        value, absence = getattr(part.record, name), part.record.absences.get(name)
        if value is None and absence is None:
            yield f"{part.where}: {name} is None: expected a value or a reason"
        # A tuple with a reason is one that is incomplete.
        if value is not None and absence is not None and not isinstance(value, tuple):
            yield f"{part.where}: {name} is {printable(value)} and has the reason {absence}: expected one of them"
    for name in sorted(set(part.record.absences) - names):
        yield f"{part.where}: there is a reason for {name!r}: expected the name of a field"


def _unasked(part: Part, field: Field, group: Group, never: Absence | None) -> Iterator[str]:
    value = getattr(part.record, field.name)
    if field.group is None or field.group is group or not part.explained:
        return
    if field.record == "disk" and field.kind is Kind.INFO:
        return  # what a disk is called tells whose numbers BLOCK_DETAIL gives
    if value is not None and value != ():
        yield (
            f"{part.where}: {field.name} is {printable(value)} in a snapshot of {group.value} alone: "
            "expected None (NOT_REQUESTED)"
        )
        return
    absence = part.record.why(field.name)
    # Of what it never gives a driver need not say so in the same words twice.
    if absence is not None and absence.reason not in (Reason.NOT_REQUESTED, never and never.reason):
        yield (
            f"{part.where}: {field.name} is missing for the reason {absence} in a snapshot of {group.value} alone: "
            "expected NOT_REQUESTED"
        )


_DEVICES = {
    "disks": frozenset({Group.DISK, Group.BLOCK_DETAIL}),
    "nics": frozenset({Group.NIC}),
    "iothreads": frozenset({Group.IOTHREAD}),
}


def _unasked_devices(part: Part, group: Group) -> Iterator[str]:
    if part.name != "stats":
        return
    for name, groups in _DEVICES.items():
        devices, absence = getattr(part.record, name), part.record.absences.get(name)
        if group in groups:
            continue
        if devices:
            yield f"{part.where}: {name} holds {len(devices)} in a snapshot of {group.value} alone: expected none"
        elif absence is None:
            yield f"{part.where}: {name} is empty without a reason in a snapshot of {group.value}: expected one"


def _type_faults(part: Part) -> Iterator[str]:
    hints = _hints(part.record)
    for declared in fields(part.record):
        value, hint = getattr(part.record, declared.name), hints[declared.name]
        if not _fits(value, hint):
            yield (
                f"{part.where}: {declared.name} is {printable(repr(value))} of type {type(value).__name__}: "
                f"expected {_shown(hint)}"
            )
            return
    for field in fields_of(part):
        value = getattr(part.record, field.name)
        if not field.numeric or value is None:
            continue
        if value < 0 and field.path not in _SIGNED:
            yield f"{part.where}: {field.name} is {value}: expected nothing negative"
        if field.unit is Unit.UNIX_NANOSECONDS and not _EARLIEST < value < _LATEST:
            yield f"{part.where}: {field.name} is {value}: expected nanoseconds since 1970"


def _hints(record: object) -> dict[str, Any]:
    cls = type(record)
    if cls not in _hints_of:
        _hints_of[cls] = get_type_hints(cls)
    return _hints_of[cls]


def _fits(value: Any, hint: Any) -> bool:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in arguments)
    if origin is tuple:
        if value.__class__ is not tuple:
            return False
        items: tuple[Any, ...] = value
        inside = (arguments[0],) * len(items) if arguments[-1] is Ellipsis else arguments
        return len(inside) == len(items) and all(map(_fits, items, inside))
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value)
    if issubclass(hint, Enum) or not (is_dataclass(hint) or hint in (int, str, bool)):
        return isinstance(value, hint)
    # Exactly: a bool is an int to isinstance(), and a subclass of str or int is no plain value.
    return type(value) is hint


def _shown(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)
