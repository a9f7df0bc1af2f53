"""The process of an ``Elsewhere``: takes commands on stdin, gives pickled reads on the descriptor it is told.

Its results have a descriptor of their own, for its stdout may be what is broken.
"""

from __future__ import annotations

import dataclasses
import gc
import os
import pickle
import resource
import struct
import sys
import threading
import time
import traceback
from typing import BinaryIO

import hvinspect
from tests.integration.libvirt.faults.readers import Read, anew, calm, timed


class Reading:
    """What can be asked of it; each word of a command is a method here."""

    def __init__(self, target: str, how: str) -> None:
        self._target, self._anew = target, how == "anew"
        self._connection: hvinspect.Connection | None = None
        self._right_time_ns = time.time_ns

    def warm(self, seconds: float) -> tuple[Read, ...]:
        anew(self._target, seconds)
        gc.collect()
        return ()

    def open(self, seconds: float) -> tuple[Read, ...]:
        if not self._anew:
            self._connection = hvinspect.connect(self._target, timeout=seconds)
        return ()

    def read(self, seconds: float) -> tuple[Read, ...]:
        connection = self._connection
        if connection is None:
            return (timed(lambda: anew(self._target, seconds), seconds),)
        return (timed(lambda: connection.snapshot(timeout=seconds), seconds),)

    def calm(self, seconds: float) -> bool:
        return self._connection is None or calm(self._connection)

    def fork(self, seconds: float) -> tuple[Read, ...]:
        mine: list[Read] = []
        reading = threading.Thread(target=lambda: mine.extend(self.read(seconds)))
        ours, theirs = os.pipe()
        reading.start()
        time.sleep(0.002)
        pid = os.fork() if reading.is_alive() else -1
        if pid < 0:
            raise AssertionError("the read was over before the fork")
        if pid == 0:
            try:
                with os.fdopen(theirs, "wb") as out:
                    pickle.dump(self.read(seconds), out)
            finally:
                os._exit(0)
        os.close(theirs)
        with os.fdopen(ours, "rb") as answer:
            childs = answer.read()
        os.waitpid(pid, 0)
        reading.join()
        if not childs:
            raise AssertionError("the child of the fork gave nothing")
        others: tuple[Read, ...] = pickle.loads(childs)
        # They overlap, so each has its own order of what it sees.
        return (*mine, *(dataclasses.replace(one, eye=1) for one in others))

    def clock(self, seconds: float) -> tuple[Read, ...]:
        away = int(seconds * 1e9)
        time.time_ns = lambda: self._right_time_ns() + away
        return ()

    def threads(self, count: float) -> tuple[Read, ...]:
        _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        resource.setrlimit(resource.RLIMIT_NPROC, (int(count) if count >= 0 else hard, hard))
        return ()

    def close(self, seconds: float) -> tuple[Read, ...]:
        if self._connection is not None:
            self._connection.close(timeout=seconds)
        self._connection = None
        gc.collect()
        return ()


def _give(out: BinaryIO, reply: object) -> None:
    data = pickle.dumps(reply)
    out.write(struct.pack("!I", len(data)) + data)
    out.flush()


def main(target: str, how: str, descriptor: int) -> None:
    """Serve until stdin ends."""
    reading = Reading(target, how)
    with os.fdopen(descriptor, "wb") as out:
        for line in sys.stdin:
            word, seconds = line.split()
            try:
                _give(out, getattr(reading, word)(float(seconds)))
            except Exception:  # noqa: BLE001  # told to who asked
                _give(out, AssertionError(traceback.format_exc()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
