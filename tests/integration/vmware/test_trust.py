"""A server is believed for its certificate, wherever it is; and a user for the password."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

import pytest

from hvinspect import AccessDenied, ConnectFailed, InvalidTarget, Secret, connect
from tests.integration.vmware.conftest import Start
from tests.lab.certificates import Authority
from tests.lab.vmware.simulator import PASSWORD, Simulator


def thumbprint(server: Simulator) -> str:
    pem = (server.folder / "server" / "servercert.pem").read_text()
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    return ":".join(digest[start : start + 2] for start in range(0, len(digest), 2))


def test_loopback_is_verified_too(vcenter: Simulator) -> None:
    with pytest.raises(ConnectFailed, match=r"certificate of 127.0.0.1:\d+ does not verify") as caught:
        connect(vcenter.target, options={"password": PASSWORD})
    assert "option ca" in str(caught.value)


def test_another_ca_vouches_for_nothing(vcenter: Simulator, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    with pytest.raises(ConnectFailed, match="does not verify"):
        connect(vcenter.target, options={"password": PASSWORD, "ca": str(other.certificate)})


def test_a_certificate_for_another_name_is_refused(start: Start) -> None:
    server = start(named="DNS:elsewhere.example.org")
    with pytest.raises(ConnectFailed, match=r"does not verify.*127\.0\.0\.1'\. Write a name"):
        connect(server.target, options=server.options)


def test_a_certificate_that_is_out_of_date_is_refused(start: Start) -> None:
    server = start(days=0)
    with pytest.raises(ConnectFailed, match=r"does not verify: certificate has expired\. Look at both clocks"):
        connect(server.target, options=server.options)


def test_a_pinned_certificate_is_believed_without_a_ca(vcenter: Simulator) -> None:
    with connect(vcenter.target, options={"password": PASSWORD, "thumbprint": thumbprint(vcenter)}) as hv:
        assert hv.snapshot().instances


def test_a_certificate_that_is_not_the_pinned_one_is_refused(vcenter: Simulator, esx: Simulator) -> None:
    own = thumbprint(vcenter).replace(":", "").lower()
    with pytest.raises(ConnectFailed, match=rf"127\.0\.0\.1:\d+ is not the pinned one: its SHA-256 is {own}"):
        connect(vcenter.target, options={"password": PASSWORD, "thumbprint": thumbprint(esx)})


def test_a_pin_and_a_ca_must_both_agree(vcenter: Simulator, esx: Simulator) -> None:
    with pytest.raises(ConnectFailed, match="not the pinned one"):
        connect(vcenter.target, options={**vcenter.options, "thumbprint": thumbprint(esx)})
    with pytest.raises(ConnectFailed, match="does not verify"):
        connect(vcenter.target, options={**esx.options, "thumbprint": thumbprint(vcenter)})


def test_nothing_is_sent_to_a_server_that_is_not_believed(start: Start) -> None:
    server = start(named="DNS:elsewhere.example.org")
    with pytest.raises(ConnectFailed):
        connect(server.target, options=server.options)
    assert not server.calls()


def test_a_wrong_password_is_refused_and_not_shown(server: Simulator) -> None:
    with pytest.raises(AccessDenied, match=r"does not let reader in.*password") as caught:
        connect(server.target, options={**server.options, "password": Secret("hunter2")})
    error: BaseException | None = caught.value
    while error is not None:
        assert "hunter2" not in repr(error)
        error = error.__cause__


def test_the_password_may_be_in_a_file(vcenter: Simulator, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    options = {"ca": str(vcenter.authority.certificate), "password_file": str(file)}
    with connect(vcenter.target, options=options) as hv:
        assert hv.snapshot().instances


def test_the_password_may_be_in_the_environment(vcenter: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HVINSPECT_VMWARE_PASSWORD", PASSWORD)
    with connect(vcenter.target, options={"ca": str(vcenter.authority.certificate)}) as hv:
        assert hv.snapshot().instances


def test_without_a_password_nobody_is_asked(vcenter: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HVINSPECT_VMWARE_PASSWORD", raising=False)
    with pytest.raises(InvalidTarget, match="password_file"):
        connect(vcenter.target, options={"ca": str(vcenter.authority.certificate)})


def test_a_server_may_have_an_address_of_ipv6(start: Start) -> None:
    server = start(host="::1")
    assert server.target.startswith("vmware://reader@[::1]:")
    with connect(server.target, options=server.options) as hv:
        assert hv.snapshot().instances
