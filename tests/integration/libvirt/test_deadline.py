"""A QEMU that does not answer: calls are over by their deadline all the same."""

from __future__ import annotations

import time

import hvinspect
from tests.integration.libvirt.reading import process_state, wait_until_stopped
from tests.lab.guests import Guest


def test_a_stopped_guest_does_not_hold_a_snapshot(
    hv: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]
) -> None:
    stuck, _ = two_busy_guests
    with stuck.stopped():
        wait_until_stopped(stuck.pid)
        started = time.monotonic()
        snapshot = hv.snapshot(timeout=2.0)
        took = time.monotonic() - started
        assert process_state(stuck.pid) == "T"
    assert took < 2.5
    seen = {one.instance.key for one in snapshot} | {one.instance.key for one in snapshot.failures}
    assert {guest.spec.uuid for guest in two_busy_guests} <= seen


def test_it_is_read_again_when_it_goes_on(hv: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]) -> None:
    stuck, _ = two_busy_guests
    with stuck.stopped():
        hv.snapshot(timeout=1.0)
    deadline = time.monotonic() + 30
    while (stats := hv.snapshot(timeout=10.0).get(stuck.spec.uuid)) is None or stats.memory.assigned_bytes is None:
        assert time.monotonic() < deadline
    assert stats.state is hvinspect.State.RUNNING
    assert hv.health().stuck_calls == 0
