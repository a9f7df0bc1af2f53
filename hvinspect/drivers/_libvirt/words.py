"""libvirt's numbered states and reasons in its own words, and in those of the model. No I/O here."""

from __future__ import annotations

from enum import IntEnum

from hvinspect.driver import DirtyRateStatus, State, VcpuState

__all__ = [
    "DELAY_SINCE",
    "DESCRIBES_IN_TURN_SINCE",
    "DIRTY_RATE_STATUS",
    "JOB_KINDS",
    "JOB_OPERATIONS",
    "NATIVE_STATES",
    "RAW_WRITES_UNCOUNTED_SINCE",
    "STATES",
    "VCPU_STATES",
    "Control",
    "state_reason",
]

# virDomainState
NATIVE_STATES = {
    0: "no state", 1: "running", 2: "blocked", 3: "paused", 4: "in shutdown", 5: "shut off", 6: "crashed",
    7: "pmsuspended",
}  # fmt: skip
STATES = {
    0: State.UNKNOWN,
    1: State.RUNNING,
    # Idle, waiting for something: Xen's and LXC's word for a guest that runs and has nothing to do.
    2: State.RUNNING,
    3: State.PAUSED,
    4: State.SHUTTING_DOWN,
    5: State.SHUT_OFF,
    6: State.CRASHED,
    7: State.SUSPENDED,
}
#: Those in which a domain never has a process. One that crashed may have been preserved: its id tells.
INACTIVE_STATES = (5,)
CRASHED = 6


class Control(IntEnum):
    """virDomainControlState: what the monitor of a domain is doing."""

    OK = 0
    JOB = 1
    OCCUPIED = 2
    ERROR = 3


#: The first libvirt that gives a vCPU's delay, as libvirt numbers its versions.
DELAY_SINCE = 7_002_000
#: From which libvirt on a 0 may stand for the furthest write into a raw image, whatever was written: 9.0 counts it,
#: 11.3 does not, and of those between nothing was measured.
RAW_WRITES_UNCOUNTED_SINCE = 9_001_000
#: From which libvirt on a description may have to wait until another request for the same guest is over: 9.0 gives it
#: at once, 11.3 takes its turn, and of those between nothing was measured.
DESCRIBES_IN_TURN_SINCE = 9_001_000
# virDomainRunningReason, virDomainPausedReason, ...: the words are those of virsh domstate --reason.
_REASONS = {
    1: (
        "unknown", "booted", "migrated", "restored", "from snapshot", "unpaused", "migration canceled",
        "save canceled", "event wakeup", "crashed", "post-copy", "post-copy failed",
    ),
    2: ("unknown",),
    3: (
        "unknown", "user", "migrating", "saving", "dumping", "I/O error", "watchdog", "from snapshot",
        "shutting down", "creating snapshot", "crashed", "starting up", "post-copy", "post-copy failed",
        "api error",
    ),
    4: ("unknown", "user"),
    5: (
        "unknown", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot", "daemon",
    ),
    6: ("unknown", "panicked"),
    7: ("unknown",),
}  # fmt: skip
#: Devices of disks that may have nothing in them.
REMOVABLE = ("cdrom", "floppy")
# virVcpuState
VCPU_STATES = {0: VcpuState.OFFLINE, 1: VcpuState.RUNNING, 2: VcpuState.BLOCKED}
# virDomainDirtyRateStatus
DIRTY_RATE_STATUS = {
    0: DirtyRateStatus.UNSTARTED,
    1: DirtyRateStatus.MEASURING,
    2: DirtyRateStatus.MEASURED,
}
# virDomainJobType and virDomainJobOperation
JOB_KINDS = {0: "none", 1: "bounded", 2: "unbounded", 3: "completed", 4: "failed", 5: "cancelled"}
JOB_OPERATIONS = {
    0: "unknown", 1: "start", 2: "save", 3: "restore", 4: "migration_in", 5: "migration_out", 6: "snapshot",
    7: "snapshot_revert", 8: "dump", 9: "backup", 10: "snapshot_delete",
}  # fmt: skip


def state_reason(state: int, reason: int) -> str:
    """Why a domain came to its state; a reason newer than this table is given by its number."""
    known = _REASONS.get(state, ())
    return known[reason] if 0 <= reason < len(known) else f"reason {reason}"
