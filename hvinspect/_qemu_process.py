"""What a Linux host knows of a QEMU process without asking it: reads /proc, where nothing waits for the process itself.

Every reading is of one process by its id. One that is gone raises ProcessLookupError; what the kernel keeps from this
user raises PermissionError. An id may be another process's by now: compare what ``look()`` says of its start.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection
from typing import NamedTuple, NoReturn, final

__all__ = ["NicCounters", "ProcessLook", "QemuProcesses", "StorageCounters", "ThreadTimes", "cpu_clock"]

#: The first 15 bytes of the program's name, as the kernel keeps them. "kvm" is Proxmox's, and was Debian's.
_NAME = re.compile(r"qemu-system-.*|qemu-kvm|kvm")
#: A process may become a QEMU by exec(): so long each is looked at every time, and then again after so long.
_YOUNG_NS, _AGAIN_NS = 5_000_000_000, 30_000_000_000
#: The end of its path: before that may be the root folder of a container or, seen from another, of this process.
_TUN = "/net/tun"
_MOST_BYTES = 1 << 20
_MS = 1_000_000


class ProcessLook(NamedTuple):
    """One look at a process."""

    #: The kernel's name of it, 15 bytes at most.
    name: str
    #: One letter: R, S, D, T (stopped), t (traced), Z (dead and not waited for), ...
    state: str
    #: The start, in ticks since boot: with the boot and the id it names one process for ever.
    started: int
    #: CPU time of all its threads, those that have ended too.
    time_ns: int
    #: The same, as its parts: in whole ticks of the kernel (10 ms).
    user_ns: int
    system_ns: int
    resident_bytes: int


class ThreadTimes(NamedTuple):
    """What the scheduler says of one thread."""

    #: Time on a CPU.
    time_ns: int
    #: Time ready, without a CPU.
    delay_ns: int


class NicCounters(NamedTuple):
    """What a network namespace counts of one device, from the host's side."""

    rx_bytes: int
    rx_packets: int
    rx_errors: int
    rx_drops: int
    tx_bytes: int
    tx_packets: int
    tx_errors: int
    tx_drops: int


class StorageCounters(NamedTuple):
    """What the kernel charges to a process, all threads and those that have ended, of the host's storage."""

    #: Fetched from storage: what the page cache had is not in it.
    read_bytes: int
    #: Sent to storage; what goes through the page cache is charged when a page is made dirty.
    write_bytes: int
    #: Dirty pages, its own or another's, that it threw away before they were written, as by truncating a file.
    cancelled_write_bytes: int


def cpu_clock(pid: int) -> int:
    """CPU time of the process *pid*, all threads and those that have ended, in nanoseconds."""
    return time.clock_gettime_ns((~pid << 3) | 2)  # clock_getcpuclockid(3), which Python has for threads alone


@final
class QemuProcesses:
    """The QEMU processes of this pid namespace. Thread-safe: what it remembers are hints."""

    def __init__(self, root: str = "/proc", *, clock: Callable[[int], int] = cpu_clock) -> None:
        """*root* is where /proc is mounted, *clock* gives the CPU time of a process."""
        self._root = root
        self._clock = clock
        self._tick_ns = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")
        #: Processes that are none -> when each was first seen, and last looked at.
        self._others: dict[int, tuple[int, int]] = {}

    def find(self) -> dict[int, int]:
        """The id of each QEMU and its start, lowest id first. A program that turns into one late is found in 30 s."""
        now = time.monotonic_ns()
        found: dict[int, int] = {}
        others: dict[int, tuple[int, int]] = {}
        for pid in sorted(int(name) for name in os.listdir(self._root) if name.isdecimal()):  # noqa: PTH208
            first, last = self._others.get(pid, (now, 0))
            if last and now - last < _AGAIN_NS and now - first > _YOUNG_NS:
                others[pid] = first, last
                continue
            try:
                look = self._look(pid)
            except (ProcessLookupError, PermissionError):
                continue
            if self.is_qemu(look):
                found[pid] = look.started
            else:
                others[pid] = first, now
        self._others = others
        return found

    def is_qemu(self, look: ProcessLook) -> bool:
        """Is that the look of a QEMU? One that was told to call itself otherwise is not known by it."""
        return _NAME.fullmatch(look.name) is not None and look.state not in "ZXx"

    def look(self, pid: int) -> ProcessLook:
        """State, CPU time and memory. Everybody may."""
        try:
            time_ns = self._clock(pid)
        except OSError:
            _gone(pid)
        return self._look(pid, time_ns)

    def _look(self, pid: int, time_ns: int | None = None) -> ProcessLook:
        text = self._read(pid, "stat")
        # The name may have anything in it, ")" too.
        name, _, rest = text.partition("(")[2].rpartition(") ")
        fields = rest.split()
        if len(fields) < 22:
            _gone(pid)
        user_ns, system_ns = int(fields[11]) * self._tick_ns, int(fields[12]) * self._tick_ns
        if time_ns is None:
            time_ns = user_ns + system_ns
        resident_bytes = int(fields[21]) * self._page
        return ProcessLook(name, fields[0], int(fields[19]), time_ns, user_ns, system_ns, resident_bytes)

    def command_line(self, pid: int) -> tuple[str, ...]:
        """The arguments that it was started with, its own name the first.

        This one waits as long as the process is held in a page fault: ask on a thread that may be left behind.
        """
        return tuple(self._read(pid, "cmdline").split("\0")[:-1])

    def folder(self, pid: int) -> str:
        """Its working folder. For root and its own user."""
        return self._link(pid, "cwd")

    def threads(self, pid: int) -> dict[int, str]:
        """The name of each of its threads."""
        names: dict[int, str] = {}
        for thread in self._list(pid, "task"):
            try:
                names[int(thread)] = self._read(pid, f"task/{thread}/comm").rstrip("\n")
            except ProcessLookupError:  # it has ended since
                continue
        return names

    def inner_threads(self, pid: int) -> dict[int, int]:
        """Each of its threads by the id that it has in the process's own pid namespace, which may be another."""
        inner: dict[int, int] = {}
        for thread in self._list(pid, "task"):
            try:
                status = self._read(pid, f"task/{thread}/status")
            except ProcessLookupError:
                continue
            ids = next((line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")), [])
            inner[int(ids[-1]) if ids else int(thread)] = int(thread)
        return inner

    def thread(self, pid: int, thread: int) -> ThreadTimes:
        """The times of one of its threads."""
        numbers = self._read(pid, f"task/{thread}/schedstat").split()
        if len(numbers) < 2:
            _gone(pid)
        return ThreadTimes(int(numbers[0]), int(numbers[1]))

    def waited_ns(self, pid: int, thread: int) -> int | None:
        """The sum of its waits as the scheduler's statistics have it; None while the kernel keeps none."""
        for line in self._read(pid, f"task/{thread}/sched").splitlines():
            name, _, value = line.partition(":")
            if name.rstrip() in ("se.statistics.wait_sum", "wait_sum"):
                whole, _, part = value.strip().partition(".")
                return int(whole) * _MS + int(part.ljust(6, "0")[:6] or 0)
        return None

    def storage(self, pid: int) -> StorageCounters | None:
        """What it moved to and from storage; None if the kernel was built without that. For root and its own user."""
        try:
            text = self._read(pid, "io")
        except ProcessLookupError:
            if os.path.isdir(f"{self._root}/{pid}"):  # noqa: PTH112  # as below, without a Path
                return None  # CONFIG_TASK_IO_ACCOUNTING
            raise
        numbers = {name: int(value) for name, _, value in (line.partition(": ") for line in text.splitlines())}
        if not numbers.keys() >= set(StorageCounters._fields):
            return None
        return StorageCounters(*(numbers[name] for name in StorageCounters._fields))

    def keeps_statistics(self) -> bool:
        """Does the kernel keep the scheduler's statistics (sysctl kernel.sched_schedstats)?"""
        try:
            return _read(f"{self._root}/sys/kernel/sched_schedstats").strip() == "1"
        except OSError:
            return False

    def descriptors(self, pid: int) -> frozenset[str]:
        """The numbers of its open files: when they change, what it has open has changed. For root and its own user."""
        return frozenset(self._list(pid, "fd"))

    def open_files(self, pid: int) -> int:
        """How many files it has open, at a tenth of the cost of their numbers; 0 if this kernel does not tell (6.2).

        For root and its own user.
        """
        try:
            return os.stat(f"{self._root}/{pid}/fd").st_size  # noqa: PTH116  # a Path takes several times as long
        except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
            _gone(pid)

    def taps(self, pid: int, descriptors: Collection[str]) -> dict[int, str]:
        """Those of its *descriptors* that are taps, and the network device of each. For root and its own user."""
        taps: dict[int, str] = {}
        for number in descriptors:
            try:
                if not self._link(pid, f"fd/{number}").endswith(_TUN):
                    continue
                text = self._read(pid, f"fdinfo/{number}")
            except ProcessLookupError:  # closed since
                continue
            name = next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("iff:")), "")
            if name:
                taps[int(number)] = name
        return taps

    def namespace(self, pid: int | str, kind: str) -> str:
        """Which namespace of a *kind* (net, pid, ...) it is in; "self" is this process. For root and its own user."""
        return self._link(pid, f"ns/{kind}")

    def nics(self, pid: int | str) -> dict[str, NicCounters]:
        """Every network device of the namespace that it is in, which counts as the host sees it: a tap's rx is sent."""
        devices: dict[str, NicCounters] = {}
        for line in self._read(pid, "net/dev").splitlines()[2:]:
            name, _, rest = line.rpartition(":")
            numbers = rest.split()
            if len(numbers) >= 16:
                counted = (*numbers[:4], *numbers[8:12])
                devices[name.strip()] = NicCounters(*map(int, counted))
        return devices

    def _read(self, pid: int | str, name: str) -> str:
        try:
            return _read(f"{self._root}/{pid}/{name}")
        except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
            _gone(pid)

    def _list(self, pid: int, name: str) -> list[str]:
        try:
            return [one for one in os.listdir(f"{self._root}/{pid}/{name}") if one.isdecimal()]  # noqa: PTH208
        except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
            _gone(pid)

    def _link(self, pid: int | str, name: str) -> str:
        try:
            return os.readlink(f"{self._root}/{pid}/{name}")  # noqa: PTH115
        except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
            _gone(pid)


def _gone(pid: int | str) -> NoReturn:
    raise ProcessLookupError(f"there is no process {pid} any more")


def _read(path: str) -> str:
    # Without a file object, which asks the kernel three things more of each file.
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        text = part = os.read(file, 65536)
        while part and len(text) < _MOST_BYTES:
            part = os.read(file, 65536)
            text += part
    finally:
        os.close(file)
    return text.decode("utf-8", "replace")
