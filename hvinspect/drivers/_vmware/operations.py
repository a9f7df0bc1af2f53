"""Every method of the vSphere API that this driver may ever call. No I/O here.

Rule. What is not here is never called: a run in the lab reads the simulator's log at its end, and fails on anything
else. Whoever adds a method gives the privilege that vSphere asks for, and what it is for.
"""

from __future__ import annotations

from typing import NamedTuple, final

__all__ = ["OPERATIONS", "PRIVILEGES", "Operation"]


@final
class Operation(NamedTuple):
    """One method, by its name in SOAP."""

    method: str
    #: "none" for what goes before it, or is the caller's own.
    privilege: str
    purpose: str


#: What the role Read-only has. It has no other privilege.
PRIVILEGES = frozenset({"none", "System.Anonymous", "System.View", "System.Read"})

OPERATIONS: tuple[Operation, ...] = (
    Operation("RetrieveServiceContent", "System.Anonymous", "which server it is"),
    Operation("Login", "System.Anonymous", "the session"),
    Operation("Logout", "System.View", "its end"),
    Operation("CreateContainerView", "System.View", "a list of the virtual machines, kept by the server"),
    Operation("RetrievePropertiesEx", "System.Read", "properties of many objects"),
    Operation("ContinueRetrievePropertiesEx", "none", "the next page of them"),
    Operation("QueryPerf", "System.Read", "the newest sample of performance counters"),
)
