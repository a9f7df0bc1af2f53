"""What a check is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import final

from hvinspect import Error

from ._report import Outcome, Result
from ._subject import Skipped, Subject

__all__ = ["Check", "check"]

#: What a check yields: each fault in words that name the instance, the field and what was expected.
Faults = Iterator[str]

_MOST_DETAILS = 20


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that every driver is held to."""

    name: str
    #: The version of hvinspect that first had it.
    since: str
    #: Too new to count: a failure is a warning.
    preview: bool
    #: What is held to, in a sentence.
    meaning: str
    faults: Callable[[Subject], Faults]

    def __call__(self, subject: Subject) -> Result:
        """Make the check."""
        try:
            found = tuple(islice(self.faults(subject), _MOST_DETAILS + 1))
        except Skipped as reason:
            return Result(check=self.name, outcome=Outcome.SKIPPED, details=(str(reason),))
        except Error as error:
            found = (f"expected an answer, got {type(error).__name__}: {error}",)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            found = (f"expected sound records, got some on which this check broke: {error!r}",)
        if not found:
            return Result(check=self.name, outcome=Outcome.PASSED)
        if len(found) > _MOST_DETAILS:
            found = (*found[:_MOST_DETAILS], "... and more")
        outcome = Outcome.WARNED if self.preview else Outcome.FAILED
        return Result(check=self.name, outcome=outcome, details=found)


def check(*, since: str, preview: bool = False) -> Callable[[Callable[[Subject], Faults]], Check]:
    """Make a check of a function that yields faults; its name is the check's, its docstring the meaning."""

    def make(function: Callable[[Subject], Faults]) -> Check:
        return Check(
            name=function.__name__,
            since=since,
            preview=preview,
            meaning=(function.__doc__ or "").strip().splitlines()[0],
            faults=function,
        )

    return make
