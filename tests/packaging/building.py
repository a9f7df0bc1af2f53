"""Wheels and sdists as a release builds them: at a given time, of a given folder, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.wheels import ROOT

#: The time that everything built has; a release takes its commit's.
EPOCH = 1_700_000_000


class Built(NamedTuple):
    """What was built of one folder."""

    wheel: Path
    sdist: Path


def build(project: Path, into: Path, **environment: str) -> Built:
    """The wheel and the sdist, each built of the folder itself."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(into)],
        cwd=project,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH), **environment},
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=120,
    )
    (wheel,), (sdist,) = into.glob("*.whl"), into.glob("*.tar.gz")
    return Built(wheel, sdist)


def tracked() -> list[str]:
    """The files of the project, those included that are not committed yet."""
    listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.split(b"\0")
    return sorted({name for name in map(os.fsdecode, filter(None, names)) if (ROOT / name).is_file()})


def copied(into: Path) -> Path:
    """A copy of the project's files alone, all of them as new as can be."""
    for name in tracked():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, into / name)
        (into / name).chmod(0o700 if os.access(ROOT / name, os.X_OK) else 0o600)
    return into
