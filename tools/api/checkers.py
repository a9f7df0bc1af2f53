"""mypy and pyright on files that were written against a baseline, with the package of now or of its wheel."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

_MYPY_LINE = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: (?P<text>.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of a checker."""

    checker: str
    file: Path
    line: int
    text: str


def complaints(files: Sequence[Path], package: Path, workplace: Path) -> list[Complaint]:
    """What both checkers say of *files*, where hvinspect is the one in *package*; they run side by side."""
    if not files:
        return []
    # pyright looks at nothing outside of its project.
    copies = workplace / "files"
    shutil.rmtree(copies, ignore_errors=True)
    copies.mkdir(parents=True)
    originals = {Path(shutil.copy2(file, copies)).resolve(): file for file in files}
    runs = [_start_mypy(list(originals), package, workplace), _start_pyright(package, workplace)]
    texts = [process.communicate()[0] for process in runs]
    found = [*_of_mypy(texts[0], runs[0].returncode, workplace), *_of_pyright(texts[1])]
    return [replace(one, file=originals.get(one.file, one.file)) for one in found]


def _start_mypy(files: Iterable[Path], package: Path, workplace: Path) -> subprocess.Popen[str]:
    # One of its own, so that it does not take the project's.
    settings = workplace / "mypy.ini"
    settings.write_text("[mypy]\n")
    options = (
        *("--strict", "--no-error-summary", "--no-pretty", "--show-error-codes", "--config-file", str(settings)),
        *("--cache-dir", str(workplace / "mypy"), "--follow-imports=silent", "--no-warn-unused-ignores"),
    )
    command = [sys.executable, "-m", "mypy", *options, *map(str, files)]
    return _start(command, workplace, {"MYPYPATH": str(package)})


def _start_pyright(package: Path, workplace: Path) -> subprocess.Popen[str]:
    config = {
        "include": ["files"],
        # What it leaves out if nothing is said has a dot in its path, as this place may have.
        "exclude": [],
        "extraPaths": [str(package)],
        "typeCheckingMode": "standard",
        "pythonPlatform": "Linux",
    }
    project = workplace / "pyrightconfig.json"
    project.write_text(json.dumps(config))
    # Of this Python, as mypy does: a clone that the gate runs in may have no environment of its own.
    options = ("--outputjson", "--pythonpath", sys.executable, "--project", str(project))
    return _start([sys.executable, "-m", "pyright", *options], workplace, {})


def _start(command: Sequence[str], place: Path, more: dict[str, str]) -> subprocess.Popen[str]:
    environment = {**os.environ, **more}
    return subprocess.Popen(
        command, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _of_mypy(text: str, status: int, workplace: Path) -> list[Complaint]:
    found = [
        Complaint("mypy", (workplace / one["file"]).resolve(), int(one["line"]), one["text"])
        for one in _MYPY_LINE.finditer(text)
    ]
    if status and not found:
        raise RuntimeError(f"mypy did not run: {text.strip()}")
    return found


def _of_pyright(text: str) -> list[Complaint]:
    try:
        reply = json.loads(text[text.index("{") :])
    except ValueError as exc:
        raise RuntimeError(f"pyright did not run: {text.strip()}") from exc
    if not reply["summary"]["filesAnalyzed"]:
        raise RuntimeError("pyright looked at no file")
    return [
        Complaint("pyright", Path(one["file"]), one["range"]["start"]["line"] + 1, one["message"].splitlines()[0])
        for one in reply["generalDiagnostics"]
        if one["severity"] == "error"
    ]
