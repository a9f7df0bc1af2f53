"""The directive ``catalogue``: one table of fields per record, read from the code."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from hvinspect.driver import CATALOGUE, Field, Unit

_COLUMNS = (("Field", 22), ("Unit", 8), ("Kind", 8), ("Meaning", 54), ("Since", 8))


class Catalogue(SphinxDirective):
    """Every field of the catalogue, by record, each with a target to link to."""

    def run(self) -> list[nodes.Node]:
        return [
            _section(self, record, list(fields))
            for record, fields in groupby(CATALOGUE.values(), key=lambda field: field.record)
        ]


def _section(directive: SphinxDirective, record: str, fields: list[Field]) -> nodes.section:
    section = nodes.section(ids=[f"record-{record}"], names=[record])
    section += nodes.title("", record)
    rows = [[_name(field), *(_cell(directive, text) for text in _texts(field))] for field in fields]
    section += table(_COLUMNS, rows)
    groups = sorted({field.group.value for field in fields if field.group is not None})
    if groups:
        section += nodes.paragraph("", f"Filled by the groups: {', '.join(groups)}.")
    return section


def _texts(field: Field) -> tuple[str, ...]:
    unit = "" if field.unit is Unit.NONE else field.unit.name.lower().replace("_", " ")
    return unit, field.kind.value, field.meaning, field.since


def place(field: Field) -> str:
    """Where on the page the field is explained."""
    return f"field-{field.path}".replace("_", "-").replace(".", "-")


def _name(field: Field) -> list[nodes.Node]:
    return [nodes.paragraph("", "", nodes.literal("", field.name, ids=[place(field)]))]


def _cell(directive: SphinxDirective, text: str) -> list[nodes.Node]:
    parent = nodes.Element()
    directive.state.nested_parse(StringList([text]), 0, parent)
    return list(parent.children)


def table(
    columns: tuple[tuple[str, int], ...], rows: list[list[list[nodes.Node]]], *, classes: tuple[str, ...] = ()
) -> nodes.table:
    """A table of *rows*, each a list of cells, each a list of nodes."""
    group = nodes.tgroup(cols=len(columns))
    group += [nodes.colspec(colwidth=width) for _, width in columns]
    head = nodes.row()
    head += [nodes.entry("", nodes.paragraph("", title)) for title, _ in columns]
    group += nodes.thead("", head)
    body = nodes.tbody()
    for row in rows:
        line = nodes.row()
        line += [nodes.entry("", *cell) for cell in row]
        body += line
    group += body
    return nodes.table("", group, classes=list(classes))


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("catalogue", Catalogue)
    return {"parallel_read_safe": True}
