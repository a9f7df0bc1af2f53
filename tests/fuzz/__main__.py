"""All subjects under a coverage-guided fuzzer: ``python -m tests.fuzz [EXECUTIONS]``, a million of them by default.

Prints for each subject the executions, the edges reached by its seeds and in the end, and the crash if there was one,
with the input that makes it again: ``python -m tests.fuzz --again NAME HEX``. The exit status is 1 if anything crashed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import final

from tests.fuzz.subject import Subject
from tests.fuzz.subjects import SUBJECTS
from tools import measured

_MILLION = 1_000_000
#: An input that takes longer than these seconds, or needs more memory than these MiB, is a crash.
_SLOWEST, _LARGEST = 20, 1024
_STATUS = re.compile(rb"^#(\d+)\s+(\w+)\s+cov: (\d+)", re.MULTILINE)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one subject."""

    name: str
    executions: int
    #: Edges between the package's instructions: those that its import and the seeds took, and those taken in the end.
    at_first: int
    in_the_end: int
    seconds: float
    #: The input that crashed; None if none did.
    crash: bytes | None
    #: The end of what the fuzzer said.
    said: str


def fuzz(subject: Subject, executions: int) -> Outcome:
    """Run *subject* until something breaks, at most that many times."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, crashes, words = (Path(folder) / name for name in ("corpus", "crashes", "words"))
        corpus.mkdir()
        crashes.mkdir()
        for number, seed in enumerate(subject.seeds):
            (corpus / f"seed-{number:03d}").write_bytes(seed)
        options = [
            *(f"-runs={executions}", f"-max_len={subject.longest}", "-len_control=0", f"-artifact_prefix={crashes}/"),
            *(f"-timeout={_SLOWEST}", f"-rss_limit_mb={_LARGEST}"),
        ]
        if subject.words:
            words.write_text("".join(f'"{_escaped(word)}"\n' for word in subject.words), encoding="ascii")
            options.append(f"-dict={words}")
        command = [sys.executable, "-m", "tests.fuzz.guided", subject.name, *options, str(corpus)]
        started = time.monotonic()
        # Read only when it is over: a run without a crash says no more than some hundred kilobytes.
        run = subprocess.run(command, cwd=measured.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        seconds = time.monotonic() - started
        found = sorted(crashes.iterdir())
        crash = found[0].read_bytes() if found else None
    statuses = [(int(number), kind, int(edges)) for number, kind, edges in _STATUS.findall(run.stdout)]
    said = run.stdout[-6000:].decode("utf-8", "replace")
    if crash is None and (run.returncode != 0 or not statuses):
        raise SystemExit(f"{subject.name}: the fuzzer itself failed ({run.returncode}):\n{said}")
    first = next((edges for _, kind, edges in statuses if kind == b"INITED"), 0)
    last, _, reached = statuses[-1] if statuses else (0, b"", 0)
    return Outcome(
        name=subject.name,
        executions=last,
        at_first=first,
        in_the_end=reached,
        seconds=seconds,
        crash=crash,
        said=said,
    )


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def main() -> int:
    """Fuzz, print and keep what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("executions", nargs="?", type=int, default=_MILLION, help="of all subjects together")
    parser.add_argument("--again", nargs=2, metavar=("NAME", "HEX"), help="run one subject once, on this input")
    given = parser.parse_args()
    if given.again is not None:
        name, text = given.again
        SUBJECTS[name].run(bytes.fromhex(text))
        return 0
    outcomes: list[Outcome] = []
    print(f"{'subject':10}  {'executions':>10}  {'edges':>8}  {'at first':>8}  {'seconds':>7}")
    for subject in SUBJECTS.values():
        outcome = fuzz(subject, -(-given.executions * subject.share // 100))
        outcomes.append(outcome)
        counts = f"{outcome.executions:>10}  {outcome.in_the_end:>8}  {outcome.at_first:>8}  {outcome.seconds:>7.0f}"
        print(f"{outcome.name:10}  {counts}", flush=True)
        if outcome.crash is not None:
            print(
                f"{outcome.said}\ncrashed: python -m tests.fuzz --again {outcome.name} {outcome.crash.hex()}",
                flush=True,
            )
    total, crashes = sum(one.executions for one in outcomes), sum(one.crash is not None for one in outcomes)
    print(f"{'all':10}  {total:>10}  {'':>8}  {'':>8}  {sum(one.seconds for one in outcomes):>7.0f}")
    print(f"\n{total} executions, {crashes} of {len(outcomes)} subjects crashed")
    measured.record(
        "fuzz",
        [
            {
                "subject": one.name,
                "executions": one.executions,
                "edges reached": one.in_the_end,
                "by the seeds": one.at_first,
                "crashes": int(one.crash is not None),
                "seconds": round(one.seconds),
            }
            for one in outcomes
        ],
    )
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
