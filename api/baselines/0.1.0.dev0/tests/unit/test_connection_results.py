"""What a driver gives becomes one result for each instance, and its mistakes become errors of ours."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hvinspect import (
    CATALOGUE,
    Absence,
    AccessDenied,
    DriverNotFound,
    Error,
    Failure,
    Group,
    HostId,
    Instance,
    InstanceStats,
    NotSupported,
    Reason,
    ReplyInvalid,
    Snapshot,
    connect,
)
from hvinspect.driver import Origin, ReadRequest
from tests.unit.toy import Hooks, hooks, stats_of

A, B = Instance(key="a"), Instance(key="b")


@pytest.fixture
def toy() -> Iterator[Hooks]:
    with hooks() as made:
        yield made


def reading(*results: Any) -> Callable[[ReadRequest], Iterator[Any]]:
    """A read that gives *results*; of those that are errors, raises."""

    def read(request: ReadRequest) -> Iterator[Any]:
        for result in results:
            if isinstance(result, BaseException):
                raise result
            yield result

    return read


def keys(snapshot: Snapshot) -> tuple[list[str], list[str]]:
    """The keys that were read, and those that failed."""
    return [one.instance.key for one in snapshot], [one.instance.key for one in snapshot.failures]


def test_a_snapshot_has_every_instance_in_the_order_of_the_inventory(toy: Hooks) -> None:
    toy.read = lambda request: map(stats_of, reversed(request.instances))
    assert keys(toy.connect().snapshot()) == (["a", "b"], [])


def test_an_instance_that_the_driver_leaves_out_is_a_failure(toy: Hooks) -> None:
    toy.read = reading(stats_of(A))
    snapshot = toy.connect().snapshot()
    assert keys(snapshot) == (["a"], ["b"])
    assert snapshot.failures[0].reason is Reason.FAILED


def test_a_failure_of_the_driver_is_handed_on(toy: Hooks) -> None:
    failure = Failure(instance=B, reason=Reason.VANISHED, detail="gone")
    toy.read = reading(stats_of(A), failure)
    assert toy.connect().snapshot().failures == (failure,)


def test_of_two_results_of_one_instance_the_first_stands(toy: Hooks) -> None:
    toy.read = reading(stats_of(A, native_state="first"), stats_of(A, native_state="second"), stats_of(B))
    assert toy.connect().snapshot()["a"].native_state == "first"


@pytest.mark.parametrize("order", [1, -1])
def test_an_instance_is_never_read_and_failed_at_once(toy: Hooks, order: int) -> None:
    toy.read = reading(*[stats_of(A), Failure(instance=A, reason=Reason.BUSY)][::order], stats_of(B))
    assert keys(toy.connect().snapshot()) == (["a", "b"], [])


def test_an_instance_that_was_not_asked_for_is_left_out(toy: Hooks) -> None:
    toy.read = reading(stats_of(A), stats_of(B), stats_of(Instance(key="x")))
    assert keys(toy.connect().snapshot(["a"])) == (["a"], [])


def test_an_unknown_instance_is_a_failure_beside_the_others(toy: Hooks) -> None:
    assert keys(toy.connect().snapshot(["a", "x"])) == (["a"], ["x"])


def test_the_driver_is_asked_for_what_was_selected_only(toy: Hooks) -> None:
    asked: list[ReadRequest] = []

    def read(request: ReadRequest) -> tuple[()]:
        asked.append(request)
        return ()

    toy.read = read
    toy.connect().snapshot(["b"], groups={Group.CPU})
    assert tuple(asked[0].instances) == (B,)
    assert asked[0].groups == frozenset({Group.CPU})


def test_two_instances_of_one_key_are_one(toy: Hooks) -> None:
    toy.instances = (A, Instance(key="a", name="again"), B)
    assert keys(toy.connect().snapshot()) == (["a", "b"], [])


def test_an_error_in_the_middle_costs_the_rest_only(toy: Hooks) -> None:
    toy.read = reading(stats_of(A), ReplyInvalid("nonsense"))
    snapshot = toy.connect().snapshot()
    assert keys(snapshot) == (["a"], ["b"])
    assert snapshot.failures[0].detail == "nonsense"


def test_what_was_denied_is_a_failure_that_says_so(toy: Hooks) -> None:
    toy.read = reading(AccessDenied("ask root"))
    assert {failure.reason for failure in toy.connect().snapshot().failures} == {Reason.DENIED}


@pytest.mark.parametrize("foreign", [ValueError("v"), KeyError("k"), OSError(5, "io"), SystemExit(3), StopIteration()])
def test_a_foreign_error_is_a_reply_that_cannot_be_understood(toy: Hooks, foreign: BaseException) -> None:
    connection = toy.connect()

    def inventory(request: object) -> Any:
        raise foreign

    toy.inventory = inventory
    with pytest.raises(ReplyInvalid) as caught:
        connection.snapshot()
    assert caught.value.__cause__ is foreign


def test_a_foreign_error_of_a_read_is_a_failure(toy: Hooks) -> None:
    toy.read = reading(stats_of(A), ZeroDivisionError("z"))
    snapshot = toy.connect().snapshot()
    assert keys(snapshot) == (["a"], ["b"])
    assert "ZeroDivisionError" in snapshot.failures[0].detail


@pytest.mark.parametrize("hook", ["open", "origin"])
def test_a_foreign_error_while_connecting_is_ours(toy: Hooks, hook: str) -> None:
    def fail(request: object) -> None:
        raise ZeroDivisionError

    setattr(toy, hook, fail)
    with pytest.raises(ReplyInvalid):
        toy.connect()


def test_a_driver_that_fails_after_opening_is_closed(toy: Hooks) -> None:
    def fail(request: object) -> None:
        raise AccessDenied("no")

    def fail_too() -> None:
        raise ZeroDivisionError

    toy.origin, toy.close = fail, fail_too
    with pytest.raises(AccessDenied):
        toy.connect()
    assert toy.closed == toy.opened


@pytest.mark.parametrize("nonsense", [None, 5, "ab", ["a"], [None], [("a", 1)], {"a": 1}])
def test_an_inventory_of_nonsense_is_an_error_of_ours(toy: Hooks, nonsense: Any) -> None:
    connection = toy.connect()
    toy.inventory = lambda request: nonsense
    with pytest.raises(ReplyInvalid):
        connection.snapshot()


@pytest.mark.parametrize("nonsense", [None, 5, A, ("a", 1)])
def test_a_result_of_nonsense_is_a_failure(toy: Hooks, nonsense: Any) -> None:
    toy.read = reading(stats_of(A), nonsense)
    assert keys(toy.connect().snapshot()) == (["a"], ["b"])


@pytest.mark.parametrize(("hook", "call"), [("host", "host"), ("provides", "capabilities")])
@pytest.mark.parametrize("nonsense", [None, 5, "ab"])
def test_other_nonsense_is_an_error_of_ours(toy: Hooks, hook: str, call: str, nonsense: Any) -> None:
    connection = toy.connect()
    setattr(toy, hook, lambda request: nonsense)
    with pytest.raises(ReplyInvalid):
        getattr(connection, call)()


def test_an_origin_of_nonsense_closes_the_driver(toy: Hooks) -> None:
    toy.origin = lambda request: None
    with pytest.raises(ReplyInvalid):
        toy.connect()
    assert toy.closed == toy.opened


def test_an_error_of_a_call_can_be_sent_to_another_process(toy: Hooks) -> None:
    connection = toy.connect()
    toy.inventory = lambda request: 1 / 0
    with pytest.raises(Error) as caught:
        connection.snapshot()
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_health_never_fails(toy: Hooks) -> None:
    connection = toy.connect()
    toy.quarantined = lambda: 1 / 0
    assert connection.health().quarantined == ()


def test_health_tells_what_is_in_quarantine(toy: Hooks) -> None:
    toy.quarantined = lambda: ["a"]
    assert toy.connect().health().quarantined == ("a",)


def test_health_tells_what_the_driver_does_not_know(toy: Hooks) -> None:
    toy.unknown_statistics = lambda: ["weather.now"]
    assert toy.connect().health().unknown_statistics == ("weather.now",)


def test_a_driver_without_host_statistics_says_so(toy: Hooks) -> None:
    def host(request: object) -> None:
        raise NotSupported("this driver has no statistics of the host")

    connection = toy.connect()
    toy.host = host
    with pytest.raises(NotSupported):
        connection.host()


def test_capabilities_tell_of_every_field_that_can_be_read(toy: Hooks) -> None:
    denied = Absence(Reason.DENIED, "ask root")
    toy.provides = lambda request: {"cpu.time_ns": None, "nic.rx_bytes": denied}
    capabilities = toy.connect().capabilities()
    assert capabilities["cpu.time_ns"].given
    assert capabilities["nic.rx_bytes"].absence == denied
    assert capabilities["disk.read_bytes"].absence is not None
    assert {one.field.path for one in capabilities} <= set(CATALOGUE)


def test_a_snapshot_says_where_it_comes_from(toy: Hooks) -> None:
    toy.origin = lambda request: Origin(
        host_id=HostId(value="h", source="machine-id"),
        hypervisor="TOY",
        sources={Group.CPU: "toy call", Group.PERF: "another"},
    )
    connection = toy.connect()
    snapshot = connection.snapshot()
    assert (snapshot.host_id, snapshot.versions.hypervisor) == (HostId(value="h", source="machine-id"), "TOY")
    assert snapshot.sources == ((Group.CPU, "toy call"),)
    assert snapshot.driver == connection.target.partition(":")[0]


def test_the_snapshot_begins_before_its_instances(toy: Hooks) -> None:
    snapshot = toy.connect().snapshot()
    first: InstanceStats = snapshot["a"]
    assert snapshot.taken.started_monotonic_ns <= first.taken.started_monotonic_ns
    assert snapshot.taken.duration_ns > 0


def test_an_unknown_driver_is_refused() -> None:
    with pytest.raises(DriverNotFound, match="there is no driver 'nosuch'"):
        connect("nosuch:here")
