"""The list of what may be called reads only, and what the driver calls on recorded replies is on it."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("pyVmomi", reason="pyvmomi is not installed: pip install hvinspect[vmware]")

from hvinspect.drivers._vmware.operations import OPERATIONS, PRIVILEGES

from .played import all_cases, load


def test_what_may_be_called_needs_only_what_the_role_read_only_has() -> None:
    assert {one.privilege for one in OPERATIONS} <= PRIVILEGES
    assert len({one.method for one in OPERATIONS}) == len(OPERATIONS)


def test_nothing_else_is_called() -> None:
    called = set()
    for name in all_cases():
        played = load(name)
        played.read()
        called |= {match[1].decode() for body in played.wire.sent if (match := re.search(rb"Body><(\w+)", body))}
    # Nobody says goodbye to a recording.
    assert called == {one.method for one in OPERATIONS} - {"Logout"}
