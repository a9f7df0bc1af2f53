"""The daemons of a compute node, started by hand inside the lab: system bus, polkit, virtlogd and libvirtd.

Each is a value that finds its process by its pid file, so any process in the lab may start and end them.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import libvirt

from tests.lab import requirements, settings


class NotReady(Exception):
    """A daemon did not start, answer or end in time; the message has the end of its log."""


def wait_until(true: Callable[[], bool], *, what: str, timeout: float, log: Path | None = None) -> None:
    """Poll *true* until it holds.

    Raises:
        NotReady: it did not within *timeout* seconds.
    """
    deadline = time.monotonic() + timeout
    while not true():
        if time.monotonic() > deadline:
            tail = ""
            if log is not None and log.exists():
                tail = "\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise NotReady(f"{what}: not within {timeout:g} s{tail}")
        time.sleep(0.02)


def _connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as attempt:
        try:
            attempt.connect(str(path))
        except OSError:
            return False
    return True


@final
@dataclass(frozen=True, slots=True)
class Daemon:
    """A program that serves a socket and writes its pid into a file."""

    name: str
    command: Callable[[], Sequence[str]]
    pid_file: Path
    ready: Callable[[], bool]
    log: Path

    @property
    def pid(self) -> int | None:
        """Its process, or None when it does not run."""
        try:
            pid = int(self.pid_file.read_text())
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, ValueError):
            return None
        return None if state == "Z" else pid

    def start(self, *, wait: bool = True, timeout: float = 60.0) -> None:
        """Start it, unless it runs, and wait until it answers."""
        if self.pid is None:
            self.pid_file.parent.mkdir(parents=True, exist_ok=True)
            with self.log.open("ab") as output:
                process = subprocess.Popen(
                    self.command(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env={"PATH": f"{settings.PROGRAMS}:{requirements.SYSTEM_PATH}", "LANG": "C.UTF-8"},
                    # A terminal's interrupt must not reach it.
                    start_new_session=True,
                )
            self.pid_file.write_text(f"{process.pid}\n")
            _CHILDREN[process.pid] = process
        if wait:
            self.wait_ready(timeout=timeout)

    def wait_ready(self, *, timeout: float = 60.0) -> None:
        """Wait until it answers.

        Raises:
            NotReady: it ended, or did not answer in time.
        """

        def answers() -> bool:
            _reap()
            if self.pid is None:
                raise NotReady(f"{self.name} ended while starting; see {self.log}:\n{self._tail()}")
            return self.ready()

        wait_until(answers, what=f"{self.name} answers", timeout=timeout, log=self.log)

    def stop(self, *, timeout: float = 60.0) -> None:
        """End it the polite way and wait for its end."""
        # Newer ones (libvirt 11.3) now and then wait for their own thread for udev's events, and give up after 30 s.
        self._end(signal.SIGTERM, timeout=timeout)

    def kill(self, *, timeout: float = 30.0) -> None:
        """End it without its knowing."""
        self._end(signal.SIGKILL, timeout=timeout)

    def restart(self, *, timeout: float = 60.0) -> None:
        """Stop and start it."""
        self.stop()
        self.start(timeout=timeout)

    def suspend(self) -> None:
        """Stop it in its tracks: its sockets accept connections, and nothing answers."""
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Undo suspend()."""
        self.send(signal.SIGCONT)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal.

        Raises:
            ProcessLookupError: it does not run.
        """
        pid = self.pid
        if pid is None:
            raise ProcessLookupError(f"{self.name} does not run")
        os.kill(pid, number)

    def _end(self, number: signal.Signals, *, timeout: float) -> None:
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, number)

        def ended() -> bool:
            _reap()
            return self.pid != pid and not _still_ends(pid)

        wait_until(ended, what=f"{self.name} ends", timeout=timeout, log=self.log)

    def _tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-15:])


def _still_ends(pid: int) -> bool:
    """The first thread of a killed process may have ended before the others, which keep its files locked."""
    try:
        return len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    except OSError:
        return False


# Daemons started by this process, whose ends it has to collect; others are collected by the lab's init.
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


def _reap() -> None:
    for pid, process in list(_CHILDREN.items()):
        if process.poll() is not None:
            del _CHILDREN[pid]


def _libvirtd_answers() -> bool:
    if not settings.READ_ONLY_SOCKET.exists():
        return False
    try:
        connection = libvirt.openReadOnly(settings.OWN_QEMU_URI)
        connection.close()
    except libvirt.libvirtError:
        return False
    return True


_BUS_SOCKET = Path("/run/dbus/system_bus_socket")
_BUS_CONFIGURATION = settings.STATE / "system-bus.conf"
_POLKIT_RULE = Path("/etc/polkit-1/rules.d/00-lab.rules")
#: A copy, at a path of the lab's own.
POLKIT_PROGRAM = settings.PROGRAMS / "polkitd"

SYSTEM_BUS = Daemon(
    name="dbus-daemon",
    command=lambda: (
        requirements.program("dbus-daemon"),
        f"--config-file={_BUS_CONFIGURATION}",
        "--nofork",
        "--nopidfile",
    ),
    pid_file=Path("/run/dbus/pid"),
    ready=lambda: _connects(_BUS_SOCKET),
    log=settings.LOGS / "dbus-daemon.log",
)


def _polkit_answers() -> bool:
    found = subprocess.run(
        [
            "dbus-send",
            "--system",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.PolicyKit1",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return "boolean true" in found.stdout


POLKIT = Daemon(
    name="polkitd",
    command=lambda: (str(POLKIT_PROGRAM), "--no-debug"),
    pid_file=settings.STATE / "polkitd.pid",
    ready=_polkit_answers,
    log=settings.LOGS / "polkitd.log",
)


def root() -> Path:
    """The root folder that libvirt's daemons, and QEMU with them, are of."""
    return Path(os.environ.get(settings.DAEMONS, "/"))


def of_libvirt(name: str, *arguments: str) -> Sequence[str]:
    """What starts one of libvirt's daemons, in the root folder that they are of."""
    into = () if root() == Path("/") else (requirements.program("chroot"), str(root()))
    return (*into, requirements.program(name), *arguments)


VIRTLOGD = Daemon(
    name="virtlogd",
    command=lambda: of_libvirt("virtlogd", "-p", "/run/virtlogd.lab.pid"),
    pid_file=settings.STATE / "virtlogd.pid",
    ready=lambda: _connects(Path("/run/libvirt/virtlogd-sock")),
    log=settings.LOGS / "virtlogd.log",
)
_LIBVIRTD_CONFIGURATION = Path("/etc/libvirt/libvirtd.conf")
_LISTENS = "listen_tls = 1"
#: libvirt's own, over TLS.
TLS_PORT = 16514


def _network() -> Sequence[str]:
    return ("--listen",) if _LISTENS in _LIBVIRTD_CONFIGURATION.read_text() else ()


LIBVIRTD = Daemon(
    name="libvirtd",
    command=lambda: of_libvirt("libvirtd", "-p", "/run/libvirtd.lab.pid", *_network()),
    pid_file=settings.STATE / "libvirtd.pid",
    ready=_libvirtd_answers,
    log=settings.LOGS / "libvirtd.log",
)


def calls_of(log: Path) -> Path:
    """Where the libvirtd of this *log* writes what its clients called.

    A file that no child of its writes: one that is not yet the program it will be warns on standard error, and begins
    as a daemon does, with libvirt's version.
    """
    return log.with_suffix(".calls")


def log_outputs(log: Path) -> str:
    """The setting by which a libvirtd writes its calls where calls_of() says, and its warnings to *log* too."""
    return f'log_outputs = "1:file:{calls_of(log)} 3:stderr"'


def write_configuration(*, rpc_log: bool = False) -> None:
    """Write the daemons' configuration; *rpc_log* has libvirtd log every call of every client."""
    # Without service directories nothing can be activated: no machined, no second polkitd.
    _BUS_CONFIGURATION.write_text(
        "<busconfig><type>system</type><user>messagebus</user><auth>EXTERNAL</auth>"
        f"<listen>unix:path={_BUS_SOCKET}</listen>"
        '<policy context="default"><allow user="*"/><deny own="*"/><deny send_type="method_call"/>'
        '<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>'
        '<allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>'
        '<allow receive_type="method_return"/><allow receive_type="error"/>'
        '<allow receive_type="signal"/><allow send_destination="org.freedesktop.DBus"/></policy>'
        "<includedir>/usr/share/dbus-1/system.d</includedir>"
        "<includedir>/etc/dbus-1/system.d</includedir></busconfig>\n"
    )
    lines = ["log_level = 3", log_outputs(LIBVIRTD.log)]
    if rpc_log:
        lines.append('log_filters = "1:daemon.remote"')
    _LIBVIRTD_CONFIGURATION.write_text("\n".join(lines) + "\n")
    # QEMU's private /dev needs mounts it cannot have everywhere, and nothing in the lab needs it.
    Path("/etc/libvirt/qemu.conf").write_text('namespaces = []\nsecurity_driver = "none"\n')


@contextlib.contextmanager
def listening_on_tls(credentials: Path) -> Iterator[None]:
    """Have libvirtd serve every address at libvirt's own port by the files in *credentials*; restarts it twice."""
    before = _LIBVIRTD_CONFIGURATION.read_text()
    files = {"ca": "cacert", "cert": "servercert", "key": "serverkey"}
    lines = [f'{name}_file = "{credentials}/{file}.pem"' for name, file in files.items()]
    # Or it would not start with a certificate that its clients must refuse.
    lines += [_LISTENS, "tls_no_sanity_certificate = 1"]
    # IPv6 is off in the lab, so that no card sends what nobody asked for; loopback gets its address when it comes on.
    # libvirt looks an IPv6 address up only where there is one besides.
    loopback = Path("/proc/sys/net/ipv6/conf/lo/disable_ipv6")
    try:
        loopback.write_text("0\n")
        subprocess.run([requirements.program("ip"), "address", "add", "fd00::1/128", "dev", "lo"], check=True)
        _LIBVIRTD_CONFIGURATION.write_text("\n".join([before, *lines, ""]))
        LIBVIRTD.restart()
        yield
    finally:
        # It loses its addresses too.
        loopback.write_text("1\n")
        _LIBVIRTD_CONFIGURATION.write_text(before)
        LIBVIRTD.restart()


def called_procedures() -> tuple[str, ...]:
    """The remote procedures clients called so far, oldest first, such as "ConnectGetAllDomainStats".

    Empty unless the daemon runs with its rpc log on.
    """
    text = calls_of(LIBVIRTD.log).read_text(errors="replace")
    return tuple(re.findall(r"remoteDispatch(\w+)Helper:", text))


def deny_by_polkit(*, actions: Sequence[str] = ("org.libvirt.unix.monitor",)) -> None:
    """Have polkit refuse *actions* (by default: reading) to all but root, within a second from now."""
    tests = " || ".join(f'action.id == "{action}"' for action in actions)
    POLKIT.start()
    _POLKIT_RULE.write_text(
        f"polkit.addRule(function(action, subject) {{ if ({tests}) {{ return polkit.Result.NO; }} }});\n"
    )
    _POLKIT_RULE.chmod(0o644)


def allow_by_polkit() -> None:
    """Undo deny_by_polkit(): the distribution's own policy holds again."""
    POLKIT.start()
    _POLKIT_RULE.unlink(missing_ok=True)
