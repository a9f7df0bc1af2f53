"""A second source for each field that the driver says it gives: the table. No I/O here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, final

from hvinspect import CATALOGUE, HostStats, InstanceStats
from tests.fidelity import rows
from tests.fidelity.records import records
from tests.fidelity.rows import How, equal, inside
from tests.integration.vmware.outside import Facts

__all__ = ["OF_HOST", "TABLE", "Look", "Moment", "Row"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One machine in one snapshot, and what is known without the driver before and after it."""

    stats: InstanceStats
    host: HostStats | None
    before: Facts
    after: Facts


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Every machine, in two snapshots."""

    first: Mapping[str, Moment]
    second: Mapping[str, Moment]

    @property
    def all(self) -> tuple[Moment, ...]:
        """Of both."""
        return (*self.first.values(), *self.second.values())


#: Of what this lab looks at.
Row: TypeAlias = rows.Row[Look]
#: What is to be said of a field, whichever it is.
Rule: TypeAlias = Callable[[str], Row]


def _values(moment: Moment, path: str) -> list[Any]:
    field = CATALOGUE[path]
    return [getattr(one, field.name) for one in records(field.record, moment.stats, moment.host)]


def told(how: How, source: str) -> Rule:
    """What is known is what was read, of each machine."""

    def rule(path: str) -> Row:
        def check(look: Look) -> None:
            told = 0
            for moment in look.all:
                found, known = _values(moment, path), moment.after.get(path, [])
                told += sum(one is not None for one in found)
                equal(len(found), len(known), what=path)
                for value, expected in zip(found, known, strict=True):
                    if isinstance(expected, float):
                        # Units are put into others in another order than the driver's.
                        assert type(value) is float, value
                        assert abs(value - expected) < 1e-9 * expected, (value, expected)
                    else:
                        equal(value, expected, what=path)
            assert told, f"no machine has {path}"

        return Row(how=how, source=source, check=check)

    return rule


def between(source: str) -> Rule:
    """What was read lies between what is known before and after."""

    def rule(path: str) -> Row:
        def check(look: Look) -> None:
            for moment in look.all:
                for value, low, high in zip(
                    _values(moment, path), moment.before[path], moment.after[path], strict=True
                ):
                    inside(value, low, high, what=path)

        return Row(how=How.BETWEEN, source=source, check=check)

    return rule


def the_same(path: str) -> Row:
    """The same in one life, and another's is another."""

    def check(look: Look) -> None:
        lives = {name: _values(moment, path) for name, moment in look.first.items()}
        equal({name: _values(moment, path) for name, moment in look.second.items()}, lives)
        everyone = [one for life in lives.values() for one in life]
        assert everyone
        assert all(type(one) is str and one for one in everyone)
        assert len({*everyone}) == len(everyone)

    return Row(how=How.IDENTITY, source="two snapshots of one life, and of other machines", check=check)


def _noted(path: str) -> Row:
    """The record that nova's notes make is there where there are such notes."""

    def check(look: Look) -> None:
        for moment in look.all:
            (value,) = _values(moment, path)
            equal(value is not None, "openstack.name" in moment.after, what=path)
            assert value is None or value.name == moment.after["openstack.name"][0], value

    return Row(how=How.ASKED, source=_NOTES, check=check)


def _booted(path: str) -> Row:
    """The same in one boot of the host, and of no other."""

    def check(look: Look) -> None:
        for moment in look.all:
            (value,), (booted,) = _values(moment, path), moment.after[path]
            equal(value, f"host/{booted}", what=path)

    return Row(how=How.IDENTITY, source="the time of the host's boot, as another client is told of it", check=check)


_CLIENT: Final = "what another client, plain pyVmomi, is told of it"
_HOST: Final = f"{_CLIENT}: of an ESX host alone, a vCenter has many"
_NOTES: Final = "nova's notes as the lab wrote them to one of the machines"
_SEED: Final = "the lab's seed, another number for each machine and counter"
_client, _seed = told(How.EXACT, _CLIENT), told(How.ASKED, _SEED)

_RULES: Final[Mapping[str, Rule]] = {
    **{f"instance.{name}": _client for name in ("key", "uuid", "name", "native_id")},
    "instance.driver": told(How.ASKED, "the target that was connected to"),
    "instance.openstack": _noted,
    "instance.described_at": between("the clock"),
    **{f"openstack.{name}": told(How.ASKED, _NOTES) for name in (
        "name", "flavor_name", "flavor_vcpus", "flavor_memory_bytes", "flavor_disk_bytes", "flavor_ephemeral_bytes",
        "flavor_swap_bytes", "user_id", "user_name", "project_id", "project_name", "image_id", "nova_version",
    )},
    **dict.fromkeys(("stats.incarnation", "disk.incarnation", "nic.incarnation"), the_same),
    **{f"stats.{name}": _client for name in ("state", "native_state")},
    **{f"cpu.{name}": _client for name in ("vcpus_online", "vcpus_maximum", "vcpus_at_start")},
    "memory.maximum_bytes": _client,
    **{f"memory.{name}": _seed for name in ("assigned_bytes", "host_resident_bytes")},
    **{f"disk.{name}": _client for name in ("key", "name", "alias", "bus", "device", "kind", "source")},
    "disk.capacity_bytes": _client,
    **{f"nic.{name}": _client for name in ("key", "alias", "mac", "model", "kind", "link_up")},
    "nic.port_id": _seed,
    "rates.source": told(How.ASKED, "the simulator has no counters"),
    "rates.ended_unix_ns": between("the clock, in windows of 20 s"),
    **{f"rates.{name}": _seed for name in ("window_ns", "cpu_cores", "cpu_fraction", "delay_fraction")},
    **{
        f"{way}_rates.{name}": _seed
        for way, names in {
            "disk": ("read_bytes", "read_requests", "write_bytes", "write_requests"),
            "nic": ("rx_bytes", "rx_packets", "tx_bytes", "tx_packets"),
        }.items()
        for name in ("key", *(f"{one}_per_s" for one in names))
    },
    **{f"disk_rates.{way}_latency_ns": _seed for way in ("read", "write")},
}  # fmt: skip
#: What a vCenter and an ESX host give, by path of the catalogue; and what an ESX host gives of itself besides.
TABLE: Final[Mapping[str, Row]] = {path: rule(path) for path, rule in _RULES.items()}
OF_HOST: Final[Mapping[str, Row]] = {
    f"host.{name}": (_booted if name == "incarnation" else told(How.EXACT, _HOST))(f"host.{name}")
    for name in (
        "incarnation", "hostname", "uuid", "hypervisor", "hypervisor_version", "cpus", "memory_total_bytes",
        "memory_free_bytes",
    )
}  # fmt: skip
