"""Whatever the server does, a call ends by its deadline with what there is, or with an error that says why."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hvinspect import (
    AccessDenied,
    ConnectFailed,
    Connection,
    ConnectionLost,
    DeadlineExceeded,
    Error,
    Reason,
    ReplyInvalid,
    connect,
)
from tests.integration.vmware.conftest import Start
from tests.lab.vmware.client import client
from tests.lab.vmware.simulator import PASSWORD, Simulator

#: Long enough for a busy machine, where nothing hangs.
LONG = 30.0
#: For what hangs; and by how much a call may be late on a busy machine.
SHORT, LATE = 4.0, 1.0
HANGS = 600.0


@contextmanager
def by_the_deadline(timeout: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < timeout + LATE


@contextmanager
def silent_port() -> Iterator[int]:
    """Takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        for one in taken:
            one.close()


def test_a_host_that_is_not_there_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectFailed, match=rf"no connection to 127\.0\.0\.1:{port}"):
        connect(f"vmware://reader@127.0.0.1:{port}/", options={"password": PASSWORD}, timeout=LONG)


def test_a_host_that_does_not_even_take_the_connection_is_given_up_by_the_deadline() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        # Whoever comes once its queue is full hears nothing, as of a host behind a wall.
        queue = [socket.socket() for _ in range(3)]
        try:
            for one in queue:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            with by_the_deadline(SHORT), pytest.raises(DeadlineExceeded, match=r"127\.0\.0\.1"):
                connect(f"vmware://reader@127.0.0.1:{port}/", options={"password": PASSWORD}, timeout=SHORT)
        finally:
            for one in queue:
                one.close()


def test_a_name_that_is_nobodys_is_said_so() -> None:
    with pytest.raises((ConnectFailed, DeadlineExceeded), match=r"nobody\.invalid"):
        connect("vmware://reader@nobody.invalid/", options={"password": PASSWORD}, timeout=LONG)


def test_a_host_that_hangs_after_accept_ends_by_the_deadline() -> None:
    with silent_port() as port, by_the_deadline(SHORT), pytest.raises(DeadlineExceeded, match=r"127\.0\.0\.1"):
        connect(f"vmware://reader@127.0.0.1:{port}/", options={"password": PASSWORD}, timeout=SHORT)


def test_another_service_at_the_port_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            with listener.accept()[0] as client:
                client.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")
                client.recv(4096)

        greeter = threading.Thread(target=greet)
        greeter.start()
        port = listener.getsockname()[1]
        with pytest.raises(ConnectFailed, match=r"127\.0\.0\.1:\d+ was reached, but does not speak TLS"):
            connect(f"vmware://reader@127.0.0.1:{port}/", options={"password": PASSWORD}, timeout=LONG)
        greeter.join()


def test_a_login_that_hangs_ends_by_the_deadline(server: Simulator) -> None:
    with (
        server.misbehaving("Login", "delay", seconds=HANGS),
        by_the_deadline(SHORT),
        pytest.raises(DeadlineExceeded, match=r"127\.0\.0\.1"),
    ):
        connect(server.target, options=server.options, timeout=SHORT)


def test_an_inventory_that_hangs_ends_by_the_deadline(server: Simulator, hv: Connection) -> None:
    hv.snapshot(timeout=LONG)
    with (
        server.misbehaving("RetrievePropertiesEx", "delay", seconds=HANGS),
        by_the_deadline(SHORT),
        pytest.raises(DeadlineExceeded),
    ):
        hv.snapshot(timeout=SHORT)
    assert hv.snapshot(timeout=LONG).instances


def test_samples_that_hang_cost_the_rates_alone(server: Simulator, hv: Connection) -> None:
    hv.snapshot(timeout=LONG)
    with server.misbehaving("QueryPerf", "delay", seconds=HANGS), by_the_deadline(SHORT):
        snapshot = hv.snapshot(timeout=SHORT)
    assert len(snapshot.instances) == 3
    for stats in snapshot:
        assert stats.memory.host_resident_bytes is not None
        assert stats.supplied_rates is not None
        absence = stats.supplied_rates.why("cpu_cores")
        assert absence is not None
        assert absence.reason is Reason.TIMED_OUT


@pytest.mark.parametrize(
    ("how", "error", "told"),
    [
        ("truncate", ConnectionLost, "broke off its answer to RetrievePropertiesEx"),
        ("garbage", ReplyInvalid, "answer to RetrievePropertiesEx cannot be understood"),
        ("unavailable", ConnectionLost, "HTTP status 503"),
        ("denied", AccessDenied, "System.View"),
        ("fault", ReplyInvalid, "general system error"),
    ],
)
def test_an_inventory_that_goes_wrong_is_told(
    server: Simulator, hv: Connection, how: str, error: type[Error], told: str
) -> None:
    hv.snapshot(timeout=LONG)
    with server.misbehaving("RetrievePropertiesEx", how), pytest.raises((error, ConnectFailed), match=told):
        hv.snapshot(timeout=LONG)
    assert hv.snapshot(timeout=LONG).instances


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("truncate", Reason.FAILED),
        ("garbage", Reason.FAILED),
        ("unavailable", Reason.FAILED),
        ("denied", Reason.DENIED),
        ("fault", Reason.FAILED),
    ],
)
def test_samples_that_go_wrong_cost_the_rates_alone(
    server: Simulator, hv: Connection, how: str, reason: Reason
) -> None:
    with server.misbehaving("QueryPerf", how):
        snapshot = hv.snapshot(timeout=LONG)
    assert len(snapshot.instances) == 3
    for stats in snapshot:
        assert stats.memory.host_resident_bytes is not None
        assert stats.supplied_rates is not None
        absence = stats.supplied_rates.why("cpu_cores")
        assert absence is not None
        assert absence.reason is reason


@pytest.mark.parametrize("method", ["RetrieveServiceContent", "Login", "CreateContainerView"])
@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("truncate", ConnectFailed),
        ("garbage", ReplyInvalid),
        ("unavailable", ConnectFailed),
        ("denied", AccessDenied),
        ("fault", ConnectFailed),
    ],
)
def test_a_login_that_goes_wrong_is_told(server: Simulator, method: str, how: str, error: type[Error]) -> None:
    with server.misbehaving(method, how), pytest.raises(error, match=method) as caught:
        connect(server.target, options=server.options, timeout=LONG)
    assert type(caught.value) is error


def test_a_user_who_has_lost_the_role_is_told_so_when_the_session_has_expired(
    server: Simulator, hv: Connection
) -> None:
    hv.snapshot(timeout=LONG)
    server.end_sessions()
    with server.misbehaving("Login", "denied"), pytest.raises(AccessDenied, match="Read-only"):
        hv.snapshot(timeout=LONG)


def test_a_session_that_expired_is_opened_anew_in_the_same_call(server: Simulator, hv: Connection) -> None:
    before = hv.snapshot(timeout=LONG)
    server.end_sessions()
    after = hv.snapshot(timeout=LONG)
    assert [one.instance.key for one in after] == [one.instance.key for one in before]
    assert all(stats.supplied_rates and stats.supplied_rates.cpu_cores is not None for stats in after)
    assert hv.health().reconnects == 1


def test_a_session_that_expired_on_a_server_that_hangs_ends_by_the_deadline(server: Simulator, hv: Connection) -> None:
    hv.snapshot(timeout=LONG)
    server.end_sessions()
    with (
        server.misbehaving("Login", "delay", seconds=HANGS),
        by_the_deadline(SHORT),
        pytest.raises(DeadlineExceeded),
    ):
        hv.snapshot(timeout=SHORT)


def test_a_connection_says_goodbye(server: Simulator) -> None:
    before = server.calls()["hvinspect", "Logout"]
    with connect(server.target, options=server.options) as hv:
        hv.snapshot(timeout=LONG)
    assert server.calls()["hvinspect", "Logout"] == before + 1


def test_a_machine_that_goes_away_in_mid_read_costs_itself_alone(start: Start) -> None:
    server = start(machines=5)
    with client(server) as lab, connect(server.target, options=server.options) as hv:
        assert len(hv.snapshot(timeout=LONG).instances) == 4
        machine = lab.machines()["DC0_H0_VM1"]
        lab.task(machine.PowerOffVM_Task())
        doomed = lab.machines()["DC0_H0_VM2"]
        with server.misbehaving("QueryPerf", "delay", seconds=3.0):

            def destroy() -> None:
                # The inventory is over when the samples are asked for.
                asked = server.calls()["hvinspect", "QueryPerf"]
                while server.calls()["hvinspect", "QueryPerf"] == asked:
                    time.sleep(0.05)
                lab.task(doomed.PowerOffVM_Task())
                lab.task(doomed.Destroy_Task())

            destroyer = threading.Thread(target=destroy)
            destroyer.start()
            try:
                snapshot = hv.snapshot(timeout=LONG)
            finally:
                destroyer.join()
    (failure,) = snapshot.failures
    assert failure.reason is Reason.VANISHED
    assert failure.instance.name == "DC0_H0_VM2"
    rates = {one.instance.name: one.supplied_rates for one in snapshot}
    assert rates.keys() == {"DC0_H0_VM0", "DC0_H0_VM1", "DC0_H0_VM3"}
    for name in ("DC0_H0_VM0", "DC0_H0_VM3"):
        found = rates[name]
        assert found is not None
        assert found.cpu_cores is not None
