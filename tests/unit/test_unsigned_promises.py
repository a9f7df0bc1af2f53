"""What programs rely on and no signature shows: public names alone, so that each release keeps these tests."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import hvinspect
from hvinspect import CATALOGUE, Absence, Absences, Reason, available_drivers, connect, to_dict
from hvinspect.compat import require
from hvinspect.samples import samples
from hvinspect.testing import FakeDriver, registered


def test_the_text_of_a_field_is_its_path() -> None:
    assert {str(one): one.path for one in CATALOGUE.values()} == {path: path for path in CATALOGUE}


def test_of_joined_absences_the_later_one_counts() -> None:
    joined = Absences({"a": Absence(Reason.DENIED)}) | {"a": Absence(Reason.BUSY)}
    assert joined["a"].reason is Reason.BUSY


def test_absences_are_one_key_in_whatever_order() -> None:
    a, b = Absence(Reason.DENIED), Absence(Reason.BUSY)
    one, other = Absences({"a": a, "b": b}), Absences({"b": b, "a": a})
    assert (one == other, hash(one) == hash(other)) == (True, True)


def test_the_log_has_one_name_and_speaks_to_who_listens(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), connect("fake:"):
        pass
    assert {one.name for one in caplog.records} == {"hvinspect"}
    assert any(isinstance(one, logging.NullHandler) for one in logging.getLogger("hvinspect").handlers)


def test_drivers_are_listed_by_name() -> None:
    names = [one.name for one in available_drivers()]
    assert names == sorted(names)
    assert {"fake", "libvirt", "xen"} <= set(names)


def test_a_driver_that_a_test_registers_comes_before_the_installed_one() -> None:
    with registered("libvirt", FakeDriver), connect("libvirt:") as hv:
        assert hv.snapshot().instances


def test_plain_data_is_what_json_gives_back() -> None:
    def kinds(value: Any) -> set[type]:
        if isinstance(value, dict):
            return {type(value), *(kind for one in value.values() for kind in kinds(one))}
        if isinstance(value, (list, tuple)):
            return {type(value), *(kind for one in value for kind in kinds(one))}
        return {type(value)}

    with connect("fake:") as hv:
        assert kinds(to_dict(hv.snapshot())) <= {dict, list, str, int, float, bool, type(None)}


def test_health_counts_calls() -> None:
    with connect("fake:") as hv:
        hv.snapshot()
        hv.host()
        assert hv.health().calls == 2


def test_an_unknown_path_of_capabilities_is_a_key_error() -> None:
    with connect("fake:") as hv, pytest.raises(KeyError):
        hv.capabilities()["no.such_field"]


def test_the_unknown_group_cannot_be_asked_for() -> None:
    with connect("fake:") as hv, pytest.raises(ValueError, match="UNKNOWN"):
        hv.snapshot(groups=[hvinspect.Group.UNKNOWN])


def test_what_is_asked_for_twice_is_read_once_and_in_the_targets_order() -> None:
    with connect("fake:", options={"seed": "3"}) as hv:
        keys = [one.instance.key for one in hv.snapshot()]
        asked = [keys[2], keys[0], keys[2]]
        assert [one.instance.key for one in hv.snapshot(asked)] == [keys[0], keys[2]]


def test_a_bare_string_of_groups_is_a_mistake() -> None:
    with connect("fake:") as hv, pytest.raises(TypeError):
        hv.snapshot(groups="cpu")  # type: ignore[arg-type]  # the mistake


def test_rates_are_nobodys_capability() -> None:
    with connect("fake:") as hv:
        assert not {one.field.record for one in hv.capabilities()} & {"rates", "disk_rates", "nic_rates"}


def test_the_unknown_group_is_nothing_to_require() -> None:
    with pytest.raises(hvinspect.NotSupported, match="unknown"):
        require("0.1", groups=["unknown"])


@pytest.mark.parametrize(
    ("path", "number"), [(("taken", "duration_ns"), 1 << 70), (("memory_total_bytes",), -(1 << 70))]
)
def test_a_stored_number_beyond_any_counter_is_refused(path: tuple[str, ...], number: int) -> None:
    with connect("fake:") as hv:
        document = to_dict(hv.host())
    inner: Any = document
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = number
    with pytest.raises(hvinspect.ReplyInvalid):
        hvinspect.from_dict(document)


def test_what_is_no_number_is_no_rate() -> None:
    with connect("fake:", options={"clock": "reads"}) as hv:
        document = to_dict(hvinspect.rates(hv.host(), hv.host()))
    document["user_cores"] = float("nan")
    with pytest.raises(hvinspect.ReplyInvalid):
        hvinspect.from_dict(document)


def test_the_device_of_a_sample_is_its_key_as_text() -> None:
    with connect("fake:") as hv:
        assert {type(one.device) for one in samples(hv.snapshot())} == {str, type(None)}
