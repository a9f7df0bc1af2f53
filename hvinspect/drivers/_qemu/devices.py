"""A QEMU's disks and NICs, out of its answers, its command line and what the host counts. Pure: no I/O.

Rules. A tap counts what the host sends and receives on it: its rx is the guest's tx. A block device that no device of
the guest uses is no disk of it. Of the image below a disk's format, the file has a length and a furthest write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from hvinspect.driver import Absence, DiskStats, Group, NicCounters, NicStats, shared_absences

from . import absences
from .absences import NOT_REQUESTED
from .command_line import DiskWords, NicWords
from .found import Reading, Tap
from .numbers import Numbers

__all__ = ["decode_disks", "decode_nics"]

_PERIPHERAL = "/machine/peripheral/"
#: What a tap is made by.
_TAPS = frozenset({"tap", "bridge"})
_COUNTERS = {
    "read_bytes": "rd_bytes",
    "read_requests": "rd_operations",
    "read_time_ns": "rd_total_time_ns",
    "write_bytes": "wr_bytes",
    "write_requests": "wr_operations",
    "write_time_ns": "wr_total_time_ns",
    "flush_requests": "flush_operations",
    "flush_time_ns": "flush_total_time_ns",
    "discard_bytes": "unmap_bytes",
    "discard_requests": "unmap_operations",
    "discard_time_ns": "unmap_total_time_ns",
}
_DISCARDS = ("discard_bytes", "discard_requests", "discard_time_ns")
#: How the path of such a disk ends.
_VIRTIO_BLK = "/virtio-backend"
#: Each of them is one kind of request that ended in an error.
FAILED = ("failed_rd_operations", "failed_wr_operations", "failed_flush_operations", "failed_unmap_operations")
#: First letters of a device's driver -> the bus that it is on.
_BUSES = {"virtio-blk": "virtio", "scsi-": "scsi", "ide-": "ide", "nvme": "nvme", "usb-": "usb", "floppy": "fdc"}
_DEVICES = {"scsi-cd": "cdrom", "ide-cd": "cdrom", "floppy": "floppy", "scsi-block": "lun"}

_NIC_COUNTERS = tuple(f"{way}_{what}" for way in ("rx", "tx") for what in ("bytes", "packets", "errors", "drops"))

Entry = Mapping[str, Any]


# -- disks


def decode_disks(reading: Reading, absent: dict[str, Absence]) -> tuple[DiskStats, ...]:
    """The disks; why there are none goes to *absent*."""
    groups = reading.groups
    if not groups & {Group.DISK, Group.BLOCK_DETAIL}:
        absent["disks"] = NOT_REQUESTED
        return ()
    described = _by_device(reading.answers.get("block"))
    counted = _by_device(reading.answers.get("blockstats"))
    source = "block" if "block" in reading.answers else "blockstats"
    if source not in reading.answers:
        absent["disks"] = reading.refused.get("block", reading.unanswered)
        return ()
    nodes = reading.answers.get("nodes")
    lengths: dict[str, Entry] = {
        name: one
        for one in (nodes if isinstance(nodes, list) else ())
        if isinstance(one, dict) and isinstance(name := one.get("node-name"), str)
    }
    seen: set[str] = set()
    disks = []
    for place in {**described, **counted}:
        disk = _disk(reading, place, described.get(place, {}), counted.get(place), lengths, seen)
        seen.add(disk.key)
        disks.append(disk)
    return tuple(disks)


def _by_device(answer: object) -> dict[str, Entry]:
    entries = [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
    return {place: one for one in entries if isinstance(place := one.get("qdev"), str) and place}


def _disk(
    reading: Reading, place: str, entry: Entry, counted: Entry | None, lengths: Mapping[str, Entry], seen: set[str]
) -> DiskStats:
    alias = _alias(place)
    given, never = _given(alias, reading.command.disks.get(alias or ""))
    absent = {**never}
    drive = _text(entry.get("device")) or _text((counted or {}).get("device"))
    key = alias or drive or place
    inserted = entry.get("inserted")
    inserted = inserted if isinstance(inserted, dict) else {}
    node = _text(inserted.get("node-name")) or _text((counted or {}).get("node-name")) or ""
    return DiskStats(
        key=key if key not in seen else place,
        incarnation=f"{reading.life}/{place}/{node}",
        **given,
        **_image(reading, entry, inserted, absent),
        **_counted(reading, place, counted, absent),
        host_length_bytes=_length(reading, counted, lengths, absent),
        absences=shared_absences(absent),
    )


def _alias(place: str) -> str | None:
    """The id that the device was given, of QEMU's path to it: ``/machine/peripheral/ID/virtio-backend``."""
    if place.startswith(_PERIPHERAL):
        return place.removeprefix(_PERIPHERAL).partition("/")[0] or None
    return None if place.startswith("/") else place  # older QEMUs give the id itself


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


# What of a disk's record never changes is made once: half a host's disks are called alike.
@lru_cache(maxsize=1024)
def _given(alias: str | None, words: DiskWords | None) -> tuple[Mapping[str, Any], Mapping[str, Absence]]:
    """What the device's id and the command line say, and why they do not say the rest."""
    absent: dict[str, Absence] = {"name": absences.NO_TARGET}
    if alias is None:
        absent["alias"] = absences.NOT_ON_COMMAND_LINE
    if words is None:
        absent.update(dict.fromkeys(("serial", "bus", "device"), absences.NOT_ON_COMMAND_LINE))
        return {"alias": alias}, absent
    bus = next((bus for start, bus in _BUSES.items() if words.driver.startswith(start)), None)
    if bus is None:
        absent["bus"] = absences.NOT_ON_COMMAND_LINE
    if words.serial is None:
        absent["serial"] = absences.NOT_ON_COMMAND_LINE
    return {"alias": alias, "serial": words.serial, "bus": bus, "device": _DEVICES.get(words.driver, "disk")}, absent


def _image(reading: Reading, entry: Entry, inserted: Entry, absent: dict[str, Absence]) -> dict[str, Any]:
    why = absences.EMPTY if entry else absences.NOT_IN_REPLY
    source = _text(inserted.get("file"))
    if source is None:
        absent.update(source=why, kind=why)
    described = {"source": source, "kind": _kind(source) if source is not None else None}
    if Group.DISK not in reading.groups:
        absent.update(capacity_bytes=NOT_REQUESTED, host_allocated_bytes=NOT_REQUESTED)
        return described
    image = inserted.get("image")
    numbers = Numbers(image if isinstance(image, dict) else {}, absent)
    return {
        **described,
        "capacity_bytes": numbers.take("capacity_bytes", "virtual-size", why=why),
        "host_allocated_bytes": numbers.take("host_allocated_bytes", "actual-size", why=why),
    }


def _kind(source: str) -> str:
    if source.startswith("/dev/"):
        return "block"
    # A protocol before a colon, or a description in JSON of what has no name.
    head, colon, _ = source.partition(":")
    return "network" if source.startswith("json:") or (colon and "/" not in head) else "file"


def _counted(reading: Reading, place: str, counted: Entry | None, absent: dict[str, Absence]) -> dict[str, Any]:
    names = (*_COUNTERS, "failed_requests", "highest_written_bytes")
    if Group.DISK not in reading.groups:
        absent.update(dict.fromkeys(names, NOT_REQUESTED))
        return {}
    stats = counted.get("stats") if counted is not None else None
    if not isinstance(stats, dict):
        absent.update(dict.fromkeys(names, reading.refused.get("blockstats", absences.NOT_IN_REPLY)))
        return {}
    numbers = Numbers(stats, absent)
    taken = numbers.take_all(_COUNTERS)
    if taken["discard_requests"] == 0 and place.endswith(_VIRTIO_BLK):
        # Seen with 7.2: whatever the guest discarded, the numbers stay 0.
        absent.update(dict.fromkeys(_DISCARDS, absences.DISCARDS_UNCOUNTED))
        taken.update(dict.fromkeys(_DISCARDS))
    failed = [numbers.take("failed_requests", name) for name in FAILED]
    known = [one for one in failed if one is not None]
    below = _below(counted)
    written = below.get("stats") if below else stats
    return {
        **taken,
        "failed_requests": sum(known) if len(known) == len(FAILED) else None,
        "highest_written_bytes": Numbers(written if isinstance(written, dict) else {}, absent).take(
            "highest_written_bytes", "wr_highest_offset"
        ),
    }


def _below(counted: Entry | None) -> Entry:
    """The file below the image's format; nothing where the image is the file."""
    parent = counted.get("parent") if counted is not None else None
    return parent if isinstance(parent, dict) else {}


def _length(
    reading: Reading, counted: Entry | None, lengths: Mapping[str, Entry], absent: dict[str, Absence]
) -> int | None:
    if Group.BLOCK_DETAIL not in reading.groups:
        absent["host_length_bytes"] = absences.NEEDS_BLOCK_DETAIL
        return None
    entry = counted or {}
    node = lengths.get(_text((_below(entry) or entry).get("node-name")) or "", {})
    image = node.get("image")
    why = reading.refused.get("nodes", absences.LENGTH_UNCLEAR)
    return Numbers(image if isinstance(image, dict) else {}, absent).take("host_length_bytes", "virtual-size", why=why)


# -- NICs


def decode_nics(reading: Reading, absent: dict[str, Absence]) -> tuple[NicStats, ...]:
    """The NICs; why there are none goes to *absent*."""
    if Group.NIC not in reading.groups:
        absent["nics"] = NOT_REQUESTED
        return ()
    if isinstance(reading.taps, Absence) and not reading.command.nics:
        absent["nics"] = reading.taps
        return ()
    seen: set[str] = set()
    nics = []
    for words, name in _joined(reading):
        nic = _nic(reading, words, name, seen)
        seen.add(nic.key)
        nics.append(nic)
    return tuple(nics)


def _joined(reading: Reading) -> Iterator[tuple[NicWords | None, str | None]]:
    """Each NIC of the command line with its tap, and each tap that was plugged later."""
    taps = reading.taps
    if isinstance(taps, Absence):
        yield from ((words, words.tap) for words in reading.command.nics)
        return
    found: list[tuple[NicWords, str | None]] = []
    for words in reading.command.nics:
        by_descriptor = {tap for number in words.descriptors if (tap := reading.descriptors.get(number)) is not None}
        name = words.tap if words.tap in taps else next(iter(sorted(by_descriptor)), None)
        found.append((words, name))
    free = [name for name in taps if name not in {tap for _, tap in found}]
    lone = [words for words, name in found if name is None and words.kind in _TAPS and words.tap is None]
    if len(lone) == 1 and len(free) == 1:  # QEMU's helper made it: no other can be meant
        found = [(words, free.pop() if words is lone[0] else name) for words, name in found]
    for words, name in found:
        if name is not None or words.kind not in _TAPS:  # else it was unplugged
            yield words, name
    yield from ((None, name) for name in free)


def _nic(reading: Reading, words: NicWords | None, name: str | None, seen: set[str]) -> NicStats:
    absent: dict[str, Absence] = dict.fromkeys(("port_id", "filter_name"), absences.NO_PORT)
    absent["link_up"] = absences.NOT_READ_LINK
    alias, mac, model = (words.alias, words.mac, words.model) if words is not None else (None, None, None)
    for field, value in (("alias", alias), ("mac", mac), ("model", model)):
        if value is None:
            absent[field] = absences.NOT_ON_COMMAND_LINE
    tap: Tap | Absence | None = absences.NOT_A_TAP
    if isinstance(reading.taps, Absence):
        tap = reading.taps
    elif name is not None:
        tap = reading.taps.get(name)
    key = alias or name or mac or (words.netdev if words is not None else None) or "nic"
    number = 1
    while key in seen:
        number += 1
        key = f"{key.partition('#')[0]}#{number}"
    if name is None:
        absent["name"] = absences.NOT_A_TAP if words is None or words.kind not in _TAPS else absences.NOT_OWN
    return NicStats(
        key=key,
        incarnation=f"{reading.life}/{name or ''}/{tap.index or '' if isinstance(tap, Tap) else ''}",
        name=name,
        alias=alias,
        mac=mac,
        model=model,
        **_place(words, tap, absent),
        **_directions(tap, absent),
        absences=shared_absences(absent),
    )


def _place(words: NicWords | None, tap: Tap | Absence | None, absent: dict[str, Absence]) -> dict[str, Any]:
    bridge = tap.bridge if isinstance(tap, Tap) else None
    if bridge is None:
        if isinstance(tap, Tap):
            absent["bridge"] = absences.NO_BRIDGE if tap.is_here else absences.BRIDGE_ELSEWHERE
        else:
            absent["bridge"] = tap or absences.TAP_ELSEWHERE
    if words is not None and words.kind not in _TAPS:
        return {"kind": words.kind or None, "bridge": bridge}
    return {"kind": "bridge" if bridge else "ethernet", "bridge": bridge}


def _directions(tap: Tap | Absence | None, absent: dict[str, Absence]) -> dict[str, Any]:
    if not isinstance(tap, Tap):
        why = absences.TAP_ELSEWHERE if tap is None else tap
        absent.update(
            {f"{way}_{what}": why for way in ("rx", "tx") for what in ("bytes", "packets", "errors", "drops")}
        )
        return {}
    host: NicCounters = tap.counters
    # The other direction's: the host's side counts.
    return {
        "rx_bytes": host.tx_bytes,
        "rx_packets": host.tx_packets,
        "rx_errors": host.tx_errors,
        "rx_drops": host.tx_drops,
        "tx_bytes": host.rx_bytes,
        "tx_packets": host.rx_packets,
        "tx_errors": host.rx_errors,
        "tx_drops": host.rx_drops,
    }
