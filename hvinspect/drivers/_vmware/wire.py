"""HTTPS to one server, by deadlines: connections that are kept between calls, and replies of bounded size."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, final

from hvinspect.driver import ConnectFailed, ConnectionLost, Deadline, DeadlineExceeded, ReplyInvalid, printable

from .address import Address
from .trust import Trust

__all__ = ["Reply", "Wire"]

_PATH = "/sdk"
_PIECE = 1 << 18
#: The description of 1,000 virtual machines takes some 10 MB.
_LARGEST = 256 << 20
_MOST_IDLE = 4
_REMEDY = "Name the file of the CA that signed it with the option ca, or the certificate's SHA-256 with thumbprint"
#: Of what a CA cannot mend, by OpenSSL's numbers (openssl/x509_vfy.h).
_REMEDIES = {
    **dict.fromkeys((9, 10), "Look at both clocks, and give the server a new one"),
    **dict.fromkeys((62, 64), "Write a name or address that is in it, or its SHA-256 with the option thumbprint"),
}


class Reply(NamedTuple):
    """What came back."""

    status: int
    cookie: str | None
    body: bytes


class _ClosedMeanwhileError(Exception):
    """The server has closed a connection that it had heard nothing of for a while."""


@final
class Wire:
    """Connections to *address*. Thread-safe; no lock is held while anything is waited for."""

    def __init__(self, address: Address, trust: Trust) -> None:
        """Nothing is connected yet."""
        self._address = address
        self._trust = trust
        self._lock = threading.Lock()
        self._idle: list[http.client.HTTPSConnection] = []
        self._closed = False

    def post(self, body: bytes, headers: Mapping[str, str], deadline: Deadline, what: str) -> Reply:
        """Send *body* and wait for the whole answer; *what* names it in errors.

        Raises:
            ConnectFailed: no connection could be made.
            ConnectionLost: it broke.
            DeadlineExceeded: the answer was not there in time.
            ReplyInvalid: it is larger than any that is expected.
        """
        kept = self._take_idle()
        if kept is not None:
            try:
                return self._exchange(kept, body, headers, deadline, what)
            except _ClosedMeanwhileError:
                self._drop_idle()  # those are as old
        return self._exchange(self._connect(deadline), body, headers, deadline, what, is_new=True)

    def close(self) -> None:
        """Close the connections; those that are in use when they come back."""
        with self._lock:
            self._closed = True
        self._drop_idle()

    def _take_idle(self) -> http.client.HTTPSConnection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _give_back(self, connection: http.client.HTTPSConnection, *, keep: bool) -> None:
        with self._lock:
            keep = keep and not self._closed and len(self._idle) < _MOST_IDLE
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()

    def _connect(self, deadline: Deadline) -> http.client.HTTPSConnection:
        deadline.check(f"connecting to {self._address}")
        connection = http.client.HTTPSConnection(
            self._address.host, self._address.port, timeout=deadline.remaining, context=self._trust.context
        )
        try:
            with self._errors_of_connecting():
                connection.connect()
                assert isinstance(connection.sock, ssl.SSLSocket)
                self._trust.check(connection.sock, str(self._address))
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _errors_of_connecting(self) -> Generator[None]:
        where = self._address
        try:
            yield
        except ConnectFailed:
            raise
        except ssl.SSLCertVerificationError as exc:
            told, remedy = printable(exc.verify_message).rstrip("."), _REMEDIES.get(exc.verify_code, _REMEDY)
            raise ConnectFailed(f"the certificate of {where} does not verify: {told}. {remedy}") from exc
        except ssl.SSLError as exc:
            told = printable(exc.reason or exc)
            raise ConnectFailed(f"{where} was reached, but does not speak TLS as a server should: {told}") from exc
        except OSError as exc:
            if isinstance(exc, TimeoutError) and exc.errno is None:
                raise DeadlineExceeded(f"{where} took no connection (TCP, then TLS) in time") from exc
            raise ConnectFailed(f"no connection to {where}: {printable(exc)}") from exc

    def _exchange(
        self,
        connection: http.client.HTTPSConnection,
        body: bytes,
        headers: Mapping[str, str],
        deadline: Deadline,
        what: str,
        *,
        is_new: bool = False,
    ) -> Reply:
        keep = False
        try:
            with self._errors_of_calling(what):
                try:
                    _limit(connection, deadline)
                    connection.request("POST", _PATH, body, dict(headers))
                    response = connection.getresponse()
                except (ConnectionError, ssl.SSLEOFError) as exc:
                    if is_new:
                        raise
                    raise _ClosedMeanwhileError from exc
                reply = Reply(
                    response.status, response.getheader("Set-Cookie"), _whole(connection, response, deadline, what)
                )
                keep = not response.will_close
            return reply
        finally:
            self._give_back(connection, keep=keep)

    @contextmanager
    def _errors_of_calling(self, what: str) -> Generator[None]:
        where = self._address
        try:
            yield
        except (ConnectionLost, DeadlineExceeded, ReplyInvalid):
            raise
        except TimeoutError as exc:
            raise DeadlineExceeded(f"{where} did not answer {what} in time") from exc
        except http.client.IncompleteRead as exc:
            raise ConnectionLost(f"{where} broke off its answer to {what}") from exc
        except (OSError, http.client.HTTPException) as exc:
            raise ConnectionLost(f"the connection to {where} broke during {what}: {printable(repr(exc))}") from exc


def _whole(
    connection: http.client.HTTPSConnection, response: http.client.HTTPResponse, deadline: Deadline, what: str
) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        deadline.check(f"the rest of the answer to {what}")
        _limit(connection, deadline)
        # One piece at a time: read() would wait for all of them, each with the whole of the time that is left.
        piece = response.read1(_PIECE)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST:
            raise ReplyInvalid(f"the answer to {what} is larger than {_LARGEST >> 20} MiB")
    if response.length:  # so much was announced besides, and read1() does not mind
        raise http.client.IncompleteRead(b"", response.length)
    response.close()  # nor does it notice the end, and the connection would take no other request
    return b"".join(pieces)


def _limit(connection: http.client.HTTPSConnection, deadline: Deadline) -> None:
    if connection.sock is not None:  # it has gone to the response of a server that closes after it
        # Zero would mean not to wait at all.
        connection.sock.settimeout(max(deadline.remaining, 0.001))
