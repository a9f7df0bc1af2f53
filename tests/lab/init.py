"""The lab's pid 1: makes the private world, starts the daemons, runs the command and reaps orphans.

It never cleans up: its end is the end of every process, mount, link and socket of the lab.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from tests.lab import cgroups, daemons, image, kernel, requirements, settings

_PRIVATE: Final = ("/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt")
_SHARED: Final = ("/proc", "/sys", "/dev", "/run", "/tmp", "/etc/libvirt", "/etc/hosts", *_PRIVATE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the starter decided; init carries it out."""

    command: tuple[str, ...]
    cgroup: str
    hierarchies: tuple[cgroups.Hierarchy, ...]
    guest_image: image.GuestImage
    rpc_log: bool


def become_init(plan: Plan, *, starter_lives: int) -> NoReturn:
    """Be pid 1 of the lab until the command ends, then end with its status."""
    status = 1
    try:
        _die_with_starter(starter_lives)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGQUIT, signal.SIG_IGN)
        _make_world(plan)
        _start_daemons(plan)
        status = _run(plan.command)
    except requirements.Missing as missing:
        print(f"lab: {missing}", file=sys.stderr)
        status = requirements.EXIT_STATUS
    except daemons.NotReady as failure:
        print(f"lab: {failure}", file=sys.stderr)
    except BaseException:  # noqa: BLE001 - whatever it was, there is nobody else to tell
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Not sys.exit: the starter's own clean-up code is not for this process.
        os._exit(status)


def _die_with_starter(starter_lives: int) -> None:
    # From inside the new pid namespace the parent's pid always reads 0.
    kernel.die_with_parent(0)
    # The starter alone holds the other end, so an end of file means it died before the kernel was told.
    if select.select([starter_lives], [], [], 0)[0]:
        os._exit(1)


def _make_world(plan: Plan) -> None:
    cgroups.enter(plan.cgroup)
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWUTS | kernel.CLONE_NEWIPC)
    kernel.set_host_name(settings.HOST_NAME)
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    closed = kernel.MS_NOSUID | kernel.MS_NODEV
    # Covered mounts would still be listed, and libvirt would look for the host's cgroups under them.
    kernel.detach("/sys")
    # A new sysfs shows this network namespace, and is free of the host's cgroups and security modules.
    kernel.mount("sysfs", "/sys", kind="sysfs", flags=closed | kernel.MS_NOEXEC)
    cgroups.mount(plan.hierarchies)
    kernel.mount("proc", "/proc", kind="proc", flags=closed | kernel.MS_NOEXEC)
    kernel.mount("tmpfs", "/run", kind="tmpfs", flags=closed, options="mode=755")
    for directory in _PRIVATE:
        Path(directory).mkdir(parents=True, exist_ok=True)
        kernel.mount("tmpfs", directory, kind="tmpfs", flags=closed, options="mode=755")
    for folder in (
        settings.GUESTS,
        settings.CONTAINERS,
        settings.BOOT,
        settings.IMAGES,
        settings.PROGRAMS,
    ):
        folder.mkdir(parents=True)
    _make_private(Path("/etc/libvirt"), of=daemons.root())
    _make_private(Path("/etc/polkit-1"))
    _hide_kvm()
    _make_hosts()
    # QEMU runs as a user who may not be able to reach the project's folder.
    shutil.copyfile(plan.guest_image.kernel, settings.BOOT / "kernel")
    shutil.copyfile(plan.guest_image.initramfs, settings.BOOT / "initramfs")
    vsctl = settings.PROGRAMS / "ovs-vsctl"
    shutil.copyfile(Path(__file__).with_name("ovs_vsctl.sh"), vsctl)
    vsctl.chmod(0o755)
    # Where there is no systemd, Debian's script of the package polkitd ends all that run from that program's path: when
    # the package is set up, be it in a chroot, the polkitd of every lab on the machine.
    shutil.copyfile(requirements.polkit_daemon(), daemons.POLKIT_PROGRAM)
    daemons.POLKIT_PROGRAM.chmod(0o755)
    _make_network()
    if daemons.root() != Path("/"):
        _share_with_daemons(daemons.root())
    os.environ[settings.INSIDE] = settings.INSIDE_VALUE
    os.environ["VIRSH_DEFAULT_CONNECT_URI"] = settings.OWN_QEMU_URI


def _hide_kvm() -> None:
    """The guests are emulated; a daemon that finds /dev/kvm asks QEMU about it before each start, for seconds."""
    if Path("/dev/kvm").exists():
        closed = settings.PROGRAMS.parent / "no-kvm"
        closed.touch(mode=0)
        kernel.mount(str(closed), "/dev/kvm", flags=kernel.MS_BIND)


def _make_private(directory: Path, *, of: Path = Path("/")) -> None:
    """Put a copy of *directory*, as it is in the root folder *of*, in its place, which daemons and tests may change."""
    copy = settings.STATE / "etc" / directory.name
    # Owners matter: polkitd reads its rules as a user of its own.
    copy.parent.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", str(of / directory.relative_to("/")), str(copy)], check=True)
    kernel.mount(str(copy), directory, flags=kernel.MS_BIND)


def _share_with_daemons(root: Path) -> None:
    """Let the daemons whose root folder is *root* live in this world, all but the programs."""
    # What a test mounts over a file of the kernel's is then there for them too.
    kernel.mount("none", "/proc", flags=kernel.MS_SHARED)
    for place in _SHARED:
        kernel.mount(place, root / place.lstrip("/"), flags=kernel.MS_BIND | kernel.MS_REC)


def _make_hosts() -> None:
    # Both nodes' names must resolve: libvirt looks up its own, and a migration its destination's.
    hosts = settings.STATE / "etc" / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {settings.HOST_NAME} {settings.HOST_NAME}-second\n")
    kernel.mount(str(hosts), "/etc/hosts", flags=kernel.MS_BIND)


def _make_network() -> None:
    # No router solicitations and no multicast reports: every packet counted was meant.
    for name in ("all", "default"):
        setting = Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6")
        if setting.exists():
            setting.write_text("1\n")
    bridge = settings.BRIDGE
    commands = (
        "link set lo up",
        # A bridge without an address of its own takes that of one of its ports, and changes with them.
        f"link add {bridge} address {settings.BRIDGE_MAC} type bridge stp_state 0 mcast_snooping 0",
        f"link set {bridge} up",
        f"address add {settings.BRIDGE_ADDRESS}/{settings.NETWORK_BITS} dev {bridge}",
    )
    subprocess.run(
        [requirements.program("ip"), "-batch", "-"],
        input="\n".join(commands),
        text=True,
        check=True,
    )


def _start_daemons(plan: Plan) -> None:
    daemons.write_configuration(rpc_log=plan.rpc_log)
    # The bus before libvirtd: one started without it never finds polkit.
    daemons.SYSTEM_BUS.start()
    daemons.POLKIT.start()
    daemons.VIRTLOGD.start()
    daemons.LIBVIRTD.start()


def _run(command: tuple[str, ...]) -> int:
    try:
        child = subprocess.Popen(command)
    except OSError as failure:
        print(f"lab: cannot run {command[0]}: {failure.strerror}", file=sys.stderr)
        return 127

    def forward(number: int, frame: FrameType | None) -> None:
        os.kill(child.pid, number)

    signal.signal(signal.SIGTERM, forward)
    while True:
        pid, status = os.wait()
        if pid == child.pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
