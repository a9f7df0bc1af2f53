"""Everything that the sources have: which field of the catalogue it fills, or why it fills none. No I/O here.

This is for tests, and for looking at a new Xen: the decoder names what it takes itself, and pays nothing for this.
Names of xenstore are relative to the domain's folder, to ``/vm/UUID`` or to the backend's folder; N is a number. With
a folder that is ignored all in it is.
"""

from __future__ import annotations

from typing import Final

__all__ = ["IGNORED", "MAPPED", "STRUCTURE"]

_READ_FROM_KERNEL = "dom0's kernel is asked: libxenstat misses NICs without a Linux bridge, and prints"
_TMEM = "of a feature that is gone (tmem), and of libraries that have it still"
_READ_FROM_SYSFS = "sysfs is asked: where libxenstat cannot read a number, what it gives was never set, and it prints"
_OF_THE_TOOLSTACK = "how the toolstack made the device and found its other end"
_OF_THE_GUEST = "for the guest to write, which could tell anything"
_BETWEEN_THE_ENDS = "what the guest's end and dom0's agree upon"

#: Source and name -> the paths of the catalogue that its value decides.
MAPPED: Final[dict[str, tuple[str, ...]]] = {
    "libxenstat xenstat_node_xen_version": ("host.hypervisor_version",),
    "libxenstat xenstat_node_tot_mem": ("host.memory_total_bytes",),
    "libxenstat xenstat_node_free_mem": ("host.memory_free_bytes",),
    "libxenstat xenstat_node_num_cpus": ("host.cpus",),
    "libxenstat xenstat_domain_cpu_ns": ("cpu.time_ns",),
    "libxenstat xenstat_domain_num_vcpus": ("cpu.vcpus_maximum",),
    "libxenstat xenstat_domain_cur_mem": ("memory.assigned_bytes", "memory.host_resident_bytes"),
    **{
        f"libxenstat xenstat_domain_{flag}": ("stats.state", "stats.native_state")
        for flag in ("dying", "crashed", "shutdown", "paused", "blocked", "running")
    },
    "libxenstat xenstat_vcpu_online": ("vcpu.state", "cpu.vcpus_online"),
    "libxenstat xenstat_vcpu_ns": ("vcpu.time_ns",),
    "xenstore vm": ("instance.key", "instance.uuid"),
    "xenstore name": ("instance.name",),
    "xenstore memory/static-max": ("memory.maximum_bytes",),
    "xenstore /vm start_time": ("stats.incarnation",),
    "xenstore /vm domains/N/create-time": ("stats.incarnation",),
    "xenstore backend/vbd dev": ("disk.name", "disk.key"),
    "xenstore backend/vbd params": ("disk.source", "disk.kind"),
    "xenstore backend/vbd device-type": ("disk.device",),
    "xenstore backend/vbd sectors": ("disk.capacity_bytes",),
    "xenstore backend/vbd sector-size": ("disk.capacity_bytes",),
    "xenstore backend/vif mac": ("nic.mac",),
    "xenstore backend/vif bridge": ("nic.bridge", "nic.kind"),
    "sysfs vbd inode": ("disk.incarnation",),
    "sysfs vbd rd_req": ("disk.read_requests",),
    "sysfs vbd rd_sect": ("disk.read_bytes",),
    "sysfs vbd wr_req": ("disk.write_requests",),
    "sysfs vbd wr_sect": ("disk.write_bytes",),
    "sysfs vbd f_req": ("disk.flush_requests",),
    "sysfs vbd ds_req": ("disk.discard_requests",),
    "sysfs net name": ("nic.name",),
    "sysfs net ifindex": ("nic.incarnation",),
    "sysfs net master": ("nic.bridge", "nic.kind"),
    # The guest's view is the other direction's.
    "sysfs net rx_bytes": ("nic.tx_bytes",),
    "sysfs net rx_packets": ("nic.tx_packets",),
    "sysfs net rx_errors": ("nic.tx_errors",),
    "sysfs net tx_bytes": ("nic.rx_bytes",),
    "sysfs net tx_packets": ("nic.rx_packets",),
    "sysfs net tx_errors": ("nic.rx_errors",),
}

#: What says which domain or device something is of, or makes the reading possible.
STRUCTURE: Final[dict[str, str]] = {
    "libxenstat xenstat_init": "makes the handle",
    "libxenstat xenstat_uninit": "ends it",
    "libxenstat xenstat_get_node": "reads the host and its domains",
    "libxenstat xenstat_free_node": "lets go of them",
    "libxenstat xenstat_node_num_domains": "how many entries there are, domains that come twice included",
    "libxenstat xenstat_node_domain_by_index": "one of them",
    "libxenstat xenstat_domain_id": "joins it to its instance",
    "libxenstat xenstat_domain_vcpu": "one of its vCPUs",
    "sysfs net nodename": "joins a network device to a guest's NIC",
    "xenstore backend": "where the backend of a device in a driver domain is",
}

#: Source and name -> why it fills no field.
IGNORED: Final[dict[str, str]] = {
    "libxenstat xenstat_domain_max_mem": "the target and 1 MiB, or all ones: a bound of now, not what is configured",
    "libxenstat xenstat_domain_name": "xenstore's own, read there",
    "libxenstat xenstat_domain_ssid": "a label of Xen's access control, no statistic",
    "libxenstat xenstat_node_cpu_hz": "a property of the host's processors, without a field",
    "libxenstat xenstat_node_freeable_mb": "of a feature that is gone (tmem): always 0",
    "libxenstat xenstat_node_domain": "finds the first of an id by looking at all; they are gone through once",
    **{
        f"libxenstat xenstat_{name}": _READ_FROM_KERNEL
        for name in (
            "domain_num_networks", "domain_network", "network_id", "network_rbytes", "network_rpackets",
            "network_rerrs", "network_rdrop", "network_tbytes", "network_tpackets", "network_terrs", "network_tdrop",
        )
    },
    **{
        f"libxenstat xenstat_{name}": _READ_FROM_SYSFS
        for name in (
            "domain_num_vbds", "domain_vbd", "vbd_type", "vbd_dev", "vbd_oo_reqs", "vbd_rd_reqs", "vbd_wr_reqs",
            "vbd_rd_sects", "vbd_wr_sects", "vbd_error",
        )
    },
    **{
        f"libxenstat {name}": "no function of its API: one file of the library calls it in another"
        for name in (
            "domain_get_tmem_stats", "getBridge", "parseNetDevLine", "read_attributes_qdisk",
            "xenstat_collect_networks", "xenstat_collect_vbds", "xenstat_save_vbd", "xenstat_uninit_networks",
            "xenstat_uninit_vbds",
        )
    },
    "libxenstat xenstat_domain_tmem": _TMEM,
    **{
        f"libxenstat xenstat_tmem_{name}": _TMEM
        for name in ("curr_eph_pages", "succ_eph_gets", "succ_pers_gets", "succ_pers_puts")
    },
    "xenstore domid": "the folder's own name says it",
    "xenstore cpu": "which vCPUs the toolstack wants; which there are is the hypervisor's to tell",
    "xenstore console": "where the guest's console is",
    "xenstore store": "where the guest's own connection to xenstore is",
    "xenstore control": "what the toolstack asks of the guest, and which of it the guest understands",
    **{f"xenstore {name}": _OF_THE_GUEST for name in ("attr", "data", "device", "drivers", "error", "feature")},
    "xenstore /vm name": "the domain's folder has it too, and it is read there",
    "xenstore /vm uuid": "the folder's own name says it",
    "xenstore /vm image": "what the guest boots, which has no field",
    "xenstore memory/target": "what the guest is asked to come to; what it has is the hypervisor's to tell",
    "xenstore memory/videoram": "a part of the memory that the toolstack adds for a display, without a field",
    "xenstore backend/vbd type": "phy, qdisk or tap: the folder that the entry is in says it",
    "xenstore backend/vbd mode": "whether the guest may write, which has no field",
    **{
        f"xenstore backend/{kind} {name}": _OF_THE_TOOLSTACK
        for kind, names in (
            ("vbd", ("bootable", "removable", "specification", "physical-device", "physical-device-path")),
            ("vif", ("handle", "type")),
        )
        for name in (*names, "frontend", "frontend-id", "hotplug-status", "online", "script")
    },
    **{
        f"xenstore backend/{kind} {name}": _BETWEEN_THE_ENDS
        for kind, names in (
            (
                "vbd",
                (
                    "discard-alignment", "discard-enable", "discard-granularity", "discard-secure", "feature-barrier",
                    "feature-discard", "feature-flush-cache", "feature-max-indirect-segments", "feature-persistent",
                    "info", "max-ring-page-order", "physical-sector-size",
                ),
            ),
            (
                "vif",
                (
                    "feature-ctrl-ring", "feature-dynamic-multicast-control", "feature-gso-tcpv4", "feature-gso-tcpv6",
                    "feature-ipv6-csum-offload", "feature-multicast-control", "feature-rx-copy", "feature-rx-flip",
                    "feature-sg", "feature-split-event-channels", "feature-xdp-headroom",
                ),
            ),
        )
        for name in (*names, "multi-queue-max-queues", "state")
    },
    "sysfs vbd oo_req": "how often the backend had no place for another request: it tunes the backend, without a field",
    "sysfs net rx_dropped": "frames that the guest sent, and (Linux 6.1) those that waited for it for ten seconds",
    "sysfs net tx_dropped": "of the frames for the guest that it did not get, those that were refused at once",
    "sysfs net collisions": "of no virtual device",
    "sysfs net multicast": "a part of the packets, without a field",
    **{
        f"sysfs net {name}": "a part of the errors or drops"
        for name in (
            "rx_crc_errors", "rx_fifo_errors", "rx_frame_errors", "rx_length_errors", "rx_missed_errors",
            "rx_nohandler", "rx_over_errors", "tx_aborted_errors", "tx_carrier_errors", "tx_fifo_errors",
            "tx_heartbeat_errors", "tx_window_errors",
        )
    },
    **{f"sysfs net {name}": "of links that compress, which no vif does" for name in ("rx_compressed", "tx_compressed")},
}  # fmt: skip
