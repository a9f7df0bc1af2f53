"""The kernel's numbers of host devices: those that are here, as they are now, and never an error."""

from __future__ import annotations

import contextlib
import resource
import socket
import time
from collections.abc import Iterator

import pytest

from hvinspect.drivers._libvirt import taps as module
from hvinspect.drivers._libvirt.taps import Taps


@pytest.fixture
def taps() -> Iterator[Taps]:
    with contextlib.closing(Taps()) as made:
        yield made


def _now(taps: Taps, *devices: str) -> dict[str, int]:
    return taps.indexes_of(devices, since_ns=time.monotonic_ns())


def test_a_device_that_is_here_has_the_kernels_index(taps: Taps) -> None:
    for _ in range(2):
        assert _now(taps, "lo") == {"lo": socket.if_nametoindex("lo")}


def test_what_is_no_device_here_has_none(taps: Taps) -> None:
    for _ in range(2):
        assert _now(taps, "gone0", "", "a" * 16, "lo\0", "\udc80", "lo") == {"lo": socket.if_nametoindex("lo")}


def test_without_a_descriptor_to_be_had_no_device_is_known() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        taps = Taps()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert _now(taps, "lo") == {}


def test_a_late_look_after_it_was_closed_finds_nothing(taps: Taps) -> None:
    assert _now(taps, "lo")
    taps.close()
    assert _now(taps, "lo") == {}


def test_where_the_kernel_may_not_tell_each_is_asked_for_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden() -> socket.socket:
        raise PermissionError

    monkeypatch.setattr(module, "_news", forbidden)
    with contextlib.closing(Taps()) as taps:
        assert _now(taps, "lo") == {"lo": socket.if_nametoindex("lo")}
        monkeypatch.setattr(module, "_IFREQ", _Other())
        assert _now(taps, "lo") == {"lo": 77}


def test_what_has_not_changed_is_not_asked_for_again(taps: Taps, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _now(taps, "lo", "gone0")
    monkeypatch.setattr(module, "_IFREQ", None)
    assert _now(taps, "lo", "gone0") == found


class _Other:
    """A struct that makes another index of what the kernel answers."""

    def pack(self, name: bytes, index: int) -> bytes:
        return name.ljust(40, b"\0")

    def unpack(self, _answer: bytes) -> tuple[bytes, int]:
        return b"", 77
