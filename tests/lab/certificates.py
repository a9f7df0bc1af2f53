"""Certificate authorities made on the spot, with certificates in the folders and under the names libvirt expects."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import final

from tests.lab import requirements

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@final
class Authority:
    """Who vouches; *folder* has its key, and a folder for each that it vouched for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        usage = ("-addext", "keyUsage=critical,keyCertSign")
        _openssl(
            "req", "-x509", *_KEY, "-keyout", self._key, "-out", self.certificate, "-subj", f"/CN={folder.name}", *usage
        )

    @property
    def certificate(self) -> Path:
        """Its own."""
        return self._folder / "cacert.pem"

    @property
    def _key(self) -> Path:
        return self._folder / "cakey.pem"

    def server(self, name: str, *, hosts: Sequence[str], days: int = 2) -> Path:
        """The folder of a server that *hosts* name, as "DNS:NAME" and "IP:ADDRESS"; no days have passed already."""
        return self._issue(name, "server", f"subjectAltName={','.join(hosts)}", days=days)

    def client(self, name: str) -> Path:
        """The folder of a client, a pkipath for libvirt's URIs."""
        return self._issue(name, "client", days=2)

    def _issue(self, name: str, role: str, *extensions: str, days: int) -> Path:
        folder = self._folder / name
        folder.mkdir()
        key, request, certificate = (folder / f"{role}{what}.pem" for what in ("key", "request", "cert"))
        described = folder / "extensions"
        # Older libvirts (9.0) want leave to encipher keys, even of a key that cannot.
        purpose = ("keyUsage=critical,digitalSignature,keyEncipherment", f"extendedKeyUsage={role}Auth")
        described.write_text("\n".join(["basicConstraints=critical,CA:FALSE", *purpose, *extensions]))
        _openssl("req", "-new", *_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        by = ("-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial", "-days", str(days))
        _openssl("x509", "-req", "-in", request, "-out", certificate, *by, "-extfile", described)
        if days == 0:
            # Newer OpenSSLs (3.5) make none that ends before it begins; one that ends as it begins lasts a second.
            time.sleep(1.1)
        (folder / "cacert.pem").write_bytes(self.certificate.read_bytes())
        return folder


def _openssl(*arguments: str | Path) -> None:
    subprocess.run([requirements.program("openssl"), *arguments], check=True, capture_output=True)
