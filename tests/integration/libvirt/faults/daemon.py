"""Faults of the daemon and of the way to it: hung, gone, restarted, closed to us, full, or not a libvirtd at all."""

from __future__ import annotations

import contextlib
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import libvirt

import hvinspect
from tests.integration.libvirt.faults import leaks
from tests.integration.libvirt.faults.judge import kept
from tests.integration.libvirt.faults.matrix import TARGET, Case, Fault, fault
from tests.integration.libvirt.faults.readers import Connected, Connecting, Elsewhere, Read
from tests.integration.libvirt.faults.relay import Mode, Relay
from tests.integration.libvirt.faults.scene import Scene, stopped, stopped_proof
from tests.integration.libvirt.reading import process_state, wait_until_stopped
from tests.lab import daemons, settings
from tests.lab.certificates import Authority
from tests.lab.daemons import Daemon
from tests.lab.relay import relay

LOST = (hvinspect.ConnectionLost, hvinspect.ConnectFailed)
_CONFIGURATION = Path("/etc/libvirt/libvirtd.conf")


@contextlib.contextmanager
def _hung(daemon: Daemon) -> Iterator[None]:
    pid = daemon.pid
    assert pid is not None
    daemon.suspend()
    try:
        wait_until_stopped(pid)
        yield
    finally:
        daemon.resume()


@fault("libvirtd hung (SIGSTOP)", "the daemon; its sockets accept", timeout=1.5)
def hung(scene: Scene) -> Iterator[Case]:
    pid = scene.libvirtd.pid
    assert pid is not None

    def proof() -> str:
        assert process_state(pid) == "T"
        return f"libvirtd, process {pid}, in state T"

    yield Case(lasting=_hung(scene.libvirtd), proof=proof, errors=(hvinspect.DeadlineExceeded,), always_raises=True)


@fault("libvirtd hung in mid-read and back", "the daemon, for a second", timeout=5.0)
def hung_for_a_second(scene: Scene) -> Iterator[Case]:
    def hang() -> None:
        with _hung(scene.libvirtd):
            time.sleep(1.0)

    yield Case(passing=hang, proof=lambda: "stopped for 1 s")


def _restart(name: str, number: signal.Signals) -> Fault:
    @fault(f"libvirtd ended ({number.name}) and started in mid-read", f"the daemon, {name}")
    def restarted(scene: Scene) -> Iterator[Case]:
        pids = [scene.libvirtd.pid]

        def restart() -> None:
            (scene.libvirtd.stop if number is signal.SIGTERM else scene.libvirtd.kill)()
            scene.libvirtd.start()
            pids.append(scene.libvirtd.pid)

        def proof() -> str:
            assert pids[0] != pids[1]
            return f"libvirtd was {pids[0]}, and is {pids[1]}"

        # Of a read in whose middle it goes, what had come before is given, and the rest has that for its reason.
        yield Case(passing=restart, proof=proof, errors=LOST, hit={one.spec.uuid: _cut for one in scene.everyone})

    return restarted


def _cut(
    now: hvinspect.InstanceStats | None, failure: hvinspect.Failure | None, before: hvinspect.InstanceStats | None
) -> None:
    if now is not None and before is not None:
        assert now.state in (before.state, None), f"said to be {now.state}"


ended_and_started = _restart("which says good-bye", signal.SIGTERM)
killed_and_started = _restart("which does not", signal.SIGKILL)


@fault("libvirtd gone and not back", "the daemon, for good")
def gone(scene: Scene) -> Iterator[Case]:
    @contextlib.contextmanager
    def away() -> Iterator[None]:
        scene.libvirtd.kill()
        yield
        scene.libvirtd.start()

    def proof() -> str:
        assert scene.libvirtd.pid is None
        return "there is no libvirtd"

    yield Case(lasting=away(), proof=proof, errors=LOST, always_raises=True)


@fault("libvirtd's sockets removed, and back", "the way to the daemon; back with new inodes")
def sockets_removed(scene: Scene) -> Iterator[Case]:
    inodes = _inodes()

    @contextlib.contextmanager
    def removed() -> Iterator[None]:
        for path in settings.SOCKETS:
            path.unlink()
        yield
        scene.libvirtd.restart()
        assert not set(inodes) & set(_inodes())

    def proof() -> str:
        assert not any(path.exists() for path in settings.SOCKETS)
        return "no socket file; libvirtd runs"

    yield Case(reader=lambda: Connecting(TARGET), lasting=removed(), proof=proof, errors=LOST, always_raises=True)


@fault("libvirtd's sockets removed under a connection", "the way to the daemon, for those who are not there yet")
def sockets_removed_later(scene: Scene) -> Iterator[Case]:
    @contextlib.contextmanager
    def removed() -> Iterator[None]:
        for path in settings.SOCKETS:
            path.unlink()
        yield
        scene.libvirtd.restart()

    def proof() -> str:
        assert not any(path.exists() for path in settings.SOCKETS)
        return "no socket file; libvirtd runs"

    # Who is connected stays connected.
    yield Case(lasting=removed(), proof=proof)


def _inodes() -> list[int]:
    return [path.stat().st_ino for path in settings.SOCKETS]


@fault("the socket's permission taken away", "the way to the daemon, for an unprivileged reader")
def chmodded(scene: Scene) -> Iterator[Case]:
    socket = settings.READ_ONLY_SOCKET

    @contextlib.contextmanager
    def closed() -> Iterator[None]:
        mode = socket.stat().st_mode
        socket.chmod(0o700)
        yield
        socket.chmod(mode)

    def proof() -> str:
        assert socket.stat().st_mode & 0o777 == 0o700
        return "the socket has mode 0700, the reader is nobody"

    yield Case(
        reader=lambda: Elsewhere(TARGET, unprivileged=True, anew=True),
        lasting=closed(),
        proof=proof,
        errors=(hvinspect.AccessDenied,),
        always_raises=True,
    )


@fault("polkit's leave taken away", "the right to read, for an unprivileged reader")
def refused_by_polkit(scene: Scene) -> Iterator[Case]:
    rule = Path("/etc/polkit-1/rules.d/00-lab.rules")

    @contextlib.contextmanager
    def refused() -> Iterator[None]:
        daemons.deny_by_polkit()
        time.sleep(1.5)  # polkitd looks at its rules again within a second
        yield
        daemons.allow_by_polkit()

    def proof() -> str:
        assert "polkit.Result.NO" in rule.read_text()
        return "a rule of polkit says no, the reader is nobody"

    yield Case(
        reader=lambda: Elsewhere(TARGET, unprivileged=True, anew=True),
        lasting=refused(),
        proof=proof,
        errors=(hvinspect.AccessDenied,),
        always_raises=True,
    )


def _misbehaving(
    mode: Mode, name: str, breaks: str, errors: tuple[type[BaseException], ...], timeout: float = 1.5
) -> Fault:
    @fault(name, breaks, timeout=timeout)
    def misbehaving(scene: Scene) -> Iterator[Case]:
        with Relay() as relay:

            def proof() -> str:
                return f"the relay is in mode {mode}; {relay.refused()} bytes were not passed on"

            def truth(reads: Sequence[Read]) -> None:
                assert mode == "hang-up" or relay.refused() > 0, "nothing was refused"

            yield Case(
                reader=lambda: Connected(f"libvirt:{relay.uri}"),
                lasting=relay.misbehaving(mode),
                proof=proof,
                errors=errors,
                always_raises=True,
                truth=truth,
            )

    return misbehaving


never_answers = _misbehaving(
    "mute", "a daemon that accepts and never answers", "every answer", (hvinspect.DeadlineExceeded,)
)
answers_garbage = _misbehaving(
    "garbage",
    "a daemon that answers garbage",
    "every answer",
    (*LOST, hvinspect.DeadlineExceeded, hvinspect.ReplyInvalid),
)
hangs_up = _misbehaving("hang-up", "a daemon that hangs up at once", "every connection", LOST, timeout=5.0)


@fault("the peer of a remote TLS connection fell silent", "every answer, without an end of the connection", timeout=1.5)
def silent_peer(scene: Scene) -> Iterator[Case]:
    with tempfile.TemporaryDirectory(dir=settings.STATE) as folder:
        authority = Authority(Path(folder) / "authority")
        credentials = authority.server("server", hosts=("DNS:localhost", "IP:127.0.0.1"))
        with daemons.listening_on_tls(credentials), relay(daemons.TLS_PORT) as between:

            @contextlib.contextmanager
            def silent() -> Iterator[None]:
                between.silence()
                yield
                between.speak()

            def proof() -> str:
                assert between.is_silent
                return f"nothing was passed on, {between.connections} connections stand"

            target = f"libvirt:qemu+tls://localhost:{between.port}/system?pkipath={authority.client('client')}"
            yield Case(
                reader=lambda: Elsewhere(target),
                lasting=silent(),
                proof=proof,
                errors=(hvinspect.DeadlineExceeded,),
                always_raises=True,
            )


@fault("max_clients reached", "the daemon, for those who are not there yet", timeout=1.5)
def full(scene: Scene) -> Iterator[Case]:
    most = leaks.clients()[1]

    @contextlib.contextmanager
    def filled() -> Iterator[None]:
        others = [libvirt.open(settings.OWN_QEMU_URI) for _ in range(3)]
        leaks.limit_clients(len(others))
        yield
        leaks.limit_clients(most)
        for one in others:
            one.close()

    def proof() -> str:
        # The admin's own connection is to a server of its own.
        now, limit = leaks.clients()
        assert now >= limit
        return f"{now} clients of {limit}"

    yield Case(
        reader=lambda: Connecting(TARGET),
        lasting=filled(),
        proof=proof,
        errors=(hvinspect.DeadlineExceeded, *LOST),
        always_raises=True,
    )


@fault("max_client_requests 1, and a guest stopped", "one QEMU, and with it the one request a connection may have")
def one_request(scene: Scene) -> Iterator[Case]:
    victim, before = scene.victim, _CONFIGURATION.read_text()
    _CONFIGURATION.write_text(before + "max_client_requests = 1\n")
    scene.libvirtd.restart()
    try:
        yield Case(
            lasting=stopped(victim),
            proof=lambda: f"{stopped_proof(victim)}; max_client_requests is 1",
            hit={victim.spec.uuid: kept},
            quick=True,
        )
    finally:
        _CONFIGURATION.write_text(before)
        scene.libvirtd.restart()


@fault("five workers in all, and three guests stopped", "three QEMUs, and most of the daemon's workers")
def few_workers(scene: Scene) -> Iterator[Case]:
    victims, before = scene.guests[:3], _CONFIGURATION.read_text()
    _CONFIGURATION.write_text(before + "max_workers = 5\nprio_workers = 1\n")
    scene.libvirtd.restart()
    try:
        yield Case(
            lasting=stopped(*victims),
            proof=lambda: f"{stopped_proof(*victims)}; {leaks.busy_workers()} of 5 workers busy",
            hit={victim.spec.uuid: kept for victim in victims},
            quick=True,
        )
    finally:
        _CONFIGURATION.write_text(before)
        scene.libvirtd.restart()


FAULTS = (
    hung,
    hung_for_a_second,
    ended_and_started,
    killed_and_started,
    gone,
    sockets_removed,
    sockets_removed_later,
    chmodded,
    refused_by_polkit,
    never_answers,
    answers_garbage,
    hangs_up,
    silent_peer,
    full,
    one_request,
    few_workers,
)
