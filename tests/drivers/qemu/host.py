"""A host in a folder: what /proc would have of QEMUs, and their monitors."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from hvinspect.driver import QemuProcesses
from hvinspect.drivers._qemu.places import Places
from hvinspect.drivers.qemu import QemuDriver
from tests.drivers.qemu.monitors import Monitor

UUID_OF = "11111111-2222-3333-4444-{:012d}"
COUNTS = ("rx_bytes", "rx_packets", "rx_errors", "rx_drops", "tx_bytes", "tx_packets", "tx_errors", "tx_drops")
_DEV_HEADER = "Inter-|   Receive |  Transmit\n face |bytes packets errs drop fifo frame compressed multicast|bytes\n"
RECORDED = Path(__file__).parent / "recorded"


def uuid_of(pid: int) -> UUID:
    """The uuid of the guest with this process."""
    return UUID(UUID_OF.format(pid))


def recorded(name: str = "qemu-7.2", *, pid: int = 100) -> dict[str, Any]:
    """The answers of a real QEMU by command, with its vCPUs' threads as add() has them for the process *pid*."""
    answers: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())["answers"]
    answers = {key: answer for key, answer in answers.items() if not (isinstance(answer, dict) and "error" in answer)}
    for cpu in answers["query-cpus-fast"]:
        cpu["thread-id"] = pid + 1 + cpu["cpu-index"]
    return answers


@dataclass
class Process:
    """A QEMU as the host has it."""

    pid: int
    state: str = "S"
    comm: str = "qemu-system-x86"
    started: int = 5000
    user_ticks: int = 700
    system_ticks: int = 300
    resident_pages: int = 9000
    clock_ns: int = 10_003_456_789
    #: As a kernel of now has it; None for one that was built without.
    io: str | None = (
        "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 8192\nwrite_bytes: 40960\ncancelled_write_bytes: 4096\n"
    )
    arguments: list[str] = field(default_factory=list)
    #: Thread -> name, ns on a CPU, ns of delay.
    threads: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    #: Descriptor -> tap.
    taps: dict[int, str] = field(default_factory=dict)
    #: What they were opened by.
    tun: str = "/dev/net/tun"
    namespace: str = "net:[1]"
    pid_namespace: str = "pid:[1]"


class Host:
    """Below *root*; ``driver`` reads it."""

    def __init__(self, root: Path) -> None:
        """An empty one."""
        self.root = root
        self.proc, self.sys, self.vms = root / "proc", root / "sys", root / "vms"
        self.processes: dict[int, Process] = {}
        self.monitors: dict[int, Monitor] = {}
        self.devices: dict[str, dict[str, dict[str, int]]] = {"net:[1]": {}}
        for folder in (self.proc / "self/ns", self.proc / "self/net", self.sys / "class/net", self.vms):
            folder.mkdir(parents=True)
        (self.proc / "self/ns/net").symlink_to("net:[1]")
        (self.proc / "self/ns/pid").symlink_to("pid:[1]")
        self.proc.joinpath("stat").write_text("cpu  10 1 5 100 7 1 2 0 0 0\ncpu0 10 1 5 100 7 1 2 0 0 0\nintr 1\n")
        self.proc.joinpath("meminfo").write_text("MemTotal: 1000 kB\nMemFree: 400 kB\nMemAvailable: 600 kB\n")
        self._write_devices()
        host = self

        class OfHost(QemuDriver):
            places: ClassVar[Places] = Places(proc=str(self.proc), sys=str(self.sys))

            @classmethod
            def processes(cls) -> QemuProcesses:
                return QemuProcesses(str(host.proc), clock=host.clock)

        self.driver = OfHost

    @property
    def target(self) -> str:
        """Every monitor."""
        return f"qemu:{self.vms}/*.qmp"

    def clock(self, pid: int) -> int:
        """The CPU time of a process."""
        if pid not in self.processes:
            raise ProcessLookupError(pid)
        return self.processes[pid].clock_ns

    def add(self, pid: int, *more: str, answers: dict[str, Any] | None = None, **given: Any) -> Process:
        """A QEMU, with a monitor if it has *answers*."""
        process = Process(pid=pid, **given)
        process.arguments = ["/usr/bin/qemu-system-x86_64", "-name", f"guest-{pid}", "-uuid", str(uuid_of(pid)), *more]
        process.threads = process.threads or {
            pid: ("qemu-system-x86", 1, 2),
            pid + 1: ("CPU 0/TCG", 5_000_000_000, 40_000_000),
            pid + 2: ("CPU 1/TCG", 2_000_000_000, 10_000_000),
        }
        if answers is not None:
            path = self.vms / f"{pid}.qmp"
            process.arguments += ["-qmp", f"unix:{path},server=on,wait=off"]
            self.monitors[pid] = Monitor(path, answers)
        self.processes[pid] = process
        self.write(process)
        return process

    def add_tap(self, name: str, namespace: str = "net:[1]", **counts: int) -> None:
        """A network device, or what it counts now, from the host's side."""
        self.devices.setdefault(namespace, {})[name] = {**dict.fromkeys(COUNTS, 0), **counts}
        self._write_devices()

    def remove(self, pid: int) -> None:
        """Its end."""
        del self.processes[pid]
        folder = self.proc / str(pid)
        folder.rename(self.root / f"gone-{len(list(self.root.iterdir()))}")
        if pid in self.monitors:
            self.monitors.pop(pid).close()

    def close(self) -> None:
        """No monitor answers any more."""
        for monitor in self.monitors.values():
            monitor.close()

    def write(self, process: Process) -> None:
        """Show *process* as it is now."""
        folder = self.proc / str(process.pid)
        for name in ("task", "fd", "fdinfo", "ns", "net"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        rest = [process.state, "1", *["0"] * 9, process.user_ticks, process.system_ticks, *["0"] * 6]
        rest += [process.started, 0, process.resident_pages, *["0"] * 20]
        (folder / "stat").write_text(f"{process.pid} ({process.comm}) {' '.join(map(str, rest))}\n")
        (folder / "cmdline").write_bytes(b"".join(os.fsencode(word) + b"\0" for word in process.arguments))
        (folder / "io").unlink(missing_ok=True)
        if process.io is not None:
            (folder / "io").write_text(process.io)
        for thread, (name, time_ns, delay_ns) in process.threads.items():
            task = folder / f"task/{thread}"
            task.mkdir(exist_ok=True)
            (task / "comm").write_text(f"{name}\n")
            (task / "schedstat").write_text(f"{time_ns} {delay_ns} 7\n")
            (task / "status").write_text(f"Name:\t{name}\nNSpid:\t{thread}\t{thread - process.pid + 1}\n")
        for number, tap in process.taps.items():
            _link(folder / f"fd/{number}", process.tun)
            (folder / f"fdinfo/{number}").write_text(f"pos:\t0\nflags:\t02\niff:\t{tap}\n")
        _link(folder / "ns/net", process.namespace)
        _link(folder / "ns/pid", process.pid_namespace)
        self._write_devices()

    def _write_devices(self) -> None:
        (self.proc / "self/net/dev").write_text(_table(self.devices["net:[1]"]))
        for process in self.processes.values():
            table = self.devices.get(process.namespace, {})
            (self.proc / str(process.pid) / "net/dev").write_text(_table(table))


def _link(path: Path, to: str) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(to)


def _table(devices: dict[str, dict[str, int]]) -> str:
    lines = [_DEV_HEADER]
    for name, counts in devices.items():
        numbers = [counts[count] for count in COUNTS]
        lines.append(
            f"{name:>6}: {' '.join(map(str, numbers[:4]))} 0 0 0 0 {' '.join(map(str, numbers[4:]))} 0 0 0 0\n"
        )
    return "".join(lines)
