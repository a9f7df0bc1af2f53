"""Options of drivers, and secrets."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from hvinspect import Secret
from hvinspect.cli.parameters import chosen_groups, driver_option

from .running import run


def test_an_option_reaches_the_driver() -> None:
    assert run("list", "fake:", "--option", "instances=2").stdout.count("\n") == 3


def test_a_secret_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    assert driver_option(f"password=@{file}") == ("password", Secret("s3cret"))
    output = run("list", "scripted:name-is-password", "--option", f"password=@{file}").stdout
    assert output.splitlines()[1].split() == ["k", "s3cret", "-"]


def test_a_value_may_begin_with_an_at_sign() -> None:
    assert driver_option("name=@@text") == ("name", "@text")


def test_a_value_may_hold_an_equals_sign() -> None:
    assert driver_option("name=a=b") == ("name", "a=b")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 70_000])
def test_a_file_that_is_no_secret_is_named(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(click.BadParameter, match="password"):
        driver_option(f"password=@{file}")


def test_a_file_that_is_not_there_is_named() -> None:
    result = run("list", "fake:", "--option", "password=@/no/such/file")
    assert result.exit_code == 2
    assert "/no/such/file" in result.stderr
    assert "No such file" in result.stderr


def test_an_option_without_a_name_is_not_repeated_in_the_error() -> None:
    result = run("list", "fake:", "--option", "s3cret")
    assert result.exit_code == 2
    assert "s3cret" not in result.stderr


def test_a_password_in_the_target_is_not_shown() -> None:
    result = run("list", "scripted://user:s3cret@host/")
    assert result.exit_code == 3
    assert "s3cret" not in result.output


def test_default_is_a_name_for_the_default_groups() -> None:
    assert {group.value for group in chosen_groups(("default", "perf"))} == {
        "state",
        "cpu",
        "memory",
        "disk",
        "nic",
        "perf",
    }
