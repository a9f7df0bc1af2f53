"""The picture of ``hvinspect top``: what it says is what the terminal's own tests keep."""

from __future__ import annotations

import re
from collections import defaultdict
from html import unescape

from tests.integration.terminal.lasting import lasting
from tests.lab.settings import PROJECT_ROOT

PICTURE = PROJECT_ROOT / "docs" / "_static" / "top.svg"
KEPT = PROJECT_ROOT / "tests" / "integration" / "terminal" / "screens" / "table.txt"
PIECE = re.compile(r'<text [^>]*?clip-path="url\(#top-line-(\d+)\)"[^>]*>([^<]*)</text>')


def test_the_picture_is_of_todays_screen() -> None:
    lines: defaultdict[int, str] = defaultdict(str)
    for number, text in PIECE.findall(PICTURE.read_text()):
        lines[int(number)] += " ".join(["", *unescape(text).split()])
    seen = lasting([lines[number] for number in sorted(lines)])
    # How wide the gaps are is not text.
    assert "".join(seen.split()) == "".join(KEPT.read_text().split()), "python -m tools.screenshot takes it anew"


def test_the_picture_asks_for_nothing_from_elsewhere() -> None:
    assert re.findall(r"https?://[^\"]*", PICTURE.read_text()) == ["http://www.w3.org/2000/svg"]
