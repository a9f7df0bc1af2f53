"""The directive ``errors``: the tree of errors as a table, read from the code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from catalogue import table
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

import hvinspect

_COLUMNS = (("Error, also a", 25), ("What happened", 55), ("retryable", 10))


class Errors(SphinxDirective):
    """One row for each error that is raised."""

    def run(self) -> list[nodes.Node]:
        rows = [[self._cell(lines) for lines in _cells(kind)] for kind in hvinspect.Error.__subclasses__()]
        return [table(_COLUMNS, rows)]

    def _cell(self, lines: Sequence[str]) -> list[nodes.Node]:
        parent = nodes.Element()
        self.state.nested_parse(StringList(list(lines)), 0, parent)
        return list(parent.children)


def _cells(kind: type[hvinspect.Error]) -> Iterator[Sequence[str]]:
    bases = [f"`{base.__name__}`" for base in kind.__bases__ if base is not hvinspect.Error]
    yield (f"{{exc}}`~hvinspect.{kind.__name__}`", "", *bases)
    yield (kind.__doc__ or "").splitlines()
    yield ("yes" if kind.retryable else "no",)


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("errors", Errors)
    return {"parallel_read_safe": True}
