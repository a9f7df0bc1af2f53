"""Stores what hvinspect gives on its fake driver, and reads what another version stored. Public names only.

Each baseline keeps a copy of this file, so that what it did can be asked of every later state. It is run by itself:
``golden.py record FOLDER`` or ``golden.py read FOLDER``, with the package to be asked on the path.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hvinspect
from hvinspect.samples import absences, samples
from hvinspect.testing import FakeClock, FakeDriver, FakeHypervisor, conformance, faults

Plain = dict[str, Any]
OPTIONS = {"seed": "7", "instances": "4", "vcpus": "2", "disks": "2", "nics": "2", "clock": "reads", "hostile": "yes"}
#: They differ between two runs of one version.
_OF_THE_RUN = (
    "started_unix_ns",
    "started_monotonic_ns",
    "duration_ns",
    "boot_id",
    "described_at",
    "taken",
    "window_ns",
)
#: For people, and free to change.
_TEXT = ("detail", "meaning", "versions")
_ALL = [group for group in hvinspect.Group if group is not hvinspect.Group.UNKNOWN]


def record(folder: Path) -> None:
    """One document of each kind, and the transcript."""
    for name, document in documents().items():
        _write(folder / f"{name}.json", document)
    _write(folder / "transcript.json", transcript())


def documents() -> dict[str, Plain]:
    """What to_dict() makes of one reading of each kind."""
    with hvinspect.connect("fake:", options=OPTIONS) as connection:
        before, host_before = connection.snapshot(groups=_ALL), connection.host()
        after, host_after = connection.snapshot(groups=_ALL), connection.host()
    return {
        "snapshot": hvinspect.to_dict(after),
        "host": hvinspect.to_dict(host_after),
        "rates": hvinspect.to_dict(hvinspect.rates(before, after)),
        "host_rates": hvinspect.to_dict(hvinspect.rates(host_before, host_after)),
    }


def read(folder: Path) -> Plain:
    """What from_dict() makes of each document of *folder*, as plain data again."""
    results: Plain = {}
    for path in sorted(folder.glob("*.json")):
        if path.name in ("transcript.json", "expected.json"):
            continue
        try:
            restored = hvinspect.from_dict(json.loads(path.read_text()))
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the result
            results[path.name] = {"error": f"{type(error).__name__}: {error}"}
        else:
            results[path.name] = {
                "again": hvinspect.to_dict(restored.record),
                "unknown_keys": restored.unknown_keys,
                "unknown_values": restored.unknown_values,
            }
    return results


def transcript() -> Plain:
    """What calls give, by what was asked."""
    return {**dict(_readings()), **{f"error: {what}": _error(ask) for what, ask in _MISTAKES.items()}, **dict(_shell())}


def _readings() -> Iterator[tuple[str, Any]]:
    with FakeHypervisor(**_FAKE) as hypervisor, hvinspect.connect(hypervisor.target) as connection:
        before, after = connection.snapshot(), connection.snapshot()
        keys = [stats.instance.key for stats in after]
        yield "instances", {stats.instance.key: stats.instance.name for stats in after}
        yield "the default groups", _steady(hvinspect.to_dict(after))
        yield "every group", _steady(hvinspect.to_dict(connection.snapshot(groups=_ALL)))
        yield "one group", _steady(hvinspect.to_dict(connection.snapshot(groups=[hvinspect.Group.STATE])))
        yield "one instance", _steady(hvinspect.to_dict(connection.snapshot(keys[:1])))
        yield "an unknown instance", _steady(hvinspect.to_dict(connection.snapshot(["no-such-instance"])))
        yield "no instance", _steady(hvinspect.to_dict(connection.snapshot([])))
        yield "the host", _steady(hvinspect.to_dict(connection.host()))
        yield "rates", _steady(hvinspect.to_dict(hvinspect.rates(before, after)))
        again = hvinspect.from_dict(hvinspect.to_dict(after)).record
        yield "equality", {"same": again == after, "hash": hash(again) == hash(after), "other": before == after}
        yield "pickled", pickle.loads(pickle.dumps(after)) == after  # noqa: S301  # our own bytes
        yield "samples", {_where(one): str(one.value) for one in samples(after) if one.field.name not in _OF_THE_RUN}
        yield "absences", {_where(one): one.absence.reason.value for one in absences(after)}
        yield "capabilities", {one.field.path: one.given for one in connection.capabilities()}
        yield "health", {"connected": connection.health().connected, "stuck_calls": connection.health().stuck_calls}
        yield "conformance", {one.check: one.outcome.value for one in conformance.run("fake:", options=OPTIONS)}
    yield "a closed connection", _error(connection.snapshot)
    with faults.wrap(FakeDriver, [faults.Deny("host")]) as name, hvinspect.connect(f"{name}:") as denied:
        yield "a refused hook", _error(denied.host)


_NOTHING: Plain = {}
_FAKE: Plain = {"seed": 7, "instances": 4, "vcpus": 2, "disks": 1, "nics": 1, "clock": FakeClock.READS}


def _where(one: Any) -> str:
    return f"{one.field.path} of {one.instance.key}, {one.device}"


def _fake(ask: Callable[[hvinspect.Connection], object]) -> Callable[[], object]:
    def run() -> object:
        with hvinspect.connect("fake:", options=OPTIONS) as connection:
            return ask(connection)

    return run


_MISTAKES: dict[str, Callable[[], object]] = {
    "a libvirt URI": lambda: hvinspect.connect("qemu:///system"),
    "no driver": lambda: hvinspect.connect("nothing"),
    "an unknown driver": lambda: hvinspect.connect("no-such-driver:"),
    "an unknown option": lambda: hvinspect.connect("fake:", options={"sed": "1"}),
    "an option out of range": lambda: hvinspect.connect("fake:", options={"instances": "-1"}),
    "a timeout of zero": _fake(lambda connection: connection.snapshot(timeout=0)),
    "a string of instances": _fake(lambda connection: connection.snapshot("all")),
    "an unknown key": _fake(lambda connection: connection.snapshot()["no-such-instance"]),
    "an unknown field": _fake(lambda connection: connection.host().why("no_such_field")),
    "an error within the block": _fake(lambda _: _NOTHING["no-such-key"]),
    "a newer schema": lambda: hvinspect.from_dict({"schema": 10**6, "kind": "snapshot"}),
    "a foreign document": lambda: hvinspect.from_dict({"kind": "letter"}),
}


def _error(ask: Callable[[], object]) -> Plain:
    try:
        ask()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the result
        facts: Plain = {"type": type(error).__name__, "bases": [base.__name__ for base in type(error).__mro__]}
        if isinstance(error, hvinspect.Error):
            facts.update(code=error.code, retryable=error.retryable, driver=error.driver)
        return facts
    return {"type": "none"}


def _shell() -> Iterator[tuple[str, Any]]:
    """Exit codes, and the JSON that is for programs."""
    options = [part for name, value in OPTIONS.items() for part in ("--option", f"{name}={value}")]
    for words in (["list", "fake:", *options], ["stats", "fake:", *options], ["host", "fake:", *options]):
        yield f"$ hvinspect {words[0]} --json", _run([*words, "--json"])
    for words in (["fields"], ["capabilities", "fake:", *options]):
        reply = _run([*words, "--json"])
        reply["output"]["fields"] = {one["path"]: one for one in reply["output"]["fields"]}
        yield f"$ hvinspect {words[0]} --json", reply
    for words in (
        ["nonsense"],
        ["list", "nothing"],
        ["list", "no-such-driver:"],
        ["stats", "fake:", "--instance", "x"],
    ):
        yield f"$ hvinspect {' '.join(words)}", {"exit": _run(words)["exit"]}


def _run(words: list[str]) -> Plain:
    command = [sys.executable, "-W", "error", "-m", "hvinspect", *words]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    output = _steady(json.loads(ended.stdout)) if "--json" in words else None
    return {"exit": ended.returncode, "output": output}


def _steady(value: Any) -> Any:
    """Without what differs from run to run, or from release to release."""
    if isinstance(value, dict):
        return {key: _steady(one) for key, one in value.items() if key not in (*_OF_THE_RUN, *_TEXT)}
    if isinstance(value, list):
        return [_steady(one) for one in value]
    return value


def _write(path: Path, document: Plain) -> None:
    path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


def main(arguments: list[str]) -> int:
    """``record FOLDER`` or ``read FOLDER``; what was read is printed as JSON."""
    verb, folder = arguments
    if verb == "record":
        record(Path(folder))
    else:
        print(json.dumps(read(Path(folder))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
