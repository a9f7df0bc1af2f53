"""A password comes from one place, and is not shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from hvinspect import InvalidTarget, Secret
from hvinspect.drivers._vmware.secret import VARIABLE, find_password


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def test_the_option_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "other")
    assert find_password(Secret("mellon"), None).reveal() == "mellon"


def test_a_file_has_it_in_its_first_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "other")
    file = tmp_path / "password"
    file.write_bytes(b" mellon \r\n# of the reader\n")
    assert find_password(None, str(file)).reveal() == " mellon "


def test_the_environment_has_it_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "mellon")
    assert find_password(None, None).reveal() == "mellon"


def test_two_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(InvalidTarget, match="both given"):
        find_password(Secret("mellon"), str(tmp_path))


def test_none_is_told_with_what_to_do() -> None:
    with pytest.raises(InvalidTarget, match=VARIABLE):
        find_password(None, None)


@pytest.mark.parametrize(("content", "told"), [(b"", "empty"), (b"\n", "empty"), (b"\xff\xfe", "no text")])
def test_a_file_without_a_password_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(InvalidTarget, match=told):
        find_password(None, str(file))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidTarget, match="cannot be read"):
        find_password(None, str(tmp_path / "nothing"))
