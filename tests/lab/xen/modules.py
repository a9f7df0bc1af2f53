"""Kernel modules with those they need, in the order of loading."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.lab import requirements


def index(root: Path, version: str) -> None:
    """Write down which module needs which, for the kernel *version* below *root*."""
    subprocess.run([requirements.program("depmod"), "-b", str(root), version], check=True, capture_output=True)


def in_order(modules: Path, names: Iterable[str]) -> tuple[Path, ...]:
    """The files of *names*, below the indexed folder *modules*, each after those it needs; built-in ones have none."""
    needs: dict[str, tuple[str, list[str]]] = {}
    for line in (modules / "modules.dep").read_text(encoding="utf-8").splitlines():
        path, _, others = line.partition(":")
        needs[_name(path)] = (path, others.split())
    ordered: dict[str, None] = {}
    for name in names:
        if name in needs:
            own, those = needs[name]
            # The last of the line is needed by all before it.
            ordered |= dict.fromkeys([*reversed(those), own])
    return tuple(modules / path for path in ordered)


def _name(path: str) -> str:
    return Path(path).name.split(".")[0].replace("-", "_")
