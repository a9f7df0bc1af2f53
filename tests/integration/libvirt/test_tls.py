"""A libvirtd on the network: read over TLS by name and by address, and only if both sides can prove who they are."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import hvinspect
from hvinspect import AccessDenied, ConnectFailed, DeadlineExceeded, InvalidTarget
from tests.lab import daemons, settings
from tests.lab.certificates import Authority
from tests.lab.daemons import TLS_PORT
from tests.lab.guests import Guest
from tests.lab.relay import Relay, relay

#: By so much a call may be late on a machine that has other work.
LATE = 0.5
NAMED = ("DNS:localhost", "IP:127.0.0.1", "IP:::1")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who vouches for the server, and for its clients."""
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Somebody else whose clients the server takes, so that only the client can refuse the server."""
    return Authority(tmp_path_factory.mktemp("tls") / "other")


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    """Who vouches for clients that the server does not take."""
    return Authority(tmp_path / "stranger")


@pytest.fixture(scope="module")
def client(authority: Authority) -> Path:
    """The pkipath of a client that the server takes."""
    return authority.client("client")


@pytest.fixture(scope="module")
def server(authority: Authority, other: Authority) -> Iterator[Path]:
    """The lab's libvirtd on the network, and the folder of its certificate."""
    folder = authority.server("server", hosts=NAMED)
    trust(folder, other)
    with daemons.listening_on_tls(folder):
        yield folder


@pytest.fixture
def expired(server: Path, authority: Authority) -> Iterator[None]:
    """The server with a certificate that is out of date."""
    before = shutil.copytree(server, server.with_name("before"))
    try:
        for file in authority.server("expired", hosts=NAMED, days=0).glob("server*.pem"):
            shutil.copy(file, server)
        daemons.LIBVIRTD.restart()
        yield
    finally:
        shutil.copytree(before, server, dirs_exist_ok=True)
        daemons.LIBVIRTD.restart()


@pytest.fixture
def between(server: Path) -> Iterator[Relay]:
    """A relay to the server, which can fall silent."""
    with relay(TLS_PORT) as made:
        yield made


def trust(folder: Path, authority: Authority) -> None:
    """Have whose files are in *folder* trust *authority* too."""
    with (folder / "cacert.pem").open("ab") as trusted:
        trusted.write(authority.certificate.read_bytes())


def refusal(target: str) -> hvinspect.Error:
    """How the target is refused."""
    with pytest.raises(hvinspect.Error) as caught:
        hvinspect.connect(target, timeout=30.0)
    assert isinstance(caught.value, (ConnectFailed, AccessDenied))
    return caught.value


@pytest.mark.parametrize(
    "address",
    ["localhost", "127.0.0.1", "[::1]", f"localhost:{TLS_PORT}", f"127.0.0.1:{TLS_PORT}", f"[::1]:{TLS_PORT}"],
)
def test_guests_are_read_over_tls(
    server: Path, client: Path, two_busy_guests: tuple[Guest, Guest], address: str
) -> None:
    with hvinspect.connect(f"libvirt:qemu+tls://{address}/system?pkipath={client}") as hv:
        snapshot = hv.snapshot()
        assert snapshot.versions.hypervisor == "QEMU"
        for guest in two_busy_guests:
            stats = snapshot[guest.spec.uuid]
            assert stats.cpu.time_ns
            assert stats.disks[0].write_bytes


def test_tls_is_what_a_host_without_a_transport_means(server: Path, client: Path) -> None:
    with hvinspect.connect(f"libvirt:qemu://localhost/system?pkipath={client}") as hv:
        assert hv.host().hostname
    with pytest.raises(ConnectFailed, match=r"/nowhere/cacert\.pem"):
        hvinspect.connect("libvirt:qemu://localhost/system?pkipath=/nowhere")


def test_a_server_that_another_authority_vouches_for_is_refused(
    server: Path, authority: Authority, other: Authority
) -> None:
    theirs = other.client("client")
    target = f"libvirt:qemu+tls://localhost/system?pkipath={theirs}"
    refused = refusal(target)
    assert "signed by the CA of cacert.pem" in str(refused)
    trust(theirs, authority)
    hvinspect.connect(target).close()


@pytest.mark.parametrize("address", ["127.0.0.2", "lab", "[::ffff:127.0.0.1]"])
def test_a_server_whose_certificate_names_another_host_is_refused(server: Path, client: Path, address: str) -> None:
    refused = refusal(f"libvirt:qemu+tls://{address}/system?pkipath={client}")
    assert "for the host as the URI names it" in str(refused)
    assert address in str(refused)


def test_the_warning_that_libvirt_logs_of_a_certificate_stays_off_stderr(server: Path, client: Path) -> None:
    target = f"libvirt:qemu+tls://127.0.0.2/system?pkipath={client}"
    refused = subprocess.run(
        [sys.executable, "-m", "hvinspect", "list", target],
        cwd=settings.PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode != 0
    assert all(line.startswith("hvinspect: ") for line in refused.stderr.splitlines())


def test_a_client_without_a_certificate_is_refused(server: Path, authority: Authority, tmp_path: Path) -> None:
    shutil.copy(authority.certificate, tmp_path)
    refused = refusal(f"libvirt:qemu+tls://localhost/system?pkipath={tmp_path}")
    assert "clientcert.pem" in str(refused)
    assert "pkipath=" in str(refused)


def test_a_client_that_another_authority_vouches_for_is_refused(
    server: Path, authority: Authority, stranger: Authority
) -> None:
    theirs = stranger.client("unknown")
    trust(theirs, authority)
    refused = refusal(f"libvirt:qemu+tls://localhost/system?pkipath={theirs}")
    assert "the server asks the same of clientcert.pem" in str(refused)


def test_a_folder_without_an_authority_is_refused_by_its_name(server: Path, tmp_path: Path) -> None:
    refused = refusal(f"libvirt:qemu+tls://localhost/system?pkipath={tmp_path}")
    assert f"{tmp_path}/cacert.pem" in str(refused)


def test_not_to_verify_is_refused_however_the_server_is(server: Path, client: Path) -> None:
    for words in ("no_verify=1", "no_sanity=1", "tls_priority=NORMAL"):
        with pytest.raises(InvalidTarget, match="verification"):
            hvinspect.connect(f"libvirt:qemu+tls://localhost/system?pkipath={client}&{words}")


def test_no_key_is_shown(server: Path, stranger: Authority) -> None:
    folder = stranger.client("secretive")
    key = "".join((folder / "clientkey.pem").read_text().splitlines()[1:-1])
    refused = refusal(f"libvirt:qemu+tls://localhost/system?pkipath={folder}")
    assert key[:20] not in f"{refused!s} {refused!r} {refused.__cause__!r}"


def test_a_call_to_a_server_that_fell_silent_ends_by_its_deadline(between: Relay, client: Path) -> None:
    with hvinspect.connect(f"libvirt:qemu+tls://localhost:{between.port}/system?pkipath={client}") as hv:
        assert hv.snapshot() is not None
        between.silence()
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(DeadlineExceeded):
                hv.snapshot(timeout=1.0)
            assert time.monotonic() - began < 1.0 + LATE
        between.speak()


def test_opening_a_server_that_says_nothing_ends_by_its_deadline(between: Relay, client: Path) -> None:
    between.silence()
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        hvinspect.connect(f"libvirt:qemu+tls://localhost:{between.port}/system?pkipath={client}", timeout=1.0)
    assert time.monotonic() - began < 1.0 + LATE


def test_a_server_that_speaks_again_is_read_again(
    between: Relay, client: Path, two_busy_guests: tuple[Guest, Guest]
) -> None:
    with hvinspect.connect(f"libvirt:qemu+tls://localhost:{between.port}/system?pkipath={client}") as hv:
        hv.snapshot()
        between.silence()
        with pytest.raises(DeadlineExceeded):
            hv.snapshot(timeout=1.0)
        between.speak()
        assert read_again(hv).get(two_busy_guests[0].spec.uuid)


def test_a_connection_that_broke_in_silence_is_made_anew(between: Relay, client: Path) -> None:
    with hvinspect.connect(f"libvirt:qemu+tls://localhost:{between.port}/system?pkipath={client}") as hv:
        hv.snapshot()
        between.silence()
        with pytest.raises(DeadlineExceeded):
            hv.snapshot(timeout=1.0)
        between.break_off()
        between.speak()
        read_again(hv)


def test_a_server_whose_certificate_has_expired_is_refused(expired: None, client: Path) -> None:
    refused = refusal(f"libvirt:qemu+tls://localhost/system?pkipath={client}")
    assert "has to be in date" in str(refused)


def read_again(hv: hvinspect.Connection) -> hvinspect.Snapshot:
    """The first snapshot that works, which comes within a minute."""
    until = time.monotonic() + 60
    while True:
        try:
            return hv.snapshot(timeout=5.0)
        except hvinspect.Error:
            assert time.monotonic() < until
            time.sleep(0.2)
