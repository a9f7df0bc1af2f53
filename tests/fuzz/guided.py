"""One subject under atheris, in a process of its own: ``python -m tests.fuzz.guided NAME [libFuzzer's options]``."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # the dependency group "fuzz"

#: They judge what the others made; their branches are not what is looked for.
_JUDGES = ["hvinspect.testing._checks_values", "hvinspect.testing._walk"]


def main(name: str, options: list[str]) -> None:
    """Run; does not return."""
    fuzzer: Any = atheris
    # Nothing has imported the package so far: what is imported here counts the branches that it takes.
    with fuzzer.instrument_imports(include=["hvinspect"], exclude=_JUDGES):
        subjects = importlib.import_module("tests.fuzz.subjects")
    fuzzer.Setup([name, *options], subjects.SUBJECTS[name].run)
    fuzzer.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
