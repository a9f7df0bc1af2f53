"""A driver that says it gives what no catalogue has is told so, by public names alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

import hvinspect
from hvinspect.driver import Absence, ProvidesRequest, Reason
from hvinspect.testing import FakeDriver, registered


@pytest.mark.parametrize("absence", [None, Absence(Reason.UNSUPPORTED)], ids=["given", "not given"])
def test_a_field_that_nobody_has_heard_of_is_an_invalid_reply(absence: Absence | None) -> None:
    class Inventive(FakeDriver):
        def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
            return {**super().provides(request), "nic.no_such_field": absence}

    with (
        registered("inventive", Inventive),
        hvinspect.connect("inventive:") as connection,
        pytest.raises(hvinspect.ReplyInvalid, match="no_such_field"),
    ):
        connection.capabilities()
