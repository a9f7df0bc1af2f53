"""hvinspect export prometheus: where it listens, what it asks for, and what it says when it cannot."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from hvinspect.cli.export import listening

from .running import ROOT, argv, environment, process, run


@contextlib.contextmanager
def serving(*arguments: str, scripted_too: bool = False) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process, and the address that it says it serves at."""
    with subprocess.Popen(
        argv("export", "prometheus", *arguments, scripted_too=scripted_too),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            word, _, url = child.stdout.readline().strip().partition(" ")
            assert word == "serving"
            yield child, url
        finally:
            if child.poll() is None:
                child.terminate()
            child.wait(30)


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as reply:
        return str(reply.read().decode())


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:0", ":0"])
def test_it_serves_where_it_says(address: str) -> None:
    with serving("fake:", "--listen", address) as (_, url):
        page = get(url)
    assert "\nhvinspect_instances 5\n" in page
    assert 'hvinspect_disk_write_bytes_total{instance_key="' in page


def test_groups_are_chosen() -> None:
    with serving("fake:", "--listen", ":0", "--group", "cpu", "--group", "perf") as (_, url):
        page = get(url)
    assert "hvinspect_perf_cpu_cycles_total{" in page
    assert "hvinspect_nic_rx_bytes_total{" not in page


def test_metadata_is_asked_for_by_name() -> None:
    with serving("fake:", "--listen", ":0", "--metadata", "project_id") as (_, url):
        assert "hvinspect_instance_metadata_info{" in get(url)
    result = run("export", "prometheus", "fake:", "--metadata", "projct_id")
    assert result.exit_code == 2
    assert "did you mean 'project_id'?" in result.stderr


def test_a_service_manager_ends_it_without_a_failure() -> None:
    with serving("fake:", "--listen", ":0") as (child, _):
        child.terminate()
        assert child.wait(30) == 0
        assert child.stderr is not None
        assert "Traceback" not in child.stderr.read()


def test_a_signal_that_comes_to_another_thread_ends_it_too() -> None:
    with serving("fake:", "--listen", ":0") as (child, _):
        threads = {int(one.name) for one in Path(f"/proc/{child.pid}/task").iterdir()} - {child.pid}
        assert threads
        assert ctypes.CDLL(None).tgkill(child.pid, threads.pop(), signal.SIGTERM) == 0
        assert child.wait(30) == 0


def test_ctrl_c_ends_it() -> None:
    with serving("fake:", "--listen", ":0") as (child, _):
        child.send_signal(signal.SIGINT)
        assert child.wait(30) == 130
        assert child.stderr is not None
        assert "Traceback" not in child.stderr.read()


def test_a_target_that_is_away_is_served_as_such() -> None:
    with serving("scripted:refused", "--listen", ":0", scripted_too=True) as (_, url):
        assert "\nhvinspect_up 0\n" in "\n" + get(url)


def test_a_target_that_can_never_be_read_ends_it() -> None:
    for target, code in (("nosuchdriver:", 4), ("scripted:denied", 6), ("qemu:///system", 3)):
        assert run("export", "prometheus", target, "--listen", ":0").exit_code == code, target


def test_an_address_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("export", "prometheus", "fake:", "--listen", f"127.0.0.1:{port}")
    assert result.exit_code == 2
    assert f"cannot serve at 127.0.0.1, port {port}" in result.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:1234", ("127.0.0.1", 1234)),
        ("[::1]:1234", ("::1", 1234)),
        ("[::1]", ("::1", 9688)),
        (":1234", ("127.0.0.1", 1234)),
        ("node.example", ("node.example", 9688)),
    ],
)
def test_an_address_is_understood(text: str, expected: tuple[str, int]) -> None:
    assert listening(text) == expected


@pytest.mark.parametrize(
    "text", ["::1:1234", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1", "[]:9688", "[]"]
)
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        listening(text)


def test_half_a_login_and_half_of_tls_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("\n")
    for half in (
        ("--user", "me"),
        ("--password-file", str(file)),
        ("--user", "me", "--password-file", str(file)),  # an empty password
        ("--certificate", str(file)),
        ("--key", str(file)),
        ("--client-ca", str(file)),
    ):
        result = run("export", "prometheus", "fake:", "--listen", ":0", *half)
        assert result.exit_code == 2, half


def test_files_that_are_no_certificates_are_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("nonsense")
    result = process(
        *("export", "prometheus", "fake:", "--listen", ":0", "--certificate", str(file), "--key", str(file))
    )
    assert result.returncode == 2
    assert str(file) in result.stderr
    assert "Traceback" not in result.stderr


def test_what_is_not_installed_is_named() -> None:
    without = "import sys; sys.modules['prometheus_client'] = None; from hvinspect.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", without, "export", "prometheus", "fake:"]
    result = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60)
    assert result.returncode == 4
    assert "pip install 'hvinspect[prometheus]'" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    arguments = ("fake:", "--listen", ":0", "--user", "me", "--password-file", str(file))
    with serving(*arguments) as (_, url), pytest.raises(urllib.error.HTTPError) as caught:
        get(url)
    with caught.value as reply:
        assert reply.code == 401


def test_what_can_be_reached_from_elsewhere_is_warned_of() -> None:
    with serving("fake:", "--listen", "0.0.0.0:0") as (child, _):
        child.terminate()
        assert child.stderr is not None
        assert "nothing is encrypted" in child.stderr.read()
