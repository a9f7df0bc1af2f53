"""What a guest's agent says is untrusted: any of it may be wrong, and none of it costs more than its own field."""

from __future__ import annotations

from typing import Any

import pytest

from hvinspect import GuestAgent, Reason
from hvinspect.drivers._libvirt.agent import decode_agent

GOOD: dict[str, Any] = {
    "hostname": "inside",
    "os.id": "debian",
    "os.name": "Debian GNU/Linux",
    "os.version": "12 (bookworm)",
    "os.kernel-release": "6.1.0",
    "timezone.name": "CET",
    "timezone.offset": 3600,
    "user.count": 2,
    "user.0.name": "ann",
    "user.1.name": "bob",
    "fs.count": 1,
    "fs.0.mountpoint": "/",
    "fs.0.name": "vda1",
    "fs.0.fstype": "ext4",
    "fs.0.total-bytes": 1000,
    "fs.0.used-bytes": 400,
}


def test_all_of_a_right_answer_is_there() -> None:
    agent = decode_agent(GOOD)
    assert agent.hostname == "inside"
    assert agent.os_id == "debian"
    assert agent.kernel_release == "6.1.0"
    assert agent.timezone_offset_ns == 3_600_000_000_000
    assert agent.users == ("ann", "bob")
    (root,) = agent.filesystems
    assert (root.mountpoint, root.device, root.kind, root.total_bytes, root.used_bytes) == (
        "/", "vda1", "ext4", 1000, 400,
    )  # fmt: skip
    assert not agent.absences
    assert not root.absences


def test_of_an_empty_answer_everything_is_missing_with_a_reason() -> None:
    agent = decode_agent({})
    for field in ("hostname", "os_id", "timezone", "timezone_offset_ns", "users", "filesystems"):
        absence = agent.why(field)
        assert absence is not None
        assert absence.reason is Reason.NEEDS_GUEST


WRONG = [None, True, -1, 2**64, 1.5, float("nan"), b"bytes", ["list"], {"a": 1}, ""]


@pytest.mark.parametrize("key", GOOD)
@pytest.mark.parametrize("value", [*WRONG, "x" * 100_000, "\ud800", "\x1b[2J\n"], ids=lambda value: repr(value)[:12])
def test_one_wrong_value_leaves_the_others(key: str, value: object) -> None:
    agent = decode_agent({**GOOD, key: value})
    first = key.split(".", maxsplit=1)[0]
    good = decode_agent(GOOD)
    assert first == "hostname" or agent.hostname == good.hostname
    assert first == "os" or agent.os_name == good.os_name
    assert first == "user" or agent.users == good.users
    assert first == "fs" or agent.filesystems == good.filesystems
    assert _size(agent) < 5000


@pytest.mark.parametrize("kind", ["user", "fs"])
@pytest.mark.parametrize("count", [10_000, 2**63, -5, "2", True])
def test_a_senseless_number_of_entries_is_none_with_a_reason(kind: str, count: object) -> None:
    many = {f"{kind}.{number}.name": "u" for number in range(10_000)}
    agent = decode_agent({**many, f"{kind}.count": count, "hostname": "inside"})
    field = "users" if kind == "user" else "filesystems"
    assert getattr(agent, field) == ()
    assert agent.why(field) is not None
    assert agent.hostname == "inside"


def test_control_characters_are_kept_as_they_are_for_whoever_shows_them_escapes_them() -> None:
    assert decode_agent({**GOOD, "user.0.name": "\x1b[2Jann"}).users == ("\x1b[2Jann", "bob")


def test_an_offset_of_more_than_a_day_is_none() -> None:
    agent = decode_agent({**GOOD, "timezone.offset": 86_401})
    assert agent.timezone_offset_ns is None
    assert agent.why("timezone_offset_ns") is not None


def _size(agent: GuestAgent) -> int:
    return len(repr(agent))
