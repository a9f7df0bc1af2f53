"""Every key of QEMU's answers fills a field, or is left out for a reason that is written down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hvinspect import CATALOGUE
from hvinspect.drivers._qemu.keys import IGNORED, MAPPED, STRUCTURE, unmapped
from hvinspect.drivers._qemu.operations import COMMANDS
from hvinspect.drivers._qemu.provides import provided

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.json"))
_IDS = {
    "query-uuid": "uuid", "query-name": "name", "query-status": "status", "query-cpus-fast": "cpus",
    "query-stats": "halted", "query-balloon": "balloon", "query-memory-size-summary": "memory",
    "qom-get guest-stats": "guest-stats", "query-blockstats": "blockstats", "query-block": "block",
    "query-named-block-nodes": "nodes", "query-iothreads": "iothreads", "query-migrate": "migrate",
    "query-dirty-rate": "dirty-rate",
}  # fmt: skip
# What /proc, the command line and this driver itself give.
_NOT_BY_QMP = {
    "instance.native_id", "instance.driver", "instance.described_at", "stats.incarnation", "cpu.time_ns", "cpu.user_ns",
    "cpu.system_ns", "cpu.vcpus_maximum", "cpu.vcpus_at_start", "memory.host_resident_bytes", "disk.serial", "disk.bus",
    "disk.device", "iothread.index", "dirty_rate.vcpus",
    *(
        path
        for path in CATALOGUE
        if path.startswith(("nic.", "process_io.", "host.", "span.", "rates.", "disk_rates.", "nic_rates."))
    ),
}  # fmt: skip


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_key_of_a_recorded_answer_is_known(path: Path) -> None:
    answers = json.loads(path.read_text())["answers"]
    assert unmapped({_IDS[name]: answer for name, answer in answers.items() if name in _IDS}) == set()


def test_no_key_is_in_two_tables_and_every_reason_is_said() -> None:
    tables = (MAPPED, STRUCTURE, IGNORED)
    assert sum(len(table) for table in tables) == len({key for table in tables for key in table})
    assert all(IGNORED.values())
    assert all(STRUCTURE.values())


def test_what_is_mapped_is_what_is_given() -> None:
    mapped = {path for paths in MAPPED.values() for path in paths}
    given = {path for path, absence in provided(has_monitors=True).items() if absence is None}
    assert mapped <= set(CATALOGUE)
    assert mapped - given == set()
    assert given - mapped - _NOT_BY_QMP == set()


def test_without_monitors_less_is_given_and_nothing_else() -> None:
    def given(*, has_monitors: bool) -> set[str]:
        return {path for path, absence in provided(has_monitors=has_monitors).items() if absence is None}

    assert given(has_monitors=False) < given(has_monitors=True)


def test_no_command_changes_anything() -> None:
    reading = {"qmp_capabilities", "qom-list", "qom-get"}
    assert all(one.command.startswith("query-") or one.command in reading for one in COMMANDS)
