"""Disks and NICs: counters from a reply, identity from the domain's XML. Pure: no I/O, no libvirt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hvinspect.driver import Absence, DiskStats, NicStats, shared_absences

from .absences import (
    ALLOCATION_LEFT_OUT,
    NEEDS_BLOCK_DETAIL,
    NO_IMAGE,
    NO_NIC_COUNTERS,
    NOT_COUNTED,
    NOT_DESCRIBED,
    NOT_REQUESTED,
    NOT_RUNNING,
    RAW_ALLOCATION_AMBIGUOUS,
    RAW_WRITES_UNCOUNTED,
)
from .describe import Description, DiskDescription, NicDescription
from .layout import telling_keys
from .reply import Numbers, Reply, Values, is_length_of
from .words import RAW_WRITES_UNCOUNTED_SINCE, REMOVABLE

__all__ = ["decode_disks", "decode_nics", "fits", "nic_names", "shown_by"]

# In bits: libvirt's are of 32. Longer ones Python may refuse to write out.
_LONGEST_INDEX = 64
# What QEMU counts and libvirt's statistics leave out.
_UNCOUNTED: dict[str, Absence] = dict.fromkeys(
    ("discard_bytes", "discard_requests", "discard_time_ns", "failed_requests"), NOT_COUNTED
)  # fmt: skip
_DISK_COUNTERS = Numbers(
    {
        "read_bytes": "rd.bytes",
        "read_requests": "rd.reqs",
        "read_time_ns": "rd.times",
        "write_bytes": "wr.bytes",
        "write_requests": "wr.reqs",
        "write_time_ns": "wr.times",
        "flush_requests": "fl.reqs",
        "flush_time_ns": "fl.times",
    }
)
_NIC_COUNTERS = Numbers(
    {
        "rx_bytes": "rx.bytes",
        "rx_packets": "rx.pkts",
        "rx_errors": "rx.errs",
        "rx_drops": "rx.drop",
        "tx_bytes": "tx.bytes",
        "tx_packets": "tx.pkts",
        "tx_errors": "tx.errs",
        "tx_drops": "tx.drop",
    }
)


def nic_names(reply: Reply) -> list[str]:
    """The host devices that *reply* has counters of."""
    layout, row = reply.laid_out()
    return list(layout.nic_names_in(row) if layout is not None else reply.entries("net"))


def shown_by(reply: Reply) -> dict[str, object]:
    """What *reply* shows of a domain's devices: different only if they are, whatever its XML says of them.

    They need not agree with the XML: an ejected drive has a number here and none there, NICs of some types have no
    keys, and what libvirt cannot look at it leaves out.
    """
    layout, row = reply.laid_out()
    if layout is not None:
        shown: dict[str, object] = {array: hash((keys, values_in(row))) for array, keys, values_in in layout.telling}
        if layout.report is not None:
            shown["report"] = row[layout.report]
        return shown
    values = reply.values
    shown = {
        array: _digest(keys, tuple(map(values.get, keys)))
        for array in ("block", "net")
        if (keys := telling_keys(values, array))
    }
    if "balloon.last-update" in values:
        shown["report"] = values["balloon.last-update"]
    return shown


def _digest(keys: tuple[str, ...], values: tuple[object, ...]) -> object:
    """What is equal only if *keys* and their *values* are, and small: it is kept for each guest."""
    try:
        return hash((keys, values))
    except TypeError:  # a value that is none of libvirt's: its type is enough, and to show it might fail
        return hash((keys, tuple(value if isinstance(value, int | str) else type(value) for value in values)))


def fits(description: Description, before: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """Does a reply show *now* what one showed *before*, when *description* was read?

    What this one does not show fits; what the earlier one did not show does not.
    """
    # A report of the guest's memory that moves without being asked for is news: of the asking, or of the guest.
    return now == before or all(
        before.get(part) == value for part, value in now.items() if not (part == "report" and description.is_polled)
    )


def decode_disks(
    reply: Reply,
    description: Description,
    *,
    life: str,
    missing: Absence | None,
    detail: bool,
    undescribed: Absence | None,
    daemon_version: int,
) -> Iterator[DiskStats]:
    """The disks of a domain.

    *life* is its incarnation, *missing* why there are no counters at all, *undescribed* why there is no description;
    *detail* tells whether block_detail was asked for; *daemon_version* is as libvirt numbers its versions.
    """
    entries = reply.entries("block")
    described = {disk.target: disk for disk in description.disks}
    keys: set[str] = set()
    for place, name in enumerate((*described, *(name for name in entries if name not in described))):
        disk = described.get(name) or DiskDescription(name, None, None, None, None, None, None, None, None)
        key = _told_apart(disk.alias or disk.target, place, keys)
        yield _disk(
            reply,
            entries.get(name),
            disk,
            key,
            life,
            missing,
            detail=detail,
            undescribed=undescribed,
            daemon_version=daemon_version,
        )


def _told_apart(key: str, place: int, keys: set[str]) -> str:
    """*key*, or where an earlier device has it already, one with its *place* added; it is then among *keys*."""
    while key in keys:
        key = f"{key}#{place}"
    keys.add(key)
    return key


def _disk(
    reply: Reply,
    prefix: str | None,
    disk: DiskDescription,
    key: str,
    life: str,
    missing: Absence | None,
    *,
    detail: bool,
    undescribed: Absence | None,
    daemon_version: int,
) -> DiskStats:
    taken = Values(reply.values)
    number, absent = taken.number, taken.absent
    absent.update(_UNCOUNTED)
    at = prefix if prefix is not None else "-"
    why = missing or reply.why(at[:-1] if prefix is not None else "block")
    is_empty = disk.source is None and disk.device in REMOVABLE
    no_image = NO_IMAGE if is_empty and why is not NOT_REQUESTED else why
    for name in ("alias", "serial", "bus", "device", "kind", "source"):
        if getattr(disk, name) is None:
            absent[name] = undescribed or (NO_IMAGE if name == "source" else NOT_DESCRIBED)
    image = f"image.{disk.target}"
    image_why = (NO_IMAGE if is_empty else reply.why(image)) if detail else NEEDS_BLOCK_DETAIL
    index = reply.values.get(at + "backingIndex")
    if type(index) is not int or index.bit_length() > _LONGEST_INDEX:
        index = disk.index or ""
    # Of a domain that does not run this means what blockInfo means by it: the bytes that the image takes.
    highest = at + "allocation" if why is not NOT_RUNNING else "-"
    highest_why = no_image
    if reply.values.get(highest) == 0 and _is_raw(disk) and daemon_version >= RAW_WRITES_UNCOUNTED_SINCE:
        # QEMU counts this in the node below that of the format, and of a raw image a newer libvirt makes but one node
        # (seen with 11.3 and QEMU 10.0).
        highest, highest_why = "-", RAW_WRITES_UNCOUNTED
    counted = taken.numbers(_DISK_COUNTERS, why, at)
    return DiskStats(
        key=key,
        # libvirt numbers images and never reuses a number in one life of a domain: one plugged again has another.
        incarnation=f"{life}/{key}/{index}",
        name=disk.target,
        alias=disk.alias,
        serial=disk.serial,
        bus=disk.bus,
        device=disk.device,
        kind=disk.kind,
        source=disk.source,
        **counted,
        capacity_bytes=number("capacity_bytes", at + "capacity", no_image),
        host_allocated_bytes=_allocated(taken, at, image, disk, no_image),
        highest_written_bytes=number("highest_written_bytes", highest, highest_why),
        host_length_bytes=number("host_length_bytes", image + ".length" if detail else "-", image_why),
        absences=shared_absences(absent),
    )


def _is_raw(disk: DiskDescription) -> bool:
    """Is its image raw, for all that is known?"""
    return disk.image_format in ("raw", None)


def _allocated(taken: Values, at: str, image: str, disk: DiskDescription, why: Absence) -> int | None:
    """What blockInfo says; else "physical": what QEMU says that the image takes, or if that is nothing, its length."""
    if why is NOT_REQUESTED:
        taken.absent["host_allocated_bytes"] = why
        return None
    key = image + ".allocated"
    if key not in taken:
        # libvirt leaves the key out where the number is nothing.
        key, why = (at + "allocation", ALLOCATION_LEFT_OUT) if why is NOT_RUNNING else (at + "physical", why)
    allocated = taken.number("host_allocated_bytes", key, why)
    if key == at + "physical" and disk.kind != "block" and _is_raw(disk) and allocated is not None:
        capacity = taken.number("capacity_bytes", at + "capacity", why)
        if capacity is not None and is_length_of(allocated, capacity):
            taken.absent["host_allocated_bytes"] = RAW_ALLOCATION_AMBIGUOUS
            return None
    return allocated


def decode_nics(
    reply: Reply,
    description: Description,
    *,
    life: str,
    missing: Absence | None,
    undescribed: Absence | None,
    indexes: Mapping[str, int],
) -> Iterator[NicStats]:
    """The NICs of one domain; *indexes* are the kernel's interface indexes of host devices, where they can be known."""
    entries = reply.entries("net")
    described = {nic.target for nic in description.nics}
    unknown = (
        NicDescription(name, None, None, None, None, None, None, None, (), None)
        for name in entries
        if name not in described
    )
    keys: set[str] = set()
    # libvirt has no entry for a NIC that it has no counters of.
    for place, nic in enumerate((*description.nics, *unknown)):
        # Two may have one address, in the description of a domain that does not run.
        key = _told_apart(nic.alias or nic.target or nic.mac or f"nic{place}", place, keys)
        yield _nic(reply, entries.get(nic.target or ""), nic, key, life, missing, undescribed, indexes)


def _nic(
    reply: Reply,
    prefix: str | None,
    nic: NicDescription,
    key: str,
    life: str,
    missing: Absence | None,
    undescribed: Absence | None,
    indexes: Mapping[str, int],
) -> NicStats:
    taken = Values(reply.values)
    absent = taken.absent
    at = prefix if prefix is not None else "-"
    why = missing or reply.why(at[:-1] if prefix is not None else "net", NO_NIC_COUNTERS)
    for name in ("alias", "mac", "model", "kind", "bridge", "port_id", "filter_name", "link_up"):
        if getattr(nic, name) is None:
            absent[name] = undescribed or NOT_DESCRIBED
    if nic.target is None:
        absent["name"] = undescribed or NOT_DESCRIBED
    counted = taken.numbers(_NIC_COUNTERS, why, at)
    return NicStats(
        key=key,
        # The kernel never gives an interface index again in one boot; names and aliases come back.
        incarnation=f"{life}/{key}/{nic.target or ''}/{indexes.get(nic.target or '', '')}",
        name=nic.target,
        alias=nic.alias,
        mac=nic.mac,
        model=nic.model,
        kind=nic.kind,
        bridge=nic.bridge,
        port_id=nic.port_id,
        filter_name=nic.filter_name,
        filter_parameters=nic.filter_parameters,
        link_up=nic.link_up,
        **counted,
        absences=shared_absences(absent),
    )
