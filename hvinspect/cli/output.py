"""The only place that writes: tables fitted to a terminal or whole into a pipe, complaints to stderr."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, final

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

import hvinspect
from hvinspect.driver import printable

from .humane import LONGEST_TEXT

__all__ = ["Heading", "Output", "complain", "drop_stdout", "tolerate_encodings"]

#: So wide that nothing is cut or wrapped.
_UNBOUNDED = 100_000
#: On a terminal a name takes no more than this; in a pipe it is whole.
_LONGEST_NAME = 60


class Heading(NamedTuple):
    """The head of a column."""

    text: str
    #: Right-justified and never broken.
    numeric: bool = False
    #: Never broken: what is in it can be copied.
    whole: bool = False


@final
class Output:
    """Standard output, which is a terminal or not."""

    def __init__(self) -> None:
        self.terminal: bool = sys.stdout.isatty()
        self.console: Console = Console(
            file=sys.stdout if self.terminal else io.StringIO(),
            force_terminal=self.terminal,
            width=None if self.terminal else _UNBOUNDED,
            markup=False,
            emoji=False,
            highlight=False,
        )

    @property
    def redraws(self) -> bool:
        """Can what was drawn be drawn over?"""
        return self.terminal and not self.console.is_dumb_terminal

    @property
    def longest_name(self) -> int:
        """How much of an untrusted name is shown."""
        return _LONGEST_NAME if self.terminal else LONGEST_TEXT

    def show(self, *what: RenderableType) -> None:
        """Tables and lines of text, one below the other."""
        if self.terminal:
            for one in what:
                self.console.print(one)
        else:
            sys.stdout.write(self._plain(what))
        sys.stdout.flush()

    def json(self, plain: Mapping[str, Any]) -> None:
        """One document on one line, in ASCII: no control character of a name reaches a terminal."""
        try:
            text = json.dumps(plain, allow_nan=False)
        except ValueError as exc:
            raise hvinspect.ReplyInvalid(f"a number of the answer cannot be told in JSON: {exc}") from exc
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def table(self, headings: Sequence[Heading], rows: Sequence[Sequence[Text]]) -> Table:
        """Columns without lines between them; narrow gaps where a terminal has no room for wide ones."""
        wide = _table(headings, rows, gap=2)
        free = self.console.options.update(max_width=_UNBOUNDED)
        if self.console.measure(wide, options=free).maximum <= self.console.width or not self.terminal:
            return wide
        return _table(headings, rows, gap=1)

    def _plain(self, what: Sequence[RenderableType]) -> str:
        with self.console.capture() as capture:
            for one in what:
                self.console.print(one)
        return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def _table(headings: Sequence[Heading], rows: Sequence[Sequence[Text]], *, gap: int) -> Table:
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(
            Text(heading.text),
            justify="right" if heading.numeric else "left",
            no_wrap=heading.numeric or heading.whole,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*row)
    return table


def complain(text: object) -> None:
    """One line on standard error, safe to show."""
    try:
        print(f"hvinspect: {printable(text, limit=LONGEST_TEXT)}", file=sys.stderr, flush=True)
    except OSError:  # nobody listens: the exit code still tells
        _to_nowhere(sys.stderr)


def tolerate_encodings() -> None:
    """A character that the terminal's encoding lacks is escaped, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def drop_stdout() -> None:
    """What is still buffered for a reader who has gone goes nowhere, and the interpreter does not mind."""
    _to_nowhere(sys.stdout)


def _to_nowhere(stream: Any) -> None:
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError, AttributeError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
