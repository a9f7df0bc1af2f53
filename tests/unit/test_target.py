"""Targets: taken apart, nothing guessed, nothing secret shown."""

from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import example, given, strategies as st

from hvinspect import InvalidTarget, Secret, connect
from hvinspect.driver import Target
from tests.unit.toy import hooks

anything = st.text(st.characters(exclude_categories=()))


def test_a_target_is_a_driver_and_the_rest() -> None:
    target = Target.parse("libvirt:qemu:///system")
    assert (target.driver, target.rest) == ("libvirt", "qemu:///system")


@pytest.mark.parametrize(
    "uri", ["qemu:///system", "qemu+ssh://host/system", "lxc:///", "test:///default", "QEMU:///system"]
)
def test_a_bare_libvirt_uri_is_refused_with_what_to_write(uri: str) -> None:
    with pytest.raises(InvalidTarget, match=f"^{re.escape(f'{uri} is a libvirt URI: use libvirt:{uri}')}$"):
        Target.parse(uri)


@pytest.mark.parametrize("text", ["", ":", ":x", "libvirt", "lib virt:x", "Libvirt:x", "1x:y", "é:y", "x" * 33 + ":"])
def test_a_target_without_a_driver_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidTarget):
        Target.parse(text)


@pytest.mark.parametrize("text", ["d:a\nb", "d:a\x00b", "d:a\u202eb", "d:" + "x" * 5000])
def test_a_target_that_is_endless_or_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(InvalidTarget, match="too long or has control characters"):
        Target.parse(text)


@pytest.mark.parametrize("target", [None, 5, b"libvirt:x", ["libvirt:x"]])
def test_a_target_that_is_no_text_is_a_type_error(target: object) -> None:
    with pytest.raises(TypeError, match="a target is a string"):
        Target.parse(target)  # type: ignore[arg-type]


@given(anything | st.none() | st.binary())
def test_parsing_raises_nothing_but_what_it_says(text: object) -> None:
    refusal: Exception | None = None
    try:
        Target.parse(text)  # type: ignore[arg-type]
    except (InvalidTarget, TypeError) as error:
        refusal = error
    assert str(refusal).isprintable()


def test_a_url_is_refused_by_a_driver_that_takes_none() -> None:
    with hooks() as toy:
        name = toy.driver()
        with pytest.raises(InvalidTarget, match="takes none"):
            connect(f"{name}://host/path")


# A password as it is typed, "/" and "@" included, which should be encoded and are not always.
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zs", "Zl", "Zp", "Co", "Cn"])))
@example("p/w")
@example("p@w")
@example("p:w")
def test_a_password_is_never_shown(tail: str) -> None:
    password = f"s3cr/et{tail}hunter2"
    target = Target.parse(f"vmware:https://root:{password}@host/sdk")
    shown = str(target) + repr(target)
    assert "s3cr" not in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    "text", ["esx://root:hunter2@host/", "https//root:hunter2@h", "d:https://u:hunter2\n@h", "//u:hunter2@h"]
)
def test_a_refused_target_does_not_show_its_password(text: str) -> None:
    with pytest.raises(InvalidTarget) as caught:
        Target.parse(text)
    assert "hunter2" not in f"{caught.value}{caught.value!r}{caught.value.target}"


def test_a_refused_url_does_not_show_its_password() -> None:
    with hooks() as toy:
        name = toy.driver()
        with pytest.raises(InvalidTarget) as caught:
            connect(f"{name}://root:hunter2@host")
    assert "hunter2" not in f"{caught.value}{caught.value.target}"


def test_the_user_and_the_host_are_shown() -> None:
    assert str(Target.parse("vmware:https://root:pw@host/sdk")) == "vmware:https://root:***@host/sdk"


def test_a_target_without_secrets_is_shown_as_it_is() -> None:
    assert str(Target.parse("libvirt:qemu+tls://host:16514/system")) == "libvirt:qemu+tls://host:16514/system"


def test_the_driver_still_gets_the_password() -> None:
    assert Target.parse("vmware:https://root:pw@host").rest == "https://root:pw@host"


@pytest.mark.parametrize("show", [str, repr, "{}".format, ascii])
def test_a_secret_is_never_shown(show: object) -> None:
    assert "hunter2" not in show(Secret("hunter2"))  # type: ignore[operator]


def test_a_secret_is_revealed_on_demand() -> None:
    assert Secret("hunter2").reveal() == "hunter2"


def test_secrets_alike_are_equal() -> None:
    assert {Secret("a"), Secret("a"), Secret("b")} == {Secret("a"), Secret("b")}


def test_a_secret_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(Secret("a"))) == Secret("a")
