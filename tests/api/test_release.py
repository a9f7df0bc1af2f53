"""What a release is refused for."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.version import Version

from tools.release import Refused, check_bump, check_sdist, check_wheel

_FILES = ("hvinspect/py.typed", "hvinspect/__init__.py")
_INFO = "hvinspect-0.2.0.dist-info"


@pytest.mark.parametrize(
    ("last", "version", "fragment"),
    [
        ("0.1.0.dev0", "0.1.0", "2.feature.md"),
        ("0.1.0", "0.1.1", "+word.fix.md"),
        ("0.1.0", "0.1.1", "2.feature.md"),
        ("0.1.0", "0.2.0", "2.breaking.md"),
        ("1.0.0", "1.1.0", "2.deprecation.md"),
    ],
)
def test_a_number_that_is_high_enough_is_taken(last: str, version: str, fragment: str) -> None:
    check_bump(Version(last), Version(version), ["README.md", fragment])


@pytest.mark.parametrize(
    ("last", "version", "fragment", "why"),
    [
        ("0.1.0", "0.1.0", "2.fix.md", "is not above 0.1.0"),
        ("0.1.0", "0.1.1", "2.breaking.md", "needs 0.2.0 or higher"),
        ("1.0.0", "1.0.1", "2.feature.md", "needs 1.1.0 or higher"),
        ("1.0.0", "1.1.0", "+word.breaking.md", "needs 2.0.0 or higher"),
    ],
)
def test_a_number_that_is_too_low_is_refused(last: str, version: str, fragment: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check_bump(Version(last), Version(version), [fragment])


def test_a_release_in_which_nothing_changed_is_refused() -> None:
    with pytest.raises(Refused, match="no fragment"):
        check_bump(Version("0.1.0"), Version("0.1.1"), ["README.md"])


def wheel(folder: Path, *more: str, without: str = "", version: str = "0.2.0") -> Path:
    path = folder / "hvinspect-0.2.0-py3-none-any.whl"
    names = {*_FILES, f"{_INFO}/licenses/LICENSE", f"{_INFO}/entry_points.txt", *more} - {without}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{_INFO}/METADATA", f"Name: hvinspect\nVersion: {version}\n")
        for name in names:
            archive.writestr(name, "")
    return path


def test_a_wheel_as_it_should_be_is_taken(tmp_path: Path) -> None:
    check_wheel(wheel(tmp_path), Version("0.2.0"))


@pytest.mark.parametrize(
    ("more", "without", "version", "why"),
    [
        ((), "hvinspect/py.typed", "0.2.0", r"lacks hvinspect/py\.typed"),
        (("tests/test_it.py",), "", "0.2.0", r"stray files: tests/test_it\.py"),
        ((), "", "0.1.0", r"says version 0\.1\.0"),
    ],
)
def test_a_wheel_that_is_not_is_refused(
    more: tuple[str, ...], without: str, version: str, why: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match=why):
        check_wheel(wheel(tmp_path, *more, without=without, version=version), Version("0.2.0"))


def sdist(folder: Path, *more: str, without: str = "") -> Path:
    path = folder / "hvinspect-0.2.0.tar.gz"
    names = {"pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "hvinspect/py.typed", "tests/conftest.py"}
    with tarfile.open(path, "w:gz") as archive:
        for name in {*names, ".gitignore", *more} - {without}:
            archive.addfile(tarfile.TarInfo(f"hvinspect-0.2.0/{name}"), io.BytesIO())
    return path


def test_an_sdist_as_it_should_be_is_taken(tmp_path: Path) -> None:
    check_sdist(sdist(tmp_path))


@pytest.mark.parametrize(
    ("more", "without", "why"),
    [
        ((), "hvinspect/py.typed", r"lacks hvinspect/py\.typed"),
        ((), "tests/conftest.py", r"lacks tests/conftest\.py"),
        ((".env",), "", r"stray files: \.env"),
        (("dist/old.whl",), "", r"stray files: dist/old\.whl"),
        (("hvinspect/__pycache__/a.pyc",), "", "stray files: __pycache__"),
    ],
)
def test_an_sdist_that_is_not_is_refused(more: tuple[str, ...], without: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=why):
        check_sdist(sdist(tmp_path, *more, without=without))
