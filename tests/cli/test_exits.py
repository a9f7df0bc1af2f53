"""Exit codes, and errors as lines on stderr."""

from __future__ import annotations

import re

import pytest

import hvinspect
from hvinspect.cli.exits import MEANINGS, Exit, of_error
from hvinspect.testing.fake import FakeHypervisor

from .running import ROOT, run


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("scripted:fine", 0),
        ("scripted:invalid", 3),
        ("qemu:///system", 3),
        ("nothing", 3),
        ("nosuch:", 4),
        ("scripted:refused", 5),
        ("scripted:lost", 5),
        ("scripted:denied", 6),
        ("scripted:late", 7),
        ("scripted:unsupported", 8),
        ("scripted:broken", 9),
    ],
)
def test_each_error_has_its_code(target: str, code: int) -> None:
    assert run("stats", target).exit_code == code


@pytest.mark.parametrize(
    ("guests", "code"),
    [
        ("fine+failed", 1),
        ("failed", 1),
        ("denied+failed", 1),
        ("denied+fine", 1),
        ("x+vanished", 1),
    ],
)
def test_an_instance_that_failed_makes_it_incomplete(guests: str, code: int) -> None:
    assert run("list", f"scripted:{guests}").exit_code == code


@pytest.mark.parametrize(("reason", "code"), [("busy", 1), ("denied", 6), ("timed_out", 7), ("not_found", 8)])
def test_where_nothing_was_read_the_one_reason_is_the_code(reason: str, code: int) -> None:
    assert run("stats", f"scripted:{reason}+{reason}", "--group", "state").exit_code == code


def test_an_instance_that_does_not_exist_has_its_code() -> None:
    result = run("stats", "fake:", "--instance", "nosuch")
    assert result.exit_code == 8
    assert "not found" in result.stderr
    assert "hvinspect list TARGET" in result.stderr


def test_values_that_came_too_late_make_it_incomplete() -> None:
    with FakeHypervisor(instances=2) as hypervisor:
        hypervisor.hang(hypervisor.keys[0])
        result = run("stats", hypervisor.target, "--timeout", "1")
    assert result.exit_code == 1
    assert "timed out" in result.stdout


def test_the_command_ends_by_its_timeout() -> None:
    result = run("stats", "scripted:slow", "--timeout", "0.2")
    assert result.exit_code == 7
    assert "--timeout" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nosuch",),
        ("stats",),
        ("stats", "fake:", "--timeout", "0"),
        ("stats", "fake:", "--timeout", "-1"),
        ("stats", "fake:", "--timeout", "nan"),
        ("stats", "fake:", "--timeout", "inf"),
        ("stats", "fake:", "--watch", "0"),
        ("stats", "fake:", "--count", "2"),
        ("stats", "fake:", "--group", "nosuch"),
        ("stats", "fake:", "--group", "unknown"),
        ("stats", "fake:", "--option", "seed"),
        ("stats", "fake:", "--option", "seed=1", "--option", "seed=2"),
    ],
)
def test_a_wrong_command_line_is_2_and_points_to_the_help(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "--help' explains the usage" in result.stderr
    assert result.stdout == ""


def test_no_command_at_all_is_two_lines() -> None:
    assert run().stderr.startswith("hvinspect: Missing command.\n")


@pytest.mark.parametrize(
    "target",
    ["refused", "denied", "lost", "late", "invalid", "unsupported", "broken", "hostile"],
)
def test_an_error_is_at_most_two_lines_that_name_the_target(target: str) -> None:
    result = run("stats", f"scripted:{target}")
    lines = result.stderr.splitlines()
    assert 1 <= len(lines) <= 2
    assert all(line.startswith("hvinspect: ") and line.isprintable() for line in lines)
    assert f"scripted:{target}" in lines[0]
    assert result.stdout == ""


def test_an_unknown_option_of_the_driver_suggests_the_known_one() -> None:
    result = run("stats", "fake:", "--option", "instance=2")
    assert result.exit_code == 3
    assert "'instances'" in result.stderr


def test_a_defect_is_a_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("oh\nno")

    monkeypatch.setattr(hvinspect, "available_drivers", broken)
    result = run("drivers")
    assert result.exit_code == 9
    assert result.stderr.startswith(r"hvinspect: this is a defect of hvinspect: RuntimeError: oh\nno")
    assert "Traceback" not in result.stderr


def test_a_traceback_is_shown_on_demand() -> None:
    assert "Traceback" in run("--traceback", "stats", "scripted:broken").stderr


def test_every_error_of_the_library_has_a_code_of_its_own() -> None:
    errors = [kind for name in hvinspect.__all__ if _is_error(kind := getattr(hvinspect, name)) and name != "Error"]
    assert len(errors) == 10
    assert [kind for kind in errors if of_error(kind("x")) is Exit.OTHER] == [hvinspect.ReplyInvalid]


def _is_error(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, hvinspect.Error)


def test_the_help_tells_every_code() -> None:
    text = run("--help").stdout
    for code, meaning in MEANINGS.items():
        assert re.search(rf"^ +{code.value}  {re.escape(meaning)}$", text, re.MULTILINE)


def test_the_documentation_tells_every_code() -> None:
    text = (ROOT / "docs" / "command.md").read_text(encoding="utf-8").replace("`", "")
    told = {int(code): meaning for code, meaning in re.findall(r"^\| (\d+) \| (.+?) \|$", text, re.MULTILINE)}
    assert told == {code.value: meaning for code, meaning in MEANINGS.items()}


def test_the_codes_stay() -> None:
    assert {code.name: code.value for code in Exit} == {
        "OK": 0,
        "INCOMPLETE": 1,
        "USAGE": 2,
        "TARGET": 3,
        "DRIVER": 4,
        "CONNECTION": 5,
        "DENIED": 6,
        "DEADLINE": 7,
        "NO_SUCH_THING": 8,
        "OTHER": 9,
        "INCOMPATIBLE": 10,
        "INTERRUPTED": 130,
        "PIPE_CLOSED": 141,
    }
