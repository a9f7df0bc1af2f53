"""Connections and processes: one that ends in mid-call, one that forks, workers of multiprocessing, green threads.

Each program is a process of its own, as its end and its threads are what is tested.
"""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import final

import pytest

from tests.integration.libvirt.reading import wait_until_stopped
from tests.lab import settings
from tests.lab.daemons import Daemon
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest
from tests.lab.specification import GuestSpec

#: Far longer than any program takes, and shorter than the calls that hang in them.
LONG = 60.0
#: In which a process is gone that has nothing left to do.
AT_ONCE = 2.0
#: What a busy machine may add to a deadline.
GRACE = 2.0

TARGET = f"libvirt:{settings.QEMU_URI}"
PRELUDE = f"""
import gc, glob, os, signal, sys, threading, time
import hvinspect
def say(*words):
    print(*words, flush=True)
def await_word():
    sys.stdin.readline()
hv = hvinspect.connect({TARGET!r})
"""


@pytest.fixture(scope="module")
def guest(lab: Lab) -> Iterator[Guest]:
    """A guest without a kernel, whose QEMU can be stopped."""
    made = Guest(GuestSpec(name="process", memory_mib=16, kernel=False))
    try:
        yield made.start()
    finally:
        made.destroy()


@final
class Program:
    """A Python process that has a connection ``hv`` and runs *text*; it can be talked to by lines."""

    def __init__(self, text: str, *options: str, prelude: str = PRELUDE) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *options, "-c", prelude + textwrap.dedent(text)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        with self._process:
            pass

    def hears(self) -> str:
        """The next line that it says."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def go_on(self) -> None:
        """The word that it waits for."""
        assert self._process.stdin is not None
        self._process.stdin.write("go on\n")
        self._process.stdin.flush()

    def interrupt(self) -> None:
        """As Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def ends(self) -> tuple[int, str, str]:
        """Its exit status and the rest of what it writes."""
        out, err = self._process.communicate(timeout=LONG)
        return self._process.returncode, out.strip(), err.strip()


def run(text: str, *options: str, prelude: str = PRELUDE) -> list[str]:
    """The lines that a program says that ends well and writes nothing to stderr."""
    with Program(text, *options, prelude=prelude) as program:
        status, out, err = program.ends()
    assert err == ""
    assert status == 0
    return out.splitlines()


# -- the end of a process


@contextlib.contextmanager
def _stopped_guest(guest: Guest, _daemon: Daemon) -> Iterator[None]:
    with guest.stopped():
        wait_until_stopped(guest.pid)
        yield


@contextlib.contextmanager
def _stopped_daemon(_guest: Guest, daemon: Daemon) -> Iterator[None]:
    pid = daemon.pid
    assert pid is not None
    daemon.suspend()
    wait_until_stopped(pid)
    try:
        yield
    finally:
        daemon.resume()


_STUCK = """
hv.snapshot()
say("read")
await_word()
try:
    hv.snapshot(timeout=0.5)
except hvinspect.DeadlineExceeded:
    pass
assert hv.health().stuck_calls > 0
"""
#: How a program ends -> its last lines, and its exit status.
ENDS = {
    "by itself": ("say(time.monotonic())", 0),
    "after close()": ("hv.close(); say(time.monotonic())", 0),
    "by sys.exit()": ("say(time.monotonic()); sys.exit(3)", 3),
    "with a call on a thread": (
        "threading.Thread(target=hv.host, args=(600,), daemon=True).start(); time.sleep(0.2); say(time.monotonic())",
        0,
    ),
}


@pytest.mark.parametrize("stopped", [_stopped_guest, _stopped_daemon])
@pytest.mark.parametrize("how", ENDS)
def test_a_process_with_a_stuck_call_ends_at_once(
    how: str,
    stopped: Callable[[Guest, Daemon], AbstractContextManager[None]],
    guest: Guest,
    libvirtd: Daemon,
) -> None:
    ending, expected = ENDS[how]
    with Program(_STUCK + ending) as program:
        assert program.hears() == "read"
        with stopped(guest, libvirtd):
            program.go_on()
            status, out, err = program.ends()
            ended = time.monotonic()
    assert (status, err) == (expected, "")
    assert ended - float(out) < AT_ONCE


def test_ctrl_c_ends_a_call_that_hangs(guest: Guest, libvirtd: Daemon) -> None:
    text = """
        hv.snapshot()
        say("read")
        await_word()
        threading.Timer(0.2, say, ["calls"]).start()
        try:
            hv.snapshot(timeout=600)
        except KeyboardInterrupt:
            say("interrupted")
    """
    with Program(text) as program:
        assert program.hears() == "read"
        with _stopped_daemon(guest, libvirtd):
            program.go_on()
            assert program.hears() == "calls"
            began = time.monotonic()
            program.interrupt()
            assert program.ends() == (0, "interrupted", "")
            assert time.monotonic() - began < AT_ONCE


def test_a_connection_that_is_open_at_the_end_is_no_matter(guest: Guest) -> None:
    assert run("hv.snapshot()", "-W", "error") == []


def test_a_connection_that_is_dropped_unclosed_gives_a_warning_and_is_closed(guest: Guest) -> None:
    text = """
        hv.snapshot()
        del hv
        gc.collect()
        while any(thread.name.startswith("hvinspect") for thread in threading.enumerate()):
            time.sleep(0.01)
        links = [os.readlink(path) for path in glob.glob("/proc/self/fd/*") if os.path.islink(path)]
        say(*(link for link in links if link.startswith("socket:")))
    """
    with Program(text, "-W", "always::ResourceWarning") as program:
        status, out, err = program.ends()
    assert (status, out) == (0, "")
    assert re.findall(r"\w+Warning: unclosed .*", err) == [f"ResourceWarning: unclosed <Connection to {TARGET}>"]


# -- forks

_FORK = (
    PRELUDE
    + """
import warnings
def fork(child):
    with warnings.catch_warnings():
        # Newer Pythons (3.12) warn of a fork while there are other threads, which is what is tested here.
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        signal.alarm(30)  # one that hangs is seen then
        try:
            child()
        except Exception:
            import traceback
            traceback.print_exc()
            os._exit(1)
        sys.exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status == 0, status
def drops():
    global hv
    hv = None
    gc.collect()
def reads_and_drops():
    assert hv.snapshot(timeout=20).instances
    hv.close()
    drops()
def tries_to_read():
    try:
        hv.snapshot(timeout=5)
    except hvinspect.DeadlineExceeded:
        pass
CHILDREN = {
    "does nothing": lambda: None,
    "leaves": lambda: os._exit(0),
    "drops it": drops,
    "closes it": lambda: hv.close(),
    "reads and drops it": reads_and_drops,
    "tries to read": tries_to_read,
}
def check():
    assert not hv.snapshot(timeout=20).failures
    assert (hv.health().reconnects, hv.health().timeouts) == (0, 0), hv.health()
"""
)
CHILDREN = ("does nothing", "leaves", "drops it", "closes it", "reads and drops it")


@pytest.mark.parametrize("child", CHILDREN)
def test_the_parents_connection_outlives_a_child_that(child: str, guest: Guest) -> None:
    text = f"""
        check()
        for _ in range(2):
            fork(CHILDREN[{child!r}])
            check()
        hv.close()
    """
    assert run(text, prelude=_FORK) == []


# Such a child's calls are over by their deadline, and that is all it can be sure of: the thread that was in a native
# call at the fork may have held a lock of the native library's (seen: the allocator of glib 2.74), which nobody opens.
_IN_THE_MIDDLE = (*CHILDREN[:-1], "tries to read")


@pytest.mark.parametrize("forks", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_a_fork_in_the_middle_of_a_snapshot_harms_neither(forks: int, guest: Guest) -> None:
    text = f"""
        over, errors, reads_made = False, [], 0
        def read_all_the_time():
            global reads_made
            while not over and not errors:
                try:
                    check()
                    reads_made += 1
                except BaseException as error:
                    errors.append(error)
        reader = threading.Thread(target=read_all_the_time, daemon=True)
        reader.start()
        for number in range({forks}):
            time.sleep(0.001 * (number % 7))
            fork(CHILDREN[{_IN_THE_MIDDLE!r}[number % {len(_IN_THE_MIDDLE)}]])
        over = True
        reader.join()
        assert not errors, errors
        check()
        hv.close()
        say(reads_made > 1)
    """
    assert run(text, prelude=_FORK) == ["True"]


# -- multiprocessing

_POOL = f"""
import multiprocessing, os, sys
import hvinspect

def read(target):
    with hvinspect.connect(target) as hv:
        return os.getpid(), hv.snapshot()

def fail(target):
    hvinspect.connect(target)

if __name__ == "__main__":
    with hvinspect.connect({TARGET!r}) as hv:
        before = hv.snapshot()
        with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
            for pid, snapshot in pool.map(read, [{TARGET!r}] * 4):
                assert pid != os.getpid()
                assert sorted(one.instance.key for one in snapshot) == sorted(one.instance.key for one in before)
                assert hvinspect.rates(before, snapshot)
            try:
                pool.apply(fail, ("libvirt:qemu+unix:///system?socket=/nowhere",))
            except hvinspect.ConnectFailed as error:
                print(error.driver, error.target, error.retryable)
            try:
                pool.apply(print, (hv,))
            except TypeError as error:
                print(error)
            pool.close()
            pool.join()
        hv.snapshot()
        print(hv.health().reconnects)
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_workers_of_multiprocessing_connect_for_themselves(method: str, guest: Guest, tmp_path: Path) -> None:
    script = tmp_path / "pool.py"
    script.write_text(_POOL)
    done = subprocess.run([sys.executable, script, method], capture_output=True, text=True, timeout=LONG)
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "libvirt libvirt:qemu+unix:///system?socket=/nowhere True",
        "a Connection stays in its process: connect() in the other one, to its target",
        "0",
    ]


# -- green threads

# Its warning that it is deprecated is its own.
_EVENTLET = "import warnings\nwarnings.simplefilter('ignore')\nimport eventlet\n"


def test_connect_refuses_where_threads_are_green(lab: Lab) -> None:
    prelude = f"{_EVENTLET}eventlet.monkey_patch()\nimport hvinspect\n"
    text = f"""
        try:
            hvinspect.connect({TARGET!r})
        except hvinspect.NotSupported as error:
            print(error)
    """
    [told] = run(text, prelude=prelude)
    assert told.startswith("eventlet has replaced the threads of this process by green ones")
    assert "thread=False" in told


def test_without_green_threads_a_deadline_holds(guest: Guest, libvirtd: Daemon) -> None:
    text = """
        for _ in range(20):
            assert hv.snapshot().instances
        say("read")
        await_word()
        for call in (hv.snapshot, hv.host):
            began = time.monotonic()
            try:
                call(timeout=0.5)
            except hvinspect.DeadlineExceeded:
                say(time.monotonic() - began)
        say("goes on")
        await_word()
        assert hv.snapshot(timeout=20).instances
        hv.close()
    """
    with Program(text, prelude=f"{_EVENTLET}eventlet.monkey_patch(thread=False)\n{PRELUDE}") as program:
        assert program.hears() == "read"
        with _stopped_daemon(guest, libvirtd):
            program.go_on()
            took = [float(program.hears()) for _ in range(2)]
            assert program.hears() == "goes on"
        program.go_on()
        assert program.ends() == (0, "", "")
    assert max(took) < 0.5 + GRACE


def test_an_open_connection_refuses_once_threads_are_green_and_can_be_closed(guest: Guest, libvirtd: Daemon) -> None:
    text = """
        hv.snapshot()
        import eventlet
        eventlet.monkey_patch()
        ticks = []
        def tick():
            while True:
                ticks.append(None)
                eventlet.sleep(0.01)
        eventlet.spawn(tick)
        say("patched")
        await_word()
        for call in (hv.snapshot, hv.host, hv.capabilities):
            try:
                call()
            except hvinspect.NotSupported as error:
                say(error.target)
        assert hv.health().connected
        before = len(ticks)
        hv.close(timeout=0.5)
        say(len(ticks) - before)
    """
    with Program(text, prelude=f"{_EVENTLET}{PRELUDE}") as program:
        assert program.hears() == "patched"
        with _stopped_daemon(guest, libvirtd):
            program.go_on()
            status, out, err = program.ends()
    *refused, ticks = out.splitlines()
    assert (status, refused, err) == (0, [TARGET] * 3, "")
    assert int(ticks) > 1
