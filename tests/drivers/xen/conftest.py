"""A dom0 for each test; its library is compiled once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import hvinspect
from hvinspect.testing import registered
from tests.drivers.xen.dom0 import Dom0

_SOURCE = Path(__file__).parent / "fake_xenstat.c"


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stand-in for libxenstat."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    assert compiler, "there is no C compiler (cc): libxenstat's stand-in is compiled"
    built = tmp_path_factory.mktemp("library") / "libxenstat.so"
    options = ("-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden")
    subprocess.run([compiler, *options, "-o", built, _SOURCE, "-ldl"], check=True)
    return built


@pytest.fixture
def dom0(tmp_path: Path, library: Path) -> Iterator[Dom0]:
    """A dom0 without guests."""
    made = Dom0(tmp_path, library)
    yield made
    made.store.stop()


@pytest.fixture
def hv(dom0: Dom0) -> Iterator[hvinspect.Connection]:
    """A connection to it."""
    with registered("xen", dom0.driver), hvinspect.connect("xen:") as connection:
        yield connection
