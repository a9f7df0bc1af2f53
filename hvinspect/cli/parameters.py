"""The arguments and options that commands share, and how their text becomes values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import click

from hvinspect import DEFAULT_GROUPS, Group, Secret
from hvinspect.driver import printable

__all__ = ["chosen_groups", "group_option", "json_option", "reaching", "seconds"]

F = TypeVar("F", bound=Callable[..., Any])
Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]
_LONGEST_SECRET = 65536


def seconds(text: str) -> float:
    """A positive, finite number of seconds."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise click.BadParameter(f"{printable(text)!r} is not a positive number of seconds, such as 5 or 0.5")
    return number


def driver_option(text: str) -> tuple[str, str | Secret]:
    """NAME=VALUE, or NAME=@FILE for a secret that is read from FILE."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter("write NAME=VALUE, or NAME=@FILE for a secret")  # the text may be a secret
    if value.startswith("@@"):
        return name, value[1:]
    if not value.startswith("@"):
        return name, value
    return name, _secret(name, Path(value[1:]))


def _secret(name: str, path: Path) -> Secret:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LONGEST_SECRET + 1)
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is no UTF-8 text"
        raise click.BadParameter(f"the file {str(path)!r} of {name!r} cannot be read: {reason}") from exc
    if len(text) > _LONGEST_SECRET:
        raise click.BadParameter(f"the file {str(path)!r} of {name!r} is longer than a secret may be")
    return Secret(text.removesuffix("\n"))


def _by_name(
    ctx: click.Context, param: click.Parameter, given: Iterable[tuple[str, str | Secret]]
) -> dict[str, str | Secret]:
    options: dict[str, str | Secret] = {}
    for name, value in given:
        if name in options:
            raise click.BadParameter(f"{name!r} is given twice", ctx, param)
        options[name] = value
    return options


def reaching(command: F) -> F:
    """What every command takes that connects: the target, its options, and how long it may take."""
    for decorate in (
        click.option(
            "--timeout",
            type=seconds,
            default="10",
            show_default=True,
            metavar="SECONDS",
            help="End by then, connecting included; with --watch, for each reading.",
        ),
        click.option(
            "--option",
            "options",
            type=driver_option,
            multiple=True,
            callback=_by_name,
            metavar="NAME=VALUE",
            help="An option of the driver; NAME=@FILE reads a secret from FILE, so that no list of processes "
            "shows it, and NAME=@@TEXT is a value that begins with @. May be repeated.",
        ),
        click.argument("target"),
    ):
        command = decorate(command)
    return command


json_option: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="For programs: one JSON document on one line, in base units."
)

_NAMES = [group.value for group in Group if group is not Group.UNKNOWN]
_IN_DEFAULT = [group.value for group in Group if group in DEFAULT_GROUPS]

group_option: Decorator = click.option(
    "--group",
    "groups",
    type=click.Choice(["default", *_NAMES]),
    multiple=True,
    metavar="NAME",
    help="Read only this group of fields; may be repeated. One of "
    f"{', '.join(_IN_DEFAULT)} (together: default), "
    f"{', '.join(name for name in _NAMES if name not in _IN_DEFAULT)}.",
)


def chosen_groups(names: Iterable[str]) -> frozenset[Group]:
    """The groups of those names; none given is the default."""
    chosen: set[Group] = set()
    for name in names:
        chosen |= DEFAULT_GROUPS if name == "default" else {Group(name)}
    return frozenset(chosen or DEFAULT_GROUPS)
