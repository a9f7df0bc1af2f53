"""The report: what broke, for whom, since when, by which rule, and which numbers would be right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .findings import Audience, Finding, Level
from .rules import RULES
from .verdict import Verdict

_PLURAL = {
    Audience.CALLER: "callers",
    Audience.DRIVER_AUTHOR: "driver authors",
    Audience.READER: "readers of stored data",
}
_MOST = 30
_WIDEST = 300


def breaks(verdict: Verdict) -> Iterator[str]:
    """Each finding that the numbers do not allow; those that are alike together."""
    alike: dict[tuple[str, str, str, str, str], list[Finding]] = {}
    for one, remedy in verdict.excessive.items():
        # Of one change in a common base each class tells; so do both type checkers.
        key = (one.rule, one.symbol.rpartition(".")[2], one.before, one.after, remedy)
        alike.setdefault(key, []).append(one)
    for (*_, remedy), found in alike.items():
        yield _break(found, remedy, verdict)


def _break(found: Sequence[Finding], remedy: str, verdict: Verdict) -> str:
    one = found[0]
    rule = RULES[one.rule]
    others = [other.symbol for other in found[1:]]
    more = (
        f"  (and {', '.join(others[:3])}{f' and {len(others) - 3} more' if len(others) > 3 else ''})" if others else ""
    )
    who = ", ".join(_PLURAL[audience] for audience in one.audiences)
    word = "this breaks" if one.level is Level.MAJOR else "this concerns"
    lines = [
        f"error[{rule.id}]: {rule.what}",
        f"  --> {one.symbol}{more}",
        f"      was: {_cut(one.before)}",
        f"      is:  {_cut(one.after)}",
        f"   = {word} {who} of {verdict.baseline.package}: {rule.why}",
        *([f"   = found by {one.witness}"] if one.witness else []),
        f"   = right would be: {remedy}",
        f"   = see {rule.page}",
    ]
    return "\n".join(lines)


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def additions(verdict: Verdict) -> Iterator[str]:
    """What is allowed, a line each."""
    allowed = [one for one in verdict.findings if one not in verdict.excessive]
    for one in allowed[:_MOST]:
        yield f"  {one.level.name.lower():<6} {one.symbol}: {RULES[one.rule].what} [{one.rule}]"
    if len(allowed) > _MOST:
        yield f"  ... and {len(allowed) - _MOST} more"


def unmentioned(findings: Iterable[Finding], told: str) -> list[str]:
    """What users would notice and no changelog fragment names: neither itself nor what it belongs to."""
    missing = []
    for one in findings:
        if one.level is Level.PATCH or one.witness:
            continue
        *owners, name = re.findall(r"\w+", one.symbol)
        # The class or function that it belongs to will do; a module will not.
        owner = owners[-1] if owners and ("(" in one.symbol or owners[-1][:1].isupper()) else name
        if name not in told and owner not in told:
            missing.append(one.symbol)
    return sorted(set(missing))
