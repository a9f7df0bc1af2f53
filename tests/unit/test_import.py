"""Importing the library: it brings no vendor's module, starts nothing and writes nothing."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys

import pytest

import hvinspect
from tests.unit.toy import LONG

VENDORS = ["libvirt", "libvirtmod", "lxml", "click", "rich", "requests", "pyVmomi", "XenAPI"]
# Parts of the standard library that are slow to import, and that only a mistake or a hook needs.
SLOW = ["asyncio", "importlib.metadata", "pathlib", "typing_extensions", "ctypes", "subprocess", "json"]


def loaded(program: str) -> set[str]:
    """The modules that *program* loads in an interpreter of its own, without what it has at its start."""
    listing = "; import sys; print(*sys.modules, sep='\\n')"
    with_it, without = (
        subprocess.run(
            [sys.executable, "-c", one + listing], capture_output=True, text=True, timeout=LONG, check=True
        ).stdout.split()
        for one in (program, "pass")
    )
    return set(with_it) - set(without)


@pytest.fixture(scope="module")
def modules() -> set[str]:
    return loaded("import hvinspect; hvinspect.Connection")


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_vendors_module_is_imported(modules: set[str], vendor: str) -> None:
    assert not {name for name in modules if name.partition(".")[0] == vendor}


@pytest.mark.parametrize("name", SLOW)
def test_nothing_slow_is_imported(modules: set[str], name: str) -> None:
    assert name not in modules


def test_no_driver_bridge_or_command_is_imported(modules: set[str]) -> None:
    parts = ("hvinspect.drivers", "hvinspect.testing", "hvinspect.bridges", "hvinspect.cli")
    assert not {name for name in modules if name.startswith(parts)}


def test_a_driver_is_imported_when_it_is_used() -> None:
    assert "hvinspect.testing.fake" in loaded("import hvinspect; hvinspect.connect('fake:').close()")


def test_importing_writes_nothing_and_starts_no_thread() -> None:
    program = "import hvinspect, threading; assert threading.active_count() == 1"
    ended = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, timeout=LONG)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_a_warning_of_the_library_does_not_reach_stderr() -> None:
    program = "from hvinspect._log import logger; logger().warning('lost')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=LONG)
    assert ended.stderr == b""


def test_the_face_lists_its_names_three_times_alike() -> None:
    imported = {
        alias.name
        for node in ast.walk(ast.parse(inspect.getsource(hvinspect)))
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    homes = {name for names in hvinspect._HOMES.values() for name in names.split()}
    assert imported == set(hvinspect.__all__) == homes | {"__version__"}
    for name in hvinspect.__all__:
        assert getattr(hvinspect, name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'conect'"):
        hvinspect.conect  # type: ignore[attr-defined]  # noqa: B018  # the access is the test


def test_importing_installs_no_signal_handler() -> None:
    program = (
        "import signal; kinds = [*signal.Signals]; before = [*map(signal.getsignal, kinds)]; import hvinspect; "
        "assert before == [*map(signal.getsignal, kinds)]"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=LONG).returncode == 0
