"""The bulk calls: all that was asked for of many guests, or what needs none of their monitors."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, final

from hvinspect.driver import Absence, Group, Instance, InstanceNotFound, ReplyInvalid, Span, Stopwatch

from .absences import BUSY, NOT_ANSWERING
from .lanes import Lane
from .native import MARKED, answer_of, by_uuid, instance_of, statistics_flags, waiting_flags
from .per_guest import add_unmonitored
from .reply import Reply
from .words import INACTIVE_STATES, Control

__all__ = ["Answer", "occupied_ms", "read_bulk", "read_unmonitored"]

#: The parts of a reply that libvirt leaves out when it may not ask the monitor.
_MONITORED = ("balloon", "block", "iothread", "dirtyrate")
#: A monitor that has been held for longer does not answer, or has work to do; else a client is about to be served.
_MOMENT_MS = 600
#: How often a guest that others are asking is asked, and how long to wait in between.
_ATTEMPTS, _PAUSE_S = 25, 0.01


@final
@dataclass(slots=True, kw_only=True)  # not frozen: one is made for each guest, and that would take twice as long
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
    lane: Lane, instances: Sequence[Instance], groups: frozenset[Group], *, daemon_version: int, busy: set[str]
) -> Iterator[Answer]:
    """One request for all, and some more for those that other clients were asking just then.

    None of them waits for anybody: of a guest whose monitor somebody has, libvirt tells what needs no monitor. *busy*
    are those of which it did so to the last, which are not asked so often; this keeps it.
    """
    flags = statistics_flags(groups), waiting_flags(daemon_version)
    asked = instances
    for attempt in range(1, _ATTEMPTS + 1):
        again: list[Instance] = []
        for answer in _ask(lane, asked, *flags):
            key = answer.instance.key
            if not _lacks_monitor(answer, groups):
                busy.discard(key)
                # Right after it was started a guest may have no numbers of its disks for a moment.
                if attempt == 1 and _lacks_disks(answer, groups):
                    again.append(answer.instance)
                else:
                    yield answer
            elif (why := _held(lane, answer)) is None and attempt < _ATTEMPTS and key not in busy:
                again.append(answer.instance)
            else:
                if why is None:
                    busy.add(key)
                yield _unasked(answer, why or BUSY)
        if not again:
            return
        # Two that read at the same time would meet again and again.
        time.sleep(_PAUSE_S * (0.5 + random.random()))  # noqa: S311  # no secret
        asked = again


def _ask(lane: Lane, instances: Sequence[Instance], statistics: int, waiting: int) -> Iterator[Answer]:
    """One bulk call with these flags."""
    domains = lane.domains([one.key for one in instances])
    handle, watch = lane.native.handle, Stopwatch()
    lane.asked_ns = time.monotonic_ns()

    def ask() -> Any:
        return handle.domainListGetStats(list(domains.values()), statistics, waiting)

    given = lane.native.call("the bulk statistics", ask) if domains else []
    if not isinstance(given, list):
        raise ReplyInvalid(f"the bulk statistics came as {type(given).__name__}")
    taken = watch.span()
    answers: Sequence[Any] = given
    by_key: Mapping[str, tuple[Any, Mapping[str, Any]]] | None = None
    for place, listed in enumerate(instances):
        # They come in the order in which they were asked for, and as a rule none is left out.
        answer = answer_of(listed, answers[place]) if len(answers) == len(instances) else None
        if answer is not None:
            yield Answer(instance=listed, domain=answer[0], reply=_reply(answer[1]), taken=taken)
            continue
        by_key = by_uuid(answers) if by_key is None else by_key
        if listed.key in by_key:  # as it was when it answered: it may have been started anew meanwhile
            domain, values = by_key[listed.key]
            instance = instance_of(domain, listed.key, before=listed)
            yield Answer(instance=instance, domain=domain, reply=_reply(values), taken=taken)
        else:  # libvirt leaves out a domain that went away in the middle of the call
            yield Answer(instance=listed, domain=domains.get(listed.key), reply=Reply({}), taken=taken)


def _reply(values: Mapping[str, Any]) -> Reply:
    """The reply of these *values*, without those that have no name."""
    reply = Reply(values)
    layout, _ = reply.laid_out()
    return reply if layout is not None else Reply({key: value for key, value in values.items() if type(key) is str})


def _lacks_monitor(answer: Answer, groups: frozenset[Group]) -> bool:
    """Does the reply of a running domain lack what its monitor would have told?"""
    values = answer.reply.values
    if values.get("state.state") in (None, *INACTIVE_STATES):
        return False
    return "balloon.rss" not in values if groups & MARKED else _lacks_disks(answer, groups)


def _lacks_disks(answer: Answer, groups: frozenset[Group]) -> bool:
    """Does the reply of a running domain name its disks, and tell no more of them?"""
    values = answer.reply.values
    return (
        Group.DISK in groups
        and "block.0.name" in values
        and "block.0.rd.reqs" not in values
        and values.get("state.state") not in INACTIVE_STATES
    )


def occupied_ms(lane: Lane, domain: Any) -> int:
    """For how long the domain's monitor has been waited for."""
    state, held_ms = _control(lane, domain)
    return held_ms if state == Control.OCCUPIED else 0


def _control(lane: Lane, domain: Any) -> tuple[int, int]:
    """Who has the domain's monitor, and for how many milliseconds."""
    try:
        answer = lane.native.ask("the state of the monitor", domain.controlInfo)
    except InstanceNotFound:
        return Control.OK, 0
    return (Control.OK, 0) if isinstance(answer, Absence) else (answer[0], answer[2])


def _held(lane: Lane, answer: Answer) -> Absence | None:
    """Why its monitor will not be to be had in a moment; None if it may be."""
    state, held_ms = _control(lane, answer.domain)
    if state == Control.OK or held_ms <= _MOMENT_MS:
        return None
    return NOT_ANSWERING if state == Control.OCCUPIED else BUSY


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
