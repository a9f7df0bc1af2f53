"""Faults that are a guest's jobs: it is saved, restored, copied, committed, backed up and dumped while it is read."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import libvirt

from hvinspect import Failure, InstanceStats, State
from tests.integration.libvirt.faults.judge import STUCK, complete, complete_or_busy, complete_or_gone
from tests.integration.libvirt.faults.matrix import Case, fault
from tests.integration.libvirt.faults.scene import Scene
from tests.lab import settings
from tests.lab.daemons import wait_until
from tests.lab.guests import Guest
from tests.lab.specification import MIB, DiskSpec


def job_proof(guest: Guest) -> str:
    with guest.domain() as domain:
        info = domain.jobInfo()
    assert info[0] != libvirt.VIR_DOMAIN_JOB_NONE, f"no job: {info[:3]}"
    return f"virsh domjobinfo: a job of type {info[0]}"


def _block_job(guest: Guest) -> str:
    with guest.domain() as domain:
        info = domain.blockJobInfo("vda")
    assert info, "no block job"
    return f"virsh blockjob: {info}"


class _Slow:
    """A pipe that takes what is written into it only when it is told to, and keeps it in a file."""

    def __init__(self, path: Path) -> None:
        self.path, self.file = path.with_suffix(".fifo"), path
        os.mkfifo(self.path)
        self.path.chmod(0o666)
        self._descriptor = os.open(self.path, os.O_RDWR)
        self._go = threading.Event()

    def drain(self, until: Callable[[], bool]) -> None:
        """Take all there is."""
        os.set_blocking(self._descriptor, False)
        with self.file.open("wb") as out:
            over = False
            while True:
                over_before, over = over, until()
                try:
                    out.write(os.read(self._descriptor, 1 << 20))
                except BlockingIOError:
                    if over_before:
                        return
                    threading.Event().wait(0.02)

    def close(self) -> None:
        os.close(self._descriptor)
        self.path.unlink()
        self.file.unlink(missing_ok=True)


def _busy(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
    """It is there, in one of the states of such a job; what its monitor is too busy for says so."""
    assert now is not None, f"not read: {failure}"
    assert before is not None
    assert now.state in (State.RUNNING, State.PAUSED), now.state
    assert now.cpu.time_ns is not None, now.cpu.why("time_ns")
    for disk in now.disks:
        why = disk.why("read_bytes")
        assert why is None or why.reason in STUCK, why
    if not now.disks:
        why = now.why("disks")
        assert why is not None
        assert why.reason in STUCK, why


def _in_slow_storage(
    start: Callable[[Any, str], object], guest: Guest, slow: _Slow
) -> contextlib.AbstractContextManager[None]:
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with guest.domain() as domain:
                start(domain, str(slow.path))
        except libvirt.libvirtError as exc:
            failed.append(exc)

    @contextlib.contextmanager
    def working() -> Iterator[None]:
        thread = threading.Thread(target=work)
        thread.start()

        def begun() -> bool:
            with guest.domain() as domain:
                if not thread.is_alive():
                    raise AssertionError(f"it is over: {failed}")
                return bool(domain.jobInfo()[0] != libvirt.VIR_DOMAIN_JOB_NONE)

        wait_until(begun, what="the job runs", timeout=20)
        yield
        slow.drain(lambda: not thread.is_alive())
        thread.join()
        if failed:
            raise failed[0]

    return working()


@fault("a guest saved to storage that hangs", "the monitor of a guest, for as long as it takes")
def saved_slowly(scene: Scene) -> Iterator[Case]:
    victim, slow = scene.own("saved").start(paused=False), _Slow(settings.IMAGES / "saved")
    working = _in_slow_storage(lambda domain, path: domain.save(path), victim, slow)

    @contextlib.contextmanager
    def saved() -> Iterator[None]:
        with working:
            yield
        # What went through a pipe is not a whole save image: libvirt goes back to its head in the end.
        victim.start(paused=False)

    yield Case(lasting=saved(), proof=lambda: job_proof(victim), hit={victim.spec.uuid: _busy})
    victim.destroy()
    slow.close()


@fault("a managed save, and its restoration, in mid-read", "the life of a guest")
def saved_and_restored(scene: Scene) -> Iterator[Case]:
    victim = scene.own("restored").define().start(paused=False)
    pids = [victim.pid]

    def save_and_restore() -> None:
        with victim.domain() as domain:
            domain.managedSave()
            assert domain.hasManagedSaveImage()
            domain.create()
        pids.append(victim.pid)

    def proof() -> str:
        assert len(set(pids)) == 2
        return f"process {pids[0]}, then {pids[1]}"

    yield Case(passing=save_and_restore, proof=proof, hit={victim.spec.uuid: complete_or_gone})
    victim.destroy()


@fault("a guest dumped to storage that hangs", "the monitor of a guest")
def dumped_slowly(scene: Scene) -> Iterator[Case]:
    victim, slow = scene.own("dumped").start(paused=False), _Slow(settings.IMAGES / "dump")
    working = _in_slow_storage(lambda domain, path: domain.coreDump(path, libvirt.VIR_DUMP_MEMORY_ONLY), victim, slow)
    yield Case(lasting=working, proof=lambda: job_proof(victim), hit={victim.spec.uuid: _busy})
    victim.destroy()
    slow.close()


@fault("a block copy in progress", "nothing: a job on a disk")
def copied(scene: Scene) -> Iterator[Case]:
    victim, copy = scene.own("copied").start(paused=False), settings.IMAGES / "copy.raw"

    @contextlib.contextmanager
    def copying() -> Iterator[None]:
        with victim.domain() as domain:
            xml = f"<disk type='file'><driver type='raw'/><source file='{copy}'/></disk>"
            domain.blockCopy("vda", xml, {}, libvirt.VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB)
        yield
        with victim.domain() as domain:
            domain.blockJobAbort("vda", 0)

    yield Case(lasting=copying(), proof=lambda: _block_job(victim), hit={victim.spec.uuid: complete})
    victim.destroy()
    copy.unlink(missing_ok=True)


def _snapshot(guest: Guest, file: Path) -> None:
    xml = (
        "<domainsnapshot><disks><disk name='vda' snapshot='external'>"
        f"<source file='{file}'/></disk></disks></domainsnapshot>"
    )
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA
    with guest.domain() as domain:
        domain.snapshotCreateXML(xml, flags)


@fault("an external snapshot taken in mid-read", "nothing: the image behind a disk is another")
def external_snapshot(scene: Scene) -> Iterator[Case]:
    victim, overlay = scene.own("snapshotted").start(paused=False), settings.IMAGES / "overlay-1.qcow2"

    def proof() -> str:
        with victim.domain() as domain:
            assert str(overlay) in domain.XMLDesc()
        return f"its XML names {overlay.name}"

    yield Case(passing=lambda: _snapshot(victim, overlay), proof=proof, hit={victim.spec.uuid: complete})
    victim.destroy()
    overlay.unlink()


@fault("a block commit in progress", "nothing: a job on a disk")
def committed(scene: Scene) -> Iterator[Case]:
    # Both images of one format, so that the same is known of the disk before and after.
    disk = DiskSpec(target="vda", format="qcow2", size=MIB)
    victim, overlay = scene.own("committed", disk).start(paused=False), settings.IMAGES / "overlay-2.qcow2"
    _snapshot(victim, overlay)

    @contextlib.contextmanager
    def committing() -> Iterator[None]:
        with victim.domain() as domain:
            domain.blockCommit("vda", None, None, 0, libvirt.VIR_DOMAIN_BLOCK_COMMIT_ACTIVE)
            # It stays like this, the same on both sides, until it is told to end.
            wait_until(lambda: domain.blockJobInfo("vda").get("cur"), what="it is all copied", timeout=20)
        yield
        with victim.domain() as domain:
            domain.blockJobAbort("vda", libvirt.VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT)

    yield Case(lasting=committing(), proof=lambda: _block_job(victim), hit={victim.spec.uuid: complete})
    victim.destroy()
    overlay.unlink()


@fault("a backup in progress", "nothing: a job of a guest, which others are to see")
def backed_up(scene: Scene) -> Iterator[Case]:
    victim = scene.own("backed-up").start(paused=False)
    xml = (
        f"<domainbackup mode='pull'><server transport='unix' socket='{victim.spec.folder}/backup.sock'/>"
        "<disks><disk name='vda' type='file' backupmode='full'>"
        f"<scratch file='{settings.IMAGES}/scratch.qcow2'/></disk></disks></domainbackup>"
    )

    @contextlib.contextmanager
    def backing_up() -> Iterator[None]:
        with victim.domain() as domain:
            domain.backupBegin(xml, None, 0)
        yield
        with victim.domain() as domain:
            domain.abortJob()

    yield Case(lasting=backing_up(), proof=lambda: job_proof(victim), hit={victim.spec.uuid: complete})
    victim.destroy()


@fault("a backup pushed in mid-read", "nothing: a job of a guest")
def backup_pushed(scene: Scene) -> Iterator[Case]:
    victim, target = scene.own("pushed").start(paused=False), settings.IMAGES / "pushed.qcow2"
    xml = (
        "<domainbackup mode='push'><disks><disk name='vda' type='file' backupmode='full'>"
        f"<target file='{target}'/><driver type='qcow2'/></disk></disks></domainbackup>"
    )

    def push() -> None:
        with victim.domain() as domain:
            domain.backupBegin(xml, None, 0)
            wait_until(
                lambda: domain.jobInfo()[0] == libvirt.VIR_DOMAIN_JOB_NONE, what="the backup is complete", timeout=30
            )

    def proof() -> str:
        return f"{target.name} of {target.stat().st_size} bytes was made"

    yield Case(passing=push, proof=proof, hit={victim.spec.uuid: complete_or_busy})
    victim.destroy()
    target.unlink()


FAULTS = (
    saved_slowly,
    saved_and_restored,
    dumped_slowly,
    copied,
    external_snapshot,
    committed,
    backed_up,
    backup_pushed,
)
