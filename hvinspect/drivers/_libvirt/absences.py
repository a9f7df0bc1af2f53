"""Why libvirt does not give a value. No I/O here."""

from __future__ import annotations

from hvinspect.driver import Absence, Reason

__all__: list[str] = []

NOT_RUNNING = Absence(Reason.NOT_RUNNING, "the instance is not running")
NOT_REQUESTED = Absence(Reason.NOT_REQUESTED, "its group was not asked for")
NOT_IN_REPLY = Absence(Reason.UNSUPPORTED, "libvirt's answer does not have it")
NOT_COUNTED = Absence(Reason.UNSUPPORTED, "libvirt does not count it")
NOT_PER_VCPU = Absence(Reason.UNSUPPORTED, "libvirt does not give it for each vCPU of this hypervisor")
NO_SCHEDSTATS = Absence(
    Reason.NOT_CONFIGURED,
    "the host's kernel keeps no scheduler statistics (sysctl kernel.sched_schedstats), or libvirt cannot read it",
)
HALTED_ON_S390_ONLY = Absence(Reason.UNSUPPORTED, "libvirt gives it on s390 hosts only")
AT_NEXT_START = Absence(Reason.RUNNING, "libvirt's statistics have it of an instance that does not run")
NO_HOST_CPU = Absence(Reason.UNSUPPORTED, "libvirt's statistics do not have it")
NO_NIC_COUNTERS = Absence(Reason.UNSUPPORTED, "libvirt has no counters for a NIC of this type")
NOT_DESCRIBED = Absence(Reason.NOT_CONFIGURED, "the domain's XML does not have it")
NO_BALLOON = Absence(Reason.NOT_CONFIGURED, "the instance has no balloon device")
NEVER_REPORTED = Absence(
    Reason.NEEDS_GUEST,
    "the guest's balloon driver has reported nothing: it is not loaded, or the guest is still booting",
)
NOT_IN_REPORT = Absence(Reason.NEEDS_GUEST, "the guest's balloon driver did not report it")
RAW_ALLOCATION_AMBIGUOUS = Absence(
    Reason.UNSUPPORTED,
    "libvirt gives a raw image's length both when all and when nothing of it is allocated; block_detail may tell",
)
RAW_WRITES_UNCOUNTED = Absence(
    Reason.UNSUPPORTED, "libvirt newer than 9.0 says 0 of a raw image, whatever was written to it"
)
LENGTH_UNCLEAR = Absence(Reason.UNSUPPORTED, "libvirt gives it for raw and qcow2 images alone")
ALLOCATION_LEFT_OUT = Absence(
    Reason.UNSUPPORTED, "libvirt leaves it out of its statistics where nothing is allocated; ask for block_detail"
)
NO_IMAGE = Absence(Reason.NOT_CONFIGURED, "there is no image behind the device")
NEEDS_BLOCK_DETAIL = Absence(Reason.NOT_REQUESTED, "ask for the group block_detail")
PERF_NOT_ENABLED = Absence(Reason.NOT_CONFIGURED, "the event is not enabled for the instance (<perf> in the XML)")
NO_IOTHREADS = Absence(Reason.NOT_CONFIGURED, "the instance has no I/O threads")
NO_MEASUREMENT = Absence(Reason.NOT_CONFIGURED, "no measurement was made (virsh domdirtyrate-calc)")
NO_RATES = Absence(Reason.UNSUPPORTED, "libvirt has counters, not rates")
BUSY = Absence(Reason.BUSY, "another request has the guest's monitor")
NOT_ANSWERING = Absence(
    Reason.TIMED_OUT, "the guest's hypervisor process has not answered an earlier request, so it is not asked"
)
NOT_ASKED = Absence(
    Reason.TIMED_OUT, "the guest's monitor was left alone: a request that was to ask it has not come back"
)
NOT_BACK = Absence(Reason.TIMED_OUT, "a request for it has not come back")
NO_JOB = Absence(Reason.NO_EVENTS, "no job is running")
NEEDS_WRITE = Absence(
    Reason.DENIED,
    "the guest agent answers only on a connection that may write: connect with options={'access': 'write'}",
)


def unsupported_since(version: str) -> Absence:
    """Missing because the daemon is older than *version* of libvirt."""
    return Absence(Reason.NEEDS_NEWER_HYPERVISOR, f"libvirt {version} or newer gives it")


DELAY_NEEDS_NEWER = unsupported_since("7.2.0")
