"""The kernel's numbers of host devices: those that are here, and never an error."""

from __future__ import annotations

import resource
import socket

from hvinspect.drivers._libvirt.taps import Taps


def test_a_device_that_is_here_has_the_kernels_index() -> None:
    with Taps() as taps:
        assert taps.indexes_of(["lo"]) == {"lo": socket.if_nametoindex("lo")}


def test_what_is_no_device_here_has_none() -> None:
    with Taps() as taps:
        assert taps.indexes_of(["gone0", "", "a" * 16, "lo\0", "\udc80", "lo"]) == {"lo": socket.if_nametoindex("lo")}


def test_without_a_descriptor_to_be_had_no_device_is_known() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        with Taps() as taps:
            found = taps.indexes_of(["lo"])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert found == {}


def test_a_late_look_after_the_read_is_over_finds_nothing() -> None:
    with Taps() as taps:
        pass
    assert taps.indexes_of(["lo"]) == {}
