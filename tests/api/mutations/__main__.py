"""``python -m tests.api.mutations`` tries every mutant; ``--sample N`` a fixed choice of N, some of each operator.

The surface of today is loaded once; each mutant is made in a fork, and the gate's comparison judges what came of it.
It ends with 1 if one that breaks somebody is missed, or one that does not is called a break, and ``known.toml`` does
not say why.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.api import surface
from tools.api.compare import compare
from tools.api.findings import Finding, Level, worst
from tools.api.surface import Surface
from tools.measured import Scalar, record

from . import classes, command, functions, metrics, promises, typed_dicts  # noqa: F401  # they fill the register
from .child import Code, asked, compiled, preload
from .labels import REGISTER
from .mutant import Mutant
from .places import places

_EXACT = 0.97
KNOWN = Path(__file__).parent / "known.toml"
#: Any number; the sample of CI is the same every day.
_SEED = 5


@dataclass(frozen=True, slots=True)
class Result:
    """What the gate said of one mutant."""

    mutant: Mutant
    #: Why it could not be imported: nobody would release it.
    dead: str
    findings: Sequence[Finding]

    @property
    def verdict(self) -> str:
        """``dead``, ``caught``, ``missed``, ``false major``, ``right``, or ``other level``."""
        if self.dead:
            return "dead"
        level, users = self.mutant.truth.level, self.mutant.truth.audiences
        if level is Level.MAJOR:
            return "caught" if all(worst(self.findings, one) is Level.MAJOR for one in users) else "missed"
        if self.found is Level.MAJOR:
            return "false major"
        return "right" if self.found is level else "other level"

    @property
    def found(self) -> Level:
        """The worst of all findings."""
        return max((one.level for one in self.findings), default=Level.PATCH)


def mutants(now: Surface) -> list[Mutant]:
    """All of them, in a fixed order."""
    return list(_mutants(now))


def _mutants(now: Surface) -> Iterator[Mutant]:
    for place in places(now):
        for operator in REGISTER.of_place:
            yield from operator(place)
    for of_all in REGISTER.of_surface:
        yield from of_all(now)


def sample(everything: Sequence[Mutant], number: int) -> list[Mutant]:
    """*number* of them, and at least one of each operator: the rarer an operator, the likelier each of its mutants."""
    chosen = random.Random(_SEED)  # a choice, and no secret
    of: dict[str, list[Mutant]] = {}
    for one in everything:
        of.setdefault(one.operator, []).append(one)
    for some in of.values():
        chosen.shuffle(some)
    taken: list[Mutant] = []
    depth = 0
    while len(taken) < min(number, len(everything)) or depth == 0:
        taken += [some[depth] for some in of.values() if depth < len(some)]
        depth += 1
    return taken


def tried(chosen: Sequence[Mutant], baseline: Surface, code: Mapping[str, Code]) -> Iterator[Result]:
    """Each in a fork, as many at a time as there are processors."""

    def one(mutant: Mutant) -> Result:
        found = asked(lambda taken: compare(baseline, taken), mutant, code)
        return Result(mutant, found, ()) if isinstance(found, str) else Result(mutant, "", found)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        yield from pool.map(one, chosen)


def main(arguments: Sequence[str]) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.api.mutations", description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="try no more than about N")
    parser.add_argument("--only", metavar="OPERATOR", help="try those of one operator, and show what was found")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    preload()
    code = compiled()
    baseline = asked(lambda taken: taken, None, code)
    assert not isinstance(baseline, str), baseline
    unchanged = compare(surface.read(surface.CURRENT), baseline)
    if unchanged:
        print("api/current.json is stale: ./dev api -- --accept rewrites it", *unchanged, sep="\n  ")
        return 2
    everything = mutants(baseline)
    if chosen.only:
        everything = [one for one in everything if one.operator == chosen.only]
    tries = sample(everything, chosen.sample) if chosen.sample else everything
    results = []
    for result in tried(tries, baseline, code):
        results.append(result)
        if result.verdict in ("missed", "false major", "other level"):
            print(_told(result), flush=True)
    if chosen.only:
        for one in results:
            print(f"{one.mutant}: {one.verdict} {one.dead}", *one.findings, sep="\n    ")
    return _tell(results, len(everything), time.monotonic() - started, record_it=not chosen.sample and not chosen.only)


def _tell(results: Sequence[Result], all_there_are: int, seconds: float, *, record_it: bool) -> int:
    rows = _rows(results)
    for row in rows:
        print("  ".join(f"{key} {value}" if key != "operator" else f"{value:32}" for key, value in row.items()))
    known = {(one["operator"], one["symbol"]) for one in _known()}
    wrong = [one for one in results if one.verdict in ("missed", "false major")]
    unknown = [one for one in wrong if not any(_covers(entry, one) for entry in known)]
    if unknown:
        print("Not known:", *map(_told, unknown), sep="\n  ")
    print(f"{len(results)} of {all_there_are} mutants, {len(rows) - 1} operators, {seconds:.0f} s")
    if record_it:
        record("api_mutations", rows)
    share = _exact(results)
    if share < _EXACT:
        print(f"the level is exact for {share:.1%}, and is to be for {_EXACT:.0%}")
    return 1 if unknown or share < _EXACT else 0


def _exact(results: Sequence[Result]) -> float:
    """The share of mutants that the gate gives the very level that they have."""
    alive = [one for one in results if not one.dead]
    return sum(one.found is one.mutant.truth.level for one in alive) / len(alive) if alive else 1.0


def _told(one: Result) -> str:
    said = ", ".join(sorted({f"{finding.rule} {finding.symbol}" for finding in one.findings})) or "nothing"
    return f"{one.verdict}: {one.mutant} is {one.mutant.truth.level.name.lower()}; found: {said[:300]}"


def _covers(entry: tuple[str, str], one: Result) -> bool:
    return entry[0] == one.mutant.operator and entry[1] in ("*", one.mutant.symbol)


def _known() -> list[dict[str, str]]:
    found: list[dict[str, str]] = tomllib.loads(KNOWN.read_text()).get("known", [])
    return found


def _rows(results: Sequence[Result]) -> list[dict[str, Scalar]]:
    counted: dict[str, Counter[str]] = {}
    truths: dict[str, set[str]] = {}
    exact: Counter[str] = Counter()
    for one in results:
        name = one.mutant.operator
        counted.setdefault(name, Counter())[one.verdict] += 1
        truths.setdefault(name, set()).add(one.mutant.truth.level.name.lower())
        exact[name] += not one.dead and one.found is one.mutant.truth.level
    rows: list[dict[str, Scalar]] = []
    for name in (*sorted(counted), "all"):
        of = counted[name] if name != "all" else sum(counted.values(), Counter[str]())
        total = sum(of.values()) - of["dead"]
        rows.append(
            {
                "operator": name,
                "truth": "/".join(sorted(truths[name])) if name != "all" else "",
                "mutants": total,
                "caught": of["caught"],
                "missed": of["missed"],
                "false majors": of["false major"],
                "exact": exact[name] if name != "all" else sum(exact.values()),
                "could not be imported": of["dead"],
            }
        )
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
