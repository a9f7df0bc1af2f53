"""libvirt's numbers, and the error or reason that each becomes."""

from __future__ import annotations

import errno

import pytest

import hvinspect
from hvinspect import Reason
from hvinspect.drivers._libvirt.errors import VirError, absence_of, call_error, open_error

INTERNAL_ERROR, RPC = 1, 39


def test_our_numbers_are_the_bindings() -> None:
    libvirt = pytest.importorskip("libvirt", reason="libvirt-python is not installed")
    # Those that are newer than the binding are not in it.
    theirs = {one.name: getattr(libvirt, f"VIR_ERR_{one.name}", one.value) for one in VirError}
    assert theirs == {one.name: one.value for one in VirError}
    assert len([one for one in VirError if hasattr(libvirt, f"VIR_ERR_{one.name}")]) > 15


@pytest.mark.parametrize(
    ("code", "number", "kind", "remedy"),
    [
        (VirError.AUTH_FAILED, 0, hvinspect.AccessDenied, "org.libvirt.unix.monitor"),
        (VirError.AUTH_CANCELLED, 0, hvinspect.AccessDenied, "polkit"),
        (VirError.AUTH_UNAVAILABLE, 0, hvinspect.AccessDenied, "polkit"),
        (VirError.OPERATION_DENIED, 0, hvinspect.AccessDenied, "polkit"),
        (VirError.ACCESS_DENIED, 0, hvinspect.AccessDenied, "polkit"),
        (VirError.SYSTEM_ERROR, errno.EACCES, hvinspect.AccessDenied, "socket"),
        (VirError.SYSTEM_ERROR, errno.ENOENT, hvinspect.ConnectFailed, "daemon"),
        (VirError.SYSTEM_ERROR, errno.ECONNREFUSED, hvinspect.ConnectFailed, "daemon"),
        (VirError.SYSTEM_ERROR, -1, hvinspect.ConnectFailed, "URI"),
        (VirError.NO_CONNECT, 0, hvinspect.InvalidTarget, "installed"),
        (VirError.INVALID_ARG, 0, hvinspect.InvalidTarget, "URI"),
        (VirError.CONFIG_UNSUPPORTED, 0, hvinspect.InvalidTarget, "URI"),
        (RPC, errno.EACCES, hvinspect.ConnectFailed, "daemon"),
        (INTERNAL_ERROR, 0, hvinspect.ConnectFailed, "daemon"),
        (12345, 0, hvinspect.ConnectFailed, "daemon"),
    ],
)
def test_a_failed_open_is_the_error_that_tells_what_to_do(
    code: int, number: int, kind: type[hvinspect.Error], remedy: str
) -> None:
    error = open_error(code, "the words of libvirt\x1b[31m", "qemu:///system", errno=number)
    assert type(error) is kind
    for part in ("qemu:///system", "the words of libvirt", remedy):
        assert part in str(error)
    assert "\x1b" not in str(error)


def test_the_remedy_is_for_what_was_tried() -> None:
    denied = VirError.AUTH_FAILED
    assert "org.libvirt.unix.manage" in str(open_error(denied, "no", "qemu:///system", writable=True))
    assert "unix" not in str(open_error(denied, "no", "qemu+tls://node/system", is_local=False))
    assert "daemon run" not in str(open_error(VirError.SYSTEM_ERROR, "no", "qemu+tls://node/system", is_local=False))
    for code in (denied, VirError.SYSTEM_ERROR):
        assert "cacert.pem" in str(open_error(code, "no", "qemu+tls://node/system", is_local=False, is_tls=True))


def test_a_socket_that_is_mounted_without_its_folder_is_named() -> None:
    removed = "/run/libvirt/libvirt-sock-ro"
    error = open_error(VirError.SYSTEM_ERROR, "connection refused", "qemu:///system", removed=removed)
    assert type(error) is hvinspect.ConnectFailed
    assert f"{removed} is mounted here by itself" in str(error)
    assert "mount its folder /run/libvirt instead" in str(error)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (VirError.ACCESS_DENIED, hvinspect.AccessDenied),
        (VirError.OPERATION_DENIED, hvinspect.AccessDenied),
        (VirError.NO_SUPPORT, hvinspect.NotSupported),
        (VirError.NO_DOMAIN, hvinspect.InstanceNotFound),
        (VirError.OPERATION_TIMEOUT, hvinspect.DeadlineExceeded),
        (VirError.INVALID_CONN, hvinspect.ConnectionLost),
        (INTERNAL_ERROR, hvinspect.ReplyInvalid),
    ],
)
def test_a_failed_call_is_the_error_of_its_kind(code: int, kind: type[hvinspect.Error]) -> None:
    assert type(call_error(code, "no", "the list of domains", alive=True)) is kind
    assert type(call_error(code, "no", "the list of domains", alive=False)) is hvinspect.ConnectionLost


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (VirError.NO_SUPPORT, Reason.UNSUPPORTED),
        (VirError.OPERATION_UNSUPPORTED, Reason.UNSUPPORTED),
        (VirError.ACCESS_DENIED, Reason.DENIED),
        (VirError.NO_DOMAIN, Reason.VANISHED),
        (VirError.DEVICE_MISSING, Reason.VANISHED),
        (VirError.OPERATION_INVALID, Reason.NOT_RUNNING),
        (VirError.OPERATION_TIMEOUT, Reason.BUSY),
        (VirError.RESOURCE_BUSY, Reason.BUSY),
        (VirError.AGENT_UNRESPONSIVE, Reason.NEEDS_GUEST),
        (VirError.AGENT_UNSYNCED, Reason.NEEDS_GUEST),
        (12345, Reason.FAILED),
    ],
)
def test_a_call_that_may_fail_gives_the_reason(code: int, reason: Reason) -> None:
    absence = absence_of(code, "because\n" * 100)
    assert absence.reason is reason
    assert "\n" not in absence.detail
    assert len(absence.detail) <= 200
