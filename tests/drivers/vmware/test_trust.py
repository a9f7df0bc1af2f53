"""What is to be believed is checked before anything is asked."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from hvinspect import InvalidTarget
from hvinspect.drivers._vmware.trust import Trust

PIN = "AB:" * 31 + "AB"


def test_nothing_said_means_the_systems_cas() -> None:
    trust = Trust.of(ca=None, thumbprint=None)
    assert trust.context.verify_mode is ssl.CERT_REQUIRED
    assert trust.context.check_hostname
    assert trust.context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_pin_is_compared_as_digits() -> None:
    assert Trust.of(ca=None, thumbprint=PIN).thumbprint == "ab" * 32


@pytest.mark.parametrize("pin", ["", "ab", "ab" * 20, "xy" * 32, "ab" * 64])
def test_what_is_no_sha256_is_no_pin(pin: str) -> None:
    with pytest.raises(InvalidTarget, match="SHA-256"):
        Trust.of(ca=None, thumbprint=pin)


def test_a_file_without_certificates_is_no_ca(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nothing")
    with pytest.raises(InvalidTarget, match="no file of certificates"):
        Trust.of(ca=str(file), thumbprint=None)


def test_a_file_that_is_not_there_is_no_ca(tmp_path: Path) -> None:
    with pytest.raises(InvalidTarget, match="no file of certificates"):
        Trust.of(ca=str(tmp_path / "nothing"), thumbprint=None)
