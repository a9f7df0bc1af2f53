"""Objects are made of the installed release's own fields, whatever they are: one more, and one less."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from ceilometer.compute.virt import inspector as virt_inspector

import hvinspect
from hvinspect import InstanceStats
from hvinspect.bridges._ceilometer import answers
from hvinspect.testing import FakeHypervisor

MAKERS: dict[str, Callable[[InstanceStats], Iterable[Any]]] = {
    "InterfaceStats": lambda stats: answers.vnics(stats, None),
    "DiskStats": answers.disks,
    "DiskInfo": lambda stats: answers.disk_info(stats, stats),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_field_that_is_new_is_unknown_and_one_that_is_gone_is_not_missed(
    name: str, hypervisor: FakeHypervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hvinspect.connect(hypervisor.target) as hv:
        stats = next(one for one in hv.snapshot() if one.disks and one.nics)
    (*before, gone) = getattr(virt_inspector, name)._fields
    known = [object_[:-1] for object_ in MAKERS[name](stats)]
    other = namedtuple(name, [*before, "unheard_of"])  # type: ignore[misc]  # noqa: PYI024  # as ceilometer makes its own
    monkeypatch.setattr(virt_inspector, name, other)

    made = list(MAKERS[name](stats))

    assert made
    assert [object_[:-1] for object_ in made] == known
    assert [object_.unheard_of for object_ in made] == [None] * len(made)
    assert not hasattr(made[0], gone)


def test_a_field_of_an_instance_that_is_gone_is_not_missed(
    hypervisor: FakeHypervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hvinspect.connect(hypervisor.target) as hv:
        stats = next(iter(hv.snapshot()))
    usual = answers.stopped_instance(stats)
    fields = [name for name in virt_inspector.InstanceStats.fields if name != "power_state"]
    monkeypatch.setattr(virt_inspector.InstanceStats, "fields", [*fields, "unheard_of"])
    other = answers.stopped_instance(stats)
    assert other.unheard_of is None
    assert other.cpu_number == usual.cpu_number is not None
