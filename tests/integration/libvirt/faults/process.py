"""Faults of the reader's own process: nothing left of descriptors, threads or memory, a clock that jumps, forks."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, final

import hvinspect
from hvinspect import rates
from tests.integration.libvirt.faults import leaks
from tests.integration.libvirt.faults.judge import honest, kept
from tests.integration.libvirt.faults.matrix import TARGET, Case, Fault, fault
from tests.integration.libvirt.faults.readers import Connected, Elsewhere, Read, Together
from tests.integration.libvirt.faults.scene import Scene, stopped, stopped_proof

_HOUR: Final = 3600


@contextlib.contextmanager
def _limited(reader: Elsewhere, what: int, limit: int) -> Iterator[None]:
    before = resource.prlimit(reader.pid, what)
    resource.prlimit(reader.pid, what, (limit, before[1]))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(reader.pid, what, before)


@contextlib.contextmanager
def _descriptors(reader: Elsewhere, *, left: int) -> Iterator[None]:
    with _limited(reader, resource.RLIMIT_NOFILE, _lowest_free(reader.pid) + left):
        yield


def _descriptors_proof(reader: Elsewhere) -> str:
    limit = resource.prlimit(reader.pid, resource.RLIMIT_NOFILE)[0]
    left = limit - _lowest_free(reader.pid)
    assert left < 8
    return f"{left} of {limit} descriptors are free"


def _lowest_free(pid: int) -> int:
    used = {int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    return min(set(range(len(used) + 1)) - used)


@fault("no descriptors left", "the reader's process (RLIMIT_NOFILE)")
def no_descriptors(scene: Scene) -> Iterator[Case]:
    reader = Elsewhere(TARGET)
    yield Case(
        reader=lambda: reader,
        lasting=_descriptors(reader, left=0),
        proof=lambda: _descriptors_proof(reader),
        errors=(hvinspect.Error,),
        hit={guest.spec.uuid: honest for guest in scene.everyone},
    )


@fault("no descriptors left to connect with", "the reader's process (RLIMIT_NOFILE)")
def no_descriptors_to_connect(scene: Scene) -> Iterator[Case]:
    reader = Elsewhere(TARGET, anew=True)
    yield Case(
        reader=lambda: reader,
        lasting=_descriptors(reader, left=0),
        proof=lambda: _descriptors_proof(reader),
        errors=(hvinspect.Error,),
        always_raises=True,
    )


def _too_few(left: int, words: str) -> Fault:
    # GLib ends the process that it cannot make a pipe in.
    @fault(f"{words} left to connect with", "the reader's process (RLIMIT_NOFILE)")
    def too_few(scene: Scene) -> Iterator[Case]:
        reader = Elsewhere(TARGET, anew=True)
        yield Case(
            reader=lambda: reader,
            lasting=_descriptors(reader, left=left),
            proof=lambda: _descriptors_proof(reader),
            errors=(hvinspect.Error,),
            always_raises=True,
        )

    return too_few


one_descriptor, three_descriptors = _too_few(1, "one descriptor"), _too_few(3, "three descriptors")


@fault("no threads left", "the reader's process (RLIMIT_NPROC)", timeout=1.5)
def no_threads(scene: Scene) -> Iterator[Case]:
    # Root is not held to this limit.
    reader = Elsewhere(TARGET, unprivileged=True)

    @contextlib.contextmanager
    def used_up() -> Iterator[None]:
        reader.limit_threads(1)
        yield
        reader.limit_threads(-1)

    def proof() -> str:
        limits = Path(f"/proc/{reader.pid}/limits").read_text()
        limit = int(limits.partition("Max processes")[2].split()[0])
        threads = len(list(Path(f"/proc/{reader.pid}/task").iterdir()))
        assert threads >= limit
        return f"{threads} threads of {limit}, the reader is nobody"

    yield Case(
        reader=lambda: reader,
        lasting=used_up(),
        proof=proof,
        errors=(hvinspect.Error,),
        always_raises=True,
    )


@fault("the clock set back by an hour", "the reader's wall clock")
def clock_set_back(scene: Scene) -> Iterator[Case]:
    reader = Elsewhere(TARGET)

    @contextlib.contextmanager
    def set_back() -> Iterator[None]:
        reader.set_clock(-_HOUR)
        yield
        reader.set_clock(0)

    def truth(reads: Sequence[Read]) -> None:
        before, *others = [read.snapshot for read in reads if read.snapshot]
        for after in others:
            went = after.taken.started_unix_ns - before.taken.started_unix_ns
            assert went < -(_HOUR - 60) * 10**9, "the clock was not set back"
            found = rates(before, after)
            for guest in scene.guests:
                rate = found[guest.spec.uuid]
                assert rate.cpu_cores is not None, f"no rate: {rate.why('cpu_cores')}"
                assert rate.window_ns is not None
                assert 0 < rate.window_ns < 60 * 10**9
                assert 0 <= rate.cpu_cores < 16

    yield Case(
        reader=lambda: reader,
        lasting=set_back(),
        proof=lambda: "each snapshot says it was taken an hour before the one before",
        truth=truth,
    )


@final
class _Forking:
    """Forks in the middle of each read, and reads in both processes."""

    def __init__(self) -> None:
        self._reader = Elsewhere(TARGET)
        self.pid = self._reader.pid
        self.open, self.close, self.end = self._reader.open, self._reader.close, self._reader.end
        self.is_calm = self._reader.is_calm
        self.read = self._reader.forked


@fault("a fork in mid-read", "the reader's process, which is two")
def forked(scene: Scene) -> Iterator[Case]:
    yield Case(reader=_Forking, proof=lambda: "each read was forked from under way, and the child read as well")


@fault("five connections at once", "nothing: they meet at the guests' monitors", reads=20)
def five_connections(scene: Scene) -> Iterator[Case]:
    yield Case(
        reader=lambda: Together(*(Connected(TARGET, eye=eye) for eye in range(5))),
        proof=lambda: f"{leaks.clients()[0]} clients of libvirtd",
    )


@fault("two connections and a guest stopped", "one QEMU", reads=5)
def two_connections(scene: Scene) -> Iterator[Case]:
    victim = scene.victim

    def proof() -> str:
        busy = leaks.busy_workers()
        # Of 20: so many the operator's own tools can spare.
        assert busy <= 6, f"{busy} of the daemon's workers are busy"
        return f"{stopped_proof(victim)}; {busy} of the daemon's workers busy"

    yield Case(
        reader=lambda: Together(Connected(TARGET), Connected(TARGET, eye=1)),
        lasting=stopped(victim),
        proof=proof,
        hit={victim.spec.uuid: kept},
        quick=True,
    )


@fault("ten connections and three guests stopped", "three QEMUs", reads=3)
def ten_connections(scene: Scene) -> Iterator[Case]:
    victims = scene.guests[:3]

    def proof() -> str:
        busy = leaks.busy_workers()
        assert busy <= 6, f"{busy} of the daemon's workers are busy"
        return f"{stopped_proof(*victims)}; {busy} of the daemon's workers busy"

    yield Case(
        reader=lambda: Together(*(Connected(TARGET, eye=eye) for eye in range(10))),
        lasting=stopped(*victims),
        proof=proof,
        hit={victim.spec.uuid: honest for victim in victims},
    )


@fault("stdout and stderr closed", "the reader's process, whose descriptors 1 and 2 are free for others")
def no_stdout(scene: Scene) -> Iterator[Case]:
    reader = Elsewhere(TARGET, before=("sh", "-c", 'exec "$@" >&- 2>&-', "sh"))

    def proof() -> str:
        held = {number: Path(f"/proc/{reader.pid}/fd/{number}") for number in (1, 2)}
        now = {number: str(path.readlink()) if path.is_symlink() else "closed" for number, path in held.items()}
        assert not any("/" in what for what in now.values()), now
        return ", ".join(f"descriptor {number} is {what}" for number, what in now.items())

    yield Case(reader=lambda: reader, proof=proof)


FAULTS = (
    no_descriptors,
    no_descriptors_to_connect,
    one_descriptor,
    three_descriptors,
    no_threads,
    clock_set_back,
    forked,
    five_connections,
    two_connections,
    ten_connections,
    no_stdout,
)
