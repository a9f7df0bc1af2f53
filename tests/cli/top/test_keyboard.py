"""From bytes to keys."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hvinspect.cli.top.keyboard import decode


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"q", ["q"]),
        (b"jk/", ["j", "k", "/"]),
        (b"\x1b[A\x1b[B", ["up", "down"]),
        (b"\x1bOA", ["up"]),
        (b"\x1b[5~\x1b[6~", ["page up", "page down"]),
        (b"\r\n\x7f", ["enter", "enter", "backspace"]),
        ("ä".encode(), ["ä"]),
        (b"\x1b[1;5Cq", ["q"]),
        (b"\x1b[<0;1;1Mq", ["q"]),
        (b"\x00\x01q", ["q"]),
        (b"\x1bq", ["escape", "q"]),
        (b"\x1a", ["suspend"]),
    ],
)
def test_bytes_become_keys(data: bytes, keys: list[str]) -> None:
    assert decode(data, whole=True) == (keys, b"")


@pytest.mark.parametrize("data", [b"\x1b", b"\x1b[", b"\x1b[5", b"\x1bO", "ä".encode()[:1]])
def test_the_rest_of_a_key_is_waited_for(data: bytes) -> None:
    assert decode(data, whole=False) == ([], data)


def test_an_escape_that_nothing_follows_is_a_key() -> None:
    assert decode(b"\x1b", whole=True) == (["escape"], b"")


@given(st.binary(max_size=40), st.integers(min_value=0, max_value=40))
def test_whatever_comes_is_taken_and_a_cut_changes_no_key(data: bytes, cut: int) -> None:
    keys, rest = decode(data, whole=False)
    first, held = decode(data[:cut], whole=False)
    second, left = decode(held + data[cut:], whole=False)
    assert [*first, *second] == keys
    assert left == rest
    assert decode(rest, whole=True)[1] == b""
    assert all(len(key) > 1 or key.isprintable() for key in keys)
