"""Connections are lent to one thread at a time, kept between calls, and closed when they are of no use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

pytest.importorskip("libvirt", reason="libvirt-python is not installed: pip install hvinspect[libvirt]")

from hvinspect.driver import ConnectFailed, ConnectionLost, Deadline, DeadlineExceeded
from hvinspect.drivers._libvirt.lanes import Lanes
from hvinspect.drivers._libvirt.native import Native
from tests.drivers.libvirt.played_daemon import PlayedConnection, PlayedDaemon, uuids

LONG, SHORT = 30.0, 0.1


class Opener:
    """Opens connections to a daemon that is played, as the test wants."""

    def __init__(self) -> None:
        self.daemon = PlayedDaemon(uuids(3))
        self.gate = threading.Event()
        self.gate.set()
        self.refuses = False
        self.opening = self.most_opening = 0
        self.lanes = Lanes(self.open(), self.open, "played")

    def open(self) -> Native:
        self.opening += 1
        self.most_opening = max(self.most_opening, self.opening)
        try:
            self.gate.wait(LONG)
            if self.refuses:
                raise ConnectFailed("nobody listens")
            return Native(PlayedConnection(self.daemon))
        finally:
            self.opening -= 1


@pytest.fixture
def opener() -> Iterator[Opener]:
    made = Opener()
    yield made
    made.gate.set()


def soon() -> Deadline:
    return Deadline.after(LONG)


def test_the_first_connection_is_lent_again_and_again(opener: Opener) -> None:
    for _ in range(5):
        with opener.lanes.lend(soon()):
            pass
    assert opener.daemon.connections == 1


def test_two_at_once_never_have_the_same(opener: Opener) -> None:
    with opener.lanes.lend(soon()) as one, opener.lanes.lend(soon()) as other:
        assert one is not other
    assert opener.daemon.connections == 2


def test_a_few_are_kept_and_the_rest_is_closed(opener: Opener) -> None:
    with ExitStack() as stack:
        for _ in range(7):
            stack.enter_context(opener.lanes.lend(soon()))
    assert (opener.daemon.connections, opener.daemon.closed) == (7, 3)


def test_one_whose_call_was_given_up_is_closed(opener: Opener) -> None:
    with opener.lanes.lend(soon()) as lane:
        lane.given_up = True
    assert opener.daemon.closed == 1


def test_one_that_comes_back_too_late_is_closed(opener: Opener) -> None:
    deadline = Deadline.after(0.01)
    with opener.lanes.lend(deadline):
        while not deadline.passed:
            threading.Event().wait(0.001)
    assert opener.daemon.closed == 1


def test_one_that_is_lost_is_closed(opener: Opener) -> None:
    with pytest.raises(ConnectionLost), opener.lanes.lend(soon()):
        raise ConnectionLost("the daemon went away")
    assert opener.daemon.closed == 1


def test_one_on_which_a_call_failed_is_kept(opener: Opener) -> None:
    with pytest.raises(KeyError), opener.lanes.lend(soon()):
        raise KeyError("k")
    assert opener.daemon.closed == 0


def test_closing_closes_those_that_are_idle_at_once_and_the_others_when_they_come_back(opener: Opener) -> None:
    with opener.lanes.lend(soon()):
        with opener.lanes.lend(soon()):
            pass
        opener.lanes.close()
        assert opener.daemon.closed == 1
    assert opener.daemon.closed == 2


def test_one_that_is_closed_says_goodbye_at_once_whoever_keeps_it(opener: Opener) -> None:
    with opener.lanes.lend(soon()) as idle, opener.lanes.lend(soon()) as lent:
        idle.list()
        lent.list()
        lent.given_up = True
    assert opener.daemon.goodbyes == 1
    opener.lanes.close()
    assert opener.daemon.goodbyes == 2


def test_an_error_keeps_no_domain_of_a_connection_that_is_closed(opener: Opener) -> None:
    def fail(domains: Mapping[str, object]) -> None:
        try:
            raise KeyError("what libvirt says")
        except KeyError as exc:
            raise ConnectionLost("the daemon went away") from exc

    with pytest.raises(ConnectionLost) as caught, opener.lanes.lend(soon()) as lane:
        fail(dict(lane.list()))
    assert opener.daemon.goodbyes == 1
    assert isinstance(caught.value.__cause__, KeyError)


def test_nothing_is_lent_once_it_is_closed(opener: Opener) -> None:
    opener.lanes.close()
    with pytest.raises(ConnectionLost), opener.lanes.lend(soon()):
        pass
    assert opener.daemon.connections == 1


def test_at_most_one_is_being_opened_at_a_time(opener: Opener) -> None:
    together = threading.Barrier(8)

    def lend(_: int) -> None:
        with opener.lanes.lend(soon()):
            together.wait(LONG)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lend, range(8)))
    assert opener.daemon.connections == 8
    assert opener.most_opening == 1


def test_who_waits_for_another_opening_waits_no_longer_than_its_deadline(opener: Opener) -> None:
    with opener.lanes.lend(soon()):
        opener.gate.clear()
        thread = threading.Thread(target=_lend_once, args=(opener.lanes,), daemon=True)
        thread.start()
        until(lambda: opener.opening == 1)
        with pytest.raises(DeadlineExceeded, match="another connection to played is being opened"):
            opener.lanes.lend(Deadline.after(SHORT)).__enter__()
        opener.gate.set()
        thread.join(LONG)
        assert opener.daemon.connections == 2


def test_one_that_cannot_be_opened_says_why_and_the_next_tries_again(opener: Opener) -> None:
    with opener.lanes.lend(soon()):
        opener.refuses = True
        with pytest.raises(ConnectFailed, match="nobody listens"), opener.lanes.lend(soon()):
            pass
        opener.refuses = False
        with opener.lanes.lend(soon()):
            assert opener.daemon.connections == 2


def test_the_list_of_domains_is_asked_for_only_when_one_is_not_known(opener: Opener) -> None:
    first, *others = opener.daemon.guests
    with opener.lanes.lend(soon()) as lane:
        handle = lane.native.handle
        for keys, lists in (([first], 1), ([first], 1), ([first, *others], 2), (others, 2), ([first, "unknown"], 3)):
            assert lane.domains(keys).keys() == set(keys) - {"unknown"}
            assert handle.lists == lists


def test_who_asks_for_a_domain_is_lent_the_connection_that_knows_it(opener: Opener) -> None:
    first, second, _ = opener.daemon.guests
    with opener.lanes.lend(soon()) as one, opener.lanes.lend(soon()) as other, opener.lanes.lend(soon()) as listed:
        one.domains([first])
        other.domains([second])
        listed.list()
    for key, lane in ((first, one), (second, other), (first, one), (None, listed)):
        with opener.lanes.lend(soon(), key=key) as lent:
            assert lent is lane


def test_a_connection_keeps_the_domains_that_it_is_asked_for_and_is_lent_for_them_again(opener: Opener) -> None:
    first, second, *_ = opener.daemon.guests
    with opener.lanes.lend(soon()) as all_of_them, opener.lanes.lend(soon(), key=first) as one:
        all_of_them.list()
        one.domains([first])
        assert (one.knows(first), one.knows(second)) == (True, False)
    with opener.lanes.lend(soon(), key=first) as lent:
        assert lent is one
    with opener.lanes.lend(soon()) as lent:
        assert lent is all_of_them


def _lend_once(lanes: Lanes) -> None:
    with lanes.lend(soon()):
        pass


def until(condition: Callable[[], bool]) -> None:
    """Wait for *condition*, which comes true by itself."""
    deadline = soon()
    while not condition():
        deadline.check("the condition")
        threading.Event().wait(0.001)
