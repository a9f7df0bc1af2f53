"""A domain's XML: read or refused, and nothing comes out that did not go in; what is read is fit to be decoded with."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from hvinspect import ReplyInvalid
from hvinspect.drivers._libvirt.describe import describe
from hvinspect.drivers._libvirt.devices import decode_disks, decode_nics
from hvinspect.testing._walk import Part
from tests.fuzz import recorded
from tests.fuzz.oracles import can_be_shown, differ, parts_hold
from tests.fuzz.subject import Subject

_REPLY = recorded.REPLIES["running"]


def _run(data: bytes) -> None:
    xml = data.decode("utf-8", "surrogateescape")
    try:
        description = describe(xml, described_at=1)
    except ReplyInvalid as refused:
        can_be_shown(refused)
        return
    hash(description)
    _is_within(description, len(xml))
    disks = tuple(
        decode_disks(
            _REPLY,
            description,
            life="life",
            missing=None,
            detail=True,
            undescribed=None,
            daemon_version=9_000_000,
        )
    )
    nics = tuple(decode_nics(_REPLY, description, life="life", missing=None, undescribed=None, indexes={}))
    parts_hold(Part("disk", "disk", disk) for disk in disks)
    parts_hold(Part("nic", "nic", nic) for nic in nics)
    differ(disk.key for disk in disks)
    differ(nic.key for nic in nics)


def _is_within(value: Any, longest: int) -> None:
    """No text is longer than the XML that it was read of: nothing was expanded, or fetched."""
    if isinstance(value, str):
        assert len(value) <= longest
    elif isinstance(value, tuple):
        for one in value:
            _is_within(one, longest)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name != "absences":
                _is_within(getattr(value, field.name), longest)


_DOCTYPE = (
    b'<!DOCTYPE d [<!ENTITY a "'
    + b"a" * 64
    + b'"><!ENTITY b "'
    + b"&a;" * 16
    + b'"><!ENTITY f SYSTEM "file:///proc/self/maps">]>'
)
_DEVICES = (
    b"<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>",
    b"<disk type='network'><source protocol='rbd' name='p/v' index='2'/><target dev='vda'/><alias name='a'/></disk>",
    b"<disk type='volume'><driver type='raw'/><source pool='p' volume='v'/><target dev='vdb'/><alias name='a'/></disk>",
    b"<interface type='bridge'><mac address='52:54:00:00:00:01'/><target dev='vnet0'/><link state='down'/></interface>",
    b"<interface type='user'><filterref filter='f'><parameter name='n' value='v'/></filterref></interface>",
    b"<memballoon model='none'/>",
    b"<memballoon model='virtio'><stats period='10'/></memballoon>",
)

SUBJECT = Subject(
    name="describe",
    run=_run,
    seeds=(
        *(case.xml.encode() for case in recorded.CASES),
        *(b"<domain><devices>" + device * 2 + b"</devices></domain>" for device in _DEVICES),
        *(
            _DOCTYPE
            + b"<domain><devices><disk><target dev='vda'/><serial>"
            + name
            + b"</serial></disk></devices></domain>"
            for name in (b"&a;", b"&b;", b"&f;")
        ),
        b"<a>" * 300,
    ),
    words=(
        *_DEVICES,
        _DOCTYPE,
        b"&b;",
        b"&#27;",
        b"&#x110000;",
        b"\x1b",
        b"\xed\xa0\x80",
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"<?",
        b"<target dev='vda'/>",
        b"<alias name='a'/>",
        b"<serial>",
        b" xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'",
    ),
    longest=8192,
    share=5,
)
