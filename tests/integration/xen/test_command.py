"""The whole command, in dom0."""

from __future__ import annotations

from tests.integration.xen.conftest import Loaded
from tests.integration.xen.known_load import assert_disk_is_exact, assert_nic_is_exact
from tests.integration.xen.reading import printed, snapshot_of_command
from tests.lab.xen.dom0.guests import XlGuest


def test_stats_prints_every_guest(pair: tuple[XlGuest, XlGuest]) -> None:
    text = printed()
    for guest in pair:
        assert guest.spec.name in text


def test_stats_gives_the_numbers_to_programs(loaded: Loaded) -> None:
    assert {one.instance.name for one in loaded.given} == {guest.spec.name for guest in loaded.guests}
    for guest in loaded.guests:
        assert_disk_is_exact(loaded.given[guest.spec.uuid])


def test_its_numbers_of_a_nic_are_the_guests(loaded: Loaded) -> None:
    given = snapshot_of_command()
    for guest in loaded.guests:
        (card,) = guest.spec.cards
        assert_nic_is_exact(given[guest.spec.uuid], guest, card)
