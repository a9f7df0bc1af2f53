"""Operators on the command: exit codes, commands, options, arguments, and how it ends after an error.

Exit codes are edited in the source; the rest is changed as click has it, in the child after the import.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tools.api.surface import Surface

from .labels import major, minor, of_surface, patch
from .mutant import Edit, Mutant

# -- exit codes


@of_surface
def exit_codes(surface: Surface) -> Iterator[Mutant]:
    """Each another number, each renamed; one more."""

    def enum(change: Callable[[Any], object]) -> tuple[tuple[str, Edit], ...]:
        def edit(module: ast.Module) -> None:
            change(next(one for one in module.body if isinstance(one, ast.ClassDef) and one.name == "Exit"))

        return (("hvinspect.cli.exits", edit),)

    for name in surface["command"]["exit_codes"]:

        def renumber(node: Any, name: str = name) -> None:
            next(one for one in node.body if ast.unparse(one).startswith(f"{name} =")).value = ast.Constant(99)

        yield Mutant("exit-code-changed", name, major(), enum(renumber))
    yield Mutant("exit-code-added", "Exit", minor(), enum(lambda node: node.body.append(ast.parse("NEW = 99").body[0])))


# -- the command, as click has it


def _command(path: str) -> Any:
    from hvinspect.cli.commands import hvinspect as command

    found: Any = command
    for name in path.split()[1:]:
        found = found.commands[name]
    return found


def _parameter(path: str, label: str) -> Any:
    from tools.api.command import _label

    return next(one for one in _command(path).params if _label(one) == label)


@of_surface
def commands(surface: Surface) -> Iterator[Mutant]:
    """Each command and each of its parameters."""
    for path, command in surface["command"]["commands"].items():
        parent, _, name = path.rpartition(" ")
        if parent:

            def drop(parent: str = parent, name: str = name) -> None:
                del _command(parent).commands[name]

            def rename(parent: str = parent, name: str = name) -> None:
                group = _command(parent).commands
                group[f"{name}-renamed"] = group.pop(name)

            yield Mutant("command-removed", path, major(), live=drop)
            yield Mutant("command-renamed", path, major(), live=rename)
        yield Mutant("option-added", path, minor(), live=partial(_add_option, path, required=False))
        yield Mutant("required-option-added", path, major(), live=partial(_add_option, path, required=True))
        yield Mutant("help-changed", path, patch(), live=partial(_set_help, path))
        for label, facts in command["parameters"].items():
            yield from _of_parameter(path, label, facts)


def _set_help(path: str) -> None:
    _command(path).help = "Other."


def _add_option(path: str, *, required: bool) -> None:
    import click

    _command(path).params.append(click.Option(["--added"], required=required))


def _of_parameter(path: str, label: str, facts: dict[str, Any]) -> Iterator[Mutant]:
    import click

    where = f"{path} {label}"

    def on(change: Callable[[Any], object]) -> Callable[[], None]:
        def run() -> None:
            change(_parameter(path, label))

        return run

    def remove() -> None:
        _command(path).params.remove(_parameter(path, label))

    yield Mutant("option-removed", where, major(), live=remove)
    if facts["kind"] == "option":
        yield Mutant("option-renamed", where, major(), live=on(lambda one: one.opts.__setitem__(0, "--renamed")))
        yield Mutant("option-spelling-added", where, minor(), live=on(lambda one: one.opts.append("--more")))
        yield Mutant("option-help-changed", where, patch(), live=on(lambda one: setattr(one, "help", "Other.")))
    yield from _of_shape(where, facts, on)
    if not facts["required"]:
        yield Mutant("option-made-required", where, major(), live=on(lambda one: setattr(one, "required", True)))
    else:
        yield Mutant("option-made-optional", where, minor(), live=on(lambda one: setattr(one, "required", False)))
    if not facts.get("flag"):
        narrow = click.Choice(["only"])
        yield Mutant("option-type-changed", where, major(), live=on(lambda one: setattr(one, "type", narrow)))
        if facts["kind"] == "option":
            yield Mutant("option-default-changed", where, major(), live=on(lambda one: setattr(one, "default", "93")))


def _of_shape(where: str, facts: dict[str, Any], on: Callable[[Any], Callable[[], None]]) -> Iterator[Mutant]:
    """How often it may be given, with how many values, from where, and which."""
    import click

    if facts["kind"] == "option" and not facts.get("flag"):
        yield Mutant("option-of-two-values", where, major(), live=on(lambda one: setattr(one, "nargs", 2)))
        if facts["repeatable"]:
            yield Mutant("option-given-once", where, major(), live=on(lambda one: setattr(one, "multiple", False)))
        else:
            yield Mutant("option-repeatable", where, minor(), live=on(lambda one: setattr(one, "multiple", True)))
    if facts["environment"] is None:
        yield Mutant("option-from-environment", where, minor(), live=on(lambda one: setattr(one, "envvar", "HV_ONE")))
    else:
        yield Mutant("option-not-from-environment", where, major(), live=on(lambda one: setattr(one, "envvar", None)))
    if facts.get("flag"):
        yield Mutant("option-takes-a-value", where, major(), live=on(lambda one: setattr(one, "is_flag", False)))
    if facts["type"]["name"] != "text" and not facts.get("flag"):
        yield Mutant("option-takes-any-text", where, minor(), live=on(lambda one: setattr(one, "type", click.STRING)))
    if "choices" in facts["type"]:
        more, fewer = ([*facts["type"]["choices"], "more"], facts["type"]["choices"][1:])
        yield Mutant(
            "option-choice-added", where, minor(), live=on(lambda one: setattr(one, "type", click.Choice(more)))
        )
        less = click.Choice(fewer)
        yield Mutant("option-choice-removed", where, major(), live=on(lambda one: setattr(one, "type", less)))


# -- what the command ends with


@of_surface
def exits_of_errors(surface: Surface) -> Iterator[Mutant]:
    """After each error another exit code."""
    for name in surface["command"]["exits_of"]:

        def change(name: str = name) -> None:
            import hvinspect
            from hvinspect.cli import exits

            exits._OF_ERROR[getattr(hvinspect, name)] = exits.Exit.PIPE_CLOSED

        yield Mutant("exit-of-error-changed", name, major(), live=change)
