"""Each field that the driver gives is true, by a source besides its own where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

import hvinspect
from hvinspect.drivers._xen.provides import provided
from tests.fidelity.rows import How, failures, shown
from tests.integration.xen.fidelity import outside
from tests.integration.xen.fidelity.rows import Look, Moment, blind, series
from tests.integration.xen.fidelity.table import TABLE
from tests.integration.xen.reading import PATIENCE, read, until
from tests.lab.xen.dom0 import measured, network, second_opinions
from tests.lab.xen.dom0.guests import XlGuest


def moment(hv: hvinspect.Connection, guest: XlGuest, *, runs: bool = True) -> Moment:
    before = outside.look(guest, runs=runs)
    stats, host = read(hv, guest), hv.host(timeout=PATIENCE)
    return Moment(before=before, stats=stats, host=host, after=outside.look(guest, runs=runs))


@pytest.fixture(scope="module")
def look(pair: tuple[XlGuest, XlGuest]) -> Iterator[Look]:
    """A guest in a bridge, before and after it did something of everything, and paused with a vCPU less."""
    _, guest = pair
    (card,) = guest.spec.cards
    with network.bridge() as bridge, network.port(guest.vif(card), bridge), hvinspect.connect("xen:") as hv:
        first = moment(hv, guest)
        guest.read(count=3, size=4096)
        guest.write(count=5, size=8192)
        guest.ask("discard", "xvda", 0, 65536)
        guest.send(card, count=7, size=300)
        network.send_frames(guest.vif(card), guest.spec.mac(card), count=9, size=200)
        second = moment(hv, guest)
        guest.set_vcpus(1)
        until(lambda: second_opinions.libxenctrl(guest.domid).online == (True, False), "the guest takes no vCPU down")
        guest.pause()
        try:
            paused = moment(hv, guest, runs=False)
        finally:
            guest.unpause()
            guest.set_vcpus(2)
            until(lambda: guest.take_vcpu(1), "the vCPU does not come back")
        yield Look(first=first, second=second, paused=paused)


def test_every_row_holds_and_every_counter_moved(look: Look) -> None:
    wrong = failures(TABLE, look, partial(series, look))
    assert wrong == [], "\n".join(wrong)


def test_every_row_fails_when_its_field_is_wrong(look: Look) -> None:
    assert blind(TABLE, look) == []


def test_the_table_is_kept(look: Look) -> None:
    lacking = {path: str(why) for path, why in provided().items() if why is not None}
    rows = shown(TABLE, lacking, partial(series, look), driver="xen")
    decoded = [row["field"] for row in rows if row["evidence"] == How.DECODE_ONLY.value]
    assert decoded == ["nic.rx_errors", "nic.tx_errors"]
    measured.hand_out("fidelity_xen", rows)
