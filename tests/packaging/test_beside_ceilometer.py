"""Beside ceilometer, as an OpenStack release has it: hvinspect brings what is missing and moves nothing.

The releases' versions are their ``upper-constraints.txt``, which are not ours to copy: HVINSPECT_UPPER_CONSTRAINTS
names them, separated by colons. Without any the versions are those that pip chooses for ceilometer today.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import wheels

pytestmark = pytest.mark.slow

RELEASES: list[Path | None] = [
    Path(name) for name in os.environ.get("HVINSPECT_UPPER_CONSTRAINTS", "").split(":") if name
]
# With what reads the host's guests and what exports them; not with mypy, which no agent has.
EXTRAS = "libvirt,ceilometer,prometheus,opentelemetry,cli"
LOADS = """
from importlib.metadata import distribution
points = [one for one in distribution("hvinspect").entry_points if one.group.startswith("ceilometer.")]
assert [one.load() for one in points]
import hvinspect
print(*(status.name for status in hvinspect.available_drivers() if status.usable))
"""


class Beside(NamedTuple):
    """An environment: what was in it with ceilometer alone, what is with hvinspect, and what it was held to."""

    python: Path
    before: dict[str, str]
    after: dict[str, str]
    held: dict[str, str]


def pip(python: Path, *arguments: str | Path) -> str:
    words = ("--python", str(python), "--disable-pip-version-check", *map(str, arguments))
    done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def versions(python: Path) -> dict[str, str]:
    listed = json.loads(pip(python, "list", "--format", "json"))
    return {canonicalize_name(one["name"]): one["version"] for one in listed}


def held_to(lines: Sequence[str]) -> dict[str, str]:
    """The one version of each package that a release has for this Python."""
    wanted = [Requirement(line.partition("#")[0]) for line in lines if line.partition("#")[0].strip()]
    here = [one for one in wanted if one.marker is None or one.marker.evaluate()]
    return {canonicalize_name(one.name): next(iter(one.specifier)).version for one in here}


@pytest.fixture(scope="module", params=RELEASES or [None], ids=lambda path: path.stem if path else "of-today")
def beside(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Beside:
    """Ceilometer first, as on a host that has it; then hvinspect, held to the same versions."""
    folder = tmp_path_factory.mktemp("beside")
    wheel = wheels.build(wheels.ROOT, folder)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "it")], check=True)
    python = folder / "it" / "bin" / "python"
    options = ("--constraint", request.param) if request.param else ()
    pip(python, "install", "--quiet", *options, "ceilometer")
    before = versions(python)
    pip(python, "install", "--quiet", *options, f"hvinspect[{EXTRAS}] @ {wheel.as_uri()}")
    held = held_to(request.param.read_text().splitlines()) if request.param else {}
    return Beside(python, before, versions(python), held)


def test_nothing_that_ceilometer_has_is_moved(beside: Beside) -> None:
    assert "ceilometer" in beside.before
    assert {name: beside.after.get(name) for name in beside.before} == beside.before


def test_what_comes_with_it_is_the_release_s(beside: Beside) -> None:
    if not beside.held:
        pytest.skip("no release's versions to compare with: HVINSPECT_UPPER_CONSTRAINTS names none")
    brought = set(beside.after) - set(beside.before) - {"hvinspect"}
    apart = {name: beside.after[name] for name in brought if beside.after[name] != beside.held.get(name)}
    assert apart == {}


def test_all_that_is_there_agrees(beside: Beside) -> None:
    assert "No broken requirements" in pip(beside.python, "check")


def test_the_bridge_and_the_driver_load_there(beside: Beside) -> None:
    done = subprocess.run([beside.python, "-I", "-c", LOADS], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "libvirt" in done.stdout.split()
