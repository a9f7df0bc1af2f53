"""A dom0 in a folder: what /proc, /sys and xenstored would have, and a libxenstat that tells of its domains."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from hvinspect.driver import Deadline, OpenRequest, Target, Workers
from hvinspect.drivers._xen.places import Places
from hvinspect.drivers.xen import XenDriver
from tests.drivers.xen.xenstored import Xenstored

GIB = 1 << 30
MIB = 1 << 20
UUID_OF = "11111111-2222-3333-4444-{:012d}"


def uuid_of(domid: int) -> UUID:
    """The uuid of the guest that began with this id."""
    return UUID(UUID_OF.format(domid))


@dataclass
class Guest:
    """A domain as the hypervisor has it."""

    domid: int
    name: str = "guest"
    flags: str = "b"
    cpu_ns: int = 7_000_000_000
    cur_mem: int = 128 * MIB
    max_mem: int = 129 * MIB
    vcpus: list[tuple[int, int]] = field(default_factory=lambda: [(1, 5_000_000_000), (1, 2_000_000_000)])

    @property
    def line(self) -> str:
        vcpus = " ".join(f"{online}:{ns}" for online, ns in self.vcpus)
        return (
            f"domain {self.domid} {self.name} {self.flags} {self.cpu_ns} {self.cur_mem} {self.max_mem} "
            f"{len(self.vcpus)} {vcpus}"
        )


class Dom0:
    """Everything of it, with one library of Xen 4.17 and no guest."""

    def __init__(self, root: Path, library: Path) -> None:
        self.root = root
        self._built = library
        self.guests: dict[int, Guest] = {0: Guest(0, "Domain-0", "r")}
        self.lines = [f"host 4 {8 * GIB} {2 * GIB} 4.17.7"]
        self.sysfs, self.libraries = root / "sys", root / "lib"
        self.capabilities, self.privcmd, self.hypercall = (
            root / name for name in ("capabilities", "privcmd", "hypercall")
        )
        for folder in (self.sysfs / "class/net", self.sysfs / "bus/xen-backend/devices", self.libraries):
            folder.mkdir(parents=True)
        self.capabilities.write_text("control_d\n")
        self.privcmd.touch()
        self.hypercall.touch()
        self.add_library("libxenstat.so.4.17")
        self.store = Xenstored(root / "xenstored")
        self.store.write("/local/domain/0", name="Domain-0", domid="0")
        self.tell()

    @property
    def places(self) -> Places:
        return Places(
            capabilities=str(self.capabilities),
            privcmd=(str(self.privcmd),),
            hypercall=str(self.hypercall),
            xenstored=(str(self.root / "xenstored"),),
            sysfs=str(self.sysfs),
            libraries=(str(self.libraries),),
        )

    @property
    def driver(self) -> type[XenDriver]:
        """The driver that looks here."""
        here = self.places

        class Here(XenDriver):
            places: ClassVar[Places] = here

        return Here

    def open(self, *, timeout: float = 20.0, memory: dict[str, Any] | None = None) -> XenDriver:
        """The driver, opened by hand."""
        return self.driver.open(
            OpenRequest(
                target=Target("xen", ""),
                options=self.driver.Options(),
                deadline=Deadline.after(timeout),
                workers=Workers("xen", limit=4),
                memory={} if memory is None else memory,
            )
        )

    def add_library(self, name: str) -> Path:
        return Path(shutil.copy(self._built, self.libraries / name))

    def release(self, major: int, minor: int) -> None:
        """The hypervisor's, as the kernel tells it."""
        folder = self.sysfs / "hypervisor/version"
        folder.mkdir(parents=True)
        (folder / "major").write_text(f"{major}\n")
        (folder / "minor").write_text(f"{minor}\n")

    def tell(self) -> None:
        """Let the library know."""
        lines = [*self.lines, *(self.guests[domid].line for domid in sorted(self.guests))]
        (self.libraries / "domains").write_text("\n".join(lines) + "\n")

    def add(self, domid: int, *, uuid: str | None = None, **of_guest: Any) -> Guest:
        """A guest with 256 MiB at most and no device."""
        guest = Guest(domid, **of_guest)
        uuid = uuid or str(uuid_of(domid))
        self.guests[domid] = guest
        self.store.write(f"/local/domain/{domid}", name=guest.name, vm=f"/vm/{uuid}")
        self.store.write(f"/local/domain/{domid}/memory", static_max="262144", target="131072")
        self.store.keys[f"/vm/{uuid}/start_time"] = f"1700000000.{domid}"
        self.tell()
        return guest

    def remove(self, domid: int) -> None:
        self.guests.pop(domid, None)
        for folder in (f"/local/domain/{domid}", f"/libxl/{domid}"):
            self.store.remove(folder)
        self.tell()

    def add_disk(self, domid: int, number: int, *, kind: str = "vbd", backend: int = 0, **entry: str) -> Path:
        """A disk; the folder of its counters, for one of the kernel's own."""
        folder = f"/local/domain/{backend}/backend/{kind}/{domid}/{number}"
        given = {"dev": "xvda", "params": "/dev/loop1", "device_type": "disk", "sectors": "8192", "sector_size": "512"}
        self.store.write(folder, **{**given, **entry})
        self.store.keys[f"/libxl/{domid}/device/vbd/{number}/backend"] = folder
        device = self.sysfs / f"bus/xen-backend/devices/vbd-{domid}-{number}"
        if kind == "vbd" and not backend:
            self.count(device, rd_req=259, rd_sect=2072, wr_req=100, wr_sect=1600, f_req=3, ds_req=1, oo_req=9)
        return device

    def add_nic(
        self,
        domid: int,
        number: int,
        *,
        name: str | None = None,
        ifindex: int = 7,
        master: str = "xenbr0",
        **entry: str,
    ) -> Path:
        """A NIC with a network device in dom0; the folder of that."""
        folder = f"/local/domain/0/backend/vif/{domid}/{number}"
        self.store.write(folder, **{"mac": "00:16:3e:00:00:01", "bridge": "xenbr0", **entry})
        self.store.keys[f"/libxl/{domid}/device/vif/{number}/backend"] = folder
        device = self.sysfs / f"class/net/{name or f'vif{domid}.{number}'}"
        self.count(
            device,
            rx_bytes=307200, rx_packets=300, rx_errors=1, rx_dropped=2,
            tx_bytes=4000, tx_packets=40, tx_errors=3, tx_dropped=4,
        )  # fmt: skip
        (device / "device").mkdir()
        (device / "device/nodename").write_text(f"backend/vif/{domid}/{number}\n")
        (device / "ifindex").write_text(f"{ifindex}\n")
        if master:
            (device / "master").symlink_to(f"../{master}")
        return device

    def count(self, device: Path, **counters: int | str) -> None:
        """Let the kernel count so for *device*."""
        folder = device / "statistics"
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in counters.items():
            (folder / name).write_text(f"{value}\n")
