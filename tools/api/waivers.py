"""Findings that are let through by name: each with its reason, and a day on which somebody looks again."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .findings import Finding
from .rules import RULES
from .surface import ROOT

FILE = ROOT / "api" / "waivers.toml"


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry of the file."""

    rule: str
    symbol: str
    reason: str
    expires: datetime.date

    def covers(self, finding: Finding) -> bool:
        """Is it about this one?"""
        return (self.rule, self.symbol) == (finding.rule, finding.symbol)


def read(path: Path = FILE) -> list[Waiver]:
    """The entries.

    Raises:
        ValueError: one is not as it should be.
    """
    entries = tomllib.loads(path.read_text()).get("waiver", [])
    return [_checked(entry) for entry in entries]


def _checked(entry: dict[str, object]) -> Waiver:
    if set(entry) != {"rule", "symbol", "reason", "expires"}:
        raise ValueError(f"a waiver has rule, symbol, reason and expires, not {', '.join(sorted(entry))}")
    expires = entry["expires"]
    if not isinstance(expires, datetime.date) or isinstance(expires, datetime.datetime):
        raise ValueError(f"the waiver of {entry['symbol']} expires on a date, such as 2027-01-31, not {expires!r}")  # noqa: TRY004
    if entry["rule"] not in RULES:
        raise ValueError(f"the waiver of {entry['symbol']} names no rule: {entry['rule']!r}")
    if not str(entry["reason"]).strip():
        raise ValueError(f"the waiver of {entry['symbol']} gives no reason")
    return Waiver(str(entry["rule"]), str(entry["symbol"]), str(entry["reason"]), expires)


def problems(
    waivers: Iterable[Waiver], found: Sequence[Finding], today: datetime.date, *, everything: bool = True
) -> Iterator[str]:
    """Waivers that are over, and, if *everything* was looked at, those that let nothing through."""
    for one in waivers:
        if one.expires < today:
            yield f"the waiver of {one.rule} for {one.symbol} expired on {one.expires}: {one.reason}"
        elif everything and not any(one.covers(finding) for finding in found):
            yield f"the waiver of {one.rule} for {one.symbol} is not needed: there is no such finding"
