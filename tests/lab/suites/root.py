"""The root folder of a suite of Debian with all that the lab needs, made once and kept in the project's cache."""

from __future__ import annotations

import datetime
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tests.lab import bare, requirements, settings
from tests.lab.bare import Bare

_LIBVIRT: Final = (
    *("libvirt-daemon-system", "libvirt-daemon-driver-qemu", "libvirt-daemon-driver-lxc"),
    *("qemu-system-x86", "qemu-utils", "python3", "python3-libvirt", "python3-lxml"),
)
# What else a lab starts, or looks for.
_LAB: Final = ("busybox-static", "dbus-daemon", "dbus-bin", "polkitd", "iproute2", "openssl", "strace", "systemd")
# Pure Python, and of this environment's versions: the suites' own are too old in one and too new in another.
_PYTHON_PACKAGES: Final = ("pytest", "packaging", "typing-extensions")
#: Where those are, in a root folder.
PACKAGES: Final = Path("/opt/packages")
# Nobody's daemon is started by an installation, and what a power failure would lose is made again.
_INSTALL: Final = f"""
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
echo 'DPkg::Options:: "--force-unsafe-io";' > /etc/apt/apt.conf.d/91lab
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q --yes --no-install-recommends install {" ".join((*_LIBVIRT, *_LAB))}
apt-get clean
"""
_DAY: Final = 86400


class NotMade(Exception):
    """Its packages could not be installed; the message has the end of what was said."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite of Debian."""

    name: str
    # Another one every day: it is made anew then, and what does not work with it is reported and stops nobody.
    moving: bool = False

    def root(self) -> Path:
        """Its root folder, made now if the cache lacks it; two runs may make it at once.

        Raises:
            NotMade: the suite's packages could not be had, or do not install.
            requirements.Missing: this machine cannot make one.
        """
        requirements.check_bare()
        settings.CACHE.mkdir(exist_ok=True)
        target = settings.CACHE / f"suite-{self.name}-{self._digest()}"
        if not target.exists():
            for old in settings.CACHE.glob(f"suite-{self.name}-*"):
                # Not those that another run may be in just now, from another state of the project.
                if time.time() - old.stat().st_mtime > _DAY:
                    shutil.rmtree(old)
            with tempfile.TemporaryDirectory(dir=settings.CACHE, prefix="building-") as name:
                building = Path(name) / target.name
                self._make(building)
                try:
                    building.rename(target)
                except OSError:
                    # Another run was faster; its result is the same.
                    if not target.exists():
                        raise
        return target

    def _digest(self) -> str:
        of = hashlib.sha256(Path(__file__).read_bytes() + Path(bare.__file__).read_bytes())
        if self.moving:
            of.update(datetime.datetime.now(datetime.UTC).date().isoformat().encode())
        return of.hexdigest()[:12]

    def _make(self, root: Path) -> None:
        try:
            made = Bare.make(root, suite=self.name)
        except subprocess.CalledProcessError as failure:
            raise NotMade(f"no Debian {self.name}: debootstrap ended with {failure.returncode}") from failure
        installed = made.run(_INSTALL)
        if installed.status != 0:
            raise NotMade(f"no libvirt of Debian {self.name}:\n" + "\n".join(installed.output.splitlines()[-15:]))
        target = root / PACKAGES.relative_to("/")
        pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-compile")
        subprocess.run([*pip, f"--target={target}", *_PYTHON_PACKAGES], check=True)


SUITES: Final = {
    suite.name: suite for suite in (Suite(name="bookworm"), Suite(name="trixie"), Suite(name="sid", moving=True))
}
