"""What a snapshot says it was read with and from is what is installed there."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Callable
from importlib import metadata

import libvirt

import hvinspect
from tests.lab import daemons


def version_of(program: str) -> str:
    """What *program*, of those that the guests run with, says of itself: "libvirtd (libvirt) 9.0.0"."""
    command = daemons.of_libvirt(program, "--version")
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return next(word for word in told.splitlines()[0].split() if word[0].isdecimal())


def test_a_snapshot_names_what_it_was_read_with_and_from(
    hv: hvinspect.Connection, record_property: Callable[[str, object], None]
) -> None:
    versions = hv.snapshot([]).versions
    libvirtd, qemu, binding = (
        version_of("libvirtd"),
        version_of("qemu-system-x86_64"),
        metadata.version("libvirt-python"),
    )
    assert versions.manager_version == f"libvirt {libvirtd}"
    assert versions.hypervisor_version == qemu
    assert versions.binding == f"libvirt-python {binding}"
    # Of the library beneath the binding no snapshot tells.
    library = divmod(libvirt.getVersion(), 1_000_000)
    client = f"{library[0]}.{library[1] // 1000}.{library[1] % 1000}"
    python = platform.python_version()
    for name, version in {
        "libvirtd": libvirtd, "qemu": qemu, "client_library": client, "binding": binding, "python": python,
    }.items():  # fmt: skip
        record_property(name, version)
