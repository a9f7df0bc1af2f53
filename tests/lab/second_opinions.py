"""What can be read of a guest without libvirt: /proc, /sys, qemu-img and a QMP monitor of the lab's own."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

from tests.lab import requirements

_VCPU_THREAD = re.compile(r"CPU (\d+)/\w+")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadTime:
    """A thread's schedstat: time on a CPU and time waiting for one."""

    run_ns: int
    delay_ns: int


def tap_statistics(tap: str) -> dict[str, int]:
    """Every counter of a network link, by name, **as the host sees it**: its rx is what the guest sent."""
    folder = Path("/sys/class/net") / tap / "statistics"
    return {path.name: int(path.read_text()) for path in folder.iterdir()}


def vcpu_times(pid: int) -> dict[int, ThreadTime]:
    """The schedstat of each vCPU's thread, by the vCPU's number."""
    times: dict[int, ThreadTime] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        match = _VCPU_THREAD.fullmatch((task / "comm").read_text().strip())
        if match:
            run, delay, _ = (task / "schedstat").read_text().split()
            times[int(match[1])] = ThreadTime(run_ns=int(run), delay_ns=int(delay))
    return times


def process_cpu_ns(pid: int) -> int:
    """User and system time of the whole process, in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * (10**9 // os.sysconf("SC_CLK_TCK"))


def cgroup_cpu_ns(pid: int) -> int:
    """CPU time of the process's machine cgroup, which is where libvirt's cpu.time comes from."""
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        # QEMU sits in a child ("emulator"), its vCPUs in others; the machine is their parent.
        machine = re.match(r"(.*/[^/]*\.libvirt-(?:qemu|lxc))", path)
        if machine is None:
            continue
        below = machine[1].lstrip("/")
        if "cpuacct" in controllers.split(","):
            return int((Path("/sys/fs/cgroup/cpuacct") / below / "cpuacct.usage").read_text())
        if not controllers:
            text = (Path("/sys/fs/cgroup") / below / "cpu.stat").read_text()
            return int(re.search(r"^usage_usec (\d+)", text, flags=re.MULTILINE)[1]) * 1000  # type: ignore[index]
    raise LookupError(f"process {pid} is in no machine's cgroup")


def resident_kib(pid: int) -> int:
    """The memory the process has in RAM."""
    text = Path(f"/proc/{pid}/status").read_text()
    match = re.search(r"^VmRSS:\s+(\d+) kB", text, flags=re.MULTILINE)
    if match is None:
        raise LookupError(f"process {pid} has no VmRSS")
    return int(match[1])


def image_info(path: Path) -> dict[str, Any]:
    """What qemu-img says about an image, without asking for its lock."""
    found = subprocess.run(
        [requirements.program("qemu-img"), "info", "--output=json", "-U", str(path)],
        capture_output=True,
        check=True,
    )
    info: dict[str, Any] = json.loads(found.stdout)
    return info


@final
class Monitor:
    """A client of the QMP monitor a guest has when its specification says ``own_monitor``."""

    def __init__(self, path: Path, *, timeout: float = 10.0) -> None:
        """Connect to the monitor at *path*."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")
        self._lines.readline()
        self.execute("qmp_capabilities")

    def __enter__(self) -> Self:
        """Return the monitor itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

    def execute(self, command: str, **arguments: object) -> Any:
        """Run one QMP command and return what it returns."""
        request = {"execute": command, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            answer = json.loads(self._lines.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")

    def block_statistics(self) -> dict[str, dict[str, Any]]:
        """QEMU's counters of each disk, by the name libvirt gave the device (such as "virtio-disk0")."""
        return {_device(entry): entry["stats"] for entry in self.execute("query-blockstats")}


def _device(entry: dict[str, Any]) -> str:
    # Such as /machine/peripheral/virtio-disk0/virtio-backend.
    parts = str(entry.get("qdev", "")).split("/")
    return parts[3] if len(parts) > 3 else parts[0]
