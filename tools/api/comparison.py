"""What the comparing functions share: where findings go, and what is known of both surfaces."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .findings import Audience, Finding
from .functions import Facts
from .rules import RULES
from .type_relation import Relation, relation

_ITEMS = re.compile(r"frozenset\(\{(.*)\}\)")


@dataclass(slots=True)
class Comparison:
    """One comparison on its way."""

    #: The bases of each class, of before and now.
    bases: Mapping[str, Sequence[str]]
    findings: list[Finding] = field(default_factory=list[Finding])

    def add(self, rule: str, symbol: str, before: object, after: object, users: Sequence[str] = ()) -> None:
        """Note a finding; *users* are those that the symbol is for."""
        found = RULES[rule]
        audiences = found.audiences(tuple(Audience(one) for one in users) or (Audience.CALLER,))
        self.findings.append(
            Finding(
                rule=rule,
                level=found.level,
                audiences=audiences,
                symbol=symbol,
                before=str(before),
                after=str(after),
            )
        )

    def relation(self, before: str, now: str) -> Relation:
        """How the type of now relates to that of before."""
        return relation(before, now, self.bases)


Sink = Callable[[str, str, str], None]


def grew(before: str, now: str) -> bool:
    """Is *now* the collection *before* and more?"""
    old, new = _ITEMS.fullmatch(before), _ITEMS.fullmatch(now)
    return bool(old and new and set(old[1].split(", ")) < set(new[1].split(", ")))


def same_value(before: str, now: str) -> bool:
    """Do two spelled values differ in nothing but the order of a record's fields?"""
    return before == now or _in_order(before) == _in_order(now)


def _in_order(value: str) -> str:
    try:
        tree = ast.parse(value, mode="eval")
    except SyntaxError:
        return value
    for one in ast.walk(tree):
        if isinstance(one, ast.Call):
            one.keywords.sort(key=lambda keyword: keyword.arg or "")
    return ast.unparse(tree)


def deprecation(comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str]) -> None:
    """Whether a thing is deprecated."""
    before, after = old.get("deprecated"), new.get("deprecated")
    if before is None and after is not None:
        comparison.add("deprecated", symbol, "not deprecated", after, users)
    elif before != after:
        comparison.add("undeprecated", symbol, before, after or "not deprecated", users)


def shown(value: Any) -> str:
    """A fact in a report."""
    return value if isinstance(value, str) else repr(value)
