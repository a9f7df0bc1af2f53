"""Read the CPU, memory, disk and NIC counters of every instance on a host, whatever the hypervisor.

Importing costs next to nothing: a name's module is loaded when the name is first used.
"""

import typing as _typing
from importlib import import_module as _import_module

from ._version import __version__

if _typing.TYPE_CHECKING:
    from ._absence import Absence, Absences, Reason
    from ._capabilities import Capabilities, Capability
    from ._connection import Connection, connect
    from ._deprecation import HvinspectDeprecationWarning
    from ._errors import (
        AccessDenied,
        ConnectFailed,
        ConnectionLost,
        DeadlineExceeded,
        DriverNotFound,
        DriverUnavailable,
        Error,
        InstanceNotFound,
        InvalidTarget,
        NotSupported,
        ReplyInvalid,
    )
    from ._fields import DEFAULT_GROUPS, Field, Group, Kind, Unit
    from ._health import Health
    from ._model import (
        CATALOGUE,
        CpuStats,
        DirtyRate,
        DirtyRateStatus,
        DiskRates,
        DiskStats,
        Failure,
        GuestAgent,
        GuestFilesystem,
        HostId,
        HostStats,
        Instance,
        InstanceRates,
        InstanceStats,
        IothreadStats,
        Job,
        MemoryStats,
        NicRates,
        NicStats,
        OpenStackMetadata,
        PerfStats,
        ProcessIoStats,
        RateSource,
        Snapshot,
        Span,
        State,
        VcpuDirtyRate,
        VcpuState,
        VcpuStats,
        Versions,
    )
    from ._rates import HostRates, RateClock, RatesSnapshot, rates
    from ._registry import DriverStatus, available_drivers
    from ._serial import SCHEMA, Restored, from_dict, to_dict
    from ._target import Secret

__all__ = [
    "CATALOGUE",
    "DEFAULT_GROUPS",
    "SCHEMA",
    "Absence",
    "Absences",
    "AccessDenied",
    "Capabilities",
    "Capability",
    "ConnectFailed",
    "Connection",
    "ConnectionLost",
    "CpuStats",
    "DeadlineExceeded",
    "DirtyRate",
    "DirtyRateStatus",
    "DiskRates",
    "DiskStats",
    "DriverNotFound",
    "DriverStatus",
    "DriverUnavailable",
    "Error",
    "Failure",
    "Field",
    "Group",
    "GuestAgent",
    "GuestFilesystem",
    "Health",
    "HostId",
    "HostRates",
    "HostStats",
    "HvinspectDeprecationWarning",
    "Instance",
    "InstanceNotFound",
    "InstanceRates",
    "InstanceStats",
    "InvalidTarget",
    "IothreadStats",
    "Job",
    "Kind",
    "MemoryStats",
    "NicRates",
    "NicStats",
    "NotSupported",
    "OpenStackMetadata",
    "PerfStats",
    "ProcessIoStats",
    "RateClock",
    "RateSource",
    "RatesSnapshot",
    "Reason",
    "ReplyInvalid",
    "Restored",
    "Secret",
    "Snapshot",
    "Span",
    "State",
    "Unit",
    "VcpuDirtyRate",
    "VcpuState",
    "VcpuStats",
    "Versions",
    "__version__",
    "available_drivers",
    "connect",
    "from_dict",
    "rates",
    "to_dict",
]

# Module -> the public names that it has; a test holds this, the imports above and __all__ together.
_HOMES = {
    "._absence": "Absence Absences Reason",
    "._capabilities": "Capabilities Capability",
    "._connection": "Connection connect",
    "._deprecation": "HvinspectDeprecationWarning",
    "._errors": """
        AccessDenied ConnectFailed ConnectionLost DeadlineExceeded DriverNotFound DriverUnavailable Error
        InstanceNotFound InvalidTarget NotSupported ReplyInvalid
    """,
    "._fields": "DEFAULT_GROUPS Field Group Kind Unit",
    "._health": "Health",
    "._model": """
        CATALOGUE CpuStats DirtyRate DirtyRateStatus DiskRates DiskStats Failure GuestAgent GuestFilesystem HostId
        HostStats Instance InstanceRates InstanceStats IothreadStats Job MemoryStats NicRates NicStats
        OpenStackMetadata PerfStats ProcessIoStats RateSource Snapshot Span State VcpuDirtyRate VcpuState
        VcpuStats Versions
    """,
    "._rates": "HostRates RateClock RatesSnapshot rates",
    "._registry": "DriverStatus available_drivers",
    "._serial": "SCHEMA Restored from_dict to_dict",
    "._target": "Secret",
}
_HOME_OF = {_name: _home for _home, _names in _HOMES.items() for _name in _names.split()}


# A type checker would take it for a promise that every name is there; and mypy knows the constant by this name only.
if not _typing.TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(_import_module(home, __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
