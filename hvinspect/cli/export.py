"""``hvinspect export``: a target for those who ask by their own protocol."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from hvinspect import DriverUnavailable, Secret
from hvinspect.driver import printable

from .output import complain
from .parameters import chosen_groups, group_option, reaching

if TYPE_CHECKING:
    from hvinspect.bridges._prometheus_server import Certificates, Login, Server
    from hvinspect.bridges.prometheus import Collector

__all__ = ["export"]

_PORT = 9688
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def export() -> None:
    """Serve the counters of every instance to a monitoring system."""


def listening(text: str) -> tuple[str, int]:
    """HOST:PORT, HOST, :PORT, [IPV6]:PORT or [IPV6]."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(_PORT)
    host = host or "127.0.0.1"
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        if not host:  # to the system that is every address
            raise click.BadParameter(f"there is no address in {printable(text)!r}; every IPv6 one is [::]:{_PORT}")
    elif ":" in host:
        raise click.BadParameter(f"write an IPv6 address in brackets: [{printable(text)}]:{_PORT}")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise click.BadParameter(f"{printable(port)!r} is not a port; write ADDRESS:PORT, such as 127.0.0.1:{_PORT}")
    return host, int(port)


# Prometheus gives up after 10 s, unless it is told otherwise.
@export.command(context_settings={"default_map": {"timeout": "5"}})
@reaching
@group_option
@click.option(
    "--listen",
    type=listening,
    default=f"127.0.0.1:{_PORT}",
    show_default=True,
    metavar="ADDRESS:PORT",
    help="Where to be asked; an IPv6 address in brackets, as [::1]:9688. Port 0 is any that is free.",
)
@click.option(
    "--metadata",
    multiple=True,
    metavar="NAME",
    help="Make this field of the record openstack a label of hvinspect_instance_metadata_info; may be repeated.",
)
@click.option("--certificate", type=_FILE, metavar="FILE", help="Serve by TLS, with this certificate (PEM).")
@click.option("--key", type=_FILE, metavar="FILE", help="The certificate's private key (PEM).")
@click.option(
    "--client-ca", type=_FILE, metavar="FILE", help="Serve those alone who have a certificate of this authority (PEM)."
)
@click.option("--user", metavar="NAME", help="Ask for this user and a password (HTTP's basic authentication).")
@click.option("--password-file", type=_FILE, metavar="FILE", help="Where that password is: the first line.")
def prometheus(
    target: str,
    options: dict[str, str | Secret],
    timeout: float,
    groups: tuple[str, ...],
    listen: tuple[str, int],
    metadata: tuple[str, ...],
    certificate: Path | None,
    key: Path | None,
    client_ca: Path | None,
    user: str | None,
    password_file: Path | None,
) -> None:
    """Serve Prometheus.

    The target is read whenever the page is asked for, and a scrape is over after --timeout, connecting included:
    keep it below Prometheus' own scrape_timeout. A target that is away is tried again by each scrape, which says
    hvinspect_up 0.
    """
    try:
        from hvinspect.bridges._prometheus_server import is_loopback
        from hvinspect.bridges.prometheus import Collector
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] != "prometheus_client":
            raise
        raise DriverUnavailable("this needs prometheus_client: pip install 'hvinspect[prometheus]'") from exc
    # The first process of a container is not ended by a signal that it does not handle.
    signal.signal(signal.SIGTERM, _end)
    certificates, login = _certificates(certificate, key, client_ca), _login(user, password_file)
    try:
        collector = Collector(target, groups=chosen_groups(groups), metadata=metadata, timeout=timeout, options=options)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc
    _log_to_stderr()
    address, port = listen
    with closing(collector):
        collector.check()
        with closing(_served(collector, address, port, certificates, login)) as server:
            if not is_loopback(address) and certificates is None:
                complain(f"{address} can be reached from elsewhere, and nothing is encrypted: see --certificate")
            shown = f"[{address}]" if ":" in address else address
            print(f"serving http{'s' if certificates else ''}://{shown}:{server.port}/metrics", flush=True)
            _wait_for_a_signal()


def _wait_for_a_signal() -> NoReturn:
    """Until a handler raises.

    A lock is not woken by a signal that comes right before it is waited for, or to another thread.
    """
    news, told = socket.socketpair()
    with news, told:
        told.setblocking(False)
        signal.set_wakeup_fd(told.fileno())
        try:
            while True:
                news.recv(1)
        finally:
            signal.set_wakeup_fd(-1)


def _end(*_: object) -> NoReturn:
    sys.exit(0)


def _served(
    collector: Collector, address: str, port: int, certificates: Certificates | None, login: Login | None
) -> Server:
    from hvinspect.bridges._prometheus_server import serve

    try:
        return serve(collector, address, port, certificates=certificates, login=login)
    except OSError as exc:
        raise click.UsageError(f"cannot serve at {printable(address)}, port {port}: {exc}") from exc


def _certificates(certificate: Path | None, key: Path | None, client_ca: Path | None) -> Certificates | None:
    from hvinspect.bridges._prometheus_server import Certificates

    if certificate is None and key is None and client_ca is None:
        return None
    if certificate is None or key is None:
        raise click.UsageError("TLS needs both --certificate and --key")
    return Certificates(certificate, key, client_ca)


def _login(user: str | None, password_file: Path | None) -> Login | None:
    from hvinspect.bridges._prometheus_server import Login

    if user is None and password_file is None:
        return None
    if user is None or password_file is None:
        raise click.UsageError("a login needs both --user and --password-file")
    try:
        with password_file.open(encoding="utf-8") as file:
            password = file.readline(65536).rstrip("\r\n")
    except (OSError, ValueError) as exc:
        raise click.UsageError(f"the password cannot be read from {str(password_file)!r}: {exc}") from exc
    if not password:
        raise click.UsageError(f"{str(password_file)!r} begins with an empty line: there is no password in it")
    return Login(user, password)


def _log_to_stderr() -> None:
    """What the library has to say goes where a service manager keeps it: one line per change of state."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("hvinspect: %(message)s"))
    logger = logging.getLogger("hvinspect")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
