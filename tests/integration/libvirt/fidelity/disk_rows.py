"""The rows of the disks of QEMU's guests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.fidelity.rows import How, equal, inside
from tests.integration.libvirt.fidelity.look import Look, Moment
from tests.integration.libvirt.fidelity.rows import BUSY, Check, Row, asked, identity, sides

#: Field -> QEMU's own name of it.
_DISK: Final = {
    "read_bytes": "rd_bytes", "read_requests": "rd_operations", "read_time_ns": "rd_total_time_ns",
    "write_bytes": "wr_bytes", "write_requests": "wr_operations", "write_time_ns": "wr_total_time_ns",
    "flush_requests": "flush_operations", "flush_time_ns": "flush_total_time_ns",
}  # fmt: skip
#: Field -> the guest's own count.
_DISK_OWN: Final[dict[str, Callable[[Any], int]]] = {
    "read_bytes": lambda own: int(own["read_bytes"]),
    "read_requests": lambda own: int(own["read_requests"]),
    "write_bytes": lambda own: int(own["write_bytes"]),
    # Linux counts a flush as a write of nothing too.
    "write_requests": lambda own: int(own["write_requests"] - own["flush_requests"]),
    "flush_requests": lambda own: int(own["flush_requests"]),
}


def _counter(field: str) -> Check:
    own = _DISK_OWN.get(field)

    def check(look: Look) -> None:
        for moment in map(look.__getitem__, BUSY):
            for disk in moment.stats.disks:
                before, after = (seen["qmp"]["blocks"][disk.alias][_DISK[field]] for seen in sides(moment))
                inside(getattr(disk, field), before, after, what=f"{field} {disk.name}")
        if own is None:
            return
        for name in ("vda", "vdb", "vdc", "vdd"):
            first, second = (_disk_of(look[moment], name) for moment in BUSY)
            # From before the first snapshot to after the second at most, the other way round at least.
            low = own(look["second"].before["guest"]["disks"][name]) - own(look["first"].after["guest"]["disks"][name])
            high = own(look["second"].after["guest"]["disks"][name]) - own(look["first"].before["guest"]["disks"][name])
            inside(getattr(second, field) - getattr(first, field), low, high, what=f"{field} {name} by the guest")

    return check


def _image(field: str, truth: Callable[[Moment, str, Any], Any]) -> Check:
    def check(look: Look) -> None:
        found = 0
        for moment in map(look.__getitem__, BUSY):
            for name in ("vda", "vdb", "vdc", "vdd"):
                disk = _disk_of(moment, name)
                value = getattr(disk, field)
                if value is None and field == "host_allocated_bytes":
                    continue
                found += 1
                before, after = (truth(moment, name, seen) for seen in sides(moment))
                if before is None:
                    # Of a raw image a newer libvirt has QEMU count no furthest write: then there is none here either.
                    equal(value, None)
                    continue
                inside(value, before, after, what=f"{field} {name}")
            assert getattr(_disk_of(moment, "hdc"), field) is None
        assert found >= 6

    return check


def _disk() -> dict[str, Row]:
    def allocated(moment: Moment, name: str, seen: Any) -> Any:
        # All of a block device is taken.
        return seen["images"][name]["length" if name == "vdd" else "allocated"]

    rows = {
        f"disk.{field}": Row(
            how=How.EXACT,
            source=f"{name} of query-blockstats{'; the guest’s own count' if field in _DISK_OWN else ''}",
            check=_counter(field),
        )
        for field, name in _DISK.items()
    }
    rows |= {
        "disk.capacity_bytes": Row(
            how=How.ASKED,
            source="the size that the image was made with",
            check=lambda look: _image("capacity_bytes", lambda moment, name, seen: look.facts["capacity"][name])(look),
        ),
        "disk.host_allocated_bytes": Row(
            how=How.EXACT,
            source="blocks of the file; length of the block device",
            check=_image("host_allocated_bytes", allocated),
        ),
        "disk.highest_written_bytes": Row(
            how=How.EXACT,
            source="wr_highest_offset of the file in query-blockstats",
            check=_image(
                "highest_written_bytes",
                lambda moment, name, seen: seen["qmp"]["blocks"][_disk_of(moment, name).alias]["file_highest"],
            ),
        ),
        "disk.host_length_bytes": Row(
            how=How.EXACT,
            source="length of the file or block device",
            check=_image("host_length_bytes", lambda moment, name, seen: seen["images"][name]["length"]),
        ),
        "disk.incarnation": identity("disk"),
    }
    for field in ("name", "alias", "serial", "bus", "device", "kind", "source"):
        rows[f"disk.{field}"] = asked("disk", field, _described_disk(field))
    rows["disk.key"] = asked("disk", "key", _described_disk("alias"))
    return rows


def _described_disk(field: str) -> Check:
    def check(look: Look) -> None:
        for moment in map(look.__getitem__, BUSY):
            expected = look.facts["disks"]
            assert [disk.name for disk in moment.stats.disks] == list(expected)
            for disk in moment.stats.disks:
                asked = disk.name if field == "name" else expected[disk.name][field]
                equal(getattr(disk, field), asked)
                equal(disk.key, expected[disk.name]["alias"])

    return check


def _disk_of(moment: Moment, name: str) -> Any:
    return next(disk for disk in moment.stats.disks if disk.name == name)


ROWS: Final = _disk()
