"""Which rows there are, and in which order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import hvinspect
from hvinspect.cli.top.measures import Numbers
from hvinspect.cli.top.rows import Order, Row, chosen, rows
from hvinspect.cli.watch import Reading, following
from hvinspect.testing.fake import FakeHypervisor
from tests.cli import scripted

SECONDS = 10


@pytest.fixture(scope="module")
def reading() -> Reading:
    with FakeHypervisor(instances=12) as hypervisor, hvinspect.connect(hypervisor.target) as connection:
        before = connection.snapshot()
        hypervisor.advance(SECONDS)
        return following(before, connection.snapshot())


def _names(found: list[Row]) -> list[str]:
    return [row.name for row in found]


def _cores(of: Numbers) -> float | None:
    return of.cores


def _memory(of: Numbers) -> float | None:
    return of.memory_bytes


def _disk(of: Numbers) -> float | None:
    return of.disk


def _net(of: Numbers) -> float | None:
    return of.net


@pytest.mark.parametrize(
    ("order", "number"), [(Order.CPU, _cores), (Order.MEMORY, _memory), (Order.DISK, _disk), (Order.NET, _net)]
)
def test_the_greatest_come_first_and_what_is_not_known_last(
    reading: Reading, order: Order, number: Callable[[Numbers], float | None]
) -> None:
    found = rows(reading, ())
    listed = [number(row.numbers) for row in chosen(found, order, reverse=False, containing="")]
    known = [value for value in listed if value is not None]
    assert len(listed) == 12
    assert len(known) > 3
    assert listed == [*sorted(known, reverse=True), *([None] * (12 - len(known)))]
    backwards = [number(row.numbers) for row in chosen(found, order, reverse=True, containing="")]
    assert backwards == [*sorted(known), *([None] * (12 - len(known)))]


def test_numbers_are_those_of_all_devices_together(reading: Reading) -> None:
    assert reading.rates is not None
    for row in rows(reading, ()):
        own = reading.rates[row.instance.key]
        known = [disk.read_bytes_per_s for disk in own.disks if disk.read_bytes_per_s is not None]
        assert row.numbers.disk_read_bytes_per_s == (sum(known) if known else None)
        assert row.numbers.cores == own.cpu_cores


def test_the_first_reading_has_memory_and_no_rates(reading: Reading) -> None:
    for row in rows(Reading(reading.snapshot, None), ()):
        assert row.numbers[0] is None
        assert row.numbers[2:] == (None,) * 4
        assert row.numbers.memory_bytes == reading.snapshot[row.instance.key].memory.assigned_bytes


def test_by_name(reading: Reading) -> None:
    found = rows(reading, ())
    names = _names(chosen(found, Order.INSTANCE, reverse=False, containing=""))
    assert names == sorted(names)
    assert _names(chosen(found, Order.INSTANCE, reverse=True, containing="")) == names[::-1]


def test_a_text_is_looked_for_in_name_uuid_and_state(reading: Reading) -> None:
    found = rows(reading, ())
    one = found[3]
    assert _names(chosen(found, Order.CPU, reverse=False, containing=one.name.upper())) == [one.name]
    assert _names(chosen(found, Order.CPU, reverse=False, containing=str(one.instance.uuid))) == [one.name]
    running = chosen(found, Order.CPU, reverse=False, containing="running")
    assert 0 < len(running) < len(found)
    assert {row.state for row in running} == {"running"}
    assert chosen(found, Order.CPU, reverse=False, containing="no such thing") == []


def test_who_is_late_or_in_quarantine_is_stuck_and_who_failed_is_troubled() -> None:
    scripted.register()
    with hvinspect.connect("scripted:fine+timed_out+denied+fine") as connection:
        snapshot = connection.snapshot()
    found = {row.name: row for row in rows(Reading(snapshot, None), {"3-fine"})}
    assert {name for name, row in found.items() if row.stuck} == {"guest-1", "guest-3"}
    assert {name for name, row in found.items() if row.troubled} == {"guest-1", "guest-2", "guest-3"}
    listed = chosen(list(found.values()), Order.TROUBLE, reverse=False, containing="")
    assert _names(listed) == ["guest-1", "guest-2", "guest-3", "guest-0"]
    assert _names(chosen(list(found.values()), Order.TROUBLE, reverse=True, containing=""))[0] == "guest-0"
