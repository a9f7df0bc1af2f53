"""The pairs in ``rules/``: for each rule a before, an after that triggers it, and a near miss that does not.

A file is a list of blocks: ``## rule``, the code of before, ``-->``, that of after, ``near:``, that of a near miss.
The code is a module; its names without an underscore are public. What else may be said of a surface is in capital
letters: see ``_PLAIN``.
"""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tools.api.command import command_facts
from tools.api.distribution import distribution_facts
from tools.api.operator_options import options_in
from tools.api.surface import Surface, symbols_of

FOLDER = Path(__file__).parent / "rules"
PACKAGE = "snippet"
_PROJECT = (
    '[project]\nname = "x"\nrequires-python = ">=3.11"\ndependencies = ["a>=1"]\n[project.optional-dependencies]\n'
)
#: What a snippet may set, and what stands for it where it does not.
_PLAIN: dict[str, Any] = {
    "CATALOGUE": {},
    "STORED": {},
    "STORED_KINDS": ("snapshot",),
    "COMMAND": click.Command("run"),
    "EXIT_CODES": {"OK": 0},
    "EXITS_OF": {},
    "OPERATOR_OPTIONS": "",
    "METRICS": {},
    "TYPED": True,
    "DRIVERS": {},
    "DRIVER_API": 1,
    "SCHEMA": 1,
    "DRIVER_ENTRY_POINTS": "x.drivers.v1",
    "PROJECT": _PROJECT,
    "MODULES": {},
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One block."""

    rule: str
    before: str
    after: str
    near: str
    place: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.place})"


def pairs() -> Iterator[Pair]:
    """Every block of every file."""
    for path in sorted(FOLDER.glob("*.txt")):
        line = 1
        for block in path.read_text().split("## ")[1:]:
            rule, _, code = block.partition("\n")
            before, _, rest = code.partition("-->\n")
            after, _, near = rest.partition("near:\n")
            assert near, f"{path.name}: the block of {rule} has no near miss"
            yield Pair(rule.strip(), before, after, near, f"{path.stem}:{line}")
            line += block.count("\n")


def field(unit: str = "BYTES", **facts: object) -> dict[str, object]:
    """An entry of the catalogue."""
    plain: dict[str, object] = {
        "unit": unit,
        "kind": "counter",
        "meaning": "Read by the guest.",
        "group": "disk",
        "since": "0.1",
        "numeric": True,
        "required": False,
    }
    return {**plain, **facts}


def stored(required: str = "", needed: str = "", **properties: object) -> dict[str, object]:
    """A record of stored data."""
    return {"type": "object", "properties": properties, "required": required.split(), "needed": needed.split()}


def surface(code: str) -> Surface:
    """That of *code*."""
    module = types.ModuleType(PACKAGE)
    # Evaluated annotations are looked up by the name of the module.
    sys.modules[PACKAGE] = module
    # They are kept by the names of module and function, which another snippet has too.
    typing.clear_overloads()
    module.__dict__.update(field=field, stored=stored, click=click, PROJECT=_PROJECT)
    given = set(vars(module))
    exec(compile(code, f"{PACKAGE}.py", "exec", dont_inherit=True), module.__dict__)
    own = [name for name in vars(module) if name not in given and not name.startswith("_") and name not in _PLAIN]
    defined = [name for name in own if _is_own(vars(module)[name])]
    module.__all__ = defined  # type: ignore[attr-defined]
    facts = {name: vars(module).get(name, plain) for name, plain in _PLAIN.items()}
    return {
        **symbols_of({PACKAGE: module, **_more_modules(facts["MODULES"], module)}, PACKAGE),
        "driver_api": facts["DRIVER_API"],
        "schema": facts["SCHEMA"],
        "catalogue": facts["CATALOGUE"],
        "stored": {
            "oneOf": [{"properties": {"kind": {"const": kind}}} for kind in facts["STORED_KINDS"]],
            "$defs": facts["STORED"],
        },
        "command": command_facts(facts["COMMAND"], facts["EXIT_CODES"], facts["EXITS_OF"]),
        "operator_options": options_in(facts["OPERATOR_OPTIONS"]),
        "metrics": facts["METRICS"],
        "typed": facts["TYPED"],
        "drivers": facts["DRIVERS"],
        "driver_entry_points": facts["DRIVER_ENTRY_POINTS"],
        "distribution": distribution_facts(facts["PROJECT"]),
    }


def _more_modules(wanted: dict[str, dict[str, Any]], module: types.ModuleType) -> dict[str, types.ModuleType]:
    made: dict[str, types.ModuleType] = {}
    for name, names in wanted.items():
        more = types.ModuleType(f"{PACKAGE}.{name}")
        more.__dict__.update(names, __all__=sorted(names))
        made[more.__name__] = more
    return made


def _is_own(thing: Any) -> bool:
    """Is it of the snippet, and not imported by it?"""
    return not isinstance(thing, types.ModuleType) and getattr(thing, "__module__", PACKAGE) in (
        PACKAGE,
        "types",
        "builtins",
    )
