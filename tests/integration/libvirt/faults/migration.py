"""Faults of a move: a guest goes from one node to another, or tries to, while both are read."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence

import libvirt

from hvinspect import Failure, InstanceStats, Reason, Snapshot, State, rates
from tests.integration.libvirt.faults.jobs import job_proof
from tests.integration.libvirt.faults.judge import complete, complete_or_gone, given
from tests.integration.libvirt.faults.matrix import TARGET, Case, fault
from tests.integration.libvirt.faults.readers import Connected, Read, Together
from tests.integration.libvirt.faults.scene import Scene
from tests.lab import settings
from tests.lab.daemons import wait_until
from tests.lab.second_daemon import SecondDaemon

HERE, THERE = 0, 1


def _both(there: SecondDaemon) -> Together:
    return Together(Connected(TARGET, eye=HERE), Connected(f"libvirt:{there.uri}", eye=THERE))


@fault("a live migration, both nodes read", "the node of a guest", recovers_in=15.0)
def migrated(scene: Scene) -> Iterator[Case]:
    there = scene.second
    # Persistent, so that its definition stays behind.
    victim = scene.own("moved").define().start(paused=False)
    uuid, before = victim.spec.uuid, list[Snapshot]()

    def proof() -> str:
        with contextlib.closing(libvirt.open(there.own_uri)) as connection:
            assert connection.lookupByUUIDString(uuid).isActive()
        with contextlib.closing(libvirt.open(settings.OWN_QEMU_URI)) as connection:
            assert not connection.lookupByUUIDString(uuid).isActive()
        return "it runs on the other node, its definition is left on this one"

    def truth(reads: Sequence[Read]) -> None:
        before.append(next(read.snapshot for read in reads if read.snapshot and read.snapshot.get(uuid)))
        runs: dict[int, list[Read]] = {HERE: [], THERE: []}
        for read in reads:
            stats = read.snapshot.get(uuid) if read.snapshot else None
            if stats is not None and stats.state is State.RUNNING:
                runs[read.eye].append(read)
        for arrived in runs[THERE]:
            left = [read for read in runs[HERE] if read.started > arrived.ended]
            assert not left, "what is left of it here is said to run after it ran there"

    def is_there(snapshots: Sequence[Snapshot]) -> bool:
        now = snapshots[THERE].get(uuid)
        if now is None or now.state is not State.RUNNING:
            return False
        left = snapshots[HERE].get(uuid)
        assert left is not None, "what is left of it here is not told"
        assert (left.state, left.state_reason) == (State.SHUT_OFF, "migrated"), left
        assert left.disks[0].read_bytes is None, "the definition that is left has counters"
        assert given(before[0][uuid]) <= given(now)
        why = rates(before[0], snapshots[THERE])[uuid].why("cpu_cores")
        assert why is not None, "its counters here and there were subtracted"
        assert why.reason is Reason.IDENTITY_CHANGED, why
        return True

    yield Case(
        reader=lambda: _both(there),
        passing=lambda: victim.migrate(there.own_uri, run=there.run),
        proof=proof,
        hit={uuid: _on_the_way},
        truth=truth,
        ended=frozenset({(HERE, uuid)}),
        afterwards=is_there,
    )
    victim.destroy()


def _on_the_way(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
    """Here it is what it was, until it is on its way or gone; there it is a shell until it runs."""
    if now is None:
        complete_or_gone(now, failure, before)
    elif now.state is State.PAUSED:
        assert now.state_reason in ("migrating", "starting up", "unknown", "post-copy"), now.state_reason
    elif now.state is State.SHUT_OFF:
        assert now.state_reason in ("migrated", "failed", "unknown"), now.state_reason
    elif before is not None and now.state is State.RUNNING and not _misses_its_monitor(now):
        complete(now, failure, before)


def _misses_its_monitor(stats: InstanceStats) -> bool:
    why = stats.disks[0].why("read_bytes") if stats.disks else stats.why("disks")
    return why is not None and why.reason in (Reason.BUSY, Reason.TIMED_OUT)


@fault("a live migration cancelled, both nodes read", "a job of a guest, and its shell on another node")
def cancelled(scene: Scene) -> Iterator[Case]:
    there = scene.second
    guest, ends = scene.booted, list[str]()

    def truth(reads: Sequence[Read]) -> None:
        uuid = guest.spec.uuid
        seen = [read.snapshot.get(uuid) for read in reads if read.eye == THERE and read.snapshot]
        shells = [stats for stats in seen if stats is not None]
        assert shells, "its shell on the other node was not seen"
        assert all(stats.state is State.PAUSED for stats in shells), "its shell is not marked"

    def move() -> None:
        try:
            guest.migrate(there.own_uri, run=there.run)
        except libvirt.libvirtError as exc:
            ends.append(str(exc))

    @contextlib.contextmanager
    def moving() -> Iterator[None]:
        with guest.domain() as domain:
            domain.migrateSetMaxSpeed(1)
        thread = threading.Thread(target=move)
        thread.start()

        def begun() -> bool:
            with guest.domain() as domain:
                return bool(
                    domain.jobInfo()[0] != libvirt.VIR_DOMAIN_JOB_NONE and domain.jobStats().get("data_processed")
                )

        wait_until(begun, what="it is on its way", timeout=30)
        yield
        with guest.domain() as domain:
            domain.abortJob()
            thread.join()
            domain.migrateSetMaxSpeed(8192)
        assert ends, "it was not cancelled"

    yield Case(
        reader=lambda: _both(there),
        lasting=moving(),
        proof=lambda: job_proof(guest),
        hit={guest.spec.uuid: _on_the_way},
        truth=truth,
        afterwards=lambda snapshots: snapshots[THERE].get(guest.spec.uuid) is None,
    )
    guest.wait_ready()


FAULTS = (migrated, cancelled)
