"""Where each public symbol is written: the module, and the way to its node."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tools.api.findings import Audience
from tools.api.surface import ROOT, Surface

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Place:
    """One class, function or method that is public."""

    symbol: str
    module: str
    #: Names from the module down: ``("Connection", "host")``.
    path: tuple[str, ...]
    users: frozenset[Audience]
    #: Do users write it, and the package call it?
    implemented: bool
    #: What the surface says of it.
    facts: dict[str, Any]

    @property
    def node(self) -> Definition:
        """As it is written, without any change."""
        return at(tree(self.module), self.path)


def source(module: str) -> str:
    """The file of *module*, relative to the checkout."""
    plain = module.replace(".", "/")
    return f"{plain}.py" if (ROOT / f"{plain}.py").is_file() else f"{plain}/__init__.py"


@cache
def tree(module: str) -> ast.Module:
    """Not to be changed."""
    return ast.parse((ROOT / source(module)).read_text())


def at(root: ast.Module, path: Sequence[str]) -> Definition:
    """The definition of that path; of several (overloads, properties with a setter) the last function, first class."""
    found: Any = root
    for name in path:
        named = [one for one in found.body if isinstance(one, Definition) and one.name == name]
        if not named:
            raise LookupError(f"there is no {'.'.join(path)}")
        found = named[-1] if isinstance(named[0], ast.FunctionDef) and len(path) == 1 else named[0]
    assert isinstance(found, Definition)
    return found


def places(surface: Surface) -> Iterator[Place]:
    """Of every class and function, and of every method that a public class defines itself."""
    for symbol, facts in surface["symbols"].items():
        if facts["kind"] not in ("class", "function"):
            continue
        module, _, name = symbol.rpartition(".")
        home = _home(module, name)
        if home is None:
            continue
        users = frozenset(map(Audience, facts["for"]))
        implemented = facts.get("role") == "implemented"
        place = Place(symbol, home, (name,), users, implemented, facts)
        yield place
        for member in getattr(place.node, "body", ()) if facts["kind"] == "class" else ():
            known = facts["members"].get(getattr(member, "name", ""))
            if known is not None and isinstance(member, ast.FunctionDef) and known["kind"] in ("function", "property"):
                where = f"{symbol}.{member.name}"
                yield Place(where, home, (name, member.name), users, implemented, known)


def _home(module: str, name: str) -> str | None:
    """The module that defines what *module* exports."""
    written = tree(module)
    if any(isinstance(one, Definition) and one.name == name for one in written.body):
        return module
    package = source(module).endswith("__init__.py")
    for one in ast.walk(written):
        if isinstance(one, ast.ImportFrom) and one.level == 1 and name in {alias.name for alias in one.names}:
            parent = module if package else module.rpartition(".")[0]
            if one.module is None:
                return None  # a module itself
            return _home(f"{parent}.{one.module}", name)
    return None


def home_of_value(module: str, name: str) -> str:
    """The module that assigns what *module* exports under *name*."""
    written = tree(module)
    for one in ast.walk(written):
        if isinstance(one, ast.ImportFrom) and one.level == 1 and name in {alias.name for alias in one.names}:
            parent = module if source(module).endswith("__init__.py") else module.rpartition(".")[0]
            return home_of_value(f"{parent}.{one.module}", name)
    return module
