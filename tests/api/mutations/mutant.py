"""What a mutant is: one change of the package, and what is true of it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from tools.api.findings import Audience, Level

#: Edits the parsed source of one module in place.
Edit = Callable[[ast.Module], object]


@dataclass(frozen=True, slots=True)
class Truth:
    """How far the change moves a version, and whose."""

    level: Level
    audiences: frozenset[Audience]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. Exactly one of the ways of making it is given."""

    operator: str
    symbol: str
    truth: Truth
    #: Module -> the edit of its source, before it is imported.
    edits: tuple[tuple[str, Edit], ...] = ()
    #: What is done to the imported package, where its surface is no matter of source: click's commands, tables.
    live: Callable[[], object] | None = None
    #: (before, after) in pyproject.toml.
    project: tuple[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.operator} of {self.symbol}"
