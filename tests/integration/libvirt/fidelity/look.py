"""A recording played to the driver again: what it makes of each moment, beside what was seen without libvirt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import hvinspect
from hvinspect import CATALOGUE, Capabilities, Group, HostStats, InstanceStats
from hvinspect.drivers._libvirt.keys import MAPPED
from tests.fidelity.records import records
from tests.integration.libvirt.fidelity import tape

#: What changes libvirt's answers.
Spoil: TypeAlias = Callable[[tape.Calls], tape.Calls]


@final
@dataclass(frozen=True, slots=True)
class Moment:
    """One snapshot of one instance, between two looks at it without libvirt."""

    name: str
    stats: InstanceStats
    host: HostStats
    capabilities: Capabilities
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    #: libvirt's answers.
    calls: tape.Calls

    def records(self, record: str) -> tuple[Any, ...]:
        """The records of that short name."""
        return records(record, self.stats, self.host)

    def answer(self, method: str) -> Any:
        """libvirt's first answer to *method* of this instance, or of the host."""
        for key, answers in self.calls.items():
            target, asked, _ = key.split(" ", 2)
            if asked == method and target in ("host", self.stats.instance.key):
                return answers[0]
        raise KeyError(method)

    @property
    def reply(self) -> dict[str, Any]:
        """The keys and values of the bulk call."""
        values: dict[str, Any] = self.answer("domainListGetStats")[0][1]
        return values


@final
class Look:
    """All moments of a recording by name, each played when it is first looked at."""

    def __init__(self, recording: Mapping[str, Any], *, spoil: Spoil | None = None, fill: bool = True) -> None:
        """Play *recording*; what the driver gets goes through *spoil*, what it is compared with does not.

        Without *fill* the moment "filled" has no number that is made up.
        """
        self.facts: Mapping[str, Any] = recording["facts"]
        second = recording["moments"]["second"]
        self._recorded = {**recording["moments"], "filled": filled(second) if fill else second}
        self._played: dict[str, Moment] = {}
        self._spoil = spoil

    def __getitem__(self, name: str) -> Moment:
        """The moment of that name."""
        if name not in self._played:
            self._played[name] = _play(name, self._recorded[name], self._spoil)
        return self._played[name]

    def of(self, hypervisor: str) -> tuple[Moment, ...]:
        """The moments of ``qemu``, ``lxc`` or ``test``."""
        names = {"lxc": ("lxc-first", "lxc-second"), "test": ("test",)}
        # Of what is made up nothing moved.
        others = {"filled"}.union(*names.values())
        return tuple(
            self[name] for name in names.get(hypervisor) or tuple(name for name in self._recorded if name not in others)
        )

    def series(self, hypervisor: str, path: str) -> Iterator[list[Any]]:
        """The values of a field, one list for each device that has it, in the order of the moments."""
        record, name = CATALOGUE[path].record, CATALOGUE[path].name
        found: dict[object, list[Any]] = {}
        for moment in sorted(self.of(hypervisor), key=lambda one: one.stats.taken.started_monotonic_ns):
            for one in moment.records(record):
                device = (moment.stats.instance.key, getattr(one, "key", getattr(one, "index", None)))
                found.setdefault(device, []).append(getattr(one, name))
        yield from found.values()


def filled(moment: Mapping[str, Any]) -> Mapping[str, Any]:
    """*moment* with a number of its own for every key that the table of keys has and the lab's machine has not."""
    calls = json.loads(json.dumps(moment["calls"]))
    (asked,) = (key for key in calls if key.split(" ")[1] == "domainListGetStats")
    for answer in calls[asked]:
        values = answer[0][1]
        for number, pattern in enumerate(MAPPED, 1):
            if pattern.startswith("perf."):
                values[pattern] = 7_000_000 + number
        for vcpu in (0, 1):
            values[f"dirtyrate.vcpu.{vcpu}.megabytes_per_second"] = 31 + vcpu
            values[f"vcpu.{vcpu}.wait"] = 4_000_000_000 + vcpu
    return {**moment, "calls": calls}


def _play(name: str, moment: Mapping[str, Any], spoil: Spoil | None) -> Moment:
    calls = spoil(moment["calls"]) if spoil is not None else moment["calls"]
    groups = frozenset(Group(group) for group in moment["groups"])
    with tape.replaying(calls), hvinspect.connect(f"libvirt:{moment['uri']}") as hv:
        capabilities = hv.capabilities()
        snapshot = hv.snapshot([moment["uuid"]], groups=groups)
        stats = snapshot.get(moment["uuid"])
        assert stats is not None, snapshot.failures
        return Moment(name, stats, hv.host(), capabilities, moment["before"], moment["after"], moment["calls"])
