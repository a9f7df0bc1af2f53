"""``hvinspect compat check``: which versions of hvinspect a program can be run with."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click
from packaging.version import InvalidVersion, Version
from rich.text import Text

import hvinspect
from hvinspect.driver import printable

from .exits import Exit
from .humane import LONGEST_TEXT
from .output import Heading, Output
from .parameters import json_option
from .private_uses import PrivateUse, private_uses, sources
from .surfaces import DEPRECATED, Complaint, Surface, complaints, surfaces

__all__ = ["compat"]


class _Verdict(NamedTuple):
    """What one version says of the program."""

    surface: Surface
    errors: tuple[Complaint, ...]
    deprecated: tuple[Complaint, ...]


class _Findings(NamedTuple):
    """All of them, oldest version first."""

    verdicts: tuple[_Verdict, ...]
    private: tuple[PrivateUse, ...]

    @property
    def floor(self) -> Version | None:
        """The oldest version that passes and after which all pass; None if the newest does not."""
        floor = None
        for verdict in reversed(self.verdicts):
            if verdict.errors:
                break
            floor = verdict.surface.version
        return floor

    @property
    def deprecated(self) -> tuple[Complaint, ...]:
        return self.verdicts[-1].deprecated


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion as exc:
        raise click.BadParameter(f"{printable(text)!r} is no version, such as 0.3") from exc


@click.group()
def compat() -> None:
    """Find out which versions of hvinspect a program can be run with."""


@compat.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True))
@click.option(
    "--wheels",
    type=click.Path(exists=True, file_okay=False),
    metavar="FOLDER",
    help="Wheels of other versions of hvinspect, for instance from 'pip download --no-deps'.",
)
@click.option("--floor", "claimed", type=_version, metavar="VERSION", help="Fail if the program needs a newer one.")
@json_option
def check(paths: tuple[str, ...], wheels: str | None, claimed: Version | None, as_json: bool) -> int:
    """Check the program in PATH against the types of each version there is.

    Those are the installed version and the wheels in FOLDER. The program is type-checked with mypy, not run; what
    is wrong with it for other reasons than hvinspect does not matter. The oldest version that passes, and after
    which all pass, is its floor. What it uses of hvinspect that is deprecated or private is listed.

    The exit code is 10 if the newest version does not pass, if something private is used, or if the floor is above
    that of --floor.
    """
    findings = _found(paths, sorted(Path(wheels).rglob("hvinspect-*.whl")) if wheels else [])
    floor = findings.floor
    ok = floor is not None and not findings.private and (claimed is None or floor <= claimed)
    output = Output()
    if as_json:
        output.json({"schema": hvinspect.SCHEMA, "kind": "compat", "ok": ok, **_plain(findings)})
    else:
        _show(output, findings, claimed)
    return Exit.OK if ok else Exit.INCOMPATIBLE


def _found(paths: Sequence[str], wheels: Sequence[Path]) -> _Findings:
    verdicts: list[_Verdict] = []
    with tempfile.TemporaryDirectory(prefix="hvinspect-compat-") as folder:
        into = Path(folder).resolve()
        versions = surfaces(wheels, into)
        for surface, said in zip(versions, complaints(paths, versions, into), strict=True):
            deprecated = {one for one in said if one.code == DEPRECATED}
            verdicts.append(_Verdict(surface, tuple(sorted(said - deprecated)), tuple(sorted(deprecated))))
    private = [use for file in sources(paths) for use in private_uses(file)]
    return _Findings(tuple(verdicts), tuple(private))


def _plain(findings: _Findings) -> dict[str, object]:
    return {
        "floor": str(findings.floor) if findings.floor else None,
        "versions": [
            {
                "version": str(verdict.surface.version),
                "installed": verdict.surface.installed,
                "errors": [one._asdict() for one in verdict.errors],
            }
            for verdict in findings.verdicts
        ],
        "deprecated": [one._asdict() for one in findings.deprecated],
        "private": [one._asdict() for one in findings.private],
    }


def _show(output: Output, findings: _Findings, claimed: Version | None) -> None:
    rows = [
        [
            Text(str(verdict.surface)),
            Text("no", "red") if verdict.errors else Text("yes", "green"),
            Text(str(len(verdict.errors) or "")),
        ]
        for verdict in findings.verdicts
    ]
    output.show(
        output.table([Heading("VERSION", whole=True), Heading("PASSES"), Heading("ERRORS", numeric=True)], rows)
    )
    failing = [verdict for verdict in findings.verdicts if verdict.errors]
    if failing:
        _listed(output, f"with {failing[-1].surface}:", failing[-1].errors)
    _listed(output, "deprecated:", findings.deprecated)
    _listed(output, "private, and may change in any version:", findings.private)
    floor = findings.floor
    last = "the program does not pass with the newest version" if floor is None else f"needs hvinspect>={floor}"
    if floor is not None and claimed is not None and floor > claimed:
        last += f", not >={claimed}"
    output.show(Text(""), Text(last))


def _listed(output: Output, heading: str, places: Sequence[Complaint | PrivateUse]) -> None:
    if places:
        output.show(Text(""), Text(heading))
    for one in places:
        what = one.message if isinstance(one, Complaint) else one.name
        output.show(Text(printable(f"{one.file}:{one.line}: {what}", limit=LONGEST_TEXT)))
