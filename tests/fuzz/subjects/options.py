"""Options: each becomes what its type says, or is refused; a secret is never told."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from hvinspect import InvalidTarget, Secret
from hvinspect._options import parse_options
from hvinspect.driver import option
from tests.fuzz.draw import Draw
from tests.fuzz.oracles import can_be_shown
from tests.fuzz.subject import Subject

_PASSWORD = "KANARIE"


class _Access(str, Enum):
    READ = "read"
    WRITE = "write"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """One of each type."""

    access: _Access = option("", default=_Access.READ)
    verify: bool = option("", default=True)
    port: int | None = option("", default=None)
    factor: float = option("", default=1.0)
    socket: Path | None = option("", default=None)
    user: str = option("", default="root")
    password: Secret | None = option("", default=None)


_TYPES = {"access": _Access, "verify": bool, "port": int, "factor": float, "socket": Path, "user": str}
_NAMES = (*_TYPES, "password")


def _run(data: bytes) -> None:
    draw = Draw(data)
    given: dict[str, str | Secret] = {}
    while draw.more and len(given) < 4:
        name = draw.pick((*_NAMES, "")) or draw.text()
        is_secret = draw.byte() % 2
        text = draw.text()
        given[name] = Secret(_PASSWORD + text) if is_secret else text
    try:
        options = parse_options(_Options, given, driver="toy")
    except InvalidTarget as refused:
        can_be_shown(refused)
        told = f"{refused!r} {refused.__cause__!r} {refused.__context__!r}"
    else:
        told = f"{options.password!r}"
        _fit(options, given)
    assert _PASSWORD not in told


def _fit(options: _Options, given: Mapping[str, object]) -> None:
    assert given.keys() <= set(_NAMES)
    for name, kind in _TYPES.items():
        value = getattr(options, name)
        assert isinstance(value, kind) or (value is None and name not in given)


SUBJECT = Subject(
    name="options",
    run=_run,
    seeds=(
        b"\0\0\5write",
        b"\1\0\2no",
        b"\2\0\x0516514",
        b"\3\0\x030.5\4\0\6/run/x\5\0\2me",
        b"\6\1\2pw\2\1\2pw",
        b"\7\7accesss\0\1x",
    ),
    words=(b"read", b"write", b"true", b"off", b"1_0", b"1e999", b"nan"),
    longest=200,
    share=8,
)
