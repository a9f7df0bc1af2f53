"""Each fault strikes as planned, and ends with its plan."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

import hvinspect
from hvinspect import AccessDenied, ConnectionLost, DeadlineExceeded, DriverNotFound, Group, Reason
from hvinspect._registry import load
from hvinspect.driver import Driver
from hvinspect.testing import FakeDriver, FakeHypervisor, faults, registered
from hvinspect.testing.faults import Deny, DenyGroups, Disconnect, Fault, Hang, Hook, Partly, Vanish


def test_a_hanging_read_costs_all_its_instances() -> None:
    with faults.wrap(FakeDriver, [Hang("read", calls={1}, seconds=1.5)]), hvinspect.connect("faulty:") as hv:
        started = time.monotonic()
        snapshot = hv.snapshot(timeout=0.2)
        assert time.monotonic() - started < 1.5
        assert {failure.reason for failure in snapshot.failures} == {Reason.TIMED_OUT}
        assert hv.health().stuck_calls == 1
        assert len(hv.snapshot().instances) == 5


def test_a_hanging_list_raises() -> None:
    with faults.wrap(FakeDriver, [Hang("inventory", seconds=1.5)]), hvinspect.connect("faulty:") as hv:
        started = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            hv.snapshot(timeout=0.1)
        assert time.monotonic() - started < 1.5


def test_a_hang_ends_with_the_plan() -> None:
    with faults.wrap(FakeDriver, [Hang("host")]):
        hv = hvinspect.connect("faulty:")
        with pytest.raises(DeadlineExceeded):
            hv.host(timeout=0.1)
    deadline = time.monotonic() + 5
    while hv.health().stuck_calls and time.monotonic() < deadline:
        time.sleep(0.01)
    assert hv.health().stuck_calls == 0
    hv.close()


def test_a_hang_may_last_for_some_seconds() -> None:
    with faults.wrap(FakeDriver, [Hang("read", seconds=0.05)]), hvinspect.connect("faulty:") as hv:
        started = time.monotonic()
        assert len(hv.snapshot().instances) == 5
        assert time.monotonic() - started >= 0.05


def test_a_broken_connection_is_made_again() -> None:
    with faults.wrap(FakeDriver, [Disconnect("inventory", calls={1})]), hvinspect.connect("faulty:") as hv:
        assert len(hv.snapshot().instances) == 5
        assert hv.health().reconnects == 1


def test_a_connection_that_always_breaks_raises() -> None:
    plan = [Disconnect("inventory")]
    with faults.wrap(FakeDriver, plan), hvinspect.connect("faulty:") as hv, pytest.raises(ConnectionLost):
        hv.snapshot()


def test_a_denied_open_raises() -> None:
    with faults.wrap(FakeDriver, [Deny("open")]), pytest.raises(AccessDenied):
        hvinspect.connect("faulty:")


def test_denied_groups_say_so_and_the_others_are_there() -> None:
    plan: list[Fault] = [DenyGroups({Group.DISK, Group.MEMORY})]
    with faults.wrap(FakeDriver, plan), hvinspect.connect("faulty:") as hv:
        stats = hv.snapshot().instances[0]
    for absence in (stats.why("disks"), stats.memory.why("assigned_bytes")):
        assert absence is not None
        assert absence.reason is Reason.DENIED
    assert stats.cpu.time_ns is not None
    assert stats.nics != ()


def test_a_vanished_instance_is_a_failure() -> None:
    with (
        FakeHypervisor() as hypervisor,
        faults.wrap(FakeDriver, [Vanish(hypervisor.keys[2])], name="flaky") as name,
        hvinspect.connect(f"{name}:{hypervisor.name}") as hv,
    ):
        snapshot = hv.snapshot()
    assert [(one.instance.key, one.reason) for one in snapshot.failures] == [(hypervisor.keys[2], Reason.VANISHED)]
    assert len(snapshot.instances) == 4


def test_a_partial_answer_gives_the_rest_as_failures() -> None:
    with faults.wrap(FakeDriver, [Partly(2)]), hvinspect.connect("faulty:") as hv:
        snapshot = hv.snapshot()
    assert (len(snapshot.instances), len(snapshot.failures)) == (2, 3)


@pytest.mark.parametrize("hook", ["inventory", "host", "provides"])
def test_a_fault_strikes_the_hook_that_it_names(hook: Hook) -> None:
    with faults.wrap(FakeDriver, [Deny(hook)]), hvinspect.connect("faulty:") as hv:
        calls: dict[str, Callable[[], object]] = {
            "inventory": hv.snapshot,
            "host": hv.host,
            "provides": hv.capabilities,
        }
        for name, call in calls.items():
            if name == hook:
                with pytest.raises(AccessDenied):
                    call()
            else:
                call()


def test_without_faults_the_driver_is_itself() -> None:
    with faults.wrap(FakeDriver, []), hvinspect.connect("faulty:", options={"instances": "1"}) as hv:
        assert len(hv.snapshot().instances) == 1
        assert hv.health().quarantined == ()
        assert hv.snapshot().versions.hypervisor == "fake"


def test_whatever_a_driver_says_of_itself_holds_with_faults_too() -> None:
    said = {"Options": object, "takes_urls": True, "concurrency": 17, "own_calls": 19}
    assert said.keys() == {name for name in vars(Driver)["__annotations__"] if not name.startswith("_")}
    with faults.wrap(type("Odd", (FakeDriver,), said), []) as name:
        driver = load(name).driver
    assert {word: getattr(driver, word) for word in said} == said


def test_the_name_is_gone_after_the_plan() -> None:
    with faults.wrap(FakeDriver, []):
        pass
    with pytest.raises(DriverNotFound):
        hvinspect.connect("faulty:")


def test_a_registered_name_gives_way_and_comes_back() -> None:
    class Other(FakeDriver):
        pass

    with registered("mine", FakeDriver):
        with registered("mine", Other), hvinspect.connect("mine:") as hv:
            assert hv.snapshot().instances
        with hvinspect.connect("mine:") as hv:
            assert hv.snapshot().instances
