"""The control run: a baseline has to pass against its own wheel, with the checkers and the Python of today."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from .baselines import Baseline
from .compare import compare
from .findings import Finding
from .oldnew import of_data, of_programs, of_types
from .surface import ROOT, Surface

_TAKE = "import json; from tools.api import surface; print(json.dumps(surface.take()))"


class ToolDrift(Exception):
    """A checker, Python or this gate judges what has not changed in another way than before."""


def check(baseline: Baseline) -> None:
    """All but the tests, which are asked only where they fail on the code of now.

    Raises:
        ToolDrift: the baseline does not pass against itself.
    """
    wheel = baseline.unpacked()
    with ThreadPoolExecutor(2) as pool:
        types = pool.submit(of_types, baseline, wheel)
        found = [*of_surface(baseline), *of_data(baseline, wheel), *types.result()]
    complain(found, baseline)


def check_programs(baseline: Baseline) -> None:
    """The tests and the consumers, likewise."""
    complain(of_programs(baseline, baseline.unpacked()), baseline)


def of_surface(baseline: Baseline) -> list[Finding]:
    """Its dump against its wheel."""
    return compare(baseline.surface, surface_of_wheel(baseline))


def surface_of_wheel(baseline: Baseline) -> Surface:
    """What the gate of now takes from its wheel.

    Raises:
        ToolDrift: it cannot.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(baseline.unpacked()), str(ROOT)])}
    command = [sys.executable, "-P", "-c", _TAKE]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise ToolDrift(f"the surface of {baseline.version} cannot be taken any more:\n{ended.stderr}")
    return _with_distribution_of(baseline.surface, json.loads(ended.stdout))


def _with_distribution_of(before: Surface, now: Surface) -> Surface:
    """pyproject.toml is not in the wheel."""
    return {**now, "distribution": before["distribution"]}


def complain(found: list[Finding], baseline: Baseline) -> None:
    """Raise ToolDrift if anything was found."""
    if found:
        lines = [f"  {one.symbol}: {one.after} [{one.rule}, {one.witness or 'surface'}]" for one in found[:20]]
        raise ToolDrift(f"the baseline {baseline.version} does not pass against its own wheel:\n" + "\n".join(lines))
