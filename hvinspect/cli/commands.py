"""The commands."""

from __future__ import annotations

import sys
from contextlib import nullcontext, redirect_stdout
from typing import Any

import click
from rich.text import Text

import hvinspect as library
from hvinspect import (
    CATALOGUE,
    SCHEMA,
    Failure,
    Group,
    InstanceStats,
    Kind,
    Secret,
    Snapshot,
    Unit,
)
from hvinspect.driver import printable

from . import exits, guests, humane
from .compatibility import compat
from .displays import Appended, Display, JsonLines, Redrawn, complain_of_failures
from .exits import Exit
from .export import export
from .frame import Wishes
from .guarded import Guarded
from .output import Heading, Output
from .parameters import chosen_groups, group_option, json_option, reaching, seconds
from .reached import reached
from .top import top
from .watch import readings

__all__ = ["hvinspect"]

Options = dict[str, str | Secret]


def _epilog() -> str:
    lines = [f"{code.value:>5}  {meaning}" for code, meaning in exits.MEANINGS.items()]
    return "\b\nExit codes:\n" + "\n".join(lines)


@click.group(
    cls=Guarded,
    no_args_is_help=False,
    epilog=_epilog(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(library.__version__, prog_name="hvinspect", message="%(prog)s %(version)s")
@click.option("--traceback", is_flag=True, help="With an error, show where it came from.")
def hvinspect(traceback: bool) -> None:
    """Read the CPU, memory, disk and NIC counters of every instance on a host.

    A TARGET is a driver and what that driver calls the host, for instance libvirt:qemu:///system. The target
    fake: needs no hypervisor. Nothing that is done here changes an instance.
    """


@hvinspect.command()
@json_option
def drivers(as_json: bool) -> None:
    """List the drivers, and what those need that cannot be used."""
    output = Output()
    with redirect_stdout(sys.stderr):  # a foreign driver may print when it is imported
        found = library.available_drivers()
    if as_json:
        plain = [
            {"name": one.name, "usable": one.usable, "distribution": one.distribution, "remedy": one.remedy}
            for one in found
        ]
        output.json({"schema": SCHEMA, "kind": "drivers", "drivers": plain})
        return
    headings = [Heading("DRIVER"), Heading("USABLE"), Heading("FROM")]
    rows = [
        [
            Text(printable(one.name)),
            Text("yes", "green") if one.usable else Text("no", "red"),
            Text(printable(one.distribution)),
        ]
        for one in found
    ]
    output.show(output.table(headings, rows))
    for one in found:
        if not one.usable:
            output.show(Text(""), Text(printable(one.remedy, limit=humane.LONGEST_TEXT)))


@hvinspect.command("list")
@reaching
@json_option
def list_(target: str, options: Options, timeout: float, as_json: bool) -> int:
    """List the instances: key, uuid, name and state."""
    with reached(target, timeout, options) as reach:
        snapshot = reach.connection.snapshot(groups={Group.STATE}, timeout=reach.left)
    output = Output()
    if as_json:
        output.json(library.to_dict(snapshot))
    else:
        output.show(_listing(snapshot, output))
    complain_of_failures(snapshot)
    return exits.of_snapshot(snapshot)


def _listing(snapshot: Snapshot, output: Output) -> Any:
    found: list[InstanceStats | Failure] = [*snapshot.instances, *snapshot.failures]
    if not found:
        return Text("no instances")
    # Where every key is the uuid, one column says both.
    with_uuid = any(one.instance.uuid and str(one.instance.uuid) != one.instance.key for one in found)
    headings = [
        Heading("KEY"),
        *([Heading("UUID", whole=True)] if with_uuid else []),
        Heading("NAME"),
        Heading("STATE"),
    ]
    rows: list[list[Text]] = []
    for one in found:
        who = one.instance
        uuid = [Text(str(who.uuid or "-"))] if with_uuid else []
        key = Text(printable(who.key, limit=humane.LONGEST_TEXT))  # to be copied: whole on a terminal too
        name = Text(printable(who.name or "-", limit=output.longest_name))
        rows.append([key, *uuid, name, guests.state_text(one)])
    return output.table(headings, rows)


@hvinspect.command()
@reaching
@group_option
@click.option(
    "--instance",
    "instances",
    multiple=True,
    metavar="KEY|UUID",
    help="Read only this instance; may be repeated. 'hvinspect list' shows the keys.",
)
@click.option("--watch", type=seconds, metavar="SECONDS", help="Read again every SECONDS and show rates.")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="With --watch: end after N readings.")
@click.option("--why", is_flag=True, help="Tell of every missing value why it is missing.")
@click.option("--detail", is_flag=True, help="Show every value, device by device, with its field's name.")
@json_option
def stats(
    target: str,
    options: Options,
    timeout: float,
    groups: tuple[str, ...],
    instances: tuple[str, ...],
    watch: float | None,
    count: int | None,
    why: bool,
    detail: bool,
    as_json: bool,
) -> int:
    """Show the counters of every instance, or with --watch rates.

    A row sums up the disks and the NICs of an instance; --detail shows each. RX is what the guest received. A
    value that is missing is shown as -, and why stands below the table. An instance of which nothing could be
    read has the reason in place of its state, and a line on standard error. Groups for which the table has
    no column are shown value by value.

    With --watch the first table shows counters, the next ones rates. On a terminal it is redrawn in its
    place; elsewhere one follows the other. A lost connection or a passed deadline is reported, and the next
    reading tries again. The exit code is that of the last reading that was not complete, if there was one.
    """
    if count is not None and watch is None:
        raise click.UsageError("--count needs --watch")
    output = Output()
    wishes = Wishes(chosen_groups(groups), why, detail)
    with reached(target, timeout, options) as reach, _display(output, wishes, as_json, watch) as display:
        code = Exit.OK
        first = True

        def read() -> Snapshot:
            nonlocal first
            limit, first = (reach.left if first else timeout), False
            return reach.connection.snapshot(instances or None, groups=wishes.groups, timeout=limit)

        def trouble(error: library.Error) -> None:
            nonlocal code
            code = exits.of_error(error)
            display.trouble(error)

        for reading in readings(read, every=watch, times=count, trouble=trouble):
            display.show(reading)
            code = exits.of_snapshot(reading.snapshot) or code
    return code


def _display(output: Output, wishes: Wishes, as_json: bool, watch: float | None) -> Any:
    if as_json:
        return nullcontext[Display](JsonLines(output))
    if watch is not None and output.redraws:
        return Redrawn.on(output, wishes)
    return nullcontext[Display](Appended(output, wishes, several=watch is not None))


@hvinspect.command()
@reaching
@json_option
def capabilities(target: str, options: Options, timeout: float, as_json: bool) -> None:
    """Show which fields a target gives.

    For the others it tells why not, and what would help.
    """
    with reached(target, timeout, options) as reach:
        found = list(reach.connection.capabilities(timeout=reach.left))
    output = Output()
    if as_json:
        plain = [
            {
                "path": one.field.path,
                "given": one.given,
                **(
                    {"reason": one.absence.reason.value, "detail": one.absence.detail}
                    if one.absence is not None
                    else {}
                ),
            }
            for one in found
        ]
        output.json({"schema": SCHEMA, "kind": "capabilities", "fields": plain})
        return
    rows = [
        [
            Text(one.field.path),
            Text("yes", "green") if one.given else Text("-", "dim"),
            Text(printable(one.absence, limit=humane.LONGEST_TEXT) if one.absence else ""),
        ]
        for one in found
    ]
    given = sum(one.given for one in found)
    output.show(
        output.table([Heading("FIELD", whole=True), Heading("GIVEN"), Heading("WHY NOT")], rows),
        Text(""),
        Text(f"{given} of {len(found)} fields are given"),
    )


@hvinspect.command()
@json_option
def fields(as_json: bool) -> None:
    """Show every field there is: its kind, unit and meaning."""
    output = Output()
    if as_json:
        plain = [
            {
                "path": one.path,
                "kind": one.kind.value,
                "unit": one.unit.name.lower(),
                "group": one.group.value if one.group else None,
                "since": one.since,
                "meaning": one.meaning,
            }
            for one in CATALOGUE.values()
        ]
        output.json({"schema": SCHEMA, "kind": "fields", "fields": plain})
        return
    headings = [Heading("FIELD", whole=True), Heading("KIND"), Heading("UNIT"), Heading("MEANING")]
    rows = [
        [
            Text(one.path),
            Text("" if one.kind is Kind.INFO else one.kind.value),
            Text(_UNITS.get(one.unit, "")),
            Text(one.meaning),
        ]
        for one in CATALOGUE.values()
    ]
    output.show(output.table(headings, rows))


_UNITS = {
    Unit.NANOSECONDS: "ns",
    Unit.UNIX_NANOSECONDS: "Unix ns",
    Unit.BYTES: "B",
    Unit.BYTES_PER_SECOND: "B/s",
    Unit.PER_SECOND: "1/s",
    Unit.FRACTION: "0..1",
    Unit.CORES: "cores",
}


@hvinspect.command()
@reaching
@json_option
def host(target: str, options: Options, timeout: float, as_json: bool) -> None:
    """Show the numbers of the host itself."""
    with reached(target, timeout, options) as reach:
        found = reach.connection.host(timeout=reach.left)
    output = Output()
    if as_json:
        output.json(library.to_dict(found))
        return
    rows: list[list[Text]] = []
    for field in CATALOGUE.values():
        if field.record == "host":
            value, absence = getattr(found, field.name), found.why(field.name)
            text = f"-  {printable(absence)}" if value is None else humane.shown(field, value)
            rows.append([Text(field.name), Text(text)])
    output.show(output.table([Heading("FIELD", whole=True), Heading("VALUE")], rows))


hvinspect.add_command(compat)
hvinspect.add_command(export)
hvinspect.add_command(top)
