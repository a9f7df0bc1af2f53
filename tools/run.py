"""Runs the sessions that budget.toml lists, and ends with a table of what each did, in how many seconds.

``python -m tools.run test`` is what ``./dev test`` runs. The exit status is 0 only if nothing failed, the
sessions of ``test`` together kept to the total budget and, in CI, nothing was skipped.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .measured import RECORD, ROOT, Scalar, record

#: Set for the sessions that are run from here: one that cannot run is then skipped, and the table says why.
MAY_SKIP = "HVINSPECT_MAY_SKIP"

#: How many of a failed session's last lines are shown again, when no test of it failed.
_LAST_WORDS = 8

#: The last line of a pytest run: "3 failed, 120 passed, 2 skipped in 4.20s", with or without its frame.
_SUMMARY = re.compile(r"^=*\s*(\d+ [a-z]+(?:, \d+ [a-z]+)*) in [\d.]+s\b")


@dataclass(kw_only=True, slots=True)
class Outcome:
    session: str
    budget: float
    result: str
    reason: str | None
    seconds: float
    counts: dict[str, int] = field(default_factory=dict)
    #: What pytest says of each test that failed; else the session's last lines.
    words: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        tests = self.counts.get("failed", 0) + self.counts.get("error", 0) + self.counts.get("errors", 0)
        return tests or int(self.result not in {"success", "skipped"})

    @property
    def passed(self) -> int:
        return self.counts.get("passed", int(self.result == "success"))

    @property
    def remarks(self) -> str:
        skipped = self.counts.get("skipped", 0)
        over = [f"over its budget of {self.budget:.0f} s"] if self.seconds > self.budget else []
        return "; ".join([*([f"{skipped} tests skipped"] if skipped else []), *over])


def main(arguments: Sequence[str]) -> int:
    if list(arguments) not in (["test"], ["full"]):
        print("usage: python -m tools.run test|full", file=sys.stderr)
        return 2
    wanted = arguments[0]
    in_ci = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
    budget = tomllib.loads((ROOT / "budget.toml").read_text())
    os.environ[MAY_SKIP] = "1"
    # Tests start hundreds of interpreters, which would each compile everything again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if wanted == "full":
        os.environ[RECORD] = "1"

    outcomes: list[Outcome] = []
    spent = 0.0
    interrupted = False
    try:
        for part in ("test", "full") if wanted == "full" else ("test",):
            for name, seconds in budget[part].items():
                for session in _expand(name):
                    outcomes.append(_run(session, seconds))
            if part == "test":
                spent = sum(outcome.seconds for outcome in outcomes)
    except KeyboardInterrupt:
        interrupted = True

    _print_table(outcomes, total=budget["total"])
    problems = _problems(outcomes, in_ci=in_ci)
    if spent > budget["total"]:
        problems.append(f"all of test took {spent:.0f} s; the budget is {budget['total']} s")
    if interrupted:
        problems.append("interrupted: the rest did not run")
    if problems:
        print("\nNot good:", *(f"  {problem}" for problem in problems), sep="\n")
    if wanted == "full" and not interrupted:
        rows: list[dict[str, Scalar]] = [
            {"session": o.session, "result": o.result, "passed": o.passed, "seconds": round(o.seconds, 1)}
            for o in outcomes
        ]
        print(f"\nwrote {record('sessions', rows)}")
    failures = max(sum(outcome.failed for outcome in outcomes), len(problems))
    print(f"\n{sum(outcome.passed for outcome in outcomes)} passed, {failures} failed")
    return 1 if problems else 0


def _problems(outcomes: Sequence[Outcome], *, in_ci: bool) -> list[str]:
    problems = ["\n    ".join([f"{o.session}: {o.reason or o.result}", *o.words]) for o in outcomes if o.failed]
    not_run = [f"{o.session}: {o.reason or 'skipped'}" for o in outcomes if o.result == "skipped"]
    in_labs = [o for o in outcomes if o.session.startswith("lab_")]
    not_run += [f"{o.session}: {o.remarks}" for o in in_labs if o.counts.get("skipped")]
    if not_run:
        print("\nDid not run, which in CI is a failure:", *(f"  {line}" for line in not_run), sep="\n")
    return problems + (not_run if in_ci else [])


def _expand(name: str) -> list[str]:
    """``unit`` -> ``unit-3.11``, ``unit-3.12``, ...: the sessions that nox has under this name."""
    command = [*_nox(), "--list", "--json", "--session", name]
    reply = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    # A name that nox does not know is run all the same: nox then says so, and it counts as failed.
    return [entry["session"] for entry in json.loads(reply.stdout)] if reply.returncode == 0 else [name]


def _run(session: str, budget: float) -> Outcome:
    print(f"\n---- {session}", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"
        started = time.monotonic()
        with subprocess.Popen(
            [*_nox(), "--session", session, "--report", str(report)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout is not None
            counts: dict[str, int] = {}
            failed: list[str] = []
            last: deque[str] = deque(maxlen=_LAST_WORDS)
            for line in process.stdout:
                print(line, end="", flush=True)
                last.append(line.rstrip())
                if line.startswith(("FAILED ", "ERROR ")):
                    failed.append(line.rstrip())
                for word, number in _counted(line):
                    counts[word] = counts.get(word, 0) + number
        seconds = time.monotonic() - started
        said = json.loads(report.read_text())["sessions"] if report.is_file() else []
    entry = said[0] if said else {"result": "failed", "reason": "nox did not run it"}
    result = entry["result"] if process.returncode == 0 or entry["result"] != "success" else "failed"
    reason = entry.get("reason") or None
    return Outcome(
        session=session,
        budget=budget,
        result=result,
        reason=reason,
        seconds=seconds,
        counts=counts,
        words=failed or list(last),
    )


def _counted(line: str) -> list[tuple[str, int]]:
    match = _SUMMARY.match(line)
    if match is None:
        return []
    return [(word, int(number)) for number, word in (part.split() for part in match[1].split(", "))]


def _nox() -> list[str]:
    noxfile = str(ROOT / "noxfile.py")
    return [sys.executable, "-m", "nox", "--non-interactive", "--nocolor", "--noxfile", noxfile]


def _print_table(outcomes: Sequence[Outcome], *, total: float) -> None:
    width = max([len(outcome.session) for outcome in outcomes] + [len("session")])
    print(f"\n{'session':<{width}}  {'result':<8}  {'tests':>6}  {'seconds':>8}  {'budget':>7}")
    for o in outcomes:
        tests = sum(o.counts.values()) or ""
        numbers = f"{tests:>6}  {o.seconds:>8.1f}  {o.budget:>7.0f}"
        print(f"{o.session:<{width}}  {o.result:<8}  {numbers}  {o.remarks}".rstrip())
    print(f"{'all':<{width}}  {'':<8}  {'':>6}  {sum(o.seconds for o in outcomes):>8.1f}  {total:>7.0f}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
