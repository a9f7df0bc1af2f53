"""Keeps what was measured, with its date, commit and machine, where the documentation is built from."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "measured"
#: Set by ``./dev full``. Without it nothing is written: a benchmark run by hand leaves the checkout alone.
RECORD = "HVINSPECT_RECORD"

Scalar = str | int | float | bool | None


def record(name: str, data: Mapping[str, Scalar] | Sequence[Mapping[str, Scalar]]) -> Path | None:
    """Write one result, a table or one row of it, to docs/measured/NAME.json; git keeps the previous ones."""
    if not os.environ.get(RECORD):
        return None
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    rows = [dict(data)] if isinstance(data, Mapping) else [dict(row) for row in data]
    system = f"{platform.machine()}, Linux {platform.release()}, Python {platform.python_version()}"
    result = {
        "name": name,
        "measured": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": f"{os.cpu_count()} CPUs, {system}",
        "rows": rows,
    }
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return path


def _commit() -> str:
    """The commit that was measured, with a plus where files of the checkout differ from it."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/measured")
        return commit + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    reply = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return reply.stdout.strip()
