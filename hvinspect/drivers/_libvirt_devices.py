"""Disks and NICs: counters from a reply, identity from the domain's XML. Pure: no I/O, no libvirt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hvinspect.driver import Absence, DiskStats, NicStats

from ._libvirt_absences import (
    NEEDS_BLOCK_DETAIL,
    NO_IMAGE,
    NO_NIC_COUNTERS,
    NOT_COUNTED,
    NOT_DESCRIBED,
    NOT_REQUESTED,
    RAW_ALLOCATION_AMBIGUOUS,
    shared,
)
from ._libvirt_describe import Description, DiskDescription, NicDescription
from ._libvirt_reply import Reply, Values

__all__ = ["decode_disks", "decode_nics", "fits"]

# What QEMU counts and libvirt's statistics leave out.
_UNCOUNTED: dict[str, Absence] = dict.fromkeys(
    ("discard_bytes", "discard_requests", "discard_time_ns", "failed_requests"), NOT_COUNTED
)  # fmt: skip


def fits(description: Description, reply: Reply) -> bool:
    """Can *reply* be of the devices of *description*, as far as it shows them?"""
    values = reply.values
    if "block.count" in values:
        entries = _block_entries(values)
        if values["block.count"] != len(description.disks):
            return False
        for disk in description.disks:
            shown = values.get(entries.get(disk.target, "-") + "backingIndex")
            if disk.target not in entries or (shown is not None and shown != disk.index):
                return False
    if "net.count" in values:
        return values["net.count"] == len(description.nics) and _net_entries(values).keys() <= {
            nic.target for nic in description.nics
        }
    return True


def decode_disks(reply: Reply, description: Description, *, life: str, missing: Absence | None) -> Iterator[DiskStats]:
    """The disks of a domain; *life* is its incarnation, *missing* why there are no counters at all, if none are."""
    entries = _block_entries(reply.values)
    described = {disk.target: disk for disk in description.disks}
    for name in (*described, *(name for name in entries if name not in described)):
        disk = described.get(name) or DiskDescription(name, None, None, None, "disk", None, None, None, None)
        yield _disk(reply, entries.get(name), disk, life, missing)


def _block_entries(values: Mapping[str, Any]) -> dict[str, str]:
    """Target -> prefix of its keys. Of several entries with one name (backing files) the first is the disk's own."""
    entries: dict[str, str] = {}
    count = values.get("block.count")
    for number in range(count if type(count) is int else 0):
        prefix = f"block.{number}."
        name = values.get(prefix + "name")
        if type(name) is str:
            entries.setdefault(name, prefix)
    return entries


def _disk(reply: Reply, prefix: str | None, disk: DiskDescription, life: str, missing: Absence | None) -> DiskStats:
    taken = Values(reply.values)
    number, absent = taken.number, taken.absent
    absent.update(_UNCOUNTED)
    at = prefix if prefix is not None else "-"
    why = missing or reply.why("block")
    no_image = NO_IMAGE if disk.source is None and disk.device in ("cdrom", "floppy") else why
    for name in ("alias", "serial", "bus", "kind", "source"):
        if getattr(disk, name) is None:
            absent[name] = NO_IMAGE if name == "source" else NOT_DESCRIBED
    image = f"image.{disk.target}."
    if why is NOT_REQUESTED:
        no_image = why
    return DiskStats(
        key=disk.alias or disk.target,
        # libvirt numbers images and never reuses a number in one life of a domain: one plugged again has another.
        incarnation=f"{life}/{disk.alias or disk.target}/{reply.values.get(at + 'backingIndex', '')}",
        name=disk.target,
        alias=disk.alias,
        serial=disk.serial,
        bus=disk.bus,
        device=disk.device,
        kind=disk.kind,
        source=disk.source,
        read_bytes=number("read_bytes", at + "rd.bytes", why),
        read_requests=number("read_requests", at + "rd.reqs", why),
        read_time_ns=number("read_time_ns", at + "rd.times", why),
        write_bytes=number("write_bytes", at + "wr.bytes", why),
        write_requests=number("write_requests", at + "wr.reqs", why),
        write_time_ns=number("write_time_ns", at + "wr.times", why),
        flush_requests=number("flush_requests", at + "fl.reqs", why),
        flush_time_ns=number("flush_time_ns", at + "fl.times", why),
        capacity_bytes=number("capacity_bytes", at + "capacity", no_image),
        host_allocated_bytes=_allocated(taken, at, image, disk, no_image),
        highest_written_bytes=number("highest_written_bytes", at + "allocation", no_image),
        host_length_bytes=number("host_length_bytes", image + "length", reply.reasons.get("image", NEEDS_BLOCK_DETAIL)),
        absences=shared(absent),
    )


def _allocated(taken: Values, at: str, image: str, disk: DiskDescription, why: Absence) -> int | None:
    """What blockInfo says; else "physical": what QEMU says that the image takes, or if that is nothing, its length."""
    if why is NOT_REQUESTED:
        taken.absent["host_allocated_bytes"] = why
        return None
    exactly = taken.number("host_allocated_bytes", image + "allocated", why)
    if exactly is not None:
        return exactly
    del taken.absent["host_allocated_bytes"]
    physical = taken.number("host_allocated_bytes", at + "physical", why)
    if physical is None or disk.kind != "file" or disk.image_format != "raw":
        return physical
    if physical == taken.number("capacity_bytes", at + "capacity", why):
        taken.absent["host_allocated_bytes"] = RAW_ALLOCATION_AMBIGUOUS
        return None
    return physical


def decode_nics(
    reply: Reply, description: Description, *, life: str, missing: Absence | None, indexes: Mapping[str, int]
) -> Iterator[NicStats]:
    """The NICs of one domain; *indexes* are the kernel's interface indexes of host devices, where they can be known."""
    names = _net_entries(reply.values)
    described = {nic.target for nic in description.nics}
    # libvirt numbers the entries as the XML orders the interfaces, and leaves out those it has no counters of.
    for place, nic in enumerate(description.nics):
        prefix = names.get(nic.target) if nic.target is not None else None
        yield _nic(reply, prefix, nic, place, life, missing, indexes)
    for place, (name, prefix) in enumerate(names.items(), len(description.nics)):
        if name not in described:
            unknown = NicDescription(name, None, None, None, None, None, None, None, (), True)
            yield _nic(reply, prefix, unknown, place, life, missing, indexes)


def _net_entries(values: Mapping[str, Any]) -> dict[str | None, str]:
    entries: dict[str | None, str] = {}
    count = values.get("net.count")
    for number in range(count if type(count) is int else 0):
        prefix = f"net.{number}."
        name = values.get(prefix + "name")
        if type(name) is str:
            entries.setdefault(name, prefix)
    return entries


def _nic(
    reply: Reply,
    prefix: str | None,
    nic: NicDescription,
    place: int,
    life: str,
    missing: Absence | None,
    indexes: Mapping[str, int],
) -> NicStats:
    taken = Values(reply.values)
    number, absent = taken.number, taken.absent
    at = prefix if prefix is not None else "-"
    why = missing or reply.reasons.get("net", NO_NIC_COUNTERS)
    for name in ("alias", "mac", "model", "kind", "bridge", "port_id", "filter_name"):
        if getattr(nic, name) is None:
            absent[name] = NOT_DESCRIBED
    if nic.target is None:
        absent["name"] = NOT_DESCRIBED
    key = nic.alias or nic.target or nic.mac or f"nic{place}"
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
        rx_bytes=number("rx_bytes", at + "rx.bytes", why),
        rx_packets=number("rx_packets", at + "rx.pkts", why),
        rx_errors=number("rx_errors", at + "rx.errs", why),
        rx_drops=number("rx_drops", at + "rx.drop", why),
        tx_bytes=number("tx_bytes", at + "tx.bytes", why),
        tx_packets=number("tx_packets", at + "tx.pkts", why),
        tx_errors=number("tx_errors", at + "tx.errs", why),
        tx_drops=number("tx_drops", at + "tx.drop", why),
        absences=shared(absent),
    )
