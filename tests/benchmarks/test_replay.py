"""Guests that are played in the place of libvirt's C extension, and what is metered there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

import hvinspect

libvirt = pytest.importorskip("libvirt")

from benchmarks.binding import Meter, installed  # noqa: E402  # after what they need was found or the tests were skipped
from benchmarks.replay import Played, made  # noqa: E402  # as above

_TARGET = "libvirt:qemu:///system"


@pytest.fixture
def meter() -> Iterator[Meter]:
    connection = libvirt.open("test:///default")
    meter = Meter()
    with installed(meter):
        yield meter
        connection.close()


def test_made_guests_are_read_with_all_of_their_devices() -> None:
    with installed(Played(made(7, (3, 2)))), hvinspect.connect(_TARGET) as hv:
        snapshot = hv.snapshot()
    assert not snapshot.failures
    assert [one.instance.name for one in snapshot] == [f"guest-{number}" for number in range(1, 8)]
    for one in snapshot:
        assert [disk.name for disk in one.disks] == ["vda", "vdb", "vdc"]
        assert len({nic.mac for nic in one.nics}) == 2
        assert all(disk.why("read_bytes") is None for disk in one.disks)
        assert all(nic.why("rx_bytes") is None for nic in one.nics)
        assert one.memory.guest_usable_bytes is not None


def test_an_answer_made_anew_shares_no_object_with_the_one_before() -> None:
    played = Played(made(1, (1, 1)), anew=True)
    domains = played.virConnectListAllDomains(played.virConnectOpenReadOnly(""), 0)
    ((_, first),), ((_, second),) = (played.virDomainListGetStats(domains[0], domains, 0, 0) for _ in range(2))
    assert first == second
    assert first["block.0.rd.bytes"] is not second["block.0.rd.bytes"]


def test_the_extension_is_back_when_it_is_over() -> None:
    real = libvirt.libvirtmod
    with pytest.raises(KeyError), installed(Meter()):
        raise KeyError
    assert libvirt.libvirtmod is real


def test_native_calls_are_counted_and_local_ones_are_not(meter: Meter) -> None:
    with libvirt.open("test:///default") as connection:
        (domain,) = connection.listAllDomains(0)
        domain.UUIDString()
        domain.info()
    # Opened, listed, asked.
    assert meter.calls == 3
    assert meter.most_under_way == 1
    assert meter.seconds > 0


def test_calls_under_way_at_once_are_seen() -> None:
    both = threading.Barrier(2, timeout=20)

    class Slow:
        def call(self) -> Any:
            both.wait()

    with installed(Slow()):
        meter = Meter()
    threads = [threading.Thread(target=meter.call) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (meter.calls, meter.most_under_way) == (2, 2)
