"""Every name of every source is mapped to a field, or ignored for a reason that is written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from hvinspect import CATALOGUE
from hvinspect.drivers._xen.gather import DISK_KEYS, NIC_KEYS
from hvinspect.drivers._xen.keys import IGNORED, MAPPED, STRUCTURE
from hvinspect.drivers._xen.native import FUNCTIONS
from hvinspect.drivers._xen.provides import provided
from hvinspect.drivers._xen.sysfs import DISK_FILES, NIC_FILES

#: What ``nm -D`` shows of the libraries of Debian 11 to 13 and of Ubuntu 20.04 and 22.04, by their sonames.
EXPORTED = sorted((Path(__file__).parent / "exported").iterdir())
# Those of Documentation/ABI/testing/sysfs-class-net-statistics and of drivers/block/xen-blkback/xenbus.c (Linux 6.1).
KERNEL_NET = {
    "collisions", "multicast", "rx_bytes", "rx_compressed", "rx_crc_errors", "rx_dropped", "rx_errors",
    "rx_fifo_errors", "rx_frame_errors", "rx_length_errors", "rx_missed_errors", "rx_nohandler", "rx_over_errors",
    "rx_packets", "tx_aborted_errors", "tx_bytes", "tx_carrier_errors", "tx_compressed", "tx_dropped", "tx_errors",
    "tx_fifo_errors", "tx_heartbeat_errors", "tx_packets", "tx_window_errors",
}  # fmt: skip
KERNEL_VBD = {"ds_req", "f_req", "oo_req", "rd_req", "rd_sect", "wr_req", "wr_sect"}
# Fields that no source gives: who made the record, and what was made of the others.
OUR_OWN = {
    "instance.native_id", "instance.driver", "instance.described_at", "vcpu.index",
    "vcpu.incarnation", "nic.key", "nic.alias", "host.incarnation", "host.hostname", "host.hypervisor",
}  # fmt: skip


def named(source: str) -> set[str]:
    """Every name of *source* in the tables."""
    start = f"{source} "
    return {
        name.removeprefix(start) for table in (MAPPED, STRUCTURE, IGNORED) for name in table if name.startswith(start)
    }


@pytest.mark.parametrize("path", EXPORTED, ids=lambda path: path.stem)
def test_every_function_that_a_real_library_exports_is_known(path: Path) -> None:
    assert set(path.read_text().split()) <= named("libxenstat")


@pytest.mark.parametrize("path", EXPORTED, ids=lambda path: path.stem)
def test_every_function_that_is_called_is_exported(path: Path) -> None:
    assert set(FUNCTIONS) <= set(path.read_text().split())


def test_nothing_is_asked_of_nics_or_disks() -> None:
    # Of a disk that it could not read, which vbd_error tells of, libxenstat has whatever was in memory.
    assert [name for name in FUNCTIONS if "vbd" in name or "network" in name] == []


def test_every_function_that_is_called_fills_a_field_or_makes_reading_possible() -> None:
    assert {f"libxenstat {name}" for name in FUNCTIONS} == {
        name for table in (MAPPED, STRUCTURE) for name in table if name.startswith("libxenstat ")
    }


def test_every_counter_of_the_kernel_is_known() -> None:
    assert named("sysfs net") >= KERNEL_NET
    assert named("sysfs vbd") >= KERNEL_VBD


def test_every_file_that_is_read_fills_a_field() -> None:
    read = {*(f"sysfs net {name}" for name in NIC_FILES), *(f"sysfs vbd {name}" for name in DISK_FILES)}
    assert read <= set(MAPPED)


def test_every_key_of_a_backend_that_is_read_fills_a_field() -> None:
    read = {
        *(f"xenstore backend/vbd {name}" for name in DISK_KEYS),
        *(f"xenstore backend/vif {name}" for name in NIC_KEYS),
    }
    assert read == {name for name in MAPPED if name.startswith("xenstore backend/")}


def test_no_name_is_in_two_tables_and_every_reason_is_said() -> None:
    assert (
        not (MAPPED.keys() & STRUCTURE.keys()) | (MAPPED.keys() & IGNORED.keys()) | (STRUCTURE.keys() & IGNORED.keys())
    )
    assert all(IGNORED.values())
    assert all(STRUCTURE.values())


def test_what_is_mapped_is_what_is_given() -> None:
    mapped = {path for paths in MAPPED.values() for path in paths}
    assert mapped <= set(CATALOGUE)
    not_read = ("span", "rates", "disk_rates", "nic_rates")
    given = {path for path, absence in provided().items() if absence is None and CATALOGUE[path].record not in not_read}
    assert given - mapped - OUR_OWN == set()
    assert mapped - given == set()
