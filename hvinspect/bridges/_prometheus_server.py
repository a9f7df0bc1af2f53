"""The page of a collector over HTTP, by prometheus_client's own server: TLS is its own, a password stands before it."""

from __future__ import annotations

import base64
import binascii
import gzip
import hmac
import logging
import ssl
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, cast, final

from prometheus_client import CollectorRegistry, start_http_server

from .prometheus import Collector

if TYPE_CHECKING:
    from socketserver import BaseRequestHandler
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

LOG = logging.getLogger("hvinspect.bridges")

__all__ = ["Certificates", "Login", "Server", "is_loopback", "serve"]

#: Seconds after which a peer that neither asks nor takes is let go: each has a thread.
_LONGEST_SILENCE = 30.0


@final
@dataclass(frozen=True, slots=True)
class Certificates:
    """What TLS needs. With *client_authority* only those are served whose certificate it signed."""

    certificate: Path
    key: Path
    client_authority: Path | None = None


@final
@dataclass(frozen=True, slots=True)
class Login:
    """Who may read."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login(user={self.user!r})"


@final
class Server:
    """A server that runs on threads of its own until it is closed."""

    def __init__(self, stop: Callable[[], None], port: int) -> None:
        self._stop = stop
        #: The one it has, where any was asked for.
        self.port = port

    def close(self) -> None:
        """Serve no more."""
        self._stop()


def serve(
    collector: Collector,
    address: str,
    port: int,
    *,
    certificates: Certificates | None = None,
    login: Login | None = None,
) -> Server:
    """Serve *collector* at *address*, an IPv4 or IPv6 one or a host's name, and *port*; 0 is any that is free.

    Raises:
        OSError: the address cannot be had, or a certificate cannot be read.
    """
    page = _page_of(collector)
    # At first it has nothing to give: nobody is served before the password is asked for.
    authority = certificates.client_authority if certificates else None
    httpd, thread = start_http_server(
        port,
        addr=address,
        registry=CollectorRegistry(),
        certfile=str(certificates.certificate) if certificates else None,
        keyfile=str(certificates.key) if certificates else None,
        client_cafile=str(authority) if authority else None,
        client_auth_required=authority is not None,
    )
    httpd.set_app(_behind(login, page) if login else page)
    if isinstance(httpd.socket, ssl.SSLSocket):
        # Else one peer that connects and falls silent holds up all others: the one thread that accepts would wait.
        vars(httpd.socket)["do_handshake_on_connect"] = False  # a name that ssl has and its type hints have not
    handler = cast("type[BaseRequestHandler]", httpd.RequestHandlerClass)
    httpd.RequestHandlerClass = type("Handler", (handler,), {"timeout": _LONGEST_SILENCE})
    # Peers that go away, or speak no TLS, are none of an operator's concern: no traceback for each.
    httpd.handle_error = _untold  # type: ignore[assignment, method-assign]

    def stop() -> None:
        httpd.shutdown()
        httpd.server_close()
        thread.join()

    return Server(stop, int(httpd.server_port))


def _untold(*_: object) -> None:
    LOG.debug("a request could not be answered: %s", sys.exception())


def is_loopback(address: str) -> bool:
    """Can only this machine reach it?"""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _page_of(collector: Collector) -> WSGIApplication:
    """The page at any path, as prometheus_client's own application gives it, but written by the collector."""

    def serve_page(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET":
            start_response("405 Method Not Allowed", [("Allow", "GET")])
            return [b""]
        page = collector.text()
        headers = [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")]
        if "gzip" in str(environ.get("HTTP_ACCEPT_ENCODING", "")):
            # The first level makes it a tenth of its size in a quarter of the last one's time.
            page = gzip.compress(page, 1)
            headers.append(("Content-Encoding", "gzip"))
        start_response("200 OK", headers)
        return [page]

    return serve_page


def _behind(login: Login, page: WSGIApplication) -> WSGIApplication:
    """*page*, for those who know the password (HTTP's basic authentication)."""
    # A user from a command line that is no UTF-8 has these bytes again.
    expected = f"{login.user}:{login.password}".encode(errors="surrogateescape")

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if hmac.compare_digest(_told(str(environ.get("HTTP_AUTHORIZATION", ""))), expected):
            return page(environ, start_response)
        headers = [("WWW-Authenticate", 'Basic realm="hvinspect", charset="UTF-8"'), ("Content-Type", "text/plain")]
        start_response("401 Unauthorized", headers)
        return [b"a user and a password are needed\n"]

    return guarded


def _told(header: str) -> bytes:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
