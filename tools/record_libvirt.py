"""Makes a case of tests/drivers/libvirt from a live domain, and accepts what the decoder makes of a case.

``python -m tools.record_libvirt record NAME --uri URI --domain DOMAIN --shows TEXT``
    Asks libvirt what the driver would ask of that domain (by name or uuid), read-only, and writes the answers to the
    folder ``cases/NAME``. Nothing is stripped: look for what you do not want to show before you send it to anyone.
``python -m tools.record_libvirt accept NAME ...``
    Writes ``expected.json`` of those cases from what the decoder makes of them now, and shows what changed. No test
    does this: whoever runs it has looked at each value.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import libvirt

from hvinspect import Group
from hvinspect.driver import Absence
from hvinspect.drivers._libvirt.describe import describe
from hvinspect.drivers._libvirt.errors import absence_of
from hvinspect.drivers._libvirt.host import version_text
from hvinspect.drivers._libvirt.native import statistics_flags
from hvinspect.drivers._libvirt.per_guest import add_block_info, read_guest
from hvinspect.drivers._libvirt.reply import Reply
from hvinspect.drivers._libvirt.words import INACTIVE_STATES
from tests.drivers.libvirt.case import CASES, all_cases, call_key, load, plain
from tools import cases

__all__ = ["accept", "record"]

#: All but what needs a connection that may write.
GROUPS = frozenset(Group) - {Group.UNKNOWN, Group.GUEST_AGENT}


class _RecordedDomain:
    """Hands each call on to a domain and keeps the answer."""

    def __init__(self, domain: Any) -> None:
        self._domain = domain
        self.calls: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._domain, name)

        def ask(*arguments: object) -> Any:
            try:
                answer = call(*arguments)
            except libvirt.libvirtError as failure:
                answer = {"error": [failure.get_error_code(), failure.get_error_message()]}
                raise
            finally:
                self.calls[call_key(name, *arguments)] = answer
            return answer

        return ask


def record(
    connection: Any, domain: Any, name: str | Path, *, shows: str, groups: Collection[Group] = GROUPS, flags: int = 0
) -> None:
    """Write what libvirt answers of *domain* to the case *name*, or a folder; *flags* are those of the bulk call."""
    wanted = frozenset(groups)
    recorded = _RecordedDomain(domain)
    xml = domain.XMLDesc()
    description = describe(xml, described_at=0)
    hypervisor = connection.getType()
    reply: dict[str, Any] = {}
    if hypervisor == "QEMU":
        ((_, values),) = connection.domainListGetStats([domain], statistics_flags(wanted), flags)
        reply["bulk"] = values
        if Group.BLOCK_DETAIL in wanted:
            add_block_info(recorded, _ask, Reply(values), description)
    else:
        read_guest(recorded, _ask, lambda: description, groups=wanted, hypervisor=hypervisor)
    active = domain.state()[0] not in INACTIVE_STATES
    if Group.JOB in wanted and active:
        _ask("job", recorded.jobStats)
    if recorded.calls:
        reply["calls"] = recorded.calls
    about = {
        "shows": shows,
        "made": "recorded",
        "hypervisor": hypervisor,
        "hypervisor_version": version_text(connection.getVersion()),
        "libvirt": version_text(connection.getLibVersion()),
        "groups": sorted(group.value for group in wanted),
        "native_id": str(domain.ID()) if domain.ID() >= 0 else None,
    }
    if flags:
        about["flags"] = flags
    folder = CASES / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "domain.xml").write_text(xml, encoding="utf-8")
    _write(folder / "about.json", about)
    _write(folder / "reply.json", reply)


def accept(names: Sequence[str | Path]) -> str:
    """Write the expected records of the cases *names*; return what changed."""
    return cases.accept(CASES, names, lambda name, path: _write(path, plain(load(name).decode())))


def _ask(_what: str, call: Callable[[], Any]) -> Any | Absence:
    try:
        return call()
    except libvirt.libvirtError as failure:
        return absence_of(failure.get_error_code(), failure.get_error_message())


def _write(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=1, ensure_ascii=True) + "\n", encoding="ascii")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    recorder = commands.add_parser("record")
    recorder.add_argument("name")
    recorder.add_argument("--uri", required=True)
    recorder.add_argument("--domain", required=True)
    recorder.add_argument("--shows", required=True)
    recorder.add_argument("--groups", nargs="+", type=Group, default=sorted(GROUPS), metavar="GROUP")
    accepter = commands.add_parser("accept")
    accepter.add_argument("names", nargs="+", choices=sorted(all_cases()), metavar="NAME")
    given = parser.parse_args(arguments)
    if given.command == "accept":
        sys.stdout.write(accept(given.names))
        return 0
    with contextlib.closing(libvirt.openReadOnly(given.uri)) as connection:
        record(connection, _find(connection, given.domain), given.name, shows=given.shows, groups=given.groups)
    sys.stdout.write(f"{CASES / given.name} is written; look at it, then: accept {given.name}\n")
    return 0


def _find(connection: Any, domain: str) -> Any:
    try:
        return connection.lookupByName(domain)
    except libvirt.libvirtError:
        return connection.lookupByUUIDString(domain)


if __name__ == "__main__":
    sys.exit(main())
