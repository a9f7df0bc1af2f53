"""What can be read of guests without the driver: xentop, libxenctrl, xenstore and dom0's kernel."""

from __future__ import annotations

import ctypes
import importlib
import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, final

from tests.lab.xen.dom0.run import output

# XENSTAT_VBD of <xenstat.h>.
_WITH_DISKS: Final = 0x8


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TopLine:
    """What ``xentop`` says of a guest: whole seconds, KiB and counts."""

    cpu_seconds: int
    memory_kib: int
    vcpus: int
    nics: int
    disks: int
    read_requests: int
    write_requests: int
    read_sectors: int
    write_sectors: int


def xentop() -> dict[str, TopLine]:
    """One round of it, by name."""
    text = output("xentop", "-b", "-i", "1", "-f")
    head, *lines = [line.split() for line in text.splitlines() if line.split()]
    found = {}
    for words in lines:
        # "no limit" is two words.
        joined = " ".join(words).replace("no limit", "no-limit").split()
        row = dict(zip(head, joined, strict=False))
        found[row["NAME"]] = TopLine(
            cpu_seconds=int(row["CPU(sec)"]),
            memory_kib=int(row["MEM(k)"]),
            vcpus=int(row["VCPUS"]),
            nics=int(row["NETS"]),
            disks=int(row["VBDS"]),
            read_requests=int(row["VBD_RD"]),
            write_requests=int(row["VBD_WR"]),
            read_sectors=int(row["VBD_RSECT"]),
            write_sectors=int(row["VBD_WSECT"]),
        )
    return found


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlInfo:
    """What libxenctrl says of a guest."""

    cpu_ns: int
    memory_kib: int
    vcpu_ns: tuple[int, ...]
    online: tuple[bool, ...]
    paused: bool


def libxenctrl(domid: int) -> ControlInfo:
    """By Xen's own binding for Python."""
    # It comes with Xen, and is nowhere but in dom0.
    control = importlib.import_module("xen.lowlevel.xc").xc()
    (info,) = control.domain_getinfo(domid, 1)
    assert info["domid"] == domid
    vcpus = [control.vcpu_getinfo(domid, number) for number in range(info["max_vcpu_id"] + 1)]
    return ControlInfo(
        cpu_ns=int(info["cpu_time"]),
        memory_kib=int(info["mem_kb"]),
        vcpu_ns=tuple(int(vcpu["cpu_time"]) for vcpu in vcpus),
        online=tuple(bool(vcpu["online"]) for vcpu in vcpus),
        paused=bool(info["paused"]),
    )


def backend_disk(domid: int) -> dict[str, int]:
    """dom0's own counts of the guest's only disk."""
    (device,) = Path("/sys/bus/xen-backend/devices").glob(f"vbd-{domid}-*")
    return {path.name: int(path.read_text()) for path in (device / "statistics").iterdir()}


def backend_card(vif: str) -> dict[str, int]:
    """dom0's own counts of its end of a card: its rx is what the guest sent."""
    return {path.name: int(path.read_text()) for path in Path(f"/sys/class/net/{vif}/statistics").iterdir()}


def listed(path: str) -> list[str]:
    """The names in a folder of xenstore."""
    return output("xenstore-list", path).split()


def leaves(path: str) -> set[str]:
    """Everything below a folder of xenstore that has nothing below itself, relative to it."""
    start = f"{path}/"
    names = [line.partition(" = ")[0].removeprefix(start) for line in output("xenstore-ls", "-f", path).splitlines()]
    folders = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    return set(names) - folders - {path}


def unreadable_disks(domid: int) -> list[int]:
    """The numbers of the guest's disks of which libxenstat says that it could not read them: their vbd_error is set."""
    library = ctypes.CDLL(f"libxenstat.so.{os.environ['HVINSPECT_LAB_XEN']}")
    for name in ("init", "get_node", "node_domain", "domain_vbd"):
        getattr(library, f"xenstat_{name}").restype = ctypes.c_void_p
    handle = ctypes.c_void_p(library.xenstat_init())
    node = ctypes.c_void_p(library.xenstat_get_node(handle, _WITH_DISKS))
    domain = ctypes.c_void_p(library.xenstat_node_domain(node, domid))
    disks = [
        ctypes.c_void_p(library.xenstat_domain_vbd(domain, number))
        for number in range(library.xenstat_domain_num_vbds(domain))
    ]
    found = [library.xenstat_vbd_dev(disk) for disk in disks if library.xenstat_vbd_error(disk)]
    library.xenstat_free_node(node)
    library.xenstat_uninit(handle)
    return found


def configured(domid: int) -> dict[str, Any]:
    """What libxl keeps of a guest's configuration."""
    (one,) = json.loads(output("xl", "list", "-l", str(domid)))
    found: dict[str, Any] = one["config"]
    return found


def host() -> dict[str, str]:
    """The lines of ``xl info``, in the units that it has: memory in MiB."""
    lines = (line.partition(":") for line in output("xl", "info").splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


def host_number(name: str) -> int:
    """A line of them that is a number."""
    return int(host()[name])
