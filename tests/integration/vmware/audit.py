"""Did hvinspect call anything that its list does not have? The word of the simulated servers, over a whole run."""

from __future__ import annotations

from collections.abc import Iterable

from hvinspect.drivers._vmware.operations import OPERATIONS
from tests.lab.vmware.simulator import LAB_AGENT

__all__ = ["REMEDY", "violations"]

REMEDY = "hvinspect may call only what hvinspect/drivers/_vmware/operations.py lists"


def violations(calls: Iterable[tuple[str, str]]) -> list[str]:
    """What was called and is not listed, by anybody but the lab's own clients."""
    listed = {one.method for one in OPERATIONS}
    return sorted({method for agent, method in calls if agent != LAB_AGENT and method not in listed})
