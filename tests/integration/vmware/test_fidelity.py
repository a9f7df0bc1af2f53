"""Each field that the driver gives is true, by another client and by the seeds, of the machine and device it is of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import pytest

import hvinspect
from hvinspect import CATALOGUE, Absence, Connection, State, rates
from hvinspect.drivers._vmware.keys import COUNTERS, why_ignored
from hvinspect.drivers._vmware.provides import provided
from tests.fidelity.records import records, spoiled
from tests.fidelity.rows import How, fails, failures, mismatched, of_drivers, shown
from tests.integration.vmware.evidence import OF_HOST, TABLE, Look, Moment, Row
from tests.integration.vmware.outside import Facts, facts, facts_of_host, number_of
from tests.lab.vmware.client import Client, client
from tests.lab.vmware.simulator import Simulator
from tools import measured

MACHINES = 3


@pytest.fixture(scope="module", params=["vCenter", "ESX"])
def kind(request: pytest.FixtureRequest) -> str:
    """Of server."""
    return str(request.param)


@pytest.fixture(scope="module")
def table(kind: str) -> Mapping[str, Row]:
    """What such a server gives."""
    return TABLE if kind == "vCenter" else {**TABLE, **OF_HOST}


@pytest.fixture(scope="module")
def look(kind: str, vcenter: Simulator, esx: Simulator) -> Iterator[Look]:
    """Every machine of such a server, in two snapshots."""
    server = {"vCenter": vcenter, "ESX": esx}[kind]
    with client(server) as lab, hvinspect.connect(server.target, options=server.options) as hv:
        yield Look(first=_moments(hv, lab, kind), second=_moments(hv, lab, kind))


def _moments(hv: Connection, lab: Client, kind: str) -> dict[str, Moment]:
    before = _facts(lab, kind)
    snapshot, host = hv.snapshot(), hv.host() if kind == "ESX" else None
    after = _facts(lab, kind)
    stats = {str(one.instance.name): one for one in snapshot}
    assert stats.keys() == after.keys()
    return {name: Moment(stats=one, host=host, before=before[name], after=after[name]) for name, one in stats.items()}


def _facts(lab: Client, kind: str) -> dict[str, Facts]:
    of_host = facts_of_host(lab) if kind == "ESX" else {}
    return {name: {**one, **of_host} for name, one in facts(lab).items()}


def _given(kind: str) -> dict[str, Absence | None]:
    return provided(is_host=kind == "ESX")


def test_every_field_that_is_given_has_a_row_and_no_other(kind: str, table: Mapping[str, Row]) -> None:
    assert mismatched(table, of_drivers(_given(kind), rates=True)) == []


def test_every_row_holds(table: Mapping[str, Row], look: Look) -> None:
    wrong = failures(table, look, _no_series)
    assert wrong == [], "\n".join(wrong)


def test_a_wrong_value_is_noticed_wherever_it_is(table: Mapping[str, Row], look: Look) -> None:
    blind = [
        f"{path} of {name}"
        for path, row in table.items()
        for name in look.second
        if (changed := _spoiled(look, name, path)) is not None and fails(row, changed) is None
    ]
    assert blind == []


def _spoiled(look: Look, name: str, path: str) -> Look | None:
    """With a wrong value in the field of one machine; None if the machine has no such record."""
    moment = look.second[name]
    if not records(CATALOGUE[path].record, moment.stats, moment.host):
        return None
    stats, host = spoiled(path, moment.stats, moment.host)
    return dataclasses.replace(look, second={**look.second, name: dataclasses.replace(moment, stats=stats, host=host)})


def _no_series(_path: str) -> tuple[tuple[object, ...], ...]:
    """Of counters, of which there are none."""
    return ()


def test_the_table_is_kept(vcenter: Simulator) -> None:
    lacking = {path: str(why) for path, why in _given("ESX").items() if why is not None}
    kept = shown({**TABLE, **OF_HOST}, lacking, _no_series, driver="vmware")
    assert How.DECODE_ONLY.value not in {row["evidence"] for row in kept}
    measured.record("fidelity_vmware", kept)


def test_every_machine_but_the_template_is_there(hv: Connection) -> None:
    snapshot = hv.snapshot()
    assert sorted(number_of(str(stats.instance.name)) for stats in snapshot) == list(range(MACHINES))
    assert snapshot.failures == ()


def test_rates_are_handed_on_by_the_readers_own_call(hv: Connection) -> None:
    before, after = hv.snapshot(), hv.snapshot()
    for one in rates(before, after):
        assert one == after[one.instance.key].supplied_rates


def test_nothing_looks_like_a_counter(hv: Connection) -> None:
    for stats in hv.snapshot():
        assert stats.state is State.RUNNING
        assert stats.cpu.time_ns is None
        assert {disk.read_bytes for disk in stats.disks} == {None}
        assert {nic.rx_bytes for nic in stats.nics} == {None}


def test_every_counter_of_a_machine_is_mapped_or_ignored(server: Simulator) -> None:
    with client(server) as lab:
        counters = lab.counters_of(next(iter(lab.machines().values())))
    assert len(counters) > 50
    assert [name for name in sorted(counters) if name not in COUNTERS and why_ignored(name) is None] == []


def test_a_vcenter_is_no_host(vcenter: Simulator) -> None:
    with (
        hvinspect.connect(vcenter.target, options=vcenter.options) as hv,
        pytest.raises(hvinspect.NotSupported, match="connect to one of them"),
    ):
        hv.host()
