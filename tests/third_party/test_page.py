"""The page on writing a driver, word for word: its files in a new folder, its lines for the shell, what they print."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wheels import ROOT, Environment, build

pytestmark = pytest.mark.once

PAGE = ROOT / "docs" / "writing-a-driver.md"
FILE = re.compile(r"^```\{literalinclude\} (\S+)$", flags=re.MULTILINE)
STEP = re.compile(r"^```sh\n(.*?)^```\n+^```text\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What `pip install "hvinspect[cli]"` makes, and what builds a distribution."""
    wheel = build(ROOT, tmp_path_factory.mktemp("wheel"))
    made = Environment(tmp_path_factory.mktemp("environment"), [wheel], extras=("cli",), also=("hatchling",))
    # There is no network: pip is the one that runs the tests, and builds with what is here.
    pip = made.folder / "bin" / "pip"
    pip.write_text(f'#!/bin/sh\nexec {sys.executable} -m pip --python {made.python} "$@" --no-build-isolation\n')
    pip.chmod(0o755)
    return made


def test_each_step_of_the_page_prints_what_the_page_says(environment: Environment, tmp_path: Path) -> None:
    page = PAGE.read_text()
    files, steps = FILE.findall(page), STEP.findall(page)
    assert (len(files), len(steps)) == (3, 3)
    assert page.count("```sh\n") == len(steps)
    for file in files:
        shutil.copy(PAGE.parent / file, tmp_path)
    bin_first = f"{environment.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    offline = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for lines, told in steps:
        ran = subprocess.run(
            ["sh", "-euc", lines],
            cwd=tmp_path,
            env={"PATH": bin_first, "HOME": str(tmp_path), **offline},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        assert doctest.OutputChecker().check_output(told, ran.stdout, flags), f"{lines}\n{ran.stdout}"
