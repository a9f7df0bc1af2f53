"""Functions and methods of before and now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .comparison import Comparison, deprecation, grew, same_value
from .functions import Facts
from .type_relation import Relation

_WAYS = {
    "positional": {"position"},
    "either": {"position", "name"},
    "keyword": {"name"},
    "*": {"more positions"},
    "**": {"more names"},
}
_POSITIONAL = ("positional", "either")


def compare_function(
    comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str], *, implemented: bool = False
) -> None:
    """*implemented*: users write it and the package calls it."""
    deprecation(comparison, symbol, old, new, users)
    new = _with_variables_of(old, new)
    for fact, rule, before, after in (
        ("async", "async-changed", "async", "not async"),
        ("context_manager", "context-manager-changed", "a context manager", "no context manager"),
    ):
        if old[fact] != new[fact]:
            comparison.add(rule, symbol, *((before, after) if old[fact] else (after, before)), users)
            return
    if old.get("how") != new.get("how"):
        comparison.add("binding-changed", symbol, f"{old.get('how')} method", f"{new.get('how')} method", users)
        return
    if old.get("final", False) != new.get("final", False):
        rule = "final-added" if new.get("final") else "final-removed"
        comparison.add(rule, symbol, *_words("final", was=old.get("final", False)), users)
    new = _as_called_before(comparison, old, new)
    if sorted(old.get("type_variables", {}).values()) != sorted(new.get("type_variables", {}).values()):
        comparison.add("type-variable-changed", symbol, _variables(old), _variables(new), users)
        return
    if "overloads" in old:
        _compare_overloads(comparison, symbol, old, new, users)
        return
    compare_signature(comparison, symbol, old["signature"], new["signature"], users, implemented=implemented)
    if "overloads" in new:
        comparison.add("overload-added", symbol, "one signature", f"{len(new['overloads'])} overloads", users)


def _words(word: str, *, was: bool) -> tuple[str, str]:
    return (word, f"not {word}") if was else (f"not {word}", word)


def _variables(facts: Facts) -> str:
    return (
        ", ".join(f"{name}: {text or 'anything'}" for name, text in facts.get("type_variables", {}).items()) or "none"
    )


def _with_variables_of(old: Facts, new: Facts) -> Facts:
    """*new* with its type variables called as in *old*, where one was renamed."""
    before, now = old.get("type_variables", {}), new.get("type_variables", {})
    gone, come = sorted(before.keys() - now.keys()), sorted(now.keys() - before.keys())
    if len(gone) != 1 or len(come) != 1:
        return new
    renamed: Facts = _renamed(new, re.compile(rf"(?<![\w.]){come[0]}(?![\w.])"), gone[0])
    return renamed


def _as_called_before(comparison: Comparison, old: Facts, new: Facts) -> Facts:
    """*new*, where it became generic: each variable as what calls of before give for it."""
    variables: dict[str, str] = new.get("type_variables", {})
    if old.get("type_variables") or not variables or "overloads" in old or "overloads" in new:
        return new
    given = dict(_pairs(old["signature"]["parameters"], new["signature"]["parameters"]))
    for one in old["signature"]["parameters"]:
        name = given.get(one["name"], {}).get("type", "")
        bound = variables.get(name, "not a variable").removeprefix("bound=") or "object"
        if name in variables and comparison.relation(one["type"], bound) in (Relation.SAME, Relation.WIDER):
            new = _renamed(new, re.compile(rf"(?<![\w.]){name}(?![\w.])"), one["type"])
    left = {name: text for name, text in variables.items() if name in new["type_variables"]}
    return {**new, "type_variables": left}


def _renamed(value: Any, name: re.Pattern[str], to: str) -> Any:
    if isinstance(value, str):
        return name.sub(to, value)
    if isinstance(value, list):
        return [_renamed(one, name, to) for one in value]
    if isinstance(value, dict):
        return {name.sub(to, key): _renamed(one, name, to) for key, one in value.items()}
    return value


def _compare_overloads(comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str]) -> None:
    now = new.get("overloads", [new["signature"]])
    for one in old["overloads"]:
        if not any(_serves(comparison, one, other) for other in now):
            comparison.add("overload-removed", symbol, signature_text(one), "no such overload", users)
    for other in now:
        if not any(_serves(comparison, other, one) for one in old["overloads"]):
            comparison.add("overload-added", symbol, "no such overload", signature_text(other), users)


def _serves(comparison: Comparison, old: Facts, new: Facts) -> bool:
    """Can whoever called *old* call *new*?"""
    trial = Comparison(bases=comparison.bases)
    compare_signature(trial, "", old, new, ())
    return not any(one.level.name == "MAJOR" for one in trial.findings)


def signature_text(signature: Facts) -> str:
    """As it would be written."""
    parameters = []
    for one in signature["parameters"]:
        default = f" = {one['default']}" if "default" in one else ""
        stars = one["kind"] if one["kind"] in ("*", "**") else ""
        parameters.append(f"{stars}{one['name']}: {one['type']}{default}")
    return f"({', '.join(parameters)}) -> {signature['returns']}"


def compare_signature(
    comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str], *, implemented: bool = False
) -> None:
    """Each parameter, and what is returned."""
    before, after = old["parameters"], new["parameters"]
    pairs = dict(_pairs(before, after))
    _compare_places(comparison, symbol, before, after, pairs, users)
    for one in before:
        where = f"{symbol}({one['name']})"
        other = pairs.get(one["name"])
        if other is None:
            comparison.add("parameter-removed", where, _parameter_text(one), "no such parameter", users)
        else:
            _compare_parameter(comparison, where, one, other, users, implemented=implemented)
    matched = {one["name"] for one in pairs.values()}
    for one in after:
        if one["name"] not in matched:
            comparison.add(
                _added(one, implemented=implemented),
                f"{symbol}({one['name']})",
                "no such parameter",
                _parameter_text(one),
                users,
            )
    _compare_returns(comparison, symbol, old["returns"], new["returns"], users, implemented=implemented)


def _added(parameter: Facts, *, implemented: bool) -> str:
    if implemented:
        return "hook-parameter-added"
    optional = "default" in parameter or parameter["kind"] in ("*", "**")
    return "parameter-added" if optional else "parameter-added-required"


def _parameter_text(parameter: Facts) -> str:
    default = f" = {parameter['default']}" if "default" in parameter else ""
    return f"{parameter['name']}: {parameter['type']}{default}"


def _pairs(before: Sequence[Facts], after: Sequence[Facts]) -> Iterator[tuple[str, Facts]]:
    """The name of each parameter of before, with what it is now."""
    names = {one["name"]: one for one in after if one["kind"] not in ("*", "**")}
    kinds = {one["kind"]: one for one in after if one["kind"] in ("*", "**")}
    old_names = {one["name"] for one in before}
    old_places, new_places = _positional(before), _positional(after)
    for one in before:
        if one["kind"] in ("*", "**"):
            if one["kind"] in kinds:
                yield one["name"], kinds[one["kind"]]
        elif one["name"] in names:
            yield one["name"], names[one["name"]]
        elif one["name"] in old_places:
            place = old_places.index(one["name"])
            # In its place stands one that is new: it was renamed.
            if place < len(new_places) and new_places[place] not in old_names:
                yield one["name"], names[new_places[place]]


def _positional(parameters: Sequence[Facts]) -> list[str]:
    return [one["name"] for one in parameters if one["kind"] in _POSITIONAL]


def _compare_places(
    comparison: Comparison,
    symbol: str,
    before: Sequence[Facts],
    after: Sequence[Facts],
    pairs: Mapping[str, Facts],
    users: Sequence[str],
) -> None:
    old, new = _positional(before), _positional(after)
    removed = 0
    for place, name in enumerate(old):
        now = pairs.get(name)
        if now is None:
            removed += 1
        elif now["name"] in new and new.index(now["name"]) != place - removed:
            comparison.add(
                "parameter-moved",
                f"{symbol}({name})",
                f"number {place + 1}",
                f"number {new.index(now['name']) + 1}",
                users,
            )
    rest = next((one for one in before if one["kind"] == "*"), None)
    if rest is not None and len(new) > len(old):
        comparison.add(
            "parameter-moved",
            f"{symbol}(*{rest['name']})",
            f"from number {len(old) + 1}",
            f"from number {len(new) + 1}",
            users,
        )


def _compare_parameter(
    comparison: Comparison, where: str, old: Facts, new: Facts, users: Sequence[str], *, implemented: bool
) -> None:
    if old["name"] != new["name"] and old["kind"] not in ("*", "**"):
        silent = old["kind"] == "positional"
        comparison.add(
            "parameter-renamed-positional" if silent else "parameter-renamed", where, old["name"], new["name"], users
        )
    ways, now = _WAYS[old["kind"]], _WAYS[new["kind"]]
    if ways - now:
        comparison.add("parameter-kind-narrowed", where, _by(ways), _by(now), users)
    elif now - ways:
        comparison.add("parameter-kind-widened", where, _by(ways), _by(now), users)
    _compare_defaults(comparison, where, old, new, users, implemented=implemented)
    related = comparison.relation(old["type"], new["type"])
    if related is Relation.SAME:
        return
    if implemented:
        rules = {
            Relation.WIDER: "hook-parameter-widened",
            Relation.NARROWER: "hook-widened",
            Relation.UNRELATED: "hook-parameter-widened",
        }
    else:
        rules = {
            Relation.WIDER: "parameter-type-widened",
            Relation.NARROWER: "parameter-type-narrowed",
            Relation.UNRELATED: "parameter-type-narrowed",
        }
    comparison.add(rules[related], where, old["type"], new["type"], users)


def _by(ways: set[str]) -> str:
    return f"by {' or '.join(sorted(ways, reverse=True))}"


def _compare_defaults(
    comparison: Comparison, where: str, old: Facts, new: Facts, users: Sequence[str], *, implemented: bool
) -> None:
    if "default" not in old and "default" not in new:
        return
    if "default" not in new:
        if old["kind"] not in ("*", "**"):
            comparison.add("parameter-became-required", where, f"= {old['default']}", "no default", users)
    elif "default" not in old:
        rule = "hook-parameter-added" if implemented else "parameter-became-optional"
        comparison.add(rule, where, "no default", f"= {new['default']}", users)
    elif not same_value(old["default"], new["default"]):
        rule = "items-added" if grew(old["default"], new["default"]) else "default-changed"
        comparison.add(rule, where, f"= {old['default']}", f"= {new['default']}", users)


def _compare_returns(
    comparison: Comparison, symbol: str, before: str, now: str, users: Sequence[str], *, implemented: bool
) -> None:
    related = comparison.relation(before, now)
    if related is Relation.SAME:
        return
    if implemented:
        rule = "hook-widened" if related is Relation.WIDER else "hook-return-narrowed"
    elif before == "None" and not symbol.endswith("exit__"):
        rule = "return-narrowed"  # nobody uses a None, but that of __exit__ says that errors pass
    else:
        rule = {
            Relation.WIDER: "return-widened",
            Relation.NARROWER: "return-narrowed",
            Relation.UNRELATED: "return-changed",
        }[related]
    comparison.add(rule, f"{symbol}() ->", before, now, users)
