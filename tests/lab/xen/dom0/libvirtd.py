"""libvirtd with its driver for Xen, in dom0."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

URI: Final = "xen:///system"
_RUN: Final = Path("/run/libvirt")
_LOG: Final = Path("/run/results/libvirtd.log")
# It comes along, wants users that only its installation makes, and without them ends the whole daemon.
_QEMU_DRIVER: Final = Path("/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so")
# libvirt starts only where it finds a model for the host's CPU, and the emulated one lacks something of each.
_CPU_MODELS: Final = Path("/usr/share/libvirt/cpu_map")
_MODEL: Final = "<cpus><model name='lab'><decode host='on' guest='off'/><feature name='fpu'/></model></cpus>\n"
_FEATURES: Final = "<include filename='x86_features.xml'/>"
_CONFIGURATION: Final = f"""
auth_unix_rw = "none"
auth_unix_ro = "none"
log_outputs = "2:file:{_LOG}"
"""


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The URI of a libvirtd that runs as long as the context lasts."""
    _RUN.mkdir(exist_ok=True)
    configuration = _RUN / "lab.conf"
    configuration.write_text(_CONFIGURATION, encoding="utf-8")
    _QEMU_DRIVER.unlink(missing_ok=True)
    _add_cpu_model()
    with subprocess.Popen(["libvirtd", "--config", str(configuration)]) as daemon:
        try:
            _wait(daemon)
            yield URI
        finally:
            daemon.terminate()


def _add_cpu_model() -> None:
    index = _CPU_MODELS / "index.xml"
    known = index.read_text(encoding="utf-8")
    own = _CPU_MODELS / "x86_lab.xml"
    if not own.exists():
        own.write_text(_MODEL, encoding="utf-8")
        index.write_text(known.replace(_FEATURES, f"{_FEATURES}<include filename='{own.name}'/>"), encoding="utf-8")


def _wait(daemon: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while subprocess.run(["virsh", "-c", URI, "version"], capture_output=True, check=False).returncode != 0:
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"no libvirtd: {_LOG.read_text(encoding='utf-8') if _LOG.exists() else 'no log'}")
        time.sleep(0.5)
