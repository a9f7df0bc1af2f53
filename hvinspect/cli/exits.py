"""The exit codes: promised, and documented from here."""

from __future__ import annotations

from enum import IntEnum

import hvinspect
from hvinspect import Reason, Snapshot
from hvinspect.samples import absences

__all__ = ["MEANINGS", "Exit", "of_error", "of_snapshot"]


class Exit(IntEnum):
    """How the command ended."""

    OK = 0
    INCOMPLETE = 1
    USAGE = 2
    TARGET = 3
    DRIVER = 4
    CONNECTION = 5
    DENIED = 6
    DEADLINE = 7
    NO_SUCH_THING = 8
    OTHER = 9
    INCOMPATIBLE = 10
    INTERRUPTED = 130
    PIPE_CLOSED = 141


#: For the help and the documentation.
MEANINGS = {
    Exit.OK: "everything that was asked for was read",
    Exit.INCOMPLETE: "an instance could not be read, or not wholly in time; the rest is shown",
    Exit.USAGE: "the command line is wrong",
    Exit.TARGET: "the target or one of its options is invalid",
    Exit.DRIVER: "the driver is unknown, or something it needs is not installed",
    Exit.CONNECTION: "the hypervisor could not be reached, or the connection broke",
    Exit.DENIED: "the hypervisor refused",
    Exit.DEADLINE: "the time given with --timeout was over",
    Exit.NO_SUCH_THING: "there is no such instance, or the target has no such thing",
    Exit.OTHER: "anything else: a senseless answer, unwritable output, a defect",
    Exit.INCOMPATIBLE: "the program needs another version of hvinspect, or what is private",
    Exit.INTERRUPTED: "interrupted by Ctrl-C",
    Exit.PIPE_CLOSED: "whoever read the output went away",
}

_OF_ERROR: dict[type[hvinspect.Error], Exit] = {
    hvinspect.InvalidTarget: Exit.TARGET,
    hvinspect.DriverNotFound: Exit.DRIVER,
    hvinspect.DriverUnavailable: Exit.DRIVER,
    hvinspect.ConnectFailed: Exit.CONNECTION,
    hvinspect.ConnectionLost: Exit.CONNECTION,
    hvinspect.AccessDenied: Exit.DENIED,
    hvinspect.DeadlineExceeded: Exit.DEADLINE,
    hvinspect.InstanceNotFound: Exit.NO_SUCH_THING,
    hvinspect.NotSupported: Exit.NO_SUCH_THING,
}

# Where nothing at all was read and all failures have one reason, the code says which.
_OF_REASON = {
    Reason.DENIED: Exit.DENIED,
    Reason.TIMED_OUT: Exit.DEADLINE,
    Reason.NOT_FOUND: Exit.NO_SUCH_THING,
}


def of_error(error: BaseException) -> Exit:
    """The code for *error*."""
    for kind in type(error).__mro__:
        if kind in _OF_ERROR:
            return _OF_ERROR[kind]
    return Exit.OTHER


def of_snapshot(snapshot: Snapshot) -> Exit:
    """The code for what was read: INCOMPLETE if an instance failed or lacks values that came too late."""
    reasons = {failure.reason for failure in snapshot.failures}
    if reasons and not snapshot.instances and len(reasons) == 1:
        return _OF_REASON.get(reasons.pop(), Exit.INCOMPLETE)
    if reasons or any(missing.absence.reason is Reason.TIMED_OUT for missing in absences(snapshot)):
        return Exit.INCOMPLETE
    return Exit.OK
