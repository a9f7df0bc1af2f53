"""Wheels, and environments with nothing but wheels in them: built and installed without a network."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input")


def build(project: Path, into: Path) -> Path:
    """The wheel of *project*, built by the hatchling that runs the tests."""
    before = set(into.glob("*.whl"))
    options = ("--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", str(into))
    _run([*PIP, "wheel", *options, str(project)])
    (wheel,) = set(into.glob("*.whl")) - before
    return wheel


def written(into: Path, name: str, *, version: str = "1.0", files: dict[str, str], entry_points: str = "") -> Path:
    """A wheel with these *files*, no builder needed."""
    wheel = into / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in {
            **files,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/entry_points.txt": entry_points,
            f"{info}/RECORD": "",
        }.items():
            archive.writestr(path, text)
    return wheel


class Environment:
    """A virtual environment of its own, with *wheels*, what hvinspect with *extras* depends on, and *also*."""

    def __init__(
        self, folder: Path, wheels: Sequence[Path], extras: Sequence[str] = (), also: Sequence[str] = ()
    ) -> None:
        venv.create(folder, symlinks=True)
        self.folder = folder
        self.python = folder / "bin" / "python"
        packages = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        wanted = {*_dependencies("hvinspect", frozenset(extras)), *also}
        for one in also:
            wanted |= set(_dependencies(one, frozenset()))
        for name in sorted(wanted):
            _link(importlib.metadata.distribution(name), packages)
        options = ("--no-index", "--no-deps", "--no-compile")
        _run([*PIP, "--python", str(self.python), "install", *options, *map(str, wheels)])

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Its Python with *arguments*, seeing nothing of this checkout."""
        return _run([str(self.python), "-I", *map(str, arguments)], cwd=self.folder, check=False)


def _dependencies(name: str, extras: frozenset[str]) -> Iterator[str]:
    for text in importlib.metadata.distribution(name).requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": one}) for one in (*extras, "")):
            yield requirement.name
            yield from _dependencies(requirement.name, frozenset(requirement.extras))


def _link(distribution: importlib.metadata.Distribution, packages: Path) -> None:
    """What the tests have installed already: nothing has to be fetched, or copied."""
    for top in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
        link = packages / top
        if not link.is_symlink():
            link.symlink_to(Path(str(distribution.locate_file(top))).resolve())


def _run(command: list[str], *, cwd: Path = ROOT, check: bool = True) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    assert not check or ended.returncode == 0, ended.stdout + ended.stderr
    return ended
