"""Opening refuses what cannot be read, says what was looked for where and what to do, and lets nothing be printed."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

import hvinspect
from hvinspect import AccessDenied, ConnectFailed, DeadlineExceeded, DriverUnavailable, InvalidTarget
from hvinspect.drivers._xen.native import candidates
from hvinspect.drivers._xen.places import Places
from hvinspect.drivers._xen.silence import silenced
from hvinspect.drivers.xen import XenDriver
from hvinspect.testing import registered
from tests.drivers.xen.dom0 import Dom0


@pytest.fixture(autouse=True)
def _silent(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever happens, nothing is on stdout or stderr, not even from the vendor's library."""
    yield
    assert capfd.readouterr() == ("", "")


def refused(places: Places, error: type[hvinspect.Error], *, timeout: float = 20.0) -> str:
    """What connect() says in a dom0 at *places*."""
    here = places

    class Here(XenDriver):
        places: ClassVar[Places] = here

    with registered("xen", Here), pytest.raises(error) as caught:
        hvinspect.connect("xen:", timeout=timeout)
    assert (caught.value.driver, caught.value.target) == ("xen", "xen:")
    return str(caught.value)


def test_a_host_without_xen_is_refused(dom0: Dom0) -> None:
    dom0.capabilities.unlink()
    said = refused(dom0.places, ConnectFailed)
    assert str(dom0.capabilities) in said
    assert "no dom0" in said


def test_a_dom0_without_proc_xen_is_told_to_mount_it(dom0: Dom0) -> None:
    dom0.capabilities.unlink()
    (dom0.sysfs / "hypervisor").mkdir()
    (dom0.sysfs / "hypervisor/type").write_text("xen\n")
    assert "mount -t xenfs xenfs /proc/xen" in refused(dom0.places, ConnectFailed)


def test_a_guest_of_xen_is_refused(dom0: Dom0) -> None:
    dom0.capabilities.write_text("\n")
    said = refused(dom0.places, ConnectFailed)
    assert "control_d" in said
    assert str(dom0.capabilities) in said


def test_this_very_machine_is_no_dom0() -> None:
    assert "/proc/xen/capabilities" in refused(Places(), ConnectFailed)


def test_a_target_with_a_rest_is_refused(dom0: Dom0) -> None:
    with registered("xen", dom0.driver), pytest.raises(InvalidTarget, match="xen: and nothing after it"):
        hvinspect.connect("xen:other-host")


def test_an_uri_of_libvirt_is_told_from_it() -> None:
    with pytest.raises(InvalidTarget, match="libvirt:xen:///system"):
        hvinspect.connect("xen:///system")


def test_no_device_for_hypercalls_is_refused(dom0: Dom0) -> None:
    dom0.privcmd.unlink()
    said = refused(dom0.places, ConnectFailed)
    assert str(dom0.privcmd) in said
    assert "modprobe xen-privcmd" in said


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    """While it lasts this process is not root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_kernel_without_a_device_for_buffers_is_fine(dom0: Dom0) -> None:
    dom0.hypercall.unlink()
    with registered("xen", dom0.driver), hvinspect.connect("xen:") as hv:
        assert hv.host().hypervisor == "Xen"


# Of the second libxencall says on stderr that it may not open it.
@pytest.mark.parametrize("closed", ["privcmd", "hypercall", "xenstored"])
def test_who_is_not_root_is_denied(library: Path, closed: str) -> None:
    # Not in pytest's own folder, which is closed to everyone else.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        dom0 = Dom0(Path(folder), library)
        for path in (dom0.privcmd, dom0.hypercall, dom0.root / "xenstored"):
            path.chmod(0 if path.name == closed else 0o666)
        with nobody():
            said = refused(dom0.places, AccessDenied)
        dom0.store.stop()
    assert f"{closed} may not be opened: Permission denied" in said
    assert "root in dom0" in said


def test_no_xenstored_is_refused(dom0: Dom0) -> None:
    places = replace(dom0.places, xenstored=("/nowhere/a", "/nowhere/b"))
    said = refused(places, ConnectFailed)
    assert "/nowhere/a or /nowhere/b" in said
    assert "systemctl start xenstored" in said


def test_a_xenstored_that_is_gone_is_refused(dom0: Dom0) -> None:
    dom0.store.stop()
    assert str(dom0.root / "xenstored") in refused(dom0.places, ConnectFailed)


def test_no_library_names_the_package_and_the_folders(dom0: Dom0) -> None:
    (dom0.libraries / "libxenstat.so.4.17").unlink()
    said = refused(dom0.places, DriverUnavailable)
    assert "libxenmisc4.17" in said
    assert str(dom0.libraries) in said


def test_the_library_of_the_running_release_is_named_if_it_is_missing(dom0: Dom0) -> None:
    (dom0.libraries / "libxenstat.so.4.17").unlink()
    dom0.release(4, 99)
    said = refused(dom0.places, DriverUnavailable)
    assert "libxenstat.so.4.99" in said
    assert "libxenmisc4.99" in said


def test_a_file_that_is_no_library_is_refused(dom0: Dom0) -> None:
    (dom0.libraries / "libxenstat.so.4.17").write_text("nothing")
    assert "cannot be loaded" in refused(dom0.places, DriverUnavailable)


def test_a_library_without_what_is_needed_is_refused(dom0: Dom0) -> None:
    (dom0.libraries / "libxenstat.so.4.17").unlink()
    source = dom0.root / "little.c"
    source.write_text("void *xenstat_init(void) { return 0; }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", dom0.libraries / "libxenstat.so.4.10", source], check=True)
    said = refused(dom0.places, DriverUnavailable)
    assert "xenstat_domain_cpu_ns" in said
    assert "4.11 or newer" in said


def test_a_hypervisor_of_another_release_is_said_to_be_one(dom0: Dom0) -> None:
    dom0.lines.append(f"fails {errno.EACCES}")
    dom0.tell()
    said = refused(dom0.places, AccessDenied)
    assert "another release" in said
    assert "libxenstat.so.4.17" in said


def test_a_hypervisor_that_fails_is_refused_with_its_word(dom0: Dom0) -> None:
    dom0.lines.append(f"fails {errno.EFAULT}")
    dom0.tell()
    assert os.strerror(errno.EFAULT) in refused(dom0.places, ConnectFailed)


def test_a_library_that_prints_that_it_cannot_connect_is_refused_in_silence(dom0: Dom0) -> None:
    dom0.lines.append(f"refuses {errno.ENOENT}")
    dom0.tell()
    # Else this test says nothing: by itself it prints.
    alone = f"import ctypes; ctypes.CDLL({str(dom0.libraries / 'libxenstat.so.4.17')!r}).xenstat_init()"
    done = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == "xc_interface_open: No such file or directory\n"
    assert "could not connect to the hypervisor and to xenstore: No such file" in refused(dom0.places, ConnectFailed)


def test_what_others_print_meanwhile_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with silenced():
        print("of Python", file=sys.stderr)
        os.write(2, b"of the process\n")
    assert capfd.readouterr().err == "of Python\nof the process\n"


def test_silence_ends_with_the_last_who_wants_it(capfd: pytest.CaptureFixture[str]) -> None:
    process = ctypes.CDLL(None)
    for _ in range(2):
        with silenced():
            with silenced():
                process.perror(b"inner")
            process.perror(b"outer")
        process.perror(b"after")
    assert [line.partition(":")[0] for line in capfd.readouterr().err.splitlines()] == ["after", "after"]


def test_of_several_libraries_the_running_hypervisors_is_first_then_the_newest(dom0: Dom0) -> None:
    for name in ("libxenstat.so.4.20", "libxenstat.so.4.9", "libxenstat.so.5"):
        dom0.add_library(name)
    (dom0.libraries / "libxenstat.so.4.17.0").symlink_to("libxenstat.so.4.17")
    dom0.release(4, 17)
    found = [path.rpartition("/")[2] for path in candidates(dom0.places)]
    assert found[0].startswith("libxenstat.so.4.17")
    assert found[1:] == ["libxenstat.so.5", "libxenstat.so.4.20", "libxenstat.so.4.9"]


def test_the_linker_is_asked_for_the_running_release_where_no_folder_has_it(dom0: Dom0) -> None:
    dom0.release(4, 20)
    assert [path.rpartition("/")[2] for path in candidates(dom0.places)] == [
        "libxenstat.so.4.20",
        "libxenstat.so.4.17",
    ]


def test_a_library_that_the_hypervisor_refuses_gives_way_to_the_next(dom0: Dom0) -> None:
    newer = dom0.libraries / "newer"
    newer.mkdir()
    (newer / "domains").write_text(f"fails {errno.EACCES}\n")
    dom0.add_library("libxenstat.so.4.20").rename(newer / "libxenstat.so.4.20")
    places = replace(dom0.places, libraries=(str(newer), str(dom0.libraries)))

    class Here(XenDriver):
        places: ClassVar[Places] = replace(dom0.places, libraries=(str(newer), str(dom0.libraries)))

    assert candidates(places)[0].endswith("4.20")
    with registered("xen", Here), hvinspect.connect("xen:") as hv:
        assert hv.snapshot().versions.binding == "libxenstat.so.4.17"


def test_a_xenstored_that_never_answers_costs_the_timeout_of_a_call(dom0: Dom0) -> None:
    with registered("xen", dom0.driver), hvinspect.connect("xen:") as hv:
        dom0.store.silent = True
        with pytest.raises(DeadlineExceeded):
            hv.snapshot(timeout=0.3)
        dom0.store.silent = False
        dom0.add(1)
        assert [guest.instance.native_id for guest in hv.snapshot()] == ["1"]
