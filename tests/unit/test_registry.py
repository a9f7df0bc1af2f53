"""Drivers by name: found without guessing, loaded on use, and with a remedy where one cannot be."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hvinspect import DriverNotFound, DriverStatus, DriverUnavailable, available_drivers, connect
from hvinspect._registry import load
from tests.unit.toy import hooks

DRIVER = """
from hvinspect.driver import Driver
class TheDriver(Driver):
    @classmethod
    def open(cls, request): return cls()
    def inventory(self, request): return ()
    def read(self, request): yield from ()
    def close(self): pass
"""
Install = Callable[..., None]
_modules = itertools.count()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs distributions that have a driver, in a folder of this test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    modules: list[str] = []

    def make(distribution: str, name: str, *, source: str = DRIVER, attribute: str = "TheDriver") -> None:
        module = f"its_driver_{next(_modules)}"
        modules.append(module)
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[hvinspect.drivers.v1]\n{name} = {module}:{attribute}\n")

    yield make
    for module in modules:
        sys.modules.pop(module, None)


def status(name: str) -> DriverStatus:
    return next(one for one in available_drivers() if one.name == name)


def test_a_driver_of_another_distribution_is_found_by_its_name(install: Install) -> None:
    install("one", "their")
    assert load("their").driver.__name__ == "TheDriver"
    assert load("their").distribution == "one 1.0"


def test_it_can_be_connected_to(install: Install) -> None:
    install("one", "their")
    with connect("their:here") as connection:
        assert connection.snapshot().versions.driver == "one 1.0"


def test_a_name_claimed_twice_is_an_error_that_names_both(install: Install) -> None:
    install("one", "their")
    install("two", "their")
    with pytest.raises(DriverNotFound) as caught:
        load("their")
    assert "one 1.0" in str(caught.value)
    assert "two 1.0" in str(caught.value)


def test_a_claim_to_a_name_of_ours_is_an_error_that_names_both(install: Install) -> None:
    install("one", "libvirt")
    with pytest.raises(DriverNotFound, match=r"one 1\.0 and by hvinspect itself"):
        load("libvirt")


def test_a_mistyped_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(DriverNotFound, match="did you mean 'libvirt'"):
        load("libvrit")


def test_a_name_like_no_other_is_refused_with_all_there_are() -> None:
    with pytest.raises(DriverNotFound, match=r"there are .*libvirt"):
        load("qqqqqqqq")


def test_a_driver_whose_import_breaks_is_unavailable(install: Install) -> None:
    install("one", "their", source="raise RuntimeError('no \\x1b luck')")
    with pytest.raises(DriverUnavailable, match=r"driver 'their' of one 1\.0 cannot be imported") as caught:
        load("their")
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert str(caught.value).isprintable()


def test_a_driver_that_needs_what_is_missing_is_unavailable(install: Install) -> None:
    install("one", "their", source="import nosuchvendor")
    with pytest.raises(DriverUnavailable, match="nosuchvendor"):
        load("their")


def test_a_driver_that_is_not_where_it_says_is_unavailable(install: Install) -> None:
    install("one", "their", attribute="NoSuchDriver")
    with pytest.raises(DriverUnavailable):
        load("their")


@pytest.mark.parametrize("source", ["TheDriver = 5", "class TheDriver: pass", "def TheDriver(): pass"])
def test_what_is_no_driver_is_unavailable(install: Install, source: str) -> None:
    install("one", "their", source=source)
    with pytest.raises(DriverUnavailable, match=r"not a subclass of hvinspect\.driver\.Driver"):
        load("their")


def test_a_broken_driver_does_not_hide_the_others(install: Install) -> None:
    install("one", "broken", source="raise RuntimeError")
    install("two", "their")
    assert status("their").usable
    assert not status("broken").usable


def test_a_status_names_the_distribution(install: Install) -> None:
    install("one", "their")
    assert status("their").distribution == "one 1.0"


def test_what_is_not_usable_says_why(install: Install) -> None:
    install("one", "their", source="import nosuchvendor")
    assert "nosuchvendor" in status("their").remedy


def test_nothing_is_imported_before_it_is_used(install: Install) -> None:
    install("one", "their", source="raise SystemExit('imported')")
    with hooks() as toy, toy.connect():
        pass


def test_drivers_are_told_in_order_of_their_names() -> None:
    names = [one.name for one in available_drivers()]
    assert names == sorted(set(names))
    assert "libvirt" in names


def test_a_registered_driver_is_usable() -> None:
    with hooks() as toy:
        assert status(toy.driver()).usable


def test_a_driver_of_ours_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libvirt", None)
    for module in [name for name in sys.modules if name.startswith("hvinspect.drivers.")]:
        monkeypatch.delitem(sys.modules, module)
    with pytest.raises(DriverUnavailable, match=r"pip install 'hvinspect\[libvirt\]'"):
        load("libvirt")
