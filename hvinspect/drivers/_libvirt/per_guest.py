"""One call after another for one domain, their answers under the names of the bulk call.

For the hypervisors whose libvirt driver has no bulk statistics (LXC, Xen, test, ...), and for what bulk leaves out.
Each call may be unsupported by itself. A negative number is libvirt's word for "unknown" here: it is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from hvinspect.driver import Absence, Group, Reason

from .absences import LENGTH_UNCLEAR
from .describe import Description, DiskDescription
from .reply import Reply, is_length_of, shown
from .words import INACTIVE_STATES, REMOVABLE

__all__ = ["add_block_info", "add_unmonitored", "read_guest"]

#: Makes a call of that name: its answer, or why there is none. Raises if the domain or the connection is gone.
Ask = Callable[[str, Callable[[], Any]], Any]

_MEMORY = {
    "actual": "balloon.current",
    "swap_in": "balloon.swap_in",
    "swap_out": "balloon.swap_out",
    "major_fault": "balloon.major_fault",
    "minor_fault": "balloon.minor_fault",
    "unused": "balloon.unused",
    "available": "balloon.available",
    "usable": "balloon.usable",
    "last_update": "balloon.last-update",
    "disk_caches": "balloon.disk_caches",
    "hugetlb_pgalloc": "balloon.hugetlb_pgalloc",
    "hugetlb_pgfail": "balloon.hugetlb_pgfail",
    "rss": "balloon.rss",
}
_MEMORY_OF = {
    # Its "swap_in" is memory and swap in use, not what was swapped in.
    "LXC": {name: key for name, key in _MEMORY.items() if name not in ("swap_in", "swap_out")},
    # Its "available" is what the XML says that the domain may have, not what the guest found.
    "Xen": {"actual": _MEMORY["actual"]},
}
#: CPU time by another measure than getCPUStats', on which a counter must not change over.
_COARSE_TIME = "info.cpu.time"
_INFO = ("state.state", "balloon.maximum", "balloon.current", "vcpu.current", _COARSE_TIME)
_BLOCK = {
    "rd_bytes": "rd.bytes",
    "rd_operations": "rd.reqs",
    "rd_total_times": "rd.times",
    "wr_bytes": "wr.bytes",
    "wr_operations": "wr.reqs",
    "wr_total_times": "wr.times",
    "flush_operations": "fl.reqs",
    "flush_total_times": "fl.times",
}
_BLOCK_TUPLE = ("rd.reqs", "rd.bytes", "wr.reqs", "wr.bytes")
_NIC = ("rx.bytes", "rx.pkts", "rx.errs", "rx.drop", "tx.bytes", "tx.pkts", "tx.errs", "tx.drop")
_PARTS = ("cpu", "vcpu", "balloon", "block", "net", "perf", "iothread", "dirtyrate")


class _Answers:
    """What the calls made so far gave."""

    def __init__(self, ask: Ask, values: Mapping[str, Any], reasons: Mapping[str, Absence]) -> None:
        self._ask = ask
        self.values = dict(values)
        self.reasons = dict(reasons)

    def take(self, part: str, call: Callable[[], Any], rename: Callable[[Any], Mapping[str, Any]]) -> None:
        """Make *call*; its answer under new names, or the reason why *part* is missing."""
        answer = self._ask(part, call)
        if isinstance(answer, Absence):
            self.reasons[part] = answer
            return
        try:
            self.values.update(rename(answer))
        except (TypeError, ValueError, LookupError, AttributeError):
            self.reasons[part] = Absence(Reason.FAILED, f"libvirt answered {shown(answer)} when asked for {part}")

    @property
    def reply(self) -> Reply:
        return Reply(self.values, self.reasons)


def read_guest(
    domain: Any, ask: Ask, describe: Callable[[], Description], *, groups: frozenset[Group], hypervisor: str
) -> Reply:
    """The reply that a bulk call would have given of *domain*, as far as single calls give it."""
    general = Absence(Reason.UNSUPPORTED, f"libvirt's {hypervisor} driver does not give it")
    answers = _Answers(ask, {}, dict.fromkeys(_PARTS, general))
    take = answers.take
    take("state", domain.info, partial(info, hypervisor=hypervisor))
    take("state", domain.state, state)
    active = answers.values.get("state.state") not in INACTIVE_STATES
    if Group.CPU in groups and active:
        take("cpu", partial(domain.getCPUStats, True), cpu_stats)
        if answers.reasons["cpu"].reason is Reason.UNSUPPORTED and _COARSE_TIME in answers.values:
            answers.values.setdefault("cpu.time", answers.values[_COARSE_TIME])
        if hypervisor == "Xen":
            take("vcpu", partial(domain.getCPUStats, False), vcpu_times)
        else:
            take("vcpu", domain.vcpus, vcpus)
        take("vcpu-maximum", domain.maxVcpus, lambda answer: {"vcpu.maximum": answer})
    if Group.MEMORY in groups and active:
        take("balloon", domain.memoryStats, partial(memory_stats, hypervisor=hypervisor))
    if {Group.DISK, Group.BLOCK_DETAIL} & groups:
        _take_disks(domain, answers, describe(), active=active, detail=Group.BLOCK_DETAIL in groups)
    if Group.NIC in groups and active:
        _take_nics(domain, answers, describe())
    return answers.reply


def add_block_info(domain: Any, ask: Ask, reply: Reply, description: Description) -> Reply:
    """*reply*, which is QEMU's, with what only blockInfo knows of each image."""
    answers = _Answers(ask, reply.values, reply.reasons)
    active = reply.values.get("state.state") not in INACTIVE_STATES
    entries = reply.entries("block")
    for disk in description.disks:
        if disk.source is None and disk.device in REMOVABLE:
            continue
        part = f"image.{disk.target}"
        if active and (disk.image_format not in ("raw", "qcow2") or disk.kind == "network"):
            answers.reasons[part] = LENGTH_UNCLEAR
            continue
        highest = reply.values.get(entries.get(disk.target, "-") + "allocation")
        rename = partial(qemu_block_info, disk, highest=highest, active=active)
        answers.take(part, partial(domain.blockInfo, disk.target), rename)
    return answers.reply


def add_unmonitored(domain: Any, ask: Ask, reply: Reply, why: Absence) -> Reply:
    """*reply*, which is QEMU's, with what of CPU is known without its monitor; the rest is missing for *why*."""
    answers = _Answers(ask, reply.values, {**reply.reasons, "cpu": why, "vcpu": why, "vcpu-maximum": why})
    if reply.values.get("state.state") not in INACTIVE_STATES:
        answers.take("cpu", domain.info, coarse_time)
        answers.take("vcpu", domain.vcpus, vcpus)
    return answers.reply


def _take_disks(domain: Any, answers: _Answers, description: Description, *, active: bool, detail: bool) -> None:
    answers.values["block.count"] = len(description.disks)
    for number, disk in enumerate(description.disks):
        prefix = f"block.{number}."
        answers.values[prefix + "name"] = disk.target
        if active:
            part = prefix[:-1]
            # The older call first: where both answer, the newer one's numbers stand.
            answers.take(part, partial(domain.blockStats, disk.target), partial(block_stats, prefix))
            answers.take(part, partial(domain.blockStatsFlags, disk.target), partial(block_stats, prefix))
        rename = partial(block_info, disk.target, prefix=prefix, detail=detail)
        answers.take(f"image.{disk.target}", partial(domain.blockInfo, disk.target), rename)


def _take_nics(domain: Any, answers: _Answers, description: Description) -> None:
    answers.values["net.count"] = len(description.nics)
    for number, nic in enumerate(description.nics):
        if nic.target is not None:
            prefix = f"net.{number}."
            answers.values[prefix + "name"] = nic.target
            answers.take(prefix[:-1], partial(domain.interfaceStats, nic.target), partial(interface_stats, prefix))


def state(answer: Sequence[Any]) -> dict[str, Any]:
    """virDomainGetState: state and reason."""
    return _known({"state.state": answer[0], "state.reason": answer[1]})


def info(answer: Sequence[Any], *, hypervisor: str) -> dict[str, Any]:
    """virDomainGetInfo: state, maximum memory and memory in KiB, number of vCPUs, CPU time in ns."""
    values: dict[str, Any] = dict(zip(_INFO, answer, strict=True))
    if hypervisor == "LXC":
        del values["balloon.current"]  # what it uses, there; elsewhere what it has been given
        del values["vcpu.current"]  # what its XML says, there; a container runs on any of the host's CPUs
    return _known(values)


def coarse_time(answer: Sequence[Any]) -> dict[str, Any]:
    """virDomainGetInfo, of which nothing but CPU time and the number of vCPUs: its memory may be an old number."""
    values: dict[str, Any] = dict(zip(_INFO, answer, strict=True))
    return _known({"vcpu.current": values["vcpu.current"], "cpu.time": values[_COARSE_TIME]})


def cpu_stats(answer: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """virDomainGetCPUStats of all CPUs together."""
    total: Mapping[str, Any] = answer[0] if answer else {}
    return _known(
        {
            "cpu.time": total.get("cpu_time"),
            "cpu.user": total.get("user_time"),
            "cpu.system": total.get("system_time"),
        }
    )


def vcpus(answer: Sequence[Any]) -> dict[str, Any]:
    """virDomainGetVcpus: for each vCPU its number, state, time and host CPU."""
    values: dict[str, Any] = {}
    for number, state, time, cpu in answer[0]:
        values |= _known({f"vcpu.{number}.state": state, f"vcpu.{number}.time": time, f"vcpu.{number}.cpu": cpu})
    return values


def vcpu_times(answer: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """virDomainGetCPUStats of each CPU, where these are the domain's own, online or not, instead of the host's."""
    return _known({f"vcpu.{number}.time": one.get("cpu_time") for number, one in enumerate(answer)})


def memory_stats(answer: Mapping[str, Any], *, hypervisor: str) -> dict[str, Any]:
    """virDomainMemoryStats."""
    keys = _MEMORY_OF.get(hypervisor, _MEMORY)
    return _known({key: answer.get(name) for name, key in keys.items()})


def block_stats(prefix: str, answer: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
    """virDomainBlockStatsFlags, or the older virDomainBlockStats."""
    if isinstance(answer, Mapping):
        return _known({prefix + key: answer.get(name) for name, key in _BLOCK.items()})
    return _known({prefix + key: value for key, value in zip(_BLOCK_TUPLE, answer, strict=False)})


def block_info(target: str, answer: Sequence[Any], *, prefix: str, detail: bool) -> dict[str, Any]:
    """virDomainGetBlockInfo: capacity, bytes taken on the host's storage, length of the image.

    The last two go by names that bulk does not have, because what bulk calls allocation and physical is something else.
    The length is a group of its own.
    """
    capacity, allocated, length = answer
    values = {f"image.{target}.allocated": allocated}
    if prefix:
        values[prefix + "capacity"] = capacity
    if detail:
        values[f"image.{target}.length"] = length
    return _known(values)


def qemu_block_info(disk: DiskDescription, answer: Sequence[Any], *, highest: Any, active: bool) -> dict[str, Any]:
    """virDomainGetBlockInfo of QEMU, whose numbers mean what they are called only while the domain does not run.

    As soon as a running guest has written to an image that is not a qcow2 file, its allocation is the end of the
    furthest write, and its physical what the image takes; *highest* is the former, as bulk had it a moment before.
    Where QEMU keeps no furthest write of a raw image it stays 0, and the numbers go on to mean what they are called.
    """
    capacity, allocated, length = answer
    at = f"image.{disk.target}"
    if not active:
        return _known({f"{at}.allocated": allocated, f"{at}.length": length})
    if disk.image_format == "raw":
        # A raw image is as long as what the guest can address. Of a block device the allocation is never told.
        if highest != 0 or disk.kind != "file" or not is_length_of(length, capacity):
            return _known({f"{at}.length": capacity})
        # Bulk has what is between nothing and all; here that may be the end of a write since bulk was asked.
        told = allocated if allocated == 0 or allocated >= length else None
        return _known({f"{at}.length": length, f"{at}.allocated": told})
    return _known({f"{at}.length": length, f"{at}.allocated": allocated if disk.kind == "file" else None})


def interface_stats(prefix: str, answer: Sequence[Any]) -> dict[str, Any]:
    """virDomainInterfaceStats."""
    return _known({prefix + key: value for key, value in zip(_NIC, answer, strict=True)})


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in values.items() if value is not None and not (isinstance(value, int) and value < 0)
    }
