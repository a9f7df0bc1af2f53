"""libvirt's modular daemon for QEMU, which Debian packages in no suite: built of the source of Debian's own libvirt.

``python -m tests.lab.virtqemud`` builds it, in a Debian made for that, and keeps it in .lab/. In a lab, which has no
network, it is then there beside the drivers and the library of the installed package, of which it is a thin front end.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import libvirt

from tests.lab import bare, requirements, settings
from tests.lab.bare import Bare
from tests.lab.daemons import Daemon

__all__ = ["VIRTQEMUD", "obtain"]

_NEEDED: Final = (
    *("gcc", "libc6-dev", "meson", "ninja-build", "pkg-config", "dpkg-dev", "patch", "xz-utils", "gettext"),
    *("libglib2.0-dev", "libxml2-dev", "libxml2-utils", "xsltproc", "libgnutls28-dev", "libtirpc-dev", "libyajl-dev"),
    "python3-docutils",
)
# The folders are Debian's, in which the package has its drivers.
_OPTIONS: Final = (
    *("--prefix=/usr", "--libdir=lib/x86_64-linux-gnu", "-Dsystem=true", "-Drunstatedir=/run"),
    *("-Dauto_features=disabled", "-Ddriver_remote=enabled", "-Ddriver_libvirtd=enabled", "-Ddriver_qemu=enabled"),
    *("-Dyajl=enabled", "-Dtests=disabled", "-Ddocs=disabled"),
)
_BUILD: Final = f"""
export DEBIAN_FRONTEND=noninteractive
sed 's/^deb /deb-src /' /etc/apt/sources.list > /etc/apt/sources.list.d/source.list
apt-get -q update
apt-get -q --yes --no-install-recommends install {" ".join(_NEEDED)}
mkdir /srv/build
cd /srv/build
apt-get -q source libvirt
cd libvirt-*/
meson setup made {" ".join(_OPTIONS)}
ninja -C made src/virtqemud
cp made/src/virtqemud /srv/build/
"""
_SOCKET: Final = Path("/run/libvirt/virtqemud-sock-ro")


def _program() -> Path:
    digest = hashlib.sha256(Path(__file__).read_bytes() + Path(bare.__file__).read_bytes()).hexdigest()[:12]
    return settings.CACHE / f"virtqemud-{digest}" / "virtqemud"


def obtain() -> Path:
    """The program, built now if the cache lacks it.

    Raises:
        requirements.Missing: it cannot be built here.
    """
    requirements.check_bare()
    target = _program()
    if not target.exists():
        settings.CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.CACHE, prefix="building-") as name:
            made = Bare.make(Path(name) / "root")
            built = made.run(_BUILD)
            if built.status != 0:
                raise requirements.Missing("no virtqemud:\n" + "\n".join(built.output.splitlines()[-15:]))
            target.parent.mkdir(exist_ok=True)
            # Under its name there is only a whole one.
            shutil.copy(made.root / "srv/build/virtqemud", Path(name) / "virtqemud")
            (Path(name) / "virtqemud").replace(target)
    return target


def _answers() -> bool:
    if not _SOCKET.exists():
        return False
    try:
        libvirt.openReadOnly(f"{settings.OWN_QEMU_URI}&socket={_SOCKET}").close()
    except libvirt.libvirtError:
        return False
    return True


VIRTQEMUD: Final = Daemon(
    name="virtqemud",
    command=lambda: (str(_program()), "--pid-file", "/run/virtqemud.lab.pid"),
    pid_file=settings.STATE / "virtqemud.pid",
    ready=_answers,
    log=settings.LOGS / "virtqemud.log",
)


if __name__ == "__main__":
    try:
        print(obtain())
    except requirements.Missing as missing:
        sys.exit(str(missing))
