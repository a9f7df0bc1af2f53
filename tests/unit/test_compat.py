"""compat.require(): nothing happens, or one error says all that is missing."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from packaging.version import InvalidVersion, Version

import hvinspect
from hvinspect import CATALOGUE, Group, NotSupported, compat
from hvinspect.compat import require

RELEASE = Version(hvinspect.__version__).base_version
FUTURE = f"{Version(RELEASE).major + 1}.0"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(compat, "__version__", "0.3.2")
    return monkeypatch


def refusal(version: str, **needs: list[str]) -> str:
    with pytest.raises(NotSupported) as caught:
        require(version, groups=needs.get("groups", []), fields=needs.get("fields", []))
    return str(caught.value)


@pytest.mark.parametrize("version", ["0.1", "0.3", "0.3.2", "0.3.2rc1"])
@pytest.mark.usefixtures("installed")
def test_this_or_an_older_version_is_there(version: str) -> None:
    require(version)


@pytest.mark.parametrize("version", ["0.3.3", "0.3.10", "0.4", "1", "0.3.3.dev0"])
@pytest.mark.usefixtures("installed")
def test_a_newer_version_is_refused_with_what_to_install(version: str) -> None:
    told = refusal(version)
    assert told.startswith(f"hvinspect 0.3.2 is installed, and this program needs version {version} or newer")
    assert told.endswith(f"pip install --upgrade 'hvinspect>={version}'")


@pytest.mark.parametrize("version", ["0.4.0.dev3", "0.4.0rc1"])
def test_a_development_version_counts_as_the_release_that_it_leads_to(
    installed: pytest.MonkeyPatch, version: str
) -> None:
    installed.setattr(compat, "__version__", version)
    require("0.4")


def test_a_development_version_may_be_asked_for_by_itself(installed: pytest.MonkeyPatch) -> None:
    installed.setattr(compat, "__version__", "0.4.0rc1")
    require("0.4.0rc1")


def test_an_older_development_version_is_no_newer_one(installed: pytest.MonkeyPatch) -> None:
    installed.setattr(compat, "__version__", "0.4.0.dev3")
    assert "version 0.4.0rc1 or newer" in refusal("0.4.0rc1")


def test_every_group_and_field_of_today_is_known() -> None:
    require(RELEASE, groups=[group for group in Group if group is not Group.UNKNOWN], fields=list(CATALOGUE))


def test_a_group_may_be_given_by_its_value() -> None:
    require(RELEASE, groups=["perf"])


def test_every_missing_thing_is_named_at_once() -> None:
    told = refusal(FUTURE, groups=["gpu", "cpu"], fields=["gpu.time_ns", "nic.rx_bytes"])
    assert f"needs version {FUTURE} or newer, the group 'gpu' and the field 'gpu.time_ns': " in told
    assert "nic.rx_bytes" not in told


def test_a_mistyped_name_gets_a_suggestion() -> None:
    assert "the field 'nic.rx_dropps' (did you mean 'nic.rx_drops'?)" in refusal(RELEASE, fields=["nic.rx_dropps"])


def test_where_the_version_would_do_no_upgrade_is_proposed() -> None:
    told = refusal(RELEASE, groups=["gpu"])
    assert "pip" not in told
    assert "'hvinspect fields' lists them" in told


def test_unknown_is_no_group_to_ask_for() -> None:
    assert "the group 'unknown'" in refusal(RELEASE, groups=["unknown"])


def test_control_characters_of_a_name_are_escaped() -> None:
    assert refusal(RELEASE, fields=["\x1b[31m"]).isprintable()


def test_a_bare_string_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not the string 'perf'"):
        require(RELEASE, groups="perf")


def test_what_is_no_version_is_a_value_error() -> None:
    with pytest.raises(InvalidVersion):
        require("newest")


def test_the_error_is_one_of_ours_and_pickles() -> None:
    with pytest.raises(hvinspect.Error) as caught:
        require(FUTURE)
    assert caught.value.code == "not_supported"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_importing_it_loads_nothing_heavy() -> None:
    program = "import hvinspect.compat, sys; assert not {'packaging', 'click', 'mypy'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
