"""Ceilometer's own Prometheus exporter shows the guests that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from hvinspect.testing import FakeHypervisor

from .agent import Agent, source
from .conftest import Configure

exporter = pytest.importorskip(
    "ceilometer.polling.prom_exporter", reason="this release of ceilometer has no Prometheus exporter"
)


def test_a_guest_that_is_gone_is_gone_from_the_exporter(
    configure: Configure, hypervisor: FakeHypervisor, tmp_path: Path
) -> None:
    conf = configure(target=hypervisor.target)
    conf.set_override("enable_prometheus_exporter", True, group="polling")
    conf.set_override("prometheus_listen_addresses", [], group="polling")
    agent = Agent(conf, tmp_path, source("hvinspect.cpu", "hvinspect.disk.root.size"))

    def shown() -> set[str]:
        found = exporter.CEILOMETER_REGISTRY.collect()
        return {sample.labels["resource"] for metric in found for sample in metric.samples}

    agent.cycle(30)
    assert hypervisor.keys[0] in shown()
    gone = hypervisor.keys[0]
    hypervisor.remove(gone)
    agent.cycle(30)
    assert gone not in shown()
    assert hypervisor.keys[0] in shown()

    for key in tuple(hypervisor.keys):
        hypervisor.remove(key)
    agent.cycle(30)
    assert shown() == set()
