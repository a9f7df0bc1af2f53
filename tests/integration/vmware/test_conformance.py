"""The driver is held to what every driver is held to, at a vCenter and at an ESX host."""

from __future__ import annotations

from hvinspect.testing import conformance
from hvinspect.testing.conformance import Outcome
from tests.lab.vmware.simulator import Simulator

#: What only a hypervisor with counters can be asked.
OF_COUNTERS = {"traffic_moves_its_own_counter"}


def test_vmware_conforms(server: Simulator) -> None:
    report = conformance.run(server.target, options=server.options, timeout=30.0)
    not_passed = {result.check for result in report if result.outcome is not Outcome.PASSED}
    assert not_passed == OF_COUNTERS, str(report)
