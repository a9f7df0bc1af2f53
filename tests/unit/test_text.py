"""Untrusted text, made safe to show."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hvinspect._text import printable

anything = st.text(st.characters(exclude_categories=()))


@given(anything)
def test_what_is_shown_is_printable(text: str) -> None:
    assert printable(text).isprintable()


@given(anything)
def test_what_is_shown_is_one_line(text: str) -> None:
    assert len(printable(text).splitlines()) <= 1


@given(anything, st.integers(1, 50))
def test_what_is_shown_is_no_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(printable(text, limit=limit)) <= limit


@given(anything)
def test_what_is_shown_can_be_encoded(text: str) -> None:
    printable(text).encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=200))
def test_harmless_text_is_unchanged(text: str) -> None:
    assert printable(text) == text


def test_escapes_count_towards_the_limit() -> None:
    assert len(printable("\x00" * 200)) == 200


def test_what_was_cut_ends_in_an_ellipsis() -> None:
    assert printable("x" * 201) == "x" * 199 + "…"


@pytest.mark.parametrize("character", "\u202e\u2066\u200f\u061c\x1b\r\n\u2028\x85\x00\ufeff")
def test_what_moves_the_cursor_or_the_reading_direction_is_escaped(character: str) -> None:
    assert character not in printable(f"a{character}b")


def test_an_object_is_shown_as_its_text() -> None:
    assert printable(ValueError("a\nb")) == "a\\nb"
