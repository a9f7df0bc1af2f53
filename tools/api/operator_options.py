"""The options that the bridges add to the configuration of a service, read from their source.

The libraries that they are declared with (oslo.config) need not be installed: a declaration is a call with literals.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .functions import Facts

_OPTION = "Opt"
_FACTS = ("default", "min", "max", "max_length", "regex", "required", "deprecated_name")


def option_facts(package: Path) -> Facts:
    """``GROUP.name`` -> its facts, of every bridge of *package*."""
    found: Facts = {}
    for file in sorted((package / "bridges").rglob("*.py")):
        text = source(file)
        if "cfg." in text:
            found.update(options_in(text))
    return dict(sorted(found.items()))


def source(file: Path) -> str:
    """What *file* has."""
    return file.read_text()


def options_in(text: str) -> Facts:
    """Those that one module declares, with the section that its constant GROUP names."""
    tree = ast.parse(text)
    names = (one for one in tree.body if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "GROUP")
    group = next((ast.literal_eval(one.value) for one in names), "DEFAULT")
    return {f"[{group}] {name}": facts for name, facts in _declared(tree)}


def _declared(tree: ast.Module) -> Iterator[tuple[str, Facts]]:
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
            continue
        if ast.unparse(call.func.value) == "cfg" and call.func.attr.endswith(_OPTION):
            given = {one.arg: one.value for one in call.keywords}
            facts: Facts = {"type": call.func.attr.removesuffix(_OPTION)}
            facts.update({name: _literal(given.get(name)) for name in _FACTS})
            facts["required"] = bool(facts["required"])
            facts["choices"] = _choices(given.get("choices"))
            yield ast.literal_eval(call.args[0]), facts


def _choices(written: ast.expr | None) -> list[str] | None:
    if not isinstance(written, (ast.List, ast.Tuple)):
        return None
    # Each is a word, or a word with its explanation.
    return sorted(str(_literal(one.elts[0] if isinstance(one, ast.Tuple) else one)) for one in written.elts)


def _literal(written: ast.expr | None) -> Any:
    if written is None:
        return None
    try:
        return ast.literal_eval(written)
    except ValueError:
        return ast.unparse(written)
