"""Numbers of libvirt's errors, and what each means for the caller. No I/O, no libvirt."""

from __future__ import annotations

import errno as errnos
from enum import IntEnum
from typing import final

from hvinspect.driver import (
    Absence,
    AccessDenied,
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    Error,
    InstanceNotFound,
    InvalidTarget,
    NotSupported,
    Reason,
    ReplyInvalid,
    printable,
)

__all__ = ["VirError", "absence_of", "call_error", "open_error"]


@final
class VirError(IntEnum):
    """virErrorNumber, as far as it matters here. Messages are translated, numbers are not."""

    NO_SUPPORT = 3
    NO_CONNECT = 5
    INVALID_CONN = 6
    INVALID_ARG = 8
    OPERATION_DENIED = 29
    SYSTEM_ERROR = 38
    NO_DOMAIN = 42
    AUTH_FAILED = 45
    OPERATION_INVALID = 55
    CONFIG_UNSUPPORTED = 67
    OPERATION_TIMEOUT = 68
    ARGUMENT_UNSUPPORTED = 74
    AUTH_CANCELLED = 79
    OPERATION_UNSUPPORTED = 84
    AGENT_UNRESPONSIVE = 86
    RESOURCE_BUSY = 87
    ACCESS_DENIED = 88
    AUTH_UNAVAILABLE = 94
    AGENT_UNSYNCED = 97
    DEVICE_MISSING = 99


_UNSUPPORTED = {
    VirError.NO_SUPPORT,
    VirError.CONFIG_UNSUPPORTED,
    VirError.ARGUMENT_UNSUPPORTED,
    VirError.OPERATION_UNSUPPORTED,
}
_DENIED = {
    VirError.OPERATION_DENIED,
    VirError.AUTH_FAILED,
    VirError.AUTH_CANCELLED,
    VirError.AUTH_UNAVAILABLE,
    VirError.ACCESS_DENIED,
}
_REASONS: dict[int, Reason] = {
    **dict.fromkeys(_UNSUPPORTED, Reason.UNSUPPORTED),
    **dict.fromkeys(_DENIED, Reason.DENIED),
    VirError.NO_DOMAIN: Reason.VANISHED,
    VirError.DEVICE_MISSING: Reason.VANISHED,
    VirError.OPERATION_INVALID: Reason.NOT_RUNNING,
    VirError.OPERATION_TIMEOUT: Reason.BUSY,
    VirError.RESOURCE_BUSY: Reason.BUSY,
    VirError.AGENT_UNRESPONSIVE: Reason.NEEDS_GUEST,
    VirError.AGENT_UNSYNCED: Reason.NEEDS_GUEST,
}
_NO_LEAVE = frozenset({errnos.EACCES, errnos.EPERM})
_READ_REMEDY = (
    "A reader needs no root: it needs leave to open the read-only socket "
    "(polkit action org.libvirt.unix.monitor, or the socket's own group and mode)"
)
_WRITE_REMEDY = "access=write needs leave to manage (polkit action org.libvirt.unix.manage, or the socket's group)"
_REMOTE_REMEDY = "The account, key or certificate it was asked with may not read there"
_TLS_REMEDY = (
    "The server's certificate has to be in date, for the host as the URI names it, and signed by the CA of cacert.pem; "
    "the server asks the same of clientcert.pem. These files are in the folder that pkipath= names, else in /etc/pki"
)


def absence_of(code: int, message: str) -> Absence:
    """Why a value is missing after a call for it failed with *code*."""
    return Absence(_REASONS.get(code, Reason.FAILED), printable(message))


def open_error(
    code: int,
    message: str,
    uri: str,
    *,
    errno: int = 0,
    is_local: bool = True,
    is_tls: bool = False,
    writable: bool = False,
    removed: str | None = None,
) -> Error:
    """What connect() raises after opening *uri* failed with *code*; *errno* is the system's, if it was the system.

    *removed* is the socket, if it is mounted here by itself and the daemon has made another since.
    """
    shown = printable(message)
    if code in _DENIED or (code == VirError.SYSTEM_ERROR and errno in _NO_LEAVE):
        remedy = _WRITE_REMEDY if writable else _READ_REMEDY
        elsewhere = _TLS_REMEDY if is_tls else _REMOTE_REMEDY
        return AccessDenied(f"libvirt refused {uri}: {shown}. {remedy if is_local else elsewhere}")
    if code == VirError.NO_CONNECT:
        return InvalidTarget(
            f"libvirt has nothing here that connects to {uri}: {shown}. "
            "Is the daemon's driver for this hypervisor installed, and the URI right?"
        )
    if code == VirError.INVALID_ARG or code in _UNSUPPORTED:
        return InvalidTarget(f"libvirt does not know how to connect to {uri}: {shown}. Is the URI right?")
    remedy = "Does its daemon run (libvirtd or virtqemud), and is the URI right?" if is_local else "Is the URI right?"
    if removed is not None:
        folder = removed.rpartition("/")[0]
        remedy = (
            f"{printable(removed)} is mounted here by itself, and its daemon has removed it and made another, as it "
            f"does whenever it starts: mount its folder {printable(folder)} instead"
        )
    return ConnectFailed(f"libvirt could not connect to {uri}: {shown}. {remedy}{' ' + _TLS_REMEDY if is_tls else ''}")


def call_error(code: int, message: str, what: str, *, alive: bool) -> Error:
    """What a failed call raises; *alive* tells whether the connection still is."""
    shown = f"{what} failed: {printable(message)}"
    if not alive or code == VirError.INVALID_CONN:
        return ConnectionLost(shown)
    if code in _DENIED:
        return AccessDenied(shown)
    if code in _UNSUPPORTED:
        return NotSupported(shown)
    if code == VirError.NO_DOMAIN:
        return InstanceNotFound(shown)
    if code == VirError.OPERATION_TIMEOUT:
        return DeadlineExceeded(shown)
    return ReplyInvalid(shown)
