"""``python -m tests.lab.suites.matrix [SUITE]``: what holds of the libvirt driver with a suite, or with all, crosswise.

Without a suite all pairs are tried, and what came of each is a row of the docs' table of what is supported.
"""

from __future__ import annotations

import argparse
import datetime
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tests.lab import settings
from tests.lab.suites.__main__ import PROJECT
from tests.lab.suites.root import SUITES, Suite
from tools.measured import Scalar, record

_TESTS: Final = tuple(f"tests/integration/libvirt/test_{name}.py" for name in ("versions", "conformance", "fidelity"))
#: What the tests tell of themselves besides: the columns of the table.
_VERSIONS: Final = ("libvirtd", "qemu", "client_library", "binding", "python")
_COUNTS: Final = ("conformance_qemu", "conformance_lxc", "fidelity", "tests")
#: Seconds for a pair whose root folders are there: 60 on an idle machine.
_PATIENCE: Final = 1200


@final
@dataclass(frozen=True, slots=True)
class Pair:
    """A client's suite and a daemon's."""

    client: Suite
    daemon: Suite

    def __str__(self) -> str:
        return f"{self.client.name} with {self.daemon.name}"

    @property
    def is_reported_only(self) -> bool:
        """Whether it changes every day, and so stops nobody."""
        return self.client.moving or self.daemon.moving


def of_one(suite: Suite) -> Pair:
    """All of it of one suite."""
    return Pair(suite, suite)


#: The oldest and the newest that are supported, each with itself and with the other; and what comes next.
PAIRS: Final = (
    of_one(SUITES["bookworm"]),
    of_one(SUITES["trixie"]),
    Pair(SUITES["bookworm"], SUITES["trixie"]),
    Pair(SUITES["trixie"], SUITES["bookworm"]),
    of_one(SUITES["sid"]),
)


def main(arguments: Sequence[str]) -> int:
    """Try what the command line *arguments* say; 0 if all of it holds that has to."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.suites.matrix", description=__doc__)
    parser.add_argument("suite", nargs="?", choices=SUITES, help="this one alone, with itself")
    given = parser.parse_args(arguments)
    pairs = [of_one(SUITES[given.suite])] if given.suite else PAIRS
    rows, bad = [], []
    for pair in pairs:
        status, row = tried(pair)
        rows.append(row)
        print(f"lab: {pair}:", ", ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        if status != 0 and pair.is_reported_only:
            print(f"lab: {pair}: not all of it holds, which stops nobody", flush=True)
        elif status != 0:
            bad.append(str(pair))
    if not given.suite:
        record("support", rows)
    if bad:
        print(f"lab: not supported as the documentation says: {', '.join(bad)}", flush=True)
    return 1 if bad else 0


def tried(pair: Pair) -> tuple[int, dict[str, Scalar]]:
    """Run the tests with *pair*: the exit status, and the row of the table."""
    report = settings.CACHE / f"suites-{pair.client.name}-{pair.daemon.name}.xml"
    report.unlink(missing_ok=True)
    inside = PROJECT / report.relative_to(settings.PROJECT_ROOT)
    # The older form of the report is the one with what a test records of itself.
    options = ("-p", "no:cacheprovider", "-o", "junit_family=xunit1", f"--junitxml={inside}")
    suites = ("--client", pair.client.name, "--daemon", pair.daemon.name)
    tests = ("python3", "-m", "pytest", *options, *_TESTS)
    status = _run((sys.executable, "-m", "tests.lab.suites", *suites, *tests), pair)
    if not report.exists():
        print(f"lab: {pair}: no report was left", flush=True)
        status = status or 1
    told = _told(report) if report.exists() else {}
    row: dict[str, Scalar] = {"client_suite": pair.client.name, "daemon_suite": pair.daemon.name}
    row |= {name: told.get(name) for name in _VERSIONS}
    row |= {name: told.get(name, "not run") for name in _COUNTS}
    row["date"] = datetime.datetime.now(datetime.UTC).date().isoformat()
    return status, row


def _run(command: Sequence[str], pair: Pair) -> int:
    captured = subprocess.PIPE if pair.is_reported_only else None
    try:
        done = subprocess.run(
            command,
            cwd=settings.PROJECT_ROOT,
            stdout=captured,
            stderr=subprocess.STDOUT if captured else None,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as failure:
        print(f"lab: {pair}: {failure}", flush=True)
        return 1
    for line in (done.stdout or "").splitlines():
        # So that nobody takes it for a failure of this run.
        print(f"{pair}| {line}", flush=True)
    return done.returncode


def _told(report: Path) -> dict[str, str]:
    """What the tests recorded of themselves, and how many of them passed."""
    tests = ElementTree.parse(report).findall(".//testcase")
    passed = [test for test in tests if test.find("failure") is None and test.find("error") is None]
    properties = (found.attrib for test in tests for found in test.iter("property"))
    return {one["name"]: one["value"] for one in properties} | {"tests": f"{len(passed)} of {len(tests)}"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
