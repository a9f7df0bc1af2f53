"""The wheel and the sdist: what is in them, what they say of themselves, and that they come out the same again."""

from __future__ import annotations

import tarfile
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.metadata import Metadata
from packaging.version import Version

import hvinspect
from tests.packaging.building import Built, build, copied, tracked
from tests.wheels import ROOT
from tools import ranges
from tools.release import check_sdist, check_wheel


class Ways(NamedTuple):
    """The same, built three ways."""

    of_checkout: Built
    of_copy: Built
    of_sdist: Built


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Ways:
    """Of this checkout with all that lies about in it; of its files alone, by somebody else; of the sdist."""
    here = build(ROOT, tmp_path_factory.mktemp("here"))
    copy = copied(tmp_path_factory.mktemp("copy"))
    there = build(copy, tmp_path_factory.mktemp("there"), PYTHONHASHSEED="7", TZ="Asia/Kathmandu", LC_ALL="C")
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(here.sdist) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    return Ways(here, there, build(unpacked, tmp_path_factory.mktemp("again")))


@pytest.fixture(scope="module")
def metadata(ways: Ways) -> Metadata:
    """What the wheel says of itself, every field of it valid."""
    with zipfile.ZipFile(ways.of_checkout.wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return Metadata.from_email(archive.read(name), validate=True)


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_a_release_would_take_both(ways: Ways) -> None:
    check_wheel(ways.of_checkout.wheel, Version(hvinspect.__version__))
    check_sdist(ways.of_checkout.sdist)


def test_the_wheel_has_every_file_of_the_package_and_no_other(ways: Ways) -> None:
    package = {name for name in tracked() if name.startswith("hvinspect/")}
    assert {name for name in names(ways.of_checkout.wheel) if ".dist-info/" not in name} == package


def test_what_is_in_the_sdist_is_the_project_s(ways: Ways) -> None:
    with tarfile.open(ways.of_checkout.sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert packed - set(tracked()) == {"PKG-INFO"}
    assert {name for name in tracked() if name.startswith(("hvinspect/", "tests/", "docs/"))} <= packed


def test_it_is_the_same_wheel_elsewhere_at_another_time(ways: Ways) -> None:
    assert ways.of_copy.wheel.read_bytes() == ways.of_checkout.wheel.read_bytes()


def test_it_is_the_same_sdist_elsewhere_at_another_time(ways: Ways) -> None:
    assert ways.of_copy.sdist.read_bytes() == ways.of_checkout.sdist.read_bytes()


def test_the_sdist_makes_the_same_wheel(ways: Ways) -> None:
    assert ways.of_sdist.wheel.read_bytes() == ways.of_checkout.wheel.read_bytes()


def test_the_metadata_says_what_pyproject_declares(metadata: Metadata) -> None:
    assert (metadata.name, str(metadata.version)) == ("hvinspect", hvinspect.__version__)
    assert metadata.license_expression == "Apache-2.0"
    assert str(metadata.requires_python) == ranges.pythons()
    assert set(metadata.provides_extra or ()) == set(ranges.declared()) - {ranges.CORE}
    assert "Typing :: Typed" in (metadata.classifiers or ())


def test_the_page_of_the_package_is_the_readme(metadata: Metadata) -> None:
    assert metadata.description_content_type == "text/markdown"
    assert (metadata.description or "").strip() == (ROOT / "README.md").read_text().strip()


def test_without_an_extra_it_needs_what_is_pure_python(metadata: Metadata) -> None:
    core = {one.name for one in metadata.requires_dist or () if one.marker is None}
    assert core == {"packaging", "typing-extensions"}


def test_every_entry_point_of_the_wheel_is_a_module_in_it(ways: Ways) -> None:
    with zipfile.ZipFile(ways.of_checkout.wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/entry_points.txt")]
        lines = archive.read(name).decode().splitlines()
    points = [
        EntryPoint(name, value, "") for name, is_point, value in (line.partition(" = ") for line in lines) if is_point
    ]
    assert points
    modules = {point.module.replace(".", "/") for point in points}
    shipped = names(ways.of_checkout.wheel)
    assert [one for one in modules if not {f"{one}.py", f"{one}/__init__.py"} & shipped] == []
