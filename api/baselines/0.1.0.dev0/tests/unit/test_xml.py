"""XML from outside, which may be hostile, huge or broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from hvinspect import ReplyInvalid
from hvinspect.driver import LONGEST_XML, parse_xml

pytest.importorskip("lxml", reason="lxml is not installed: the extra of the libvirt driver brings it")

_ENTITIES = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
BOMB = f'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">{_ENTITIES}]><d>&j;</d>'


def test_a_document_is_read() -> None:
    assert parse_xml("<domain type='kvm'><name>a</name></domain>").findtext("name") == "a"


def test_names_beyond_ascii_are_read() -> None:
    assert parse_xml("<d><name>größe 日本</name></d>").findtext("name") == "größe 日本"


def test_a_declared_encoding_does_not_garble_text() -> None:
    root = parse_xml('<?xml version="1.0" encoding="iso-8859-1"?><d>größe</d>')
    assert root.text == "größe"


def test_an_entity_bomb_is_refused() -> None:
    with pytest.raises(ReplyInvalid):
        parse_xml(BOMB)


def test_a_document_type_is_refused() -> None:
    with pytest.raises(ReplyInvalid, match="document type"):
        parse_xml("<!DOCTYPE d><d/>")


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    with pytest.raises(ReplyInvalid) as caught:
        parse_xml(f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]><d>&x;</d>')
    assert "hunter2" not in str(caught.value)


def test_an_external_document_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplyInvalid):
        parse_xml(f'<!DOCTYPE d SYSTEM "file://{tmp_path}/none.dtd"><d/>')


def test_an_undeclared_entity_is_refused() -> None:
    with pytest.raises(ReplyInvalid):
        parse_xml("<d>&x;</d>")


def test_a_huge_document_is_refused() -> None:
    with pytest.raises(ReplyInvalid, match="longer than"):
        parse_xml("<d>" + "x" * LONGEST_XML + "</d>")


def test_a_deep_document_is_refused() -> None:
    with pytest.raises(ReplyInvalid):
        parse_xml("<d>" * 100_000 + "</d>" * 100_000)


@pytest.mark.parametrize("text", ["<", "<d>", "<d></e>", "no xml", "<d/><d/>", "<d>\x00</d>", "<d a='1' a='2'/>"])
def test_a_broken_document_is_refused(text: str) -> None:
    with pytest.raises(ReplyInvalid, match="cannot be read"):
        parse_xml(text)


@pytest.mark.parametrize("name", ["\udcff", "a\udc80b"])
def test_bytes_that_are_no_text_are_refused(name: str) -> None:
    with pytest.raises(ReplyInvalid):
        parse_xml(f"<d><name>{name}</name></d>")


def test_comments_and_instructions_are_dropped() -> None:
    root = parse_xml("<d><!-- c --><?p i?><name>a</name></d>")
    assert [child.tag for child in root] == ["name"]


#: Behind a document it makes the text long, and means nothing.
LONG = " " * 100_000


def _tags(text: str, **only: list[str]) -> list[object]:
    return [element.tag for element in parse_xml(text + LONG, only=only).iter()]


def test_of_an_element_only_the_first_of_each_child_that_is_wanted_is_kept() -> None:
    text = "<d><m><b/>t<a><b/><a/></a><c><a/></c><a><e/></a></m><b/><b/></d>"
    assert _tags(text, m=["a"]) == ["d", "m", "a", "b", "a", "b", "b"]


def test_what_is_wanted_is_complete_however_far_it_is_read_in_pieces() -> None:
    text = "<d><m>" + "<x><y/></x>" * 20_000 + "<a>" + "<b/>" * 100_000 + "</a>" + "<x/><a/>" * 20_000 + "</m><e/></d>"
    assert _tags(text, m=["a"]) == ["d", "m", "a", *["b"] * 100_000, "e"]


def test_what_is_not_wanted_is_dropped_however_deep_it_is() -> None:
    text = "<d><m>" + "<x>" * 200 + "<y/>" * 200_000 + "</x><z/>" * 200 + "</m></d>"
    assert _tags(text, m=["a"]) == ["d", "m"]


def test_elements_of_one_tag_within_each_other_are_each_looked_at() -> None:
    text = "<m><x/><m>" + "<x><y/></x>" * 20_000 + "<m><x/></m></m><m><y/></m></m>"
    assert _tags(text, m=["m"]) == ["m", "m", "m"]


def test_what_is_dropped_is_well_formed_too() -> None:
    for wrong in ("<x>", "<x></y>", "&x;", "\x00", "<x a='1' a='2'/>"):
        with pytest.raises(ReplyInvalid):
            parse_xml(f"<d><m>{wrong}</m></d>{LONG}", only={"m": ["a"]})


def test_a_long_document_of_which_little_is_wanted_may_declare_no_type_either() -> None:
    with pytest.raises(ReplyInvalid, match="document type"):
        parse_xml(f"<!DOCTYPE d><d><m/></d>{LONG}", only={"m": ["a"]})


@given(st.text(st.characters(exclude_categories=())))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    for document in (text, f"<d>{text}</d>", f"<{text}/>"):
        refusal: ReplyInvalid | None = None
        try:
            parse_xml(document)
        except ReplyInvalid as error:
            refusal = error
        assert str(refusal).isprintable()
