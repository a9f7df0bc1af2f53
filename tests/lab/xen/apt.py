"""Asks the machine's apt which packages a dom0 is made of, and downloads them; installs nothing."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tests.lab import requirements
from tests.lab.xen.release import KERNEL, Release

_INSTALL: Final = re.compile(r"^Inst (\S+) \((\S+)", flags=re.MULTILINE)
_DEPENDS: Final = re.compile(r"^ *Depends: (linux-image-\d\S*)$", flags=re.MULTILINE)
_DAY: Final = 86400
_KEYRING: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"
# apt drops to a user who cannot write into the cache.
_OPTIONS: Final = ("-o", "APT::Sandbox::User=root")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package, as apt would install it."""

    name: str
    version: str


@final
class Apt:
    """The machine's apt, or one beside it for another suite of the same sources."""

    def __init__(self, release: Release, cache: Path) -> None:
        """Ask for *release*'s packages; what another suite needs is kept in *cache*."""
        self._release = release
        self._options: tuple[str, ...] = _OPTIONS
        if release.suite is not None:
            root = cache / f"apt-{release.suite}"
            self._options = (*_OPTIONS, *_directories(root))
            updated = root / "updated"
            # A mirror drops a version soon after the next has come.
            if not updated.exists() or time.time() - updated.stat().st_mtime > _DAY:
                self._make(root, release.suite)

    def packages(self) -> tuple[Package, ...]:
        """All that dom0 is made of, the kernel among it, in order of name.

        Raises:
            requirements.Missing: apt knows no such packages.
        """
        return self.needed(*self._release.packages, self._kernel())

    def needed(self, *names: str) -> tuple[Package, ...]:
        """The packages *names* and all that they need, in order of name.

        Raises:
            requirements.Missing: apt knows no such packages.
        """
        # With a status of nothing, nothing counts as installed.
        reply = self._run(
            "apt-get", "-o", "Dir::State::status=/dev/null", "--no-install-recommends", "-s", "install", *names
        )
        found = {Package(name=name, version=version) for name, version in _INSTALL.findall(reply)}
        return tuple(sorted(found, key=lambda package: package.name))

    def download(self, packages: Sequence[Package], into: Path) -> None:
        """Fetch *packages* as files.

        Raises:
            requirements.Missing: one could not be had.
        """
        self._run("apt-get", "-q", "download", *(f"{one.name}={one.version}" for one in packages), cwd=into)

    def _kernel(self) -> str:
        reply = self._run("apt-cache", "depends", "--important", KERNEL)
        found = _DEPENDS.search(reply)
        if found is None:
            raise requirements.Missing(f"apt knows no kernel for Xen's dom0: {KERNEL} depends on none")
        return found[1]

    def _make(self, root: Path, suite: str) -> None:
        """An apt of its own, with the machine's sources but for the name of the suite."""
        for directory in ("lists/partial", "archives/partial", "parts"):
            (root / directory).mkdir(parents=True, exist_ok=True)
        targets = _run("apt-get", "indextargets", "--format", "$(LABEL)|$(REPO_URI)|$(CODENAME)|$(COMPONENT)")
        lines = set()
        for target in targets.splitlines():
            label, uri, codename, component = target.split("|")
            if label.startswith("Debian"):
                # bookworm, bookworm-updates, bookworm-security.
                _, dash, part = codename.partition("-")
                lines.add(f"deb [signed-by={_KEYRING}] {uri} {suite}{dash}{part} {component}\n")
        if not lines:
            raise requirements.Missing(
                f"Xen {self._release.xen} is in Debian {suite}, and apt's sources have no Debian"
            )
        (root / "sources.list").write_text("".join(sorted(lines)), encoding="utf-8")
        self._run("apt-get", "-q", "update")
        (root / "updated").touch()

    def _run(self, program: str, *arguments: str, cwd: Path | None = None) -> str:
        try:
            return _run(program, *self._options, *arguments, cwd=cwd)
        except subprocess.CalledProcessError as failure:
            words = " ".join(str(failure.stderr).split())
            raise requirements.Missing(
                f"no packages of Xen {self._release.xen} (apt-get update on Debian 12 or 13?): {words}"
            ) from failure


def _run(program: str, *arguments: str, cwd: Path | None = None) -> str:
    command = [requirements.program(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd).stdout


def _directories(root: Path) -> tuple[str, ...]:
    places = {
        "Dir::Etc::sourcelist": root / "sources.list",
        "Dir::Etc::sourceparts": root / "parts",
        "Dir::Etc::preferencesparts": root / "parts",
        "Dir::State::lists": root / "lists",
        "Dir::Cache": root,
        "Dir::State::status": "/dev/null",
    }
    return tuple(word for name, place in places.items() for word in ("-o", f"{name}={place}"))
