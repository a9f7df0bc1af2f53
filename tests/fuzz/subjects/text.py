"""What is shown: one line without control characters, no longer than it may be."""

from __future__ import annotations

from hvinspect.driver import printable
from tests.fuzz.draw import Draw
from tests.fuzz.subject import Subject


def _run(data: bytes) -> None:
    draw = Draw(data)
    limit = 1 + draw.byte()
    # Names come with what is no UTF-8, too.
    text = draw.rest().decode(*(("latin-1",) if limit % 2 else ("utf-8", "surrogateescape")))
    shown = printable(text, limit=limit)
    assert shown.isprintable()
    assert len(shown) <= limit
    if text.isprintable() and len(text) <= limit:
        assert shown == text


SUBJECT = Subject(
    name="text",
    run=_run,
    seeds=(b"\x20plain", b"\x05longer than five", b"\xc8\x1b[2J\x1b]0;title\x07", "\u00c8\u202egnp.exe\u2028".encode()),
    words=(b"\x1b", b"\n", b"\xe2\x80\xae", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xff", b"\x00"),
    longest=400,
    share=10,
)
