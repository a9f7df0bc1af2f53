"""The report: what broke, for whom, since when, by which rule, and which numbers would be right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

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


#: What to do about a break, for whoever meets the gate for the first time.
ADVICE = """
One change may give several errors, one for each place that shows it; the first says most.
What to do with an error: keep what was there and put the new beside it (a name that has to go is deprecated first:
VERSIONING.md); or, if the break is meant, raise the numbers under "right would be" (hvinspect/_version.py; DRIVER_API
in hvinspect/driver.py; SCHEMA in hvinspect/_serial.py) and write a fragment (changelog.d/README.md). A finding that is
wrong is waived, with the reason, in api/waivers.toml."""


def unmentioned(findings: Sequence[Finding], told: str) -> list[str]:
    """What users would notice and no fragment names as code.

    Of what is new as a whole its own name will do, of metrics that of their bridge, of many names a pattern of them.
    """
    spans = re.findall(r"`+([^`]+)`+", told)
    words = {word for span in spans for word in re.findall(r"\w+", span)}
    patterns = [span for span in spans if "*" in span]
    whole = {one.symbol for one in findings if one.rule in ("name-added", "command-added", "driver-added")}
    missing = []
    for one in findings:
        if one.level is Level.PATCH or one.witness:
            continue
        if any(fnmatchcase(one.symbol.rpartition(":")[2], pattern) for pattern in patterns):
            continue
        if one.symbol.startswith("metric ") and one.symbol.split()[1] in words:
            continue
        owner, name = next((new for new in whole if one.symbol.startswith(new)), ""), re.findall(r"\w+", one.symbol)[-1]
        if name not in words and not set(re.findall(r"\w+", owner)[-1:]) & words:
            missing.append(one.symbol)
    return sorted(set(missing))
