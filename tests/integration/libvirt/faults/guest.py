"""Faults of guests: stopped, killed, gone, made anew, rebooted, and bad at what the host asks of them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import libvirt

from hvinspect import DEFAULT_GROUPS, Failure, Group, InstanceStats, Reason, State
from tests.integration.libvirt.faults.judge import STUCK, complete, complete_but, complete_or_gone, kept, kept_or_gone
from tests.integration.libvirt.faults.matrix import TARGET, Case, fault
from tests.integration.libvirt.faults.readers import Connected, Read
from tests.integration.libvirt.faults.relay import Relay
from tests.integration.libvirt.faults.scene import CHANNEL, PLAYED, Scene, stopped, stopped_proof, wait_for_report
from tests.integration.libvirt.reading import process_state
from tests.lab import settings
from tests.lab.daemons import wait_until
from tests.lab.guests import Guest

_GUEST_MEMORY: Final = "memory.guest_"


def _gone_proof(pid: int, guest: Guest) -> str:
    assert not Path(f"/proc/{pid}").exists() or process_state(pid) == "Z", f"process {pid} is still there"
    assert not guest.runs()
    return f"process {pid} gone"


@fault("one guest stopped (SIGSTOP)", "one QEMU, its monitor included", reads=5)
def one_stopped(scene: Scene) -> Iterator[Case]:
    victim = scene.victim
    yield Case(lasting=stopped(victim), proof=lambda: stopped_proof(victim), hit={victim.spec.uuid: kept}, quick=True)


@fault("one guest stopped, short deadline", "one QEMU; the calls have half a second", timeout=0.5, reads=5)
def one_stopped_short(scene: Scene) -> Iterator[Case]:
    # So little may go by before anybody knows who is stuck: then all of the first snapshot is late, and says so.
    victim = scene.victim
    late = {guest.spec.uuid: _late for guest in scene.everyone}
    yield Case(lasting=stopped(victim), proof=lambda: stopped_proof(victim), hit=late)


def _late(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
    if failure is not None:
        assert failure.reason in STUCK, failure
    elif now is not None and before is not None:
        assert now.state == before.state


@fault("three guests stopped (SIGSTOP)", "three QEMUs", reads=5)
def three_stopped(scene: Scene) -> Iterator[Case]:
    victims = scene.guests[:3]
    yield Case(
        lasting=stopped(*victims),
        proof=lambda: stopped_proof(*victims),
        hit={victim.spec.uuid: kept for victim in victims},
        quick=True,
    )


@fault("all guests stopped (SIGSTOP)", "every QEMU of the host", reads=5)
def all_stopped(scene: Scene) -> Iterator[Case]:
    everyone = scene.everyone
    yield Case(
        lasting=stopped(*everyone),
        proof=lambda: stopped_proof(*everyone),
        hit={victim.spec.uuid: kept for victim in everyone},
        quick=True,
    )


@fault("a guest stops and goes on by turns", "one QEMU, every half second", reads=10)
def stopping_by_turns(scene: Scene) -> Iterator[Case]:
    victim, turns = scene.victim, 6

    def turn() -> None:
        for _ in range(turns):
            with stopped(victim):
                time.sleep(0.5)
            time.sleep(0.5)

    yield Case(passing=turn, proof=lambda: f"stopped {turns} times", hit={victim.spec.uuid: kept_or_gone})


@fault("a guest killed (SIGKILL) in mid-read", "a QEMU that a read waits for")
def killed_in_mid_read(scene: Scene) -> Iterator[Case]:
    victim, pid = scene.victim, scene.victim.pid

    @contextlib.contextmanager
    def stopped_for_good() -> Iterator[None]:
        # Stopped first, so that the first read is still waiting for it when it is killed.
        with stopped(victim):
            yield
        victim.start(paused=False)

    def kill() -> None:
        time.sleep(0.5)
        victim.kill()
        wait_until(lambda: not victim.runs(), what="libvirt knows", timeout=10)

    yield Case(
        lasting=stopped_for_good(),
        passing=kill,
        proof=lambda: _gone_proof(pid, victim),
        hit={victim.spec.uuid: kept_or_gone},
    )


@fault("a guest destroyed in mid-read", "a domain that is being read")
def destroyed_in_mid_read(scene: Scene) -> Iterator[Case]:
    victim = scene.own("destroyed").start(paused=False)
    pid = victim.pid
    yield Case(
        passing=victim.destroy,
        proof=lambda: _gone_proof(pid, victim),
        hit={victim.spec.uuid: complete_or_gone},
        ended=frozenset({(0, victim.spec.uuid)}),
    )


@fault("a guest gone between list and read", "a domain that was listed and then destroyed")
def gone_between_list_and_read(scene: Scene) -> Iterator[Case]:
    victim = scene.own("vanishing").start(paused=False)
    pid, said = victim.pid, ""
    with Relay() as relay:

        def vanish() -> None:
            nonlocal said
            with relay.holding_statistics() as held:
                victim.destroy()
                said = held

        yield Case(
            reader=lambda: Connected(f"libvirt:{relay.uri}"),
            passing=vanish,
            proof=lambda: f"{_gone_proof(pid, victim)} while {said}",
            hit={victim.spec.uuid: complete_or_gone},
            ended=frozenset({(0, victim.spec.uuid)}),
        )


@fault("a guest made anew under its uuid in mid-read", "the life of an instance", recovers_in=15.0)
def made_anew(scene: Scene) -> Iterator[Case]:
    victim, lives = scene.own("anew").start(paused=False), []
    lives.append(victim.pid)

    def make_anew() -> None:
        victim.destroy()
        victim.start(paused=False)
        lives.append(victim.pid)

    def proof() -> str:
        assert len(set(lives)) == 2
        return f"process {lives[0]}, then {lives[1]}"

    def truth(reads: Sequence[Read]) -> None:
        seen = [read.snapshot.get(victim.spec.uuid) for read in reads if read.snapshot]
        by_id: dict[str | None, set[str]] = {}
        for stats in seen:
            if stats is not None and stats.instance.native_id is not None:
                by_id.setdefault(stats.instance.native_id, set()).add(stats.incarnation)
        incarnations = [one for several in by_id.values() for one in several]
        assert len(incarnations) == len(set(incarnations)), f"two lives have one incarnation: {by_id}"

    yield Case(passing=make_anew, proof=proof, hit={victim.spec.uuid: complete_or_gone}, truth=truth)
    victim.destroy()


@fault("a guest created in mid-read", "the list of instances")
def created(scene: Scene) -> Iterator[Case]:
    newcomer = scene.own("newcomer")

    def proof() -> str:
        assert newcomer.runs()
        return f"process {newcomer.pid} is new"

    yield Case(
        passing=lambda: newcomer.start(paused=False),
        proof=proof,
        hit={newcomer.spec.uuid: complete_or_gone},
        afterwards=lambda snapshots: all(one.get(newcomer.spec.uuid) is not None for one in snapshots),
    )
    newcomer.destroy()


_EMPTY: Final = (
    "<domain type='qemu'><name>{name}</name><memory>16384</memory><os><type machine='pc'>hvm</type></os>"
    "<devices><memballoon model='none'/></devices></domain>"
)


@fault("500 definitions made and removed meanwhile", "the list of instances, all the time")
def definitions(scene: Scene) -> Iterator[Case]:
    made = 0

    def come_and_go() -> None:
        nonlocal made
        with contextlib.closing(libvirt.open(settings.OWN_QEMU_URI)) as connection:
            for number in range(500):
                connection.defineXML(_EMPTY.format(name=f"passing-{number}")).undefine()
                made += 1

    yield Case(passing=come_and_go, proof=lambda: f"{made} came and went")


@fault("500 transient guests started and destroyed meanwhile", "the list of instances", recovers_in=20.0, slow=True)
def transient_guests(scene: Scene) -> Iterator[Case]:
    made: list[int] = []

    def one(number: int) -> None:
        with contextlib.closing(libvirt.open(settings.OWN_QEMU_URI)) as connection:
            xml = _EMPTY.format(name=f"transient-{number}")
            connection.createXML(xml, libvirt.VIR_DOMAIN_START_PAUSED).destroy()
        made.append(number)

    def come_and_go() -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(one, range(500)))

    yield Case(passing=come_and_go, proof=lambda: f"{len(made)} came and went")


@fault("a guest paused and resumed", "the state of a guest")
def paused(scene: Scene) -> Iterator[Case]:
    victim = scene.victim

    @contextlib.contextmanager
    def pausing() -> Iterator[None]:
        victim.pause()
        yield
        victim.resume()

    def proof() -> str:
        with victim.domain() as domain:
            assert domain.state()[0] == libvirt.VIR_DOMAIN_PAUSED
        return "virsh says paused"

    def look(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
        complete(now, failure, before)
        assert now is not None
        assert now.state is State.PAUSED

    yield Case(
        lasting=pausing(),
        proof=proof,
        hit={victim.spec.uuid: look},
        afterwards=lambda snapshots: all(one[victim.spec.uuid].state is State.RUNNING for one in snapshots),
    )


@fault("a guest rebooted in mid-read", "what the guest itself counts", recovers_in=60.0, slow=True)
def rebooted(scene: Scene) -> Iterator[Case]:
    guest = scene.booted

    def reboot() -> None:
        guest.reboot()
        wait_for_report(guest)

    yield Case(
        passing=reboot,
        proof=lambda: f"it booted {_boots(guest)} times",
        hit={guest.spec.uuid: complete_but(_GUEST_MEMORY, or_busy=True)},
    )


@fault("a guest reset in mid-read", "what the guest itself counts", recovers_in=60.0, slow=True)
def was_reset(scene: Scene) -> Iterator[Case]:
    guest = scene.booted
    boots = _boots(guest)

    def proof() -> str:
        assert _boots(guest) == boots + 1
        return f"it booted {boots + 1} times"

    yield Case(
        passing=lambda: _reset(guest), proof=proof, hit={guest.spec.uuid: complete_but(_GUEST_MEMORY, or_busy=True)}
    )


def _boots(guest: Guest) -> int:
    return guest.spec.console.read_text(errors="replace").count("lab guest ready")


def _reset(guest: Guest) -> None:
    with guest.domain() as domain:
        domain.reset()
    guest.wait_ready()
    wait_for_report(guest)


@fault("the balloon driver removed in the guest", "the guest's own word on its memory", recovers_in=60.0, slow=True)
def balloon_removed(scene: Scene) -> Iterator[Case]:
    guest, at = scene.booted, list[int]()

    @contextlib.contextmanager
    def removed() -> Iterator[None]:
        guest.drop_balloon()
        at.append(time.time_ns())
        time.sleep(2.0)  # a report that was under way may still arrive
        yield
        _reset(guest)

    def look(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
        complete_but(_GUEST_MEMORY)(now, failure, before)
        assert now is not None
        reported = now.memory.guest_updated_unix_ns
        if reported is not None:
            # QEMU keeps the last report: how old it is has to show.
            assert reported < at[0] + 10**9, "it reports though nobody is there who could"
            return
        why = now.memory.why("guest_unused_bytes")
        assert why is not None
        assert why.reason is Reason.NEEDS_GUEST, why

    yield Case(
        lasting=removed(),
        proof=lambda: "rmmod virtio_balloon succeeded in the guest",
        hit={guest.spec.uuid: look},
    )


@fault("a guest's kernel in panic", "the guest, not its QEMU", recovers_in=60.0, slow=True)
def panicked(scene: Scene) -> Iterator[Case]:
    guest = scene.booted

    @contextlib.contextmanager
    def panicking() -> Iterator[None]:
        with guest.domain() as domain:
            domain.injectNMI()
        wait_until(lambda: _panics(guest) > 0, what="the guest panics", timeout=30)
        time.sleep(1.5)
        yield
        _reset(guest)

    def proof() -> str:
        assert _panics(guest)
        return "Kernel panic on its console"

    yield Case(lasting=panicking(), proof=proof, hit={guest.spec.uuid: complete_but(_GUEST_MEMORY)})


def _panics(guest: Guest) -> int:
    return guest.spec.console.read_text(errors="replace").count("Kernel panic")


@fault("a guest agent that never answers", "the agent's group of one guest", recovers_in=20.0)
def agent_hangs(scene: Scene) -> Iterator[Case]:
    guest = scene.booted

    @contextlib.contextmanager
    def hanging() -> Iterator[None]:
        # The channel is open in the guest, and what comes through it goes to a port that nobody reads.
        guest.ask("relay", CHANNEL, PLAYED)
        wait_until(lambda: "state='connected'" in _agent_xml(guest), what="the agent's channel is open", timeout=10)
        yield
        guest.ask("unrelay")

    def proof() -> str:
        assert "state='connected'" in _agent_xml(guest)
        return "the agent's channel is connected, and nobody there"

    def look(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
        complete(now, failure, before)
        assert now is not None
        why = now.guest_agent.why("hostname")
        assert why is not None
        assert why.reason in STUCK, why

    groups = (*DEFAULT_GROUPS, Group.GUEST_AGENT)
    yield Case(
        reader=lambda: Connected(TARGET, groups=groups, options={"access": "write"}),
        lasting=hanging(),
        proof=proof,
        hit={guest.spec.uuid: look},
    )


def _agent_xml(guest: Guest) -> str:
    with guest.domain() as domain:
        found: str = domain.XMLDesc()
    _, _, channel = found.partition(f"name='{CHANNEL}'")
    return channel[:40]


@fault("a guest stopped while the daemon restarts", "one QEMU, and a daemon that finds it stuck", recovers_in=20.0)
def stopped_over_a_restart(scene: Scene) -> Iterator[Case]:
    victim = scene.victim
    pid = victim.pid

    @contextlib.contextmanager
    def stopped_and_restarted() -> Iterator[None]:
        with stopped(victim):
            scene.libvirtd.kill()
            scene.libvirtd.start()
            yield

    def proof() -> str:
        assert process_state(pid) == "T"
        return f"process {pid} in state T, libvirtd is {scene.libvirtd.pid}"

    yield Case(lasting=stopped_and_restarted(), proof=proof, hit={one.spec.uuid: _late for one in scene.everyone})


FAULTS = (
    one_stopped,
    one_stopped_short,
    three_stopped,
    all_stopped,
    stopping_by_turns,
    killed_in_mid_read,
    destroyed_in_mid_read,
    gone_between_list_and_read,
    made_anew,
    created,
    definitions,
    paused,
    stopped_over_a_restart,
    rebooted,
    was_reset,
    balloon_removed,
    panicked,
    agent_hangs,
    transient_guests,
)
