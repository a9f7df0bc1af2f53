"""The directive ``public-names``: the list that the promises hold for, from what the gate compares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

_SURFACE = Path(__file__).parent.parent.parent / "api" / "current.json"


class PublicNames(SphinxDirective):
    """A paragraph for each public module, with its names; those that are described somewhere are links."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(_SURFACE))
        exports: dict[str, list[str]] = json.loads(_SURFACE.read_text())["exports"]
        return [self._of(module, sorted(names)) for module, names in exports.items() if names]

    def _of(self, module: str, names: list[str]) -> nodes.Node:
        listed = nodes.paragraph("", "", nodes.strong(module, module), nodes.Text(": "))
        for name in names:
            target = f"{module}.{name}"
            code = nodes.literal(target, name, classes=["xref", "py", "py-obj"])
            listed += addnodes.pending_xref(
                "", code, refdomain="py", reftype="obj", reftarget=target, refdoc=self.env.docname, of_the_list=True
            )
            listed += nodes.Text(" " if name != names[-1] else "")
        return listed


def _plain(_app: Any, _env: Any, node: nodes.Element, shown: nodes.TextElement) -> nodes.TextElement | None:
    """Of one that no page describes, its name."""
    return shown if node.get("of_the_list") else None


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("public-names", PublicNames)
    app.connect("missing-reference", _plain)
    return {"parallel_read_safe": True}
