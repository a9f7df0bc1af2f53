"""A Debian as debootstrap makes it, in a folder: commands run in it as on a machine that is new, and it can be booted.

What this machine needs to reach its mirrors and registries goes in with it, and nothing else of it does.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tests.lab import requirements
from tests.lab.daemons import wait_until

_TARGETS: Final = ("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)", "Label: Debian")
_CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
_FILES: Final = (Path("/etc/hosts"), Path("/etc/pip.conf"), _CERTIFICATES, Path("/usr/local/share/ca-certificates"))
# All but users', which a kernel may have none of.
_NAMESPACES: Final = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Its programs make namespaces, mounts and cgroups, as a lab does, in the one hierarchy that systemd wants of new hosts.
_WORLD: Final = """
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
    umount --recursive --lazy /sys/fs/cgroup
    mount -t cgroup2 none /sys/fs/cgroup
fi
exec "$@"
"""


@final
@dataclass(frozen=True, slots=True)
class Bare:
    """The root folder of such a Debian."""

    root: Path

    @classmethod
    def make(cls, root: Path, *, suite: str | None = None) -> Bare:
        """Install the smallest Debian there is, from this machine's own mirror; by default of its own suite.

        Raises:
            requirements.Missing: apt's sources have no Debian.
        """
        uri, own, _ = _source()
        # What it mounts in there ends with it, however it ends.
        words = [requirements.program("unshare"), "--mount", "--propagation=private"]
        command = [*words, requirements.program("debootstrap"), "--variant=minbase", suite or own, str(root), uri]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=900)
        for path in _FILES:
            if path.is_dir():
                shutil.copytree(path, root / str(path)[1:], dirs_exist_ok=True)
            elif path.exists():
                (root / str(path)[1:]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, root / str(path)[1:])
        (root / "etc/apt/apt.conf.d/90this-machine").write_text(_ways_of_apt())
        return cls(root)

    def run(self, script: str, *, folder: str = "/root", wheels: Path | None = None) -> Ran:
        """Run *script* in a shell there that ends at the first mistake, with this machine's network.

        What pip is told to install it looks for in *wheels* too.
        """
        pip = _Pip.here()
        own = [wheels] if wheels is not None else []
        links = " ".join([*map(str, own), pip.variables.get("PIP_FIND_LINKS", "")])
        command = [*_nspawn(self.root), "--as-pid2", f"--chdir={folder}"]
        command += [f"--setenv={name}={value}" for name, value in {**pip.variables, "PIP_FIND_LINKS": links}.items()]
        command += [f"--bind-ro={one}" for one in {*pip.folders, *own}]
        return Ran.of([*command, "/bin/sh", "-eux", "-c", script])

    @contextmanager
    def booted(self) -> Iterator[Booted]:
        """Boot it, with a network of its own, while the context lasts."""
        log = self.root.with_name("boot.log")
        command = [*_nspawn(self.root), "--private-network", "--boot"]
        with (
            log.open("wb") as output,
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output) as process,
        ):
            try:
                machine = Booted(process.pid)
                wait_until(machine.is_up, what="it has booted", timeout=180, log=log)
                yield machine
            finally:
                # To which it answers by shutting down.
                process.terminate()
                process.wait(120)


@final
@dataclass(frozen=True, slots=True)
class Booted:
    """One that runs."""

    _process: int

    def is_up(self) -> bool:
        """Has systemd started all that it should?"""
        if not self._first():
            return False
        # Degraded is one of whose units some have failed: there is no hardware for them.
        return self.run("systemctl is-system-running || true").output.splitlines()[-1:] in (["running"], ["degraded"])

    def run(self, script: str, *, folder: str = "/root") -> Ran:
        """Run *script* there, in a shell that ends at the first mistake."""
        into = [requirements.program("nsenter"), f"--target={self._first()}", *_NAMESPACES, "--root", "--wd"]
        shell = ["/usr/bin/env", "-i", f"--chdir={folder}", "HOME=/root", f"PATH={_PATH}", "/bin/sh", "-eux", "-c"]
        return Ran.of([*into, *shell, script])

    def _first(self) -> str:
        """Its process 1, as it is called here."""
        return Path(f"/proc/{self._process}/task/{self._process}/children").read_text().partition(" ")[0]


@final
@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a script: its exit status, and all that it said, its commands among it."""

    status: int
    output: str

    @classmethod
    def of(cls, command: Sequence[str]) -> Ran:
        """Run it to its end."""
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=900,
            check=False,
        )
        return cls(done.returncode, done.stdout)


@final
@dataclass(frozen=True, slots=True)
class _Pip:
    """How this machine's pip was told to find packages."""

    variables: dict[str, str]
    folders: frozenset[Path]

    @classmethod
    def here(cls) -> _Pip:
        command = [sys.executable, "-m", "pip", "config", "list"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        # The files of an index are beside it.
        folders = [Path(path).parent for path in re.findall(r"file://(/[^\s']+)", told)]
        folders += [Path(path) for path in re.findall(r"(?<![/\w:])(/[^\s']+)", told)]
        variables = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        return cls(variables, frozenset(path for path in folders if path.is_dir()))


def _source() -> list[str]:
    told = subprocess.run(_TARGETS, capture_output=True, text=True, check=True).stdout
    for line in told.splitlines():
        if line.endswith(" main"):
            return line.split()
    raise requirements.Missing("a bare Debian is made from Debian's mirror, and apt's sources have none")


def _ways_of_apt() -> str:
    """What apt was told of proxies, certificates and old mirrors."""
    told = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=True).stdout
    return "".join(re.findall(r'^Acquire::(?:https?|ftp|Check-|Retries).* "[^"].*\n', told, flags=re.MULTILINE))


def _nspawn(root: Path) -> list[str]:
    words = [requirements.program("unshare"), "--mount", "--propagation=private", "/bin/sh", "-eu", "-c", _WORLD, "sh"]
    words += ["env", "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1", requirements.program("systemd-nspawn"), "--quiet"]
    words += [f"--directory={root}", "--register=no", "--keep-unit", "--capability=all", "--system-call-filter=@known"]
    return [*words, "--bind=/dev/net/tun", "--bind=/dev/fuse"]
