"""What type checkers keep of one package does not hide what another lacks."""

from __future__ import annotations

from pathlib import Path

from tools.api.checkers import complaints

PROGRAM = "import hvinspect\nimport hvinspect.more\nhvinspect.f(1)\nhvinspect.more.g()\n"


def package(folder: Path, *, takes: str, more: str | None) -> Path:
    inner = folder / "hvinspect"
    inner.mkdir(parents=True)
    (inner / "py.typed").touch()
    (inner / "__init__.py").write_text(f"def f(one: {takes}) -> None: ...\n")
    if more is not None:
        (inner / "more.py").write_text(more)
    return folder


def test_one_place_of_work_serves_packages_in_turn(tmp_path: Path) -> None:
    program, place = tmp_path / "program.py", tmp_path / "place"
    program.write_text(PROGRAM)
    place.mkdir()
    whole = package(tmp_path / "whole", takes="int", more="def g() -> None: ...\n")
    lacking = package(tmp_path / "lacking", takes="int", more=None)
    other = package(tmp_path / "other", takes="str", more="def h() -> None: ...\n")
    lines = [
        {(one.checker, one.line) for one in complaints([program], each, place)} for each in (lacking, whole, other)
    ]
    both = ("mypy", "pyright")
    assert lines[0] == {(checker, 2) for checker in both}
    assert lines[1] == set()
    assert lines[2] == {(checker, line) for checker in both for line in (3, 4)}
