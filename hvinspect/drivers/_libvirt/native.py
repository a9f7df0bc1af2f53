"""The native connection: where libvirt is imported, called, and its errors end."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from sys import intern
from typing import Any, TypeVar, final
from uuid import UUID

from hvinspect.driver import Absence, AccessDenied, ConnectFailed, Group, Instance, Reason, printable

from .errors import absence_of, call_error, open_error
from .quiet import Quiet, loading
from .uri import LibvirtUri

_IMPORTED_BEFORE = "libvirt" in sys.modules  # whether the host program had it before us decides about its handler
with loading():
    import libvirt

_quiet = Quiet(libvirt, imported_before=_IMPORTED_BEFORE)
# Descriptions are read with it. Missed here it is a driver that is not available; later, a reply that cannot be read.
import_module("lxml.etree")

__all__ = [
    "MARKED",
    "Native",
    "answer_of",
    "binding_version",
    "by_uuid",
    "instance_of",
    "key_of",
    "statistics_flags",
    "waiting_flags",
]

T = TypeVar("T")

#: A path in a message of libvirt's, in whatever language.
_QUOTED = re.compile("'(/[^']+)'")
#: What opening one takes, and some more: others in this process open files at the same time.
_DESCRIPTORS = 12

_GROUP_FLAGS = {
    Group.CPU: libvirt.VIR_DOMAIN_STATS_CPU_TOTAL | libvirt.VIR_DOMAIN_STATS_VCPU,
    Group.MEMORY: libvirt.VIR_DOMAIN_STATS_BALLOON,
    Group.NIC: libvirt.VIR_DOMAIN_STATS_INTERFACE,
    Group.DISK: libvirt.VIR_DOMAIN_STATS_BLOCK,
    Group.PERF: libvirt.VIR_DOMAIN_STATS_PERF,
    Group.IOTHREAD: libvirt.VIR_DOMAIN_STATS_IOTHREAD,
    Group.DIRTY_RATE: libvirt.VIR_DOMAIN_STATS_DIRTYRATE,
}


#: Groups of which a reply may have nothing though the monitor was asked, or whose own calls would wait for it.
#: With the balloon's the reply shows whether it was asked.
MARKED = frozenset({Group.MEMORY, Group.IOTHREAD, Group.DIRTY_RATE, Group.BLOCK_DETAIL, Group.JOB})


def statistics_flags(groups: frozenset[Group]) -> int:
    """The flags of the bulk call for *groups*. The state is always asked for: it says what else can be there."""
    flags: int = libvirt.VIR_DOMAIN_STATS_STATE
    for group in groups:
        flags |= _GROUP_FLAGS.get(group, 0)
    if groups & MARKED:
        flags |= libvirt.VIR_DOMAIN_STATS_BALLOON
    return flags


#: The version of libvirt since which the bulk call can be told not to wait for a guest that another request is at.
_NOWAIT_SINCE = 4_005_000


def waiting_flags(daemon_version: int) -> int:
    """The flags of the bulk call so that no guest's other request is waited for."""
    return libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT if daemon_version >= _NOWAIT_SINCE else 0


def binding_version() -> str:
    """The name and version of the binding that is loaded."""
    return f"libvirt-python {getattr(libvirt, '__version__', '') or _packaged_version()}"


def _packaged_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("libvirt-python")
    except PackageNotFoundError:
        return "of the system"


def key_of(domain: Any) -> str:
    """The key of the domain: one string, wherever it is kept."""
    key: str = _key(domain.UUID())  # UUIDString() takes far longer
    return key


@lru_cache(maxsize=1024)
def _key(uuid: bytes) -> str:
    digits = uuid.hex()
    return intern(f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}")


def instance_of(domain: Any, key: str, *, before: Instance | None = None) -> Instance:
    """The domain *key* as it is; the same Instance as *before* if it is still that."""
    name, number = domain.name(), domain.ID()
    native_id = str(number) if number >= 0 else None
    if before is not None and before.native_id == native_id and before.name == name:
        return before
    uuid = UUID(key)
    return Instance(key=key, uuid=uuid if uuid.int else None, name=name, native_id=native_id, driver="libvirt")


def answer_of(instance: Instance, answer: Any) -> tuple[Any, dict[str, Any]] | None:
    """The domain and its statistics in *answer*, if that is of *instance*, still running: nobody else has its id."""
    try:
        domain, values = answer
        if instance.native_id is not None and domain.ID() == int(instance.native_id) and isinstance(values, dict):
            return domain, values
    except (TypeError, ValueError, AttributeError):  # it is none
        pass
    return None


def by_uuid(answers: Sequence[Any]) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Each domain as it was in the bulk call, and what that gave; an entry that is none costs its domain alone."""
    found: dict[str, tuple[Any, dict[str, Any]]] = {}
    for one in answers:
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            domain, values = one
            if isinstance(values, dict):
                found[key_of(domain)] = domain, values
    return found


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
        _check_file(uri)
        _check_descriptors(uri)
        opener = libvirt.open if writable else libvirt.openReadOnly
        try:
            with _quiet.opening():
                handle = opener(uri.text)
        except libvirt.libvirtError as exc:
            code, message = _said(exc)
            raise open_error(
                code,
                message,
                uri.shown,
                errno=exc.get_int1() or 0,
                removed=_removed_socket(message) if uri.is_local else None,
                is_local=uri.is_local,
                is_tls=uri.is_tls,
                writable=writable,
            ) from exc
        _quiet.hush(handle)
        return cls(handle)

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


def _check_file(uri: LibvirtUri) -> None:
    """The test driver's file: the library that libvirt reads it with prints to stderr if it is not there."""
    if not uri.has_daemon and uri.path not in ("", "/", "/default"):
        try:
            with open(uri.path, "rb"):
                pass
        except PermissionError as exc:
            raise AccessDenied(f"{uri.shown} names a file that may not be read: {printable(exc.strerror)}") from exc
        except OSError as exc:
            raise ConnectFailed(f"{uri.shown} names a file that cannot be read: {printable(exc.strerror)}") from exc


def _check_descriptors(uri: LibvirtUri) -> None:
    """The library that libvirt uses ends the program if it finds no descriptors for a connection."""
    found: list[int] = []
    try:
        while len(found) < _DESCRIPTORS:
            found.append(os.dup(found[0]) if found else os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as exc:
        raise ConnectFailed(
            f"{uri.shown} is not opened: {printable(exc.strerror)}. Raise the limit of this process (ulimit -n), or "
            "look for what does not close its files"
        ) from exc
    finally:
        for one in found:
            os.close(one)


def _removed_socket(message: str) -> str | None:
    """The socket that *message* names, if no folder has it any more and it is here only because it was mounted here."""
    for path in _QUOTED.findall(message):
        with contextlib.suppress(OSError):
            if Path(path).stat().st_nlink == 0:
                return str(path)
    return None


def _said(exc: Any) -> tuple[int, str]:
    return exc.get_error_code() or 0, exc.get_error_message() or str(exc)
