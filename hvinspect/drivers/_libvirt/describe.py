"""What a domain's XML says of it: its devices by the names that statistics use, and nova's metadata. No I/O here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from sys import intern
from typing import TYPE_CHECKING, final

from hvinspect.driver import Absence, OpenStackMetadata, Reason, parse_xml, shared_absences

from .form import Form, form_of

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["Description", "DiskDescription", "NicDescription", "describe", "is_of"]

_NOVA_NAMESPACES = (
    "http://openstack.org/xmlns/libvirt/nova/1.1",
    "http://openstack.org/xmlns/libvirt/nova/1.0",
)
# Whoever may change a domain may write anything else there, as much as libvirt takes.
_WANTED = {"metadata": [f"{{{namespace}}}instance" for namespace in _NOVA_NAMESPACES]}
_MIB = 1024 * 1024
_GIB = 1024 * _MIB
# Where each kind of <source> names what is behind a disk.
_SOURCE_ATTRIBUTES = ("file", "dev", "name", "dir", "path", "volume")
# libvirt hands on what XML itself does not allow, e.g. an escape sequence in a title: it costs itself, not the devices.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: As libvirt begins every description.
_FIRST_TAG = re.compile(r"\s*<domain type=([^<>]*)>")
_NUMBER = re.compile(r"""\sid=['"](\d+)['"]""")
_NOT_IN_METADATA = Absence(Reason.NOT_CONFIGURED, "nova's metadata does not have it")


@final
@dataclass(frozen=True, slots=True)
class DiskDescription:
    """A <disk>."""

    target: str
    alias: str | None
    serial: str | None
    bus: str | None
    device: str | None
    kind: str | None
    image_format: str | None
    source: str | None
    #: libvirt's own number of the image, where the XML tells: never used again in one life of a domain.
    index: int | None


@final
@dataclass(frozen=True, slots=True)
class NicDescription:
    """An <interface>."""

    target: str | None
    alias: str | None
    mac: str | None
    model: str | None
    kind: str | None
    bridge: str | None
    port_id: str | None
    filter_name: str | None
    filter_parameters: tuple[tuple[str, str], ...]
    link_up: bool | None


@final
@dataclass(frozen=True, slots=True)
class Description:
    """A domain as its XML has it at one moment."""

    described_at: int
    disks: tuple[DiskDescription, ...] = ()
    nics: tuple[NicDescription, ...] = ()
    has_balloon: bool = True
    #: Does the hypervisor ask the balloon driver again and again, or is there only what it said when it was loaded?
    is_polled: bool = False
    architecture: str | None = None
    virtualization: str | None = None
    openstack: OpenStackMetadata | None = None
    #: What replies call the devices that have a name; and those of them that are NICs.
    names: tuple[str, ...] = ()
    nic_names: tuple[str, ...] = ()
    #: What decides which fields a reply can fill; None if that is not to be told.
    form: Form | None = None


def describe(xml: str, *, described_at: int) -> Description:
    """The description in *xml*, read at *described_at* (Unix nanoseconds).

    Raises:
        ReplyInvalid: it cannot be read.
    """
    root = parse_xml(_NOT_XML.sub("\ufffd", xml), only=_WANTED)
    balloon = root.find("./devices/memballoon")
    has_balloon = balloon is None or balloon.get("model") != "none"
    disks = tuple(disk for one in root.iterfind("./devices/disk") if (disk := _disk(one)) is not None)
    nics = tuple(_nic(one) for one in root.iterfind("./devices/interface"))
    nic_names = tuple(one.target for one in nics if one.target)
    return Description(
        described_at=described_at,
        disks=disks,
        nics=nics,
        has_balloon=has_balloon,
        names=(*(one.target for one in disks if one.target), *nic_names),
        nic_names=nic_names,
        form=form_of(disks, nics, has_balloon=has_balloon),
        is_polled=bool(_number(_attribute(root, "./devices/memballoon/stats", "period"), 1)),
        architecture=_attribute(root, "./os/type", "arch"),
        virtualization=_one(root.findtext("./os/type") or None),
        openstack=_openstack(root),
    )


def is_of(xml: str, number: str) -> bool:
    """Does *xml* describe the domain that runs with this *number*, and not what would be started next?"""
    tag = _FIRST_TAG.match(xml)
    if tag is None:
        return True  # it is none of libvirt's, and describe() says what of it cannot be read
    found = _NUMBER.search(tag[1])
    return found is not None and found[1] == number


def _disk(disk: _Element) -> DiskDescription | None:
    target = disk.find("target")
    name = _one(target.get("dev")) if target is not None else None
    if target is None or not name:
        return None
    source, image = disk.find("source"), disk.find("driver")
    return DiskDescription(
        target=name,
        alias=_attribute(disk, "alias", "name"),
        serial=disk.findtext("serial"),
        bus=_one(target.get("bus")),
        device=_one(disk.get("device")) or "disk",
        kind=_one(disk.get("type")),
        image_format=_one(image.get("type")) if image is not None else None,
        source=_source(source) if source is not None else None,
        index=_number(source.get("index"), 1) if source is not None else None,
    )


def _source(source: _Element) -> str | None:
    found = next((value for name in _SOURCE_ATTRIBUTES if (value := source.get(name))), None)
    pool, protocol = source.get("pool"), source.get("protocol")
    if found is not None and pool is not None:
        return f"{pool}/{found}"
    return f"{protocol}:{found}" if found is not None and protocol is not None else found


def _nic(nic: _Element) -> NicDescription:
    filterref = nic.find("filterref")
    link = nic.find("link")
    return NicDescription(
        target=_own(nic, "target", "dev"),
        alias=_attribute(nic, "alias", "name"),
        mac=_own(nic, "mac", "address"),
        model=_attribute(nic, "model", "type"),
        kind=_one(nic.get("type")),
        bridge=_attribute(nic, "source", "bridge"),
        port_id=_own(nic, "./virtualport/parameters", "interfaceid"),
        filter_name=_one(filterref.get("filter")) if filterref is not None else None,
        filter_parameters=()
        if filterref is None
        else tuple((one.get("name", ""), one.get("value", "")) for one in filterref.iterfind("parameter")),
        link_up=link is None or link.get("state") != "down",
    )


def _attribute(element: _Element, path: str, name: str) -> str | None:
    """What is the same for thousands of guests: one string for all of them."""
    return _one(_own(element, path, name))


def _own(element: _Element, path: str, name: str) -> str | None:
    """What each guest has of its own."""
    found = element.find(path)
    return found.get(name) if found is not None else None


def _one(text: str | None) -> str | None:
    return intern(text) if text is not None else None


def _openstack(root: _Element) -> OpenStackMetadata | None:
    """Nova's record in <metadata>, in either version of its namespace."""
    for namespace in _NOVA_NAMESPACES:
        nova = root.find(f"./metadata/{{{namespace}}}instance")
        if nova is not None:
            return _nova(nova, {"nova": namespace})
    return None


def _nova(nova: _Element, names: dict[str, str]) -> OpenStackMetadata:
    def text(path: str) -> str | None:
        return nova.findtext(path, namespaces=names) or None

    def attribute(path: str, name: str) -> str | None:
        found = nova.find(path, namespaces=names)
        # As a rule an owner has many guests on a host, and so has a flavor.
        return _one(found.get(name) or None) if found is not None else None

    values = {
        "name": text("nova:name"),
        "created_unix_ns": _nova_time(text("nova:creationTime")),
        "flavor_name": attribute("nova:flavor", "name"),
        "flavor_id": attribute("nova:flavor", "id"),
        "flavor_vcpus": _number(text("nova:flavor/nova:vcpus"), 1),
        "flavor_memory_bytes": _number(text("nova:flavor/nova:memory"), _MIB),
        "flavor_disk_bytes": _number(text("nova:flavor/nova:disk"), _GIB),
        "flavor_ephemeral_bytes": _number(text("nova:flavor/nova:ephemeral"), _GIB),
        "flavor_swap_bytes": _number(text("nova:flavor/nova:swap"), _MIB),
        "flavor_extra_specs": _named(nova.find("nova:flavor/nova:extraSpecs", namespaces=names), "extraSpec", names),
        "user_id": attribute("nova:owner/nova:user", "uuid"),
        "user_name": _one(text("nova:owner/nova:user")),
        "project_id": attribute("nova:owner/nova:project", "uuid"),
        "project_name": _one(text("nova:owner/nova:project")),
        "image_id": attribute("nova:root[@type='image']", "uuid"),
        "image_properties": _image_properties(nova.find("nova:image", namespaces=names), names),
        "nova_version": attribute("nova:package", "version"),
    }
    missing = shared_absences({name: _NOT_IN_METADATA for name, value in values.items() if value is None})
    return OpenStackMetadata(absences=missing, **values)  # type: ignore[arg-type]  # built by name above


def _named(parent: _Element | None, tag: str, names: dict[str, str]) -> tuple[tuple[str, str], ...] | None:
    """The elements *tag* of *parent*, by their attribute name; None where nova does not write these at all."""
    if parent is None:
        return None
    found = parent.iterfind(f"nova:{tag}", namespaces=names)
    # Guests of one flavor or image have the same.
    return tuple((intern(one.get("name", "")), intern(one.text or "")) for one in found)


#: Elements of nova's <image>, and what nova calls the same in the instance's metadata.
_IMAGE_PARTS = {
    "containerFormat": "container_format",
    "diskFormat": "disk_format",
    "minDisk": "min_disk",
    "minRam": "min_ram",
}


def _image_properties(image: _Element | None, names: dict[str, str]) -> tuple[tuple[str, str], ...] | None:
    if image is None:
        return None
    reference = image.get("uuid")
    parts = {name: image.findtext(f"nova:{tag}", namespaces=names) for tag, name in _IMAGE_PARTS.items()}
    return (
        *((("base_image_ref", intern(reference)),) if reference is not None else ()),
        *((name, intern(text)) for name, text in parts.items() if text is not None),
        *(_named(image.find("nova:properties", namespaces=names), "property", names) or ()),
    )


def _number(text: str | None, unit: int) -> int | None:
    return int(text) * unit if text is not None and text.isascii() and text.isdecimal() and len(text) < 16 else None


def _nova_time(text: str | None) -> int | None:
    """Nova writes UTC as "2026-11-22 09:55:01"."""
    if text is None:
        return None
    try:
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1_000_000_000
