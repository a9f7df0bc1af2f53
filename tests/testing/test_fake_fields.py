"""The fake's first instance has every field, and each group brings its own: asked of all parts of a record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import hvinspect
from hvinspect import CATALOGUE, Connection, Group, InstanceStats
from hvinspect.testing import FakeHypervisor
from hvinspect.testing._walk import fields_of, parts_of_host, parts_of_stats

ALL = frozenset(Group) - {Group.UNKNOWN}


@pytest.fixture
def hypervisor() -> Iterator[FakeHypervisor]:
    with FakeHypervisor(seed=7) as made:
        yield made


@pytest.fixture
def connection(hypervisor: FakeHypervisor) -> Iterator[Connection]:
    with hvinspect.connect(hypervisor.target) as made:
        yield made


def first(connection: Connection) -> InstanceStats:
    return connection.snapshot(groups=ALL).instances[0]


def test_the_first_instance_fills_every_field_of_the_catalogue(
    hypervisor: FakeHypervisor, connection: Connection
) -> None:
    stats = first(connection)
    parts = [*parts_of_stats(stats), *parts_of_host(connection.host())]
    filled = {
        field.path for part in parts for field in fields_of(part) if getattr(part.record, field.name) not in (None, ())
    }
    rates = {path for path, field in CATALOGUE.items() if field.record in ("rates", "disk_rates", "nic_rates")}
    assert set(CATALOGUE) - filled - rates == set()


def test_each_counter_of_the_first_instance_moves(hypervisor: FakeHypervisor, connection: Connection) -> None:
    before = list(parts_of_stats(first(connection)))
    hypervisor.advance(3600)
    for old, new in zip(before, parts_of_stats(first(connection)), strict=True):
        for field in fields_of(new):
            if field.kind is hvinspect.Kind.COUNTER:
                assert getattr(new.record, field.name) > getattr(old.record, field.name) > 0, field.path


@pytest.mark.parametrize("group", [group for group in Group if group in ALL])
def test_a_group_brings_what_is_its_own(connection: Connection, group: Group) -> None:
    whole = first(connection)
    part = connection.snapshot(groups={group}).instances[0]
    for complete, reduced in zip(parts_of_stats(whole), parts_of_stats(part), strict=False):
        if complete.name != reduced.name:
            break
        for field in fields_of(reduced):
            if field.group is group:
                assert getattr(reduced.record, field.name) == getattr(complete.record, field.name), field.path
