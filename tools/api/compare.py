"""compare(): every difference of two surfaces that a rule knows. Pure: the same surfaces give the same findings."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from . import compare_promises as promises
from .compare_classes import compare_class
from .compare_functions import compare_function
from .comparison import Comparison
from .findings import Finding, merged
from .functions import Facts
from .surface import Surface
from .type_relation import Relation

#: Numbers of their own, with rules of their own.
_NUMBERS = ("DRIVER_API", "SCHEMA", "__version__")


def compare(baseline: Surface, current: Surface) -> list[Finding]:
    """What is in *current* other than in *baseline*, worst first."""
    current = _called_as_before(baseline, current)
    bases = {name: facts["bases"] for name, facts in current["symbols"].items() if facts["kind"] == "class"}
    for name, facts in baseline["symbols"].items():
        if facts["kind"] == "class":
            bases.setdefault(name, facts["bases"])
    comparison = Comparison(bases, (baseline["symbols"], current["symbols"]))
    _compare_exports(comparison, baseline, current)
    promises.compare_numbers(comparison, baseline, current)
    promises.compare_catalogue(comparison, baseline["catalogue"], current["catalogue"])
    promises.compare_stored(comparison, baseline["stored"], current["stored"])
    promises.compare_command(comparison, baseline["command"], current["command"])
    promises.compare_drivers(comparison, baseline["drivers"], current["drivers"])
    promises.compare_distribution(comparison, baseline["distribution"], current["distribution"])
    # A baseline that was taken before the gate looked at a thing says nothing of it.
    if "operator_options" in baseline:
        promises.compare_operator_options(comparison, baseline["operator_options"], current["operator_options"])
    if "metrics" in baseline:
        promises.compare_metrics(comparison, baseline["metrics"], current["metrics"])
    promises.compare_typed(comparison, baseline.get("typed", False), current.get("typed", False))
    return merged(comparison.findings)


def _called_as_before(baseline: Surface, current: Surface) -> Surface:
    """*current*, where what got a second name is called by its first: one that comes earlier is spelled everywhere."""
    renamed = {
        current["exports"][module][name]: symbol
        for module, names in baseline["exports"].items()
        for name, symbol in names.items()
        if name in current["exports"].get(module, {}) and current["exports"][module][name] != symbol
    }
    gone, come = baseline["symbols"].keys() - current["symbols"], current["symbols"].keys() - baseline["symbols"]
    renamed = {now: before for now, before in renamed.items() if now in come and before in gone}
    if not renamed:
        return current
    names = "|".join(map(re.escape, sorted(renamed, key=len, reverse=True)))
    text = re.sub(rf"(?<![\w.])(?:{names})(?!\w)", lambda found: renamed[found[0]], json.dumps(current))
    again: Surface = json.loads(text)
    return again


def _compare_exports(comparison: Comparison, baseline: Surface, current: Surface) -> None:
    seen: dict[str, str] = {}
    for module, names in baseline["exports"].items():
        now = current["exports"].get(module)
        if now is None:
            comparison.add("module-removed", module, f"{len(names)} names", "no such module", _users(module))
            continue
        for name, symbol in names.items():
            where = f"{module}.{name}"
            if name not in now:
                comparison.add(
                    "name-removed", where, baseline["symbols"][symbol]["kind"], "no such name", _users(module)
                )
            elif symbol not in seen:
                seen[symbol] = now[name]
                _compare_symbol(comparison, symbol, baseline["symbols"][symbol], current["symbols"][now[name]])
            elif seen[symbol] != now[name]:
                comparison.add("export-split", where, f"is {symbol}", "is another object", _users(module))
        for name in sorted(now.keys() - names.keys()):
            kind = current["symbols"][now[name]]["kind"]
            comparison.add("name-added", f"{module}.{name}", "no such name", f"a {kind}", _users(module))
    for module in sorted(current["exports"].keys() - baseline["exports"].keys()):
        names = current["exports"][module]
        comparison.add("module-added", module, "no such module", f"{len(names)} names", _users(module))


def _users(module: str) -> tuple[str, ...]:
    from .public import audiences

    return tuple(one.value for one in audiences(module))


def _compare_symbol(comparison: Comparison, symbol: str, old: Facts, new: Facts) -> None:
    users: Sequence[str] = old["for"]
    if old["kind"] != new["kind"]:
        comparison.add("kind-changed", symbol, f"a {old['kind']}", f"a {new['kind']}", users)
    elif old["kind"] == "class":
        compare_class(comparison, symbol, old, new, users)
    elif old["kind"] == "function":
        compare_function(comparison, symbol, old, new, users)
    elif old["kind"] == "alias":
        related = comparison.relation(old["type"], new["type"])
        if related is not Relation.SAME:
            rule = "alias-widened" if related is Relation.WIDER else "alias-changed"
            comparison.add(rule, symbol, old["type"], new["type"], users)
    elif old["kind"] == "constant":
        _compare_constant(comparison, symbol, old, new, users)


def _compare_constant(comparison: Comparison, symbol: str, old: Facts, new: Facts, users: Sequence[str]) -> None:
    if comparison.relation(old["type"], new["type"]) not in (Relation.SAME, Relation.NARROWER):
        comparison.add("constant-type-changed", symbol, old["type"], new["type"], users)
    elif symbol.rpartition(".")[2] in _NUMBERS:
        return
    elif "checks" in old and "checks" in new:
        _compare_checks(comparison, symbol, old["checks"], new["checks"])
    elif "items" in old and "items" in new:
        for one in sorted(set(old["items"]) - set(new["items"])):
            comparison.add("items-removed", symbol, one, "not in it", users)
        for one in sorted(set(new["items"]) - set(old["items"])):
            comparison.add("items-added", symbol, "not in it", one, users)
    elif old.get("value") != new.get("value"):
        comparison.add("constant-changed", symbol, old.get("value"), new.get("value"), users)


def _compare_checks(comparison: Comparison, symbol: str, old: Facts, new: Facts) -> None:
    """Name -> is it a preview? One fewer harms nobody, but its name may stand in somebody's list to skip."""
    for name in sorted(old.keys() - new.keys()):
        comparison.add("items-removed", symbol, name, "no such check", ("driver author",))
    for name in sorted(new.keys() - old.keys()):
        comparison.add(
            "check-previewed" if new[name] else "check-added", f"{symbol}: {name}", "no such check", _counts(new[name])
        )
    for name in sorted(old.keys() & new.keys()):
        if new[name] != old[name]:
            rule = "check-softened" if new[name] else "check-counts"
            comparison.add(rule, f"{symbol}: {name}", _counts(old[name]), _counts(new[name]), ("driver author",))


def _counts(preview: bool) -> str:
    return "warns" if preview else "counts"
