"""What is read out of a domain's XML, whoever wrote it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from hvinspect import Reason
from hvinspect.driver import OpenStackMetadata, ReplyInvalid
from hvinspect.drivers._libvirt.describe import Description, describe

_MIB = 1024 * 1024
_GIB = 1024 * _MIB

#: As nova 2023.2 (28) writes it, in either of its namespaces.
_NOVA = """
    <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/{version}">
      <nova:package version="28.1.0"/>
      <nova:name>web &amp; shop</nova:name>
      <nova:creationTime>2024-03-05 10:11:12</nova:creationTime>
      <nova:flavor name="m1.small">
        <nova:memory>2048</nova:memory>
        <nova:disk>20</nova:disk>
        <nova:swap>512</nova:swap>
        <nova:ephemeral>10</nova:ephemeral>
        <nova:vcpus>2</nova:vcpus>
      </nova:flavor>
      <nova:owner>
        <nova:user uuid="5b3c1f0e8f2d4a67b4d2a2c7f1e9d001">alice</nova:user>
        <nova:project uuid="0c9d7ad1c1c84a2f9f3e1b7d5a6e2002">shop</nova:project>
      </nova:owner>
      <nova:root type="image" uuid="8f2b7c7e-29e5-4d0b-8f67-3a2c1b0d9e03"/>
      <nova:ports>
        <nova:port uuid="c1a7d2d4-5c1e-4b8f-a8ce-6f0f3bfb9904">
          <nova:ip type="fixed" address="10.0.0.5" ipVersion="4"/>
        </nova:port>
      </nova:ports>
    </nova:instance>
"""
#: As nova 2025.1 (31) writes it: the flavor has an id and extra specs, the image its properties.
_NEW_NOVA = """
    <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
      <nova:package version="31.0.0"/>
      <nova:name>db-1</nova:name>
      <nova:creationTime>2025-05-02 07:41:09</nova:creationTime>
      <nova:flavor name="c1.large" id="6d1f5b1e-0b9c-4a38-9a55-9f8a4a7d7705">
        <nova:memory>8192</nova:memory>
        <nova:disk>0</nova:disk>
        <nova:swap>0</nova:swap>
        <nova:ephemeral>0</nova:ephemeral>
        <nova:vcpus>4</nova:vcpus>
        <nova:extraSpecs>
          <nova:extraSpec name="hw:cpu_policy">dedicated</nova:extraSpec>
        </nova:extraSpecs>
      </nova:flavor>
      <nova:image uuid="">
        <nova:containerFormat>bare</nova:containerFormat>
        <nova:diskFormat>qcow2</nova:diskFormat>
        <nova:minDisk>0</nova:minDisk>
        <nova:minRam>0</nova:minRam>
        <nova:properties>
          <nova:property name="hw_disk_bus">scsi</nova:property>
        </nova:properties>
      </nova:image>
      <nova:owner>
        <nova:user uuid="5b3c1f0e8f2d4a67b4d2a2c7f1e9d001">alice</nova:user>
        <nova:project uuid="0c9d7ad1c1c84a2f9f3e1b7d5a6e2002">shop</nova:project>
      </nova:owner>
      <nova:ports/>
    </nova:instance>
"""
_DISK = "<disk type='file' device='disk'><source file='/a'/><target dev='vda' bus='virtio'/></disk>"


def _described(*, metadata: str = "", devices: str = "") -> Description:
    xml = f"<domain type='kvm'><metadata>{metadata}</metadata><devices>{devices}</devices></domain>"
    return describe(xml, described_at=7)


def _openstack(metadata: str) -> OpenStackMetadata:
    found = _described(metadata=metadata).openstack
    assert found is not None
    return found


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_novas_record_is_read_in_both_namespaces(version: str) -> None:
    found = _openstack(_NOVA.format(version=version))
    assert found.name == "web & shop"
    assert found.created_unix_ns == 1_709_633_472 * 1_000_000_000
    assert (found.flavor_name, found.flavor_vcpus) == ("m1.small", 2)
    assert (found.flavor_memory_bytes, found.flavor_swap_bytes) == (2048 * _MIB, 512 * _MIB)
    assert (found.flavor_disk_bytes, found.flavor_ephemeral_bytes) == (20 * _GIB, 10 * _GIB)
    assert (found.user_id, found.user_name) == ("5b3c1f0e8f2d4a67b4d2a2c7f1e9d001", "alice")
    assert (found.project_id, found.project_name) == ("0c9d7ad1c1c84a2f9f3e1b7d5a6e2002", "shop")
    assert found.image_id == "8f2b7c7e-29e5-4d0b-8f67-3a2c1b0d9e03"
    assert found.nova_version == "28.1.0"
    assert found.flavor_id is None
    assert set(found.absences) == {"flavor_id", "flavor_extra_specs", "image_properties"}


def test_what_newer_novas_add_is_read_and_does_no_harm() -> None:
    found = _openstack(_NEW_NOVA)
    assert (found.flavor_name, found.flavor_id) == ("c1.large", "6d1f5b1e-0b9c-4a38-9a55-9f8a4a7d7705")
    assert (found.flavor_disk_bytes, found.flavor_memory_bytes) == (0, 8192 * _MIB)
    assert found.flavor_extra_specs == (("hw:cpu_policy", "dedicated"),)
    assert found.image_properties == (
        ("base_image_ref", ""),
        ("container_format", "bare"),
        ("disk_format", "qcow2"),
        ("min_disk", "0"),
        ("min_ram", "0"),
        ("hw_disk_bus", "scsi"),
    )
    # Booted from a volume: there is no image.
    assert found.image_id is None
    why = found.why("image_id")
    assert why is not None
    assert why.reason is Reason.NOT_CONFIGURED


def test_a_guest_is_made_for_an_architecture_and_runs_in_some_way() -> None:
    one = describe("<domain><os><type arch='x86_64' machine='pc'>hvm</type></os></domain>", described_at=0)
    assert (one.architecture, one.virtualization) == ("x86_64", "hvm")
    other = describe("<domain><os/></domain>", described_at=0)
    assert (other.architecture, other.virtualization) == (None, None)


def test_what_guests_of_one_owner_have_in_common_is_kept_once() -> None:
    first, second = (_openstack(_NOVA.format(version="1.1")) for _ in range(2))
    for name in ("flavor_name", "user_id", "user_name", "project_id", "project_name", "image_id", "nova_version"):
        assert getattr(first, name) is getattr(second, name)
    assert first.absences is second.absences


def test_what_each_guest_has_of_its_own_is_not_kept_in_pythons_table_of_names() -> None:
    nic = "<interface type='bridge'><mac address='52:54:00:00:00:01'/><target dev='vnet4711'/></interface>"
    first, second = (_described(devices=nic).nics[0] for _ in range(2))
    assert first == second
    assert first.kind is second.kind
    assert first.mac is not second.mac
    assert first.target is not second.target


def test_another_prefix_is_the_same_record() -> None:
    found = _openstack(
        _NOVA.format(version="1.1").replace("nova:", "instance:").replace("xmlns:nova", "xmlns:instance")
    )
    assert found.flavor_name == "m1.small"


def test_novas_record_is_found_between_any_amount_of_what_is_others() -> None:
    other = "<x xmlns='urn:x'>" + "<y/>" * 50_000 + "</x>"
    found = _openstack(other + _NOVA.format(version="1.0") + other)
    assert (found.name, found.nova_version) == ("web & shop", "28.1.0")


@pytest.mark.parametrize(
    "metadata",
    ["", "<app:instance xmlns:app='http://example.org/'/>", "<instance xmlns='http://openstack.org/other'/>"],
)
def test_without_novas_record_there_is_none(metadata: str) -> None:
    assert _described(metadata=metadata).openstack is None


@pytest.mark.parametrize("number", ["-1", "2e3", "1.5", "", "٣", "9" * 5000])
def test_a_number_that_is_none_costs_its_field_alone(number: str) -> None:
    found = _openstack(_NOVA.format(version="1.1").replace(">2048<", f">{number}<"))
    assert found.flavor_memory_bytes is None
    assert found.flavor_vcpus == 2


@pytest.mark.parametrize(
    "moment", ["yesterday", "2024-13-01 00:00:00", "2024-03-05T10:11:12Z", "", "0000-00-00 00:00:00"]
)
def test_a_time_that_is_none_costs_its_field_alone(moment: str) -> None:
    found = _openstack(_NOVA.format(version="1.1").replace("2024-03-05 10:11:12", moment))
    assert found.created_unix_ns is None
    assert found.name == "web & shop"


def test_characters_that_xml_cannot_have_cost_themselves_alone() -> None:
    found = _described(
        metadata=_NOVA.format(version="1.1").replace("shop", "\x1b[2J\x00\x07\ufffe\ud800shop"), devices=_DISK
    )
    assert [disk.target for disk in found.disks] == ["vda"]
    assert found.openstack is not None
    assert found.openstack.project_name == "\ufffd[2J\ufffd\ufffd\ufffd\ufffdshop"


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "no xml",
        "<domain>",
        "<domain/><domain/>",
        "<!DOCTYPE domain [<!ENTITY a 'b'>]><domain>&a;</domain>",
        "<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>",
        "<domain>&unknown;</domain>",
        "<domain>" + "<a>" * 5000 + "</a>" * 5000 + "</domain>",
        "<domain>" + "x" * (17 * _MIB) + "</domain>",
    ],
    ids=["empty", "text", "unclosed", "two", "entity", "file", "unknown-entity", "deep", "huge"],
)
def test_what_is_no_description_is_refused(xml: str) -> None:
    with pytest.raises(ReplyInvalid):
        describe(xml, described_at=1)


def test_five_megabytes_of_metadata_are_read_over() -> None:
    filling = "<x>" + "y" * 1000 + "</x>"
    started = time.monotonic()
    found = _described(metadata=filling * 5000 + _NOVA.format(version="1.1"), devices=_DISK)
    assert time.monotonic() - started < 5
    assert found.openstack is not None
    assert len(found.disks) == 1


def test_two_hundred_disks_are_each_described() -> None:
    disks = "".join(
        f"<disk type='block' device='lun'><driver type='raw'/><source dev='/dev/{number}' index='{number}'/>"
        f"<target dev='sd{number}' bus='scsi'/><serial>s{number}</serial><alias name='scsi0-0-0-{number}'/></disk>"
        for number in range(200)
    )
    found = _described(devices=disks)
    assert len(found.disks) == 200
    last = found.disks[199]
    assert (last.target, last.alias, last.serial, last.source) == ("sd199", "scsi0-0-0-199", "s199", "/dev/199")
    assert (last.bus, last.device, last.kind, last.image_format, last.index) == ("scsi", "lun", "block", "raw", 199)


def test_a_chain_of_thirty_images_is_one_disk_with_the_source_on_top() -> None:
    chain = ""
    for number in range(30):
        chain = (
            f"<backingStore type='file' index='{number + 2}'><format type='qcow2'/>"
            f"<source file='/base{number}'/>{chain or '<backingStore/>'}</backingStore>"
        )
    found = _described(
        devices="<disk type='file' device='disk'><driver type='qcow2'/><source file='/top' index='1'/>"
        f"{chain}<mirror type='file'><source file='/mirror' index='99'/></mirror><target dev='vda'/></disk>"
    )
    assert [(disk.source, disk.index) for disk in found.disks] == [("/top", 1)]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<source file='/a'/>", "/a"),
        ("<source dev='/dev/sda'/>", "/dev/sda"),
        ("<source protocol='rbd' name='pool/image'><host name='mon'/></source>", "rbd:pool/image"),
        ("<source pool='default' volume='v1'/>", "default/v1"),
        ("<source type='unix' path='/run/vhost.sock'/>", "/run/vhost.sock"),
        ("<source dir='/floppy'/>", "/floppy"),
        ("<source index='4'/>", None),
        ("", None),
    ],
)
def test_a_source_is_what_names_the_image(source: str, shown: str | None) -> None:
    assert _described(devices=f"<disk>{source}<target dev='vda'/></disk>").disks[0].source == shown


def test_a_disk_without_a_target_is_none() -> None:
    assert _described(devices="<disk/><disk><target/></disk>").disks == ()


def test_cards_of_all_kinds_are_described() -> None:
    found = _described(
        devices="<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br-int'/>"
        "<virtualport type='openvswitch'><parameters interfaceid='port'/></virtualport><target dev='tap1'/>"
        "<model type='virtio'/><link state='down'/><alias name='net0'/>"
        "<filterref filter='clean'><parameter name='IP' value='10.0.0.1'/></filterref></interface>"
        "<interface type='user'/><interface type='hostdev' managed='yes'><mac address='52:54:00:00:00:02'/></interface>"
    )
    first, second, third = found.nics
    assert (first.target, first.alias, first.mac, first.model) == ("tap1", "net0", "52:54:00:00:00:01", "virtio")
    assert (first.kind, first.bridge, first.port_id, first.link_up) == ("bridge", "br-int", "port", False)
    assert (first.filter_name, first.filter_parameters) == ("clean", (("IP", "10.0.0.1"),))
    assert (second.kind, second.target, second.mac, second.link_up) == ("user", None, None, True)
    assert (third.kind, third.mac) == ("hostdev", "52:54:00:00:00:02")


@pytest.mark.parametrize(
    ("balloon", "has", "polled"),
    [
        ("", True, False),
        ("<memballoon model='none'/>", False, False),
        ("<memballoon model='virtio'/>", True, False),
        ("<memballoon model='virtio'><stats period='10'/></memballoon>", True, True),
        ("<memballoon model='virtio'><stats period='0'/></memballoon>", True, False),
        ("<memballoon model='virtio'><stats period='often'/></memballoon>", True, False),
    ],
)
def test_it_is_known_whether_the_balloon_is_polled(balloon: str, has: bool, polled: bool) -> None:
    found = _described(devices=balloon)
    assert (found.has_balloon, found.is_polled) == (has, polled)


_NAMES = st.sampled_from(["domain", "devices", "disk", "interface", "source", "target", "metadata", "alias", "link"])
_TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="<>&'\""), max_size=20)
_ATTRIBUTES = st.sampled_from(["dev", "file", "index", "name", "type", "address", "state", "period", "bus"])


def _element(name: str, attributes: dict[str, str], children: list[str]) -> str:
    shown = "".join(f" {key}='{value}'" for key, value in attributes.items())
    return f"<{name}{shown}>{''.join(children)}</{name}>"


_ELEMENTS = st.recursive(
    _TEXTS,
    lambda inner: st.builds(
        _element, _NAMES, st.dictionaries(_ATTRIBUTES, _TEXTS, max_size=3), st.lists(inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.lists(_ELEMENTS, max_size=6), st.lists(_ELEMENTS, max_size=3))
def test_whatever_is_in_it_is_described_or_refused(devices: list[str], rest: list[str]) -> None:
    xml = f"<domain>{''.join(rest)}<devices>{''.join(devices)}</devices></domain>"
    try:
        found = describe(xml, described_at=1)
    except ReplyInvalid:
        return
    assert all(disk.target for disk in found.disks)
