"""Whatever a reply holds, it becomes a record: nothing is raised, invented or looked for without end."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from hypothesis import given, settings, strategies as st

from hvinspect import Group, InstanceStats, Reason
from hvinspect.driver import Absence
from hvinspect.drivers._libvirt.decode import Reading
from hvinspect.drivers._libvirt.describe import Description
from hvinspect.drivers._libvirt.devices import decode_disks, decode_nics
from hvinspect.drivers._libvirt.host import decode_job
from hvinspect.drivers._libvirt.plan import decode
from hvinspect.drivers._libvirt.reply import Reply, numbers_of

from .case import TAKEN, all_cases, load
from .faults import faults_of

CASES: Final = {name: load(name) for name in all_cases()}
BULK: Final = {name: case for name, case in CASES.items() if case.bulk is not None}
KEYS: Final = sorted({key for case in BULK.values() for key in case.bulk or ()} | {
    f"image.vda.{name}" for name in ("allocated", "length")
})  # fmt: skip
GROUPS: Final = sorted(set(Group) - {Group.UNKNOWN})

numbers = st.one_of(
    st.integers(min_value=-2, max_value=8),
    st.integers(),
    st.sampled_from([10**9, 2**31, 2**63 - 1, 2**63, 2**64 - 1, -(2**63)]),
    st.builds(lambda: 10**5000),  # which Python does not write out
)
values = st.one_of(
    numbers,
    st.booleans(),
    st.none(),
    st.text(max_size=20),
    st.sampled_from(["vda", "vnet0", "", "\x00", "1"]),
    st.floats(),
    st.binary(max_size=4),
    st.lists(numbers, max_size=2),
    st.dictionaries(st.text(max_size=2), st.none(), max_size=1),
)
#: Real keys, and such with other numbers in them.
keys = st.one_of(
    st.sampled_from(KEYS),
    st.builds(
        lambda key, number: re.sub(r"\.\d+\.", f".{number}.", key, count=1),
        st.sampled_from(KEYS),
        st.sampled_from(["0", "1", "7", "00", "01", "-1", "999999999", "9" * 5000, "٣", "", "x", "1.2"]),
    ),
    st.text(max_size=12),
)


def read(
    case: str,
    reply: Mapping[str, Any],
    *,
    groups: frozenset[Group] | None = None,
    undescribed: Absence | None = None,
) -> InstanceStats:
    """What *reply* becomes with the description of *case*, or with none."""
    known = CASES[case]
    description = known.description if undescribed is None else Description(0)
    return decode(
        Reading(
            instance=known.decode().instance,
            life="life",
            taken=TAKEN,
            groups=known.groups if groups is None else groups,
            reply=Reply(reply),
            description=description,
            undescribed=undescribed,
            daemon_version=9_000_000,
        )
    ).stats


@given(
    case=st.sampled_from(sorted(BULK)),
    changes=st.dictionaries(keys, values, max_size=12),
    dropped=st.sets(st.sampled_from(KEYS), max_size=12),
    groups=st.frozensets(st.sampled_from(GROUPS)),
    undescribed=st.one_of(st.none(), st.just(Absence(Reason.FAILED, "broken"))),
)
@settings(max_examples=300, deadline=None)
def test_any_reply_becomes_a_record(
    case: str,
    changes: dict[str, Any],
    dropped: set[str],
    groups: frozenset[Group],
    undescribed: Absence | None,
) -> None:
    reply = {key: value for key, value in (CASES[case].bulk or {}).items() if key not in dropped} | changes
    assert faults_of(read(case, reply, groups=groups, undescribed=undescribed)) == []


@given(reply=st.dictionaries(keys, values, max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_reply_at_all_becomes_a_record(reply: dict[str, Any]) -> None:
    assert faults_of(read("running", reply)) == []


@given(numbers)
@settings(deadline=None)
def test_a_number_of_a_key_is_taken_or_missing_for_a_reason(number: int) -> None:
    cpu = read("running", {**(CASES["running"].bulk or {}), "cpu.time": number}).cpu
    assert cpu.time_ns == (number if 0 <= number < 2**63 else None)
    assert (cpu.time_ns is None) == (cpu.why("time_ns") is not None)


class Watched(Mapping[str, Any]):
    """A reply that counts how often it is looked into."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self.looks = 0

    def __getitem__(self, key: str) -> Any:
        self.looks += 1
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        self.looks += len(self._values)
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def looks(case: str, changes: Mapping[str, Any]) -> tuple[int, int]:
    """How often decoding looks into a reply, and how many keys that has."""
    watched = Watched({**(CASES[case].bulk or {}), **changes})
    read(case, watched)
    return watched.looks, len(watched)


@pytest.mark.parametrize("count", [10**9, 10**18, 2**64 - 1, -1])
def test_absurd_counts_are_not_counted_up_to(count: int) -> None:
    names = ("block.count", "net.count", "vcpu.maximum", "vcpu.current", "iothread.count")
    honest, _ = looks("running", {})
    absurd, size = looks("running", dict.fromkeys(names, count))
    assert absurd <= honest + 5 * size


def test_absurd_numbers_of_entries_are_not_counted_up_to() -> None:
    changes = {"vcpu.999999999.state": 1, "block.999999999.name": "vdz", "net.999999999.name": "vnet9"}
    honest, _ = looks("running", {})
    absurd, size = looks("running", {**changes, "iothread.999999999.poll-grow": 1})
    assert absurd <= honest + 5 * size


def large(vcpus: int, disks: int) -> dict[str, Any]:
    """The reply of a guest of that size, each thing as those of a recorded one."""
    running = CASES["running"].bulk or {}
    grown: dict[str, Any] = {"vcpu.current": vcpus, "vcpu.maximum": vcpus, "block.count": disks}
    for key, value in running.items():
        if key.startswith("vcpu.0."):
            grown |= {key.replace(".0.", f".{number}.", 1): value for number in range(vcpus)}
        if key.startswith("block.0."):
            grown |= {key.replace(".0.", f".{number}.", 1): value for number in range(disks)}
    return grown | {f"block.{number}.name": f"vd{number}" for number in range(disks)}


def test_a_guest_twice_as_large_costs_twice_as_much() -> None:
    stats = read("running", large(512, 200))
    assert len(stats.cpu.vcpus) == 512
    assert len([disk for disk in stats.disks if disk.read_bytes is not None]) == 200
    half, _ = looks("running", large(256, 100))
    whole, _ = looks("running", large(512, 200))
    assert whole <= 2.05 * half


def test_holes_cost_no_more_than_one_more_look_at_each_key() -> None:
    reply = large(512, 200)
    dense, size = looks("running", reply)
    del reply["vcpu.1.state"], reply["vcpu.1.time"]
    holes, _ = looks("running", {**reply, "vcpu.current": 511})
    assert holes <= dense + 2 * size


def test_vcpus_are_in_the_order_of_their_numbers() -> None:
    changes: dict[str, Any] = {f"vcpu.{number}.state": 1 for number in (100, 11, 9)}
    reply = {**changes, **(CASES["running"].bulk or {}), "vcpu.current": 5}
    assert [vcpu.index for vcpu in read("running", reply).cpu.vcpus] == [0, 1, 9, 11, 100]


@pytest.mark.parametrize("number", ["00", "01", "-1", "+1", "٣", "1" * 5000, "", "x", " 1", "1_0"])
def test_what_is_no_number_of_an_entry_is_none(number: str) -> None:
    assert list(numbers_of({f"vcpu.{number}.state": 1, "vcpu.3.state": 1, "vcpu.4": 1}, "vcpu")) == [3]


def test_records_that_lack_the_same_share_their_reasons() -> None:
    first, second = CASES["running"].decode(), CASES["running"].decode()
    assert first.disks[0].absences is second.disks[0].absences
    assert first.memory.absences is second.memory.absences


def test_a_description_that_could_not_be_read_is_the_reason_of_what_it_tells() -> None:
    broken = Absence(Reason.FAILED, "broken")
    stats = read("running", CASES["running"].bulk or {}, undescribed=broken)
    assert stats.why("disks") is stats.why("nics") is broken
    assert [disk.key for disk in stats.disks] == ["vda", "vdb", "sda"]
    assert stats.disks[0].why("alias") is stats.nics[0].why("mac") is broken
    assert stats.disks[0].read_bytes is not None
    assert stats.disks[0].why("host_allocated_bytes") is None
    # Of an image of unknown format its length says nothing of what it takes.
    sparse = read("no-period", CASES["no-period"].bulk or {}, undescribed=broken)
    assert sparse.disks[0].host_allocated_bytes is None


def test_only_what_was_asked_for_is_in_a_record() -> None:
    for group in GROUPS:
        stats = read("running", CASES["running"].reply.values, groups=frozenset({group}))
        assert (stats.state is not None) == (group is Group.STATE)
        assert (stats.cpu.time_ns is not None) == (group is Group.CPU)
        assert (stats.memory.assigned_bytes is not None) == (group is Group.MEMORY)
        assert bool(stats.disks) == (group in (Group.DISK, Group.BLOCK_DETAIL))
        assert bool(stats.nics) == (group is Group.NIC)
        assert bool(stats.iothreads) == (group is Group.IOTHREAD)
        assert (stats.dirty_rate.status is not None) == (group is Group.DIRTY_RATE)
        if group is not Group.DISK:
            assert all(disk.read_bytes is None and disk.capacity_bytes is None for disk in stats.disks)
        if group is not Group.BLOCK_DETAIL:
            assert all(disk.host_length_bytes is None for disk in stats.disks)


def test_a_nic_of_the_same_address_as_another_has_a_key_of_its_own() -> None:
    case = CASES["shut-off"]
    first, second = re.findall(r"<mac address='([^']*)'/>", case.xml)
    twins = dataclasses.replace(case, xml=case.xml.replace(second, first)).decode()
    assert twins.nics[0].key == first
    assert twins.nics[1].key not in ("", first)


def test_a_disk_of_the_same_alias_as_another_has_a_key_of_its_own() -> None:
    case = CASES["running"]
    first = case.decode().disks[0]
    described = case.description
    twins = tuple(dataclasses.replace(disk, alias="twin") for disk in described.disks)
    disks = tuple(
        decode_disks(
            case.reply,
            dataclasses.replace(described, disks=twins),
            life="life",
            missing=None,
            detail=False,
            undescribed=None,
            daemon_version=9_000_000,
        )
    )
    assert len({disk.key for disk in disks}) == len(disks) == len(twins)
    assert len({disk.incarnation for disk in disks}) == len(disks)
    assert (disks[0].key, disks[0].read_bytes) == ("twin", first.read_bytes)


def test_an_alias_that_looks_like_a_made_up_key_is_no_reason_for_two_of_one_key() -> None:
    case = CASES["shut-off"]
    nic = case.description.nics[0]
    nics = tuple(dataclasses.replace(nic, alias=alias) for alias in ("a", "a#2", "a"))
    described = dataclasses.replace(case.description, nics=nics)
    found = decode_nics(case.reply, described, life="life", missing=None, undescribed=None, indexes={})
    assert len({one.key for one in found}) == 3


@pytest.mark.parametrize("index", [10**5000, True, "1", None], ids=["huge", "true", "text", "none"])
def test_an_images_number_that_is_none_is_left_out_of_its_incarnation(index: object) -> None:
    reply = dict(CASES["running"].bulk or {})
    assert read("running", reply).disks[0].incarnation.endswith(f"/{reply.pop('block.0.backingIndex')}")
    without = read("running", reply).disks[0].incarnation
    assert read("running", {**reply, "block.0.backingIndex": index}).disks[0].incarnation == without


@pytest.mark.parametrize("kind", [10**5000, True, 1.5, [1], None], ids=["huge", "true", "float", "list", "none"])
def test_a_kind_of_job_that_is_none_is_missing_for_a_reason(kind: object) -> None:
    job = decode_job({"type": kind, "time_elapsed": 3})
    assert (job.kind, job.active) == (None, None)
    assert job.why("kind") is not None
    assert job.elapsed_ns == 3_000_000
