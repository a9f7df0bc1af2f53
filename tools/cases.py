"""What the recorders of a driver's cases share: accepting the records that the driver makes of them now."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["accept"]


def accept(cases: Path, names: Sequence[str | Path], write: Callable[[str | Path, Path], None]) -> str:
    """Have *write* put the expected record of each of *names* among *cases* into its file; return what changed."""
    changes: list[str] = []
    for name in names:
        path = cases / name / "expected.json"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        write(name, path)
        after = path.read_text(encoding="utf-8")
        changes += difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), f"{name} before", f"{name} now", n=1
        )
    return "".join(changes)
