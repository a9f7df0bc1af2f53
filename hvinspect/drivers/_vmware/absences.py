"""Why vSphere does not give a value. No I/O here."""

from __future__ import annotations

from hvinspect.driver import Absence, Reason

__all__: list[str] = []

NOT_REQUESTED = Absence(Reason.NOT_REQUESTED, "its group was not asked for")
NOT_RUNNING = Absence(Reason.NOT_RUNNING, "the virtual machine is not powered on")
NOT_IN_VSPHERE = Absence(Reason.UNSUPPORTED, "vSphere has no such thing")
NO_COUNTERS = Absence(Reason.UNSUPPORTED, "vSphere has rates, not counters: they are in supplied_rates")
NO_REASON = Absence(Reason.UNSUPPORTED, "vSphere tells the state and not how it came to it")
INSIDE = Absence(Reason.UNSUPPORTED, "vSphere estimates how a guest uses its memory, and is not told by it")
NO_VCPUS = Absence(Reason.UNSUPPORTED, "of single vCPUs vSphere has no state and no counters")
NO_SERIAL = Absence(Reason.UNSUPPORTED, "what the guest sees as the serial number depends on how it asks")
NO_SIZES = Absence(
    Reason.UNSUPPORTED, "vSphere knows the sizes of files from the last time that somebody had them looked up"
)
NO_HOST_DEVICE = Absence(Reason.UNSUPPORTED, "vSphere does not name a host's device for a network card")
NO_BRIDGE = Absence(Reason.UNSUPPORTED, "vSphere has port groups, not bridges")
NO_PORT_ID = Absence(Reason.NOT_CONFIGURED, "no network service has given the card an external id")
NO_FILTER = Absence(Reason.UNSUPPORTED, "vSphere has no network filters of libvirt's kind")
MANY_HOSTS = Absence(Reason.UNSUPPORTED, "a vCenter has many hosts: connect to one of them")
NO_HOST_TIME = Absence(Reason.UNSUPPORTED, "vSphere has rates of the host's CPUs, not their time")
NO_AVAILABLE = Absence(Reason.UNSUPPORTED, "vSphere knows what is free, not what could be given up")
NO_MEMORY_NUMBER = Absence(Reason.NOT_CONFIGURED, "the server has no number for it at the moment")
NO_IMAGE = Absence(Reason.NOT_CONFIGURED, "nothing is behind the device")
NO_MEDIUM_SIZE = Absence(Reason.NOT_CONFIGURED, "of a drive with removable media vSphere tells no size")
NO_BUS = Absence(Reason.NOT_CONFIGURED, "the device's controller is not known")
NO_MODEL = Absence(Reason.NOT_CONFIGURED, "the card is of a kind that is not known here")
NO_KIND = Absence(Reason.NOT_CONFIGURED, "the device's backing is of a kind that is not known here")
NO_MAC = Absence(Reason.NOT_CONFIGURED, "the card has no address yet")
NO_LINK = Absence(Reason.NOT_CONFIGURED, "the card does not say whether it is connected")
NOT_A_DISK = Absence(Reason.NOT_CONFIGURED, "vSphere measures disks, not drives with removable media")
NO_SAMPLE = Absence(Reason.FIRST_SAMPLE, "the host has no sample of it yet: it takes one every 20 s")
NO_REQUESTS = Absence(Reason.NO_EVENTS, "none was counted in the window")
NO_CONFIGURATION = Absence(Reason.FAILED, "the virtual machine's configuration cannot be read by the server")
VANISHED = Absence(Reason.VANISHED, "it went away while it was read")


def disconnected(state: str) -> Absence:
    """Missing because the server does not reach the host that has the virtual machine."""
    return Absence(Reason.FAILED, f"the server says that the virtual machine is {state}: what it has of it is old")


def no_counter(name: str) -> Absence:
    """Missing because the server's list of performance counters does not have it."""
    return Absence(Reason.UNSUPPORTED, f"this server has no performance counter {name}")
