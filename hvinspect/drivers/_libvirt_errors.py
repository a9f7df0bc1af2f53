"""Numbers of libvirt's errors, and what each means for the caller. No I/O, no libvirt."""

from __future__ import annotations

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

__all__ = ["absence_of", "call_error", "open_error"]

# virErrorNumber
_NO_SUPPORT, _NO_CONNECT, _INVALID_CONN, _INVALID_ARG, _OPERATION_DENIED = 3, 5, 6, 8, 29
_NO_DOMAIN, _AUTH_FAILED, _OPERATION_INVALID, _CONFIG_UNSUPPORTED = 42, 45, 55, 67
_OPERATION_TIMEOUT, _ARGUMENT_UNSUPPORTED, _AUTH_CANCELLED, _AUTH_UNAVAILABLE = 68, 74, 79, 94
_OPERATION_UNSUPPORTED, _AGENT_UNRESPONSIVE, _RESOURCE_BUSY, _ACCESS_DENIED = 84, 86, 87, 88
_AGENT_UNSYNCED, _DEVICE_MISSING = 97, 99

_UNSUPPORTED = {_NO_SUPPORT, _CONFIG_UNSUPPORTED, _ARGUMENT_UNSUPPORTED, _OPERATION_UNSUPPORTED}
_DENIED = {_OPERATION_DENIED, _AUTH_FAILED, _AUTH_CANCELLED, _AUTH_UNAVAILABLE, _ACCESS_DENIED}
_REASONS = {
    **dict.fromkeys(_UNSUPPORTED, Reason.UNSUPPORTED),
    **dict.fromkeys(_DENIED, Reason.DENIED),
    _NO_DOMAIN: Reason.VANISHED,
    _DEVICE_MISSING: Reason.VANISHED,
    _OPERATION_INVALID: Reason.NOT_RUNNING,
    _OPERATION_TIMEOUT: Reason.BUSY,
    _RESOURCE_BUSY: Reason.BUSY,
    _AGENT_UNRESPONSIVE: Reason.NEEDS_GUEST,
    _AGENT_UNSYNCED: Reason.NEEDS_GUEST,
}


def absence_of(code: int, message: str) -> Absence:
    """Why a value is missing after a call for it failed with *code*."""
    return Absence(_REASONS.get(code, Reason.FAILED), printable(message))


def open_error(code: int, message: str, uri: str) -> Error:
    """What connect() raises after opening *uri* failed with *code*."""
    shown = printable(message)
    if code in _DENIED or "ermission denied" in message:
        return AccessDenied(
            f"libvirt refused {uri}: {shown}. A reader needs no root: it needs leave to open the read-only socket "
            "(polkit action org.libvirt.unix.monitor, or the socket's group)"
        )
    if code in (_INVALID_ARG, _NO_CONNECT) or code in _UNSUPPORTED:
        return InvalidTarget(f"libvirt does not know how to connect to {uri}: {shown}")
    return ConnectFailed(f"libvirt could not connect to {uri}: {shown}. Is its daemon running, and is the URI right?")


def call_error(code: int, message: str, what: str, *, alive: bool) -> Error:
    """What a failed call raises; *alive* tells whether the connection still is."""
    shown = f"{what} failed: {printable(message)}"
    if not alive or code == _INVALID_CONN:
        return ConnectionLost(shown)
    if code in _DENIED:
        return AccessDenied(shown)
    if code in _UNSUPPORTED:
        return NotSupported(shown)
    if code == _NO_DOMAIN:
        return InstanceNotFound(shown)
    if code == _OPERATION_TIMEOUT:
        return DeadlineExceeded(shown)
    return ReplyInvalid(shown)
