"""Why Xen does not give a value. No I/O here."""

from __future__ import annotations

from hvinspect.driver import Absence, Reason

__all__: list[str] = []

NOT_REQUESTED = Absence(Reason.NOT_REQUESTED, "its group was not asked for")
NOT_IN_XEN = Absence(Reason.UNSUPPORTED, "Xen has no such thing")
NOT_COUNTED = Absence(Reason.UNSUPPORTED, "Xen does not count it")
AT_START = Absence(Reason.UNSUPPORTED, "how many a domain started with the toolstack alone knows")
NO_REASON = Absence(Reason.UNSUPPORTED, "libxenstat tells the state and not how it came to it")
INSIDE = Absence(Reason.UNSUPPORTED, "Xen does not know how a guest uses its memory")
DROPS_MIXED = Absence(
    Reason.UNSUPPORTED, "netback counts a frame that waited for the guest too long among those that the guest sent"
)
NO_RATES = Absence(Reason.UNSUPPORTED, "Xen has counters, not rates")
NO_AVAILABLE = Absence(Reason.UNSUPPORTED, "Xen knows what is free; what dom0 could give up is dom0's to know")
NO_HOST_TIME = Absence(
    Reason.UNSUPPORTED, "libxenstat has no CPU time of the host; dom0's kernel has that of dom0 alone"
)
NO_HOST_UUID = Absence(Reason.UNSUPPORTED, "the hypervisor has none for the host")
NOT_IN_XENSTORE = Absence(Reason.NOT_CONFIGURED, "the device's entry in xenstore does not have it")
NO_LIMIT = Absence(Reason.NOT_CONFIGURED, "xenstore has no memory/static-max for the domain")
NO_ALIAS = Absence(Reason.UNSUPPORTED, "Xen names a disk by its virtual device alone")
NOT_A_BLOCK_DEVICE = Absence(Reason.NOT_CONFIGURED, "xenstore does not tell what kind of thing the image is")
EMPTY = Absence(Reason.NOT_CONFIGURED, "there is no image in the drive")
SIZE_UNKNOWN = Absence(Reason.NOT_CONFIGURED, "the backend has not written its size to xenstore: no guest is connected")
SIZE_UNCLEAR = Absence(
    Reason.NOT_CONFIGURED,
    "the sector size is not 512, and backends differ in what they count the sectors of such a disk in",
)
NOT_CONNECTED = Absence(Reason.NOT_CONFIGURED, "dom0's kernel has no counters of it: the backend is not set up")
NO_BRIDGE = Absence(Reason.NOT_CONFIGURED, "the network device in dom0 is in no bridge")
NOT_NAMED = Absence(
    Reason.NOT_CONFIGURED,
    "the network device in dom0 is in a bridge of Open vSwitch, which its entry in xenstore does not name",
)
ELSEWHERE = Absence(
    Reason.NOT_CONFIGURED, "dom0 has no such network device: it is in another network namespace, or gone"
)
USER_SPACE = {
    "qdisk": Absence(Reason.NOT_CONFIGURED, "its backend is a QEMU (qdisk): the kernel has no counters of it"),
    "vbd3": Absence(Reason.NOT_CONFIGURED, "its backend is a tapdisk (vbd3): the kernel has no counters of it"),
    "tap": Absence(Reason.NOT_CONFIGURED, "its backend is a tapdisk (tap): the kernel has no counters of it"),
}


def in_domain(backend: int) -> Absence:
    """Missing because the device's backend is in a driver domain."""
    return Absence(Reason.NOT_CONFIGURED, f"its backend is in domain {backend}, and counted there")


def wrong(what: str, shown: str) -> Absence:
    """Missing because what should be a number is none."""
    return Absence(Reason.FAILED, f"{what} is {shown}")
