"""Targets are taken apart without guessing."""

from __future__ import annotations

import pytest

from hvinspect import InvalidTarget
from hvinspect.drivers._vmware.address import Address, parse_address


@pytest.mark.parametrize(
    ("rest", "address"),
    [
        ("//reader@vcenter.example.org/", Address("reader", "vcenter.example.org", 443)),
        ("//reader@vcenter", Address("reader", "vcenter", 443)),
        ("//reader@vcenter/sdk", Address("reader", "vcenter", 443)),
        ("//reader@192.0.2.1:8989/", Address("reader", "192.0.2.1", 8989)),
        ("//root@[fd00::1]:8989/", Address("root", "fd00::1", 8989)),
        ("//root@[::1]/", Address("root", "::1", 443)),
        ("//administrator@vsphere.local@vcenter/", Address("administrator@vsphere.local", "vcenter", 443)),
        ("//administrator%40vsphere.local@vcenter/", Address("administrator@vsphere.local", "vcenter", 443)),
        ("//DOMAIN%5Creader@vcenter/", Address("DOMAIN\\reader", "vcenter", 443)),
    ],
)
def test_a_target_names_a_user_and_a_server(rest: str, address: Address) -> None:
    assert parse_address(rest) == address


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ("", "names no server"),
        ("vcenter", "names no server"),
        ("//vcenter/", "names no user"),
        ("//@vcenter/", "names no user"),
        ("//reader@/", "no host's name"),
        ("//reader@vcenter/datacenter/host", "nothing follows"),
        ("//reader@vcenter/?no_verify=1", "nothing follows"),
        ("//reader@fd00::1/", "in brackets"),
        ("//reader@[fd00::1/", "no IPv6 address"),
        ("//reader@[fd00::1]x/", "no IPv6 address"),
        ("//reader@[fe80::1%25eth0]/", "no IPv6 address"),
        ("//reader@[vcenter]/", "no IPv6 address"),
        ("//reader@vcenter:/", "no port"),
        ("//reader@vcenter:0/", "no port"),
        ("//reader@vcenter:65536/", "no port"),
        ("//reader@vcenter:0000659999/", "no port"),
        ("//reader@vcenter:443443443443/", "no port"),
        ("//reader@vcenter:https/", "no port"),
        ("//reader@v\ncenter/", "no host's name"),
        ("//rea%0Ader@vcenter/", "control characters"),
    ],
)
def test_what_is_no_target_is_refused(rest: str, told: str) -> None:
    with pytest.raises(InvalidTarget, match=told):
        parse_address(rest)


def test_a_password_in_a_target_is_refused_and_not_repeated() -> None:
    with pytest.raises(InvalidTarget, match="option password") as caught:
        parse_address("//reader:hunter2@vcenter/")
    assert "hunter2" not in str(caught.value)


def test_an_address_is_shown_as_it_is_written() -> None:
    assert str(parse_address("//root@[fd00::1]:8989/")) == "[fd00::1]:8989"
    assert str(parse_address("//root@vcenter/")) == "vcenter"
