"""The client of xenstored on a real socket: many requests at once, long lists, and answers that cannot be."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from hvinspect import AccessDenied, ConnectionLost, DeadlineExceeded, ReplyInvalid
from hvinspect.driver import Deadline
from hvinspect.drivers._xen.xenstore import Operation, Store
from tests.drivers.xen.dom0 import Dom0
from tests.drivers.xen.xenstored import Xenstored


@pytest.fixture
def xenstored(dom0: Dom0) -> Xenstored:
    return dom0.store


@pytest.fixture
def store(dom0: Dom0) -> Iterator[Store]:
    opened = Store.open(dom0.places.xenstored, Deadline.after(20))
    yield opened
    opened.close()


def soon() -> Deadline:
    return Deadline.after(20)


def test_values_come_in_the_order_of_their_paths(xenstored: Xenstored, store: Store) -> None:
    xenstored.write("/a", **{f"k{number}": str(number) for number in range(100)})
    paths = [f"/a/k{number}" for number in (99, 3, 200, 50)]
    assert store.read(paths, soon()) == ["99", "3", None, "50"]
    assert store.read([f"/a/k{number}" for number in range(100)], soon()) == [str(number) for number in range(100)]


def test_nothing_asked_sends_nothing(xenstored: Xenstored, store: Store) -> None:
    assert store.read([], soon()) == []
    assert xenstored.asked == []


def test_a_value_may_be_empty_or_any_bytes(xenstored: Xenstored, store: Store) -> None:
    xenstored.write("/a", empty="", bytes=b"\xff\x00\x1b")
    assert store.read(["/a/empty", "/a/bytes"], soon()) == ["", "\\xff\x00\x1b"]


def test_a_folder_has_its_names_and_one_that_is_not_there_has_none(xenstored: Xenstored, store: Store) -> None:
    xenstored.write("/a", x="1", y__z="2")
    assert store.names(["/a", "/nowhere", "/a/x"], soon()) == [("x", "y"), (), ()]


def test_a_name_like_an_error_is_a_name(xenstored: Xenstored, store: Store) -> None:
    xenstored.write("/a", E2BIG="1")
    xenstored.write("/b", ENOENT="1")
    assert store.names(["/a", "/b"], soon()) == [("E2BIG",), ("ENOENT",)]


def test_a_list_that_is_too_long_for_one_message_is_whole(xenstored: Xenstored, store: Store) -> None:
    names = [f"domain-{number:05}" for number in range(2000)]
    xenstored.keys.update({f"/long/{name}/key": "1" for name in names})
    assert store.names(["/long"], soon()) == [tuple(names)]
    assert sum(operation == Operation.DIRECTORY_PART for operation, _ in xenstored.asked) > 1


def test_a_list_that_changes_while_it_is_read_in_parts_is_begun_anew(xenstored: Xenstored, store: Store) -> None:
    names = [f"domain-{number:05}" for number in range(2000)]
    xenstored.keys.update({f"/long/{name}/key": "1" for name in names})
    part = xenstored._part
    changed: list[int] = []

    def shrinking(listed: bytes, offset: int) -> bytes:
        if offset and not changed:
            changed.append(offset)
            xenstored.remove(f"/long/{names.pop(0)}")
        return part(listed, offset)

    xenstored._part = shrinking  # type: ignore[method-assign]
    assert store.names(["/long"], soon()) == [tuple(names)]
    assert changed


def test_answers_to_others_are_passed_over(xenstored: Xenstored, store: Store) -> None:
    xenstored.write("/a", x="1", y="2")
    xenstored.backwards = True
    assert store.read(["/a/x", "/a/y"], soon()) == ["1", "2"]


def test_leave_that_is_missing_is_access_denied(xenstored: Xenstored, store: Store) -> None:
    xenstored.errors["/a"] = "EACCES"
    with pytest.raises(AccessDenied, match="/a"):
        store.read(["/a"], soon())


def test_another_error_is_told(xenstored: Xenstored, store: Store) -> None:
    xenstored.errors["/a"] = "EIO"
    with pytest.raises(ReplyInvalid, match="EIO for /a"):
        store.read(["/a"], soon())


def test_an_answer_longer_than_may_be_ends_the_connection(xenstored: Xenstored, store: Store) -> None:
    xenstored.longest_announced = 1 << 31
    with pytest.raises(ConnectionLost, match=str(1 << 31)):
        store.read(["/a"], soon())


def test_a_daemon_that_hangs_up_is_a_lost_connection_from_then_on(xenstored: Xenstored, store: Store) -> None:
    store.read(["/a"], soon())
    xenstored.hang_up()
    for _ in range(2):
        with pytest.raises(ConnectionLost):
            store.read(["/a"], soon())


def test_silence_lasts_until_the_deadline_and_costs_nothing_after_it(xenstored: Xenstored, store: Store) -> None:
    xenstored.write("/a", x="1")
    xenstored.silent = True
    with pytest.raises(DeadlineExceeded):
        store.read(["/a/x"], Deadline.after(0.2))
    xenstored.silent = False
    assert store.read(["/a/x"], soon()) == ["1"]


def test_half_an_answer_is_not_taken_for_the_beginning_of_the_next(xenstored: Xenstored, store: Store) -> None:
    xenstored.write("/a", x="1")
    xenstored.halting = True
    with pytest.raises(DeadlineExceeded):
        store.read(["/a/x"], Deadline.after(0.2))
    xenstored.halting = False
    assert store.read(["/a/x"], soon()) == ["1"]


def test_a_spent_deadline_sends_nothing(xenstored: Xenstored, store: Store) -> None:
    with pytest.raises(DeadlineExceeded):
        store.read(["/a"], Deadline(0))
    assert xenstored.asked == []


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[tuple[Path, socket.socket]]:
    """A socket where as many wait to be taken as may."""
    path = tmp_path / "crowded"
    with socket.socket(socket.AF_UNIX) as listening, ExitStack() as others:
        listening.bind(str(path))
        listening.listen(1)
        for _ in range(2):
            others.enter_context(socket.socket(socket.AF_UNIX)).connect(str(path))
        yield path, listening


def test_a_xenstored_that_has_no_time_for_more_clients_is_waited_for(crowded: tuple[Path, socket.socket]) -> None:
    path, listening = crowded
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(Store.open, [str(path)], soon())
        time.sleep(0.1)
        assert not opening.done()
        for _ in range(2):
            listening.accept()[0].close()
        opening.result().close()


def test_it_is_waited_for_until_the_deadline(crowded: tuple[Path, socket.socket]) -> None:
    path, _ = crowded
    with pytest.raises(DeadlineExceeded):
        Store.open([str(path)], Deadline.after(0.1))
