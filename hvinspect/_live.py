"""One open driver, the calls under way on it, and the seam where what a driver raises becomes hvinspect's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TypeVar, final

from ._errors import ConnectionLost, Error, ReplyInvalid
from ._green import replaced_by, start_native_thread
from ._log import logger
from ._model import Versions
from ._target import Target
from ._text import printable
from .driver import Driver, Origin

__all__ = ["Live", "errors_of", "expect", "foreign_errors", "told"]

T = TypeVar("T")


@final
class Live:
    """One open driver and the calls under way on it; closed when it is retired and the last of them has ended."""

    def __init__(self, driver: Driver, versions: Versions, origin: Origin) -> None:
        self.driver = driver
        self.versions = versions
        self.origin = origin
        self.closed = threading.Event()
        self._lock = threading.Lock()
        self._running = 0
        self._retired = False

    def run(self, hook: Callable[[Driver], T], driver_name: str) -> T:
        with self._lock:
            if self._retired:
                raise ConnectionLost("the connection was given up")
            self._running += 1
        try:
            with foreign_errors(driver_name):
                return hook(self.driver)
        finally:
            self._leave()

    def retire(self) -> None:
        """Close as soon as nothing runs on it any more; does not wait."""
        with self._lock:
            if self._retired:
                return
            self._retired = True
            idle = self._running == 0
        if idle:
            self._start_closing()

    def _leave(self) -> None:
        with self._lock:
            self._running -= 1
            last = self._retired and self._running == 0
        if last:
            self._start_closing()

    def _start_closing(self) -> None:
        # On a thread of its own: whoever retires it, or ends the last call on it, has a deadline.
        try:
            if replaced_by():  # since it was opened: a green one would stop them all if the hypervisor hangs
                start_native_thread(self._close, ())
            else:
                threading.Thread(target=self._close, name="hvinspect-close", daemon=True).start()
        except RuntimeError:  # no thread is started any more while the interpreter ends; the kernel closes it then
            self.closed.set()

    def _close(self) -> None:
        try:
            self.driver.close()
        except Exception as error:  # noqa: BLE001  # it is going away in any case
            logger().debug("closing failed: %s", printable(repr(error)))
        finally:
            self.closed.set()


def expect(kind: type[T] | tuple[type[T], ...], given: T) -> T:
    """*given*, which a driver says is of *kind*: its annotations may lie."""
    if not isinstance(given, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        raise TypeError(f"{' or '.join(one.__name__ for one in kinds)} is expected, not {type(given).__name__}")
    return given


def told(hook: Callable[[], Sequence[str]]) -> tuple[str, ...]:
    """What a driver tells of itself by *hook*, which does not ask the hypervisor."""
    try:
        return tuple(hook())
    except Exception as error:  # noqa: BLE001  # health() is asked when things go wrong, and never fails itself
        logger().debug("the driver does not tell how it fares: %s", printable(repr(error)))
        return ()


@contextmanager
def errors_of(target: Target) -> Generator[None]:
    """Errors that pass leave with the driver's name and the target in them."""
    try:
        yield
    except Error as error:
        error.driver = error.driver or target.driver
        error.target = error.target or str(target)
        raise


@contextmanager
def foreign_errors(driver_name: str) -> Generator[None]:
    """What a driver raises besides hvinspect's own errors: a broken connection is lost, the rest is its mistake."""
    try:
        yield
    except Error:
        raise
    except (ConnectionError, EOFError) as error:
        raise ConnectionLost(f"driver {driver_name!r} lost it: {printable(repr(error))}", driver=driver_name) from error
    except BaseException as error:  # SystemExit too: a driver does not end the program that imported us
        raise ReplyInvalid(f"driver {driver_name!r} failed: {printable(repr(error))}", driver=driver_name) from error
