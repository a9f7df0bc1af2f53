"""The periods of what is deprecated: how early it may be removed, and whether what is gone was."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

from packaging.version import Version

from .functions import Facts
from .surface import Surface

#: It works for so many more minors and so many days.
_MINORS = 2
_DAYS = 365


def earliest(since: Version) -> Version:
    """The first version that may remove what *since* deprecated: a major, before 1.0 the minor after two more."""
    return Version(f"{since.major + 1}.0") if since.major else Version(f"0.{since.minor + _MINORS + 1}")


def problems_of_registry(registry: Mapping[str, Facts]) -> Iterator[str]:
    """Periods that are shorter than promised."""
    for symbol, one in registry.items():
        soonest = earliest(Version(one["since"]))
        if Version(one["not_before"]) < soonest:
            yield f"{symbol}, deprecated since {one['since']}, goes in {one['not_before']}: not before {soonest}"
        datetime.date.fromisoformat(one["announced"])


def removed_too_early(baseline: Surface, now: Surface, version: Version, today: datetime.date) -> Iterator[str]:
    """What was deprecated in the baseline, is gone, and should not be yet; no waiver helps."""
    for symbol, one in baseline["deprecations"].items():
        if symbol in now["deprecations"] or is_there(symbol, now):
            continue
        last_day = datetime.date.fromisoformat(one["announced"]) + datetime.timedelta(days=_DAYS)
        # A development version of the one that may remove it is already without.
        if Version(version.base_version) < Version(one["not_before"]):
            yield f"{symbol} is gone in {version}: it was promised until {one['not_before']}"
        elif today < last_day:
            yield f"{symbol} is gone on {today}: it was promised until {last_day}, twelve months after {one['since']}"


def is_there(symbol: str, surface: Surface) -> bool:
    """Is it still public, deprecated or not?"""
    path, _, parameter = symbol.rstrip(")").partition("(")
    owner, _, member = path.rpartition(".")
    facts = surface["symbols"].get(path)
    if facts is None:
        facts = surface["symbols"].get(owner, {}).get("members", {}).get(member)
    if facts is None or not parameter:
        return facts is not None
    signature = facts.get("signature") or facts.get("construct") or {"parameters": []}
    return any(one["name"] == parameter for one in signature["parameters"])
