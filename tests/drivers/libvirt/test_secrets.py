"""What is secret in a target or an option is in no error, however it is looked at, and in no log."""

from __future__ import annotations

import logging
import pickle
import traceback
from pathlib import Path

import pytest

import hvinspect
from hvinspect import Secret

pytest.importorskip("libvirt", reason="libvirt-python is not installed: pip install hvinspect[libvirt]")

SECRET = "hunter2"


def failure(target: str, **options: str | Secret) -> hvinspect.Error:
    with pytest.raises(hvinspect.Error) as caught:
        hvinspect.connect(target, options=options, timeout=20.0)
    return caught.value


def told(error: BaseException) -> str:
    """All that a program, its log or a reader of its crash could show of *error*."""
    texts = ["".join(traceback.format_exception(error)), pickle.dumps(error).decode("latin-1")]
    one: BaseException | None = error
    while one is not None:
        texts += [str(one), repr(one), repr(one.args), repr(vars(one))]
        # format_exception() leaves out what "from None" hides, and a debugger does not.
        one = one.__cause__ or one.__context__
    return "\n".join(texts)


@pytest.mark.parametrize(
    "target",
    [
        f"libvirt:qemu+tls://me:{SECRET}@127.0.0.1:1/system",
        f"libvirt:qemu+tls://me:{SECRET}/3@127.0.0.1:1/system",
        f"libvirt:qemu+tls://me:{SECRET}@127.0.0.1:none/system",
        f"libvirt:qemu+tls://me%3A{SECRET}@127.0.0.1/system",
        f"libvirt:qemu+tls://me:{SECRET}@[::1/system",
        f"libvirt:esx://root:{SECRET}@127.0.0.1:1/",
        f"libvirt:qemu+unix:///system?socket=/s&name=qemu:%2F%2Fme:{SECRET}@node%2Fsystem",
        f"libvirt:nosuch://me:{SECRET}@node/",
        f"libvrit:qemu+tls://me:{SECRET}@node/system",
        f"qemu+tls://me:{SECRET}@node/system",
    ],
)
def test_a_password_in_a_target_is_nowhere_in_its_refusal(target: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        error = failure(target)
    assert SECRET not in told(error)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("name", ["access", "acess", "password"])
def test_a_secret_that_is_no_options_value_is_nowhere_in_its_refusal(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        error = failure("libvirt:test:///default", **{name: Secret(SECRET)})
    assert SECRET not in told(error)
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "words",
    [
        f"[credentials-mine]\nusername=root\npassword={SECRET}\n[auth-esx-127.0.0.1]\ncredentials=mine\n",
        f"password={SECRET}\n",
    ],
    ids=["right", "malformed"],
)
def test_what_is_in_a_file_of_credentials_is_nowhere_in_a_failed_connect(
    words: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "auth.conf"
    file.write_text(words)
    with caplog.at_level(logging.DEBUG):
        # libvirt's own library reads the file before it connects, and nothing listens there.
        error = failure(f"libvirt:esx://127.0.0.1:1/?authfile={file}")
    assert str(file) in str(error)
    assert SECRET not in told(error)
    assert SECRET not in caplog.text
    assert SECRET not in "".join(capfd.readouterr())
