"""The page over HTTP: on IPv4 and IPv6, by TLS, with a password; one peer does not hold up another."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator

import pytest

from hvinspect.bridges import _prometheus_server
from hvinspect.bridges._prometheus_server import Certificates, Login, Server, is_loopback, serve
from hvinspect.bridges.prometheus import Collector
from hvinspect.testing import FakeHypervisor
from tests.lab.certificates import Authority


@pytest.fixture
def collector() -> Iterator[Collector]:
    with FakeHypervisor(instances=1) as hypervisor:
        made = Collector(hypervisor.target)
        yield made
        made.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


def certificates_of(authority: Authority, folder: str, *, clients: bool = False) -> Certificates:
    files = authority.server(folder, hosts=["IP:127.0.0.1", "IP:::1"])
    return Certificates(files / "servercert.pem", files / "serverkey.pem", authority.certificate if clients else None)


def get(url: str, *, authorization: str | None = None, tls: ssl.SSLContext | None = None) -> str:
    request = urllib.request.Request(url, headers={"Authorization": authorization} if authorization else {})
    with urllib.request.urlopen(request, timeout=20, context=tls) as reply:
        return str(reply.read().decode())


@contextlib.contextmanager
def closing(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.close()


@pytest.mark.parametrize(("address", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_a_page_is_served(collector: Collector, address: str, shown: str) -> None:
    with closing(serve(collector, address, 0)) as server:
        assert "\nhvinspect_up 1\n" in get(f"http://{shown}:{server.port}/metrics")


def test_a_page_is_compressed_for_those_who_take_it(collector: Collector) -> None:
    with closing(serve(collector, "127.0.0.1", 0)) as server:
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/", headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=20) as reply:
            assert b"hvinspect_up 1" in gzip.decompress(reply.read())


def test_nothing_can_be_sent(collector: Collector) -> None:
    with closing(serve(collector, "127.0.0.1", 0)) as server:
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/", data=b"x", method="POST")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=20)
        with caught.value as reply:
            assert reply.code == 405


def test_a_password_is_asked_for(collector: Collector) -> None:
    with closing(serve(collector, "127.0.0.1", 0, login=Login("me", "pässword"))) as server:
        url = f"http://127.0.0.1:{server.port}/metrics"
        right = b64encode("me:pässword".encode()).decode()
        assert "hvinspect_up" in get(url, authorization=f"Basic {right}")
        wrong = b64encode(b"me:guessed").decode()
        for refused in (None, f"Basic {wrong}", f"Bearer {right}", "Basic !!", "Basic", "nonsense"):
            with pytest.raises(urllib.error.HTTPError) as caught:
                get(url, authorization=refused)
            with caught.value as reply:
                assert reply.code == 401
                assert reply.headers["WWW-Authenticate"].startswith("Basic ")
                assert b"hvinspect_" not in reply.read()


def test_a_user_of_another_encoding_is_known_by_the_same_bytes(collector: Collector) -> None:
    with closing(serve(collector, "127.0.0.1", 0, login=Login("m\udcff", "password"))) as server:
        told = b64encode(b"m\xff:password").decode()
        assert "hvinspect_up" in get(f"http://127.0.0.1:{server.port}/", authorization=f"Basic {told}")


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Login("me", "secret"))


def test_a_page_is_served_by_tls(collector: Collector, authority: Authority) -> None:
    with closing(serve(collector, "127.0.0.1", 0, certificates=certificates_of(authority, "plain"))) as server:
        url = f"https://127.0.0.1:{server.port}/metrics"
        assert "hvinspect_up" in get(url, tls=ssl.create_default_context(cafile=str(authority.certificate)))
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            get(url, tls=ssl.create_default_context())


def test_a_certificate_may_be_asked_for(collector: Collector, authority: Authority) -> None:
    certificates = certificates_of(authority, "mutual", clients=True)
    known = ssl.create_default_context(cafile=str(authority.certificate))
    files = authority.client("client")
    known.load_cert_chain(files / "clientcert.pem", files / "clientkey.pem")
    with closing(serve(collector, "127.0.0.1", 0, certificates=certificates)) as server:
        url = f"https://127.0.0.1:{server.port}/metrics"
        assert "hvinspect_up" in get(url, tls=known)
        with pytest.raises((urllib.error.URLError, OSError)):
            get(url, tls=ssl.create_default_context(cafile=str(authority.certificate)))


def test_a_peer_that_falls_silent_holds_up_nobody(collector: Collector, authority: Authority) -> None:
    certificates = certificates_of(authority, "silent")
    with (
        closing(serve(collector, "127.0.0.1", 0, certificates=certificates)) as server,
        socket.create_connection(("127.0.0.1", server.port)),
    ):
        tls = ssl.create_default_context(cafile=str(authority.certificate))
        assert "hvinspect_up" in get(f"https://127.0.0.1:{server.port}/metrics", tls=tls)


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_peer_that_stays_silent_is_let_go(
    collector: Collector, authority: Authority, monkeypatch: pytest.MonkeyPatch, encrypted: bool
) -> None:
    monkeypatch.setattr(_prometheus_server, "_LONGEST_SILENCE", 0.2)
    certificates = certificates_of(authority, "dumb") if encrypted else None
    with (
        closing(serve(collector, "127.0.0.1", 0, certificates=certificates)) as server,
        socket.create_connection(("127.0.0.1", server.port)) as peer,
    ):
        peer.settimeout(10)
        assert peer.recv(100) == b""


def test_a_peer_that_speaks_no_tls_leaves_no_traceback(
    collector: Collector, authority: Authority, capfd: pytest.CaptureFixture[str]
) -> None:
    with closing(serve(collector, "127.0.0.1", 0, certificates=certificates_of(authority, "strange"))) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as peer:
            peer.sendall(b"GET / HTTP/1.0\r\n\r\n")
            peer.settimeout(20)
            with contextlib.suppress(OSError):
                peer.recv(100)
        tls = ssl.create_default_context(cafile=str(authority.certificate))
        assert "hvinspect_up" in get(f"https://127.0.0.1:{server.port}/metrics", tls=tls)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],
)
def test_loopback_is_known(address: str, local: bool) -> None:
    assert is_loopback(address) is local
