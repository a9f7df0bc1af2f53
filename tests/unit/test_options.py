"""A driver's options: declared as a record, filled from text."""

from __future__ import annotations

import dataclasses
import traceback
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from hvinspect import InvalidTarget, Secret
from hvinspect._options import NoOptions, option, option_specs, parse_options

PASSWORD = "hunter2"


class Access(str, Enum):
    """An option with two values."""

    READ = "read"
    WRITE = "write"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One option of each type."""

    access: Access = option("What may be done.", default=Access.READ)  # noqa: RUF009
    verify: bool = option("Is the certificate checked?", default=True)
    port: int | None = option("The port.", default=None)
    factor: float = option("A factor.", default=1.0)
    socket: Path | None = option("The socket.", default=None)  # noqa: RUF009
    user: str = option("The user.", default="root")
    password: Secret | None = option("The password.", default=None)  # noqa: RUF009


def parse(**given: Any) -> Options:
    return parse_options(Options, given, driver="toy")


def test_what_is_not_given_has_its_default() -> None:
    assert parse() == Options()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("access", "write", Access.WRITE),
        ("verify", "no", False),
        ("verify", "TRUE", True),
        ("port", "16514", 16514),
        ("factor", "0.5", 0.5),
        ("socket", "/run/x", Path("/run/x")),
        ("user", "me", "me"),
        ("password", "pw", Secret("pw")),
    ],
)
def test_text_becomes_the_type_of_its_option(name: str, text: str, value: object) -> None:
    assert getattr(parse(**{name: text}), name) == value


def test_a_secret_given_for_a_secret_is_kept() -> None:
    assert parse(password=Secret("pw")).password == Secret("pw")


def test_a_secret_given_for_plain_text_is_used() -> None:
    assert parse(user=Secret("me")).user == "me"


def test_a_mistyped_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InvalidTarget, match="did you mean 'verify'"):
        parse(verfy="no")


def test_a_name_like_no_other_is_refused_with_all_there_are() -> None:
    with pytest.raises(InvalidTarget, match="it has access, factor, password"):
        parse(qqqqqq="no")


def test_a_driver_without_options_says_so() -> None:
    with pytest.raises(InvalidTarget, match="has no options"):
        parse_options(NoOptions, {"x": "y"}, driver="toy")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("access", "'read', 'write'"), ("verify", "a bool"), ("port", "an int"), ("factor", "a float")],
)
def test_a_value_that_does_not_fit_is_refused_with_what_would(name: str, allowed: str) -> None:
    with pytest.raises(InvalidTarget) as caught:
        parse(**{name: "nonsense"})
    assert allowed.replace("an int", "int") in str(caught.value)


@pytest.mark.parametrize("value", [5, None, True, b"x", ["x"]])
def test_a_value_that_is_no_text_is_a_type_error(value: object) -> None:
    with pytest.raises(TypeError, match="is a string or a Secret"):
        parse(user=value)


@pytest.mark.parametrize("name", ["access", "verify", "port", "factor"])
def test_a_secret_value_is_nowhere_in_the_error(name: str) -> None:
    with pytest.raises(InvalidTarget) as caught:
        parse(**{name: Secret(PASSWORD)})
    error = caught.value
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.__context__) + repr(error.__cause__)
    assert PASSWORD not in told


def test_an_options_record_does_not_show_its_secrets() -> None:
    assert PASSWORD not in repr(parse(password=PASSWORD))


def test_an_error_names_the_driver() -> None:
    with pytest.raises(InvalidTarget) as caught:
        parse(port="x")
    assert caught.value.driver == "toy"


def test_a_hostile_value_is_escaped() -> None:
    with pytest.raises(InvalidTarget) as caught:
        parse(port="\x1b[2J\n")
    assert str(caught.value).isprintable()


def test_every_option_is_documented() -> None:
    specs = {spec.name: spec for spec in option_specs(Options)}
    assert specs["access"].type == "read|write"
    assert specs["access"].default == "read"
    assert specs["port"].type == "int"
    assert specs["password"].default == ""
    assert all(spec.meaning for spec in specs.values())
