"""The single calls of drivers without a bulk call: each may answer anything, or fail."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

from hvinspect import Group
from hvinspect.driver import Absence
from hvinspect.drivers._libvirt.decode import Reading
from hvinspect.drivers._libvirt.host import decode_job
from hvinspect.drivers._libvirt.per_guest import add_block_info, add_unmonitored, read_guest
from hvinspect.drivers._libvirt.plan import decode
from tests.drivers.libvirt.case import TAKEN, call_key
from tests.fuzz import recorded
from tests.fuzz.draw import Draw, edited
from tests.fuzz.oracles import stats_hold
from tests.fuzz.subject import Subject

_GROUPS = frozenset(Group) - {Group.UNKNOWN}
_HYPERVISORS = ("LXC", "TEST", "Xen", "ESX")
#: A right answer to each call, for what was not asked when the case was recorded.
_RIGHT: dict[str, Any] = {
    "info": [1, 4096, 2048, 2, 1000],
    "state": [1, 1],
    "getCPUStats": [{"cpu_time": 3, "user_time": 1, "system_time": 2}],
    "vcpus": [[[0, 1, 5, 0], [1, 1, 6, 1]], [[True], [True]]],
    "maxVcpus": 2,
    "memoryStats": {"actual": 9, "swap_in": 1, "rss": 5, "last_update": 7, "unused": 3},
    "blockStats": [1, 2, 3, 4, -1],
    "blockStatsFlags": {"rd_bytes": 1, "rd_operations": 2, "wr_total_times": 3, "flush_operations": 4},
    "blockInfo": [100, 50, 60],
    "interfaceStats": [1, 2, 3, 4, 5, 6, 7, 8],
}


class _Domain:
    """Answers as recorded, a little differently, or with anything at all."""

    def __init__(self, calls: Any, draw: Draw) -> None:
        self._calls = calls
        self._draw = draw

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._answer, name)

    def _answer(self, name: str, *arguments: object) -> Any:
        kind = self._draw.byte() % 8
        if kind == 7:
            return recorded.FAILED
        if kind == 6:
            return self._draw.value()
        right = self._calls.get(call_key(name, *arguments), _RIGHT[name])
        if isinstance(right, dict) and right.keys() == {"error"}:
            return recorded.FAILED
        return edited(copy.deepcopy(right), self._draw, most=kind) if kind else right


def _ask(_what: str, call: Callable[[], Any]) -> Any | Absence:
    return call()


def _run(data: bytes) -> None:
    draw = Draw(data)
    case = draw.pick(recorded.CASES)
    description = recorded.DESCRIPTIONS[case.name]
    domain = _Domain(case.calls, draw)
    kind = draw.byte() % 3
    if kind == 2:
        reply = add_unmonitored(domain, _ask, recorded.REPLIES[case.name], recorded.FAILED)
    elif kind == 1:
        reply = add_block_info(domain, _ask, recorded.REPLIES[case.name], description)
    else:
        reply = read_guest(domain, _ask, lambda: description, groups=_GROUPS, hypervisor=draw.pick(_HYPERVISORS))
    job = edited({"type": 1, "operation": 2, "time_elapsed": 3, "data_total": 4}, draw)
    stats_hold(
        decode(
            Reading(
                instance=recorded.INSTANCES[case.name],
                life="life",
                taken=TAKEN,
                groups=_GROUPS,
                reply=reply,
                description=description,
                daemon_version=9_000_000,
                job=decode_job(job if isinstance(job, dict) else recorded.FAILED),
            )
        ).stats
    )


SUBJECT = Subject(
    name="per_guest",
    run=_run,
    seeds=(
        *(bytes([number]) for number in range(len(recorded.CASES))),
        *(bytes([number, kind]) for number in range(len(recorded.CASES)) for kind in (1, 2)),
        *(bytes([0, 0, 0, *[0] * place, 6, 0, 3]) for place in range(9)),
    ),
    longest=300,
    share=2,
)
