"""The native connection: where libvirt is imported, called, and its errors end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar, final

from hvinspect.driver import Absence, Group, Reason, printable

from ._libvirt_errors import absence_of, call_error, open_error
from ._libvirt_quiet import quiet
from ._libvirt_uri import LibvirtUri

_IMPORTED_BEFORE = "libvirt" in sys.modules
import libvirt  # noqa: E402  # whether the host program had it before us decides who owns its error handler

quiet(libvirt, imported_before=_IMPORTED_BEFORE)

__all__ = ["Native", "binding_version", "statistics_flags"]

T = TypeVar("T")

_GROUP_FLAGS = {
    Group.CPU: libvirt.VIR_DOMAIN_STATS_CPU_TOTAL | libvirt.VIR_DOMAIN_STATS_VCPU,
    Group.MEMORY: libvirt.VIR_DOMAIN_STATS_BALLOON,
    Group.NIC: libvirt.VIR_DOMAIN_STATS_INTERFACE,
    Group.DISK: libvirt.VIR_DOMAIN_STATS_BLOCK,
    Group.PERF: libvirt.VIR_DOMAIN_STATS_PERF,
    Group.IOTHREAD: libvirt.VIR_DOMAIN_STATS_IOTHREAD,
    Group.DIRTY_RATE: libvirt.VIR_DOMAIN_STATS_DIRTYRATE,
}


def statistics_flags(groups: frozenset[Group]) -> int:
    """The flags of the bulk call for *groups*. The state is always asked for: it says what else can be there."""
    flags: int = libvirt.VIR_DOMAIN_STATS_STATE
    for group in groups:
        flags |= _GROUP_FLAGS.get(group, 0)
    return flags


def binding_version() -> str:
    """The name and version of the binding that is loaded."""
    return f"libvirt-python {getattr(libvirt, '__version__', '') or _packaged_version()}"


def _packaged_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("libvirt-python")
    except PackageNotFoundError:
        return "of the system"


@final
class Native:
    """One virConnect; its methods raise hvinspect's errors and nothing of libvirt's."""

    def __init__(self, handle: Any) -> None:
        self.handle = handle

    @classmethod
    def open(cls, uri: LibvirtUri, *, writable: bool = False) -> Native:
        """Connect, read-only unless *writable*.

        Raises:
            InvalidTarget, ConnectFailed, AccessDenied
        """
        opener = libvirt.open if writable else libvirt.openReadOnly
        try:
            return cls(opener(uri.text))
        except libvirt.libvirtError as exc:
            raise open_error(*_said(exc), printable(uri.text)) from exc

    def call(self, what: str, function: Callable[[], T]) -> T:
        """Make one native call, named *what* in errors."""
        try:
            return function()
        except libvirt.libvirtError as exc:
            raise call_error(*_said(exc), what, alive=self.alive) from exc

    def ask(self, what: str, function: Callable[[], T]) -> T | Absence:
        """Make one native call that may fail by itself; only a lost domain or connection is raised."""
        try:
            return function()
        except libvirt.libvirtError as exc:
            absence = absence_of(*_said(exc))
            if absence.reason is Reason.VANISHED or not self.alive:
                raise call_error(*_said(exc), what, alive=self.alive) from exc
            return absence

    @property
    def alive(self) -> bool:
        """Does the connection still stand, as far as the client's library knows?"""
        try:
            return bool(self.handle.isAlive())
        except libvirt.libvirtError:
            return False

    def close(self) -> None:
        """Let go of it."""
        self.handle.close()


def _said(exc: Any) -> tuple[int, str]:
    return exc.get_error_code() or 0, exc.get_error_message() or str(exc)
