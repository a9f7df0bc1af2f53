"""The facts of the ``hvinspect`` command: its commands, their options and arguments, and the exit codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from .functions import Facts


def command_facts(command: click.Command, exit_codes: Mapping[str, int]) -> Facts:
    """What a script may rely on; the text for people is left out."""
    return {"commands": _commands(command, command.name or ""), "exit_codes": dict(sorted(exit_codes.items()))}


def _commands(command: click.Command, path: str) -> Facts:
    found: Facts = {path: {"parameters": {_label(one): _parameter(one, n) for n, one in enumerate(command.params)}}}
    if isinstance(command, click.Group):
        for name, inner in sorted(command.commands.items()):
            found.update(_commands(inner, f"{path} {name}"))
    return found


def _label(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return (parameter.name or "").upper()


def _parameter(parameter: click.Parameter, position: int) -> Facts:
    facts: Facts = {
        "kind": "option" if isinstance(parameter, click.Option) else "argument",
        "required": parameter.required,
        "repeatable": parameter.multiple or parameter.nargs != 1,
        "type": _type(parameter.type),
        "environment": parameter.envvar,
    }
    if isinstance(parameter, click.Option):
        facts["spellings"] = sorted([*parameter.opts, *parameter.secondary_opts])
        facts["flag"] = parameter.is_flag
        # What click itself takes for "not given" is an object of its own, other in each version.
        plain = isinstance(parameter.default, (str, int, float, bool))
        facts["default"] = repr(parameter.default) if plain and not parameter.is_flag else "none"
    else:
        facts["position"] = position
    return facts


def _type(kind: Any) -> Facts:
    facts: Facts = {"name": kind.name}
    if isinstance(kind, click.Choice):
        facts["choices"] = sorted(str(one) for one in kind.choices)
    for edge in ("min", "max"):
        if getattr(kind, edge, None) is not None:
            facts[edge] = getattr(kind, edge)
    return facts
