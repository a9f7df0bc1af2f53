"""After a fork the child opens its own connection, and leaves the parent's alone to its very end."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.unit.toy import LONG

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")

PROGRAM = r"""
import gc, os, sys, threading, time, traceback
from hvinspect import *
from tests.unit.toy import Hooks, LONG

log, parent = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND), os.getpid()
def tell(*words, write=os.write, getpid=os.getpid, log=log, parent=parent):  # to the very end of the process
    write(log, " ".join(("parent" if getpid() == parent else "child", *words, "\n")).encode())

class Native:  # says goodbye when it is collected, as the handles of native libraries do
    def __del__(self, tell=tell):
        tell("collects")

toy = Hooks()
toy.open = lambda request: tell("opens")
toy.close = lambda: tell("closes")
def fork(child):
    pid = os.fork()
    if pid == 0:
        try:
            child()
        except Exception:
            traceback.print_exc()
            os._exit(1)
        sys.exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


def run(program: str, tmp_path: Path) -> list[str]:
    """The lines that *program* wrote; each child must have ended well."""
    log = tmp_path / "log"
    log.touch()
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM + textwrap.dedent(program), str(log)],
        capture_output=True,
        text=True,
        timeout=LONG,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return [line.strip() for line in log.read_text().splitlines()]


def test_the_child_opens_its_own(tmp_path: Path) -> None:
    lines = run(
        """
        connection = toy.connect()
        assert fork(lambda: connection.snapshot()["a"]) == 0
        """,
        tmp_path,
    )
    assert lines == ["parent opens", "child opens"]


def test_the_child_never_uses_the_parents_driver(tmp_path: Path) -> None:
    run(
        """
        connection = toy.connect()
        inherited = connection._live.driver
        def child():
            connection.snapshot()
            assert connection._live.driver is not inherited
        assert fork(child) == 0
        connection.snapshot()
        assert connection._live.driver is inherited
        """,
        tmp_path,
    )


def test_the_parents_handle_is_never_collected_by_the_child(tmp_path: Path) -> None:
    lines = run(
        """
        connection = toy.connect()
        toy.opened.pop().native = Native()
        def child():
            global connection
            connection.close()
            connection = None
            gc.collect()
        assert fork(child) == 0
        connection.snapshot()
        """,
        tmp_path,
    )
    assert lines == ["parent opens", "parent collects"]


def test_the_parents_handle_outlives_the_childs_exit(tmp_path: Path) -> None:
    lines = run(
        """
        connection = toy.connect()
        toy.opened.pop().native = Native()
        assert fork(lambda: None) == 0
        tell("goes on")
        connection.close()
        connection = None
        gc.collect()
        """,
        tmp_path,
    )
    assert lines == ["parent opens", "parent goes on", "parent closes", "parent collects"]


def test_closing_in_the_child_closes_the_childs_own_only(tmp_path: Path) -> None:
    lines = run(
        """
        connection = toy.connect()
        def child():
            connection.snapshot()
            connection.close()
        assert fork(child) == 0
        connection.snapshot()
        """,
        tmp_path,
    )
    assert lines == ["parent opens", "child opens", "child closes"]


def test_a_grandchild_opens_its_own_too(tmp_path: Path) -> None:
    lines = run(
        """
        connection = toy.connect()
        def child():
            connection.snapshot()
            assert fork(connection.snapshot) == 0
            connection.snapshot()
        assert fork(child) == 0
        """,
        tmp_path,
    )
    assert lines == ["parent opens", "child opens", "child opens"]


def test_a_fork_while_other_threads_hold_every_lock(tmp_path: Path) -> None:
    run(
        """
        connection = toy.connect(concurrency=1)
        held = threading.Event()
        def hold():
            with connection._lock, connection._live._lock, connection._workers._lock, connection._openers._lock:
                held.set()
                time.sleep(LONG)
        threading.Thread(target=hold, daemon=True).start()
        held.wait()
        assert fork(lambda: connection.snapshot(timeout=LONG / 4)["a"]) == 0
        """,
        tmp_path,
    )


def test_a_fork_while_a_call_is_stuck(tmp_path: Path) -> None:
    run(
        """
        connection = toy.connect(concurrency=1)
        began = threading.Event()
        def stuck(request):
            began.set()
            time.sleep(LONG)
        toy.host = stuck
        threading.Thread(target=connection.host, daemon=True).start()
        began.wait()
        def child():
            assert connection.health().stuck_calls == 0
            connection.snapshot(timeout=LONG / 4)["a"]
        assert fork(child) == 0
        """,
        tmp_path,
    )


def test_a_fork_while_the_connection_is_being_opened(tmp_path: Path) -> None:
    run(
        """
        connection = toy.connect()
        began, once = threading.Event(), [1]
        def lose(request):
            if once:
                once.pop()
                raise ConnectionLost("gone")
            return ()
        toy.inventory = lose
        def slow(request):
            if os.getpid() == parent:
                began.set()
                time.sleep(LONG)
        toy.open = slow
        threading.Thread(target=connection.snapshot, daemon=True).start()
        began.wait()
        while connection._opening is None:
            time.sleep(0.001)
        assert fork(lambda: connection.snapshot(timeout=LONG / 4)) == 0
        """,
        tmp_path,
    )


def test_a_connection_that_is_gone_is_not_watched_any_more() -> None:
    from hvinspect import _fork
    from tests.unit.toy import hooks

    with hooks() as toy:
        connection = toy.connect()
        assert connection in _fork._watched
        before = len(_fork._watched)
        connection.close()
        toy.connections.clear()
        del connection
        gc.collect()
    assert len(_fork._watched) < before
