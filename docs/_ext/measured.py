"""The directives ``measured``, ``fidelity`` and ``recorded``: what is in docs/measured/, and which page shows it."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path
from typing import Any, Final, TypeAlias

from catalogue import table
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

DOCS = Path(__file__).parent.parent
FOLDER = DOCS / "measured"
_SHOWN = re.compile(r"^```\{(?:measured|fidelity)\} (\S+)|^```\{(benchmarks)\}$", flags=re.MULTILINE)
_EVIDENCE: Final = (("Field", 18), ("Evidence", 32), ("Source", 50))
Rows: TypeAlias = list[list[list[nodes.Node]]]
_log = logging.getLogger(__name__)


class Measured(SphinxDirective):
    """A table of each result whose file has a name of this pattern."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        return [_section(result) for result in _results(self, self.arguments[0])] or _nothing()


class Fidelity(SphinxDirective):
    """How each field is known to be true: those rows of one result that have the word of ``:of:``, by record."""

    required_arguments = 1
    option_spec = {"of": directives.unchanged}  # noqa: RUF012 - docutils declares it so

    def run(self) -> list[nodes.Node]:
        of = self.options.get("of")
        made: list[nodes.Node] = []
        for result in _results(self, self.arguments[0]):
            rows = [row for row in result["rows"] if of is None or of in row.values()]
            given = [row for row in rows if row["evidence"] != "not given"]
            made.append(_origin(result))
            for record, some in groupby(given, key=lambda row: str(row["field"]).partition(".")[0]):
                section = nodes.section(ids=[f"evidence-{record}".replace("_", "-")], names=[f"evidence {record}"])
                section += nodes.title("", record)
                section += table(_EVIDENCE, [_evidence(row) for row in some])
                made.append(section)
            lacking = nodes.section(ids=["not-given"], names=["not given"])
            lacking += nodes.title("", "Not given")
            reasons: Rows = [
                [[nodes.literal("", row["field"])], [nodes.paragraph("", row["source"])]]
                for row in rows
                if row["evidence"] == "not given"
            ]
            lacking += table((("Field", 30), ("Why", 70)), reasons) if reasons else nodes.paragraph("", "Nothing.")
            made.append(lacking)
        return made or _nothing()


class Recorded(SphinxDirective):
    """A row for each result, with the page that shows it; one that no page shows is a warning."""

    def run(self) -> list[nodes.Node]:
        pages = [(path, match[1] or "bench") for path in _pages() for match in _SHOWN.finditer(path.read_text())]
        rows: Rows = []
        for path in sorted(FOLDER.glob("*.json")):
            self.env.note_dependency(str(path))
            result = json.loads(path.read_text(encoding="utf-8"))
            found = list(dict.fromkeys(page for page, pattern in pages if fnmatchcase(path.stem, pattern)))
            if not found:
                _log.warning("%s is shown on no page", path.name, location=self.get_location())
            links = [_link(self, page) for page in found]
            words = (str(len(result["rows"])), result["measured"][:10], result["commit"])
            rows.append(
                [[nodes.paragraph("", _title(result))], links, *([nodes.paragraph("", word)] for word in words)]
            )
        columns = (("Result", 24), ("Shown on", 36), ("Rows", 8), ("Measured", 16), ("Commit", 16))
        return [table(columns, rows)]


def _pages() -> list[Path]:
    return sorted(path for path in DOCS.rglob("*.md") if not {"_build", "measured"} & {*path.relative_to(DOCS).parts})


def _results(directive: SphinxDirective, pattern: str) -> list[dict[str, Any]]:
    results = []
    for path in sorted(FOLDER.glob(f"{pattern}.json")):
        directive.env.note_dependency(str(path))
        results.append(json.loads(path.read_text(encoding="utf-8")))
    return results


def _nothing() -> list[nodes.Node]:
    return [nodes.paragraph("", "Nothing has been recorded yet.")]


def _title(result: dict[str, Any]) -> str:
    return str(result["name"]).replace("_", " ").replace("-", " ").capitalize()


def _origin(result: dict[str, Any]) -> nodes.Node:
    return nodes.paragraph("", f"Measured {result['measured']} at commit {result['commit']} on {result['machine']}.")


def _section(result: dict[str, Any]) -> nodes.Node:
    name = result["name"]
    section = nodes.section(ids=[f"measured-{name}"], names=[f"measured {name}"])
    section += nodes.title("", _title(result))
    section += _origin(result)
    columns = list(dict.fromkeys(key for row in result["rows"] for key in row))
    if len(result["rows"]) == 1:
        # One result of many figures is read down, not across.
        (row,) = result["rows"]
        cells: Rows = [
            [[nodes.paragraph("", key.replace("_", " "))], [nodes.paragraph("", _shown(row[key]))]] for key in row
        ]
        section += table((("Figure", 70), ("Value", 30)), cells)
    else:
        rows: Rows = [[[nodes.paragraph("", _shown(row.get(key)))] for key in columns] for row in result["rows"]]
        section += table(tuple((key.replace("_", " "), 10) for key in columns), rows)
    return section


def _evidence(row: dict[str, Any]) -> list[list[nodes.Node]]:
    name = nodes.literal("", str(row["field"]).partition(".")[2])
    moved = {"-": "", "yes": "; it moved"}.get(row["moved"], f"; it stood still{row['moved'].removeprefix('no')}")
    return [[name], *([nodes.paragraph("", text)] for text in (f"{row['evidence']}{moved}", row["source"]))]


def _link(directive: SphinxDirective, page: Path) -> nodes.Node:
    name = "/" + str(page.relative_to(DOCS).with_suffix(""))
    link = addnodes.pending_xref(
        "", nodes.inline("", ""), refdomain="std", reftype="doc", reftarget=name, refexplicit=False, refwarn=True,
        refdoc=directive.env.docname,
    )  # fmt: skip
    return nodes.paragraph("", "", link)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("measured", Measured)
    app.add_directive("fidelity", Fidelity)
    app.add_directive("recorded", Recorded)
    return {"parallel_read_safe": True}
