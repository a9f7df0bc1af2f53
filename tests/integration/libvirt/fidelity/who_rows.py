"""The rows of who a QEMU guest is, its state and its job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from hvinspect import State
from tests.fidelity.rows import How, equal, inside
from tests.integration.libvirt.fidelity import facts
from tests.integration.libvirt.fidelity.look import Look, Moment
from tests.integration.libvirt.fidelity.rows import BUSY, Check, Row, asked, identity, sides


def _job() -> dict[str, Row]:
    def at_rest(look: Look) -> None:
        for moment in map(look.__getitem__, BUSY):
            equal((moment.stats.job.active, moment.stats.job.kind), (False, "none"))

    def state(look: Look) -> None:
        job = look["dump"].stats.job
        equal((job.active, job.kind, job.operation), (True, "unbounded", "dump"))
        at_rest(look)

    def size(field: str, name: str) -> Check:
        def check(look: Look) -> None:
            for seen in sides(look["dump"]):
                equal(getattr(look["dump"].stats.job, field), seen["migrate"]["ram"][name], what=field)
            assert getattr(look["first"].stats.job, field) is None

        return check

    def elapsed(look: Look) -> None:
        # QEMU counts from the beginning of its own part.
        before, after = (seen["migrate"]["total-time"] * 10**6 for seen in sides(look["dump"]))
        inside(look["dump"].stats.job.elapsed_ns, before, after, slack=10**9)

    rows = {f"job.{field}": asked("job", field, state) for field in ("active", "kind", "operation")}
    rows |= {
        f"job.{field}": Row(how=How.EXACT, source=f"{name} of query-migrate", check=size(field, name))
        for field, name in (
            ("total_bytes", "total"),
            ("processed_bytes", "transferred"),
            ("remaining_bytes", "remaining"),
        )
    }
    rows["job.elapsed_ns"] = Row(how=How.BOUNDED, source="total-time of query-migrate, within a second", check=elapsed)
    return rows


def _who() -> dict[str, Row]:
    def subject(field: str, expected: Callable[[Look, Moment], Any]) -> Row:
        def check(look: Look) -> None:
            for moment in map(look.__getitem__, BUSY):
                equal(getattr(moment.stats.instance, field), expected(look, moment), what=field)

        return asked("instance", field, check)

    def nova(field: str) -> Check:
        def check(look: Look) -> None:
            openstack = look["described"].stats.instance.openstack
            equal(getattr(openstack, field), facts.OPENSTACK[field], what=field)
            assert look["first"].stats.instance.openstack is None

        return check

    def states(look: Look) -> None:
        expected = {
            "first": (State.RUNNING, "running", "booted"),
            "paused": (State.PAUSED, "paused", "user"),
            "described": (State.SHUT_OFF, "shut off", "unknown"),
        }
        for name, words in expected.items():
            stats = look[name].stats
            equal((stats.state, stats.native_state, stats.state_reason), words)
        equal(look["first"].before["qmp"]["status"], "running")

    def age(look: Look) -> None:
        for moment in map(look.__getitem__, BUSY):
            described, taken = moment.stats.instance.described_at, moment.stats.taken.started_unix_ns
            inside(described, taken, taken + 10 * 10**9)

    native = Row(
        how=How.EXACT,
        source="the number in the name of the machine's cgroup",
        check=subject("native_id", lambda look, moment: moment.before["process"]["native_id"]).check,
    )
    return {
        **{f"openstack.{field}": asked("openstack", field, nova(field)) for field in facts.OPENSTACK},
        **{f"stats.{field}": asked("stats", field, states) for field in ("state", "native_state", "state_reason")},
        "stats.incarnation": identity("stats"),
        "instance.key": subject("key", lambda look, _: look.facts["uuid"]),
        "instance.uuid": subject("uuid", lambda look, _: UUID(look.facts["uuid"])),
        "instance.name": subject("name", lambda look, _: look.facts["name"]),
        "instance.native_id": native,
        "instance.driver": subject("driver", lambda look, _: "libvirt"),
        "instance.architecture": subject("architecture", lambda look, _: "x86_64"),
        "instance.virtualization": subject("virtualization", lambda look, _: "hvm"),
        "instance.openstack": asked("instance", "openstack", nova("name")),
        "instance.described_at": Row(how=How.BOUNDED, source="the clock", check=age),
    }


ROWS: Final = {**_job(), **_who()}
