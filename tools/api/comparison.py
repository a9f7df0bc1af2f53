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
    #: The public symbols of before, and of now.
    symbols: tuple[Facts, Facts] = field(default_factory=lambda: (Facts(), Facts()))
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

    def within(self, symbol: str) -> Comparison:
        """The same where a class speaks of itself: its Self is it, or a subclass."""
        own = {"typing.Self": (symbol, *self.bases.get(symbol, ()))}
        return Comparison({**self.bases, **own}, self.symbols, self.findings)

    def is_hook(self, base: str, name: str, before: Facts, now: Facts | None) -> bool:
        """Is a member just what the class has from *base*, which users implement, before and now?"""
        had, has = (facts.get(base, {}) for facts in self.symbols)
        if had.get("role") != "implemented":
            return False
        return bool(had["members"].get(name) == before and has.get("members", {}).get(name) == now)

    def relation(self, before: str, now: str) -> Relation:
        """How the type of now relates to that of before."""
        return relation(before, now, self.bases)


Sink = Callable[[str, str, str], None]


def grew(before: str, now: str) -> bool:
    """Is *now* the collection *before* and more?"""
    old, new = _ITEMS.fullmatch(before), _ITEMS.fullmatch(now)
    return bool(old and new and set(old[1].split(", ")) < set(new[1].split(", ")))


#: What says in words why a value is absent.
_FOR_PEOPLE = "detail"


def same_value(before: str, now: str) -> bool:
    """Are two spelled values equal? A record that has a field more, or its fields in another order, is as it was."""
    if before == now:
        return True
    try:
        old, new = (ast.parse(value, mode="eval").body for value in (before, now))
    except SyntaxError:
        return False
    return _same(old, new)


def _same(old: ast.expr, new: ast.expr) -> bool:
    if isinstance(old, ast.Call) and isinstance(new, ast.Call) and old.keywords:
        # That the record has the field is another finding.
        given = {one.arg: one.value for one in new.keywords}
        fields = ((one.value, given.get(one.arg)) for one in old.keywords if one.arg != _FOR_PEOPLE)
        return ast.dump(old.func) == ast.dump(new.func) and all(now and _same(value, now) for value, now in fields)
    if isinstance(old, ast.Call) and isinstance(new, ast.Call) and len(old.args) == len(new.args) == 1:
        return ast.dump(old.func) == ast.dump(new.func) and _same(old.args[0], new.args[0])
    if isinstance(old, ast.Dict) and isinstance(new, ast.Dict):
        entries = {ast.dump(key): value for key, value in zip(new.keys, new.values, strict=True) if key}
        pairs = ((value, entries.get(ast.dump(key))) for key, value in zip(old.keys, old.values, strict=True) if key)
        return all(now and _same(value, now) for value, now in pairs)
    if isinstance(old, ast.Tuple) and isinstance(new, ast.Tuple) and len(old.elts) == len(new.elts):
        return all(map(_same, old.elts, new.elts))
    numbers = [_number(one) for one in (old, new)]
    if None not in numbers:
        return numbers[0] == numbers[1]  # 10 is 10.0
    return ast.dump(old) == ast.dump(new)


def _number(tree: ast.expr) -> int | float | None:
    try:
        value = ast.literal_eval(tree)
    except ValueError:
        return None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


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
