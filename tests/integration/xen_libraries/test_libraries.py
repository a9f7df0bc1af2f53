"""A real libxenstat is bound by what it exports, and lets nothing be printed where its hypervisor does not run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXPORTED = Path(__file__).parents[2] / "drivers/xen/exported"
_OPEN = """
import sys
from hvinspect import ConnectFailed
from hvinspect.drivers._xen.native import Native
from hvinspect.drivers._xen.places import Places

try:
    Native.open(Places(libraries=(sys.argv[1],), sysfs="/nowhere"))
except ConnectFailed as exc:
    print(exc)
"""
_INIT = "import ctypes, sys; ctypes.CDLL(sys.argv[1]).xenstat_init()"


def exported(library: Path) -> set[str]:
    """Its functions, as the linker's own tool has them."""
    done = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True)
    symbols = [line.split() for line in done.stdout.splitlines()]
    return {name.partition("@")[0] for _, kind, name in symbols if kind == "T"}


def run(program: str, library: Path, argument: Path) -> subprocess.CompletedProcess[str]:
    """Run *program*, a Python of its own, with the libraries beside *library*."""
    environment = {**os.environ, "LD_LIBRARY_PATH": str(library.parent)}
    command = [sys.executable, "-c", program, str(argument)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60)


def test_what_it_exports_is_what_the_driver_s_tables_are_held_to(library: Path) -> None:
    soname = ".".join(library.name.split(".")[:4])
    assert exported(library) == set((EXPORTED / f"{soname}.txt").read_text(encoding="utf-8").split())


def test_it_has_every_function_that_is_called_and_is_refused_by_the_hypervisor_alone(loadable: Path) -> None:
    done = run(_OPEN, loadable, loadable.parent)
    # One that lacked a function would be DriverUnavailable, which is not caught.
    assert "could not connect to the hypervisor and to xenstore: No such file" in done.stdout
    assert loadable.name.startswith(done.stdout.split()[0])
    assert done.stderr == ""


def test_by_itself_it_prints_that_it_cannot_connect(loadable: Path) -> None:
    # Else the silence above would say nothing.
    assert run(_INIT, loadable, loadable).stderr != ""
