"""A page shows what a snapshot has, no more and no less, and is there in time."""

from __future__ import annotations

import dataclasses
import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator

import pytest

import hvinspect
from hvinspect import CATALOGUE, Group, InstanceStats, Reason, Snapshot
from hvinspect.bridges._exported import EXPORTED, Form, values
from hvinspect.bridges._prometheus_names import FAMILIES
from hvinspect.bridges.prometheus import MOST_METADATA, Collector
from hvinspect.testing import FakeHypervisor, FakeKind
from tests.cli import scripted

from .gated import gated
from .scrape import parsed, scraped, strictly_parsed, value

EVERYTHING = [group for group in Group if group is not Group.UNKNOWN]


@pytest.fixture
def hypervisor() -> Iterator[FakeHypervisor]:
    with FakeHypervisor(seed=3, disks=2, nics=2) as made:
        yield made


@pytest.fixture
def hv(hypervisor: FakeHypervisor) -> Iterator[hvinspect.Connection]:
    with hvinspect.connect(hypervisor.target) as connection:
        yield connection


def read(hv: hvinspect.Connection, key: str) -> InstanceStats:
    return hv.snapshot(groups=EVERYTHING)[key]


def test_every_number_of_a_snapshot_is_on_the_page(hv: hvinspect.Connection) -> None:
    snapshot = hv.snapshot(groups=EVERYTHING)
    page = scraped(Collector(hv, groups=EVERYTHING))
    seen = 0
    for exported, number, instance, device in values(snapshot):
        if exported.form is Form.NUMBER and exported.field.path in FAMILIES:
            family = FAMILIES[exported.field.path]
            labels = {"instance_key": instance.key, **({exported.device: device} if exported.device and device else {})}
            assert value(page, family.sample, **labels) == pytest.approx(number / family.divisor), family
            seen += 1
    assert seen > 400


def test_bytes_are_exact(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    key = hypervisor.keys[0]
    (disk, _) = read(hv, key).disks
    hypervisor.write_disk(key, disk.key, size_bytes=(1 << 52) + 1, requests=1)
    expected = read(hv, key).disks[0].write_bytes
    page = scraped(Collector(hv))
    assert value(page, "hvinspect_disk_write_bytes_total", instance_key=key, disk=disk.key) == expected


def test_what_is_missing_has_no_series(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    without_balloon, shut_off = hypervisor.keys[2], hypervisor.keys[3]
    page = scraped(Collector(hv))
    assert read(hv, without_balloon).memory.guest_unused_bytes is None
    assert value(page, "hvinspect_memory_guest_unused_bytes", instance_key=without_balloon) is None
    assert value(page, "hvinspect_memory_assigned_bytes", instance_key=without_balloon) is not None
    assert value(page, "hvinspect_cpu_time_seconds_total", instance_key=shut_off) is None
    assert value(page, "hvinspect_instance_state", instance_key=shut_off) == 1


def test_absences_are_counted_by_reason(hv: hvinspect.Connection) -> None:
    page = scraped(Collector(hv))
    assert (value(page, "hvinspect_absent_values", reason="not_running") or 0) > 0
    assert (value(page, "hvinspect_absent_values", reason="needs_guest") or 0) > 0


def test_a_state_is_the_label_of_one_series(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    page, key = scraped(Collector(hv)), hypervisor.keys[0]
    assert value(page, "hvinspect_instance_state", instance_key=key, state="running") == 1
    hypervisor.pause(key)
    page = scraped(Collector(hv))
    assert value(page, "hvinspect_instance_state", instance_key=key, state="running") is None
    assert value(page, "hvinspect_instance_state", instance_key=key, state="paused") == 1


def test_info_series_say_who_and_what(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    key = hypervisor.keys[0]
    stats, page = read(hv, key), scraped(Collector(hv))
    name, nic = stats.instance.name, stats.nics[0]
    assert name is not None
    assert nic.mac is not None
    assert value(page, "hvinspect_instance_info", instance_key=key, uuid=key, name=name) == 1
    assert value(page, "hvinspect_nic_info", instance_key=key, nic=nic.key, mac=nic.mac) == 1
    assert value(page, "hvinspect_versions_info", hvinspect=hvinspect.__version__, driver_name="fake") == 1


def test_a_guest_that_is_gone_is_gone_from_the_next_page(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    collector, key = Collector(hv), hypervisor.keys[0]
    assert any(("instance_key", key) in labels for series in scraped(collector).values() for labels in series)
    hypervisor.remove(key)
    assert not any(("instance_key", key) in labels for series in scraped(collector).values() for labels in series)


def test_a_guest_that_cannot_be_read_is_named_with_the_reason(
    hv: hvinspect.Connection, hypervisor: FakeHypervisor
) -> None:
    key = hypervisor.keys[0]
    hypervisor.fail(key, Reason.DENIED)
    page = scraped(Collector(hv))
    assert value(page, "hvinspect_instance_failed", instance_key=key, reason="denied") == 1
    assert value(page, "hvinspect_instances") == len(hypervisor.keys) - 1
    assert value(page, "hvinspect_instance_info", instance_key=key) == 1


def test_a_target_that_is_away_is_a_zero_and_comes_back(hypervisor: FakeHypervisor) -> None:
    collector = Collector(hypervisor.target)
    hypervisor.refuse()
    page = scraped(collector)
    assert value(page, "hvinspect_up") == 0
    assert value(page, "hvinspect_connected") == 0
    assert "hvinspect_instances" not in page
    hypervisor.accept()
    assert value(scraped(collector), "hvinspect_up") == 1
    collector.close()


def test_a_guest_that_hangs_costs_itself_alone_and_no_more_than_the_timeout(
    hv: hvinspect.Connection, hypervisor: FakeHypervisor
) -> None:
    hanging, well = hypervisor.keys[0], hypervisor.keys[1]
    hypervisor.hang(hanging)
    began = time.monotonic()
    page = scraped(Collector(hv, timeout=0.5))
    assert time.monotonic() - began < 5
    assert value(page, "hvinspect_instances_timed_out") == 1
    assert value(page, "hvinspect_instance_quarantined", instance_key=hanging) == 1
    assert value(page, "hvinspect_instance_quarantined", instance_key=well) == 0
    assert value(page, "hvinspect_memory_host_resident_bytes", instance_key=well) is not None
    assert value(page, "hvinspect_memory_host_resident_bytes", instance_key=hanging) is None


def test_scrapes_at_one_time_share_one_read(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    collector, before = Collector(hv, timeout=2.0), hv.health().calls
    hypervisor.hang(hypervisor.keys[0])
    pages: list[float | None] = []
    started = threading.Barrier(6)

    def scrape() -> None:
        started.wait(10)
        pages.append(value(scraped(collector), "hvinspect_up"))

    threads = [threading.Thread(target=scrape) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert pages == [1.0] * 6
    assert hv.health().calls - before == 1
    hypervisor.heal(hypervisor.keys[0])
    scraped(collector)
    assert hv.health().calls - before == 2


def test_registering_reads_nothing(hv: hvinspect.Connection) -> None:
    collector, before = Collector(hv, groups=EVERYTHING), hv.health().calls
    described = {metric.name for metric in collector.describe()}
    assert hv.health().calls == before
    assert {metric.name for metric in collector.collect()} <= described


def test_the_read_is_timed(hv: hvinspect.Connection) -> None:
    began = time.time()
    page = scraped(Collector(hv))
    taken, took = value(page, "hvinspect_read_timestamp_seconds"), value(page, "hvinspect_read_duration_seconds")
    assert taken is not None
    assert took is not None
    assert began - 1 <= taken <= time.time()
    assert 0 < took < 30


def test_rates_of_a_hypervisor_without_counters_are_on_the_page() -> None:
    with FakeHypervisor(kind=FakeKind.RATES) as hypervisor:
        collector = Collector(hypervisor.target)
        page = scraped(collector)
        collector.close()
        key = hypervisor.keys[0]
        assert value(page, "hvinspect_rates_cpu_cores", instance_key=key) is not None
        assert value(page, "hvinspect_nic_rates_rx_bytes_per_second", instance_key=key, nic="net0") is not None
        assert value(page, "hvinspect_rates_source", instance_key=key, source="supplied") == 1
        assert value(page, "hvinspect_cpu_time_seconds_total", instance_key=key) is None


def test_metadata_is_there_when_it_was_asked_for(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    openstack = read(hv, hypervisor.keys[0]).instance.openstack
    assert openstack is not None
    assert openstack.project_id is not None
    assert "hvinspect_instance_metadata_info" not in scraped(Collector(hv))
    page = scraped(Collector(hv, metadata=["project_id", "flavor_vcpus"]))
    labels = {"project_id": openstack.project_id, "flavor_vcpus": str(openstack.flavor_vcpus)}
    assert value(page, "hvinspect_instance_metadata_info", instance_key=hypervisor.keys[0], **labels) == 1
    # Nova does not know the third.
    assert value(page, "hvinspect_instance_metadata_info", instance_key=hypervisor.keys[2]) is None


def test_unknown_metadata_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ValueError, match="project_id"):
        Collector("fake:", metadata=["projct_id"])
    with pytest.raises(TypeError, match="collection"):
        Collector("fake:", metadata="project_id")


def test_metadata_has_a_cap() -> None:
    names = [field.name for field in CATALOGUE.values() if field.record == "openstack"]
    assert len(names) > MOST_METADATA
    Collector("fake:", metadata=names[:MOST_METADATA])
    with pytest.raises(ValueError, match="at most 10"):
        Collector("fake:", metadata=names[: MOST_METADATA + 1])


def test_hostile_names_spoil_nothing() -> None:
    with FakeHypervisor(hostile=True) as hypervisor:
        collector = Collector(hypervisor.target, groups=EVERYTHING, metadata=["name"])
        assert strictly_parsed(collector) > 300
        page = scraped(collector)
        collector.close()
    assert len(page["hvinspect_instance_info"]) == 5


def test_a_name_that_is_no_text_spoils_nothing() -> None:
    with FakeHypervisor(instances=1) as hypervisor:
        hypervisor.add("k\udc80", name="name\ud800")
        collector = Collector(hypervisor.target)
        assert value(scraped(collector), "hvinspect_instance_info", name="name\\ud800") == 1
        collector.close()


def test_two_mount_points_that_look_the_same_have_one_series(
    hv: hvinspect.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = mounted_at(hv.snapshot(groups=EVERYTHING), "/a\udcff", "/a\\udcff")
    monkeypatch.setattr(hvinspect.Connection, "snapshot", lambda *_, **__: snapshot)
    page = scraped(Collector(hv, groups=EVERYTHING))
    # scraped() takes no two of one name and labels.
    assert page["hvinspect_guest_filesystem_total_bytes"]


def mounted_at(snapshot: Snapshot, *mountpoints: str) -> Snapshot:
    """The same, the first file system of each there once for each mount point."""

    def moved(stats: InstanceStats) -> InstanceStats:
        agent = stats.guest_agent
        found = [dataclasses.replace(one, mountpoint=place) for one in agent.filesystems[:1] for place in mountpoints]
        return dataclasses.replace(stats, guest_agent=dataclasses.replace(agent, filesystems=tuple(found)))

    return dataclasses.replace(snapshot, instances=tuple(moved(stats) for stats in snapshot))


def test_the_collectors_own_text_says_the_same(hypervisor: FakeHypervisor) -> None:
    hypervisor.add("odd", name='back\\slash "quoted"\nand more')
    collector = Collector(hypervisor.target, groups=EVERYTHING, metadata=["project_id"])
    theirs, ours = scraped(collector), parsed(collector.text())
    collector.close()
    assert value(ours, "hvinspect_instance_info", name='back\\slash "quoted"\nand more') == 1
    timed = {name for name in theirs if name.startswith("hvinspect_read_")} | {"hvinspect_calls_total"}
    assert {name: ours[name] for name in theirs if name not in timed} == {
        name: theirs[name] for name in theirs if name not in timed
    }
    assert set(ours) == set(theirs)


def test_what_a_metric_is_stands_before_it(hv: hvinspect.Connection) -> None:
    lines = Collector(hv).text().decode().splitlines()
    first = lines.index("# TYPE hvinspect_disk_write_bytes_total counter")
    assert lines[first - 1] == "# HELP hvinspect_disk_write_bytes_total Written by the guest."
    assert lines[first + 1].startswith("hvinspect_disk_write_bytes_total{")


def test_a_page_keeps_to_openmetrics(hv: hvinspect.Connection) -> None:
    assert strictly_parsed(Collector(hv, groups=EVERYTHING, metadata=["project_id"])) > 500


def test_a_mount_point_that_is_told_twice_has_one_series(
    hv: hvinspect.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = twice_mounted(hv.snapshot(groups=EVERYTHING))
    monkeypatch.setattr(hvinspect.Connection, "snapshot", lambda *_, **__: snapshot)
    page = scraped(Collector(hv, groups=EVERYTHING))
    # scraped() takes no two of one name and labels.
    assert page["hvinspect_guest_filesystem_total_bytes"]


def twice_mounted(snapshot: Snapshot) -> Snapshot:
    """The same, each file system there twice."""

    def doubled(stats: InstanceStats) -> InstanceStats:
        agent = stats.guest_agent
        return dataclasses.replace(
            stats, guest_agent=dataclasses.replace(agent, filesystems=(*agent.filesystems, *agent.filesystems))
        )

    return dataclasses.replace(snapshot, instances=tuple(doubled(stats) for stats in snapshot))


def test_a_connection_that_was_given_stays_open(hv: hvinspect.Connection) -> None:
    collector = Collector(hv)
    scraped(collector)
    collector.close()
    assert hv.snapshot().instances


def test_a_collector_that_was_closed_connects_anew(hypervisor: FakeHypervisor) -> None:
    collector = Collector(hypervisor.target)
    for _ in range(2):
        assert value(scraped(collector), "hvinspect_up") == 1
        collector.close()


def test_a_child_that_is_forked_during_a_scrape_scrapes_for_itself(hypervisor: FakeHypervisor) -> None:
    hypervisor.hang(hypervisor.keys[0])
    collector = Collector(hypervisor.target, timeout=2.0)
    scrape = threading.Thread(target=scraped, args=(collector,))
    scrape.start()
    time.sleep(0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that there are threads is the point
        child = os.fork()
    if child == 0:
        signal.alarm(20)
        hypervisor.heal(hypervisor.keys[0])
        os._exit(0 if value(scraped(collector), "hvinspect_up") == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    scrape.join()
    collector.close()


def test_closing_while_a_scrape_connects_leaves_nothing_open() -> None:
    gate = gated()
    collector = Collector("gated:", timeout=30.0)
    scrape = threading.Thread(target=collector.text)
    scrape.start()
    assert gate.asked.wait(10)
    collector.close()
    gate.open.set()
    scrape.join(30)
    assert not gate.connections
    assert b"\nhvinspect_up 1\n" in collector.text()
    assert len(gate.connections) == 1
    collector.close()
    assert not gate.connections


def test_what_a_hypervisor_says_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    scripted.register()
    Collector("scripted:hostile").text()
    (told,) = [record.getMessage() for record in caplog.records if record.name == "hvinspect.bridges"]
    assert told.isprintable()


def test_a_target_that_goes_is_told_once_and_when_it_is_back(
    hypervisor: FakeHypervisor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "hvinspect.bridges")
    collector = Collector(hypervisor.target)
    hypervisor.refuse()
    for _ in range(3):
        scraped(collector)
    hypervisor.accept()
    for _ in range(3):
        scraped(collector)
    collector.close()
    told = [record.levelname for record in caplog.records if record.name == "hvinspect.bridges"]
    assert told == ["WARNING", "INFO"]


def test_a_start_can_be_made_to_fail(hypervisor: FakeHypervisor) -> None:
    with pytest.raises(hvinspect.DriverNotFound):
        Collector("nosuchdriver:").check()
    hypervisor.refuse()
    Collector(hypervisor.target).check()  # it may come


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan"), float("inf")])
def test_a_timeout_is_positive(timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        Collector("fake:", timeout=timeout)


def test_a_wrong_group_is_told_to_every_scrape(hv: hvinspect.Connection) -> None:
    collector = Collector(hv, groups=["nonsense"])  # type: ignore[list-item]  # the mistake that is tested
    for _ in range(2):
        with pytest.raises(ValueError, match="nonsense"):
            list(collector.collect())


def test_all_forms_are_used() -> None:
    assert {one.form for one in EXPORTED.values()} == set(Form)
