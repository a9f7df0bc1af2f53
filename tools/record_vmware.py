"""Makes a case of tests/drivers/vmware from a vCenter or an ESX host, and accepts what the driver makes of a case.

``python -m tools.record_vmware record NAME --target vmware://USER@HOST/ --shows TEXT``
    Asks the server what the driver would ask of it, and writes the replies to the folder ``cases/NAME``. ``--ca``,
    ``--thumbprint`` and ``--password-file`` are the driver's options; the password may be in the environment. Of the
    list of performance counters only those that the driver asks for are kept. Nothing else is stripped: look for what
    you do not want to show before you send it to anyone.
``python -m tools.record_vmware accept NAME ...``
    Writes ``expected.json`` of those cases from what the driver makes of them now, and shows what changed. No test
    does this: whoever runs it has looked at each value.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

from hvinspect import DEFAULT_GROUPS, Secret
from hvinspect.driver import Deadline
from hvinspect.drivers._vmware.address import parse_address
from hvinspect.drivers._vmware.metrics import NUMBERS
from hvinspect.drivers._vmware.secret import find_password
from hvinspect.drivers._vmware.trust import Trust
from hvinspect.drivers._vmware.wire import Reply, Wire
from tests.drivers.vmware.played import CASES, FAULT, Answers, all_cases, connected, load, plain, read
from tools import cases

__all__ = ["accept", "record"]

_COUNTER = re.compile(rb"<PerfCounterInfo>.*?</PerfCounterInfo>\s*", re.DOTALL)
_KEY, _ROLLUP = re.compile(rb"<key>([^<]*)</key>"), re.compile(rb"<rollupType>([^<]*)</rollupType>")


@final
class _RecordingWire:
    """Hands each request on to a server and keeps the reply, in the order in which they came."""

    def __init__(self, wire: Answers) -> None:
        self._wire = wire
        self.replies: list[tuple[str, Reply]] = []

    def post(self, body: bytes, headers: Mapping[str, str], deadline: Deadline, what: str) -> Reply:
        reply = self._wire.post(body, headers, deadline, what)
        self.replies.append((what, reply))
        return reply

    def close(self) -> None:
        self._wire.close()


def record(wire: Answers, rest: str, password: Secret, name: str | Path, *, shows: str) -> None:
    """Write what the server answers to the case *name*, or a folder; *rest* is the target's, after its driver."""
    recording = _RecordingWire(wire)
    driver, server = connected(recording, rest=rest, password=password)
    read(driver, DEFAULT_GROUPS)
    replies = tuple(recording.replies)
    driver.close()
    folder = CASES / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, (method, reply) in enumerate(replies, 1):
        fault = FAULT if reply.status != 200 else ""
        (folder / f"{number:02}-{method}{fault}.xml").write_bytes(_COUNTER.sub(_if_wanted, reply.body))
    about = {"shows": shows, "made": "recorded", "server": f"{server.name} {server.version}"}
    _write(folder / "about.json", about)


def accept(names: Sequence[str | Path]) -> str:
    """Write the expected records of the cases *names*; return what changed."""
    return cases.accept(CASES, names, lambda name, path: _write(path, plain(*load(name).read())))


def _if_wanted(counter: re.Match[bytes]) -> bytes:
    keys, rollup = _KEY.findall(counter[0]), _ROLLUP.search(counter[0])
    if len(keys) < 3 or rollup is None:
        return counter[0]
    # Its number, its name, its group and its unit have one each.
    name = b".".join((keys[2], keys[1], rollup[1]))
    return counter[0] if name.decode() in NUMBERS else b""


def _write(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    recorder = commands.add_parser("record")
    recorder.add_argument("name")
    recorder.add_argument("--target", required=True)
    recorder.add_argument("--shows", required=True)
    recorder.add_argument("--ca")
    recorder.add_argument("--thumbprint")
    recorder.add_argument("--password-file")
    accepter = commands.add_parser("accept")
    accepter.add_argument("names", nargs="+", choices=sorted(all_cases()), metavar="NAME")
    given = parser.parse_args(arguments)
    if given.command == "accept":
        sys.stdout.write(accept(given.names))
        return 0
    rest = given.target.removeprefix("vmware:")
    wire = Wire(parse_address(rest), Trust.of(ca=given.ca, thumbprint=given.thumbprint))
    record(wire, rest, find_password(None, given.password_file), given.name, shows=given.shows)
    sys.stdout.write(f"{CASES / given.name} is written; look at it, then: accept {given.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
