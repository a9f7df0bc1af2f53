"""libxenstat by ctypes: where the vendor's library is found, bound, called, and its errors end.

Rules, read in its sources (4.11 to 4.20) and headers:

* Handles are opaque and getters give scalars, so one table of functions fits every release; what differs are
  functions that came or went, and none of those is bound here.
* It is asked for domains and vCPUs alone. Its collectors of NICs and disks print to stderr when a guest goes away
  under them, miss NICs when dom0 has no Linux bridge (xcp-ng/xcp #379), give numbers of disks that were never set,
  and stop at the first /proc/net/dev that looks unfamiliar. dom0's kernel is asked instead.
* A vCPU's getter without XENSTAT_VCPU reads from a null pointer: it is only called on a node that was asked for vCPUs.
* More than 256 domains come in pages, and a page begins with the domain whose *id* is the *number* of those had so far.
  Ids being higher than that, pages overlap: domains come twice and more, none is left out. Of each id the first is
  taken. Each copy costs the library the hypercalls of its vCPUs again; there is no way to ask for less.
* A domain that has no name in xenstore is left out (it is being built or destroyed). A connection to xenstore that is
  lost makes all of them so, dom0 too: a node without dom0 is a lost connection. (With 256 domains and more the library
  then asks for the first page for ever, and the call counts as stuck.)
* xenstat_init() prints to stderr when it fails, so it is called only where both things that it opens have just been
  opened; should it fail all the same, C's stream is another one meanwhile, and the process's stderr the same.
* A handle is one thread's at a time: the driver has ``concurrency = 1``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, final

from hvinspect.driver import AccessDenied, ConnectFailed, ConnectionLost, DriverUnavailable, Error, printable

from .found import Domain, Node, Vcpu
from .places import Places
from .silence import silenced

__all__ = ["FUNCTIONS", "Native", "candidates"]

_VCPU = 0x1
_XEN_VERSION = 0x4
#: More are not believed, and not asked for one by one.
_MOST_VCPUS = 4096
_POINTER, _UINT, _U64 = ctypes.c_void_p, ctypes.c_uint, ctypes.c_ulonglong

#: Everything that is called, with what it gives and takes.
FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "xenstat_init": (_POINTER, ()),
    "xenstat_uninit": (None, (_POINTER,)),
    "xenstat_get_node": (_POINTER, (_POINTER, _UINT)),
    "xenstat_free_node": (None, (_POINTER,)),
    "xenstat_node_xen_version": (ctypes.c_char_p, (_POINTER,)),
    "xenstat_node_tot_mem": (_U64, (_POINTER,)),
    "xenstat_node_free_mem": (_U64, (_POINTER,)),
    "xenstat_node_num_cpus": (_UINT, (_POINTER,)),
    "xenstat_node_num_domains": (_UINT, (_POINTER,)),
    "xenstat_node_domain_by_index": (_POINTER, (_POINTER, _UINT)),
    "xenstat_domain_id": (_UINT, (_POINTER,)),
    "xenstat_domain_cpu_ns": (_U64, (_POINTER,)),
    "xenstat_domain_num_vcpus": (_UINT, (_POINTER,)),
    "xenstat_domain_vcpu": (_POINTER, (_POINTER, _UINT)),
    "xenstat_domain_cur_mem": (_U64, (_POINTER,)),
    "xenstat_domain_dying": (_UINT, (_POINTER,)),
    "xenstat_domain_crashed": (_UINT, (_POINTER,)),
    "xenstat_domain_shutdown": (_UINT, (_POINTER,)),
    "xenstat_domain_paused": (_UINT, (_POINTER,)),
    "xenstat_domain_blocked": (_UINT, (_POINTER,)),
    "xenstat_domain_running": (_UINT, (_POINTER,)),
    "xenstat_vcpu_online": (_UINT, (_POINTER,)),
    "xenstat_vcpu_ns": (_U64, (_POINTER,)),
}
#: In the order in which they decide.
_FLAGS = ("dying", "crashed", "shutdown", "paused", "running", "blocked")
_SONAME = re.compile(r"libxenstat\.so\.(\d+)(?:\.(\d+))?(?:\.\d+)*")


def candidates(places: Places) -> list[str]:
    """Every libxenstat here, the one of the hypervisor that runs first, then the newest.

    Several may be installed, and a library speaks to the hypervisor of its own release alone. That one is left to the
    dynamic linker to find, by its name alone, if it is in no folder that is known here.
    """
    found: dict[str, str] = {}
    for folder in places.libraries:
        for path in Path("/").glob(f"{folder.lstrip('/')}/libxenstat.so.*"):
            found.setdefault(str(path.resolve()), str(path))  # one file has several names
    running = _running(places)
    ordered = sorted(found.values(), key=lambda path: (_release(path) == running, _release(path), path), reverse=True)
    if running is not None and not any(_release(path) == running for path in ordered):
        ordered.insert(0, f"libxenstat.so.{running[0]}.{running[1]}")
    return ordered


def _release(path: str) -> tuple[int, int]:
    match = _SONAME.search(path)
    return (int(match[1]), int(match[2] or 0)) if match else (0, 0)


def _running(places: Places) -> tuple[int, int] | None:
    """The release of the hypervisor, if the kernel tells."""
    numbers: list[int] = []
    for part in ("major", "minor"):
        try:
            with open(f"{places.sysfs}/hypervisor/version/{part}", encoding="ascii") as file:
                numbers.append(int(file.read(16)))
        except (OSError, ValueError):
            return None
    return numbers[0], numbers[1]


@final
class Native:
    """One handle of libxenstat. Its methods raise hvinspect's errors and nothing else."""

    def __init__(self, library: Any, handle: int, name: str, version: str) -> None:
        self._library = library
        self._handle: int | None = handle
        #: The library's file name without its folder.
        self.name = name
        #: The hypervisor's version as it writes it, e.g. 4.17.5.
        self.version = version

    @classmethod
    def open(cls, places: Places) -> Native:
        """A handle of the first library that the hypervisor talks to.

        Raises:
            DriverUnavailable: there is no library, or none that has what it needs.
            ConnectFailed, AccessDenied: the hypervisor does not talk to any of them.
        """
        refusals: list[Error] = []
        for path in candidates(places):
            try:
                return cls._open(path)
            except Error as exc:
                refusals.append(exc)
        # What the hypervisor said tells more than that another library is not here.
        refusals.sort(key=lambda exc: isinstance(exc, DriverUnavailable))
        said = "".join(f"{exc}. " for exc in refusals)
        if refusals and not isinstance(refusals[0], DriverUnavailable):
            raise type(refusals[0])(said.rstrip(". ")) from refusals[0]
        release = ".".join(map(str, _running(places) or (4, 17)))
        raise DriverUnavailable(
            f"{said}Xen's library of statistics was looked for as libxenstat.so.* in {', '.join(places.libraries)}. "
            f"Install it: on Debian and Ubuntu it is in libxenmisc{release} (for Xen {release}), "
            "elsewhere among Xen's own tools"
        )

    @classmethod
    def _open(cls, path: str) -> Native:
        library = _bound(path)
        name = Path(path).name
        ctypes.set_errno(0)
        with silenced():
            handle = library.xenstat_init()
        if not handle:
            raise _refused(f"{name} could not connect to the hypervisor and to xenstore", ctypes.get_errno())
        native = cls(library, handle, name, "")
        try:
            with_version = native._get_node(_XEN_VERSION)
            try:
                native.version = (library.xenstat_node_xen_version(with_version) or b"").decode("ascii", "replace")
            finally:
                library.xenstat_free_node(with_version)
        except ConnectionLost as exc:
            native.close()
            # A domctl or sysctl of another release's interface is refused with EACCES.
            raise _refused(f"the hypervisor gives {name} no answer", ctypes.get_errno()) from exc
        return native

    def node(self, *, vcpus: bool) -> Node:
        """The host and every domain; the vCPUs cost one hypercall each.

        Raises:
            ConnectionLost: the library gave nothing, or nothing that can be.
        """
        library, node = self._library, self._get_node(_VCPU if vcpus else 0)
        try:
            domains: dict[int, Domain] = {}
            for pointer in self._each(node):
                domid: int = library.xenstat_domain_id(pointer)
                if domid not in domains:
                    domains[domid] = self._domain(domid, pointer, vcpus=vcpus)
            if 0 not in domains:
                raise ConnectionLost(f"{self.name} shows no dom0: it has lost its connection to xenstore")
            return Node(
                cpus=library.xenstat_node_num_cpus(node),
                memory_total_bytes=library.xenstat_node_tot_mem(node),
                memory_free_bytes=library.xenstat_node_free_mem(node),
                domains=domains,
            )
        finally:
            library.xenstat_free_node(node)

    def close(self) -> None:
        """Let go of the handle."""
        handle, self._handle = self._handle, None
        if handle:
            self._library.xenstat_uninit(handle)

    def _get_node(self, flags: int) -> int:
        ctypes.set_errno(0)
        node: int | None = self._library.xenstat_get_node(self._handle, flags)
        if not node:
            said = os.strerror(ctypes.get_errno()) if ctypes.get_errno() else "no reason"
            raise ConnectionLost(f"{self.name} has no statistics of this host: {said}")
        return node

    def _each(self, node: int) -> Iterator[int]:
        library = self._library
        for index in range(library.xenstat_node_num_domains(node)):
            pointer = library.xenstat_node_domain_by_index(node, index)
            if pointer:
                yield pointer

    def _domain(self, domid: int, pointer: int, *, vcpus: bool) -> Domain:
        library = self._library
        maximum: int = library.xenstat_domain_num_vcpus(pointer)
        return Domain(
            domid=domid,
            cpu_ns=library.xenstat_domain_cpu_ns(pointer),
            memory_bytes=library.xenstat_domain_cur_mem(pointer),
            flags=tuple(flag for flag in _FLAGS if getattr(library, f"xenstat_domain_{flag}")(pointer)),
            vcpus_maximum=maximum,
            vcpus=tuple(self._vcpus(pointer, min(maximum, _MOST_VCPUS))) if vcpus else None,
        )

    def _vcpus(self, domain: int, count: int) -> Iterator[Vcpu]:
        library = self._library
        for index in range(count):
            vcpu = library.xenstat_domain_vcpu(domain, index)
            if vcpu:
                yield Vcpu(bool(library.xenstat_vcpu_online(vcpu)), library.xenstat_vcpu_ns(vcpu))


def _bound(path: str) -> Any:
    try:
        library = ctypes.CDLL(path, use_errno=True)
    except OSError as exc:
        raise DriverUnavailable(f"{path} cannot be loaded: {printable(exc)}") from exc
    missing: list[str] = []
    for name, (result, arguments) in FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            missing.append(name)
            continue
        function.restype, function.argtypes = result, list(arguments)
    if missing:
        raise DriverUnavailable(f"{path} does not have {', '.join(missing)}: Xen 4.11 or newer is needed")
    return library


def _refused(what: str, number: int) -> Error:
    said = os.strerror(number) if number else "it gave no reason"
    if number in (errno.EACCES, errno.EPERM):
        return AccessDenied(
            f"{what}: {said}. Either this process may not make hypercalls, or the library is of another release than "
            "the hypervisor that runs: install that release's, or boot the hypervisor that is installed"
        )
    return ConnectFailed(f"{what}: {said}")
