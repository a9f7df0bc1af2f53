"""What drivers rely on where they show a name that somebody else chose, by public names alone."""

from __future__ import annotations

from hvinspect.driver import printable


def test_a_long_text_is_cut_to_the_limit() -> None:
    shown = printable("x" * 500, limit=20)
    assert len(shown) == 20
    assert shown.endswith("…")


def test_control_characters_are_escaped() -> None:
    assert printable("a\x1b[2Jb\n") == "a\\x1b[2Jb\\n"
