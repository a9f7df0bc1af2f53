"""What dashboards and alerts ask a backend for, but for the instruments of fields: public names alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

import hvinspect
from hvinspect.bridges.opentelemetry import observe, resource_of
from hvinspect.testing import FakeHypervisor


@pytest.fixture
def hv() -> Iterator[hvinspect.Connection]:
    with FakeHypervisor(instances=2) as hypervisor, hvinspect.connect(hypervisor.target) as connection:
        yield connection


@pytest.fixture
def points(hv: hvinspect.Connection) -> dict[str, list[Any]]:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    observe(provider, hv)
    data = reader.get_metrics_data()
    provider.shutdown()
    assert data is not None
    metrics = data.resource_metrics[0].scope_metrics[0].metrics
    return {one.name: list(one.data.data_points) for one in metrics}


def test_the_reading_tells_of_itself(points: dict[str, list[Any]]) -> None:
    assert points["hvinspect.up"][0].value == 1
    assert points["hvinspect.instances"][0].value == 2
    assert points["hvinspect.instances.quarantined"][0].value == 0
    assert points["hvinspect.read.duration"][0].value < 60


def test_a_value_says_of_which_instance_and_device(hv: hvinspect.Connection, points: dict[str, list[Any]]) -> None:
    (first, *_) = hv.snapshot()
    for name, device in (("hvinspect.disk.io", "system.device"), ("hvinspect.cpu.time", None)):
        told = [
            one.attributes for one in points[name] if one.attributes["hvinspect.instance.key"] == first.instance.key
        ]
        assert told
        assert all(one["hvinspect.instance.name"] == first.instance.name for one in told)
        assert device is None or all(device in one for one in told)


def test_the_resource_is_the_host(hv: hvinspect.Connection) -> None:
    told = resource_of(hv).attributes
    assert told["service.name"] == "hvinspect"
    assert told["hvinspect.driver"] == "fake"
    assert {"host.id", "host.name", "service.instance.id"} <= told.keys()
