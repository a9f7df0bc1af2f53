"""Asks for many virtual machines at once, and for fewer when one of them spoils it for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from hvinspect.driver import Absence, Reason, ReplyInvalid, printable

from .absences import VANISHED
from .found import Gone, Refused

__all__ = ["ask"]

T = TypeVar("T")

#: More than are needed to find a few among 1,000; a server that refuses everything is not asked 1,000 times.
_MOST_CALLS = 24


def ask(refs: Sequence[str], call: Callable[[Sequence[str]], Mapping[str, T]]) -> dict[str, T | Absence]:
    """What *call* gives for *refs*, by ref; for one that spoils it, why there is nothing.

    A server's fault, and a reply that cannot be understood, are of a whole call, whichever object is to blame.
    """
    found: dict[str, T | Absence] = {}
    waiting: list[Sequence[str]] = [refs]
    calls = 0
    while waiting:
        some = waiting.pop()
        if not some:
            continue
        calls += 1
        try:
            found.update(call(some))
        except Gone as gone:
            if gone.ref in some and calls < _MOST_CALLS:
                found[gone.ref] = VANISHED
                waiting.append([ref for ref in some if ref != gone.ref])
            else:
                found.update(dict.fromkeys(some, Absence(Reason.FAILED, f"the server has no {printable(gone.ref)}")))
        except (Refused, ReplyInvalid) as exc:
            absence = exc.absence if isinstance(exc, Refused) else Absence(Reason.FAILED, printable(exc))
            if len(some) == 1 or calls >= _MOST_CALLS or absence.reason is Reason.DENIED:
                found.update(dict.fromkeys(some, absence))
            else:
                half = len(some) // 2
                waiting += [some[:half], some[half:]]
    return found
