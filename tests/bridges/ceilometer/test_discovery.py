"""The guests are those that ceilometer's own discovery finds, without nova's API and whatever the hypervisor."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ceilometer.compute.discovery import InstanceDiscovery

from hvinspect.bridges._ceilometer.discovery import Discovery
from hvinspect.testing import FakeHypervisor, registered
from tests.drivers.libvirt import case

from .agent import Agent, source, volumes
from .conftest import Configure
from .counted import CountedDriver, RecordDriver
from .stock import PlayedConnection

#: As nova 2025.2 (32) writes it.
NOVA = """<metadata><nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
  <nova:package version="32.0.0"/>
  <nova:name>db-1</nova:name>
  <nova:creationTime>2025-05-02 07:41:09</nova:creationTime>
  <nova:flavor name="c1.large" id="6d1f5b1e-0b9c-4a38-9a55-9f8a4a7d7705">
    <nova:memory>8192</nova:memory><nova:disk>40</nova:disk><nova:swap>512</nova:swap>
    <nova:ephemeral>10</nova:ephemeral><nova:vcpus>4</nova:vcpus>
    <nova:extraSpecs><nova:extraSpec name="hw:cpu_policy">shared</nova:extraSpec></nova:extraSpecs>
  </nova:flavor>
  <nova:image uuid="8f2b7c7e-29e5-4d0b-8f67-3a2c1b0d9e03">
    <nova:containerFormat>bare</nova:containerFormat><nova:diskFormat>qcow2</nova:diskFormat>
    <nova:minDisk>1</nova:minDisk><nova:minRam>0</nova:minRam>
    <nova:properties><nova:property name="hw_disk_bus">virtio</nova:property></nova:properties>
  </nova:image>
  <nova:owner>
    <nova:user uuid="5b3c1f0e8f2d4a67b4d2a2c7f1e9d001">alice</nova:user>
    <nova:project uuid="0c9d7ad1c1c84a2f9f3e1b7d5a6e2002">shop</nova:project>
  </nova:owner>
  <nova:root type="image" uuid="8f2b7c7e-29e5-4d0b-8f67-3a2c1b0d9e03"/>
</nova:instance></metadata>"""


@pytest.mark.parametrize("state", ["running", "paused", "pmsuspended", "crashed"])
def test_a_guest_is_the_same_as_for_ceilometers_own_discovery(configure: Configure, state: str) -> None:
    made = case.load(state)
    made = replace(made, xml=re.sub("(<title>|<memory )", lambda found: NOVA + found.group(), made.xml, count=1))
    conf = configure(target=f"described:{state}")
    own = InstanceDiscovery(conf)
    own._libvirt_connection = PlayedConnection(made)
    own.get_server = lambda _uuid: None  # 23.0.0 asks nova in any case; nova does not know it

    class Recorded(RecordDriver):
        record = made.decode()

    with registered("described", Recorded):
        (ours,) = Discovery(conf).discover(None)
    (theirs,) = own.discover(None)

    assert ours == theirs
    expected, found = vars(theirs), vars(ours)
    if "image_meta" not in expected:
        # That release looks for nothing here that older novas did not write.
        assert found.pop("image_meta")["hw_disk_bus"] == "virtio"
        assert found["flavor"].pop("extra_specs") == {"hw:cpu_policy": "shared"}
        assert found["flavor"].pop("id") == "6d1f5b1e-0b9c-4a38-9a55-9f8a4a7d7705"
        del expected["flavor"]["id"]
    assert found == expected


def test_guests_that_nova_did_not_make_are_found_where_all_are_wanted(
    configure: Configure, hypervisor: FakeHypervisor
) -> None:
    discovery = Discovery(configure(target=hypervisor.target))
    novas = [one.id for one in discovery.discover(None)]
    assert novas == [key for key in hypervisor.keys if key != hypervisor.keys[2]]
    assert {one.id for one in discovery.discover(None, "all")} == set(hypervisor.keys)


def test_a_guest_without_a_uuid_is_found_and_read_by_its_key(configure: Configure, tmp_path: Path) -> None:
    with FakeHypervisor(instances=0) as hypervisor:
        hypervisor.add("Domain-7")
        agent = Agent(configure(target=hypervisor.target), tmp_path, source("hvinspect.cpu"))
        assert set(volumes(agent.cycle(30), "cpu")) == {"Domain-7"}


def test_where_polling_yaml_names_no_discovery_it_is_this_one(
    configure: Configure, hypervisor: FakeHypervisor, tmp_path: Path
) -> None:
    plain: dict[str, Any] = {"name": "all", "interval": 30, "meters": ["hvinspect.*"]}
    samples = Agent(configure(target=hypervisor.target), tmp_path, plain).cycle(30)
    assert hypervisor.keys[0] in volumes(samples, "cpu")


def test_a_host_that_cannot_be_read_has_no_guests(configure: Configure, hypervisor: FakeHypervisor) -> None:
    hypervisor.refuse()
    assert Discovery(configure(target=hypervisor.target)).discover(None) == []


def test_threads_that_ask_at_once_share_a_reading(configure: Configure, hypervisor: FakeHypervisor) -> None:
    class Slow(CountedDriver):
        def read(self, request: Any) -> Any:
            begun.wait(10)
            return super().read(request)

    begun = threading.Event()
    CountedDriver.reads.clear()
    with registered("slow", Slow):
        discovery = Discovery(configure(target=f"slow:{hypervisor.name}"))
        found: list[int] = []
        threads = [threading.Thread(target=lambda: found.append(len(discovery.discover(None)))) for _ in range(12)]
        for one in threads:
            one.start()
        begun.set()
        for one in threads:
            one.join(30)

    assert found == [4] * 12
    # That of the first, and one that began after all had asked.
    assert len(CountedDriver.reads) <= 3
