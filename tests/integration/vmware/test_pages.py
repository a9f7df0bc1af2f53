"""A server that gives its answers in pages is asked for all of them, and a page that is lost is not an end."""

from __future__ import annotations

import pytest

from hvinspect import ConnectionLost, Error, ReplyInvalid, connect
from tests.integration.vmware.conftest import Start
from tests.lab.vmware.simulator import Simulator

MACHINES, PAGE = 8, 3
#: Of the list, in which the template is, and of the configurations, in which it is not.
MORE_PAGES = 2 + 2
LONG = 30.0


@pytest.fixture(scope="module", params=[False, True], ids=["vcenter", "esx"])
def paging(start: Start, request: pytest.FixtureRequest) -> Simulator:
    """A server whose lists come in pages of a few."""
    return start(machines=MACHINES, page=PAGE, esx=request.param)


def continued(server: Simulator) -> int:
    return server.calls()["hvinspect", "ContinueRetrievePropertiesEx"]


def test_every_machine_of_every_page_is_complete(paging: Simulator) -> None:
    with connect(paging.target, options=paging.options) as hv:
        snapshot = hv.snapshot(timeout=LONG)
    assert len(snapshot.instances) == MACHINES - 1
    assert snapshot.failures == ()
    for stats in snapshot:
        assert stats.memory.maximum_bytes is not None
        assert len(stats.nics) == 1
        assert stats.supplied_rates is not None
        assert stats.supplied_rates.cpu_cores is not None


def test_each_page_is_asked_for_once(paging: Simulator) -> None:
    with connect(paging.target, options=paging.options) as hv:
        before = continued(paging)
        hv.snapshot(timeout=LONG)
        first = continued(paging)
        hv.snapshot(timeout=LONG)
        assert (first - before, continued(paging) - first) == (MORE_PAGES, 2)


@pytest.mark.parametrize(
    ("how", "error"), [("fault", ReplyInvalid), ("garbage", ReplyInvalid), ("truncate", ConnectionLost)]
)
def test_a_page_that_is_lost_is_no_end_of_the_list(paging: Simulator, how: str, error: type[Error]) -> None:
    with connect(paging.target, options=paging.options) as hv:
        with paging.misbehaving("ContinueRetrievePropertiesEx", how), pytest.raises(error):
            hv.snapshot(timeout=LONG)
        assert len(hv.snapshot(timeout=LONG).instances) == MACHINES - 1
