"""What is promised is there, and what is not promised never is, as far as real replies show."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import pytest

from hvinspect import CATALOGUE, Reason
from hvinspect.drivers._libvirt.provides import provided
from hvinspect.testing._walk import fields_of, parts_of_stats

from .case import all_cases, load, version_number

#: Promised, and shown by tests of their own: a guest's agent and nova's metadata, and what a job in progress says.
ELSEWHERE = (
    "instance.openstack",
    "openstack.",
    "host.",
    "guest_agent.",
    "guest_filesystem.",
    "job.",
    "span.",
    "rates.",
    "disk_rates.",
    "nic_rates.",
)
#: Promised by a hypervisor, and given in no recorded case: hardware events and vCPUs' dirty rates need a processor
#: of the host's own, a filter and a port id another network, what Xen starts with one that is off.
NOT_SHOWN = {
    "QEMU": ("perf.", "vcpu_dirty_rate.", "dirty_rate.", "nic.port_id", "nic.filter_", "vcpu.wait_ns"),
    "LXC": ("nic.port_id", "nic.filter_", "nic.alias"),
    "Xen": (
        "nic.alias",
        "nic.model",
        "nic.bridge",
        "nic.port_id",
        "nic.filter_",
        "disk.alias",
        "disk.serial",
        "cpu.vcpus_at_start",
    ),
    "TEST": ("nic.", "disk.alias", "disk.serial", "disk.bus"),
}


@cache
def seen(hypervisor: str) -> dict[str, set[str]]:
    """Paths of the catalogue with a value in a recorded case of *hypervisor* -> the cases."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in all_cases():
        case = load(name)
        if case.about["hypervisor"] != hypervisor or case.about["made"] != "recorded":
            continue
        for part in parts_of_stats(case.decode()):
            for field in fields_of(part):
                if getattr(part.record, field.name) not in (None, ()):
                    found[field.path].add(name)
    return found


@pytest.mark.parametrize("hypervisor", ["QEMU", "LXC", "Xen", "TEST"])
def test_what_is_not_promised_is_never_given(hypervisor: str) -> None:
    promises = provided(hypervisor, "x86_64", 12_008_000)
    broken = {
        path: seen(hypervisor)[path] for path, why in promises.items() if why is not None and seen(hypervisor)[path]
    }
    assert broken == {}


@pytest.mark.parametrize("hypervisor", ["QEMU", "LXC", "Xen", "TEST"])
def test_what_is_promised_is_given_somewhere(hypervisor: str) -> None:
    promises = provided(hypervisor, "x86_64", 12_008_000)
    excused = (*ELSEWHERE, *NOT_SHOWN[hypervisor])
    hollow = [
        path
        for path, why in promises.items()
        if why is None and path in CATALOGUE and not seen(hypervisor)[path] and not path.startswith(excused)
    ]
    assert hollow == []


def test_every_path_of_the_catalogue_has_a_word() -> None:
    for hypervisor in ("QEMU", "LXC", "Xen", "TEST", "bhyve"):
        assert provided(hypervisor, "x86_64", 9_000_000).keys() == CATALOGUE.keys()


def test_delay_needs_a_newer_daemon() -> None:
    before, since = (provided("QEMU", "x86_64", version_number(version)) for version in ("7.1.0", "7.2.0"))
    why = before["vcpu.delay_ns"]
    assert why is not None
    assert (why.reason, why.detail) == (Reason.NEEDS_NEWER_HYPERVISOR, "libvirt 7.2.0 or newer gives it")
    assert since["vcpu.delay_ns"] is None


def test_halted_is_given_on_s390_alone() -> None:
    assert provided("QEMU", "s390x", 9_000_000)["vcpu.halted"] is None
    assert provided("QEMU", "x86_64", 9_000_000)["vcpu.halted"] is not None
