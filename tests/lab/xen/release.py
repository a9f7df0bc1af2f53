"""The releases of Xen that the lab boots, and the packages that each dom0 is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

_COMMON: Final = (
    *("python3", "python3-lxml", "python3-libvirt", "busybox-static", "kmod"),
    *("libvirt-daemon", "libvirt-daemon-driver-xen", "libvirt-clients"),
    # The last keeps perl away, which one that merges folders would bring.
    *("sudo", "libcap2-bin", "usr-is-merged"),
    # Serves disks that the kernel does not (qdisk).
    "qemu-system-xen",
)
#: Its kernel is a dependency of it; the cloud kernels cannot be dom0.
KERNEL: Final = "linux-image-amd64"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release of Xen."""

    xen: str
    # The distribution's suite that has it; None is the machine's own.
    suite: str | None = None

    @property
    def packages(self) -> tuple[str, ...]:
        """What dom0 is made of, besides the kernel; what these need comes along."""
        return (f"xen-hypervisor-{self.xen}-amd64", f"xen-utils-{self.xen}", *_COMMON)


OF_THE_MACHINE: Final = Release(xen="4.17")
#: By name on the command line.
RELEASES: Final = {release.xen: release for release in (OF_THE_MACHINE, Release(xen="4.20", suite="trixie"))}
