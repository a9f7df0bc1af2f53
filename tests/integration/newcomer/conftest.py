"""One Debian for all tests: what one of them installed is there in the next, as with a newcomer."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import wheels
from tests.integration.newcomer.page import DOCS, blocks
from tests.lab.bare import Bare, Ran
from tests.lab.settings import PROJECT_ROOT

CHECKOUT = "/srv/hvinspect-checkout"


@pytest.fixture(scope="session")
def offered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel that a release would put where pip finds it."""
    folder = tmp_path_factory.mktemp("wheels")
    wheels.build(PROJECT_ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """A Debian with nothing in it but a checkout of the project."""
    made = Bare.make(tmp_path_factory.mktemp("bare") / "root")
    listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    files = subprocess.run(listed, cwd=PROJECT_ROOT, check=True, capture_output=True).stdout.split(b"\0")
    for name in filter(None, map(os.fsdecode, files)):
        if (PROJECT_ROOT / name).is_file():
            copy = made.root / CHECKOUT[1:] / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT_ROOT / name, copy)
    return made


@pytest.fixture(scope="session")
def started(bare: Bare, offered: Path) -> Ran:
    """What came of the shell's lines on the page Start, one after another."""
    return bare.run(blocks("start.md", "sh"), folder=CHECKOUT, wheels=offered)


@pytest.fixture(scope="session")
def recipes() -> str:
    """Where the recipes' files are in the checkout."""
    return f"{CHECKOUT}/{(DOCS / 'recipes').relative_to(PROJECT_ROOT)}"
