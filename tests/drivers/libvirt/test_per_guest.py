"""One call after another, each of which may fail by itself, be answered by nonsense, or not be made at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from hvinspect import Group, InstanceStats, Reason
from hvinspect.drivers._libvirt import per_guest

from .case import Case, load
from .faults import faults_of

#: virErrorNumber
NO_SUPPORT, INTERNAL_ERROR, OPERATION_DENIED = 3, 1, 29
ONE_BY_ONE = ("lxc", "xen", "test-driver", "test-driver-off")
#: Every call and the part of a record that goes with it.
CALLS: dict[str, tuple[str, str]] = {
    "getCPUStats True": ("cpu", "user_ns"),
    "vcpus": ("cpu", "vcpus"),
    "maxVcpus": ("cpu", "vcpus_maximum"),
    "memoryStats": ("memory", "guest_unused_bytes"),
}


def answering(name: str, calls: Mapping[str, Any]) -> Case:
    """The case *name* with other answers to *calls*."""
    case = load(name)
    assert calls.keys() <= case.calls.keys()
    return dataclasses.replace(case, calls={**case.calls, **calls})


def failing(name: str, *calls: str, code: int = NO_SUPPORT) -> InstanceStats:
    return answering(name, {call: {"error": [code, f"no {call}"]} for call in calls}).decode()


@pytest.mark.parametrize(("call", "lost"), CALLS.items())
def test_a_call_that_fails_costs_what_it_gives(call: str, lost: tuple[str, str]) -> None:
    whole, stats = load("test-driver").decode(), failing("test-driver", call)
    record = getattr(stats, lost[0])
    assert record.why(lost[1]).detail == f"no {call}"
    assert record.why(lost[1]).reason is Reason.UNSUPPORTED
    assert stats.disks == whole.disks
    assert stats.nics == whole.nics


@pytest.mark.parametrize(
    ("code", "reason"),
    [(NO_SUPPORT, Reason.UNSUPPORTED), (INTERNAL_ERROR, Reason.FAILED), (OPERATION_DENIED, Reason.DENIED)],
)
def test_the_reason_is_what_libvirt_said(code: int, reason: Reason) -> None:
    absence = failing("test-driver", "memoryStats", code=code).memory.why("guest_unused_bytes")
    assert absence is not None
    assert absence.reason is reason


def test_a_domain_of_which_every_call_fails_has_reasons_alone() -> None:
    stats = failing("test-driver", *(call for call in load("test-driver").calls))
    assert faults_of(stats) == []
    assert stats.cpu.time_ns is None
    assert stats.disks[0].read_bytes is None
    assert stats.nics[0].rx_bytes is None


def test_the_failure_of_one_device_is_not_that_of_another() -> None:
    broken_calls = ("blockStats vda", "blockStatsFlags vda")
    case = answering("test-driver", {call: {"error": [INTERNAL_ERROR, "vda is broken"]} for call in broken_calls})
    disk = case.xml[case.xml.index("<disk") : case.xml.index("</disk>") + len("</disk>")]
    second = disk.replace("vda", "vdb").replace("diskimage1", "diskimage2")
    other = {"blockStats vdb": [1, 2, 3, 4, 5], "blockStatsFlags vdb": {"error": [NO_SUPPORT, "no flags"]}}
    other["blockInfo vdb"] = [10, 20, 30]
    both = dataclasses.replace(case, xml=case.xml.replace(disk, disk + second), calls={**case.calls, **other})
    broken, well = both.decode().disks
    broken_why = broken.why("read_bytes")
    assert broken_why is not None
    assert broken_why.detail == "vda is broken"
    assert (well.read_requests, well.read_bytes, well.write_requests, well.write_bytes) == (1, 2, 3, 4)
    well_why = well.why("read_time_ns")
    assert well_why is not None
    assert well_why.detail == "no flags"


def test_both_ways_to_ask_for_a_disks_numbers_are_used() -> None:
    flags = {"rd_bytes": 1, "rd_operations": 2, "rd_total_times": 3, "wr_bytes": 4, "wr_operations": 5}
    flags |= {"wr_total_times": 6, "flush_operations": 7, "flush_total_times": 8, "errs": 9}
    (disk,) = answering("test-driver", {"blockStatsFlags vda": flags}).decode().disks
    assert (disk.read_bytes, disk.read_requests, disk.read_time_ns) == (1, 2, 3)
    assert (disk.write_bytes, disk.write_requests, disk.write_time_ns) == (4, 5, 6)
    assert (disk.flush_requests, disk.flush_time_ns) == (7, 8)
    older = load("test-driver").decode().disks[0]
    reads, read_bytes, writes, write_bytes, _ = load("test-driver").calls["blockStats vda"]
    assert (older.read_requests, older.read_bytes) == (reads, read_bytes)
    assert (older.write_requests, older.write_bytes) == (writes, write_bytes)


def test_minus_one_is_unknown() -> None:
    case = answering(
        "test-driver",
        {"blockStats vda": [1, 2, -1, -1, -1], "interfaceStats testnet0": [1, 2, 3, 4, 5, 6, 7, -1]},
    )
    stats = case.decode()
    assert stats.disks[0].read_bytes == 2
    assert stats.disks[0].write_bytes is None
    assert (stats.nics[0].tx_errors, stats.nics[0].tx_drops) == (7, None)
    assert faults_of(stats) == []


def test_what_one_call_does_not_know_another_may() -> None:
    calls = {"blockStats vda": [1, 2, 3, 4, 5], "blockStatsFlags vda": {"rd_bytes": -1, "wr_bytes": 44}}
    (disk,) = answering("test-driver", calls).decode().disks
    assert (disk.read_bytes, disk.write_bytes) == (2, 44)


def test_rx_comes_first() -> None:
    (nic,) = answering("test-driver", {"interfaceStats testnet0": [1, 2, 3, 4, 5, 6, 7, 8]}).decode().nics
    assert (nic.rx_bytes, nic.rx_packets, nic.rx_errors, nic.rx_drops) == (1, 2, 3, 4)
    assert (nic.tx_bytes, nic.tx_packets, nic.tx_errors, nic.tx_drops) == (5, 6, 7, 8)


def test_the_host_cpu_of_each_vcpu_is_told() -> None:
    calls = {"vcpus": [[[0, 1, 111, 3], [2, 2, 222, -1]], [[True], [True]]]}
    first, second = answering("test-driver", calls).decode().cpu.vcpus
    assert (first.index, first.time_ns, first.host_cpu) == (0, 111, 3)
    assert (second.index, second.time_ns, second.host_cpu) == (2, 222, None)


def test_on_xen_each_cpus_time_is_that_of_a_vcpu() -> None:
    first, second = load("xen").decode().cpu.vcpus
    times = [one["cpu_time"] for one in load("xen").calls["getCPUStats False"]]
    assert [(one.index, one.time_ns) for one in (first, second)] == list(enumerate(times))
    assert (first.state, first.host_cpu) == (None, None)


def test_on_xen_what_the_domain_may_have_is_not_taken_for_what_its_guest_found() -> None:
    assert load("xen").calls["memoryStats"]["available"] > 0
    memory = load("xen").decode().memory
    assert memory.guest_total_bytes is None
    assert memory.assigned_bytes == load("xen").calls["memoryStats"]["actual"] * 1024


def test_cpu_time_is_of_one_definition() -> None:
    # Both may answer, with numbers that have nothing to do with each other.
    info, stats = load("test-driver").calls["info"][4], load("test-driver").calls["getCPUStats True"][0]["cpu_time"]
    assert info > 2 * stats
    assert load("test-driver").decode().cpu.time_ns == stats
    assert failing("test-driver", "getCPUStats True", code=NO_SUPPORT).cpu.time_ns == info
    assert failing("test-driver", "getCPUStats True", code=INTERNAL_ERROR).cpu.time_ns is None
    without_cpu = load("test-driver")
    about = {**without_cpu.about, "groups": ["state", "memory"]}
    assert "cpu.time" not in dataclasses.replace(without_cpu, about=about).reply.values


class Asked:
    """A domain in *state* that notes what it is asked."""

    def __init__(self, state: int) -> None:
        self.calls: list[str] = []
        self._state = state

    def __getattr__(self, name: str) -> Any:
        def call(*_arguments: object) -> Any:
            self.calls.append(name)
            return [self._state, 1024, 512, 2, 10] if name == "info" else [self._state, 1]

        return call


def calls_for(groups: frozenset[Group], *, state: int = 1) -> list[str]:
    """What a domain of libvirt's test hypervisor is asked for *groups*."""
    domain, description = Asked(state), load("test-driver").description
    per_guest.read_guest(domain, lambda _what, call: call(), lambda: description, groups=groups, hypervisor="TEST")
    return domain.calls


def test_a_domain_that_is_off_is_not_asked_for_counters() -> None:
    assert calls_for(frozenset(Group), state=5) == ["info", "state", "blockInfo"]


def test_only_what_was_asked_for_is_called() -> None:
    for group, calls in {
        Group.STATE: [],
        Group.CPU: ["getCPUStats", "vcpus", "maxVcpus"],
        Group.MEMORY: ["memoryStats"],
        Group.DISK: ["blockStats", "blockStatsFlags", "blockInfo"],
        Group.NIC: ["interfaceStats"],
        Group.PERF: [],
    }.items():
        assert calls_for(frozenset({group})) == ["info", "state", *calls]


nonsense = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats(), st.builds(lambda: 10**5000)),
    lambda inner: st.one_of(st.lists(inner, max_size=6), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)


@given(name=st.sampled_from(ONE_BY_ONE), answers=st.lists(nonsense, min_size=10, max_size=10))
@settings(max_examples=200, deadline=None)
def test_nonsense_is_no_answer(name: str, answers: list[Any]) -> None:
    case = load(name)
    calls = {**case.calls, **dict(zip(case.calls, answers, strict=False))}
    calls.pop("jobStats", None)
    stats = dataclasses.replace(case, calls={**calls, **_of_a_running_one(case)}).decode()
    assert faults_of(stats) == []


def _of_a_running_one(case: Case) -> dict[str, Any]:
    """What may be asked beyond what was: nonsense can make a domain that was off look as if it ran."""
    asked = {"getCPUStats True", "getCPUStats False", "vcpus", "maxVcpus", "memoryStats"}
    asked |= {f"{call} {disk.target}" for disk in case.description.disks for call in ("blockStats", "blockStatsFlags")}
    asked |= {f"interfaceStats {nic.target}" for nic in case.description.nics}
    return {call: None for call in sorted(asked) if call not in case.calls}


@given(answers=st.lists(nonsense, min_size=5, max_size=5))
@settings(max_examples=100, deadline=None)
def test_nonsense_of_block_info_is_no_answer(answers: list[Any]) -> None:
    case = load("images")
    targets = [disk.target for disk in case.description.disks]
    calls = {f"blockInfo {target}": answer for target, answer in zip(targets, answers, strict=True)}
    assert faults_of(dataclasses.replace(case, calls=calls).decode()) == []


def test_an_answer_of_another_shape_says_so() -> None:
    stats = answering("test-driver", {"memoryStats": [1, 2]}).decode()
    absence = stats.memory.why("guest_unused_bytes")
    assert absence is not None
    assert absence.reason is Reason.FAILED
    assert absence.detail == "libvirt answered a list when asked for balloon"
