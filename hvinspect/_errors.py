"""The error tree, split by what the caller does next."""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "AccessDenied",
    "ConnectFailed",
    "ConnectionLost",
    "DeadlineExceeded",
    "DriverNotFound",
    "DriverUnavailable",
    "Error",
    "InstanceNotFound",
    "InvalidTarget",
    "NotSupported",
    "ReplyInvalid",
]


class Error(Exception):
    """Whatever hvinspect raises on its own account.

    ``code`` is stable and meant for programs; the message is for people and may change. The hypervisor's own
    error, if there was one, is ``__cause__``.
    """

    code: ClassVar[str] = "error"
    #: Is the same call worth trying again later?
    retryable: bool = False

    #: Name of the driver that was at work, if one was.
    driver: str | None
    #: The target as it may be shown: without secrets.
    target: str | None

    def __init__(self, message: str = "", *, driver: str | None = None, target: str | None = None) -> None:
        super().__init__(message)
        self.driver = driver
        self.target = target

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), str(self), self.driver, self.target)


def _rebuild(kind: type[Error], message: str, driver: str | None, target: str | None) -> Error:
    return kind(message, driver=driver, target=target)


class DriverNotFound(Error, LookupError):
    """No driver of that name is installed, or two distributions claim the name."""

    code = "driver_not_found"


class DriverUnavailable(Error, ImportError):
    """The driver is there, but something that it needs is not; the message says what to install."""

    code = "driver_unavailable"


class InvalidTarget(Error, ValueError):
    """The target or one of its options is malformed."""

    code = "invalid_target"


class ConnectFailed(Error, ConnectionError):
    """The hypervisor could not be reached."""

    code = "connect_failed"
    retryable = True


class AccessDenied(Error, PermissionError):
    """The hypervisor was reached and refused."""

    code = "access_denied"


class ConnectionLost(Error, ConnectionError):
    """The connection broke; the next call opens a new one."""

    code = "connection_lost"
    retryable = True


class DeadlineExceeded(Error, TimeoutError):
    """The call's time was over before its answer was known."""

    code = "deadline_exceeded"
    retryable = True


class InstanceNotFound(Error, LookupError):
    """No instance has that key or uuid, or more than one has it."""

    code = "instance_not_found"


class NotSupported(Error):
    """The hypervisor, the driver or this version of hvinspect has no such thing."""

    code = "not_supported"


class ReplyInvalid(Error):
    """The hypervisor, or the driver in its place, answered what cannot be understood."""

    code = "reply_invalid"


# Tracebacks name the place that a caller imports from.
for _name in __all__:
    globals()[_name].__module__ = "hvinspect"
