"""More domains than libxenstat takes in one page."""

from __future__ import annotations

import shutil

import pytest

from hvinspect import Connection
from hvinspect.driver import Deadline, Group, InventoryRequest, ReadRequest
from tests.drivers.xen.dom0 import Dom0, uuid_of

ALL = frozenset({Group.STATE, Group.CPU, Group.MEMORY, Group.DISK, Group.NIC})


def fill(dom0: Dom0, ids: range) -> None:
    for domid in ids:
        dom0.add(domid, cpu_ns=domid * 1000, vcpus=[(1, domid * 1000)])


@pytest.mark.parametrize(
    "ids",
    [range(1, 256), range(1, 257), range(1, 601), range(900, 1500), range(1, 1801, 3)],
    ids=["one page", "one more", "dense", "high", "sparse"],
)
def test_every_domain_is_read_once_however_they_are_paged(dom0: Dom0, hv: Connection, ids: range) -> None:
    fill(dom0, ids)
    snapshot = hv.snapshot(timeout=60)
    assert snapshot.failures == ()
    assert [int(guest.instance.native_id or 0) for guest in snapshot] == list(ids)
    assert {guest.instance.uuid: guest.cpu.time_ns for guest in snapshot} == {
        uuid_of(domid): domid * 1000 for domid in ids
    }


def test_the_library_does_give_domains_more_than_once(dom0: Dom0) -> None:
    # Else the test above says nothing.
    fill(dom0, range(900, 1500))
    driver = dom0.open()
    library, node = driver._native._library, driver._native._get_node(0)
    assert library.xenstat_node_num_domains(node) > 601
    library.xenstat_free_node(node)
    driver.close()


def test_what_is_asked_of_xenstore_grows_with_the_guests_alone(dom0: Dom0, hv: Connection) -> None:
    fill(dom0, range(1, 11))
    for domid in range(1, 11):
        dom0.add_disk(domid, 51712)
        dom0.add_nic(domid, 0, ifindex=domid)

    def asked() -> int:
        dom0.store.asked.clear()
        hv.snapshot()
        return len(dom0.store.asked)

    asked()  # the first time something is read that is remembered
    ten = asked()
    assert asked() == ten
    dom0.add(11)
    dom0.add_disk(11, 51712)
    dom0.add_nic(11, 0, ifindex=11)
    asked()
    eleven = asked()
    assert (eleven - ten) * 10 == ten - 2  # the domains, and the kinds of backends, are listed once


def test_what_stays_as_it_is_is_read_once_of_each_backend(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_disk(1, 51712)
    nic = dom0.add_nic(1, 0, ifindex=7)
    [before] = hv.snapshot()
    dom0.store.asked.clear()
    dom0.store.write("/local/domain/0/backend/vbd/1/51712", sectors="16384", params="/dev/loop2")
    dom0.store.write("/local/domain/0/backend/vif/1/0", bridge="xenbr1")
    [grown] = hv.snapshot()
    assert not {path.rpartition("/")[2] for _, path in dom0.store.asked} & {"dev", "device-type", "sector-size", "mac"}
    assert (grown.disks[0].name, grown.disks[0].device, grown.nics[0].mac) == ("xvda", "disk", before.nics[0].mac)
    assert (grown.disks[0].source, grown.disks[0].capacity_bytes) == ("/dev/loop2", 16384 * 512)
    # It was attached anew.
    shutil.rmtree(nic)
    dom0.add_nic(1, 0, ifindex=8, mac="00:16:3e:00:00:02")
    [after] = hv.snapshot()
    assert after.nics[0].mac == "00:16:3e:00:00:02"


def test_what_was_remembered_of_a_domain_that_is_gone_is_forgotten(dom0: Dom0) -> None:
    driver = dom0.open()
    for domid in (1, 2):
        dom0.add(domid)
        dom0.add_nic(domid, 0, ifindex=domid)
    soon = Deadline.after(20)
    request = ReadRequest(instances=driver.inventory(InventoryRequest(deadline=soon)), groups=ALL, deadline=soon)
    assert len(list(driver.read(request))) == 2
    assert {domid for domid, _ in driver._lasting} == {1, 2}
    dom0.remove(1)
    driver.inventory(InventoryRequest(deadline=soon))
    assert {domid for domid, _ in driver._lasting} == {2}
    driver.close()


def test_only_reading_operations_are_sent(dom0: Dom0, hv: Connection) -> None:
    fill(dom0, range(1, 20))
    hv.snapshot()
    hv.host()
    hv.capabilities()
    assert {operation for operation, _ in dom0.store.asked} <= {
        1,
        2,
        22,
    }  # XS_DIRECTORY, XS_READ and XS_DIRECTORY_PART of xs_wire.h
