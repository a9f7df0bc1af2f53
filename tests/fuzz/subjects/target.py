"""Targets: what is accepted has a driver's name, and no password is ever shown."""

from __future__ import annotations

import re

from hvinspect import InvalidTarget
from hvinspect.driver import Target, printable
from tests.fuzz.draw import Draw
from tests.fuzz.subject import Subject

_PASSWORD = "KANARIE"


def _run(data: bytes) -> None:
    draw = Draw(data)
    if draw.byte() % 2:
        _one(draw.rest().decode("utf-8", "surrogateescape"))
        return
    before, user = draw.text(), re.sub("[/:@]", "", draw.text())
    inside, after = draw.text(), draw.text()
    text = f"{before}//{user}:{inside}{_PASSWORD}{after}@{draw.text()}"
    if _PASSWORD not in before:
        assert _PASSWORD not in _one(text)


def _one(text: str) -> str:
    """All that is said of *text*, accepted or not."""
    try:
        target = Target.parse(text)
    except InvalidTarget as refused:
        said = f"{refused} {refused!r} {refused.target}"
        assert said.isprintable()
        return said
    assert re.fullmatch("[a-z][a-z0-9_-]*", target.driver)
    assert f"{target.driver}:{target.rest}" == text
    assert text.isprintable()
    assert str(target) == printable(target)
    hash(target)
    return f"{target} {target!r}"


SUBJECT = Subject(
    name="target",
    run=_run,
    seeds=(
        b"\1libvirt:qemu:///system",
        b"\1qemu:///system",
        b"\1fake:guests=3",
        b"\1libvirt:esx://root:secret@node/",
        b"\0\x0elibvirt:qemu://\4user\2pw\2/@\4node",
    ),
    words=(b"//", b":", b"@", b"/", b"libvirt:", b"qemu", b"\x1b[2J", b"\xe2\x80\xae"),
    longest=300,
    share=14,
)
