"""For each field that the Xen driver gives, the source that says the same without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hvinspect import CATALOGUE, State, VcpuState
from tests.fidelity.rows import How, equal
from tests.integration.xen.fidelity.outside import Outside
from tests.integration.xen.fidelity.rows import Check, Look, Row, records
from tests.integration.xen.known_load import HEADER
from tests.lab.truth import DiskTruth, NicTruth

_MIB: Final = 1024 * 1024
_GUEST: Final = "the guest's own counter"
_XENCTRL: Final = "libxenctrl (Xen's own binding for Python)"
_XL: Final = "what libxl keeps of the guest: xl list -l"
_INFO: Final = "xl info"
#: Of events that nothing in the lab brings about.
_NEVER_SEEN: Final = "nothing in the lab makes a NIC spoil a frame: compared on a made-up sysfs alone"
_STILL: Final = "no such event in the lab"


def _is(path: str, truth: Callable[[Outside], object], *, how: How, source: str) -> tuple[str, Row]:
    """The value is what *truth* says, of each record at each moment."""
    record, _, name = path.partition(".")

    def check(look: Look) -> None:
        for moment in look.all:
            found = records(moment, record)
            assert found
            for one in found:
                equal(getattr(one, name), truth(moment.before))

    return path, Row(how=how, source=source, check=check)


def _between(path: str, truth: Callable[[Outside, int], int], *, source: str) -> tuple[str, Row]:
    """The value of each record is between what *truth* says before and after, by the record's place."""
    record, _, name = path.partition(".")

    def check(look: Look) -> None:
        for moment in look.all:
            found = records(moment, record)
            assert found
            for place, one in enumerate(found):
                low, high = truth(moment.before, place), truth(moment.after, place)
                assert low <= getattr(one, name) <= high, f"{getattr(one, name)} is not between {low} and {high}"

    return path, Row(how=How.BETWEEN, source=source, check=check)


def _counted(path: str, truth: Callable[[Outside], int], *, source: str = _GUEST) -> tuple[str, Row]:
    """The one device of the guest counts what the guest counted, at both moments that it could be asked."""
    record, _, name = path.partition(".")

    def check(look: Look) -> None:
        for moment in (look.first, look.second):
            (one,) = records(moment, record)
            equal(getattr(one, name), truth(moment.before))

    return path, Row(how=How.EXACT, source=source, check=check)


def _disk(seen: Outside) -> DiskTruth:
    assert seen.own is not None
    return seen.own.disks["xvda"]


def _nic(seen: Outside) -> NicTruth:
    assert seen.own is not None
    return seen.own.nics["eth0"]


def _identity(record: str, others: str) -> tuple[str, Row]:
    """The same at all moments, and none is another's."""

    def check(look: Look) -> None:
        seen = [[one.incarnation for one in records(moment, record)] for moment in look.all]
        assert seen[0]
        assert seen[0] == seen[1] == seen[2]
        assert len(set(seen[0])) == len(seen[0])
        for one in seen[0]:
            # Made of dom0's boot and, of all but the host, of the domain's id.
            boot, *rest = one.split("/")
            assert len(boot) == 36
            assert record == "host" or rest[0] == str(look.first.before.domid)

    return f"{record}.incarnation", Row(how=How.IDENTITY, source=others, check=check)


def _decoded(path: str, check: Check, why: str) -> tuple[str, Row]:
    return path, Row(how=How.DECODE_ONLY, source=why, check=check, still=_STILL)


def _zero(path: str) -> tuple[str, Row]:
    record, _, name = path.partition(".")

    def check(look: Look) -> None:
        for moment in look.all:
            for one in records(moment, record):
                equal(getattr(one, name), 0)

    return _decoded(path, check, _NEVER_SEEN)


def _state(look: Look) -> None:
    for moment in look.all:
        equal(moment.stats.state, State.PAUSED if moment.before.control.paused else State.RUNNING)
    assert look.paused.stats.state is State.PAUSED


def _native_state(look: Look) -> None:
    for moment in look.all:
        words = set((moment.stats.native_state or "").split())
        assert ("paused" in words) is moment.before.control.paused
        assert words <= {"paused", "blocked", "running", "no", "flag"}


def _vcpu_state(look: Look) -> None:
    for moment in look.all:
        for vcpu, online in zip(moment.stats.cpu.vcpus, moment.before.control.online, strict=True):
            equal(vcpu.state, VcpuState.UNKNOWN if online else VcpuState.OFFLINE)
    # One of two was taken away for it.
    assert look.paused.before.control.online == (True, False)


def _index(look: Look) -> None:
    for moment in look.all:
        equal([vcpu.index for vcpu in moment.stats.cpu.vcpus], list(range(len(moment.before.control.online))))


def _age(look: Look) -> None:
    for moment in look.all:
        at = moment.stats.instance.described_at
        assert at is not None
        assert moment.before.unix_ns <= at <= moment.after.unix_ns


def _free(look: Look) -> None:
    for moment in look.all:
        told = [int(seen.host["free_memory"]) for seen in (moment.before, moment.after)]
        # It tells whole MiB, rounded down.
        assert min(told) <= (moment.host.memory_free_bytes or 0) // _MIB <= max(told)


def _total(look: Look) -> None:
    for moment in look.all:
        equal((moment.host.memory_total_bytes or 0) // _MIB, int(moment.before.host["total_memory"]))


def _bridge_of(seen: Outside) -> str:
    (bridge,) = [bridge for bridge, ports in seen.ports.items() if f"vif{seen.domid}.0" in ports]
    return bridge


def _uuid(look: Look) -> None:
    for moment in look.all:
        equal(str(moment.stats.instance.uuid), moment.before.configuration["c_info"]["uuid"])


def _nic_of_the_guest(seen: Outside) -> str:
    mac: str = seen.configuration["nics"][0]["mac"]
    assert seen.own is None or mac in {nic.mac for nic in seen.own.nics.values()}
    return mac


_ROWS: Final = (
    _is("instance.key", lambda seen: seen.configuration["c_info"]["uuid"], how=How.EXACT, source=_XL),
    _is("instance.name", lambda seen: seen.configuration["c_info"]["name"], how=How.EXACT, source=_XL),
    _is("instance.native_id", lambda seen: str(seen.domid), how=How.EXACT, source="xl domid"),
    _is("instance.driver", lambda seen: "xen", how=How.ASKED, source="the target that was connected to"),
    ("instance.described_at", Row(how=How.BETWEEN, source="the clock", check=_age)),
    _identity("stats", "three snapshots of one life; test_changes has another"),
    ("stats.state", Row(how=How.EXACT, source=_XENCTRL, check=_state)),
    ("stats.native_state", Row(how=How.EXACT, source=_XENCTRL, check=_native_state)),
    _between("cpu.time_ns", lambda seen, place: seen.control.cpu_ns, source=_XENCTRL),
    _is("cpu.vcpus_online", lambda seen: sum(seen.control.online), how=How.EXACT, source=_XENCTRL),
    _is("cpu.vcpus_maximum", lambda seen: seen.configuration["b_info"]["max_vcpus"], how=How.EXACT, source=_XL),
    ("vcpu.index", Row(how=How.EXACT, source=_XENCTRL, check=_index)),
    _identity("vcpu", "three snapshots of one life; test_changes has another"),
    ("vcpu.state", Row(how=How.EXACT, source=_XENCTRL, check=_vcpu_state)),
    _between("vcpu.time_ns", lambda seen, place: seen.control.vcpu_ns[place], source=_XENCTRL),
    _is("memory.assigned_bytes", lambda seen: seen.control.memory_kib * 1024, how=How.EXACT, source=_XENCTRL),
    _is("memory.host_resident_bytes", lambda seen: seen.control.memory_kib * 1024, how=How.EXACT, source=_XENCTRL),
    _is(
        "memory.maximum_bytes",
        lambda seen: seen.configuration["b_info"]["max_memkb"] * 1024,
        how=How.EXACT,
        source=_XL,
    ),
    _is("disk.key", lambda seen: seen.configuration["disks"][0]["vdev"], how=How.EXACT, source=_XL),
    _identity("disk", "three snapshots of one life; test_changes has another"),
    _is("disk.name", lambda seen: seen.configuration["disks"][0]["vdev"], how=How.EXACT, source=_XL),
    _is("disk.device", lambda seen: "disk", how=How.ASKED, source="the configuration that xl was given"),
    _is("disk.kind", lambda seen: "block" if seen.disk_is_block else "file", how=How.EXACT, source="stat in dom0"),
    _is("disk.source", lambda seen: seen.configuration["disks"][0]["pdev_path"], how=How.EXACT, source=_XL),
    _counted("disk.read_bytes", lambda seen: _disk(seen).read_bytes),
    _counted("disk.read_requests", lambda seen: _disk(seen).read_requests),
    _counted("disk.write_bytes", lambda seen: _disk(seen).write_bytes),
    _counted(
        "disk.write_requests",
        lambda seen: _disk(seen).data_write_requests,
        source=f"{_GUEST}, which has flushes in it",
    ),
    _counted("disk.flush_requests", lambda seen: _disk(seen).flush_requests),
    _counted("disk.discard_requests", lambda seen: _disk(seen).discard_requests),
    _is("disk.capacity_bytes", lambda seen: seen.disk_bytes, how=How.EXACT, source="the size of dom0's block device"),
    _is("nic.key", lambda seen: str(seen.configuration["nics"][0]["devid"]), how=How.EXACT, source=_XL),
    _identity("nic", "three snapshots of one life; test_changes has another"),
    _is("nic.alias", lambda seen: str(seen.configuration["nics"][0]["devid"]), how=How.EXACT, source=_XL),
    _is("nic.name", lambda seen: f"vif{seen.domid}.0", how=How.EXACT, source="xl's naming of network devices"),
    _is("nic.mac", _nic_of_the_guest, how=How.EXACT, source="what libxl keeps, and the guest's own"),
    _is("nic.kind", lambda seen: "bridge" if _bridge_of(seen) else None, how=How.EXACT, source="the bridge's ports"),
    _is("nic.bridge", _bridge_of, how=How.EXACT, source="the bridge's ports"),
    _counted(
        "nic.rx_bytes",
        lambda seen: _nic(seen).rx_bytes + HEADER * _nic(seen).rx_packets,
        source=f"{_GUEST} and 14 bytes of header for each packet",
    ),
    _counted("nic.rx_packets", lambda seen: _nic(seen).rx_packets),
    _zero("nic.rx_errors"),
    _counted(
        "nic.tx_bytes",
        lambda seen: _nic(seen).tx_bytes - HEADER * _nic(seen).tx_packets,
        source=f"{_GUEST} without 14 bytes of header for each packet",
    ),
    _counted("nic.tx_packets", lambda seen: _nic(seen).tx_packets),
    _zero("nic.tx_errors"),
    _identity("host", "three snapshots of one boot; another boot has another /proc/sys/kernel/random/boot_id"),
    _is("host.hostname", lambda seen: seen.hostname, how=How.EXACT, source="/proc/sys/kernel/hostname"),
    _is("host.hypervisor", lambda seen: "Xen", how=How.ASKED, source="what the lab boots"),
    _is("host.hypervisor_version", lambda seen: seen.host["xen_version"], how=How.EXACT, source=_INFO),
    _is("host.cpus", lambda seen: int(seen.host["nr_cpus"]), how=How.EXACT, source=_INFO),
    ("host.memory_total_bytes", Row(how=How.EXACT, source=f"{_INFO}, in MiB", check=_total)),
    ("host.memory_free_bytes", Row(how=How.BETWEEN, source=f"{_INFO}, in MiB", check=_free)),
)

#: By the catalogue's path and in its order.
TABLE: Final[dict[str, Row]] = dict(
    sorted(
        (*_ROWS, ("instance.uuid", Row(how=How.EXACT, source=_XL, check=_uuid))),
        key=lambda one: list(CATALOGUE).index(one[0]),
    )
)
