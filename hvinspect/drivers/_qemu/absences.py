"""Why a QEMU process or its monitor does not give a value. No I/O here."""

from __future__ import annotations

from hvinspect.driver import Absence, Reason

__all__: list[str] = []

NOT_REQUESTED = Absence(Reason.NOT_REQUESTED, "its group was not asked for")
NOT_IN_QEMU = Absence(Reason.UNSUPPORTED, "QEMU has no such thing")
NOT_READ = Absence(Reason.UNSUPPORTED, "it is not read: it would cost more than all else of a vCPU")
NOT_READ_LINK = Absence(Reason.UNSUPPORTED, "no command that only reads tells how a link is configured")
NOT_IN_REPLY = Absence(Reason.UNSUPPORTED, "QEMU's answer does not have it")
NO_REASON = Absence(Reason.UNSUPPORTED, "QEMU has one word for a state and its reason: native_state has it")
NO_RATES = Absence(Reason.UNSUPPORTED, "QEMU has counters, not rates")
NO_PERF = Absence(Reason.UNSUPPORTED, "QEMU counts no events of the host's hardware")
NO_TARGET = Absence(Reason.UNSUPPORTED, "QEMU does not know what the guest calls it")
NO_PORT = Absence(Reason.UNSUPPORTED, "QEMU does not know how the host's network is run")
NO_AGENT = Absence(
    Reason.UNSUPPORTED, "the guest's agent has a channel of its own, which serves one client: it is left to its owner"
)
NO_MONITOR = Absence(
    Reason.UNSUPPORTED, "only the monitor tells: name its socket in the target, qemu:/run/vms/*.qmp for instance"
)
LIBVIRTS_MONITOR = Absence(
    Reason.DENIED, "libvirt started this QEMU and asks it itself: read it through libvirt, libvirt:qemu:///system"
)
STOPPED = Absence(Reason.TIMED_OUT, "the QEMU process is stopped (SIGSTOP), so its monitor was not asked")
IN_USE = Absence(Reason.BUSY, "another client has the monitor, which serves one at a time")
SILENT = Absence(Reason.TIMED_OUT, "the monitor gave no greeting: another client has it, or QEMU is held up")
HALF = Absence(Reason.TIMED_OUT, "QEMU did not answer in time")
NO_TIME = Absence(Reason.TIMED_OUT, "the time was over before the monitor was asked")
CLOSED = Absence(Reason.VANISHED, "QEMU closed its monitor: it is ending")
NOBODY_LISTENS = Absence(Reason.VANISHED, "nobody listens at the monitor's socket any more")
NO_ACCESS = Absence(
    Reason.DENIED,
    "this user may not open the monitor's socket: who may can end the guest too, so choose with care",
)
NOT_QMP = Absence(Reason.FAILED, "what answers at the socket does not speak QMP")
TOO_MUCH = Absence(Reason.FAILED, "QEMU's answer has no end")
PROCESS_UNSEEN = Absence(
    Reason.DENIED, "the QEMU process is not seen from here: it is in a pid namespace that this one does not contain"
)
NO_NAMES = Absence(
    Reason.NOT_CONFIGURED, "its threads have no names: start QEMU with -name NAME,debug-threads=on, or name its monitor"
)
SHARED_THREAD = Absence(Reason.NOT_CONFIGURED, "one thread runs all vCPUs (-accel tcg,thread=single)")
NOT_OWN = Absence(Reason.DENIED, "QEMU's own user alone, and root with CAP_SYS_PTRACE, may read it in /proc")
NO_IO_ACCOUNTING = Absence(
    Reason.NOT_CONFIGURED, "the host's kernel was built without /proc/PID/io (CONFIG_TASK_IO_ACCOUNTING)"
)
NO_SCHEDSTATS = Absence(
    Reason.NOT_CONFIGURED, "the host's kernel keeps no scheduler statistics (sysctl kernel.sched_schedstats)"
)
KVM_ONLY = Absence(Reason.NOT_CONFIGURED, "KVM alone tells it, from QEMU 8.1 and Linux 5.17 on")
NO_BALLOON = Absence(Reason.NOT_CONFIGURED, "the instance has no balloon device")
NOT_POLLED = Absence(
    Reason.NOT_CONFIGURED,
    "nobody has QEMU ask the guest for it (guest-stats-polling-interval of the balloon): that would be a change, "
    "and hvinspect makes none",
)
NEVER_REPORTED = Absence(
    Reason.NEEDS_GUEST,
    "the guest's balloon driver has reported nothing: it is not loaded, or the guest is still booting",
)
NOT_IN_REPORT = Absence(Reason.NEEDS_GUEST, "the guest's balloon driver did not report it")
NOT_ON_COMMAND_LINE = Absence(Reason.NOT_CONFIGURED, "QEMU's command line does not have it")
EMPTY = Absence(Reason.NOT_CONFIGURED, "there is no image in the drive")
DISCARDS_UNCOUNTED = Absence(
    Reason.NOT_CONFIGURED,
    "this QEMU counted no discard of it, and may count none of virtio-blk disks, only those of SCSI and IDE disks",
)
NEEDS_BLOCK_DETAIL = Absence(Reason.NOT_REQUESTED, "ask for the group block_detail")
LENGTH_UNCLEAR = Absence(Reason.NOT_CONFIGURED, "what is below the image is no file that QEMU knows the length of")
NO_BRIDGE = Absence(Reason.NOT_CONFIGURED, "the tap is in no bridge")
BRIDGE_ELSEWHERE = Absence(Reason.NOT_CONFIGURED, "the tap is in another network namespace, whose bridges are not seen")
NOT_A_TAP = Absence(Reason.NOT_CONFIGURED, "only a tap is counted by the host; this NIC is attached in another way")
TAP_ELSEWHERE = Absence(
    Reason.NOT_CONFIGURED, "neither QEMU's network namespace nor this one has the tap: it was moved to a third"
)
NO_IOTHREADS = Absence(Reason.NOT_CONFIGURED, "the instance has no I/O threads")
NO_JOB = Absence(Reason.NO_EVENTS, "no job is running")
NO_MEASUREMENT = Absence(Reason.NOT_CONFIGURED, "no measurement was made (calc-dirty-rate)")
NO_HOST_UUID = Absence(Reason.UNSUPPORTED, "the kernel has none for the host")
MANY_VERSIONS = Absence(Reason.UNSUPPORTED, "each QEMU has a version of its own")


def refused(words: str) -> Absence:
    """Missing because QEMU refused it in these *words*."""
    return Absence(Reason.FAILED, f"QEMU says: {words}")


def newer(command: str) -> Absence:
    """Missing because this QEMU has no such *command*."""
    return Absence(Reason.NEEDS_NEWER_HYPERVISOR, f"this QEMU has no {command}")


def wrong(what: str, shown: str) -> Absence:
    """Missing because what should be a number is none."""
    return Absence(Reason.FAILED, f"{what} is {shown}")
