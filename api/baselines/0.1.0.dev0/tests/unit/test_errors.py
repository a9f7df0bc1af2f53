"""The error tree: what a caller can catch, print and send to another process."""

from __future__ import annotations

import pickle

import pytest

import hvinspect
from hvinspect import Error, connect
from tests.unit.toy import SHORT, hooks

BASES: dict[type[Error], type[Exception]] = {
    hvinspect.DriverNotFound: LookupError,
    hvinspect.DriverUnavailable: ImportError,
    hvinspect.InvalidTarget: ValueError,
    hvinspect.ConnectFailed: ConnectionError,
    hvinspect.AccessDenied: PermissionError,
    hvinspect.ConnectionLost: ConnectionError,
    hvinspect.DeadlineExceeded: TimeoutError,
    hvinspect.InstanceNotFound: LookupError,
    hvinspect.NotSupported: Error,
    hvinspect.ReplyInvalid: Error,
}
every_error = pytest.mark.parametrize("kind", BASES, ids=lambda kind: kind.__name__)


def test_every_error_is_in_the_table_above() -> None:
    assert set(Error.__subclasses__()) == set(BASES)


@every_error
def test_an_error_is_also_what_a_caller_of_the_standard_library_catches(kind: type[Error]) -> None:
    assert issubclass(kind, BASES[kind])


@every_error
def test_an_error_survives_pickling(kind: type[Error]) -> None:
    copy = pickle.loads(pickle.dumps(kind("what", driver="d", target="d:t")))
    assert (type(copy), str(copy), copy.driver, copy.target) == (kind, "what", "d", "d:t")


@every_error
def test_an_error_is_shown_by_its_message_alone(kind: type[Error]) -> None:
    assert str(kind("what was tried", driver="d", target="d:t")) == "what was tried"


@every_error
def test_an_error_needs_no_message(kind: type[Error]) -> None:
    assert str(kind()) == ""


@every_error
def test_an_error_has_no_errno(kind: type[Error]) -> None:
    assert getattr(kind("what"), "errno", None) is None


def test_codes_are_different() -> None:
    assert len({kind.code for kind in BASES}) == len(BASES)


def test_what_may_go_better_next_time_is_retryable() -> None:
    retryable = {kind.__name__ for kind in BASES if kind.retryable}
    assert retryable == {"ConnectFailed", "ConnectionLost", "DeadlineExceeded"}


def test_an_unknown_driver_is_named_with_the_target() -> None:
    with pytest.raises(hvinspect.DriverNotFound) as caught:
        connect("nosuchdriver:here")
    assert (caught.value.driver, caught.value.target) == ("nosuchdriver", "nosuchdriver:here")


def test_a_failing_open_is_named_with_driver_and_target() -> None:
    def refuse(request: object) -> None:
        raise hvinspect.AccessDenied("no")

    with hooks(open=refuse) as toy:
        name = toy.driver()
        with pytest.raises(hvinspect.AccessDenied) as caught:
            connect(f"{name}:here")
    assert (caught.value.driver, caught.value.target) == (name, f"{name}:here")


def test_an_error_of_a_call_is_named_with_driver_and_target() -> None:
    with hooks() as toy, toy.connect() as connection:
        toy.inventory = toy.hang
        with pytest.raises(hvinspect.DeadlineExceeded) as caught:
            connection.snapshot(timeout=SHORT)
        assert caught.value.target == connection.target
        assert caught.value.driver == connection.target.partition(":")[0]
        toy.released.set()
