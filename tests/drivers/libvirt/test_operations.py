"""The list of what may be called reads only, and the daemon's log is read right."""

from __future__ import annotations

from hvinspect.drivers._libvirt.operations import READING, READING_PERMISSIONS, WRITING
from tests.lab.calls import Client, clients

# Lines of libvirt 9.0, with the rest of each call left out.
HEAD = "2026-11-22 13:17:06.102+0000: "
OPENED = HEAD + "{}: debug : remoteOpenConn:1794 : Getting secondary uri={} readonly={} preserveIdent=0 conn=0x5594fe3"
CALL = HEAD + "{}: debug : {}Helper:20 : server=0x5594fe2d0880 client={} msg=0x55 rerr=0x7f args=(nil) ret=0x7f"
STARTED = HEAD + "43: info : libvirt version: 9.0.0, package: 9.0.0-4+deb12u2 (Debian)"


def test_what_a_reader_may_call_needs_only_permissions_that_read() -> None:
    assert {one.permission for one in READING} <= READING_PERMISSIONS
    assert all(
        permission.rpartition(":")[2] in ("none", "getattr", "read", "search_domains")
        for permission in READING_PERMISSIONS
    )


def test_what_needs_more_is_on_the_other_list_and_on_no_two() -> None:
    assert not {one.permission for one in WRITING} & READING_PERMISSIONS
    procedures = [one.procedure for one in (*READING, *WRITING)]
    assert len(set(procedures)) == len(procedures)


def test_two_clients_that_open_at_once_are_told_apart_by_their_threads() -> None:
    log = [
        CALL.format(5, "remoteDispatchConnectOpen", "0xa"),
        CALL.format(6, "remoteDispatchConnectOpen", "0xb"),
        OPENED.format(6, "lxc:///system?lab=1", 0),
        OPENED.format(5, "qemu:///system", 1),
        CALL.format(6, "remoteDispatchNodeGetInfo", "0xb"),
    ]
    assert list(clients(log)) == [
        Client("qemu:///system", True, {"ConnectOpen"}),
        Client("lxc:///system?lab=1", False, {"ConnectOpen", "NodeGetInfo"}),
    ]


def test_an_address_that_is_used_again_is_another_client() -> None:
    log = [
        CALL.format(5, "remoteDispatchAuthList", "0xa"),
        CALL.format(5, "remoteDispatchConnectOpen", "0xa"),
        OPENED.format(5, "qemu:///system?lab=1", 0),
        CALL.format(6, "remoteDispatchAuthList", "0xa"),
        CALL.format(7, "remoteDispatchDomainDestroy", "0xa"),
    ]
    assert [client.is_the_labs for client in clients(log)] == [True, False]


def test_a_daemon_that_is_started_again_has_new_clients() -> None:
    log = [
        CALL.format(5, "remoteDispatchConnectOpen", "0xa"),
        OPENED.format(5, "qemu:///system?lab=1", 0),
        STARTED,
        CALL.format(5, "remoteDispatchDomainDestroy", "0xa"),
    ]
    assert [client.is_the_labs for client in clients(log)] == [True, False]


def test_a_call_of_another_program_is_not_taken_for_one_of_the_same_name() -> None:
    (client,) = clients([CALL.format(5, "qemuDispatchConnectOpen", "0xa")])
    assert client.procedures == {"qemu:ConnectOpen"}
