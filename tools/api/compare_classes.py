"""Classes of before and now: what they are, how they are made, and each member."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from .compare_functions import compare_function, compare_signature, signature_text
from .comparison import Comparison, deprecation, same_value, shown
from .functions import Facts
from .type_relation import Relation

_CLASS_VARIABLE = re.compile(r"typing\.(ClassVar|Final)\[(.*)\]")
_FINAL = "typing.Final["
_SELF = re.compile(r"typing\.Self\b")
_LENGTHS = ("__len__", "__bool__")
_HAVE_LENGTH = frozenset({"collections.abc.Sized", "tuple", "str", "int", "list", "dict", "frozenset", "set", "bytes"})


def compare_class(comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str]) -> None:
    """Everything but where it can be imported from."""
    comparison = comparison.within(symbol)
    if old["final"] and new["final"]:
        old, new = _by_name(old, symbol), _by_name(new, symbol)
    deprecation(comparison, symbol, old, new, users)
    _compare_bases(comparison, symbol, old, new, users)
    _compare_abilities(comparison, symbol, old, new, users)
    _compare_form(comparison, symbol, old, new, users)
    _compare_construct(comparison, symbol, old, new, users)
    ways = {"subclassing": "__init_subclass__"}
    if old["role"] == new["role"] == "implemented":
        ways["initialised"] = "__init__"
    for way, name in ways.items():
        compare_signature(comparison, f"{symbol}.{name}", _asked_of(old, way), _asked_of(new, way), users)
    _compare_abstract(comparison, symbol, old, new)
    _compare_members(comparison, symbol, old, new, users)


def _by_name(facts: Facts, symbol: str) -> Facts:
    """What has no subclasses may call itself Self or by its name."""
    named: Facts = json.loads(_SELF.sub(symbol, json.dumps(facts)))
    return named


def _asked_of(facts: Facts, way: str) -> Facts:
    """What a subclass has to give where it is declared, or made: nothing, where the class has no say in it."""
    found: Facts = facts.get(way, {"parameters": [], "returns": "None"})
    return found


def _compare_bases(comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str]) -> None:
    before, now = old["bases"], new["bases"]
    for base in before:
        if base not in now:
            comparison.add("base-removed", symbol, f"has the base {base}", f"bases: {', '.join(now) or 'none'}", users)
    for base in now:
        if base not in before:
            comparison.add("base-added", symbol, f"bases: {', '.join(before) or 'none'}", f"has the base {base}", users)
    if sorted(before) == sorted(now) and before != now:
        comparison.add("bases-reordered", symbol, ", ".join(before), ", ".join(now), users)
    if old["metaclass"] != new["metaclass"] and not set(before) ^ set(now):
        comparison.add("metaclass-changed", symbol, old["metaclass"], new["metaclass"], users)


def _compare_abilities(comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str]) -> None:
    if old["final"] != new["final"]:
        rule = "final-added" if new["final"] else "final-removed"
        comparison.add(rule, symbol, *_words("final", was=old["final"]), users)
    if "text" in old and "text" in new and old["text"] != new["text"]:
        comparison.add("text-changed", symbol, ", ".join(old["text"]), ", ".join(new["text"]), users)
    if old["equality"] != new["equality"]:
        comparison.add("equality-changed", symbol, f"by {old['equality']}", f"by {new['equality']}", users)
    if old["hash"] != new["hash"]:
        rule = "hash-added" if old["hash"] == "none" else "hash-changed"
        comparison.add(rule, symbol, f"hash: {old['hash']}", f"hash: {new['hash']}", users)
    if old["has_dict"] != new["has_dict"]:
        words = ("has no __dict__", "has a __dict__")
        comparison.add("slots-changed", symbol, words[old["has_dict"]], words[new["has_dict"]], users)
    elif old["weakly_referable"] != new["weakly_referable"]:
        rule = "weak-reference-removed" if old["weakly_referable"] else "weak-reference-added"
        comparison.add(rule, symbol, *_words("weakly referable", was=old["weakly_referable"]), users)
    if old.get("type_parameters", []) != new.get("type_parameters", []) and not _only_renamed(old, new):
        before, now = old.get("type_parameters", []), new.get("type_parameters", [])
        comparison.add("type-variable-changed", symbol, before, now, users)
    before, now = old.get("match_args", []), new.get("match_args", [])
    if before != now:
        rule = "match-arguments-added" if now[: len(before)] == before else "match-arguments-changed"
        comparison.add(rule, symbol, before, now, users)


def _only_renamed(old: Facts, new: Facts) -> bool:
    before, now = ([one.partition(":")[2] for one in facts.get("type_parameters", [])] for facts in (old, new))
    return before == now


def _words(word: str, *, was: bool) -> tuple[str, str]:
    return (word, f"not {word}") if was else (f"not {word}", word)


def _compare_form(comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str]) -> None:
    before, now = old.get("dataclass"), new.get("dataclass")
    if before is not None and now is not None:
        if before["frozen"] != now["frozen"]:
            comparison.add("frozen-changed", symbol, *_words("frozen", was=before["frozen"]), users)
        if before["order"] != now["order"]:
            rule = "ordering-removed" if before["order"] else "ordering-added"
            comparison.add(rule, symbol, *_words("ordered", was=before["order"]), users)
        if before["slots"] != now["slots"] and old["has_dict"] == new["has_dict"]:
            comparison.add("slots-changed", symbol, *_words("slotted", was=before["slots"]), users)
    elif before is not None:
        comparison.add("kind-changed", symbol, "a dataclass", "no dataclass", users)
    _compare_enum(comparison, symbol, old.get("enum", {}), new.get("enum", {}), users)
    _compare_keys(comparison, symbol, old.get("typed_dict", {}), new.get("typed_dict", {}), users)
    if old.get("named_tuple") != new.get("named_tuple"):
        comparison.add("tuple-fields-changed", symbol, old.get("named_tuple"), new.get("named_tuple"), users)


def _compare_enum(comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str]) -> None:
    for name, value in old.items():
        if name not in new:
            comparison.add("enum-member-removed", f"{symbol}.{name}", value, "no such member", users)
        elif new[name] != value:
            comparison.add("enum-value-changed", f"{symbol}.{name}", value, new[name], users)
    for name in new.keys() - old.keys():
        comparison.add("enum-member-added", f"{symbol}.{name}", "no such member", new[name], users)


def _compare_keys(comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str]) -> None:
    for name, key in old.items():
        where = f"{symbol}[{name!r}]"
        if name not in new:
            comparison.add("key-removed", where, key["type"], "no such key", users)
            continue
        if comparison.relation(key["type"], new[name]["type"]) is not Relation.SAME:
            comparison.add("key-type-changed", where, key["type"], new[name]["type"], users)
        if key["required"] != new[name]["required"]:
            comparison.add("key-requirement-changed", where, *_words("required", was=key["required"]), users)
    for name in new.keys() - old.keys():
        rule = "key-added-required" if new[name]["required"] else "key-added"
        comparison.add(rule, f"{symbol}[{name!r}]", "no such key", new[name]["type"], users)


def _compare_construct(comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str]) -> None:
    before, now = old.get("construct"), new.get("construct")
    if old["role"] == new["role"] == "called" and new["abstract"] and not old["abstract"]:
        now = None
    if before is None and now is None:
        return
    if now is None:
        assert before is not None
        comparison.add("constructor-removed", symbol, signature_text(before), "not to be constructed", users)
        return
    if before is None:
        if old["role"] == "called":
            comparison.add("constructor-added", symbol, "not to be constructed", signature_text(now), users)
        return
    compare_signature(comparison, symbol, before, now, users)
    by_name = [[one["name"] for one in facts["parameters"] if one["kind"] == "keyword"] for facts in (before, now)]
    common = [[name for name in names if name in by_name[0] and name in by_name[1]] for names in by_name]
    if "dataclass" in old and common[0] != common[1]:
        comparison.add("fields-reordered", symbol, ", ".join(common[0]), ", ".join(common[1]), users)


def _compare_abstract(comparison: Comparison, symbol: str, old: Facts, new: Facts) -> None:
    before, now = set(old["abstract"]), set(new["abstract"])
    if new.get("protocol") and old.get("protocol"):
        before, now = set(old["members"]), set(new["members"])
        for name in sorted(now - before):
            comparison.add("abstract-added", f"{symbol}.{name}", "no such member", "a member of the protocol")
        return
    for name in sorted(now - before):
        comparison.add(
            "abstract-added",
            f"{symbol}.{name}",
            "not abstract" if name in old["members"] else "no such hook",
            "abstract",
        )
    for name in sorted(before & set(new["members"]) - now):
        comparison.add("abstract-removed", f"{symbol}.{name}", "abstract", "not abstract", ("driver author",))


def _compare_members(comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str]) -> None:
    implemented = old["role"] == "implemented"
    before, now = old["members"], new["members"]
    for name, member in before.items():
        where = f"{symbol}.{name}"
        if any(comparison.is_hook(base, name, member, now.get(name)) for base in old["bases"]):
            continue  # what is true of it is said there
        if name in now:
            _compare_member(comparison, where, member, now[name], users, implemented=implemented)
        else:
            comparison.add("member-removed", where, _member_text(member), "no such member", users)
    for name in sorted(now.keys() - before.keys()):
        if name in new["abstract"] or (implemented and new.get("protocol")):
            continue
        had_length = bool(set(_LENGTHS) & before.keys() or _HAVE_LENGTH & set(old["bases"]))
        rule = "truth-changed" if name in _LENGTHS and not had_length else "member-added"
        comparison.add(rule, f"{symbol}.{name}", "no such member", _member_text(now[name]), users)


def _member_text(member: Facts) -> str:
    return signature_text(member["signature"]) if member["kind"] == "function" else f"{member['kind']} {member['type']}"


def _compare_member(
    comparison: Comparison, where: str, old: Facts, new: Facts, users: Sequence[str], *, implemented: bool
) -> None:
    if (old["kind"] == "function") != (new["kind"] == "function"):
        comparison.add("binding-changed", where, _member_text(old), _member_text(new), users)
        return
    if old["kind"] == "function":
        compare_function(comparison, where, old, new, users, implemented=implemented)
        return
    if _CLASS_VARIABLE.fullmatch(old["type"]) and new["kind"] == "property":
        comparison.add("binding-changed", where, _member_text(old), _member_text(new), users)
        return
    deprecation(comparison, where, old, new, users)
    final = [facts["type"].startswith(_FINAL) for facts in (old, new)]
    if final[0] != final[1]:
        comparison.add("final-added" if final[1] else "final-removed", where, *_words("final", was=final[0]), users)
    _compare_attribute_types(comparison, where, old, new, users, implemented=implemented)
    if old["read_only"] != new["read_only"]:
        rule = "became-read-only" if new["read_only"] else "became-settable"
        # That a whole record is frozen or not is one finding, of the class.
        if not old["kind"] == new["kind"] == "field":
            comparison.add(rule, where, *_words("read-only", was=old["read_only"]), users)
    if "value" in old and "value" in new and not same_value(old["value"], new["value"]):
        comparison.add("attribute-value-changed", where, old["value"], new["value"], users)
    before, now = str(old.get("default", "")), str(new.get("default", ""))
    # Made anew for each record: the constructor shows no more than that.
    if before != now and before.endswith("()") and now.endswith("()"):
        comparison.add("default-changed", where, before, now, users)
    for flag in ("init", "compare"):
        before, now = old.get(flag, True), new.get(flag, True)
        if before != now:
            word = "in the constructor" if flag == "init" else "compared"
            comparison.add("field-excluded" if before else "field-included", where, *_words(word, was=before), users)


def _compare_attribute_types(
    comparison: Comparison, where: str, old: Facts, new: Facts, users: Sequence[str], *, implemented: bool
) -> None:
    before, now = (_CLASS_VARIABLE.sub(r"\2", facts["type"]) for facts in (old, new))
    related = comparison.relation(before, now)
    if related is Relation.SAME:
        return
    settable = not old["read_only"]
    if implemented:
        rule = "hook-widened" if related is Relation.WIDER else "attribute-type-narrowed"
    elif related is Relation.WIDER:
        rule = "attribute-type-widened"
    elif related is Relation.NARROWER:
        # A class variable may be set by subclasses, but what matters to callers is what they read.
        rule = "attribute-type-narrowed" if settable and old["type"] == before else "attribute-narrowed"
    else:
        rule = "attribute-type-changed"
    comparison.add(rule, where, shown(old["type"]), shown(new["type"]), users)
