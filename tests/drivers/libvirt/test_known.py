"""When descriptions are read again, and the driver that keeps them, on a connection that is played."""

# ruff: noqa: N802  # the methods of what is played are named as libvirt names them

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, cast
from uuid import UUID

import pytest

import hvinspect
from hvinspect import DEFAULT_GROUPS, Failure, InstanceStats, Reason
from hvinspect.driver import Absence, Deadline, Instance, InventoryRequest, OpenRequest, ReadRequest, Target, Workers
from hvinspect.drivers._libvirt.devices import shown_by
from hvinspect.drivers._libvirt.known import Descriptions
from hvinspect.drivers._libvirt.native import Native
from hvinspect.drivers._libvirt.reply import Reply
from hvinspect.drivers._libvirt.uri import parse_uri
from hvinspect.drivers.libvirt import LibvirtDriver, LibvirtOptions

_SECOND = 1_000_000_000
_DOMAIN = "<domain><devices><disk><source file='/a'/><target dev='vda'/></disk></devices></domain>"


class Shelf:
    """Descriptions with a clock to be set, and a count of what is read."""

    def __init__(self, xml: str | Absence = _DOMAIN) -> None:
        self.now = 1000 * _SECOND
        self.xml = xml
        self.read: list[str] = []
        self.descriptions = Descriptions(oldest_ns=60 * _SECOND, clock=lambda: self.now)

    def of(self, key: str, shown: dict[str, object] | None = None, **more: int) -> Any:
        return self.of_instance(Instance(key=key, native_id="1"), shown or {}, **more)

    def of_instance(self, instance: Instance, shown: dict[str, object], **more: int) -> Any:
        def read() -> str | Absence:
            self.read.append(instance.key)
            return self.xml

        return self.descriptions.of(instance, read, shown, **more)


def test_a_description_is_read_once_and_kept() -> None:
    shelf = Shelf()
    first = shelf.of("a", {"block": 1})
    shelf.now += 59 * _SECOND
    assert shelf.of("a", {"block": 1}) is first
    assert shelf.read == ["a"]


def test_one_that_is_too_old_is_read_again_before_it_is_handed_out() -> None:
    shelf = Shelf()
    shelf.of("a")
    shelf.now += 60 * _SECOND
    assert shelf.of("a").read_ns == shelf.now


@pytest.mark.parametrize("other", [Instance(key="a", native_id="2"), Instance(key="a", native_id="1", name="new")])
def test_another_life_and_another_name_have_another_description(other: Instance) -> None:
    shelf = Shelf()
    shelf.of("a")
    shelf.of_instance(other, {})
    assert shelf.read == ["a", "a"]


def test_what_a_reply_does_not_show_is_no_difference_and_what_was_not_shown_before_is() -> None:
    shelf = Shelf()
    shelf.of("a", {"net": 1})
    shelf.of("a")
    assert len(shelf.read) == 1
    shelf.of("a", {"block": 1})
    assert len(shelf.read) == 2
    # From then on both are known.
    for shown in ({"net": 1}, {"block": 1}, {"net": 1, "block": 1}):
        shelf.of("a", dict(shown))
    assert len(shelf.read) == 2
    shelf.of("a", {"net": 2})
    assert len(shelf.read) == 3


@pytest.mark.parametrize("interval", [1, 5, 10, 20, 29, 45, 90])
@pytest.mark.parametrize("count", [1, 7, 200])
def test_none_is_older_than_a_minute_and_not_all_are_read_at_once(interval: int, count: int) -> None:
    shelf = Shelf()
    keys = [f"{number:03}" for number in range(count)]
    most = 0
    for step in range(60):
        so_far = len(shelf.read)
        shelf.descriptions.spread(keys)
        for key in keys:
            assert shelf.now - shelf.of(key).read_ns < 60 * _SECOND
        if step:
            most = max(most, len(shelf.read) - so_far)
        shelf.now += interval * _SECOND
    if interval <= 10:
        assert most <= -(-count * interval // 30)
    # No more than is needed: each no more than once in half a minute.
    assert len(shelf.read) <= count * (2 + 60 * interval // 30)


def test_quiet_snapshots_read_nothing() -> None:
    shelf = Shelf()
    for _ in range(10):
        shelf.descriptions.spread(["a"])
        shelf.of("a")
        shelf.now += 2 * _SECOND
    assert len(shelf.read) == 1


def test_one_that_cannot_be_read_says_why_and_is_asked_for_again_soon() -> None:
    shelf = Shelf(Absence(Reason.DENIED, "no"))
    known = shelf.of("a")
    assert known.problem == Absence(Reason.DENIED, "no")
    assert known.instance.described_at is None
    assert known.description.disks == ()
    shelf.now += 5 * _SECOND
    shelf.of("a")
    assert len(shelf.read) == 1
    shelf.now += 5 * _SECOND
    shelf.xml = _DOMAIN
    assert shelf.of("a").problem is None


@pytest.mark.parametrize("bad", ["<domain>", "<!DOCTYPE a><a/>", Absence(Reason.FAILED, "no")])
def test_an_old_one_that_was_well_stays_until_it_is_too_old(bad: str | Absence) -> None:
    shelf = Shelf()
    first = shelf.of("a")
    shelf.xml = bad
    shelf.now += 40 * _SECOND
    shelf.descriptions.spread(["a"])
    assert shelf.of("a") is first
    assert len(shelf.read) == 2
    # But not when there are other devices now, and not for ever.
    assert shelf.of("a", {"block": 2}).problem is not None
    shelf = Shelf()
    shelf.of("a")
    shelf.xml = bad
    shelf.now += 61 * _SECOND
    assert shelf.of("a").problem is not None


@pytest.mark.parametrize("reason", [Reason.BUSY, Reason.TIMED_OUT])
def test_that_of_a_guest_that_is_held_stays_however_old_it_is_for_its_devices_cannot_change(reason: Reason) -> None:
    shelf = Shelf()
    first = shelf.of("a")
    shelf.xml = Absence(reason, "held")
    shelf.now += 3600 * _SECOND
    assert shelf.of("a") is first
    assert shelf.of_instance(Instance(key="a", native_id="2"), {}).problem is not None


def test_a_description_of_this_very_snapshot_is_not_an_older_one() -> None:
    shelf = Shelf()
    shelf.of("a")
    shelf.now += _SECOND
    second = shelf.of("a", younger_than_ns=_SECOND)
    assert len(shelf.read) == 2
    assert shelf.of("a", younger_than_ns=_SECOND) is second


_REPLY = {
    "block.count": 2,
    "block.0.name": "vda",
    "block.0.path": "/a",
    "block.0.backingIndex": 1,
    "block.0.rd.reqs": 5,
    "block.1.name": "hdc",
    "net.count": 2,
    "net.0.name": "vnet0",
    "net.0.rx.bytes": 1,
}


@pytest.mark.parametrize(
    "change",
    [
        {"block.0.path": "/b"},
        {"block.0.backingIndex": 2},
        {"block.0.backingIndex": None},
        {"block.1.path": "/cd"},
        {"block.1.backingIndex": 2},
        {"block.1.name": "hdd"},
        {"block.count": 3},
        {"net.0.name": "vnet1"},
        {"net.1.name": "vnet1"},
        {"net.count": 3},
    ],
)
def test_whatever_a_reply_shows_of_devices_is_a_difference(change: dict[str, Any]) -> None:
    other = {key: value for key, value in {**_REPLY, **change}.items() if value is not None}
    assert shown_by(Reply(other)) != shown_by(Reply(_REPLY))


@pytest.mark.parametrize("odd", [[1], {"a": 1}, [10**5000]])
def test_a_value_that_is_none_of_libvirts_is_shown_too_and_what_it_is_makes_no_difference(odd: object) -> None:
    shown = shown_by(Reply({**_REPLY, "block.0.path": odd}))
    assert shown == shown_by(Reply({**_REPLY, "block.0.path": odd}))
    assert shown != shown_by(Reply(_REPLY))


def test_counters_are_no_difference() -> None:
    assert shown_by(Reply({**_REPLY, "block.0.rd.reqs": 6, "net.0.rx.bytes": 2, "block.0.capacity": 7})) == shown_by(
        Reply(_REPLY)
    )


class Domain:
    def __init__(self, number: int) -> None:
        self.number = number
        #: When its description is asked for.
        self.runs = True
        self.described = 0
        self.control = (0, 0, 0)

    def UUID(self) -> bytes:
        return UUID(f"00000000-0000-4000-8000-{self.number:012}").bytes

    def name(self) -> str:
        return f"guest-{self.number}"

    def ID(self) -> int:
        return self.number

    def XMLDesc(self) -> str:
        self.described += 1
        number = f" id='{self.ID()}'" if self.runs else ""
        return _DOMAIN.replace("<domain>", f"<domain type='qemu'{number}>")

    def controlInfo(self) -> tuple[int, int, int]:
        return self.control


class Handle:
    """A libvirt connection that is played: of a daemon that may be restarted, and a host that may be booted."""

    def __init__(self) -> None:
        self.domains: list[Domain] = []
        self.uptime_ns = 5000 * _SECOND
        #: Started anew between the list and the answer.
        self.late: dict[int, Domain] = {}
        #: What each domain's reply has besides: by its resident memory the driver sees that its monitor was asked.
        self.more: dict[str, Any] = {"balloon.rss": 1}
        self.version = 9_000_000

    def getType(self) -> str:
        return "QEMU"

    def getLibVersion(self) -> int:
        return self.version

    def getVersion(self) -> int:
        return 7_002_000

    def getCapabilities(self) -> str:
        return "<capabilities><host><uuid>9eadd654-e973-5ac9-9034-9d09751e2fe0</uuid></host></capabilities>"

    def getCPUStats(self, cpu: int) -> dict[str, int]:
        assert cpu == -1
        return {"user": self.uptime_ns, "kernel": 0, "idle": self.uptime_ns, "iowait": 0}

    def getInfo(self) -> list[object]:
        return ["x86_64", 1000, 2, 1000, 1, 1, 2, 1]

    def listAllDomains(self, flags: int) -> list[Domain]:
        return list(self.domains)

    def domainListGetStats(self, domains: list[Domain], stats: int, flags: int) -> list[tuple[Domain, dict[str, Any]]]:
        return [
            (
                self.late.get(domain.number, domain),
                {
                    "state.state": 1,
                    "cpu.time": 5,
                    "block.count": 1,
                    "block.0.name": "vda",
                    "block.0.rd.reqs": 1,
                    **self.more,
                },
            )
            for domain in domains
        ]

    def isAlive(self) -> int:
        return 1

    def close(self) -> None:
        pass


Opened = Callable[[Handle, str, dict[str, Any]], LibvirtDriver]


@pytest.fixture
def opened() -> Iterator[Opened]:
    with contextlib.ExitStack() as drivers:

        def of(handle: Handle, uri: str, memory: dict[str, Any]) -> LibvirtDriver:
            request = OpenRequest(
                target=Target.parse(f"libvirt:{uri}"),
                options=LibvirtOptions(),
                deadline=Deadline.after(10),
                workers=Workers("test", limit=2),
                memory=memory,
            )
            made = LibvirtDriver(lambda: Native(cast("Any", handle)), parse_uri(uri), request)
            return drivers.enter_context(contextlib.closing(made))

        yield of


def _snapshot(driver: LibvirtDriver) -> list[InstanceStats]:
    return [one for one in _read(driver) if isinstance(one, InstanceStats)]


def _read(driver: LibvirtDriver) -> list[InstanceStats | Failure]:
    deadline = Deadline.after(10)
    instances = driver.inventory(InventoryRequest(deadline=deadline))
    return list(driver.read(ReadRequest(instances=instances, groups=DEFAULT_GROUPS, deadline=deadline)))


def test_ten_thousand_guests_that_come_and_go_leave_nothing_behind(opened: Opened) -> None:
    handle = Handle()
    memory: dict[str, Any] = {}
    driver = opened(handle, "qemu:///system", memory)
    sizes = set()
    for first in range(1, 10_000, 60):
        handle.domains = [Domain(number) for number in range(first, first + 60)]
        assert len(_snapshot(driver)) == 60
        sizes.add((len(driver._descriptions._known), len(driver._descriptions._due), memory["lives"].size))
    assert sizes == {(60, 0, 60)}


def test_a_guest_that_a_new_connection_did_not_see_at_first_is_another(opened: Opened) -> None:
    handle, memory = Handle(), dict[str, Any]()
    handle.domains = [Domain(1)]
    [before] = _snapshot(opened(handle, "qemu:///system", memory))
    again = opened(handle, "qemu:///system", memory)
    handle.domains = []
    assert _snapshot(again) == []
    handle.domains = [Domain(1)]  # a restarted daemon gives its numbers again
    [after] = _snapshot(again)
    assert after.instance.native_id == before.instance.native_id
    assert after.incarnation != before.incarnation


@pytest.mark.parametrize(("version", "described"), [(9_000_000, 1), (11_003_000, 0)])
def test_a_libvirt_that_describes_guests_in_turn_is_not_asked_to_while_one_is_held(
    opened: Opened, version: int, described: int
) -> None:
    handle = Handle()
    handle.version, handle.more = version, {}
    domain = Domain(1)
    domain.control = (2, 0, 60_000)  # its monitor has been occupied for a minute
    handle.domains = [domain]
    driver = opened(handle, "qemu:///system", {})
    [stats] = _snapshot(driver)
    assert domain.described == described
    assert (stats.instance.described_at is not None) == bool(described)
    assert [disk.name for disk in stats.disks] == ["vda"]


def test_statistics_of_a_newer_libvirt_are_ignored_and_named(opened: Opened) -> None:
    handle = Handle()
    handle.domains = [Domain(1), Domain(2)]
    handle.more |= {"block.0.heat": 7, "block.1.heat": 7, "weather.now": "rain"}
    driver = opened(handle, "qemu:///system", {})
    assert driver.unknown_statistics() == []
    assert len(_snapshot(driver)) == 2
    assert driver.unknown_statistics() == ["block.N.heat", "weather.now"]


def test_an_instance_is_the_one_that_answered_not_the_one_that_was_listed(opened: Opened) -> None:
    handle = Handle()
    driver = opened(handle, "qemu:///system", {})
    handle.domains = [Domain(1)]
    (before,) = _snapshot(driver)
    again = Domain(1)
    again.ID = lambda: 2  # type: ignore[method-assign]
    handle.late[1] = again
    (after,) = _snapshot(driver)
    assert after.instance.native_id == "2"
    assert after.incarnation != before.incarnation


def test_a_guest_that_ended_before_it_was_described_is_not_described_as_what_would_start_next(opened: Opened) -> None:
    handle = Handle()
    handle.domains = [Domain(1), Domain(2)]
    driver = opened(handle, "qemu:///system", {})
    handle.domains[1].runs = False
    (stats,), (failure,) = (
        [one for one in _read(driver) if isinstance(one, kind)] for kind in (InstanceStats, Failure)
    )
    assert (stats.instance.native_id, failure.instance.native_id) == ("1", "2")
    assert isinstance(failure, Failure)
    assert failure.reason is Reason.VANISHED
    # It is looked at again the next time, not taken from what was kept.
    handle.domains[1].runs = True
    assert len(_snapshot(driver)) == 2


def test_a_guest_that_runs_and_whose_description_is_odd_is_kept(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = Handle()
    handle.domains = [Domain(1)]
    for odd in ("<domain/>", "<domain", "", "no XML"):
        monkeypatch.setattr(Domain, "XMLDesc", lambda _, odd=odd: odd)
        (stats,) = _snapshot(opened(handle, "qemu:///system", {}))
        assert stats.cpu.time_ns == 5


def test_a_guest_that_was_started_anew_before_it_was_described_is_another_one(opened: Opened) -> None:
    handle = Handle()
    handle.domains = [Domain(1)]
    handle.domains[0].XMLDesc = lambda: "<domain type='qemu' id='2'/>"  # type: ignore[method-assign]
    assert _snapshot(opened(handle, "qemu:///system", {})) == []


def test_dom0_of_a_xen_host_is_no_instance(opened: Opened) -> None:
    handle = Handle()
    handle.domains = [Domain(0), Domain(1)]
    assert [stats.instance.native_id for stats in _snapshot(opened(handle, "xen:///system", {}))] == ["1"]


def test_a_remote_host_that_was_booted_has_other_lives_though_uuids_and_ids_are_the_same(opened: Opened) -> None:
    handle = Handle()
    handle.domains = [Domain(1)]
    memory: dict[str, Any] = {}
    uri = "qemu+tls://node/system"
    (before,) = _snapshot(opened(handle, uri, memory))
    # The daemon was restarted.
    (same,) = _snapshot(opened(handle, uri, memory))
    assert same.incarnation == before.incarnation
    assert same.disks[0].incarnation == before.disks[0].incarnation
    handle.uptime_ns = 3 * _SECOND
    (after,) = _snapshot(opened(handle, uri, memory))
    assert after.incarnation != before.incarnation
    assert after.disks[0].incarnation != before.disks[0].incarnation


def test_a_host_of_its_own_is_the_same_to_every_connection(opened: Opened) -> None:
    handle = Handle()
    handle.domains = [Domain(1)]
    (first,), (second,) = (_snapshot(opened(handle, "qemu:///system", {})) for _ in range(2))
    assert first.incarnation == second.incarnation


def test_where_no_bulk_reply_shows_the_devices_each_snapshot_reads_the_description() -> None:
    libvirt = pytest.importorskip("libvirt")
    xml = (
        "<domain type='test'><name>without-bulk</name><uuid>7d2c1a52-3f57-4e0e-9d5c-6c6162677301</uuid>"
        "<memory>1024</memory><os><type>hvm</type></os><devices>{}</devices></domain>"
    )
    disk = "<disk type='file'><source file='{}'/><target dev='vda'/></disk>"
    own = libvirt.open("test:///default")
    try:
        with hvinspect.connect("libvirt:test:///default") as hv:
            for source in (None, "/first", "/second"):
                domain = own.defineXML(xml.format(disk.format(source) if source else ""))
                stats = hv.snapshot()[domain.UUIDString()]
                assert [one.source for one in stats.disks] == ([source] if source else [])
                described_at = stats.instance.described_at
                assert described_at is not None
                assert described_at >= stats.taken.started_unix_ns
    finally:
        own.lookupByName("without-bulk").undefine()
        own.close()
