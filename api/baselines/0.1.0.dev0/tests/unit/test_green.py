"""Where a library has replaced threads by green ones, hvinspect refuses to work; it never asks whether there is one."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from types import ModuleType

import pytest

import hvinspect
from tests.unit.toy import LONG, hooks


def _patched(library: str, module: str, function: str, *, part: str) -> ModuleType:
    """A stand-in for *module* of *library* that has replaced *part* and nothing else."""
    made = ModuleType(f"{library}.{module}")
    setattr(made, function, lambda name: name == part)
    return made


def test_gevent_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    module = _patched("gevent", "monkey", "is_module_patched", part="threading")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with hooks() as toy, pytest.raises(hvinspect.NotSupported, match="gevent has replaced the threads"):
        toy.connect()


def test_gevent_without_its_threads_is_no_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    module = _patched("gevent", "monkey", "is_module_patched", part="socket")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with hooks() as toy:
        assert toy.connect().snapshot()["a"].instance.key == "a"


def test_an_open_connection_refuses_calls_once_threads_are_green(monkeypatch: pytest.MonkeyPatch) -> None:
    module = _patched("eventlet", "patcher", "is_monkey_patched", part="thread")
    with hooks() as toy:
        connection = toy.connect()
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module.__name__, module)
            for call in (connection.snapshot, connection.host, connection.capabilities):
                with pytest.raises(hvinspect.NotSupported, match="eventlet") as caught:
                    call()
                assert caught.value.target == connection.target
        assert connection.snapshot()["a"].instance.key == "a"


def test_an_open_connection_is_closed_on_a_native_thread_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    module = _patched("eventlet", "patcher", "is_monkey_patched", part="thread")
    threads: list[int] = []
    with hooks(close=lambda: threads.append(threading.get_ident())) as toy:
        connection = toy.connect()
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(threading.Thread, "start", pytest.fail)
        connection.close(timeout=LONG)
    assert threads
    assert threads[0] != threading.get_ident()


def test_neither_library_is_imported() -> None:
    program = """
        import sys, hvinspect
        hvinspect.connect("fake:").close()
        print([name for name in sys.modules if name.startswith(("eventlet", "gevent", "greenlet"))])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=LONG
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
