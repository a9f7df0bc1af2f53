"""The host as the hypervisor has it, beside ``xl info``."""

from __future__ import annotations

import os

import hvinspect
from tests.integration.xen.reading import PATIENCE
from tests.lab.xen.dom0 import second_opinions
from tests.lab.xen.dom0.guests import XlGuest

MIB = 1024 * 1024


def test_the_hypervisor_and_its_version_are_named(hv: hvinspect.Connection) -> None:
    host = hv.host(timeout=PATIENCE)
    assert host.hypervisor == "Xen"
    assert (host.hypervisor_version or "").startswith(os.environ["HVINSPECT_LAB_XEN"])
    assert host.hostname == "dom0"


def test_the_whole_machine_is_counted_and_not_dom0_alone(
    pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection
) -> None:
    host = hv.host(timeout=PATIENCE)
    assert host.cpus == second_opinions.host_number("nr_cpus")
    assert (host.memory_total_bytes or 0) // MIB == second_opinions.host_number("total_memory")
    assert abs((host.memory_free_bytes or 0) // MIB - second_opinions.host_number("free_memory")) <= 1


def test_dom0_is_no_instance(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    assert [stats.instance.name for stats in hv.snapshot(timeout=PATIENCE)] == ["one", "two"]
