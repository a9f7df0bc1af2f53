"""Takes the picture of ``hvinspect top`` that the docs show, in a real terminal: ``python -m tools.screenshot``.

A test holds what it says to the screen that the terminal's own tests keep. Look at it before it is kept.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from tests.integration.terminal.test_top import FAKE, READ
from tests.integration.terminal.tmux import Screen, hvinspect, screen

PICTURE: Final = Path(__file__).parents[1] / "docs" / "_static" / "top.svg"
_COLUMNS: Final = 80
# Of 80 columns and 24 lines, with a margin. rich's own has a window around it, and fonts from a network, for which a
# page of the docs must not ask.
_FORMAT: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -10 1000 606" role="img">
<style>text {{ font: {char_height}px monospace; white-space: pre }} {styles}</style>
<rect x="-12" y="-10" width="1000" height="606" rx="8" fill="#0c0c0c"/><defs>{lines}</defs>
{backgrounds}<g>{matrix}</g></svg>
"""


def main() -> None:
    """Take it."""
    with tempfile.TemporaryDirectory() as folder, screen(hvinspect(*FAKE), Path(folder)) as shown:
        shown.wait_for(READ)
        shown.press("p")
        shown.wait_for("paused")
        _keep(shown)


def _keep(shown: Screen) -> None:
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    # A colour that is on at the end of a line is on in the next.
    console.print(Text.from_ansi(shown.coloured().rstrip()), no_wrap=True, crop=True)
    PICTURE.write_text(console.export_svg(code_format=_FORMAT, unique_id="top"))


if __name__ == "__main__":
    main()
