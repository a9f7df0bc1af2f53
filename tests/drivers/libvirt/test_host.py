"""Which host, and which boot of it, incarnations begin with."""

from __future__ import annotations

from typing import Any

import pytest

from hvinspect import Reason
from hvinspect.drivers._libvirt.host import Boots, CpuClock, cpu_clock, decode_host, host_identity, ran_on

from .case import TAKEN

_SECOND = 1_000_000_000
_UUID = "9eadd654-e973-5ac9-9034-9d09751e2fe0"
_OTHER = "1cd54d6a-aca8-5e9c-9323-3f2fa139d690"


def _capabilities(uuid: str = _UUID) -> str:
    return f"<capabilities><host><uuid>{uuid}</uuid><cpu><arch>x86_64</arch></cpu></host></capabilities>"


def _life(*, uuid: str = _UUID, uri: str = "qemu:///system", boot: str = "", mark: str = "") -> str:
    return host_identity(_capabilities(uuid), uri=uri, boot=boot, mark=mark).life


def test_another_boot_of_this_host_is_another_life_of_all_even_if_uuids_and_ids_are_the_same() -> None:
    assert _life(boot="one") == _life(boot="one")
    assert _life(boot="one") != _life(boot="two")


def test_a_uuid_that_a_daemon_makes_up_at_each_of_its_starts_changes_nothing() -> None:
    # libvirt does so on a host without DMI.
    assert _life(uuid=_UUID, boot="one") == _life(uuid=_OTHER, boot="one")


def test_two_daemons_of_one_host_have_lives_of_their_own() -> None:
    assert _life(boot="one") != _life(boot="one", uri="qemu+unix:///system?socket=/run/other")


def test_another_host_far_away_is_another_life() -> None:
    uri = "qemu+ssh://node/system"
    assert _life(uri=uri, mark="m") == _life(uri=uri, mark="m")
    assert _life(uri=uri, mark="m") != _life(uri=uri, mark="n")
    assert _life(uri=uri, mark="m") != _life(uri=uri, mark="m", uuid=_OTHER)
    assert _life(uri=uri, mark="m") != _life(uri="qemu+ssh://other/system", mark="m")


def test_a_host_without_a_uuid_has_a_life_all_the_same() -> None:
    identity = host_identity("<capabilities/>", uri="test:///default", boot="one")
    assert identity.uuid is None
    assert identity.life


def _clock(uptime: float, at: float, *, cpus: int = 4, counted: float = 1.0) -> CpuClock:
    return CpuClock(int(uptime * cpus * _SECOND * counted), cpus, int(at * _SECOND))


@pytest.mark.parametrize(
    ("before", "now", "went_on"),
    [
        (_clock(1000, 5), _clock(1010, 15), True),
        (_clock(1000, 5), _clock(1000.001, 5.1), True),
        # Five per cent went to other guests of the host's own host.
        (_clock(1000, 0), _clock(1095, 100), True),
        # It was booted: its CPUs have run less.
        (_clock(1000, 5), _clock(3, 65), False),
        # So long ago that they have run more again, but not for all of the time in between.
        (_clock(1000, 0), _clock(86_000, 86_400), False),
        (_clock(1000, 0), _clock(5000, 5050), False),
        # It was booted too soon after the first look to say.
        (_clock(20, 0), _clock(380, 400), False),
        # The reader slept, and its clock with it.
        (_clock(1000, 5), _clock(90_000, 15), False),
        (_clock(1000, 5), _clock(510, 15, cpus=8), False),
        (None, _clock(1, 1), False),
        (_clock(1, 1), None, False),
    ],
)
def test_a_boot_goes_on_only_if_the_cpus_prove_it(before: CpuClock | None, now: CpuClock | None, went_on: bool) -> None:
    assert ran_on(before, now) is went_on


def test_no_reboot_passes_for_none() -> None:
    for uptime in (0.1, 1, 10, 60, 600, 86_400, 1e7):
        for passed in (0.5, 5, 60, 600, 86_400):
            for down in (0.0, 0.4, 5, 60):
                for counted in (0.7, 0.95, 1.0):
                    if down < passed:
                        now = _clock(passed - down, passed, counted=counted)
                        assert not ran_on(_clock(uptime, 0, counted=counted), now), (uptime, passed, down, counted)


def test_a_connection_keeps_its_mark_until_the_boot_may_have_ended() -> None:
    boots = Boots()
    first = boots.mark(_clock(1000, 0))
    assert first
    assert boots.mark(_clock(1020, 20)) == first
    boots.note(_clock(1200, 200))
    assert boots.mark(_clock(1230, 230)) == first
    second = boots.mark(_clock(10, 300))
    assert second != first
    # One that cannot be asked proves nothing.
    assert boots.mark(None) not in (first, second)


def test_connections_do_not_share_their_marks() -> None:
    assert Boots().mark(_clock(1000, 0)) != Boots().mark(_clock(1000, 0))


def test_it_is_noted_once_a_minute() -> None:
    boots = Boots()
    assert not boots.is_noted(0)
    boots.note(_clock(1000, 10))
    assert boots.is_noted(69 * _SECOND)
    assert not boots.is_noted(71 * _SECOND)
    boots.note(None)
    assert boots.is_noted(69 * _SECOND)


@pytest.mark.parametrize(
    ("cpu", "node"),
    [
        (None, ["x86_64", 1, 2]),
        ({"user": 1}, ["x86_64", 1, 2]),
        ({"user": 1, "kernel": 1, "idle": "1", "iowait": 1}, ["x86_64", 1, 2]),
        ({"user": 1, "kernel": 1, "idle": -1, "iowait": 1}, ["x86_64", 1, 2]),
        ({"user": 1, "kernel": 1, "idle": 10**400, "iowait": 1}, ["x86_64", 1, 2]),
        ({"user": 1, "kernel": 1, "idle": 1, "iowait": 1}, ["x86_64", 1, 0]),
        ({"user": 1, "kernel": 1, "idle": 1, "iowait": 1}, None),
    ],
)
def test_what_is_no_answer_gives_no_clock(cpu: object, node: object) -> None:
    assert cpu_clock(cpu, node, at_ns=1) is None


def test_a_clock_is_all_the_time_of_all_cpus() -> None:
    given = {"user": 1, "kernel": 2, "idle": 3, "iowait": 4}
    assert cpu_clock(given, ["x86_64", 7002, 2, 2596, 1, 1, 2, 1], at_ns=5) == CpuClock(10, 2, 5)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("cpu", ("user_ns", "system_ns", "idle_ns", "iowait_ns")),
        ("memory", ("memory_total_bytes", "memory_free_bytes")),
        ("info", ("cpus",)),
        ("hostname", ("hostname",)),
        ("version", ("hypervisor_version",)),
    ],
)
@pytest.mark.parametrize("wrong", [None, 5, 1.5, ["x"], b"x"], ids=repr)
def test_a_wrong_answer_of_the_host_costs_its_own_fields(name: str, fields: tuple[str, ...], wrong: object) -> None:
    answers: dict[str, Any] = {
        "cpu": {"user": 1, "kernel": 2, "idle": 3, "iowait": 4},
        "memory": {"total": 5, "free": 6},
        "info": ["x86_64", 7002, 2, 2596, 1, 1, 2, 1],
        "hostname": "node",
        "version": "7.2.0",
    }
    identity = host_identity(_capabilities(), uri="qemu:///system", boot="")
    right = decode_host(answers, identity, hypervisor="QEMU", taken=TAKEN)
    record = decode_host({**answers, name: wrong}, identity, hypervisor="QEMU", taken=TAKEN)
    for field in fields:
        assert getattr(right, field) is not None
        assert getattr(record, field) is None
        absence = record.why(field)
        assert absence is not None
        assert absence.reason is Reason.FAILED
    assert set(record.absences) - set(right.absences) == set(fields)
