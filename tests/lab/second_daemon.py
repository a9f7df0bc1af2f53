"""Another libvirtd in the same lab, with its own state and cgroups: another compute node.

Its guests share the lab's network, kernel and images with the first's, so a guest can move between the two.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import libvirt

from tests.lab import cgroups, kernel, requirements, settings
from tests.lab.daemons import Daemon, log_outputs

_PRIVATE: Final = ("/run/libvirt", "/var/lib/libvirt", "/var/cache/libvirt", "/etc/libvirt")


@final
@dataclass(frozen=True, slots=True)
class SecondDaemon:
    """The other node: its daemon, to be hurt like the first, and its address."""

    daemon: Daemon
    uri: str
    # The same, as the lab's own clients write it.
    own_uri: str
    # Its private /run, as seen from the lab.
    run: Path


@contextlib.contextmanager
def second_daemon(name: str = "second") -> Iterator[SecondDaemon]:
    """Start another libvirtd and end it, and every guest it has, with the context."""
    folder = settings.STATE / name
    # What an earlier one of this name left: its mounts ended with its holder.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    uri = f"qemu+unix:///system?socket={folder}/libvirt-sock"
    own_uri = f"{uri}&{settings.MARK}"
    # The world is kept by a process that only holds it, so that the daemon can be killed and started in it.
    holder = subprocess.Popen(
        [sys.executable, "-m", "tests.lab.second_daemon", name],
        cwd=settings.PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        if holder.stdout.readline() != b"ready\n":
            raise RuntimeError("the second daemon's world could not be made; its words are on stderr")
        world = ("nsenter", f"--target={holder.pid}", "--mount", "--uts", "--cgroup")
        program = requirements.program("libvirtd")
        daemon = Daemon(
            name=f"libvirtd ({name})",
            command=lambda: (*world, program, "-p", str(folder / "libvirtd.lab.pid")),
            pid_file=folder / "libvirtd.pid",
            ready=lambda: _answers(own_uri),
            log=_log(name),
        )
        try:
            daemon.start()
            yield SecondDaemon(daemon=daemon, uri=uri, own_uri=own_uri, run=folder / "run")
            _destroy_guests(own_uri)
        finally:
            daemon.kill()
            holder.stdin.close()


def _log(name: str) -> Path:
    return settings.LOGS / f"libvirtd-{name}.log"


def _destroy_guests(uri: str) -> None:
    with contextlib.closing(libvirt.open(uri)) as connection:
        for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
            domain.destroy()


def _answers(uri: str) -> bool:
    try:
        libvirt.open(uri).close()
    except libvirt.libvirtError:
        return False
    return True


def _make_world(name: str) -> None:
    folder = settings.STATE / name
    found = cgroups.hierarchies()
    cgroups.make(name)
    cgroups.enter(name)
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS)
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.set_host_name(f"{settings.HOST_NAME}-{name}")
    kernel.detach(cgroups.ROOT)
    cgroups.mount(found)
    qemu = Path("/etc/libvirt/qemu.conf").read_text()
    for directory in _PRIVATE:
        own = folder / directory.lstrip("/")
        own.mkdir(parents=True)
        if directory == str(settings.IMAGES.parent):
            (own / settings.IMAGES.name).mkdir()
            kernel.mount(str(settings.IMAGES), own / settings.IMAGES.name, flags=kernel.MS_BIND)
        kernel.mount(str(own), directory, flags=kernel.MS_BIND | kernel.MS_REC)
    Path("/etc/libvirt/libvirtd.conf").write_text(
        f'unix_sock_dir = "{folder}"\nhost_uuid = "{uuid.uuid5(uuid.NAMESPACE_DNS, name)}"\nlog_level = 3\n'
        f'{log_outputs(_log(name))}\nlog_filters = "1:daemon.remote"\n'
    )
    # The lab's one virtlogd serves the first daemon.
    Path("/etc/libvirt/qemu.conf").write_text(qemu + 'stdio_handler = "file"\n')


if __name__ == "__main__":
    _make_world(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.read()
