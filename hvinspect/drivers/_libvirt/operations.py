"""Every procedure of libvirt's remote protocol that this driver may ever call. No I/O here.

Rule. What is not here is never called: a run in the lab reads the daemon's log at its end, and fails on anything else.
Whoever adds a procedure gives the permission that libvirt's own access control asks for, and what it is for.
"""

from __future__ import annotations

from typing import NamedTuple, final

__all__ = ["READING", "READING_PERMISSIONS", "WRITING", "Operation"]


@final
class Operation(NamedTuple):
    """One procedure, by its name in libvirt's remote protocol."""

    procedure: str
    #: What the daemon's polkit access driver asks leave for, as OBJECT:PERMISSION; "none" for what goes before it.
    permission: str
    purpose: str


#: The permissions that let nothing be changed.
READING_PERMISSIONS = frozenset(
    {"none", "connect:getattr", "connect:read", "connect:search_domains", "domain:getattr", "domain:read"}
)

#: What the read-only connection may call. libvirt's client library makes the first eight by itself.
READING: tuple[Operation, ...] = (
    Operation("REMOTE_PROC_AUTH_LIST", "none", "which authentication the daemon wants"),
    Operation("REMOTE_PROC_AUTH_POLKIT", "none", "authentication by polkit"),
    Operation("REMOTE_PROC_AUTH_SASL_INIT", "none", "authentication by SASL"),
    Operation("REMOTE_PROC_AUTH_SASL_START", "none", "authentication by SASL"),
    Operation("REMOTE_PROC_AUTH_SASL_STEP", "none", "authentication by SASL"),
    Operation("REMOTE_PROC_CONNECT_OPEN", "connect:getattr", "the connection"),
    Operation("REMOTE_PROC_CONNECT_CLOSE", "none", "its end"),
    Operation(
        "REMOTE_PROC_CONNECT_SUPPORTS_FEATURE", "connect:getattr", "keepalive and errors, agreed on at its start"
    ),
    Operation("REMOTE_PROC_CONNECT_GET_TYPE", "connect:getattr", "which hypervisor it is"),
    Operation("REMOTE_PROC_CONNECT_GET_VERSION", "connect:getattr", "the hypervisor's version"),
    Operation("REMOTE_PROC_CONNECT_GET_LIB_VERSION", "connect:getattr", "the daemon's version"),
    Operation("REMOTE_PROC_CONNECT_GET_HOSTNAME", "connect:getattr", "the host's name"),
    Operation("REMOTE_PROC_CONNECT_GET_CAPABILITIES", "connect:read", "the host's identity and architecture"),
    Operation("REMOTE_PROC_NODE_GET_INFO", "connect:read", "the host's CPUs and memory"),
    Operation("REMOTE_PROC_NODE_GET_CPU_MAP", "connect:read", "which of the host's CPUs are online"),
    Operation("REMOTE_PROC_NODE_GET_CPU_STATS", "connect:read", "the host's CPU time"),
    Operation("REMOTE_PROC_NODE_GET_MEMORY_STATS", "connect:read", "the host's memory"),
    Operation("REMOTE_PROC_CONNECT_LIST_ALL_DOMAINS", "connect:search_domains", "which domains there are"),
    Operation("REMOTE_PROC_DOMAIN_LOOKUP_BY_UUID", "domain:getattr", "one domain on another connection"),
    Operation("REMOTE_PROC_CONNECT_GET_ALL_DOMAIN_STATS", "connect:search_domains", "the counters of many domains"),
    Operation("REMOTE_PROC_DOMAIN_GET_XML_DESC", "domain:read", "who a domain is, and its devices"),
    Operation("REMOTE_PROC_DOMAIN_GET_CONTROL_INFO", "domain:read", "whether its monitor is stuck"),
    Operation("REMOTE_PROC_DOMAIN_GET_STATE", "domain:read", "its state"),
    Operation("REMOTE_PROC_DOMAIN_GET_INFO", "domain:read", "its CPU time and memory, without its monitor"),
    Operation("REMOTE_PROC_DOMAIN_GET_CPU_STATS", "domain:read", "its CPU time, user and system"),
    Operation("REMOTE_PROC_DOMAIN_GET_VCPUS", "domain:read", "its vCPUs"),
    Operation("REMOTE_PROC_DOMAIN_GET_MAX_VCPUS", "domain:read", "how many vCPUs it may have"),
    Operation("REMOTE_PROC_DOMAIN_MEMORY_STATS", "domain:read", "its memory"),
    Operation("REMOTE_PROC_DOMAIN_BLOCK_STATS", "domain:read", "a disk's counters"),
    Operation("REMOTE_PROC_DOMAIN_BLOCK_STATS_FLAGS", "domain:read", "a disk's counters, with their times"),
    Operation("REMOTE_PROC_DOMAIN_GET_BLOCK_INFO", "domain:read", "a disk's sizes"),
    Operation("REMOTE_PROC_DOMAIN_INTERFACE_STATS", "domain:read", "a card's counters"),
    Operation("REMOTE_PROC_DOMAIN_GET_JOB_STATS", "domain:read", "its job"),
)

#: What the connection of ``access=write`` may call besides, which libvirt refuses to a reader.
WRITING: tuple[Operation, ...] = (
    Operation("REMOTE_PROC_DOMAIN_GET_GUEST_INFO", "domain:write", "what the guest's agent says"),
)
