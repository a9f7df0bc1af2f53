"""The commands beside stats."""

from __future__ import annotations

import pytest

import hvinspect
from hvinspect import _registry
from hvinspect.testing.fake import FakeHypervisor

from . import scripted
from .running import run


def test_drivers_tells_the_usable_ones() -> None:
    lines = run("drivers").stdout.splitlines()
    assert lines[0].split() == ["DRIVER", "USABLE", "FROM"]
    assert next(line for line in lines if line.startswith("fake")).split()[1] == "yes"


def test_drivers_tells_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = _registry._BuiltIn("hvinspect.no_such_module", "X", "vmware")
    monkeypatch.setitem(_registry._BUILT_IN, "vmware", missing)
    result = run("drivers")
    assert result.exit_code == 0
    assert next(line for line in result.stdout.splitlines() if line.startswith("vmware")).split()[1] == "no"
    assert "pip install 'hvinspect[vmware]'" in result.stdout


def test_a_driver_that_is_not_installed_is_4_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = _registry._BuiltIn("hvinspect.no_such_module", "X", "vmware")
    monkeypatch.setitem(_registry._BUILT_IN, "vmware", missing)
    result = run("list", "vmware:x")
    assert result.exit_code == 4
    assert "pip install 'hvinspect[vmware]'" in result.stderr


def test_list_shows_key_name_and_state() -> None:
    with FakeHypervisor() as hypervisor:
        lines = run("list", hypervisor.target).stdout.splitlines()
        assert [line.split() for line in lines[:2]] == [
            ["KEY", "NAME", "STATE"],
            [hypervisor.keys[0], "instance-00000000", "running"],
        ]
        assert lines[4].endswith("shut off")


def test_list_shows_the_uuid_where_it_is_not_the_key() -> None:
    head, row = run("list", "scripted:fine").stdout.splitlines()
    assert head.split() == ["KEY", "UUID", "NAME", "STATE"]
    assert row.split() == ["0-fine", str(scripted.UUID_OF_FIRST), "guest-0", "-"]


def test_list_shows_what_failed_with_its_reason() -> None:
    result = run("list", "scripted:fine+timed_out")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[2].endswith("timed out")
    assert result.stderr.startswith("hvinspect: guest-1 (1-timed_out): timed out: ")


def test_capabilities_tells_why_not_and_counts() -> None:
    output = run("capabilities", "scripted:fine").stdout
    lines = output.splitlines()
    assert next(line for line in lines if line.startswith("nic.rx_bytes ")).split(maxsplit=2) == [
        "nic.rx_bytes",
        "-",
        "unsupported: this driver does not give it",
    ]
    assert lines[-1].startswith("0 of ")


def test_capabilities_tells_what_is_given() -> None:
    lines = run("capabilities", "fake:").stdout.splitlines()
    assert next(line for line in lines if line.startswith("nic.rx_bytes ")).split() == ["nic.rx_bytes", "yes"]


def test_fields_is_the_catalogue() -> None:
    lines = run("fields").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(hvinspect.CATALOGUE)
    assert next(line for line in lines if line.startswith("cpu.time_ns ")).split()[1:3] == ["counter", "ns"]


def test_host_shows_its_numbers() -> None:
    with FakeHypervisor() as hypervisor, hvinspect.connect(hypervisor.target) as connection:
        host = connection.host()
        output = run("host", hypervisor.target).stdout
    assert f"hostname                {host.hostname}\n" in output
    assert f"cpus                    {host.cpus}\n" in output


def test_host_tells_why_a_value_is_missing() -> None:
    assert "-  unknown: the driver gave no reason" in run("host", "scripted:fine").stdout


def test_a_driver_without_host_statistics_is_8() -> None:
    result = run("host", "scripted:nohost")
    assert result.exit_code == 8
    assert "hvinspect capabilities TARGET" in result.stderr


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version").stdout == f"hvinspect {hvinspect.__version__}\n"


@pytest.mark.parametrize("command", ["drivers", "list", "stats", "capabilities", "fields", "host", "compat"])
def test_every_command_explains_itself_in_80_columns(command: str) -> None:
    assert f"  {command}  " in run("--help").stdout
    text = run(command, "--help").stdout
    assert text.startswith(f"Usage: hvinspect {command} ")
    assert max(len(line) for line in (run("--help").stdout + text).splitlines()) <= 80
