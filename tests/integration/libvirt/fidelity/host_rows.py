"""The rows of the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from tests.fidelity.rows import How, equal
from tests.integration.libvirt.fidelity.look import Look, Moment
from tests.integration.libvirt.fidelity.rows import BUSY, Row, between, seen_at

_TICK_NS: Final = 10_000_000
_MIB: Final = 2**20


def host_rows(hypervisor: str) -> dict[str, Row]:
    """Of the host that QEMU's and LXC's guests are on."""
    moments = {"qemu": BUSY, "lxc": ("lxc-first", "lxc-second")}[hypervisor]
    still = {
        "idle_ns": "the host was busy all the time",
        "iowait_ns": "the lab's disks are in memory: its host waits for none",
    }
    rows = {}
    for field in ("user_ns", "system_ns", "idle_ns", "iowait_ns"):
        rows[f"host.{field}"] = Row(
            how=How.BETWEEN,
            source="/proc/stat",
            # The kernel's own sums of idle time may go back by a tick.
            check=between(field, moments, _host(field), seen_at("host", field), 2 * _TICK_NS),
            still=still.get(field),
        )

    def one_life(look: Look) -> None:
        equal(*(look[name].host.incarnation for name in moments))
        assert look[moments[0]].host.incarnation != look["test"].host.incarnation

    rows["host.incarnation"] = Row(how=How.IDENTITY, source="two reads in one boot, and another host", check=one_life)
    rows["host.memory_total_bytes"] = Row(
        how=How.EXACT,
        source="/proc/meminfo",
        check=between("total", moments, _host("memory_total_bytes"), seen_at("host", "memory_total_bytes")),
    )
    rows["host.memory_free_bytes"] = Row(
        how=How.BOUNDED,
        source="/proc/meminfo, within 256 MiB",
        check=between("free", moments, _host("memory_free_bytes"), seen_at("host", "memory_free_bytes"), 256 * _MIB),
    )
    rows["host.cpus"] = Row(
        how=How.EXACT,
        source="CPUs online, by the C library",
        check=between("cpus", moments, _host("cpus"), seen_at("host", "cpus")),
    )

    def named(look: Look) -> None:
        for moment in map(look.__getitem__, moments):
            equal(moment.host.hostname, moment.before["host"]["hostname"])

    def words(look: Look) -> None:
        for moment in map(look.__getitem__, moments):
            equal(moment.host.hypervisor, hypervisor.upper())
            version = moment.before["qmp"]["version"] if hypervisor == "qemu" else moment.host.hypervisor_version
            equal(moment.host.hypervisor_version, version)
            assert str(moment.host.hypervisor_version)[0].isdecimal()

    def uuid(look: Look) -> None:
        for moment in map(look.__getitem__, moments):
            equal(type(moment.host.uuid), UUID)
            assert f"<uuid>{moment.host.uuid}</uuid>" in moment.answer("getCapabilities")

    version = How.EXACT if hypervisor == "qemu" else How.DECODE_ONLY
    source = "query-version" if hypervisor == "qemu" else "libvirt gives the kernel's version"
    rows["host.hostname"] = Row(how=How.EXACT, source="the kernel's host name", check=named)
    rows["host.hypervisor"] = Row(how=How.ASKED, source="the connection that was asked for", check=words)
    rows["host.hypervisor_version"] = Row(how=version, source=source, check=words)
    rows["host.uuid"] = Row(how=How.DECODE_ONLY, source="libvirt makes it up where the firmware has none", check=uuid)
    return rows


def _host(field: str) -> Callable[[Moment], Any]:
    return lambda moment: getattr(moment.host, field)
