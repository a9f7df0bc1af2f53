"""The directive ``measured``: a table per file of docs/measured/ or of one, each with date, commit and machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from catalogue import table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

FOLDER = Path(__file__).parent.parent / "measured"


class Measured(SphinxDirective):
    """All that was recorded, or what was under one name."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        results = []
        for path in sorted(FOLDER.glob(f"{self.arguments[0] if self.arguments else '*'}.json")):
            self.env.note_dependency(str(path))
            results.append(_section(json.loads(path.read_text(encoding="utf-8"))))
        return results or [nodes.paragraph("", "Nothing has been recorded yet.")]


def _section(result: dict[str, Any]) -> nodes.Node:
    name = result["name"]
    section = nodes.section(ids=[f"measured-{name}"], names=[f"measured {name}"])
    section += nodes.title("", name.replace("_", " ").capitalize())
    origin = f"Measured {result['measured']} at commit {result['commit']} on {result['machine']}."
    section += nodes.paragraph("", origin)
    columns = list(dict.fromkeys(key for row in result["rows"] for key in row))
    rows = [[[nodes.paragraph("", _shown(row.get(key)))] for key in columns] for row in result["rows"]]
    section += table(tuple((key.replace("_", " "), 10) for key in columns), rows)
    return section


def _shown(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("measured", Measured)
    return {"parallel_read_safe": True}
