"""A second opinion: what griffe sees between a baseline's wheel and now. It is told, and decides nothing."""

from __future__ import annotations

import logging
from pathlib import Path

from .public import PACKAGE


def griffe_says(old: Path, new: Path) -> list[str]:
    """Its breaking changes in public places, a line each."""
    import griffe

    logging.getLogger("griffe").setLevel(logging.ERROR)
    before = griffe.load(PACKAGE, search_paths=[str(old)], resolve_aliases=True)
    now = griffe.load(PACKAGE, search_paths=[str(new)], resolve_aliases=True)
    lines = {
        one.explain(griffe.ExplanationStyle.ONE_LINE).partition(": ")[2].strip()
        for one in griffe.find_breaking_changes(before, now)
        if _is_public(one.obj.canonical_path)
    }
    return sorted(lines)


def _is_public(path: str) -> bool:
    parts = path.split(".")
    return not any(part.startswith("_") and not part.startswith("__") for part in parts) and parts[1:2] != ["drivers"]
