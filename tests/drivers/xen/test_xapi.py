"""A host that XAPI manages, as its xenopsd fills xenstore: no start time, no list of devices in /libxl, tapdisks."""

from __future__ import annotations

import hvinspect
from hvinspect import Connection, State
from hvinspect.testing import registered
from tests.drivers.xen.dom0 import Dom0, uuid_of


def run(dom0: Dom0, domid: int, *, created: str = "81234567890") -> None:
    """A guest as ocaml/xenopsd/xc/domain.ml and device.ml write it (read in xen-api's sources, not seen running)."""
    dom0.add(domid, name="of-xapi")
    folder = f"/vm/{uuid_of(domid)}"
    dom0.store.remove(folder)
    dom0.store.write(folder, uuid=str(uuid_of(domid)), name="of-xapi")
    dom0.store.keys[f"{folder}/domains/{domid}"] = f"/local/domain/{domid}"
    dom0.store.keys[f"{folder}/domains/{domid}/create-time"] = created
    dom0.store.keys[f"/libxl/{domid}"] = ""
    dom0.store.keys[f"/xapi/{uuid_of(domid)}/private/vif/0/bridge"] = "xapi1"


def plug(dom0: Dom0, domid: int) -> None:
    """Its disk, which a tapdisk serves, and its NIC, in Open vSwitch."""
    dom0.add_disk(domid, 51712, kind="vbd3", params="/dev/sm/backend/sr/vdi")
    dom0.add_nic(domid, 0, master="ovs-system")
    dom0.store.remove(f"/libxl/{domid}/device")
    for entry, left_out in (("vbd3/{}/51712", "device-type"), ("vif/{}/0", "bridge")):
        del dom0.store.keys[f"/local/domain/0/backend/{entry.format(domid)}/{left_out}"]


def test_a_guest_of_xapi_is_an_instance(dom0: Dom0, hv: Connection) -> None:
    run(dom0, 3)
    guest = hv.snapshot()[uuid_of(3)]
    assert (guest.instance.name, guest.instance.native_id, guest.state) == ("of-xapi", "3", State.RUNNING)
    assert guest.cpu.time_ns == 7_000_000_000


def test_its_devices_are_found_without_libxls_list(dom0: Dom0, hv: Connection) -> None:
    run(dom0, 3)
    plug(dom0, 3)
    guest = hv.snapshot()[uuid_of(3)]
    [disk], [nic] = guest.disks, guest.nics
    assert (disk.key, disk.source, disk.read_requests) == ("xvda", "/dev/sm/backend/sr/vdi", None)
    assert "tapdisk" in str(disk.why("read_requests"))
    assert (nic.mac, nic.name, nic.tx_bytes) == ("00:16:3e:00:00:01", "vif3.0", 307200)
    assert nic.bridge is None
    assert "Open vSwitch" in str(nic.why("bridge"))


def test_an_id_that_is_used_again_is_another_life(dom0: Dom0) -> None:
    lives = []
    for created in ("81234567890", "95555555555"):
        run(dom0, 3, created=created)
        # Over a connection of its own, which remembers no counter that fell.
        with registered("xen", dom0.driver), hvinspect.connect("xen:") as hv:
            lives.append(hv.snapshot()[uuid_of(3)].incarnation)
    assert lives[0] != lives[1]
