"""Checks of the calls: selection, deadlines, closing, threads, provenance, and what can be stored."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

from hvinspect import (
    DEFAULT_GROUPS,
    ConnectionLost,
    DeadlineExceeded,
    Error,
    Group,
    Instance,
    InstanceNotFound,
    Reason,
    Snapshot,
    from_dict,
    to_dict,
)
from hvinspect.driver import printable

from ._checks import check
from ._subject import ALL_GROUPS, Subject
from ._walk import named

#: How late a call may come back from a busy machine.
_GRACE = 1.0
_TINY = 0.001
_THREADS = 8


@check(since="0.1")
def every_instance_is_read_or_failed(subject: Subject) -> Iterator[str]:
    """Each instance is in the snapshot once: among those read or among the failures, with a reason."""
    for snapshot in (subject.first, subject.everything):
        read = {stats.instance.key for stats in snapshot}
        for failure in snapshot.failures:
            if failure.instance.key in read:
                yield f"{named(failure.instance)} was read and is a failure ({failure.reason.value}): expected one"
    missing = _keys(subject.first) ^ _keys(subject.everything)
    for key in sorted(missing):
        yield f"instance {printable(key)} is in one of two snapshots: expected in both while nothing happens to it"


@check(since="0.1")
def a_spent_deadline_ends_the_call(subject: Subject) -> Iterator[str]:
    """With no time left a call raises DeadlineExceeded, or says what it did not read; soon in any case."""
    before = _keys(subject.first)
    for groups in (frozenset({Group.STATE}), ALL_GROUPS):
        started = time.monotonic()
        try:
            subject.connection.snapshot(groups=groups, timeout=_TINY)
        except DeadlineExceeded:
            pass
        except Error as error:
            yield (
                f"a snapshot within {_TINY} s raised {type(error).__name__} ({error}): expected DeadlineExceeded "
                "or a snapshot"
            )
        took = time.monotonic() - started
        if took > _TINY + _GRACE:
            yield f"a snapshot within {_TINY} s took {took:.3f} s: expected less than {_TINY + _GRACE} s"
    after = _keys(subject.snapshot())
    if after != before:
        yield f"after a spent deadline {len(after)} instances are there: expected the {len(before)} of before"


@check(since="0.1")
def an_unknown_uuid_is_not_found(subject: Subject) -> Iterator[str]:
    """An instance that the target does not have is a failure with NOT_FOUND, and nothing else comes."""
    unknown = uuid4()
    snapshot = subject.snapshot([unknown])
    for stats in snapshot:
        yield f"{named(stats.instance)} was read for the unknown uuid {unknown}: expected no instance"
    reasons = [failure.reason for failure in snapshot.failures]
    if reasons != [Reason.NOT_FOUND]:
        found = ", ".join(reason.value for reason in reasons) or "none"
        yield f"failures for the unknown uuid {unknown}: {found}: expected one, not_found"
    try:
        found_stats = snapshot[unknown]
    except InstanceNotFound:
        pass
    else:
        yield f"snapshot[{unknown}] gave {named(found_stats.instance)}: expected InstanceNotFound"


@check(since="0.1")
def an_empty_selection_is_an_empty_snapshot(subject: Subject) -> Iterator[str]:
    """Asked for no instance, a snapshot has none."""
    snapshot = subject.snapshot([])
    everyone = (*(stats.instance for stats in snapshot), *(failure.instance for failure in snapshot.failures))
    for instance in everyone:
        yield f"{named(instance)} is in a snapshot of no instance: expected nothing"


@check(since="0.1")
def a_selection_of_one_reads_one(subject: Subject) -> Iterator[str]:
    """Asked for one instance by its key, its uuid or itself, a snapshot has that one."""
    uuids = [stats.instance.uuid for stats in subject.first]
    for stats in subject.first.instances[:3]:
        instance = stats.instance
        ways: list[tuple[str, str | UUID | Instance]] = [("key", instance.key), ("Instance", instance)]
        if instance.uuid is not None and uuids.count(instance.uuid) == 1:
            ways.append(("uuid", instance.uuid))
        for way, selected in ways:
            snapshot = subject.snapshot([selected])
            read = [one.instance.key for one in snapshot]
            if read != [instance.key]:
                yield (
                    f"{named(instance)}, asked for by its {way}: read {read}, "
                    f"failures {[str(failure) for failure in snapshot.failures]}: expected it alone"
                )


@check(since="0.1")
def sources_name_every_group(subject: Subject) -> Iterator[str]:
    """A snapshot says of each group that was asked for and is given where its numbers come from."""
    given = {one.field.group for one in subject.capabilities if one.given}
    named_groups = dict(subject.everything.sources)
    for group in Group:
        if group in given and not named_groups.get(group):
            yield f"snapshot.sources says nothing of group {group.value}: expected the request behind it"
    for group, _ in subject.first.sources:
        if group not in DEFAULT_GROUPS:
            yield f"snapshot.sources names group {group.value}, which was not asked for: expected nothing of it"


@check(since="0.1")
def records_can_be_kept(subject: Subject) -> Iterator[str]:
    """Records are hashable, and the same after a way through JSON."""
    for snapshot in (subject.first, subject.everything):
        for stats in snapshot:
            try:
                hash(stats)
            except TypeError as error:
                yield f"{named(stats.instance)} is not hashable ({error}): expected tuples inside"
        try:
            restored = from_dict(json.loads(json.dumps(to_dict(snapshot))))
        except (TypeError, ValueError, AttributeError, Error) as error:
            yield f"the snapshot cannot be stored as JSON and restored ({error}): expected plain values"
            continue
        if restored.record != snapshot or restored.unknown_keys or restored.unknown_values:
            differing = _differing(snapshot, restored.record)
            yield f"the snapshot is another one after to_dict(), JSON and from_dict(): {differing}"


@check(since="0.1")
def concurrent_snapshots_agree(subject: Subject) -> Iterator[str]:
    """Eight threads at once see the same instances."""
    seen: list[frozenset[str]] = []
    errors: list[Error] = []

    def read() -> None:
        try:
            seen.append(_keys(subject.snapshot()))
        except Error as error:
            errors.append(error)

    threads = [threading.Thread(target=read, daemon=True) for _ in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        yield f"one of {_THREADS} snapshots at once raised {type(error).__name__}: {error}: expected a snapshot"
    for keys in set(seen):
        for key in sorted(keys ^ _keys(subject.first)):
            yield f"instance {printable(key)} is in some of {_THREADS} snapshots at once: expected in all"


@check(since="0.1")
def a_closed_connection_stays_closed(subject: Subject) -> Iterator[str]:
    """close() may be called twice; what is called after it raises ConnectionLost."""
    connection = subject.connect()
    connection.close()
    connection.close()
    calls: dict[str, Callable[[], object]] = {
        "snapshot()": connection.snapshot,
        "host()": connection.host,
        "capabilities()": connection.capabilities,
    }
    for name, call in calls.items():
        try:
            call()
        except ConnectionLost:
            continue
        except Error as error:
            yield f"{name} after close() raised {type(error).__name__}: expected ConnectionLost"
        else:
            yield f"{name} after close() gave an answer: expected ConnectionLost"


def _keys(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(
        [stats.instance.key for stats in snapshot] + [failure.instance.key for failure in snapshot.failures]
    )


def _differing(snapshot: Snapshot, restored: object) -> str:
    assert isinstance(restored, Snapshot)
    for before, after in zip(snapshot, restored, strict=True):
        if before != after:
            return f"{named(before.instance)} differs: expected it to be equal"
    return "its own fields differ: expected them to be equal"
