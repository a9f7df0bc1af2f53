"""What is promised beside Python names, of before and now: catalogue, stored data, command, drivers, distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .comparison import Comparison, same_value
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
            like = next((one for one in new.keys() - old.keys() if new[one]["meaning"] == field["meaning"]), None)
            now = f"no such field; {like} is new, and has its meaning" if like else "no such field"
            comparison.add("catalogue-removed", path, f"{field['kind']}, {field['unit']}: {field['meaning']}", now)
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
    before, now = set[str](), set[str]()
    if _without_words(old, before) != _without_words(new, now):
        comparison.add("schema-type-changed", where, _text(old), _text(new))
        return
    for word in sorted(before - now):
        comparison.add("schema-value-removed", where, repr(word), "not known")
    for word in sorted(now - before):
        comparison.add("schema-value-added", where, "not known", repr(word))


def _without_words(kind: Any, words: set[str]) -> Any:
    """*kind* without the words of its enums, at whatever depth; they go into *words*."""
    if isinstance(kind, list):
        return [_without_words(one, words) for one in kind]
    if not isinstance(kind, dict):
        return kind
    words.update(kind.get("examples", ()))
    return {key: _without_words(value, words) for key, value in kind.items() if key != "examples"}


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
        _compare_ways(comparison, path, command, new["commands"][path])
    for path in sorted(new["commands"].keys() - old["commands"].keys()):
        comparison.add("command-added", path, "no such command", "a command")
    before, now = old["exit_codes"], new["exit_codes"]
    renamed = {now[name] for name in now.keys() - before.keys()}
    for name, number in before.items():
        # Its name is for the package's own use: a script has the number.
        if now.get(name) != number and not (name not in now and number in renamed):
            comparison.add("exit-code-changed", f"exit code {name}", number, now.get(name, "no such exit code"))
    for name in sorted(now.keys() - before.keys()):
        if now[name] not in before.values():
            comparison.add("exit-code-added", f"exit code {name}", "no such exit code", now[name])
    before, now = old.get("exits_of", {}), new.get("exits_of", {})
    for error in sorted(before.keys() & now.keys()):
        if before[error] != now[error]:
            comparison.add("exit-code-changed", f"the command after {error}", before[error], now[error])


def _compare_ways(comparison: Comparison, path: str, old: Facts, new: Facts) -> None:
    """How help is asked for, and which environment is read."""
    before, now = set(old.get("help", ())), set(new.get("help", ()))
    for spelling in sorted(before - now):
        comparison.add("command-parameter-removed", f"{path} --help", spelling, "no such spelling")
    for spelling in sorted(now - before) if "help" in old else ():
        comparison.add("command-parameter-added", f"{path} --help", "no such spelling", spelling)
    if "environment" in old and old["environment"] != new["environment"]:
        rule = "command-parameter-changed" if old["environment"] else "command-parameter-added"
        comparison.add(rule, f"{path}, environment", *(one["environment"] or "not read" for one in (old, new)))


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
    had, has = set(old.get("spellings", ())), set(new.get("spellings", ()))
    for spelling in sorted(had - has):
        comparison.add("command-parameter-removed", where, spelling, "no such spelling")
    for spelling in sorted(has - had):
        comparison.add("command-parameter-added", where, "no such spelling", spelling)
    if old["required"] != new["required"]:
        rule = "command-parameter-required" if new["required"] else "command-parameter-optional"
        comparison.add(rule, where, *_needed(old["required"]))
    lost = old["repeatable"] and not new["repeatable"]
    # From one to any number is more than before, from one to two is something else.
    others = "values" in old and old["values"] != new["values"] != -1
    unread = old["environment"] is not None and old["environment"] != new["environment"]
    if (old["kind"], old.get("flag")) != (new["kind"], new.get("flag")) or lost or others or unread:
        comparison.add("command-parameter-changed", where, _shape(old), _shape(new))
    elif new["repeatable"] and not old["repeatable"]:
        comparison.add("command-parameter-optional", where, "given once", "may be repeated")
    elif old["environment"] != new["environment"]:
        comparison.add("command-parameter-added", where, "no environment", new["environment"])
    before, now = (str(facts.get("default")).strip("'") for facts in (old, new))
    # Either is read as text: 10 is '10'.
    if not same_value(before, now):
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
    values = f", {parameter['values']} values" if parameter.get("values", 1) > 1 else ""
    return f"{parameter['kind']}, {flag}{values}, {times}, environment: {parameter['environment']}"


def _compare_types(comparison: Comparison, where: str, old: Facts, new: Facts) -> None:
    if old == new:
        return
    if "choices" in old and "choices" in new:
        wider = set(old["choices"]) <= set(new["choices"]) and old.get("exact", True) >= new.get("exact", True)
    elif "accepts" in old and "accepts" in new:
        wider = old["accepts"].items() < new["accepts"].items()
    else:
        wider = new["name"] == "text" or _looser(old, new)
    comparison.add("command-type-widened" if wider else "command-type-changed", where, old, new)


def _looser(old: Facts, new: Facts) -> bool:
    if old["name"].removesuffix(" range") != new["name"].removesuffix(" range"):
        return (old["name"].removesuffix(" range"), new["name"]) == ("integer", "float")
    low = "min" not in new or ("min" in old and new["min"] <= old["min"])
    # Of a path: what it has to be is less, what it may be is more.
    needs = all(
        new.get(wish, False) <= old.get(wish, False) for wish in ("exists", "readable", "writable", "executable")
    )
    may = all(new.get(wish, True) >= old.get(wish, True) for wish in ("file_okay", "dir_okay", "allow_dash"))
    return low and needs and may and ("max" not in new or ("max" in old and new["max"] >= old["max"]))


def compare_drivers(comparison: Comparison, old: Mapping[str, Facts], new: Mapping[str, Facts]) -> None:
    """The built-in drivers and their options."""
    for name, options in old.items():
        if name not in new:
            comparison.add("driver-removed", f"driver {name}", "built in", "gone")
            continue
        for option, facts in options.items():
            now = new[name].get(option, "no such option")
            where = f"driver {name}, option {option}"
            if not _has_words(facts, now):
                comparison.add("driver-option-changed", where, facts, now)
            elif set(now["type"].split("|")) > set(facts["type"].split("|")):
                comparison.add("driver-option-added", where, facts["type"], now["type"])
        for option in sorted(new[name].keys() - options.keys()):
            comparison.add(
                "driver-option-added", f"driver {name}, option {option}", "no such option", new[name][option]
            )
    for name in sorted(new.keys() - old.keys()):
        comparison.add("driver-added", f"driver {name}", "no such driver", "built in")


def _has_words(old: Facts, new: Any) -> bool:
    """Is it what it was, but for more words that may be chosen, in whatever order?"""
    if not isinstance(new, dict) or old["default"] != new["default"]:
        return False
    before, now = (set(facts["type"].split("|")) for facts in (old, new))
    return before == now or (len(before) > 1 and before < now)


def compare_distribution(comparison: Comparison, old: Facts, new: Facts) -> None:
    """What installers and other distributions see."""
    if old.get("name") not in (None, new.get("name")):
        comparison.add("distribution-renamed", "pyproject.toml", old["name"], new["name"])
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


def compare_operator_options(comparison: Comparison, old: Facts, new: Facts) -> None:
    """What operators write into the configuration of the services that the bridges are plug-ins of."""
    for name, facts in old.items():
        now = new.get(name)
        if now is None:
            comparison.add("operator-option-removed", f"option {name}", facts["type"], "no such option")
        elif now != facts:
            wider = _more_allowed(facts, now)
            rule = "operator-option-widened" if wider else "operator-option-changed"
            comparison.add(rule, f"option {name}", _option_text(facts), _option_text(now))
    for name in sorted(new.keys() - old.keys()):
        # Nobody has set it yet: required, it stops every service that is running.
        rule = "operator-option-required" if new[name]["required"] else "operator-option-added"
        comparison.add(rule, f"option {name}", "no such option", _option_text(new[name]))


def _option_text(facts: Facts) -> str:
    return ", ".join(f"{key} {value}" for key, value in facts.items() if value not in (None, False))


def _more_allowed(old: Facts, new: Facts) -> bool:
    same = all(old[fact] == new[fact] for fact in ("type", "default"))
    low = _no_lower(new["min"], old["min"])
    high = all(_no_lower(old.get(fact), new.get(fact), none_first=False) for fact in ("max", "max_length"))
    words = new["choices"] is None or (old["choices"] is not None and set(old["choices"]) <= set(new["choices"]))
    pattern = new.get("regex") in (None, old.get("regex"))
    earlier = old.get("deprecated_name") in (None, new.get("deprecated_name"))
    return same and low and high and words and pattern and earlier and new["required"] <= old["required"]


def _no_lower(one: Any, other: Any, *, none_first: bool = True) -> bool:
    """Is *one* at most *other*? An edge that is not there is beyond any: below, or above if not *none_first*."""
    beyond, within = (one, other) if none_first else (other, one)
    return beyond is None or (within is not None and float(one) <= float(other))


def compare_metrics(comparison: Comparison, old: Facts, new: Facts) -> None:
    """What fields are called where they are exported to."""
    for name, facts in old.items():
        now = new.get(name)
        if now is None:
            comparison.add("metric-removed", f"metric {name}", _option_text(facts), "not exported")
        elif now != facts:
            labels = set(map(str, facts.get("labels", ()))) <= set(map(str, now.get("labels", ())))
            grown = labels and {**facts, "labels": ()} == {**now, "labels": ()}
            rule = "metric-widened" if grown else "metric-changed"
            comparison.add(rule, f"metric {name}", _option_text(facts), _option_text(now))
    for name in sorted(new.keys() - old.keys()):
        comparison.add("metric-added", f"metric {name}", "not exported", _option_text(new[name]))


def compare_typed(comparison: Comparison, old: bool, new: bool) -> None:
    """Does the package tell type checkers to read it?"""
    if old and not new:
        comparison.add("typing-removed", "py.typed", "type checkers read the package", "they take all of it for Any")


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
