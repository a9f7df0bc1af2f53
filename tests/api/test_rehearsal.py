"""The promise where it is kept: in a shallow clone without tags and network, and through a whole release."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tools.api.surface import ROOT

pytestmark = pytest.mark.slow

#: Nothing that a version of this project will be called soon.
VERSION = "0.1.0rc99"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What CI has: the last commit, and nothing before it."""
    made = tmp_path / "clone"
    git("clone", "--quiet", "--depth", "1", "--no-tags", ROOT.as_uri(), str(made))
    assert git("-C", str(made), "rev-list", "--count", "HEAD") == "1"
    assert git("-C", str(made), "tag") == ""
    return made


def git(*words: str) -> str:
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout.strip()


def ran(clone: Path, *command: str) -> str:
    """What it printed, in the clone, where it has to succeed."""
    environment = {**os.environ, "PYTHONPATH": str(clone)}
    ended = subprocess.run(
        command, cwd=clone, env=environment, capture_output=True, text=True, check=False, timeout=1200
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_every_layer_of_the_gate_works_without_history_and_network(clone: Path) -> None:
    alone = ("unshare", "--user", "--map-root-user", "--net")
    with pytest.raises(AssertionError, match="unreachable"):
        ran(clone, *alone, sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80))")
    ran(clone, *alone, sys.executable, "-m", "tools.api")


def test_a_release_is_prepared(clone: Path) -> None:
    said = ran(clone, sys.executable, "-m", "tools.release", VERSION)

    assert said.splitlines()[-1].startswith(f"{VERSION} is ready: ")
    (wheel,), (sdist,) = (clone / "dist").glob("*.whl"), (clone / "dist").glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        assert f'__version__ = "{VERSION}"' in archive.read("hvinspect/_version.py").decode()
    with tarfile.open(sdist) as archive:
        assert f"hvinspect-{VERSION}/CHANGELOG.md" in archive.getnames()
    assert VERSION in (clone / "CHANGELOG.md").read_text()
    assert [path.name for path in (clone / "changelog.d").glob("*.md")] == ["README.md"]
    was, now = (clone / "api" / "baselines" / version for version in ("0.1.0.dev0", VERSION))
    assert {path.name for path in was.iterdir() if path.suffix != ".whl"} <= {path.name for path in now.iterdir()}
    # Whoever breaks something from now on hears of the release.
    model = clone / "hvinspect" / "_model.py"
    model.write_text(model.read_text().replace("    rx_bytes:", "    received_bytes:", 1))
    with pytest.raises(AssertionError, match=VERSION):
        ran(clone, sys.executable, "-m", "tools.api", "--structure-only", "--accept")
