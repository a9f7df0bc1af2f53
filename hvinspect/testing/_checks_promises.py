"""The check of capabilities: what a target says that it gives, against what it gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress

from hvinspect import Absence, Field, NotSupported, Reason, State
from hvinspect.driver import printable

from ._checks import check
from ._subject import Subject
from ._walk import Part, fields_of, parts_of_host, parts_of_stats

#: Why one instance may lack what the target gives to others.
_OF_THE_INSTANCE = frozenset(
    {
        Reason.NEEDS_GUEST,
        Reason.NOT_CONFIGURED,
        Reason.NOT_RUNNING,
        Reason.RUNNING,
        Reason.DENIED,
        Reason.BUSY,
        Reason.TIMED_OUT,
        Reason.VANISHED,
        Reason.FIRST_SAMPLE,
        Reason.NO_EVENTS,
    }
)


@check(since="0.1")
def capabilities_are_honest(subject: Subject) -> Iterator[str]:
    """What is said to be given is there for a running instance, or the instance says why; the rest never is."""
    running: dict[str, list[Part]] = defaultdict(list)
    everywhere: dict[str, list[Part]] = defaultdict(list)
    for stats in subject.instances:
        for part in parts_of_stats(stats):
            for field in fields_of(part):
                everywhere[field.path].append(part)
                if stats.state is State.RUNNING:
                    running[field.path].append(part)
    for part in _host(subject):
        for field in fields_of(part):
            everywhere[field.path].append(part)
            running[field.path].append(part)
    for capability in subject.capabilities:
        if capability.absence is None:
            yield from _missing(capability.field, running[capability.field.path])
        else:
            yield from _unannounced(capability.field, capability.absence, everywhere[capability.field.path])


def _missing(field: Field, parts: list[Part]) -> Iterator[str]:
    """Is a field that is said to be given missing everywhere, without a reason of the instances' own?"""
    if any(_has(part, field) for part in parts):
        return
    for part in parts:
        absence = part.record.why(field.name) if part.explained else None
        if absence is not None and absence.reason not in _OF_THE_INSTANCE:
            yield (
                f"{part.where}: {field.name} is missing for the reason {absence}, as for every running instance, "
                f"and capabilities say that {field} is given: expected a value or a reason of the instance's own"
            )
            return


def _unannounced(field: Field, absence: Absence, parts: list[Part]) -> Iterator[str]:
    """Is a field there that is said not to be given?"""
    for part in parts:
        if _has(part, field):
            yield (
                f"{part.where}: {field.name} is {printable(getattr(part.record, field.name))}, and capabilities say "
                f"that {field} is not given ({absence}): expected it to be given, or None"
            )
            return


def _has(part: Part, field: Field) -> bool:
    return getattr(part.record, field.name) not in (None, ())


def _host(subject: Subject) -> Iterator[Part]:
    with suppress(NotSupported):
        yield from parts_of_host(subject.connection.host(subject.timeout))
