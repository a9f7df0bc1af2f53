"""The table of counters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import hvinspect
from hvinspect import Reason
from hvinspect.cli import humane
from hvinspect.testing.fake import FakeHypervisor, FakeKind

from .running import run


@pytest.fixture
def hypervisor() -> Iterator[FakeHypervisor]:
    with FakeHypervisor(instances=5, disks=2, nics=2) as made:
        yield made


def _row(output: str, name: str) -> str:
    return next(line for line in output.splitlines() if line.startswith(name))


def test_a_row_has_what_the_snapshot_has(hypervisor: FakeHypervisor) -> None:
    with hvinspect.connect(hypervisor.target) as connection:
        guest = connection.snapshot()[hypervisor.keys[0]]
    result = run("stats", hypervisor.target)
    assert result.exit_code == 0
    expected = [
        humane.duration(guest.cpu.time_ns or 0),
        humane.size(guest.memory.assigned_bytes or 0),
        humane.size(sum(disk.read_bytes or 0 for disk in guest.disks)),
        humane.size(sum(disk.write_bytes or 0 for disk in guest.disks)),
        humane.size(sum(nic.rx_bytes or 0 for nic in guest.nics)),
        humane.size(sum(nic.tx_bytes or 0 for nic in guest.nics)),
    ]
    row = _row(result.stdout, "instance-00000000")
    assert row.split() == ["instance-00000000", "running", *" ".join(expected).split()]


def test_the_columns_are_named_and_aligned(hypervisor: FakeHypervisor) -> None:
    head, *rows = run("stats", hypervisor.target).stdout.splitlines()
    assert head.split("  ")[0] == "INSTANCE"
    for heading in ("CPU TIME", "MEMORY", "DISK RD", "DISK WR", "NIC RX", "NIC TX"):
        end = head.index(heading) + len(heading)
        for row in rows[:5]:
            assert row[end - 1] != " "
            assert row[end : end + 2].strip() == ""


def test_what_does_not_run_has_a_dash_and_a_legend(hypervisor: FakeHypervisor) -> None:
    output = run("stats", hypervisor.target).stdout
    assert _row(output, "instance-00000003").split() == ["instance-00000003", "shut", "off", *"------"]
    assert _row(output, "-  not running").startswith("-  not running: all numbers of instance-00000003 (")


def test_an_instance_without_nics_has_a_dash_and_not_zero(hypervisor: FakeHypervisor) -> None:
    key = hypervisor.add(name="bare", nics=0)
    output = run("stats", hypervisor.target, "--instance", key, "--group", "nic").stdout
    assert _row(output, "bare").split() == ["bare", "-", "-"]
    assert "not configured: NIC RX, NIC TX of bare (it has none)" in output


def test_a_sum_says_that_a_device_is_missing_in_it() -> None:
    output = run("stats", "scripted:partial", "--group", "disk").stdout
    assert _row(output, "guest-0").split() == ["guest-0", "2.0", "KiB+", "0", "B"]
    assert "+  without those of its devices that gave no number" in output
    assert "failed: DISK RD of guest-0 (no medium)" in output


def test_why_tells_of_devices_that_could_not_be_read() -> None:
    output = run("stats", "scripted:partial", "--group", "nic", "--why").stdout
    assert _row(output, "guest-0   nics ").split() == [
        "guest-0",
        "nics",
        *["denied:", "the", "other", "NICs", "are", "secret"],
    ]


def test_details_leave_out_what_is_empty() -> None:
    output = run("stats", "scripted:partial", "--group", "nic", "--detail").stdout
    assert "nic.key [net0]" in output
    assert "nic.filter_parameters" not in output


def test_a_guest_that_hangs_keeps_its_row_and_the_legend_says_so(hypervisor: FakeHypervisor) -> None:
    hypervisor.hang(hypervisor.keys[0])
    result = run("stats", hypervisor.target, "--timeout", "1")
    assert _row(result.stdout, "instance-00000000").split()[1] == "running"
    # Trouble comes before what is as it should be.
    legend = [line for line in result.stdout.splitlines() if line.startswith("-  ")]
    assert legend[0].startswith("-  timed out: ")
    assert "instance-00000000" in legend[0]


def test_an_instance_that_failed_has_a_row_and_a_line_on_stderr(hypervisor: FakeHypervisor) -> None:
    hypervisor.fail(hypervisor.keys[1], Reason.DENIED, "the policy forbids it")
    result = run("stats", hypervisor.target)
    assert result.exit_code == 1
    assert _row(result.stdout, "instance-00000001").split() == ["instance-00000001", "denied", *"------"]
    assert result.stderr.splitlines() == [
        f"hvinspect: instance-00000001 ({hypervisor.keys[1]}): denied: the policy forbids it"
    ]


def test_only_the_groups_asked_for_have_columns(hypervisor: FakeHypervisor) -> None:
    output = run("stats", hypervisor.target, "--group", "cpu", "--group", "nic").stdout
    assert output.splitlines()[0].split() == ["INSTANCE", "CPU", "TIME", "NIC", "RX", "NIC", "TX"]


def test_a_group_without_a_column_is_shown_value_by_value(hypervisor: FakeHypervisor) -> None:
    output = run("stats", hypervisor.target, "--group", "default", "--group", "perf").stdout
    assert "DISK RD" in output
    assert "perf.cpu_cycles" in output
    assert "disk.read_bytes" not in output


def test_details_show_each_device_exactly(hypervisor: FakeHypervisor) -> None:
    with hvinspect.connect(hypervisor.target) as connection:
        disk = connection.snapshot()[hypervisor.keys[0]].disks[1]
    output = run("stats", hypervisor.target, "--detail", "--instance", hypervisor.keys[0]).stdout
    row = next(line for line in output.splitlines() if f"disk.read_bytes [{disk.key}]" in line)
    assert f"{disk.read_bytes:,} (" in row


def test_why_tells_each_missing_value(hypervisor: FakeHypervisor) -> None:
    hypervisor.fail(hypervisor.keys[1], Reason.BUSY, "it migrates")
    output = run("stats", hypervisor.target, "--why").stdout
    assert any("cpu.time_ns" in line and "not_running" in line for line in output.splitlines())
    assert any("everything" in line and "busy: it migrates" in line for line in output.splitlines())
    assert "not_requested" not in output


def test_instances_are_chosen_by_key_and_uuid(hypervisor: FakeHypervisor) -> None:
    key = hypervisor.add("a key", name="keyed")
    output = run("stats", hypervisor.target, "--instance", hypervisor.keys[0].upper(), "--instance", key).stdout
    assert [line.split()[0] for line in output.splitlines()[1:3]] == ["instance-00000000", "keyed"]
    assert "instance-00000001" not in output


def test_a_hypervisor_of_rates_shows_them_at_once() -> None:
    with FakeHypervisor(kind=FakeKind.RATES) as hypervisor:
        output = run("stats", hypervisor.target).stdout
    assert "CORES" in output.splitlines()[0]
    assert "iB/s" in _row(output, "instance-00000000")


def test_no_instances_is_said() -> None:
    result = run("stats", "fake:", "--option", "instances=0")
    assert result.exit_code == 0
    assert result.stdout == "no instances\n"


def test_fifty_guests_are_fifty_rows_and_a_short_legend() -> None:
    lines = run("stats", "fake:", "--option", "instances=50").stdout.splitlines()
    assert sum(line.startswith("instance-") for line in lines) == 50
    assert len(lines) < 60
    assert any(line.endswith("and 7 more (the instance is shut off)") for line in lines)
