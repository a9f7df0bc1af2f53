"""Domains that go, come and change while they are read, and connections that are lost."""

from __future__ import annotations

import errno
import os
import shutil

import pytest

import hvinspect
from hvinspect import ConnectFailed, Connection, ConnectionLost, DeadlineExceeded, Reason
from hvinspect.testing import registered
from tests.drivers.xen.dom0 import Dom0, uuid_of


def reasons(snapshot: hvinspect.Snapshot) -> dict[str | None, Reason]:
    return {failure.instance.native_id: failure.reason for failure in snapshot.failures}


def when_listed(dom0: Dom0, change: object, path: str = "/local/domain/3/name") -> None:
    """Let *change* happen once the domains have been listed: the last of them is asked for its name."""
    assert callable(change)

    def once(read: str) -> None:
        if read == path:
            dom0.store.before_read = lambda _: None
            change()

    dom0.store.before_read = once


@pytest.fixture
def three(dom0: Dom0) -> Dom0:
    for domid in (1, 2, 3):
        dom0.add(domid)
        dom0.add_disk(domid, 51712)
        dom0.add_nic(domid, 0, ifindex=domid)
    return dom0


def test_a_domain_that_goes_after_the_list_is_a_failure_of_its_own(three: Dom0, hv: Connection) -> None:
    when_listed(three, lambda: three.remove(2))
    snapshot = hv.snapshot()
    assert reasons(snapshot) == {"2": Reason.VANISHED}
    assert [guest.instance.native_id for guest in snapshot] == ["1", "3"]


def test_a_domain_that_goes_between_its_counters_and_its_name_is_one(three: Dom0, hv: Connection) -> None:
    # Its disks have been read by then.
    when_listed(three, lambda: three.remove(2), "/local/domain/0/backend/vbd/2/51712/dev")
    assert reasons(hv.snapshot()) == {"2": Reason.VANISHED}


def test_an_id_that_is_another_domains_by_now_is_noticed(three: Dom0, hv: Connection) -> None:
    def again() -> None:
        three.remove(2)
        three.add(2, uuid=str(uuid_of(77)), cpu_ns=1)

    when_listed(three, again, "/local/domain/0/backend/vbd/2/51712/dev")
    snapshot = hv.snapshot()
    assert reasons(snapshot) == {"2": Reason.VANISHED}
    assert hv.snapshot()[uuid_of(77)].cpu.time_ns == 1


def test_a_domain_that_the_hypervisor_has_no_more_is_a_failure(three: Dom0, hv: Connection) -> None:
    del three.guests[2]
    three.tell()
    snapshot = hv.snapshot()
    assert reasons(snapshot) == {"2": Reason.VANISHED}
    assert "being built or taken down" in snapshot.failures[0].detail


def test_a_domain_that_libxenstat_leaves_out_for_its_name_is_a_failure(three: Dom0, hv: Connection) -> None:
    three.guests[2].name = "-"
    three.tell()
    assert reasons(hv.snapshot()) == {"2": Reason.VANISHED}


def test_a_domain_that_is_being_built_is_a_failure_until_its_start_is_known(three: Dom0, hv: Connection) -> None:
    # libxl writes it last, before it lets the domain run.
    start = three.store.keys.pop(f"/vm/{uuid_of(2)}/start_time")
    three.guests[2].flags, three.guests[2].cpu_ns = "p", 0
    three.tell()
    snapshot = hv.snapshot()
    assert reasons(snapshot) == {"2": Reason.VANISHED}
    assert "being built" in snapshot.failures[0].detail
    three.store.keys[f"/vm/{uuid_of(2)}/start_time"] = start
    assert reasons(hv.snapshot()) == {}


def test_a_domain_that_is_taken_down_is_a_failure_once_its_start_is_gone(three: Dom0, hv: Connection) -> None:
    # libxl removes that before the domain's own folder; what is left is no other life.
    hv.snapshot()
    three.store.remove(f"/vm/{uuid_of(2)}")
    assert reasons(hv.snapshot()) == {"2": Reason.VANISHED}


def test_a_domain_whose_toolstack_keeps_no_start_is_read(three: Dom0, hv: Connection) -> None:
    three.store.remove(f"/vm/{uuid_of(2)}")
    first, second = hv.snapshot()[uuid_of(2)], hv.snapshot()[uuid_of(2)]
    assert first.incarnation == second.incarnation


def test_what_is_left_of_another_domain_of_the_same_uuid_is_not_waited_for(three: Dom0, hv: Connection) -> None:
    hv.snapshot()
    three.remove(2)
    three.add(5, uuid=str(uuid_of(2)))
    three.store.remove(f"/vm/{uuid_of(2)}")
    assert hv.snapshot()[uuid_of(2)].instance.native_id == "5"


def test_a_device_that_goes_meanwhile_costs_itself_alone(three: Dom0, hv: Connection) -> None:
    nic = three.sysfs / "class/net/vif2.0"
    when_listed(three, lambda: shutil.rmtree(nic), "/local/domain/0/backend/vbd/1/51712/dev")
    snapshot = hv.snapshot()
    assert snapshot.failures == ()
    assert [guest.nics[0].tx_bytes for guest in snapshot] == [307200, None, 307200]


def test_an_entry_that_cannot_be_read_costs_its_domain_alone(three: Dom0, hv: Connection) -> None:
    three.store.errors["/local/domain/2/memory/static-max"] = "EIO"
    snapshot = hv.snapshot()
    assert reasons(snapshot) == {"2": Reason.FAILED}
    assert "EIO" in snapshot.failures[0].detail


def test_a_xenstored_that_was_started_anew_is_connected_to_by_the_same_call(three: Dom0, hv: Connection) -> None:
    hv.snapshot()
    three.store.hang_up()
    assert len(hv.snapshot().instances) == 3
    assert hv.health().reconnects == 1


def test_a_library_that_lost_xenstore_is_a_lost_connection(three: Dom0, hv: Connection) -> None:
    # It finds no domain a name then, dom0 neither, and calls that a success.
    for guest in three.guests.values():
        guest.name = "-"
    three.tell()
    with pytest.raises(ConnectionLost, match="shows no dom0"):
        hv.snapshot()


def test_a_hypervisor_that_fails_once_is_asked_anew(three: Dom0, hv: Connection) -> None:
    three.lines.append(f"fails {errno.EFAULT}")
    three.tell()
    with pytest.raises(ConnectFailed, match=os.strerror(errno.EFAULT)):
        hv.host()
    three.lines.pop()
    three.tell()
    assert len(hv.snapshot().instances) == 3


def test_what_was_read_by_the_deadline_is_delivered(three: Dom0, hv: Connection) -> None:
    def fall_silent() -> None:
        three.store.silent = True

    when_listed(three, fall_silent, "/local/domain/0/backend/vbd/3/51712/dev")
    snapshot = hv.snapshot(timeout=1.0)
    assert [guest.instance.native_id for guest in snapshot] == ["1", "2"]
    assert reasons(snapshot) == {"3": Reason.TIMED_OUT}


def test_a_hypercall_that_hangs_is_a_stuck_call_until_it_ends(three: Dom0, hv: Connection) -> None:
    hv.snapshot()
    three.lines.append("hangs 1")
    three.tell()
    assert set(reasons(hv.snapshot(timeout=0.5)).values()) == {Reason.TIMED_OUT}
    assert hv.health().stuck_calls == 1
    # The handle is one thread's at a time, so nothing else is asked meanwhile, and nobody waits for longer.
    with pytest.raises(DeadlineExceeded, match="1 earlier calls have not come back"):
        hv.snapshot(timeout=0.2)
    three.lines.pop()
    three.tell()
    assert len(hv.snapshot(timeout=20).instances) == 3
    assert hv.health().stuck_calls == 0


def test_a_spent_deadline_is_one(dom0: Dom0) -> None:
    with registered("xen", dom0.driver), hvinspect.connect("xen:") as hv:
        dom0.store.silent = True
        with pytest.raises(DeadlineExceeded):
            hv.snapshot(timeout=0.2)
