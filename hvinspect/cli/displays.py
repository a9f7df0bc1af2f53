"""How readings follow one another: redrawn in place, one below the other, or as lines of JSON."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn, Protocol, final

from rich.live import Live
from rich.text import Text

import hvinspect
from hvinspect import Reason, Snapshot, to_dict

from .frame import Frame, Wishes, failure_line
from .guarded import described
from .output import Output, complain
from .watch import Reading

__all__ = ["Appended", "Display", "JsonLines", "Redrawn", "complain_of_failures"]


class Display(Protocol):
    """Where readings are shown."""

    def show(self, reading: Reading) -> None:
        """Show one more reading."""
        ...

    def trouble(self, error: hvinspect.Error) -> None:
        """Tell of a reading that came to nothing; the next may be well."""
        ...


@final
class JsonLines:
    """One document per line; failures are in it, and trouble goes to stderr."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def show(self, reading: Reading) -> None:
        plain = to_dict(reading.snapshot)
        if reading.rates is not None:
            plain["rates"] = to_dict(reading.rates)
        self._output.json(plain)
        complain_of_failures(reading.snapshot)

    def trouble(self, error: hvinspect.Error) -> None:
        complain(described(error))


@final
class Appended:
    """One table below the other, each of several under the time of its reading."""

    def __init__(self, output: Output, wishes: Wishes, *, several: bool) -> None:
        self._output = output
        self._wishes = wishes
        self._several = several
        self._shown = 0

    def show(self, reading: Reading) -> None:
        frame = Frame(reading, self._wishes, self._output)
        if self._several:
            gap = [Text("")] if self._shown else []
            self._output.show(*gap, frame.heading)
        self._output.show(*frame.whole())
        self._shown += 1
        complain_of_failures(reading.snapshot)

    def trouble(self, error: hvinspect.Error) -> None:
        complain(described(error))


@final
class Redrawn:
    """One table that is drawn again in its place; failures and trouble stand below it."""

    def __init__(self, output: Output, wishes: Wishes, live: Live) -> None:
        self._output = output
        self._wishes = wishes
        self._live = live
        self._last: Reading | None = None

    @classmethod
    @contextmanager
    def on(cls, output: Output, wishes: Wishes) -> Generator[Redrawn]:
        """Draw on *output* until the end of the block; SIGTERM ends it too, and the cursor comes back."""
        before = signal.signal(signal.SIGTERM, _leave)
        live = Live(
            console=output.console,
            auto_refresh=False,
            vertical_overflow="crop",
            redirect_stdout=False,
            redirect_stderr=False,
        )
        try:
            with live:
                yield cls(output, wishes, live)
        finally:
            signal.signal(signal.SIGTERM, before)

    def show(self, reading: Reading) -> None:
        self._last = reading
        self._draw([])

    def trouble(self, error: hvinspect.Error) -> None:
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._draw([Text(f"{moment}  {described(error)}", style="red")])

    def _draw(self, extra: list[Text]) -> None:
        assert self._last is not None
        frame = Frame(self._last, self._wishes, self._output)
        self._live.update(frame.fitted(extra), refresh=True)


def complain_of_failures(snapshot: Snapshot) -> None:
    """A line on stderr for each instance of which nothing was read."""
    for failure in snapshot.failures:
        complain(failure_line(failure))
    if any(failure.reason is Reason.NOT_FOUND for failure in snapshot.failures):
        complain("'hvinspect list TARGET' shows the keys of those that there are")


def _leave(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)
