"""What a command line says, in the ways in which people and managers write it."""

from __future__ import annotations

from uuid import UUID

import pytest

from hvinspect.drivers._qemu.command_line import CommandLine, NicWords, parse

WHO = UUID("11111111-2222-3333-4444-555555555555")


def of(*words: str) -> CommandLine:
    return parse(["/usr/bin/qemu-system-x86_64", *words])


@pytest.mark.parametrize("words", [("-name", "a"), ("--name", "guest=a,debug-threads=on"), ("-name", "a,process=b")])
def test_a_name_is_found(words: tuple[str, ...]) -> None:
    assert of(*words).name == "a"


def test_a_comma_in_a_name_is_doubled() -> None:
    assert of("-name", "guest=a,,b,debug-threads=on").name == "a,b"


def test_the_nil_uuid_is_none() -> None:
    assert of("-uuid", str(WHO)).uuid == WHO
    assert of("-uuid", str(UUID(int=0))).uuid is None
    assert of("-uuid", "x").uuid is None


@pytest.mark.parametrize(
    ("words", "start", "most"),
    [
        ((), 1, 1), (("-smp", "4"), 4, 4), (("-smp", "2,maxcpus=8"), 2, 8), (("-smp", "cpus=2,sockets=1"), 2, 2),
        (("-smp", "sockets=2,cores=3,threads=2"), 12, 12), (("-smp", "x"), None, None),
        (("-smp", "2", "-smp", "maxcpus=6"), 2, 6), (("-smp", "maxcpus=3"), 3, 3),
    ],
)  # fmt: skip
def test_vcpus_are_counted(words: tuple[str, ...], start: int | None, most: int | None) -> None:
    line = of(*words)
    assert (line.vcpus_at_start, line.vcpus_maximum) == (start, most)


def test_a_nic_is_its_device_and_what_is_behind_it() -> None:
    words = (
        "-netdev",
        "tap,id=n,ifname=t0,vhost=on",
        "-device",
        "virtio-net-pci,netdev=n,id=nic,mac=52:54:00:AA:BB:CC",
    )
    nic = NicWords("nic", "n", "tap", "t0", (), "52:54:00:aa:bb:cc", "virtio")
    assert of(*words).nics == (nic,)


def test_libvirts_json_is_read() -> None:
    netdev = '{"type":"tap","fd":"30","vhost":true,"id":"hostnet0"}'
    device = '{"driver":"virtio-net-pci","netdev":"hostnet0","id":"net0","mac":"52:54:00:aa:bb:cc"}'
    nic = NicWords("net0", "hostnet0", "tap", None, (30,), "52:54:00:aa:bb:cc", "virtio")
    assert of("-netdev", netdev, "-device", device).nics == (nic,)


def test_many_queues_are_one_nic() -> None:
    assert of("-netdev", "tap,id=n,fds=5:6:7", "-device", "e1000,netdev=n").nics[0].descriptors == (5, 6, 7)


def test_the_short_form_of_a_nic_is_read() -> None:
    nic = of("-nic", "user,model=e1000,mac=52:54:00:aa:bb:cc", "-nic", "none").nics
    assert nic == (NicWords(None, None, "user", None, (), "52:54:00:aa:bb:cc", "e1000"),)


def test_a_device_without_a_netdev_is_no_nic() -> None:
    assert of("-netdev", "user,id=n", "-device", "virtio-rng-pci,id=r").nics == ()


def test_monitors_are_found_in_both_forms() -> None:
    words = ("-qmp", "unix:/run/a.qmp,server=on,wait=off", "-chardev", "socket,id=m,path=/run/b.qmp,server=on")
    assert of(*words, "-mon", "chardev=m,mode=control").monitors == ("/run/b.qmp", "/run/a.qmp")
    assert of(*words).monitors == ("/run/a.qmp",)


def test_libvirts_own_is_known_by_its_monitor() -> None:
    assert of("-chardev", "socket,id=charmonitor,fd=21", "-mon", "chardev=charmonitor,id=monitor").by_libvirt
    assert not of("-name", "guest=a").by_libvirt


def test_a_qemu_that_is_asked_what_it_can_do_has_no_guest() -> None:
    assert of("-machine", "none,accel=kvm").has_no_guest
    assert not of("-M", "pc").has_no_guest


def test_a_value_that_looks_like_an_option_is_a_value() -> None:
    assert of("-name", "-uuid", "-uuid", str(WHO)).name == "-uuid"


@pytest.mark.parametrize(
    "words", [("-name",), ("-netdev", "{"), ("-netdev", "[" * 100_000), ("-device", "{}"), ("-smp", "")]
)
def test_what_makes_no_sense_is_left_out(words: tuple[str, ...]) -> None:
    assert of(*words).nics == ()


def test_nothing_at_all_is_nothing() -> None:
    assert parse([]) == CommandLine(vcpus_maximum=1, vcpus_at_start=1, disks={}, has_no_guest=True, is_empty=True)
