"""Where a program uses what hvinspect does not promise: read from its source, which is not run.

Public are the modules whose path has no underscore, and the names that they list in ``__all__``. Seen are imports, and
attributes of hvinspect's modules and of what is imported from them. An attribute of an object whose type only a type
checker knows (``connection._live``) is not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import NamedTuple

__all__ = ["PrivateUse", "private_uses", "public_modules", "sources"]

#: Reached by name (a driver) or through the shell (the command), never imported.
_NOT_IMPORTED = ("hvinspect.drivers", "hvinspect.cli")


class PrivateUse(NamedTuple):
    """One place."""

    file: str
    line: int
    name: str


def sources(paths: Iterable[str]) -> Iterator[Path]:
    """The files that mypy would check, too."""
    for path in map(Path, paths):
        if path.is_file():
            yield path
            continue
        for file in sorted(path.rglob("*.py")):
            folders = file.relative_to(path).parts[:-1]
            if not any(
                one.startswith(".") or one in ("site-packages", "__pycache__", "node_modules") for one in folders
            ):
                yield file


def private_uses(file: Path) -> list[PrivateUse]:
    """Those in one *file*, which mypy has found to be a program."""
    finder = _Finder()
    tree = ast.parse(file.read_bytes(), str(file))
    # All imports first: a function may stand before them.
    for node in ast.walk(tree):
        finder.learn(node)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            finder.resolve(node)
    return sorted(PrivateUse(str(file), line, name) for line, name in finder.found)


class _Finder:
    """The names that are bound to something of hvinspect, and the private uses seen so far."""

    def __init__(self) -> None:
        self.found: set[tuple[int, str]] = set()
        self._bound: dict[str, str] = {}

    def learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if not _within(alias.name):
                    continue
                self._judge(node.lineno, alias.name, known=alias.name in public_modules())
                self._bound[alias.asname or "hvinspect"] = alias.name if alias.asname else "hvinspect"
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module and _within(node.module):
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                known = _is_public(name) or (alias.name == "*" and node.module in public_modules())
                if self._judge(node.lineno, name, known=known):
                    self._bound[alias.asname or alias.name] = name

    def resolve(self, node: ast.expr) -> str | None:
        """The full name of what an expression stands for, if that is something public of hvinspect."""
        if isinstance(node, ast.Name):
            return self._bound.get(node.id)
        if not isinstance(node, ast.Attribute):
            return None
        owner = self.resolve(node.value)
        if owner is None:
            return None
        name = f"{owner}.{node.attr}"
        if node.attr.startswith("__"):
            return None
        known = _is_public(name) if owner in public_modules() else not node.attr.startswith("_")
        return name if self._judge(node.lineno, name, known=known) else None

    def _judge(self, line: int, name: str, *, known: bool) -> bool:
        if not known:
            self.found.add((line, name))
        return known


def _within(module: str) -> bool:
    return module.partition(".")[0] == "hvinspect"


def _is_public(name: str) -> bool:
    owner, _, last = name.rpartition(".")
    return name in public_modules() or (owner in public_modules() and _lists(owner, last))


@cache
def public_modules() -> frozenset[str]:
    """Those of the installed version."""
    return frozenset({"hvinspect", *_below(import_module("hvinspect"))})


def _below(package: ModuleType) -> Iterator[str]:
    for entry in iter_modules(package.__path__, f"{package.__name__}."):
        if not entry.name.rpartition(".")[2].startswith("_") and entry.name not in _NOT_IMPORTED:
            yield entry.name
            if entry.ispkg:
                yield from _below(import_module(entry.name))


def _lists(module: str, name: str) -> bool:
    try:
        return name in getattr(import_module(module), "__all__", ())
    except ImportError:  # a bridge to a library that is not here: its names are taken for what they look like
        return not name.startswith("_")
