"""The reader of processes, on this very process: the kernel's numbers are those of Python's own calls."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest

import hvinspect
from hvinspect.driver import QemuProcesses

OWN = os.getpid()
_SLACK_NS = 500_000_000


@pytest.fixture
def processes() -> QemuProcesses:
    """The host's."""
    return QemuProcesses()


def test_cpu_time_is_that_of_the_whole_process(processes: QemuProcesses) -> None:
    before = time.process_time_ns()
    look = processes.look(OWN)
    assert before <= look.time_ns <= time.process_time_ns()
    assert abs(look.user_ns + look.system_ns - look.time_ns) <= _SLACK_NS


def test_the_start_of_a_process_stays_what_it_is(processes: QemuProcesses) -> None:
    assert processes.look(OWN).started == processes.look(OWN).started > 0


def test_memory_is_in_bytes(processes: QemuProcesses) -> None:
    status = Path("/proc/self/status").read_text()
    kib = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")))
    assert processes.look(OWN).resident_bytes == pytest.approx(kib * 1024, rel=0.2)


def test_the_times_of_a_thread_are_the_schedulers(processes: QemuProcesses) -> None:
    before = time.thread_time_ns()
    times = processes.thread(OWN, threading.get_native_id())
    assert times.time_ns == pytest.approx(before, abs=_SLACK_NS)
    assert times.delay_ns >= 0


def test_threads_have_their_names(processes: QemuProcesses) -> None:
    assert threading.get_native_id() in processes.threads(OWN)
    assert processes.inner_threads(OWN)


def test_a_command_line_is_as_it_was_given(processes: QemuProcesses) -> None:
    assert (
        b"\0".join(os.fsencode(word) for word in processes.command_line(OWN)) + b"\0"
        == Path("/proc/self/cmdline").read_bytes()
    )


def test_what_went_to_and_from_storage_is_the_kernels_count(processes: QemuProcesses) -> None:
    lines = (line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    told = {name: int(value) for name, value in lines}
    storage = processes.storage(OWN)
    assert storage is not None
    assert storage.read_bytes >= told["read_bytes"]
    assert storage.write_bytes >= told["write_bytes"]
    assert storage.cancelled_write_bytes >= told["cancelled_write_bytes"]


def test_as_many_files_are_open_as_there_are_descriptors_where_the_kernel_tells(processes: QemuProcesses) -> None:
    told = processes.open_files(OWN)
    with Path(__file__).open(encoding="utf-8"):
        assert processes.open_files(OWN) == (told + 1 if told else 0)


def test_network_devices_are_counted(processes: QemuProcesses) -> None:
    devices = processes.nics("self")
    assert set(devices) == {name for _, name in socket.if_nameindex()}


def test_namespaces_and_the_working_folder_are_told(processes: QemuProcesses) -> None:
    assert processes.namespace("self", "net") == processes.namespace(OWN, "net")
    assert processes.folder(OWN) == str(Path.cwd())


def test_an_ordinary_file_is_no_tap(processes: QemuProcesses) -> None:
    with open("/dev/null") as file:
        descriptors = processes.descriptors(OWN)
        assert str(file.fileno()) in descriptors
        assert processes.taps(OWN, descriptors) == {}


def test_this_is_no_qemu(processes: QemuProcesses) -> None:
    assert OWN not in processes.find()
    assert not processes.is_qemu(processes.look(OWN))


def test_a_process_that_is_gone_says_so(processes: QemuProcesses) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    asked = (processes.look, processes.command_line, processes.threads, processes.descriptors, processes.nics)
    for ask in (*asked, processes.storage, processes.open_files):
        with pytest.raises(ProcessLookupError):
            ask(child)


def test_the_libvirt_driver_does_without_it() -> None:
    # As its page says: a process id is of libvirtd's pid namespace, which may be another.
    drivers = Path(hvinspect.__file__).parent / "drivers"
    sources = [drivers / "libvirt.py", *(drivers / "_libvirt").glob("*.py")]
    assert len(sources) > 10
    assert [path.name for path in sources if "QemuProcess" in path.read_text(encoding="utf-8")] == []
