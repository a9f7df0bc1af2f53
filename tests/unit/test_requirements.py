"""require() refuses what is not there, by public names alone: the next release is held against it."""

from __future__ import annotations

import pytest

import hvinspect
from hvinspect import compat


def test_a_newer_version_is_refused() -> None:
    with pytest.raises(hvinspect.NotSupported, match=r"999\.0"):
        compat.require("999.0")


def test_a_version_that_is_there_is_not() -> None:
    compat.require("0.1", groups=["cpu"], fields=["nic.rx_bytes"])


@pytest.mark.parametrize(
    "lacking", [{"groups": ["no_such_group"]}, {"fields": ["nic.no_such_field"]}], ids=["group", "field"]
)
def test_what_nobody_has_heard_of_is_refused(lacking: dict[str, list[str]]) -> None:
    with pytest.raises(hvinspect.NotSupported, match="no_such"):
        compat.require("0.1", **lacking)
