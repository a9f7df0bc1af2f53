"""Where a server, or pyVmomi, would mislead."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

pytest.importorskip("pyVmomi", reason="pyvmomi is not installed: pip install hvinspect[vmware]")

from hvinspect import AccessDenied, Reason, ReplyInvalid, Secret
from hvinspect.driver import Absence, Deadline
from hvinspect.drivers._vmware import absences
from hvinspect.drivers._vmware.address import parse_address
from hvinspect.drivers._vmware.apart import ask
from hvinspect.drivers._vmware.found import Gone, Refused
from hvinspect.drivers._vmware.native import Session
from hvinspect.drivers._vmware.nova import read_notes
from hvinspect.drivers._vmware.wire import Reply, Wire
from tests.lab.vmware.seed import NOTES

from .played import CASES, LONG, PlayedWire, load

FIRST = CASES / "vcenter" / "01-RetrieveServiceContent.xml"


def opened_with(*replies: tuple[str, Reply]) -> None:
    wire = PlayedWire(list(replies))
    Session(parse_address("//reader@server/"), cast("Wire", wire)).open(Secret("mellon"), Deadline.after(LONG))


def content(change: Callable[[bytes], bytes] = lambda body: body) -> tuple[str, Reply]:
    return "RetrieveServiceContent", Reply(200, None, change(FIRST.read_bytes()))


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9, 0.99])
def test_half_a_reply_is_none(part: float) -> None:
    with pytest.raises(ReplyInvalid, match="RetrieveServiceContent cannot be understood"):
        opened_with(content(lambda body: body[: int(len(body) * part)]))


@pytest.mark.parametrize("body", [b"", b"<html><body>It works!</body></html>", b"{}"])
def test_what_is_no_answer_is_not_taken_for_an_empty_one(body: bytes) -> None:
    with pytest.raises(ReplyInvalid, match="no RetrieveServiceContentResponse"):
        opened_with(content(lambda _: body))


def test_a_reply_with_a_document_type_is_refused() -> None:
    with pytest.raises(ReplyInvalid, match="cannot be understood"):
        opened_with(content(lambda body: body.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1)))


def test_a_login_that_fails_says_nothing_of_the_password() -> None:
    fault = (
        '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>x</faultcode>'
        '<faultstring>no mellon</faultstring><detail><InvalidLoginFault xmlns="urn:vim25" xsi:type="InvalidLogin"/>'
        "</detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    with pytest.raises(AccessDenied) as caught:
        opened_with(content(), ("Login", Reply(500, None, fault.encode())))
    assert "mellon" not in str(caught.value)


def test_a_configuration_that_cannot_be_read_is_not_asked_for_each_time() -> None:
    played = load("newer-server")
    played.read()
    before = len(played.wire.sent)
    # The list, and what it says of the machines, once more.
    folder = CASES / "newer-server"
    again = [("RetrievePropertiesEx", "05-RetrievePropertiesEx.xml"), ("QueryPerf", "11-QueryPerf.xml")]
    played.wire.add((method, Reply(200, None, (folder / file).read_bytes())) for method, file in again)
    played.read()
    assert len(played.wire.sent) == before + 2


def test_one_that_spoils_a_call_is_found() -> None:
    calls = []

    def call(some: object) -> dict[str, int]:
        refs = tuple(cast("tuple[str, ...]", some))
        calls.append(refs)
        if "vm-7" in refs:
            raise Refused(Absence(Reason.FAILED, "told by the test"))
        return dict.fromkeys(refs, 1)

    refs = tuple(f"vm-{number}" for number in range(1000))
    found = ask(refs, call)
    assert [ref for ref, one in found.items() if one != 1] == ["vm-7"]
    assert found.keys() == set(refs)
    assert len(calls) < 25


def test_a_server_that_refuses_everything_is_not_asked_for_each() -> None:
    calls = []

    def call(some: object) -> dict[str, int]:
        calls.append(some)
        raise Refused(Absence(Reason.FAILED, "told by the test"))

    refs = tuple(f"vm-{number}" for number in range(1000))
    assert {cast("Absence", one).detail for one in ask(refs, call).values()} == {"told by the test"}
    assert len(calls) < 60


def test_one_that_is_gone_and_was_not_asked_for_ends_the_asking() -> None:
    def call(some: object) -> dict[str, int]:
        raise Gone("somebody-else")

    found = ask(("vm-1", "vm-2"), call)
    assert {cast("Absence", one).reason for one in found.values()} == {Reason.FAILED}
    assert absences.VANISHED not in found.values()


def test_notes_of_somebody_else_are_none_of_novas() -> None:
    assert read_notes("") is None
    assert read_notes("name:web\nowner:alice\n") is None
    assert read_notes(NOTES + "x" * 20_000) is None


def test_a_name_with_a_line_break_cannot_change_what_nova_wrote() -> None:
    assert read_notes(NOTES) is not None
    assert read_notes(NOTES.replace("name:web\n", "name:web\nuserid:root\n")) is None


def test_what_nova_left_out_has_a_reason() -> None:
    found = read_notes(NOTES.replace("imageid:70a599e0-31e7-49b7-b260-868f441e862b", "imageid:None"))
    assert found is not None
    assert found.image_id is None
    absence = found.why("image_id")
    assert absence is not None
    assert absence.reason is Reason.NOT_CONFIGURED
