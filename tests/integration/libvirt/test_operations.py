"""What the daemon's log says hvinspect called, and that the log would tell."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import libvirt
import pytest

import hvinspect
from hvinspect import Group
from hvinspect.drivers._libvirt.operations import READING, WRITING
from tests.integration.libvirt import audit
from tests.lab import settings
from tests.lab.calls import Client, clients
from tests.lab.daemons import LIBVIRTD, calls_of
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest

EVERY_GROUP = frozenset(Group) - {Group.UNKNOWN}
#: libvirt's own table of its protocol, installed with the daemon.
PROTOCOL = Path("/usr/share/systemtap/tapset/libvirt_functions.stp")


@contextlib.contextmanager
def heard() -> Iterator[list[Client]]:
    """The clients that open a connection while the context lasts, known when it has ended."""
    found: list[Client] = []
    with calls_of(LIBVIRTD.log).open(errors="replace") as log:
        log.seek(0, os.SEEK_END)
        yield found
        found += (client for client in clients(log) if client.uri)


def test_the_log_has_what_we_call(lab: Lab, two_busy_guests: tuple[Guest, Guest]) -> None:
    with heard() as ours, hvinspect.connect(f"libvirt:{lab.qemu_uri}") as hv:
        hv.snapshot(groups=EVERY_GROUP)
    assert {(one.uri, one.read_only, one.is_the_labs) for one in ours} == {(lab.qemu_uri, True, False)}
    called = {procedure for one in ours for procedure in one.procedures}
    assert {"ConnectOpen", "ConnectListAllDomains", "ConnectGetAllDomainStats", "DomainGetXMLDesc"} <= called
    assert audit.violations(ours) == []


def test_a_call_that_is_not_listed_is_found_unless_the_lab_made_it(two_busy_guests: tuple[Guest, Guest]) -> None:
    with heard() as found, contextlib.closing(libvirt.openReadOnly(settings.OWN_QEMU_URI)) as connection:
        connection.lookupByName(two_busy_guests[0].spec.name)
    (labs,) = found
    assert labs.is_the_labs
    assert audit.violations([labs]) == []
    assert audit.violations([Client(settings.QEMU_URI, labs.read_only, labs.procedures)]) == [
        "DomainLookupByName, on a read-only connection"
    ]


def test_what_only_the_writable_connection_may_call_is_found_on_the_other() -> None:
    for read_only in (True, False):
        client = Client(settings.QEMU_URI, read_only, {"DomainGetGuestInfo"})
        assert bool(audit.violations([client])) is read_only


def test_hvinspect_cannot_say_that_it_is_the_lab() -> None:
    with pytest.raises(hvinspect.InvalidTarget, match="'lab'"):
        hvinspect.connect(f"libvirt:{settings.OWN_QEMU_URI}")


def test_every_listed_procedure_is_one_of_libvirts() -> None:
    # Its programs by number: libvirt's ordinary one.
    remote = PROTOCOL.read_text().split("program == 536903814 && version == 1")[1].split("program == ")[0]
    known = {f"REMOTE_PROC_{name.upper()}" for name in re.findall(r'procstr = "(\w+)"', remote)}
    assert known, "the table has another form"
    assert {one.procedure for one in (*READING, *WRITING)} <= known
