"""The page of the rules, made of their table."""

from __future__ import annotations

from collections.abc import Iterator

from .findings import Level
from .rules import RULES, Layer, Rule

_HEADINGS = {
    Level.MAJOR: "What breaks somebody",
    Level.MINOR: "What adds",
    Level.PATCH: "What nobody can tell",
}
_INTRODUCTION = """# Rules of the API gate

`./dev api` compares what hvinspect promises with the baselines in `api/`. Each difference is judged by one of these.
A change that breaks needs a major version, one that adds a minor; before 1.0 a break needs 0.y+1.0, everything else
0.y.z+1. What breaks driver authors needs a higher `DRIVER_API`, what breaks readers of stored data a higher `SCHEMA`.
See [Versioning](versioning.md).

If a finding is right and the change is meant, raise the number that it names, and write the changelog fragment. If it
is wrong, or the break is a correction that the exceptions in [Versioning](versioning.md) allow, put it into
`api/waivers.toml` with the reason and a day on which somebody has to look again.

This page is made of `tools/api/rules.py` by `./dev api -- --accept`.
"""


def page() -> str:
    """The text of docs/api-rules.md."""
    return "\n".join([_INTRODUCTION, *_sections()])


def _sections() -> Iterator[str]:
    for level, heading in _HEADINGS.items():
        yield f"## {heading}\n"
        for rule in RULES.values():
            if rule.level is level:
                yield _section(rule)


def _section(rule: Rule) -> str:
    lines = [f"({rule.id})=", f"### {rule.id}", "", f"{rule.what} {rule.why}", "", f"Concerns {rule.concern.value}."]
    if rule.layer is not Layer.STRUCTURE:
        lines[-1] += f" Found by {rule.layer.value}."
    return "\n".join([*lines, ""])
