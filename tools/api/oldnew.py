"""Layers C and D: what was written against a baseline, on the package of now or, as a control, on its own wheel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from . import future
from .baselines import Baseline
from .checkers import Complaint, complaints
from .findings import Audience, Finding
from .rules import RULES
from .surface import ROOT

_DEADLINE = 300
#: Lets the words of errors change.
_WORDS = ROOT / "tools" / "api" / "plugins" / "words_are_free.py"


def finding(rule: str, symbol: str, before: str, after: str, witness: str, *, driver: bool = False) -> Finding:
    """A finding of something that was run."""
    found = RULES[rule]
    users = (Audience.DRIVER_AUTHOR,) if driver else (Audience.CALLER,)
    return Finding(
        rule=rule,
        level=found.level,
        audiences=users if driver else found.audiences(users),
        symbol=symbol,
        before=before,
        after=after,
        witness=witness,
    )


def of_types(baseline: Baseline, package: Path) -> list[Finding]:
    """The contract and the frozen consumers, under both type checkers."""
    files = [baseline.contract, *baseline.consumers]
    place = baseline.unpacked().with_name(f"{baseline.unpacked().name}.{'now' if package == ROOT else 'control'}")
    return [_of_complaint(one, baseline) for one in complaints(files, package, place)]


def _of_complaint(complaint: Complaint, baseline: Baseline) -> Finding:
    if complaint.file != baseline.contract:
        name = complaint.file.name
        return finding(
            "consumer-failed",
            f"{name}:{complaint.line}",
            "accepted",
            complaint.text,
            complaint.checker,
            driver="driver" in name,
        )
    lines = baseline.contract.read_text().splitlines()
    symbol = next((line.rpartition("# ")[2] for line in lines[complaint.line - 1 :] if "  # " in line), "contract")
    users = baseline.surface["symbols"].get(symbol.removesuffix("()"), {}).get("role")
    owner = baseline.surface["symbols"].get(symbol.rpartition(".")[0], {}).get("role")
    implemented = "implemented" in (users, owner)
    rule = "driver-contract-broken" if implemented else "contract-broken"
    return finding(rule, symbol, "accepted", complaint.text, complaint.checker, driver=implemented)


def of_data(baseline: Baseline, package: Path) -> Iterator[Finding]:
    """Stored data read again, the transcript, and the round trip between the baseline's wheel and now."""
    golden = baseline.golden
    with tempfile.TemporaryDirectory() as temporary:
        now = Path(temporary)
        with ThreadPoolExecutor(2) as pool:
            recorded = pool.submit(_recorder, baseline.recorder, "record", now, package)
            read = pool.submit(_recorder, baseline.recorder, "read", golden, package)
            problem = recorded.result()[1]
            results, failure = read.result()
        if problem:
            yield finding("transcript-changed", "the recorder", "ran", _last_line(problem), "golden.py")
        if failure:
            yield finding("data-unreadable", "the recorder", "ran", _last_line(failure), "golden.py")
        else:
            yield from _of_reading(golden, json.loads(results))
        if problem:
            return
        yield from _of_transcript(golden, now)
        if package != baseline.unpacked():
            yield from _of_old_reader(baseline, now)
            yield from _of_schema(baseline, now)


def _recorder(program: Path, verb: str, folder: Path, package: Path) -> tuple[str, str]:
    """What it prints, and what went wrong. Every warning is an error."""
    command = [sys.executable, "-W", "error", str(program), verb, str(folder)]
    ended = _run(command, package)
    return ended.stdout, ended.stderr or f"exit code {ended.returncode}" if ended.returncode else ""


def _run(command: list[str], package: Path, *more: Path, cwd: str | None = None) -> subprocess.CompletedProcess[str]:
    # Before what is installed, so that it is this package that is asked.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [package, *more]))}
    # Elsewhere than in the checkout, whose own package ``python -m`` would take.
    place = cwd or tempfile.gettempdir()
    return subprocess.run(
        command, env=environment, cwd=place, capture_output=True, text=True, check=False, timeout=_DEADLINE
    )


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1] if text.strip() else "nothing was said"


def _of_reading(golden: Path, results: dict[str, Any]) -> Iterator[Finding]:
    expected = json.loads((golden / "expected.json").read_text())
    for name, counts in expected.items():
        result = results.get(name, {"error": "it was not read"})
        strict = ".unknown-" in name
        if "error" in result:
            rule = "data-strict" if strict else "data-unreadable"
            yield finding(rule, name, "is read", result["error"], "from_dict()")
            continue
        found = {key: result[key] for key in counts}
        if found != counts:
            yield finding("data-strict", name, f"{counts}", f"{found}", "from_dict()")
        if strict:
            text = json.dumps(result["again"])
            if future.KEY in text or future.WORD in text:
                yield finding("data-strict", name, "what is unknown is dropped", "it is kept", "from_dict()")
            continue
        document = json.loads((golden / name).read_text())
        for where, before, after in differences(document, result["again"]):
            yield finding("data-changed", f"{name}: {where}", before, after, "to_dict(from_dict())")


def _of_transcript(golden: Path, now: Path) -> Iterator[Finding]:
    before = json.loads((golden / "transcript.json").read_text())
    after = json.loads((now / "transcript.json").read_text())
    for where, old, new in differences(before, after):
        yield finding("transcript-changed", where, old, new, "transcript on the fake driver")


def differences(before: Any, after: Any, where: str = "") -> Iterator[tuple[str, str, str]]:
    """What of *before* is other in *after*; what *after* has more is nobody's loss."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            inner = f"{where}, {key}" if where else key
            if key not in after:
                yield inner, _short(value), "gone"
            else:
                yield from differences(value, after[key], inner)
    elif _is_table(before) and _is_table(after):
        yield from differences(dict(before), dict(after), where)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from differences(old, new, f"{where}[{number}]")
    elif before != after or type(before) is not type(after):
        yield where, _short(before), _short(after)


def _is_table(value: Any) -> bool:
    """Pairs with a word each: the sources of a snapshot, by group. Words that a reader did not know are all alike."""
    if not isinstance(value, list) or not all(isinstance(one, list) and len(one) == 2 for one in value):
        return False
    words = [one[0] for one in value if isinstance(one[0], str) and one[0] != "unknown"]
    return bool(value) and len(set(words)) == len(value)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _of_old_reader(baseline: Baseline, now: Path) -> Iterator[Finding]:
    """What is written now, read by the baseline."""
    text, problem = _recorder(baseline.recorder, "read", now, baseline.unpacked())
    if problem:
        yield finding("data-unread-by-baseline", "the recorder", "ran", _last_line(problem), str(baseline.version))
        return
    for name, result in json.loads(text).items():
        if "error" in result:
            yield finding("data-unread-by-baseline", name, "is read", result["error"], str(baseline.version))
            continue
        document = json.loads((now / name).read_text())
        # What the baseline does not know it drops, and an enum's new word is unknown to it.
        for where, before, after in differences(result["again"], document):
            if before != '"unknown"':
                yield finding("data-unread-by-baseline", f"{name}: {where}", after, before, str(baseline.version))


def _of_schema(baseline: Baseline, now: Path) -> Iterator[Finding]:
    import jsonschema

    validator = jsonschema.Draft202012Validator(baseline.schema)
    for path in sorted(now.glob("*.json")):
        if path.name == "transcript.json":
            continue
        error = next(iter(validator.iter_errors(json.loads(path.read_text()))), None)
        if error is not None:
            yield finding(
                "data-off-schema",
                path.name,
                "fits the baseline's schema",
                error.message.splitlines()[0][:200],
                "JSON Schema",
            )


def of_programs(baseline: Baseline, package: Path) -> list[Finding]:
    """The baseline's public tests and its frozen consumers, run."""
    with ThreadPoolExecutor(2) as pool:
        tests = pool.submit(of_tests, baseline, package)
        consumers = of_consumers(baseline, package)
        return [*tests.result(), *consumers]


def of_consumers(baseline: Baseline, package: Path) -> list[Finding]:
    """The frozen consumers alone."""
    return [found for one in baseline.consumers for found in _of_consumer(one, package)]


def _of_consumer(program: Path, package: Path) -> list[Finding]:
    ended = _run([sys.executable, "-W", "error", str(program)], package)
    if ended.returncode == 0:
        return []
    return [
        finding(
            "consumer-failed",
            program.name,
            "ends with 0",
            f"{ended.returncode}: {_last_line(ended.stderr)}",
            "python",
            driver="driver" in program.name,
        )
    ]


def programs_again(baseline: Baseline, package: Path, failed: Sequence[Finding]) -> list[Finding]:
    """Those that failed once more, alone: some have deadlines, and the checkers took the machine's time."""
    names = {one.symbol for one in failed}
    consumers = [one for path in baseline.consumers if path.name in names for one in _of_consumer(path, package)]
    tests = [one for one in failed if one.rule == "old-test-failed"]
    files = sorted({one.symbol.partition("::")[0] for one in tests})
    paths = [str(baseline.folder / name) for name in files if (baseline.folder / name).is_file()]
    if paths:
        tests = [one for one in of_tests(baseline, package, paths) if one.symbol in names]
    return [*tests, *consumers]


def of_tests(baseline: Baseline, package: Path, chosen: Sequence[str] = ()) -> list[Finding]:
    """Its public tests, all or some files of them."""
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary) / "report.xml"
        settings = (
            *("-q", "--import-mode=importlib", "-p", "no:cacheprovider", "-W", "error", "-m", "not slow"),
            *("-p", _WORDS.stem, "-c", os.devnull, "--rootdir", str(baseline.folder), f"--junit-xml={report}"),
        )
        command = [sys.executable, "-m", "pytest", *settings, *(chosen or [str(baseline.tests)])]
        # They run elsewhere, because some tools leave things where they run.
        ended = _run(command, package, baseline.folder, _WORDS.parent, cwd=temporary)
        failed = list(_failed(report))
        if ended.returncode and not failed:
            failed = [("the tests", _last_line(ended.stdout))]
    return [finding("old-test-failed", name, "passes", text, f"tests of {baseline.version}") for name, text in failed]


def _failed(report: Path) -> Iterator[tuple[str, str]]:
    from xml.etree import ElementTree

    if not report.is_file():
        return
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314  # our own file
        for trouble in (*case.findall("failure"), *case.findall("error")):
            file = str(case.get("classname")).replace(".", "/") + ".py"
            yield f"{file}::{case.get('name')}", (trouble.get("message") or "").splitlines()[0][:200]
