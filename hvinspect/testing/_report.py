"""What a run of the conformance suite found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import final

from hvinspect.driver import printable

__all__ = ["Outcome", "Report", "Result"]


class Outcome(str, Enum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    #: It failed, but is so new that it does not count yet.
    WARNED = "warned"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One check's."""

    check: str
    outcome: Outcome
    #: What was wrong, each with the instance, the field, what was found and what was expected; or why it was skipped.
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.outcome.value:8}{self.check}"]
        lines += [f"          {printable(detail, limit=400)}" for detail in self.details]
        return "\n".join(lines)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All checks of one target; str() is for reading."""

    target: str
    results: tuple[Result, ...]

    @property
    def ok(self) -> bool:
        """Did no check fail?"""
        return not any(result.outcome is Outcome.FAILED for result in self)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __getitem__(self, check: str) -> Result:
        for result in self.results:
            if result.check == check:
                return result
        raise KeyError(check)

    def __str__(self) -> str:
        counts = Counter(result.outcome for result in self)
        summary = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome])
        verdict = "conforms" if self.ok else "does not conform"
        return "\n".join([f"{self.target} {verdict}: {summary}", *map(str, self.results)])
