"""Which server is believed to be the one that was meant: by a CA, or by a certificate's own thumbprint.

Rule. There is no way to believe just any. pyVmomi asks no certificate of a server on this machine, so it makes
no connections here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import ssl
from dataclasses import dataclass
from typing import final

from hvinspect.driver import ConnectFailed, InvalidTarget, printable

__all__ = ["Trust"]

_SHA256 = re.compile(r"[0-9a-f]{64}")


@final
@dataclass(frozen=True, slots=True)
class Trust:
    """A context for TLS, and what the server's certificate must be."""

    context: ssl.SSLContext
    thumbprint: str | None

    @classmethod
    def of(cls, *, ca: str | None, thumbprint: str | None) -> Trust:
        """By the certificates in the file *ca*, else by the *thumbprint*, else by the system's CAs.

        Raises:
            InvalidTarget: neither a file of certificates nor a SHA-256 thumbprint.
        """
        if thumbprint is None:
            return cls(_context(ca), None)
        pinned = thumbprint.replace(":", "").lower()
        if not _SHA256.fullmatch(pinned):
            raise InvalidTarget("thumbprint is the SHA-256 of the server's certificate: 64 hexadecimal digits")
        context = _context(ca)
        if ca is None:
            # The pin says more than a CA could: it is compared before anything is sent.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return cls(context, pinned)

    def check(self, connection: ssl.SSLSocket, where: str) -> None:
        """Compare the certificate that *where* has just presented with the pin, if there is one.

        Raises:
            ConnectFailed: it is another one.
        """
        if self.thumbprint is None:
            return
        presented = hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()
        if not hmac.compare_digest(presented, self.thumbprint):
            raise ConnectFailed(
                f"the certificate of {where} is not the pinned one: its SHA-256 is {presented}. If the server has been "
                "given a new one, give the option thumbprint that"
            )


def _context(ca: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as exc:
        raise InvalidTarget(f"ca is no file of certificates (PEM): {printable(ca)}: {printable(exc)}") from exc
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
