"""The pictures of ``hvinspect top``: what they say is what the terminal's own tests keep."""

from __future__ import annotations

import re
from collections import defaultdict
from html import unescape

import pytest

from tests.integration.terminal.lasting import lasting
from tests.lab.settings import PROJECT_ROOT

PICTURES = PROJECT_ROOT / "docs" / "_static"
SCREENS = PROJECT_ROOT / "tests" / "integration" / "terminal" / "screens"
PIECE = re.compile(r'<text [^>]*?clip-path="url\(#[a-z-]+-line-(\d+)\)"[^>]*>([^<]*)</text>')


@pytest.mark.parametrize(("picture", "screen"), [("top", "table"), ("top-detail", "detail")])
def test_the_picture_is_of_todays_screen(picture: str, screen: str) -> None:
    lines: defaultdict[int, str] = defaultdict(str)
    for number, text in PIECE.findall((PICTURES / f"{picture}.svg").read_text()):
        lines[int(number)] += " ".join(["", *unescape(text).split()])
    seen = lasting([lines[number] for number in sorted(lines)])
    kept = (SCREENS / f"{screen}.txt").read_text()
    # How wide the gaps are is not text.
    assert "".join(seen.split()) == "".join(kept.split()), "python -m tools.screenshot takes it anew"


@pytest.mark.parametrize("picture", ["top", "top-detail"])
def test_the_picture_asks_for_nothing_from_elsewhere(picture: str) -> None:
    text = (PICTURES / f"{picture}.svg").read_text()
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
