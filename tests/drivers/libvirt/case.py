"""A recorded case: its reply, played to the driver's decoder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, final
from uuid import UUID

from hvinspect import Group, Instance, InstanceStats, Snapshot, Span, Versions, to_dict
from hvinspect.driver import Absence, parse_xml
from hvinspect.drivers._libvirt.decode import Reading
from hvinspect.drivers._libvirt.describe import Description, describe
from hvinspect.drivers._libvirt.errors import absence_of
from hvinspect.drivers._libvirt.host import decode_job
from hvinspect.drivers._libvirt.per_guest import add_block_info, read_guest
from hvinspect.drivers._libvirt.plan import decode
from hvinspect.drivers._libvirt.reply import Reply

__all__ = ["CASES", "Case", "all_cases", "load"]

CASES = Path(__file__).with_name("cases")
#: The moment that all cases are of.
TAKEN = Span(
    started_unix_ns=1_700_000_000_000_000_000,
    started_monotonic_ns=1_000_000_000,
    duration_ns=1_000_000,
    boot_id="11111111-2222-3333-4444-555555555555",
)


class Refused(Exception):
    """A call that failed when it was recorded."""


class _PlayedDomain:
    """Answers each call as the recorded domain did."""

    def __init__(self, calls: Mapping[str, Any]) -> None:
        self._calls = calls

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._answer, name)

    def _answer(self, name: str, *arguments: object) -> Any:
        call = call_key(name, *arguments)
        if call not in self._calls:
            raise LookupError(f"the case has no answer to {call}: record it again")
        answer = self._calls[call]
        if isinstance(answer, dict) and answer.keys() == {"error"}:
            raise Refused(*answer["error"])
        return answer


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One domain at one moment."""

    name: str
    about: Mapping[str, Any]
    xml: str
    bulk: Mapping[str, Any] | None
    calls: Mapping[str, Any]

    @property
    def groups(self) -> frozenset[Group]:
        """The groups that were asked for."""
        return frozenset(map(Group, self.about["groups"]))

    @property
    def description(self) -> Description:
        """What its XML says."""
        return describe(self.xml, described_at=TAKEN.started_unix_ns)

    @property
    def reply(self) -> Reply:
        """What the driver makes of libvirt's answers before they are decoded."""
        domain = _PlayedDomain(self.calls)
        description = self.description
        if self.bulk is None:
            return read_guest(
                domain, _ask, lambda: description, groups=self.groups, hypervisor=self.about["hypervisor"]
            )
        reply = Reply(self.bulk)
        return add_block_info(domain, _ask, reply, description) if Group.BLOCK_DETAIL in self.groups else reply

    def decode(self, reply: Reply | None = None) -> InstanceStats:
        """Its record; of *reply*, if one is given, instead of its own."""
        root = parse_xml(self.xml)
        uuid = root.findtext("uuid") or ""
        number = self.about.get("native_id")
        instance = Instance(
            key=uuid,
            uuid=UUID(uuid),
            name=root.findtext("name"),
            native_id=number,
            driver="libvirt",
            architecture=self.description.architecture,
            virtualization=self.description.virtualization,
            openstack=self.description.openstack,
            described_at=TAKEN.started_unix_ns,
        )
        job = self.calls.get("jobStats")
        return decode(
            Reading(
                instance=instance,
                life=f"life/{number or '-'}",
                taken=TAKEN,
                groups=self.groups,
                reply=self.reply if reply is None else reply,
                description=self.description,
                daemon_version=version_number(self.about["libvirt"]),
                job=decode_job(job) if job is not None and Group.JOB in self.groups else None,
            )
        ).stats


def all_cases() -> Iterator[str]:
    """The names of all cases."""
    return (folder.name for folder in sorted(CASES.iterdir()) if (folder / "about.json").is_file())


def load(name: str | Path) -> Case:
    """The case of that name, or in that folder."""
    folder = CASES / name
    reply = json.loads((folder / "reply.json").read_text(encoding="utf-8"))
    return Case(
        name=folder.name,
        about=json.loads((folder / "about.json").read_text(encoding="utf-8")),
        xml=(folder / "domain.xml").read_text(encoding="utf-8"),
        bulk=reply.get("bulk"),
        calls=reply.get("calls", {}),
    )


def snapshot_of(stats: InstanceStats) -> Snapshot:
    """A snapshot of one instance."""
    versions = Versions(hvinspect="0", driver="0")
    return Snapshot(instances=(stats,), failures=(), taken=TAKEN, driver="libvirt", versions=versions)


def plain(stats: InstanceStats) -> dict[str, Any]:
    """The record as plain data."""
    made: dict[str, Any] = to_dict(snapshot_of(stats))["instances"][0]
    return made


def call_key(name: str, *arguments: object) -> str:
    """What the answer to a call is kept under."""
    return " ".join([name, *map(str, arguments)])


def version_number(text: str) -> int:
    """As libvirt numbers its versions: 9.0.0 is 9000000."""
    major, minor, micro = map(int, re.findall(r"\d+", text)[:3])
    return major * 1_000_000 + minor * 1_000 + micro


def _ask(_what: str, call: Callable[[], Any]) -> Any | Absence:
    try:
        return call()
    except Refused as refused:
        number, message = refused.args
        return absence_of(number, message)
