"""The SDK collects what a snapshot has, by one read, and OTLP carries it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    InMemoryMetricReader,
    NumberDataPoint,
    PeriodicExportingMetricReader,
    Sum,
)
from opentelemetry.sdk.resources import Resource

import hvinspect
from hvinspect import Group, Reason
from hvinspect.bridges._exported import Form, values
from hvinspect.bridges._opentelemetry_names import ATTRIBUTES, INSTRUMENTS
from hvinspect.bridges.opentelemetry import observe, resource_of
from hvinspect.testing import FakeHypervisor

from .receiver import receiving

EVERYTHING = [group for group in Group if group is not Group.UNKNOWN]
KEY = "hvinspect.instance.key"


class Collected:
    """What one collection gave: metrics by name."""

    def __init__(self, reader: InMemoryMetricReader) -> None:
        data = reader.get_metrics_data()
        assert data is not None
        (of_resource,) = data.resource_metrics
        (of_scope,) = of_resource.scope_metrics
        assert (of_scope.scope.name, of_scope.scope.version) == ("hvinspect", hvinspect.__version__)
        self.resource = of_resource.resource
        self.metrics = {metric.name: metric for metric in of_scope.metrics}

    def points(self, name: str, **attributes: Any) -> list[NumberDataPoint]:
        """Those of one metric that have these attributes, written with two underscores for a dot."""
        wanted = {key.replace("__", "."): value for key, value in attributes.items()}.items()
        if name not in self.metrics:
            return []
        return [
            point
            for point in self.metrics[name].data.data_points
            if isinstance(point, NumberDataPoint) and (point.attributes or {}).items() >= wanted
        ]

    def value(self, name: str, **attributes: Any) -> float | None:
        """The one value of that metric which has these attributes; None if there is none."""
        points = self.points(name, **attributes)
        assert len(points) <= 1, (name, attributes)
        return points[0].value if points else None


@pytest.fixture
def hypervisor() -> Iterator[FakeHypervisor]:
    with FakeHypervisor(seed=5) as made:
        yield made


@pytest.fixture
def hv(hypervisor: FakeHypervisor) -> Iterator[hvinspect.Connection]:
    with hvinspect.connect(hypervisor.target) as connection:
        yield connection


@pytest.fixture
def reader(hv: hvinspect.Connection) -> Iterator[InMemoryMetricReader]:
    made = InMemoryMetricReader()
    provider = MeterProvider([made], resource=resource_of(hv), shutdown_on_exit=False)
    observe(provider, hv, groups=EVERYTHING)
    yield made
    provider.shutdown()


def test_every_value_of_a_snapshot_is_collected(hv: hvinspect.Connection, reader: InMemoryMetricReader) -> None:
    collected, seen = Collected(reader), 0
    for exported, value, instance, device in values(hv.snapshot(groups=EVERYTHING)):
        if exported.form is not Form.NUMBER:
            continue
        instrument = INSTRUMENTS[exported.field.path]
        wanted: dict[str, Any] = {KEY: instance.key, **dict(instrument.attributes)}
        if exported.device is not None and device is not None:
            wanted[ATTRIBUTES[exported.device]] = int(device) if exported.device == "vcpu" else device
        assert collected.value(instrument.name, **wanted) == pytest.approx(value / instrument.divisor), instrument
        seen += 1
    assert seen > 300


def test_units_and_kinds_arrive(reader: InMemoryMetricReader) -> None:
    metrics = Collected(reader).metrics
    time, io, assigned = (metrics[f"hvinspect.{name}"] for name in ("cpu.time", "disk.io", "memory.assigned"))
    assert (time.unit, io.unit, assigned.unit) == ("s", "By", "By")
    assert isinstance(time.data, Sum)
    assert time.data.is_monotonic
    assert isinstance(assigned.data, Sum)
    assert not assigned.data.is_monotonic
    assert io.description == "Read by the guest. Written by the guest."


def test_one_collection_is_one_read(hv: hvinspect.Connection, reader: InMemoryMetricReader) -> None:
    for _ in range(3):
        before = hv.health().calls
        assert len(Collected(reader).metrics) > 50
        assert hv.health().calls - before == 1


def test_two_readers_read_for_themselves(hv: hvinspect.Connection) -> None:
    readers = [InMemoryMetricReader(), InMemoryMetricReader()]
    provider = MeterProvider(readers, shutdown_on_exit=False)
    observe(provider, hv)
    before = hv.health().calls
    for one in readers:
        assert Collected(one).value("hvinspect.up") == 1
    assert hv.health().calls - before == 2
    provider.shutdown()


def test_what_is_missing_is_not_observed(reader: InMemoryMetricReader, hypervisor: FakeHypervisor) -> None:
    collected = Collected(reader)
    without_balloon, shut_off = hypervisor.keys[2], hypervisor.keys[3]
    assert collected.value("hvinspect.memory.guest_unused", **{KEY: without_balloon}) is None
    assert collected.value("hvinspect.memory.assigned", **{KEY: without_balloon}) is not None
    assert collected.value("hvinspect.cpu.time", **{KEY: shut_off}) is None
    assert collected.value("hvinspect.instance.state", **{KEY: shut_off, "hvinspect.instance.state": "shut_off"}) == 1


def test_a_guest_that_is_gone_is_not_observed(reader: InMemoryMetricReader, hypervisor: FakeHypervisor) -> None:
    key = hypervisor.keys[0]
    assert Collected(reader).points("hvinspect.cpu.time", **{KEY: key})
    hypervisor.remove(key)
    collected = Collected(reader)
    for name in collected.metrics:
        assert not collected.points(name, **{KEY: key}), name


def test_a_target_that_is_away_is_a_zero_and_comes_back(
    hv: hvinspect.Connection, reader: InMemoryMetricReader, hypervisor: FakeHypervisor
) -> None:
    hypervisor.refuse()
    hypervisor.disconnect()
    collected = Collected(reader)
    assert collected.value("hvinspect.up") == 0
    assert not collected.points("hvinspect.cpu.time")
    hypervisor.accept()
    assert Collected(reader).value("hvinspect.up") == 1


def test_a_guest_that_cannot_be_read_is_counted_by_reason(
    reader: InMemoryMetricReader, hypervisor: FakeHypervisor
) -> None:
    hypervisor.fail(hypervisor.keys[0], Reason.DENIED)
    collected = Collected(reader)
    assert collected.value("hvinspect.instances.failed", hvinspect__reason="denied") == 1
    assert collected.value("hvinspect.instances") == len(hypervisor.keys) - 1


def test_only_what_was_asked_for_has_instruments(hv: hvinspect.Connection) -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    observe(provider, hv, groups=[Group.CPU])
    names = set(Collected(reader).metrics)
    provider.shutdown()
    assert "hvinspect.cpu.time" in names
    assert not {name for name in names if name.startswith(("hvinspect.disk", "hvinspect.network"))}


def test_the_resource_says_which_host(hv: hvinspect.Connection) -> None:
    attributes = resource_of(hv).attributes
    host_id = hv.snapshot().host_id
    assert host_id is not None
    assert attributes["host.id"] == host_id.value
    assert attributes["host.name"] == hv.host().hostname
    assert attributes["service.instance.id"] == hv.target
    assert attributes["service.name"] == "hvinspect"
    assert attributes["hvinspect.driver"] == "fake"


def test_a_resource_of_ones_own_is_merged(hv: hvinspect.Connection) -> None:
    merged = resource_of(hv).merge(Resource({"service.name": "node", "deployment.environment.name": "test"}))
    assert merged.attributes["service.name"] == "node"
    assert merged.attributes["service.instance.id"] == hv.target


def test_a_name_that_is_no_text_spoils_nothing(hypervisor: FakeHypervisor, reader: InMemoryMetricReader) -> None:
    hypervisor.add("k\udc80", name="name\ud800")
    assert Collected(reader).points("hvinspect.cpu.time", hvinspect__instance__name="name\\ud800")


def test_two_mount_points_that_look_the_same_are_not_added_up(
    hv: hvinspect.Connection, reader: InMemoryMetricReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = hv.snapshot(groups=EVERYTHING)
    stats = next(one for one in snapshot if one.guest_agent.filesystems)
    found = stats.guest_agent.filesystems[0]
    agent = dataclasses.replace(
        stats.guest_agent,
        filesystems=tuple(dataclasses.replace(found, mountpoint=place) for place in ("/a\udcff", "/a\\udcff")),
    )
    twice = dataclasses.replace(snapshot, instances=(dataclasses.replace(stats, guest_agent=agent),))
    monkeypatch.setattr(hvinspect.Connection, "snapshot", lambda *_, **__: twice)
    assert Collected(reader).value("hvinspect.guest_filesystem.total") == found.total_bytes


def test_a_read_that_cannot_be_made_is_told_once_for_each_collection(
    hv: hvinspect.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    observe(provider, hv, groups=["nonsense"])  # type: ignore[list-item]  # the mistake that is tested
    for collections in (1, 2, 3):
        reader.get_metrics_data()
        assert len([record for record in caplog.records if record.exc_info]) == collections
    provider.shutdown()


def test_otlp_carries_it(hypervisor: FakeHypervisor, hv: hvinspect.Connection) -> None:
    key = hypervisor.keys[0]
    disk = hv.snapshot()[key].disks[0]
    hypervisor.write_disk(key, disk.key, size_bytes=(1 << 52) + 1, requests=1)
    expected = hv.snapshot()[key].disks[0].write_bytes
    with receiving() as (url, arrived):
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(url), export_interval_millis=3_600_000)
        provider = MeterProvider([reader], resource=resource_of(hv), shutdown_on_exit=False)
        observe(provider, hv)
        assert provider.force_flush(30_000)
        provider.shutdown()
    (of_resource,) = arrived[0].resource_metrics
    told = {one.key: one.value.string_value for one in of_resource.resource.attributes}
    assert told["service.instance.id"] == hv.target
    (of_scope,) = of_resource.scope_metrics
    metrics = {metric.name: metric for metric in of_scope.metrics}
    io = metrics["hvinspect.disk.io"]
    assert (io.unit, io.sum.is_monotonic) == ("By", True)
    found = [
        point.as_int
        for point in io.sum.data_points
        if {(one.key, one.value.string_value) for one in point.attributes}
        >= {(KEY, key), ("system.device", disk.key), ("disk.io.direction", "write")}
    ]
    assert found == [expected]
