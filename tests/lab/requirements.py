"""What the lab needs of the machine, checked before anything starts; one line names what is missing."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import Final

EXIT_STATUS: Final = 3

# Programs and files by the package that has them, in Debian's and Ubuntu's names.
_PROGRAMS: Final = (
    ("ip", "iproute2"),
    ("dbus-daemon", "dbus-daemon"),
    ("dbus-send", "dbus-bin"),
    ("libvirtd", "libvirt-daemon-system"),
    ("virtlogd", "libvirt-daemon-system"),
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("qemu-img", "qemu-utils"),
    ("busybox", "busybox-static"),
    ("openssl", "openssl"),
    ("dpkg", "dpkg"),
    ("strace", "strace"),
    ("systemd-analyze", "systemd"),
    ("systemd-sysusers", "systemd"),
)
# Of the lab that boots Xen, which downloads the rest.
_XEN_PROGRAMS: Final = (
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("mke2fs", "e2fsprogs"),
    ("depmod", "kmod"),
    ("ldconfig", "libc-bin"),
    ("zstd", "zstd"),
    ("tar", "tar"),
    ("setpriv", "util-linux"),
    ("dpkg-deb", "dpkg"),
    ("apt-get", "apt"),
    ("apt-cache", "apt"),
)
# Of the Debian that is made for a newcomer.
_BARE_PROGRAMS: Final = (
    ("debootstrap", "debootstrap"),
    ("systemd-nspawn", "systemd-container"),
    ("openssl", "openssl"),
    ("git", "git"),
    ("apt-get", "apt"),
)
# Of the lab that simulates a vCenter.
_VMWARE_PROGRAMS: Final = (("go", "golang-go"), ("openssl", "openssl"))
GOVMOMI: Final = Path("/usr/share/gocode/src/github.com/vmware/govmomi/simulator")
POLKIT_DAEMONS: Final = (Path("/usr/lib/polkit-1/polkitd"), Path("/usr/libexec/polkitd"))
_DRIVERS: Final = (
    ("libvirt_driver_qemu.so", "libvirt-daemon-driver-qemu"),
    ("libvirt_driver_lxc.so", "libvirt-daemon-driver-lxc"),
)
# System programs live here, and an ordinary user's PATH lacks them.
SYSTEM_PATH: Final = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"


class Missing(Exception):
    """Something the lab cannot do without; the message names it and says how to get it."""


def program(name: str) -> str:
    """The path of a system program.

    Raises:
        Missing: no package on this machine provides it.
    """
    path = shutil.which(name, path=SYSTEM_PATH)
    if path is None:
        package = dict((*_PROGRAMS, *_XEN_PROGRAMS, *_BARE_PROGRAMS, *_VMWARE_PROGRAMS)).get(name, name)
        raise Missing(f"no program {name}: apt-get install --no-install-recommends {package}")
    return path


def polkit_daemon() -> Path:
    """The path of polkit's daemon, which no PATH has."""
    for path in POLKIT_DAEMONS:
        if path.exists():
            return path
    raise Missing("no polkitd: apt-get install --no-install-recommends polkitd")


def check() -> None:
    """Look for everything the lab needs, naming all missing packages at once.

    Raises:
        Missing: with one line that says what.
    """
    if platform.machine() != "x86_64":
        raise Missing(f"the lab's guests are x86_64, this machine is {platform.machine()}")
    if os.geteuid() != 0:
        raise Missing("the lab must be started as root (it makes namespaces, mounts and bridges)")
    packages = [package for name, package in _PROGRAMS if shutil.which(name, path=SYSTEM_PATH) is None]
    if not any(path.exists() for path in POLKIT_DAEMONS):
        packages.append("polkitd")
    drivers = list(Path("/usr/lib").glob("*/libvirt/connection-driver"))
    packages += [package for file, package in _DRIVERS if not any((directory / file).exists() for directory in drivers)]
    if packages:
        names = " ".join(dict.fromkeys(packages))
        raise Missing(f"missing packages: apt-get install --no-install-recommends {names}")
    if importlib.util.find_spec("libvirt") is None:
        raise Missing(f"no libvirt-python for {sys.executable}: pip install libvirt-python")
    # Taps for guests; LXC's view of its own memory in /proc/meminfo.
    for device, module in (("/dev/net/tun", "tun"), ("/dev/fuse", "fuse")):
        if not Path(device).exists():
            raise Missing(f"no {device}: load the kernel module {module} (modprobe {module})")


def check_terminal() -> None:
    """Look for what the tests on a terminal need; OpenSSH is unpacked where it is not installed.

    Raises:
        Missing: with one line that says what.
    """
    for name in ("tmux", "apt-get", "dpkg-deb"):
        program(name)


def check_browser() -> None:
    """Look for what gets a browser; it is downloaded.

    Raises:
        Missing: with one line that says what.
    """
    for name in ("apt-get", "dpkg-deb"):
        program(name)


def check_xen() -> None:
    """Look for everything that the lab with Xen needs, which is neither root nor a hypervisor.

    Raises:
        Missing: with one line that says what.
    """
    if platform.machine() != "x86_64":
        raise Missing(f"the lab's Xen is x86_64, this machine is {platform.machine()}")
    packages = [package for name, package in _XEN_PROGRAMS if shutil.which(name, path=SYSTEM_PATH) is None]
    if packages:
        names = " ".join(dict.fromkeys(packages))
        raise Missing(f"missing packages: apt-get install --no-install-recommends {names}")


def check_bare() -> None:
    """Look for what it takes to make a Debian and to boot it.

    Raises:
        Missing: with one line that says what.
    """
    if os.geteuid() != 0:
        raise Missing("a Debian must be made and booted as root")
    packages = [package for name, package in _BARE_PROGRAMS if shutil.which(name, path=SYSTEM_PATH) is None]
    if packages:
        raise Missing(f"missing packages: apt-get install --no-install-recommends {' '.join(packages)}")


def check_vmware() -> None:
    """Look for everything that the lab with a simulated vCenter needs, which is neither root nor a hypervisor.

    Raises:
        Missing: with one line that says what.
    """
    packages = [package for name, package in _VMWARE_PROGRAMS if shutil.which(name, path=SYSTEM_PATH) is None]
    if not GOVMOMI.is_dir():
        packages.append("golang-github-vmware-govmomi-dev")
    if packages:
        raise Missing(f"missing packages: apt-get install --no-install-recommends {' '.join(packages)}")
    if importlib.util.find_spec("pyVmomi") is None:
        raise Missing(f"no pyvmomi for {sys.executable}: pip install pyvmomi")
