"""A guest's agent: it may answer anything, and what is kept of it is bounded."""

from __future__ import annotations

from typing import Any

from hvinspect.drivers._libvirt.agent import decode_agent
from hvinspect.testing._walk import Part, _walk
from tests.fuzz.draw import Draw
from tests.fuzz.oracles import parts_hold
from tests.fuzz.subject import Subject

_GOOD: dict[str, Any] = {
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
    "fs.count": 2,
    "fs.0.mountpoint": "/",
    "fs.0.name": "vda1",
    "fs.0.fstype": "ext4",
    "fs.0.total-bytes": 1000,
    "fs.0.used-bytes": 400,
    "fs.1.mountpoint": "/srv",
}
_KEYS = tuple(_GOOD)
_MOST = 256


def _run(data: bytes) -> None:
    draw = Draw(data)
    answer = dict(_GOOD)
    for _ in range(16):
        if not draw.more:
            break
        key = draw.pick((*_KEYS, "")) or draw.text()
        if draw.byte() % 4 == 0:
            answer.pop(key, None)
        else:
            answer[key] = draw.value()
    agent = decode_agent(answer)
    hash(agent)
    parts_hold(_walk(Part("agent", "guest_agent", agent)))
    assert len(agent.users) <= _MOST
    assert len(agent.filesystems) <= _MOST
    for record in (agent, *agent.filesystems):
        for name in record.__dataclass_fields__:
            value = getattr(record, name)
            assert not isinstance(value, str) or len(value) <= _MOST
    assert all(len(user) <= _MOST for user in agent.users)


SUBJECT = Subject(
    name="agent",
    run=_run,
    seeds=(
        b"",
        *(bytes([number, 1, 0, 3]) for number in range(len(_KEYS))),
        # A long text for each.
        *(bytes([number, 1, 0, 2, 255, 120]) for number in range(len(_KEYS))),
        b"\x07\1\0\5\x0a\1\0\5",
        b"\0\1\2\xff",
    ),
    longest=300,
    share=8,
)
