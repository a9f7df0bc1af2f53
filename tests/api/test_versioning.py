"""VERSIONING.md names what enforces each promise, and that is there."""

from __future__ import annotations

import fnmatch
import re

import pytest

from tools.api.public import modules
from tools.api.rules import RULES
from tools.api.surface import ROOT

TEXT = (ROOT / "VERSIONING.md").read_text()
#: (promise, what checks it)
ROWS = [
    (found[1], found[2])
    for line in TEXT.partition("| Promise |")[2].splitlines()
    if (found := re.fullmatch(r"\| (.+?) \| (.+) \|", line)) and not line.startswith("|---")
]
LAYERS = re.compile(r"\b(structure|contract|data|transcript)\b")
SESSIONS = set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(), re.MULTILINE))


def is_public(module: str) -> bool:
    """Is it in the list that the first promise has?"""
    listed = ROWS[0][0].partition(" Not ")[0]
    names = {
        name.removeprefix("hvinspect").removeprefix(".") for name in re.findall(r"`((?:hvinspect|\.)\w*)`", listed)
    }
    own = module.removeprefix("hvinspect").removeprefix(".")
    parent = own.partition(".")[0]
    return own in names or (parent in names and f"`.{parent}` and its modules" in listed)


def test_there_are_promises() -> None:
    assert len(ROWS) > 20


def test_the_modules_that_it_calls_public_are_the_gates() -> None:
    assert [name for name in modules() if not is_public(name)] == []
    named = re.findall(r"`\.(\w+)`", ROWS[0][0].partition(" Not ")[0])
    assert [name for name in named if f"hvinspect.{name}" not in modules()] == []


@pytest.mark.parametrize(("promise", "checked"), ROWS, ids=[promise[:40] for promise, _ in ROWS])
def test_what_checks_a_promise_exists(promise: str, checked: str) -> None:
    named = re.findall(r"`([^`]+)`", checked)
    unknown = [name for name in named if not exists(name)]
    assert unknown == []
    assert named or LAYERS.search(checked), f"nothing checks: {promise}"


def exists(name: str) -> bool:
    """A file or folder of tests, a rule or a pattern of rules, a session, the command that runs one."""
    if name.endswith((".py", "/")):
        return (ROOT / "tests" / name).exists()
    if session := re.fullmatch(r"(?:nox -s|\./dev) (\w+)", name):
        return session[1] in SESSIONS
    return bool(fnmatch.filter(RULES, name))
