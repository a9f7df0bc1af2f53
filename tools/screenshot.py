"""Takes the pictures of ``hvinspect top`` that the docs show, in a real terminal: ``python -m tools.screenshot``.

A test holds what they say to the screens that the terminal's own tests keep. Look at them before they are kept.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from tests.integration.terminal.test_top import DETAILED, FAKE, READ
from tests.integration.terminal.tmux import Screen, hvinspect, screen

PICTURES: Final = Path(__file__).parents[1] / "docs" / "_static"
#: How many readings the bars show.
_READINGS: Final = 16
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
    """Take them."""
    with _paused() as shown:
        _keep(shown, "top")
        shown.press(*DETAILED)
        shown.press("p")
        shown.wait(_has_history)
        shown.press("p")
        # Its last line is drawn with the first picture after the key.
        time.sleep(1)
        _keep(shown, "top-detail")


@contextmanager
def _paused() -> Generator[Screen]:
    with tempfile.TemporaryDirectory() as folder, screen(hvinspect(*FAKE), Path(folder)) as shown:
        shown.wait_for(READ)
        shown.press("p")
        shown.wait_for("paused")
        yield shown


def _has_history(lines: list[str]) -> bool:
    return any(line.startswith("CPU cores") and len(line.split(maxsplit=3)[-1]) >= _READINGS for line in lines)


def _keep(shown: Screen, name: str) -> None:
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    # A colour that is on at the end of a line is on in the next.
    console.print(Text.from_ansi(shown.coloured().rstrip()), no_wrap=True, crop=True)
    (PICTURES / f"{name}.svg").write_text(console.export_svg(code_format=_FORMAT, unique_id=name))


if __name__ == "__main__":
    main()
