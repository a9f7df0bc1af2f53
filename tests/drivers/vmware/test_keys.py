"""The table of properties and counters is complete, and true: each changes the fields that it says, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("pyVmomi", reason="pyvmomi is not installed: pip install hvinspect[vmware]")

from hvinspect import CATALOGUE, DEFAULT_GROUPS, Instance, InstanceStats, Span
from hvinspect.drivers._vmware.decode import decode
from hvinspect.drivers._vmware.found import Disk, Hardware, Known, Machine, Nic, Reading, Samples
from hvinspect.drivers._vmware.keys import COUNTERS, IGNORED, PROPERTIES, STRUCTURE, why_ignored
from hvinspect.drivers._vmware.metrics import NUMBERS
from hvinspect.drivers._vmware.plain import HARDWARE_PROPERTIES, HOST_PROPERTIES, MACHINE_PROPERTIES
from hvinspect.drivers._vmware.provides import provided
from hvinspect.testing._walk import fields_of, parts_of_stats

TAKEN = Span(started_unix_ns=1, started_monotonic_ns=1, duration_ns=1, boot_id="boot")
MACHINE = Machine(ref="vm-1", name="web", power="poweredOn", connection="connected", booted="then",
                  host_memory_mib=300, ballooned_mib=4)  # fmt: skip
HARDWARE = Hardware(
    vcpus=2, memory_mib=2048, disks=(Disk(key=2000, device="disk", name="scsi0:0", bus="scsi"),), nics=(Nic(key=4000),)
)
DEVICES = {"cpu": "", "virtualDisk": "scsi0:0", "net": "4000"}
SAMPLES = Samples(
    window_s=20,
    ended_unix_ns=1_700_000_000_000_000_000,
    values={(name, DEVICES[name.partition(".")[0]]): 1000 for name in NUMBERS},
)


def read(machine: Machine = MACHINE, hardware: Hardware = HARDWARE, samples: Samples = SAMPLES) -> InstanceStats:
    known = Known(instance=Instance(key="1"), machine=machine, hardware=hardware, taken=TAKEN)
    return decode(Reading(known=known, groups=DEFAULT_GROUPS, sampled=samples))


def changed(before: InstanceStats, after: InstanceStats) -> set[str]:
    return {path for path, value in values(after) if (path, value) not in set(values(before))}


def values(stats: InstanceStats) -> Iterator[tuple[str, Any]]:
    for part in parts_of_stats(stats):
        for field in fields_of(part):
            yield field.path, getattr(part.record, field.name)


def test_every_property_that_is_asked_for_is_in_the_table() -> None:
    asked = {*MACHINE_PROPERTIES, *HARDWARE_PROPERTIES, *HOST_PROPERTIES, "perfCounter"}
    assert asked == PROPERTIES.keys() | STRUCTURE.keys()
    assert not PROPERTIES.keys() & STRUCTURE.keys()


def test_every_counter_that_is_asked_for_is_in_the_table() -> None:
    assert COUNTERS.keys() == NUMBERS
    assert [name for name in NUMBERS if why_ignored(name)] == []


def test_the_tables_name_fields_that_exist_and_are_given() -> None:
    named = {path for paths in (*PROPERTIES.values(), *COUNTERS.values()) for path in paths}
    assert named <= CATALOGUE.keys()
    given = provided(is_host=True)
    assert [path for path in sorted(named) if given[path] is not None] == []
    assert all(STRUCTURE.values())
    assert all(IGNORED.values())


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_a_counter_changes_the_fields_that_the_table_says_and_no_other(name: str) -> None:
    device = DEVICES[name.partition(".")[0]]
    after = read(samples=replace(SAMPLES, values={**SAMPLES.values, (name, device): 2000}))
    assert changed(read(), after) == set(COUNTERS[name])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("runtime.bootTime", {"booted": "later"}),
        ("runtime.connectionState", {"connection": "disconnected"}),
        ("summary.quickStats.balloonedMemory", {"ballooned_mib": 5}),
        ("summary.quickStats.hostMemoryUsage", {"host_memory_mib": 301}),
    ],
)
def test_a_property_of_the_state_changes_what_the_table_says(name: str, change: dict[str, Any]) -> None:
    found = changed(read(), read(replace(MACHINE, **change)))
    if name == "runtime.connectionState":  # then nothing else is believed either
        assert set(PROPERTIES[name]) <= found
    else:
        assert found == {path for path in PROPERTIES[name] if not path.startswith("host.")}


@pytest.mark.parametrize(
    ("name", "change"), [("config.hardware.memoryMB", {"memory_mib": 4096}), ("config.hardware.numCPU", {"vcpus": 4})]
)
def test_a_property_of_the_configuration_changes_what_the_table_says(name: str, change: dict[str, Any]) -> None:
    assert changed(read(), read(hardware=replace(HARDWARE, **change))) == set(PROPERTIES[name])
