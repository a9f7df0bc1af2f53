"""``python -m tests.api.mutations.by_hand`` tries the changes of ``by_hand.toml``, which somebody thought of.

What shows in the surface is compared as in the mechanical corpus. What changes behaviour alone is run: the recorder of
the golden data, then the consumers, then the public tests of today, as the next release would freeze them, until one of
them notices. ``--structure-only`` leaves that out, ``--only TEXT`` tries those whose name has it.
"""

from __future__ import annotations

import argparse
import ast
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.api.copies import changed
from tools.api import baselines
from tools.api.baselines import Baseline
from tools.api.compare import compare
from tools.api.findings import Audience, Finding, Level, worst
from tools.api.oldnew import of_consumers, of_data, of_tests, programs_again
from tools.api.surface import ROOT, Surface
from tools.measured import Scalar, record

from .child import Code, asked, compiled, preload
from .labels import major, minor, patch
from .mutant import Mutant
from .promises import options_with

FILE = Path(__file__).parent / "by_hand.toml"
KNOWN = Path(__file__).parent / "known.toml"
_TRUTHS = {"major": major, "minor": minor}


@dataclass(frozen=True, slots=True)
class Change:
    """One entry."""

    what: str
    kind: str
    level: str
    audience: str
    file: str
    before: str
    after: str

    def mutant(self) -> Mutant:
        """The same for the mechanical way."""
        make = _TRUTHS.get(self.level)
        truth = make(frozenset({Audience(self.audience)})) if make else patch()
        if self.file == "pyproject.toml":
            return Mutant("by hand", self.what, truth, project=(self.before, self.after))
        if self.file == "bridges/_ceilometer/options.py":  # oslo.config need not be here
            change = options_with(lambda text: text.replace(self.before, self.after))
            return Mutant("by hand", self.what, truth, live=change)
        module = ".".join(["hvinspect", *Path(self.file).with_suffix("").parts]).removesuffix(".__init__")

        def edit(tree: ast.Module) -> None:
            text = (ROOT / "hvinspect" / self.file).read_text()
            assert text.count(self.before) == 1, f"{self.file} has {self.before!r} {text.count(self.before)} times"
            tree.body = ast.parse(text.replace(self.before, self.after)).body

        return Mutant("by hand", self.what, truth, ((module, edit),))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found of a change, and by what it was noticed first."""

    change: Change
    findings: Sequence[Finding]
    noticed_by: str

    @property
    def right(self) -> bool:
        """Is it judged as the entry says, or a behaviour noticed at all?"""
        if self.change.kind == "behaviour":
            return bool(self.noticed_by)
        found = max((one.level for one in self.findings), default=Level.PATCH)
        if self.change.level == "major":
            return worst(self.findings, Audience(self.change.audience)) is Level.MAJOR
        return found is Level[self.change.level.upper()]


def changes() -> list[Change]:
    """All entries."""
    entries = tomllib.loads(FILE.read_text())["change"]
    return [Change(**{"audience" if key == "for" else key: value for key, value in one.items()}) for one in entries]


def known() -> dict[str, str]:
    """The changes that are known to pass unnoticed, with the reason."""
    entries = tomllib.loads(KNOWN.read_text()).get("known", [])
    return {one["symbol"]: one["reason"] for one in entries if one["operator"] == "by hand"}


def structural(chosen: Sequence[Change]) -> Iterator[Outcome]:
    """Compared with the surface of today."""
    preload()
    code: Mapping[str, Code] = compiled()
    baseline = asked(lambda taken: taken, None, code)
    assert not isinstance(baseline, str), baseline
    for one in chosen:
        found = asked(_comparison(baseline), one.mutant(), code)
        if isinstance(found, str):
            raise SystemExit(f"{one.what}: cannot be imported: {found}")
        yield Outcome(one, found, "structure" if found else "")


def _comparison(baseline: Surface) -> Callable[[Surface], list[Finding]]:
    return lambda taken: compare(baseline, taken)


def today(folder: Path) -> Baseline:
    """A baseline with the data of the last one, and the public tests and consumers of now."""
    last = baselines.all_baselines()[-1]
    made = Baseline(last.version, folder / str(last.version))
    made.folder.mkdir()
    for path in last.folder.iterdir():
        if path.name not in ("tests", "consumers"):
            (made.folder / path.name).symlink_to(path)
    baselines.copy_programs(made.folder)
    return made


def noticed(change: Change, baseline: Baseline) -> Outcome:
    """Run until something fails, the quickest witnesses first."""
    with tempfile.TemporaryDirectory() as temporary:
        package = changed(Path(temporary), (change.file, change.before, change.after))
        found = list(of_data(baseline, package))
        if found:
            return Outcome(change, found, f"data: {found[0].symbol}")
        for kind, programs in (("consumer", of_consumers), ("test", of_tests)):
            # Some have deadlines, and the machine may be busy: what passes when it is asked again, or fails on the
            # code of now as well, has noticed nothing.
            failed = programs_again(baseline, package, programs(baseline, package))
            anyway = {one.symbol for one in programs_again(baseline, ROOT, failed)}
            found = [one for one in failed if one.symbol not in anyway]
            if found:
                return Outcome(change, found, f"{kind}: {found[0].symbol}")
    return Outcome(change, (), "")


def main(arguments: Sequence[str]) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.api.mutations.by_hand", description=__doc__)
    parser.add_argument("--structure-only", action="store_true", help="run nothing")
    parser.add_argument("--only", metavar="TEXT", default="", help="those whose name has TEXT")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    everything = [one for one in changes() if chosen.only in one.what]
    outcomes = list(structural([one for one in everything if one.kind != "behaviour"]))
    if not chosen.structure_only:
        with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(2) as pool:
            baseline = today(Path(temporary))
            behaviour = [one for one in everything if one.kind == "behaviour"]
            for outcome in pool.map(lambda one: noticed(one, baseline), behaviour):
                print(f"{outcome.change.what}: {outcome.noticed_by or 'NOT NOTICED'}", flush=True)
                outcomes.append(outcome)
    return _tell(outcomes, time.monotonic() - started, record_it=not chosen.structure_only and not chosen.only)


def _tell(outcomes: Sequence[Outcome], seconds: float, *, record_it: bool) -> int:
    rows: list[dict[str, Scalar]] = []
    for kind, level in sorted({(one.change.kind, one.change.level) for one in outcomes}):
        of = [one for one in outcomes if (one.change.kind, one.change.level) == (kind, level)]
        right = sum(one.right for one in of)
        rows.append({"kind": kind, "truth": level, "changes": len(of), "judged so": right, "not": len(of) - right})
    for row in rows:
        print(row)
    excused = known()
    wrong = [one for one in outcomes if not one.right]
    for one in wrong:
        said = ", ".join(f"{found.rule} {found.symbol}" for found in one.findings) or "nothing"
        reason = excused.get(one.change.what)
        print(f"{'known' if reason else 'WRONG'}: {one.change.what} ({one.change.level}); {reason or said[:300]}")
    print(f"{len(outcomes)} changes made by hand, {seconds:.0f} s")
    if record_it:
        record("api_mutations_by_hand", rows)
    return 1 if any(one.change.what not in excused for one in wrong) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
