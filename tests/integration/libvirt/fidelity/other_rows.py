"""The tables for containers, and for libvirt's own test driver, whose numbers nothing but libvirt knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from hvinspect import State, VcpuState
from tests.fidelity.rows import How, equal, inside
from tests.integration.libvirt.fidelity import facts
from tests.integration.libvirt.fidelity.host_rows import host_rows
from tests.integration.libvirt.fidelity.look import Look, Moment
from tests.integration.libvirt.fidelity.rows import Check, Row, Table, between

_BOX: Final = ("lxc-first", "lxc-second")
_TICK_NS: Final = 10_000_000
_MIB: Final = 2**20
_CALM: Final = "nothing is lost between the two ends of a veth pair"
_STANDS: Final = "made up by libvirt, the same for ever"
_CLOCK: Final = "made up by libvirt from the clock, of which one moment is looked at"

#: Field of a container's card -> its other end's counter.
_NIC: Final = {
    "rx_bytes": "tx_bytes", "rx_packets": "tx_packets", "rx_errors": "tx_errors", "rx_drops": "tx_dropped",
    "tx_bytes": "rx_bytes", "tx_packets": "rx_packets", "tx_errors": "rx_errors", "tx_drops": "rx_dropped",
}  # fmt: skip


def _lxc() -> dict[str, Row]:
    def nic(field: str, name: str) -> Check:
        def check(look: Look) -> None:
            for moment in map(look.__getitem__, _BOX):
                (card,) = moment.stats.nics
                for seen in (moment.before, moment.after):
                    equal(getattr(card, field), seen["taps"][card.name][name], what=field)
                    own = name.replace("tx", "rx") if field.startswith("rx") else name.replace("rx", "tx")
                    equal(getattr(card, field), seen["guest"]["nics"]["eth0"][own], what=f"{field} by the container")

        return check

    rows = {
        f"cpu.{field}": Row(
            how=How.BETWEEN,
            source="the container's cgroup",
            check=between(
                field,
                _BOX,
                lambda moment, field=field: getattr(moment.stats.cpu, field),  # type: ignore[misc]
                lambda seen, field=field: seen["process"]["cgroup"][field],  # type: ignore[misc]
                0 if field == "time_ns" else _TICK_NS,
            ),
        )
        for field in ("time_ns", "user_ns", "system_ns")
    }
    rows |= {
        "memory.maximum_bytes": _limit("maximum_bytes"),
        "memory.assigned_bytes": _limit("assigned_bytes"),
        "memory.host_resident_bytes": Row(
            how=How.BOUNDED,
            source="the cgroup's memory in use, within 1 MiB",
            check=between(
                "resident",
                _BOX,
                lambda moment: moment.stats.memory.host_resident_bytes,
                lambda seen: seen["process"]["cgroup"]["memory_bytes"],
                _MIB,
            ),
        ),
    }
    for field, name in _NIC.items():
        still = _CALM if field.endswith(("errors", "drops")) else None
        source = f"{name} of the host's end, and the container's own count"
        rows[f"nic.{field}"] = Row(how=How.EXACT, source=source, check=nic(field, name), still=still)
    for field, value in {
        "kind": "bridge", "bridge": "labbr0", "model": "virtio", "link_up": True,
        "alias": None, "port_id": None, "filter_name": None, "filter_parameters": (),
    }.items():  # fmt: skip
        rows[f"nic.{field}"] = _same("nic", field, _BOX, lambda moment, value=value: value)  # type: ignore[misc]
    rows["nic.mac"] = Row(
        how=How.EXACT,
        source="the container's own card",
        check=_same("nic", "mac", _BOX, lambda moment: moment.before["guest"]["nics"]["eth0"]["mac"]).check,
    )
    for field in ("name", "key"):
        rows[f"nic.{field}"] = Row(
            how=How.EXACT,
            source="the host's links",
            check=lambda look, field=field: equal(  # type: ignore[misc]
                [getattr(look[name].stats.nics[0], field) for name in _BOX],
                [next(iter(look[name].before["taps"])) for name in _BOX],
            ),
        )
    rows["instance.native_id"] = Row(
        how=How.EXACT,
        source="the number in the name of the machine's cgroup",
        check=_same("instance", "native_id", _BOX, lambda moment: moment.before["process"]["native_id"]).check,
    )
    return rows | _who(_BOX, "box", "running", "booted") | host_rows("lxc")


def _limit(field: str) -> Row:
    return Row(
        how=How.EXACT,
        source="the cgroup's limit",
        check=between(
            field,
            _BOX,
            lambda moment: getattr(moment.stats.memory, field),
            lambda seen: seen["process"]["cgroup"]["memory_limit_bytes"],
        ),
    )


#: Field of what runs in libvirt's test driver -> the call that gives it, and where in its answer.
_TEST: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "cpu.time_ns": ("getCPUStats", lambda answer: answer[0]["cpu_time"]),
    "cpu.user_ns": ("getCPUStats", lambda answer: answer[0]["user_time"]),
    "cpu.system_ns": ("getCPUStats", lambda answer: answer[0]["system_time"]),
    "cpu.vcpus_online": ("info", lambda answer: answer[3]),
    "cpu.vcpus_maximum": ("maxVcpus", lambda answer: answer),
    "vcpu.time_ns": ("vcpus", lambda answer: answer[0][0][2]),
    "vcpu.host_cpu": ("vcpus", lambda answer: answer[0][0][3]),
    "memory.assigned_bytes": ("info", lambda answer: answer[2] * 1024),
    "memory.maximum_bytes": ("info", lambda answer: answer[1] * 1024),
    "memory.host_resident_bytes": ("memoryStats", lambda answer: answer["rss"] * 1024),
    "memory.guest_total_bytes": ("memoryStats", lambda answer: answer["available"] * 1024),
    "memory.guest_unused_bytes": ("memoryStats", lambda answer: answer["unused"] * 1024),
    "memory.guest_usable_bytes": ("memoryStats", lambda answer: answer["usable"] * 1024),
    "memory.guest_caches_bytes": ("memoryStats", lambda answer: answer["disk_caches"] * 1024),
    "memory.guest_swap_in_bytes": ("memoryStats", lambda answer: answer["swap_in"] * 1024),
    "memory.guest_swap_out_bytes": ("memoryStats", lambda answer: answer["swap_out"] * 1024),
    "memory.guest_major_faults": ("memoryStats", lambda answer: answer["major_fault"]),
    "memory.guest_minor_faults": ("memoryStats", lambda answer: answer["minor_fault"]),
    "memory.guest_hugetlb_allocations": ("memoryStats", lambda answer: answer["hugetlb_pgalloc"]),
    "memory.guest_hugetlb_failures": ("memoryStats", lambda answer: answer["hugetlb_pgfail"]),
    "memory.guest_updated_unix_ns": ("memoryStats", lambda answer: answer["last_update"] * 10**9),
    "disk.read_requests": ("blockStats", lambda answer: answer[0]),
    "disk.read_bytes": ("blockStats", lambda answer: answer[1]),
    "disk.write_requests": ("blockStats", lambda answer: answer[2]),
    "disk.write_bytes": ("blockStats", lambda answer: answer[3]),
    "disk.capacity_bytes": ("blockInfo", lambda answer: answer[0]),
    "disk.host_allocated_bytes": ("blockInfo", lambda answer: answer[1]),
    "disk.host_length_bytes": ("blockInfo", lambda answer: answer[2]),
    **{
        f"nic.{field}": ("interfaceStats", lambda answer, at=at: answer[at])  # type: ignore[misc]
        for at, field in enumerate(_NIC)
    },
    "host.hostname": ("getHostname", lambda answer: answer),
    "host.hypervisor": ("getType", lambda answer: answer),
    "host.cpus": ("getInfo", lambda answer: answer[2]),
    "host.user_ns": ("getCPUStats", lambda answer: answer["user"]),
    "host.system_ns": ("getCPUStats", lambda answer: answer["kernel"]),
    "host.idle_ns": ("getCPUStats", lambda answer: answer["idle"]),
    "host.iowait_ns": ("getCPUStats", lambda answer: answer["iowait"]),
}
_TEST_ASKED: Final[dict[str, Any]] = {
    "disk.key": "vda", "disk.name": "vda", "disk.alias": None, "disk.serial": None, "disk.bus": "virtio",
    "disk.device": "disk", "disk.kind": "file", "disk.source": "/guest/diskimage1",
    "nic.key": "testnet0", "nic.name": "testnet0", "nic.alias": None, "nic.mac": "aa:bb:cc:dd:ee:ff",
    "nic.model": None, "nic.kind": "network", "nic.bridge": None, "nic.port_id": None, "nic.filter_name": None,
    "nic.filter_parameters": (), "nic.link_up": True, "vcpu.index": 0, "vcpu.state": VcpuState.RUNNING,
    "cpu.vcpus_at_start": None,
    "host.hypervisor_version": "0.0.2", "instance.native_id": "1",
}  # fmt: skip


def _test() -> dict[str, Row]:
    rows = {}
    for path, (method, place) in _TEST.items():
        record, _, field = path.partition(".")

        def check(
            look: Look, record: str = record, field: str = field, method: str = method, place: Any = place
        ) -> None:
            moment = look["test"]
            value = getattr(moment.records(record)[0], field)
            equal(value, place(_answer(moment, record, method)), what=f"{record}.{field}")

        rows[path] = Row(
            how=How.DECODE_ONLY,
            source=f"libvirt's {method}",
            check=check,
            still=_CLOCK if method in ("vcpus", "blockStats", "interfaceStats") else _STANDS,
        )
    for path, value in _TEST_ASKED.items():
        record, _, field = path.partition(".")
        rows[path] = _same(record, field, ("test",), lambda moment, value=value: value)  # type: ignore[misc]
    rows["host.incarnation"] = Row(
        how=How.IDENTITY,
        source="other hosts",
        check=lambda look: _differ(look["test"].host.incarnation, look["first"].host.incarnation),
    )
    for record in ("vcpu", "disk", "nic"):
        rows[f"{record}.incarnation"] = _named_after(record, ("test",))
    return rows | _who(("test",), "test", "running", "unknown")


def _differ(one: object, other: object) -> None:
    assert type(one) is type(other) is str
    assert one != other


def _answer(moment: Moment, record: str, method: str) -> Any:
    if method == "getCPUStats":
        of_host = record == "host"
        (key,) = (one for one in moment.calls if one.split(" ")[1] == method and one.startswith("host ") is of_host)
        return moment.calls[key][0]
    return moment.answer(method)


def _who(moments: tuple[str, ...], name: str, native_state: str, reason: str) -> dict[str, Row]:
    state = {"state": State.RUNNING, "native_state": native_state, "state_reason": reason}
    rows = {
        f"stats.{field}": _same("stats", field, moments, lambda moment, value=value: value)  # type: ignore[misc]
        for field, value in state.items()
    }
    rows |= {
        f"instance.{field}": _same("instance", field, moments, value)
        for field, value in {
            "key": lambda moment: facts.TEST_UUID if name == "test" else str(moment.stats.instance.uuid),
            "uuid": lambda moment: UUID(moment.stats.instance.key),
            "name": lambda moment: name,
            "driver": lambda moment: "libvirt",
            "architecture": lambda moment: "i686" if name == "test" else "x86_64",
            "virtualization": lambda moment: "hvm" if name == "test" else "exe",
        }.items()
    }

    def age(look: Look) -> None:
        for moment in map(look.__getitem__, moments):
            taken = moment.stats.taken.started_unix_ns
            inside(moment.stats.instance.described_at, taken - 10**9, taken + 10 * 10**9)

    def metadata(look: Look) -> None:
        for moment in map(look.__getitem__, moments):
            openstack = moment.stats.instance.openstack
            assert openstack is not None
            equal(openstack.name, facts.OPENSTACK["name"])

    rows["instance.described_at"] = Row(how=How.BOUNDED, source="the clock", check=age)
    rows["stats.incarnation"] = _named_after("stats", moments)
    for field, value in facts.OPENSTACK.items():
        rows[f"openstack.{field}"] = _same("openstack", field, moments, lambda moment, value=value: value)  # type: ignore[misc]
    rows["instance.openstack"] = Row(how=How.ASKED, source="the record's own rows", check=metadata)
    if name == "box":
        rows["nic.incarnation"] = _named_after("nic", moments)
    return rows


def _same(record: str, field: str, moments: tuple[str, ...], expected: Callable[[Moment], Any]) -> Row:
    def check(look: Look) -> None:
        for moment in map(look.__getitem__, moments):
            equal(getattr(moment.records(record)[0], field), expected(moment), what=f"{record}.{field}")

    return Row(how=How.ASKED, source=f"what the run asked for or libvirt ships: {record}'s {field}", check=check)


def _named_after(record: str, moments: tuple[str, ...]) -> Row:
    def check(look: Look) -> None:
        found = [[one.incarnation for one in look[moment].records(record)] for moment in moments]
        assert found[0]
        assert all(one == found[0] for one in found)
        assert len(set(found[0])) == len(found[0])
        first = look[moments[0]]
        device = "" if record == "stats" else f"/{getattr(first.records(record)[0], 'key', 0)}"
        assert f"/{first.stats.instance.native_id}{device}" in found[0][0]

    return Row(how=How.IDENTITY, source="snapshots of one life", check=check)


LXC: Final[Table] = _lxc()
TEST: Final[Table] = _test()
