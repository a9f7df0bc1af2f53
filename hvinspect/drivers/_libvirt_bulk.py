"""The bulk calls: all that was asked for of many guests, or what needs none of their monitors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, final

from hvinspect.driver import Absence, Group, Instance, InstanceNotFound, Span, Stopwatch

from ._libvirt_absences import BUSY, NOT_ANSWERING
from ._libvirt_lanes import Lane
from ._libvirt_native import by_uuid, instance_of, statistics_flags, waiting_flags
from ._libvirt_per_guest import add_unmonitored
from ._libvirt_reply import Reply
from ._libvirt_words import INACTIVE_STATES, Control

__all__ = ["Answer", "occupied_ms", "read_bulk", "read_unmonitored"]

#: The parts of a reply that libvirt leaves out when it may not ask the monitor.
_MONITORED = ("balloon", "block", "iothread", "dirtyrate")
#: A monitor that has been occupied for longer does not answer; else another client is about to be served.
_MOMENT_MS = 250


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was got of one guest."""

    instance: Instance
    #: libvirt's domain, as it was when it answered.
    domain: Any
    reply: Reply
    taken: Span
    #: Why its monitor was not asked, if it was not.
    unasked: Absence | None = None
    #: Is its CPU time info()'s?
    is_coarse: bool = False


def read_bulk(
    lane: Lane, instances: Sequence[Instance], groups: frozenset[Group], *, daemon_version: int
) -> Iterator[Answer]:
    """One request for all; one more for those that another client had asked just then.

    A guest whose monitor is held up by somebody's request is not waited for: what needs no monitor is there then.
    """
    flags = statistics_flags(groups), waiting_flags(daemon_version)
    again: list[Instance] = []
    for answer in _ask(lane, instances, *flags):
        if not _is_partial(answer, groups):
            yield answer
        elif (why := _held(lane, answer)) is not None:
            yield _unasked(answer, why)
        else:
            again.append(answer.instance)
    for answer in _ask(lane, again, *flags):
        why = _held(lane, answer) if _is_partial(answer, groups) else None
        yield answer if why is None else _unasked(answer, why)


def _ask(lane: Lane, instances: Sequence[Instance], statistics: int, waiting: int) -> Iterator[Answer]:
    """One bulk call with these flags."""
    domains = lane.domains([one.key for one in instances])
    handle, watch = lane.native.handle, Stopwatch()

    def ask() -> Any:
        return handle.domainListGetStats(list(domains.values()), statistics, waiting)

    answered = by_uuid(lane.native.call("the bulk statistics", ask)) if domains else {}
    taken = watch.span()
    for listed in instances:
        if listed.key in answered:
            domain, values = answered[listed.key]
            # As it was when it answered: it may have been started anew since it was listed.
            instance = instance_of(domain, before=listed)
            yield Answer(instance=instance, domain=domain, reply=Reply(values), taken=taken)
        else:  # libvirt leaves out a domain that went away in the middle of the call
            yield Answer(instance=listed, domain=domains.get(listed.key), reply=Reply({}), taken=taken)


def _is_partial(answer: Answer, groups: frozenset[Group]) -> bool:
    """Does the reply of a running domain lack all that its monitor would have told?"""
    values = answer.reply.values
    if values.get("state.state") in (None, *INACTIVE_STATES):
        return False
    if Group.MEMORY in groups:
        return "balloon.rss" not in values
    if Group.DISK in groups:
        return not any(key.endswith((".capacity", ".rd.reqs")) for key in values) and "block.0.name" in values
    return (Group.IOTHREAD in groups and "iothread.count" not in values) or (
        Group.DIRTY_RATE in groups and "dirtyrate.calc_status" not in values
    )


def occupied_ms(lane: Lane, domain: Any) -> int:
    """For how long the domain's monitor has been waited for."""
    try:
        answer = lane.native.ask("the state of the monitor", domain.controlInfo)
    except InstanceNotFound:
        return 0
    if isinstance(answer, Absence) or answer[0] != Control.OCCUPIED:
        return 0
    return int(answer[2])


def _held(lane: Lane, answer: Answer) -> Absence | None:
    """Why the monitor is not to be had; None if it is again."""
    try:
        control = lane.native.ask("the state of the monitor", answer.domain.controlInfo)
    except InstanceNotFound:
        return None
    if isinstance(control, Absence) or control[0] == Control.OK:
        return None
    return NOT_ANSWERING if control[0] == Control.OCCUPIED and control[2] > _MOMENT_MS else BUSY


def _unasked(answer: Answer, why: Absence) -> Answer:
    return replace(answer, reply=Reply(answer.reply.values, dict.fromkeys(_MONITORED, why)), unasked=why)


def read_unmonitored(
    lane: Lane, instances: Sequence[Instance], groups: frozenset[Group], *, why: Absence
) -> Iterator[Answer]:
    """What the daemon knows itself: state, NICs, CPU time and that of each vCPU. No guest can hold this up.

    *why* is why the rest is missing.
    """
    watch = Stopwatch()
    for answer in _ask(lane, instances, statistics_flags(groups & {Group.STATE, Group.NIC}), 0):
        reply = Reply(answer.reply.values, dict.fromkeys(_MONITORED, why))
        if reply.values and Group.CPU in groups:
            reply = add_unmonitored(answer.domain, lane.native.ask, reply, why)
        yield replace(answer, reply=reply, taken=watch.span(), unasked=why, is_coarse=True)
