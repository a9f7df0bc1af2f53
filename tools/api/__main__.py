"""``python -m tools.api`` judges what is here; ``--accept`` rewrites what is generated.

``freeze VERSION`` takes what is here as a baseline. ``retake VERSION`` takes a baseline's surface and contract from its
own wheel again, after the gate has learnt to look at something that it did not, or to spell it in another way.

It ends with 0 if every promise is kept, 1 if one is broken under too small a number, 2 if a generated file is stale or
a waiver is over, 3 if a baseline is missing, 4 if the tools judge a baseline's own wheel other than when it was taken.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from packaging.version import Version

from . import baselines, deprecations, drift, opinion, report, schema, surface, waivers
from .baselines import Baseline, NoBaseline
from .compare import compare
from .contract import contract
from .findings import Finding, merged
from .oldnew import of_data, of_programs, of_types, programs_again
from .page import page
from .rules import PAGE
from .surface import ROOT, Surface
from .verdict import Numbers, Verdict, judge

_SCHEMAS = ROOT / "docs" / "schema"


def main(arguments: Sequence[str]) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tools.api", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="rewrite the generated files")
    parser.add_argument("--structure-only", action="store_true", help="compare the surfaces, and run nothing")
    commands = parser.add_subparsers(dest="command")
    freezing = commands.add_parser("freeze", help="take what is here as a baseline")
    freezing.add_argument("version")
    retaking = commands.add_parser("retake", help="take a baseline's surface from its own wheel again")
    retaking.add_argument("version")
    chosen = parser.parse_args(arguments)
    if chosen.command == "retake":
        print(f"took {_retake(chosen.version).relative_to(ROOT)}")
        return 0
    now = surface.take()
    if chosen.accept or chosen.command == "freeze":
        for path, text in _generated(now).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if chosen.command == "freeze":
        print(f"took {_freeze(chosen.version, now).relative_to(ROOT)}")
        return 0
    try:
        return _check(now, everything=not chosen.structure_only)
    except NoBaseline as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 3
    except drift.ToolDrift as exc:
        print(f"error: the tools have changed, not hvinspect\n{exc}", file=sys.stderr)
        return 4


def _generated(now: Surface) -> dict[Path, str]:
    return {
        surface.CURRENT: surface.dumped(now),
        ROOT / PAGE: page(),
        schema.published(_SCHEMAS): schema.text(),
    }


def _freeze(version: str, now: Surface) -> Path:
    return baselines.freeze(version, now, contract(now, version), schema.json_schema())


def _retake(version: str) -> Path:
    baseline = Baseline(Version(version), baselines.FOLDER / version)
    taken = drift.surface_of_wheel(baseline)
    (baseline.folder / "surface.json").write_text(surface.dumped(taken))
    (baseline.folder / "contract.py").write_text(contract(taken, version))
    return baseline.folder


def _check(now: Surface, *, everything: bool) -> int:
    version = _version()
    stale = [path for path, text in _generated(now).items() if not path.is_file() or path.read_text() != text]
    found: list[Finding] = []
    verdicts: list[Verdict] = []
    given = waivers.read()
    chosen = baselines.relevant(version, baselines.all_baselines())
    for baseline in chosen:
        before = baseline.surface
        findings = compare(before, now)
        if everything:
            findings = merged([*findings, *_witnessed(baseline)])
        found += findings
        open_ones = [one for one in findings if not any(waiver.covers(one) for waiver in given)]
        numbers = Numbers(baseline.version, before["driver_api"], before["schema"])
        verdicts.append(judge(open_ones, numbers, Numbers(version, now["driver_api"], now["schema"])))
    broken = _tell(verdicts)
    for waiver in given:
        if any(waiver.covers(one) for one in found):
            print(f"waived until {waiver.expires}: {waiver.rule} for {waiver.symbol}: {waiver.reason}")
    today = datetime.datetime.now(datetime.UTC).date()
    early = [*deprecations.problems_of_registry(now["deprecations"])]
    for baseline in chosen:
        early += deprecations.removed_too_early(baseline.surface, now, version, today)
    for line in early:
        print(f"error: {line}")
    untidy = [
        f"{path.relative_to(ROOT)} is stale: ./dev api -- --accept rewrites it, if the change is meant"
        for path in stale
    ]
    untidy += waivers.problems(given, found, today, everything=everything)
    for line in untidy:
        print(f"error: {line}")
    return 1 if broken or early else 2 if untidy else 0


def _witnessed(baseline: Baseline) -> Iterator[Finding]:
    """What type checkers, stored data, tests and programs of the baseline say. The control runs come first."""
    drift.check(baseline)
    with ThreadPoolExecutor(3) as pool:
        # The tests wait more than they compute, the checkers compute: together they take as long as the longer.
        programs = pool.submit(of_programs, baseline, ROOT)
        types = pool.submit(of_types, baseline, ROOT)
        yield from of_data(baseline, ROOT)
        yield from types.result()
        failed = programs.result()
    if failed:
        failed = programs_again(baseline, ROOT, failed)
    if failed:
        drift.check_programs(baseline)
    yield from failed
    for line in opinion.griffe_says(baseline.unpacked(), ROOT)[:10]:
        print(f"griffe says of {baseline.version}: {line}")


def _tell(verdicts: Sequence[Verdict]) -> bool:
    told = "\n".join(
        path.read_text() for path in sorted((ROOT / "changelog.d").glob("*.md")) if path.name != "README.md"
    )
    broken = False
    for verdict in verdicts:
        for text in report.breaks(verdict):
            print(f"\n{text}")
            broken = True
        lines = list(report.additions(verdict))
        too_much = len(verdict.excessive)
        allowed = len(verdict.findings) - too_much
        print(f"\nsince {verdict.baseline.package}: {too_much} too much, {allowed} allowed")
        print(*lines, sep="\n")
    if broken:
        print(report.ADVICE)
    missing = report.unmentioned(verdicts[0].findings, told)
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        print(f"note: users would want to know of {shown}: write a changelog fragment (changelog.d/README.md)")
    return broken


def _version() -> Version:
    import hvinspect

    return Version(hvinspect.__version__)


if __name__ == "__main__":
    started = time.monotonic()
    status = main(sys.argv[1:])
    print(f"{'passed' if status == 0 else 'not passed'} in {time.monotonic() - started:.1f} s")
    sys.exit(status)
