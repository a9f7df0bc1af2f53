"""What is done to the guests and the daemon: a fault of some kind, some rest, another fault."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, final

from tests.integration.libvirt.reading import wait_until_stopped
from tests.integration.libvirt.stopping import keys, stopped
from tests.lab import settings
from tests.lab.daemons import Daemon
from tests.lab.guests import Guest
from tests.lab.specification import MIB, DiskSpec

PLUGGED: Final = DiskSpec(target="vdz", size=MIB)
ENDED_AND_MADE_ANEW: Final = "guest made anew"
KILLED_AND_MADE_ANEW: Final = "guest killed and made anew"
MADE_ANEW: Final = frozenset({ENDED_AND_MADE_ANEW, KILLED_AND_MADE_ANEW})
#: How long after a fault a call may still fail.
FELT_S = 2.0


@final
@dataclass(slots=True)
class Window:
    """When a fault was, and what it can have cost."""

    fault: str
    guests: frozenset[str]
    daemon: bool
    began: float = field(default_factory=time.monotonic)
    ended: float = float("inf")

    def touches(self, began: float, ended: float) -> bool:
        """Can a read of that time have felt it?"""
        return self.began <= ended and began <= self.ended + FELT_S


@final
class Faults:
    """Hurts guests and the daemon, one after another, on a thread of its own; what it breaks it mends."""

    def __init__(self, libvirtd: Daemon, booted: Sequence[Guest], tiny: Sequence[Guest], *, seed: int) -> None:
        self.done: Counter[str] = Counter()
        #: How often each guest was, by its key.
        self.made_anew: Counter[str] = Counter()
        self.windows: deque[Window] = deque(maxlen=30)
        self._libvirtd, self._booted, self._tiny = libvirtd, booted, tiny
        self._random = random.Random(seed)
        self.kinds: Final[list[Callable[[], None]]] = [
            self._stop_some, self._hang_the_daemon, self._restart_the_daemon, self._kill_the_daemon,
            self._remove_sockets, self._make_anew, self._kill_and_make_anew, self._plug, self._pause,
        ]  # fmt: skip
        self._may_work = threading.Event()
        self._rests = threading.Event()
        self._over = False
        self._problems: list[BaseException] = []

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Work while the context lasts."""
        thread = threading.Thread(target=self._work, daemon=True)
        self._may_work.set()
        thread.start()
        try:
            yield
        finally:
            self._over = True
            self._may_work.set()
            thread.join(120)
        assert not thread.is_alive(), f"still at {self.windows[-1]}"
        assert self._problems == []

    @property
    def rests(self) -> bool:
        """Is no fault under way, as was wished?"""
        assert self._problems == []
        return self._rests.is_set()

    def rest(self) -> None:
        """Begin no other."""
        self._rests.clear()
        self._may_work.clear()

    def go_on(self) -> None:
        """End the rest."""
        self._rests.clear()
        self._may_work.set()

    def _work(self) -> None:
        try:
            # Each kind comes once before any comes twice: short runs have them all.
            kinds = self._random.sample(self.kinds, len(self.kinds))
            while not self._over:
                if not self._may_work.is_set():
                    self._rests.set()
                    self._may_work.wait()
                # A rest begins with the end of a fault.
                time.sleep(self._random.uniform(0.3, 1.5))
                (kinds.pop() if kinds else self._random.choice(self.kinds))()
        except BaseException as problem:  # noqa: BLE001  # for the test's own thread
            self._problems.append(problem)
            self._rests.set()

    @contextlib.contextmanager
    def _window(self, fault: str, guests: Sequence[Guest] = (), *, daemon: bool = False) -> Iterator[None]:
        window = Window(fault, frozenset(keys(guests)), daemon)
        self.windows.append(window)
        yield
        window.ended = time.monotonic()
        self.done[fault] += 1

    def _a_moment(self) -> None:
        time.sleep(self._random.uniform(0.7, 1.3))

    def _stop_some(self) -> None:
        chosen = self._random.sample([*self._booted, *self._tiny], self._random.randint(1, 3))
        with self._window("guests stopped", chosen), stopped(chosen):
            self._a_moment()

    def _hang_the_daemon(self) -> None:
        pid = self._libvirtd.pid
        assert pid is not None
        with self._window("libvirtd hung", daemon=True):
            self._libvirtd.suspend()
            wait_until_stopped(pid)
            self._a_moment()
            self._libvirtd.resume()

    def _restart_the_daemon(self) -> None:
        with self._window("libvirtd restarted", daemon=True):
            self._libvirtd.restart()

    def _kill_the_daemon(self) -> None:
        with self._window("libvirtd killed", daemon=True):
            self._libvirtd.kill()
            self._a_moment()
            self._libvirtd.start()

    def _remove_sockets(self) -> None:
        with self._window("libvirtd's sockets removed", daemon=True):
            for path in settings.SOCKETS:
                path.unlink()
            self._a_moment()
            self._libvirtd.restart()

    def _kill_and_make_anew(self) -> None:
        guest = self._random.choice(self._tiny)
        with self._window(KILLED_AND_MADE_ANEW, [guest]):
            self.made_anew[guest.spec.uuid] += 1
            guest.kill()
            guest.destroy()
            guest.start()

    def _make_anew(self) -> None:
        guest = self._random.choice(self._tiny)
        with self._window(ENDED_AND_MADE_ANEW, [guest]):
            # Who counts before reading, and sees no such window afterwards, has counted right.
            self.made_anew[guest.spec.uuid] += 1
            guest.destroy()
            guest.start()

    def _plug(self) -> None:
        guest = self._random.choice(self._booted)
        with self._window("disk plugged and unplugged", [guest]):
            guest.plug(PLUGGED)
            self._a_moment()
            guest.unplug(PLUGGED, timeout=60.0)

    def _pause(self) -> None:
        guest = self._random.choice(self._booted)
        with self._window("guest paused and resumed", [guest]):
            guest.pause()
            self._a_moment()
            guest.resume()
