"""The programs that the page shows do what it says."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import View

import hvinspect
from hvinspect.bridges.opentelemetry import observe, resource_of
from hvinspect.testing import FakeHypervisor, registered
from hvinspect.testing.fake import FakeDriver
from tests.bridges.page import TARGET, programs

from .receiver import receiving

SENDING, LIMIT = programs("opentelemetry.md")
RECEIVER = "http://127.0.0.1:4318/v1/metrics"


@pytest.fixture(autouse=True)
def _libvirt_is_fake() -> Iterator[None]:
    with registered("libvirt", FakeDriver):
        yield


def test_the_first_sends_every_instance_and_which_host_it_is() -> None:
    names: dict[str, Any] = {}
    assert RECEIVER in SENDING
    with FakeHypervisor(name=TARGET, seed=3) as host, receiving() as (receiver, arrived):
        exec(SENDING.replace(RECEIVER, receiver), names)
        names["provider"].shutdown()
        names["hv"].close()
        keys = set(host.keys)
    (sent,) = (one for request in arrived for one in request.resource_metrics)
    says = {attribute.key: attribute.value.string_value for attribute in sent.resource.attributes}
    assert (says["host.id"], says["service.instance.id"]) == ("fake-host-3", f"libvirt:{TARGET}")
    (states,) = [metric for metric in sent.scope_metrics[0].metrics if metric.name == "hvinspect.instance.state"]
    named = [value for point in states.sum.data_points or states.gauge.data_points for value in point.attributes]
    assert {one.value.string_value for one in named if one.key == "hvinspect.instance.key"} == keys


def test_the_second_raises_the_limit_that_the_page_tells_of() -> None:
    if "aggregation_cardinality_limit" not in inspect.signature(View).parameters:
        pytest.skip("this SDK has no limit: it is older than aggregation_cardinality_limit")
    with FakeHypervisor(instances=1, vcpus=2_001) as host, hvinspect.connect(host.target) as hv:
        reader = InMemoryMetricReader()
        before = MeterProvider([reader], resource=resource_of(hv), shutdown_on_exit=False)
        observe(before, hv)
        assert _overflows(reader)
        before.shutdown()

        reader = InMemoryMetricReader()
        names: dict[str, Any] = {"MeterProvider": MeterProvider, "reader": reader, "resource_of": resource_of, "hv": hv}
        exec(LIMIT, names)
        observe(names["provider"], hv)
        assert not _overflows(reader)
        names["provider"].shutdown()


def _overflows(reader: InMemoryMetricReader) -> bool:
    data = reader.get_metrics_data()
    assert data is not None
    points = [
        point for metric in data.resource_metrics[0].scope_metrics[0].metrics for point in metric.data.data_points
    ]
    assert len(points) > 2_000
    return any("otel.metric.overflow" in (point.attributes or {}) for point in points)
