"""The facts of the ``hvinspect`` command: its commands, their options and arguments, and the exit codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from .functions import Facts

#: What an option's own function is asked, to learn which values it takes: its name is nobody's business.
_ASKED = ("", "0", "1", "-1", "0.5", "1e3", "inf", "nan", "word", "two words", "1.2.3", "name=value", "=", "{}", "[]")


def command_facts(
    command: click.Command, exit_codes: Mapping[str, int], exits_of: Mapping[str, int] | None = None
) -> Facts:
    """What a script may rely on; the text for people is left out. *exits_of*: error -> how the command ends with it."""
    facts = {"commands": _commands(command, command.name or ""), "exit_codes": dict(sorted(exit_codes.items()))}
    return {**facts, "exits_of": dict(sorted((exits_of or {}).items()))}


def _commands(command: click.Command, path: str) -> Facts:
    context = click.Context(command, info_name=path, **command.context_settings)
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    found: Facts = {
        path: {
            "parameters": {
                _label(one): _parameter(one, arguments.index(one) if one in arguments else 0) for one in command.params
            },
            "help": sorted(command.get_help_option_names(context)),
            "environment": context.auto_envvar_prefix,
        }
    }
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
        "repeatable": parameter.multiple or parameter.nargs == -1,
        "values": parameter.nargs,
        "type": _type(parameter.type),
        "environment": parameter.envvar,
    }
    if isinstance(parameter, click.Option):
        facts["spellings"] = sorted([*parameter.opts, *parameter.secondary_opts])
        facts["flag"] = parameter.is_flag
        # What click itself takes for "not given" is an object of its own, other in each version.
        plain = isinstance(parameter.default, (str, int, float))
        given = plain and parameter.default is not False
        facts["default"] = repr(parameter.default) if given else "none"
    else:
        facts["position"] = position
    return facts


def _type(kind: Any) -> Facts:
    facts: Facts = {"name": kind.name}
    if isinstance(kind, click.types.FuncParamType):
        answers = {text: _answer(kind, text) for text in _ASKED}
        return {"name": "function", "accepts": {text: answer for text, answer in answers.items() if answer}}
    if isinstance(kind, click.Choice):
        facts["choices"] = sorted(str(one) for one in kind.choices)
        facts["exact"] = kind.case_sensitive
    if isinstance(kind, click.Path):
        wishes = ("exists", "file_okay", "dir_okay", "readable", "writable", "executable", "allow_dash")
        facts.update(name="path", **{wish: getattr(kind, wish) for wish in wishes})
    for edge in ("min", "max"):
        if getattr(kind, edge, None) is not None:
            facts[edge] = getattr(kind, edge)
    return facts


def _answer(kind: Any, text: str) -> str:
    """What it makes of *text*; nothing if it refuses it."""
    try:
        made = kind.func(text)
    except (click.ClickException, ValueError):
        return ""
    return repr(made) if isinstance(made, (str, int, float, tuple)) else f"a {type(made).__name__}"
