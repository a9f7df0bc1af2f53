"""Other programs that read all guests of a host, each in its own process and at its best: kept open, asked again."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias, final

from tests.lab import requirements
from tests.lab.daemons import wait_until
from tests.lab.settings import PROJECT_ROOT

from . import obtain
from .subjects import URI, Unavailable

__all__ = ["PEERS", "Ceilometer"]

_PATIENCE = 120.0


class _Process:
    """A program that is started, written to, read from and ended."""

    def __init__(self, *command: str, merge_errors: bool = False) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merge_errors else subprocess.DEVNULL,
        )
        self._unread = b""

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def read_until(self, mark: bytes) -> bytes:
        """All up to *mark*, which is taken as well."""
        assert self._process.stdout is not None
        output = self._process.stdout.fileno()
        while mark not in self._unread:
            ready, _, _ = select.select([output], [], [], _PATIENCE)
            read = os.read(output, 1 << 16) if ready else b""
            if not read:
                raise Unavailable(f"it ended or fell silent; its last words: {self._unread[-200:]!r}")
            self._unread += read
        before, _, self._unread = self._unread.partition(mark)
        return before

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def close(self) -> None:
        self._process.terminate()
        # One that is stopped takes no other signal.
        self._process.send_signal(signal.SIGCONT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@final
class Virsh:
    """``virsh domstats`` of the default groups, in one virsh that stays connected."""

    name = "virsh domstats"
    reads_per_turn = 1
    _GROUPS: Final = "--state --cpu-total --vcpu --balloon --interface --block"

    def __init__(self) -> None:
        program = requirements.program("virsh")
        self.version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
        self._virsh = _Process(program, "-q", "-r", "-c", URI)

    def turn(self) -> float:
        started = time.perf_counter()
        self._virsh.say(f"domstats {self._GROUPS}")
        self._virsh.say("echo that was all")
        self._virsh.read_until(b"that was all\n")
        return time.perf_counter() - started

    def close(self) -> None:
        self._virsh.close()


@final
class Ceilometer:
    """One cycle of ceilometer's pollsters; only the time inside libvirt is counted."""

    name = "ceilometer, in libvirt"
    version = obtain.CEILOMETER_VERSION
    reads_per_turn = 1

    def __init__(self) -> None:
        python = obtain.found(obtain.CEILOMETER) / "bin" / "python"
        self._agent = _Process(str(python), "-m", "benchmarks.ceilometer_cycle", URI)
        self.calls = 0

    def turn(self) -> float:
        self._agent.say("")
        told = json.loads(self._agent.read_until(b"\n"))
        self.calls = told["calls"]
        return float(told["in_libvirt"])

    def close(self) -> None:
        self._agent.close()


@final
class Exporter:
    """One scrape of prometheus-libvirt-exporter."""

    name = "prometheus-libvirt-exporter"
    reads_per_turn = 1

    def __init__(self) -> None:
        program = obtain.found(obtain.EXPORTER) / "usr" / "bin" / "prometheus-libvirt-exporter"
        self.version = obtain.version_of(obtain.EXPORTER)
        with socket.create_server(("127.0.0.1", 0)) as chosen:
            self._port: int = chosen.getsockname()[1]
        address = f"--web.listen-address=127.0.0.1:{self._port}"
        self._exporter = _Process(str(program), address, f"--libvirt.uri={URI}")
        wait_until(self._listens, what=f"{self.name} listens", timeout=20)

    def turn(self) -> float:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        started = time.perf_counter()
        connection.request("GET", "/metrics")
        reply = connection.getresponse()
        page = reply.read()
        seconds = time.perf_counter() - started
        connection.close()
        if reply.status != http.client.OK or b"libvirt_domain_" not in page:
            raise Unavailable(f"its page has no domain: HTTP {reply.status}, {page[:200]!r}")
        return seconds

    def close(self) -> None:
        self._exporter.close()

    def _listens(self) -> bool:
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", self._port)) == 0


@final
class Collectd:
    """A reading of collectd's plugin ``virt``, by collectd's own clock: it logs each that is longer than its interval.

    It is stopped between its turns. The reading that was under way then does not count; the next one does. By the
    same moment of the one after it has done the work of two.
    """

    name = "collectd, plugin virt"
    reads_per_turn = 2
    _TOOK: Final = re.compile(rb"read-function of the `virt[^']*' plugin took ([\d.]+) seconds")

    def __init__(self) -> None:
        tree = obtain.found(obtain.COLLECTD)
        self.version = obtain.version_of(obtain.COLLECTD)
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "collectd.conf"
        file.write_text(
            f'Hostname "lab"\nFQDNLookup false\nInterval 0.001\nBaseDir "{self._folder.name}"\n'
            f'PluginDir "{tree}/usr/lib/collectd"\nTypesDB "{tree}/usr/share/collectd/types.db"\n'
            f'LoadPlugin virt\n<Plugin virt>\n  Connection "{URI}"\n  HostnameFormat uuid\n</Plugin>\n'
        )
        self._collectd = _Process(str(tree / "usr" / "sbin" / "collectd"), "-f", "-C", str(file), merge_errors=True)
        self._next_reading()
        self._collectd.send(signal.SIGSTOP)

    def turn(self) -> float:
        self._collectd.send(signal.SIGCONT)
        self._next_reading()
        seconds = self._next_reading()
        self._collectd.send(signal.SIGSTOP)
        return seconds

    def close(self) -> None:
        self._collectd.close()
        self._folder.cleanup()

    def _next_reading(self) -> float:
        while True:
            match = self._TOOK.search(self._collectd.read_until(b"\n"))
            if match:
                return float(match[1])


Peer: TypeAlias = Virsh | Ceilometer | Exporter | Collectd
PEERS: Final[Sequence[type[Peer]]] = (Virsh, Ceilometer, Exporter, Collectd)
