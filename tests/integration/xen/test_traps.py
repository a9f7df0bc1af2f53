"""What misleads on a real dom0, made there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hvinspect
from hvinspect import State
from tests.integration.xen.known_load import READ_REQUESTS
from tests.integration.xen.reading import read, until
from tests.lab.xen.dom0 import network, second_opinions
from tests.lab.xen.dom0.guests import XlGuest
from tests.lab.xen.dom0.run import output


def test_a_guest_that_waits_for_a_cpu_has_no_flag_and_runs(
    pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection
) -> None:
    # There is one CPU, and whoever reads has it.
    guest, _ = pair
    seen = set()
    with ThreadPoolExecutor(max_workers=1) as beside:
        spinning = beside.submit(guest.spin, 1)
        while not spinning.done():
            stats = read(hv, guest)
            seen.add((stats.state, stats.native_state))
        spinning.result()
    assert (State.RUNNING, "no flag") in seen
    assert {state for state, _ in seen} == {State.RUNNING}


@contextlib.contextmanager
def disk_without_backing(guest: XlGuest, number: int) -> Iterator[None]:
    """dom0's kernel has a backend for a disk that no script has told it the device of."""
    own, other = (
        f"/local/domain/0/backend/vbd/{guest.domid}/{number}",
        f"/local/domain/{guest.domid}/device/vbd/{number}",
    )
    keys = {
        f"{other}/backend": own,
        f"{other}/backend-id": "0",
        f"{other}/state": "1",
        f"{own}/frontend": other,
        f"{own}/frontend-id": str(guest.domid),
        f"{own}/dev": "xvdc",
        f"{own}/params": "/dev/none",
        f"{own}/mode": "w",
        f"{own}/state": "1",
    }
    output("xenstore-write", *(word for pair in keys.items() for word in pair))
    device = Path(f"/sys/bus/xen-backend/devices/vbd-{guest.domid}-{number}")
    until(device.exists, "dom0's kernel makes no backend")
    try:
        yield
    finally:
        for folder in (own, other):
            output("xenstore-rm", folder)
        until(lambda: not device.exists(), "dom0's kernel keeps the backend")


def test_of_a_disk_that_libxenstat_cannot_read_nothing_is_made_up(
    pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection
) -> None:
    guest, _ = pair
    with disk_without_backing(guest, 51744):
        assert second_opinions.unreadable_disks(guest.domid) == [51744]
        first, second = read(hv, guest).disks
    assert (first.key, first.read_requests) == ("xvda", READ_REQUESTS)
    assert (second.key, second.read_requests, second.write_bytes) == ("xvdc", None, None)
    assert "not set up" in str(second.why("read_requests"))


def test_frames_that_a_paused_guest_never_takes_are_drops_of_neither_direction(
    pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection
) -> None:
    guest, _ = pair
    [card, *_] = guest.spec.cards
    vif = guest.vif(card)
    sent, dropped = (Path(f"/sys/class/net/{vif}/statistics/{name}") for name in ("rx_packets", "rx_dropped"))
    before = int(sent.read_text()), int(dropped.read_text())
    guest.pause()
    try:
        network.send_frames(vif, guest.spec.mac(card), count=400, size=1000)
        # They wait for ten seconds. The kernel then counts them where it counts frames that the guest sent.
        until(lambda: int(dropped.read_text()) > before[1], "no frame was dropped")
        assert int(sent.read_text()) == before[0]
        [nic] = [one for one in read(hv, guest).nics if one.name == vif]
    finally:
        guest.unpause()
    assert (nic.rx_drops, nic.tx_drops) == (None, None)
