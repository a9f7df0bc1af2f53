"""What the gate finds: one change of one symbol, by which rule, and whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum


class Level(IntEnum):
    """How far a change must move the version."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3


class Audience(str, Enum):
    """Whom a change concerns; each has a version number of its own."""

    CALLER = "caller"
    DRIVER_AUTHOR = "driver author"
    READER = "reader of data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One change."""

    rule: str
    level: Level
    audiences: tuple[Audience, ...]
    symbol: str
    before: str
    after: str
    #: What found it, where it is not the comparison of two surfaces: a checker, a test, a reader of data.
    witness: str = ""


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Without repetition, worst first; one that is found twice concerns all whom either names."""
    unique: dict[tuple[str, str, str, str], Finding] = {}
    for one in findings:
        key = (one.rule, one.symbol, one.before, one.after)
        audiences = sorted({*one.audiences, *(unique[key].audiences if key in unique else ())})
        unique[key] = _concerning(one, audiences)
    return sorted(unique.values(), key=lambda one: (-one.level, one.rule, one.symbol))


def _concerning(one: Finding, audiences: Iterable[Audience]) -> Finding:
    return Finding(
        rule=one.rule,
        level=one.level,
        audiences=tuple(audiences),
        symbol=one.symbol,
        before=one.before,
        after=one.after,
        witness=one.witness,
    )


def worst(findings: Iterable[Finding], audience: Audience) -> Level:
    """The highest level that *audience* is concerned by."""
    return max(_levels(findings, audience), default=Level.PATCH)


def _levels(findings: Iterable[Finding], audience: Audience) -> Iterator[Level]:
    return (one.level for one in findings if audience in one.audiences)
