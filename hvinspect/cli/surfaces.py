"""What mypy says of a program against one version of hvinspect or another. Nothing is fetched, nothing installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import click
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

import hvinspect

__all__ = ["DEPRECATED", "Complaint", "Surface", "complaints", "surfaces"]

#: mypy's code for the use of what is deprecated.
DEPRECATED = "deprecated"

# The program's own settings do not count: what is not annotated is looked into, and only hvinspect has to be there.
_SETTINGS = f"""
[mypy]
check_untyped_defs = True
ignore_missing_imports = True
follow_imports = silent
enable_error_code = {DEPRECATED}
"""
_SIGHTED = "[mypy-hvinspect.*]\nignore_missing_imports = False\n"
# hvinspect as a thing of which nothing is known: what is still wrong then has nothing to do with it.
_BLIND = "[mypy-hvinspect.*]\nfollow_imports = skip\n"


class Complaint(NamedTuple):
    """One line of mypy's."""

    file: str
    line: int
    message: str
    code: str


class Surface(NamedTuple):
    """One version of hvinspect, in a folder that has nothing else."""

    version: Version
    #: Is it what runs now?
    installed: bool
    folder: Path

    def __str__(self) -> str:
        return f"{self.version} (installed)" if self.installed else str(self.version)


def surfaces(wheels: Iterable[Path], into: Path) -> list[Surface]:
    """Those of the *wheels* and the installed one, oldest first, laid out below the folder *into*."""
    found: dict[Version, Surface] = {}
    for wheel in wheels:
        try:
            version = parse_wheel_filename(wheel.name)[1]
            with zipfile.ZipFile(wheel) as archive:
                members = [name for name in archive.namelist() if name.startswith("hvinspect/")]
                archive.extractall(into / str(version), members)
        except (InvalidWheelFilename, zipfile.BadZipFile, OSError) as exc:
            raise click.UsageError(f"{wheel} cannot be read as a wheel: {exc}") from exc
        found[version] = Surface(version, False, into / str(version))
    # A link, because mypy refuses to look for sources in site-packages itself.
    (into / "empty").mkdir()
    own = into / "installed"
    own.mkdir()
    (own / "hvinspect").symlink_to(Path(str(hvinspect.__file__)).parent)
    return sorted([*found.values(), Surface(Version(hvinspect.__version__), True, own)])


def complaints(paths: Sequence[str], found: Sequence[Surface], into: Path) -> list[frozenset[Complaint]]:
    """What mypy says of the program in *paths* because of each surface *found*; *into* is for files of its own.

    Raises:
        DriverUnavailable: mypy is not installed.
        UsageError: mypy cannot read the program.
    """
    if find_spec("mypy") is None:
        raise hvinspect.DriverUnavailable("checking a program needs mypy: pip install 'hvinspect[compat]'")
    of_its_own = _run(paths, found[0], into, _SETTINGS + _BLIND)
    return [_run(paths, surface, into, _SETTINGS + _SIGHTED) - of_its_own for surface in found]


def _run(paths: Sequence[str], surface: Surface, into: Path, settings: str) -> frozenset[Complaint]:
    config = into / "mypy.ini"
    config.write_text(settings, encoding="utf-8")
    # No cache: mypy's takes what one version lacked for what the next one lacks.
    options = ("--config-file", str(config), "--cache-dir", os.devnull, "--output", "json")
    # Elsewhere and without site-packages, where there may be another hvinspect: a module that this one lacks would be
    # taken from there.
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--no-site-packages", "--", *map(os.path.abspath, paths)],
        cwd=into / "empty",
        env={**os.environ, "MYPYPATH": str(surface.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    if ended.returncode not in (0, 1):
        told = [f"{_near(line['file'], into)}:{line['line']}: {line['message']}" for line in lines]
        raise click.UsageError(f"mypy cannot check this: {'; '.join(told) or ended.stderr or ended.stdout}")
    return frozenset(
        Complaint(_near(line["file"], into), line["line"], line["message"], line["code"] or "")
        for line in lines
        if line["severity"] == "error"
    )


def _near(file: str, into: Path) -> str:
    """The path of *file*, which mypy tells as seen from its own folder, as seen from the user's."""
    return os.path.relpath(into / "empty" / file)
