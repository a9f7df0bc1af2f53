"""What is promised beside Python names, of before and now: catalogue, stored data, command, drivers, distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .comparison import Comparison
from .functions import Facts

#: Fact of a field of the catalogue -> the rule for its change.
_CATALOGUE = {
    "unit": "catalogue-unit",
    "kind": "catalogue-kind",
    "meaning": "catalogue-meaning",
    "group": "catalogue-group",
    "since": "catalogue-since",
    "numeric": "catalogue-number",
    "required": "catalogue-required",
}


def compare_catalogue(comparison: Comparison, old: Facts, new: Facts) -> None:
    """Fields by path."""
    for path, field in old.items():
        if path not in new:
            comparison.add(
                "catalogue-removed", path, f"{field['kind']}, {field['unit']}: {field['meaning']}", "no such field"
            )
            continue
        for fact, rule in _CATALOGUE.items():
            before, now = field[fact], new[path][fact]
            if before != now and not (fact == "meaning" and _same_words(before, now)):
                comparison.add(rule, path, before, now)
    for path in sorted(new.keys() - old.keys()):
        field = new[path]
        comparison.add(
            "catalogue-added", path, "no such field", f"{field['kind']}, {field['unit']}: {field['meaning']}"
        )


def _same_words(before: str, now: str) -> bool:
    """Do they differ in nothing but case, spaces and punctuation?"""
    words = ("".join(one if one.isalnum() else " " for one in text).lower().split() for text in (before, now))
    return next(words) == next(words)


def compare_stored(comparison: Comparison, old: Facts, new: Facts) -> None:
    """What is stored, record by record."""
    before, now = _kinds(old), _kinds(new)
    for kind in sorted(before - now):
        comparison.add("schema-kind-removed", f"stored {kind}", "a kind of document", "no such kind")
    for kind in sorted(now - before):
        comparison.add("schema-kind-added", f"stored {kind}", "no such kind", "a kind of document")
    for name, record in old["$defs"].items():
        if name in new["$defs"]:
            _compare_record(comparison, f"stored {name}", record, new["$defs"][name])


def _kinds(stored: Facts) -> set[str]:
    return {str(one["properties"]["kind"]["const"]) for one in stored["oneOf"]}


def _compare_record(comparison: Comparison, symbol: str, old: Facts, new: Facts) -> None:
    before, now = old["properties"], new["properties"]
    needed_before, needed_now = set(old["needed"]), set(new["needed"])
    for name, kind in before.items():
        where = f"{symbol}.{name}"
        if name not in now:
            comparison.add("schema-property-removed", where, _text(kind), "no such property")
            continue
        _compare_kinds(comparison, where, kind, now[name])
        if name in needed_now and name not in needed_before:
            comparison.add("schema-property-required", where, "may be missing", "needed")
        if name in old["required"] and name not in new["required"]:
            comparison.add("schema-property-optional", where, "in every document", "may be missing")
    for name in sorted(now.keys() - before.keys()):
        rule = "schema-property-required" if name in needed_now else "schema-property-added"
        comparison.add(rule, f"{symbol}.{name}", "no such property", _text(now[name]))


def _compare_kinds(comparison: Comparison, where: str, old: Facts, new: Facts) -> None:
    if {**old, "examples": ()} != {**new, "examples": ()}:
        comparison.add("schema-type-changed", where, _text(old), _text(new))
        return
    before, now = set(old.get("examples", ())), set(new.get("examples", ()))
    for word in sorted(before - now):
        comparison.add("schema-value-removed", where, repr(word), "not known")
    for word in sorted(now - before):
        comparison.add("schema-value-added", where, "not known", repr(word))


def _text(kind: Facts) -> str:
    if "$ref" in kind:
        return str(kind["$ref"]).rpartition("/")[2]
    return " ".join(str(kind[key]) for key in ("type", "format") if key in kind)


def compare_command(comparison: Comparison, old: Facts, new: Facts) -> None:
    """Commands, options, exit codes."""
    for path, command in old["commands"].items():
        if path not in new["commands"]:
            comparison.add("command-removed", path, "a command", "no such command")
            continue
        _compare_parameters(comparison, path, command["parameters"], new["commands"][path]["parameters"])
    for path in sorted(new["commands"].keys() - old["commands"].keys()):
        comparison.add("command-added", path, "no such command", "a command")
    before, now = old["exit_codes"], new["exit_codes"]
    for name, number in before.items():
        if now.get(name) != number:
            comparison.add("exit-code-changed", f"exit code {name}", number, now.get(name, "no such exit code"))
    for name in sorted(now.keys() - before.keys()):
        comparison.add("exit-code-added", f"exit code {name}", "no such exit code", now[name])


def _compare_parameters(comparison: Comparison, path: str, old: Facts, new: Facts) -> None:
    new = _labelled_as_before(old, new)
    for label, parameter in old.items():
        where = f"{path} {label}"
        if label not in new:
            comparison.add("command-parameter-removed", where, parameter["kind"], "gone")
            continue
        _compare_parameter(comparison, where, parameter, new[label])
    for label in sorted(new.keys() - old.keys()):
        rule = "command-parameter-required" if new[label]["required"] else "command-parameter-added"
        comparison.add(rule, f"{path} {label}", "no such parameter", new[label]["kind"])


def _labelled_as_before(old: Facts, new: Facts) -> Facts:
    """*new*, where an option that got a longer spelling goes by its old one."""
    by_spelling = {one: label for label, facts in old.items() for one in facts.get("spellings", ())}
    labels = {
        label: next((by_spelling[one] for one in facts.get("spellings", ()) if one in by_spelling), label)
        for label, facts in new.items()
        if label not in old
    }
    return {label if labels.get(label, label) in new else labels.get(label, label): new[label] for label in new}


def _compare_parameter(comparison: Comparison, where: str, old: Facts, new: Facts) -> None:
    before, now = set(old.get("spellings", ())), set(new.get("spellings", ()))
    for spelling in sorted(before - now):
        comparison.add("command-parameter-removed", where, spelling, "no such spelling")
    for spelling in sorted(now - before):
        comparison.add("command-parameter-added", where, "no such spelling", spelling)
    if old["required"] != new["required"]:
        rule = "command-parameter-required" if new["required"] else "command-parameter-optional"
        comparison.add(rule, where, *_needed(old["required"]))
    lost = old["repeatable"] and not new["repeatable"]
    if (
        (old["kind"], old.get("flag")) != (new["kind"], new.get("flag"))
        or lost
        or old["environment"] != new["environment"]
    ):
        comparison.add("command-parameter-changed", where, _shape(old), _shape(new))
    elif new["repeatable"] and not old["repeatable"]:
        comparison.add("command-parameter-optional", where, "given once", "may be repeated")
    if old.get("default") != new.get("default"):
        comparison.add("command-default-changed", where, old.get("default"), new.get("default"))
    if old.get("position") != new.get("position"):
        comparison.add(
            "command-argument-moved", where, f"number {old.get('position')}", f"number {new.get('position')}"
        )
    _compare_types(comparison, where, old["type"], new["type"])


def _needed(before: bool) -> tuple[str, str]:
    return ("needed", "may be left out") if before else ("may be left out", "needed")


def _shape(parameter: Facts) -> str:
    flag = "a flag" if parameter.get("flag") else "takes a value"
    times = "repeatable" if parameter["repeatable"] else "once"
    return f"{parameter['kind']}, {flag}, {times}, environment: {parameter['environment']}"


def _compare_types(comparison: Comparison, where: str, old: Facts, new: Facts) -> None:
    if old == new:
        return
    if "choices" in old and "choices" in new:
        wider = set(old["choices"]) < set(new["choices"])
    else:
        wider = new["name"] == "text" or (old["name"] == new["name"] and _looser(old, new))
    comparison.add("command-type-widened" if wider else "command-type-changed", where, old, new)


def _looser(old: Facts, new: Facts) -> bool:
    low = "min" not in new or ("min" in old and new["min"] <= old["min"])
    return low and ("max" not in new or ("max" in old and new["max"] >= old["max"]))


def compare_drivers(comparison: Comparison, old: Mapping[str, Facts], new: Mapping[str, Facts]) -> None:
    """The built-in drivers and their options."""
    for name, options in old.items():
        if name not in new:
            comparison.add("driver-removed", f"driver {name}", "built in", "gone")
            continue
        for option, facts in options.items():
            now = new[name].get(option, "no such option")
            if now != facts and not _more_words(facts, now):
                comparison.add("driver-option-changed", f"driver {name}, option {option}", facts, now)
        for option in sorted(new[name].keys() - options.keys()):
            comparison.add(
                "driver-option-added", f"driver {name}, option {option}", "no such option", new[name][option]
            )
    for name in sorted(new.keys() - old.keys()):
        comparison.add("driver-added", f"driver {name}", "no such driver", "built in")


def _more_words(old: Facts, new: Any) -> bool:
    return (
        isinstance(new, dict)
        and old["default"] == new["default"]
        and "|" in old["type"]
        and set(old["type"].split("|")) < set(new["type"].split("|"))
    )


def compare_distribution(comparison: Comparison, old: Facts, new: Facts) -> None:
    """What installers and other distributions see."""
    if old["python"] != new["python"]:
        comparison.add("python-range-changed", "requires-python", old["python"], new["python"])
    for extra, needed in old["extras"].items():
        if extra not in new["extras"]:
            comparison.add("extra-removed", f"extra {extra}", ", ".join(needed), "no such extra")
            continue
        _compare_needs(comparison, extra, needed, new["extras"][extra])
    for extra in sorted(new["extras"].keys() - old["extras"].keys()):
        comparison.add("extra-added", f"extra {extra}", "no such extra", ", ".join(new["extras"][extra]))
    for cap in sorted(set(new["caps"]) - set(old["caps"])):
        comparison.add("dependency-capped", "dependencies", "no upper bound", cap)
    for cap in sorted(set(old["caps"]) - set(new["caps"])):
        comparison.add("dependency-uncapped", "dependencies", cap, "no upper bound")
    for name in sorted(old["entry_points"].keys() - new["entry_points"].keys()):
        comparison.add("entry-point-removed", f"entry point {name}", old["entry_points"][name], "gone")
    for name in sorted(new["entry_points"].keys() - old["entry_points"].keys()):
        comparison.add("entry-point-added", f"entry point {name}", "no such entry point", new["entry_points"][name])


def _compare_needs(comparison: Comparison, extra: str, old: Sequence[str], new: Sequence[str]) -> None:
    where = f"extra {extra}" if extra else "the core"
    for name in sorted(set(new) - set(old)):
        comparison.add("dependency-added", where, ", ".join(old) or "needs nothing", name)
    for name in sorted(set(old) - set(new)):
        comparison.add("dependency-removed", where, name, ", ".join(new) or "needs nothing")


def compare_numbers(comparison: Comparison, old: Facts, new: Facts) -> None:
    """DRIVER_API, SCHEMA, and the entry-point group that carries the former."""
    for fact, name, up, down in (
        ("driver_api", "DRIVER_API", "driver-api-raised", "driver-api-lowered"),
        ("schema", "SCHEMA", "schema-raised", "schema-lowered"),
    ):
        if old[fact] != new[fact]:
            comparison.add(up if new[fact] > old[fact] else down, name, old[fact], new[fact])
    if old["driver_entry_points"] != new["driver_entry_points"]:
        comparison.add(
            "driver-entry-point-changed",
            "drivers by entry point",
            old["driver_entry_points"],
            new["driver_entry_points"],
        )
