"""The program that imports us keeps its event loop, its error handler, its signals and a quiet stderr and log."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import hvinspect
from hvinspect import Group
from tests.integration.libvirt.reading import wait_until_stopped
from tests.lab import settings
from tests.lab.daemons import Daemon
from tests.lab.guests import Guest
from tests.lab.specification import GuestSpec

#: What the scripts below have in common: reads of ours that fail in the middle, and an open that fails.
COMMON = """
import sys, threading, time
def reads():
    import hvinspect
    hv = hvinspect.connect("libvirt:test:///default")
    hv.snapshot(groups=set(hvinspect.Group) - {hvinspect.Group.UNKNOWN})
    hv.host()
    return hv
def failing_open():
    import hvinspect
    try:
        hvinspect.connect("libvirt:qemu+unix:///system?socket=/nowhere")
    except hvinspect.ConnectFailed as exc:
        assert "/nowhere" in str(exc), exc
    else:
        raise AssertionError("it connected")
def failing_call_of_the_program():
    import libvirt
    own = libvirt.openReadOnly("test:///default")
    try:
        own.lookupByName("mine")
    except libvirt.libvirtError:
        pass
heard = []
def handler(context, error):
    heard.append((context, error[2]))
def heard_once():
    assert heard == [("context", "Domain not found")], heard
    heard.clear()
"""
LIBVIRTS_PRINT_OF_THE_CALL = "libvirt: Test Driver error : Domain not found\n"


DYING = """
import hvinspect, sys
hv = hvinspect.connect("libvirt:qemu:///system")
hv.snapshot()
print("ready", flush=True)
sys.stdin.readline()
for _ in range(3):
    try:
        hv.snapshot(timeout=1.0)
    except hvinspect.Error as exc:
        print(type(exc).__name__)
    else:
        print("read")
"""


def run(script: str, *flags: str) -> str:
    """The stderr, byte by byte, of a program."""
    done = subprocess.run(
        [sys.executable, *flags, "-c", COMMON + script],
        cwd=settings.PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


# -- the error handler


def test_a_program_without_libvirt_sees_nothing() -> None:
    assert run("reads(); failing_open()") == ""


def test_a_program_that_imports_libvirt_later_keeps_libvirts_own_printing() -> None:
    assert run("reads(); failing_open(); failing_call_of_the_program()") == LIBVIRTS_PRINT_OF_THE_CALL


def test_a_program_that_imported_libvirt_and_set_no_handler_sees_none_of_our_reads() -> None:
    assert run("import libvirt; reads()") == ""


def test_its_own_choice_to_have_failures_printed_holds_for_our_failed_opens_too() -> None:
    # There is no connection yet to silence, and libvirt does not tell whether the program has set a handler.
    told = run("import libvirt; reads(); failing_open(); failing_call_of_the_program()").splitlines()
    assert len(told) == 2
    assert "/nowhere" in told[0]
    assert told[1] + "\n" == LIBVIRTS_PRINT_OF_THE_CALL


def test_a_handler_set_before_is_kept_and_hears_its_programs_failures_and_no_read_of_ours() -> None:
    assert (
        run(
            "import libvirt; libvirt.registerErrorHandler(handler, 'context'); reads(); assert not heard, heard\n"
            "failing_call_of_the_program(); heard_once()\n"
            "failing_open(); heard.clear(); reads(); failing_call_of_the_program(); heard_once()"
        )
        == ""
    )


def test_a_handler_set_after_is_kept_and_hears_its_programs_failures_and_no_read_of_ours() -> None:
    assert (
        run(
            "hv = reads(); import libvirt; libvirt.registerErrorHandler(handler, 'context')\n"
            "hv.snapshot(); reads(); assert not heard, heard\n"
            "failing_call_of_the_program(); heard_once()\n"
            "failing_open(); heard.clear(); failing_call_of_the_program(); heard_once()"
        )
        == ""
    )


def test_a_program_sees_nothing_when_the_daemon_dies_under_it(libvirtd: Daemon) -> None:
    program = subprocess.Popen(
        [
            sys.executable,
            "-c",
            DYING,
        ],
        cwd=settings.PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        libvirtd.kill()
        told, complaints = program.communicate("go\n", timeout=30)
    assert complaints == ""
    assert set(told.split()) <= {"ConnectionLost", "ConnectFailed"}
    assert "read" not in told


# -- the event loop, signals, threads

LOOP = """
def loop():
    import libvirt
    libvirt.virEventRegisterDefaultImpl()
    def turn():
        while True:
            libvirt.virEventRunDefaultImpl()
    threading.Thread(target=turn, daemon=True).start()
def works():
    import libvirt
    events = []
    own = libvirt.open("test:///default")
    own.domainEventRegister(lambda connection, domain, event, detail, opaque: events.append(event), None)
    own.lookupByName("test").suspend()
    until = time.monotonic() + 10
    while not events:
        assert time.monotonic() < until, "no event came"
        time.sleep(0.01)
    remote = libvirt.open("qemu:///system")
    assert remote.isAlive() and remote.listAllDomains() is not None
    remote.close()
def snapshots():
    import hvinspect
    hv = hvinspect.connect("libvirt:qemu:///system")
    for _ in range(3):
        hv.snapshot()
    return hv
"""


def test_a_program_keeps_the_event_loop_that_it_registered_before() -> None:
    assert run(LOOP + "loop(); hv = snapshots(); works(); hv.snapshot(); hv.close()") == ""


def test_a_program_registers_its_event_loop_after_us() -> None:
    assert run(LOOP + "hv = snapshots(); loop(); works(); hv.snapshot(); snapshots().close(); hv.close()") == ""


def test_an_event_loop_of_the_programs_own_making_is_taken_after_us() -> None:
    # libvirt ignores, with a warning, a second one: this fails if one of ours is there.
    assert (
        run(
            LOOP + "hv = snapshots(); import libvirt; asked = []\n"
            "libvirt.virEventRegisterImpl(\n"
            "    lambda *a: asked.append('handle') or 1, lambda *a: None, lambda *a: 0,\n"
            "    lambda *a: asked.append('timeout') or 1, lambda *a: None, lambda *a: 0)\n"
            "own = libvirt.openReadOnly('qemu:///system')\n"
            "assert 'handle' in asked, asked; import os; os._exit(0)"
        )
        == ""
    )


def test_an_asyncio_program_with_libvirts_own_loop_for_it() -> None:
    assert (
        run(
            LOOP + "import asyncio, libvirtaio\n"
            "async def main():\n"
            "    libvirtaio.virEventRegisterAsyncIOImpl()\n"
            "    hv = await asyncio.to_thread(snapshots)\n"
            "    await asyncio.gather(*(asyncio.to_thread(hv.snapshot) for _ in range(4)))\n"
            "    await asyncio.to_thread(hv.close)\n"
            "asyncio.run(main())"
        )
        == ""
    )


def test_importing_the_driver_leaves_signals_threads_and_descriptors_alone() -> None:
    assert (
        run(
            "import os, signal\n"
            "def now(): return [signal.getsignal(n) for n in signal.valid_signals()], threading.active_count()\n"
            "before = now(); import hvinspect.drivers.libvirt; assert now() == before\n"
            "hv = reads(); hv.close(); assert [t.name for t in threading.enumerate()] == ['MainThread']\n"
            "assert now() == before"
        )
        == ""
    )


def test_importing_the_package_imports_no_vendors_library() -> None:
    assert (
        run(
            "import hvinspect\n"
            "assert not {'libvirt', 'libvirtmod', 'lxml', 'ctypes'} & sys.modules.keys(), sorted(sys.modules)\n"
        )
        == ""
    )


# -- the log


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.loud = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        self.loud += record.levelno >= logging.INFO


@contextmanager
def kept_log() -> Iterator[_Kept]:
    """What the library logs meanwhile."""
    kept = _Kept()
    logger = logging.getLogger("hvinspect")
    level = logger.level
    logger.addHandler(kept)
    logger.setLevel(logging.DEBUG)
    try:
        yield kept
    finally:
        logger.removeHandler(kept)
        logger.setLevel(level)


MOST_LINES = 20


def test_a_thousand_reads_of_a_daemon_that_is_gone_add_few_lines(hv: hvinspect.Connection, libvirtd: Daemon) -> None:
    with kept_log() as log:
        hv.snapshot()
        libvirtd.kill()
        for _ in range(1000):
            with pytest.raises((hvinspect.ConnectionLost, hvinspect.ConnectFailed)):
                hv.snapshot(timeout=5.0)
        libvirtd.start()
        hv.snapshot()
    assert 1 <= log.loud <= MOST_LINES, log.lines


def test_a_thousand_reads_of_a_stuck_guest_add_few_lines_and_its_name_is_escaped(
    session_guests: object, lab: object
) -> None:
    with (
        Guest(GuestSpec(name="evil\u202eeman", memory_mib=16, kernel=False)).start(paused=True) as guest,
        kept_log() as log,
    ):
        hv = hvinspect.connect("libvirt:qemu:///system")
        hv.snapshot()
        with guest.stopped():
            wait_until_stopped(guest.pid)
            for _ in range(1000):
                try:
                    hv.snapshot(timeout=0.01)
                except hvinspect.DeadlineExceeded:
                    continue
        hv.close(timeout=10.0)
    assert log.loud <= MOST_LINES, log.lines
    assert all(line.isprintable() for line in log.lines), log.lines


def test_a_thousand_agents_that_cannot_be_asked_add_few_lines(two_busy_guests: tuple[Guest, Guest]) -> None:
    with (
        kept_log() as log,
        hvinspect.connect("libvirt:qemu:///system", options={"access": "write"}) as asking,
        hvinspect.connect("libvirt:qemu:///system") as denied,
    ):
        chosen = [two_busy_guests[0].spec.uuid]
        for _ in range(500):
            for hv in (asking, denied):
                (stats,) = hv.snapshot(chosen, groups=[Group.STATE, Group.GUEST_AGENT])
                assert stats.guest_agent.hostname is None
    assert log.loud <= MOST_LINES, log.lines
