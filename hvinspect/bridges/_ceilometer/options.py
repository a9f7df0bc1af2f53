"""What an operator may set in the section [hvinspect] of ceilometer's configuration file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, final

from ceilometer.compute.virt.libvirt import utils as libvirt_utils
from oslo_config import cfg

__all__ = ["GROUP", "OPTIONS", "Settings", "list_opts"]

GROUP = "hvinspect"

OPTIONS = [
    cfg.StrOpt(
        "target",
        help="What to read, as hvinspect names it: libvirt:qemu:///system, xen:, ... If it is not set, the libvirt of "
        "ceilometer's own options libvirt_uri and libvirt_type.",
    ),
    cfg.DictOpt(
        "driver_options",
        default={},
        help="Options of the target's driver, such as ca:/etc/ssl/vcenter.pem,password_file:/etc/ceilometer/vcenter. A "
        "secret belongs into a file that the driver reads, not in here.",
    ),
    cfg.FloatOpt(
        "timeout",
        default=10.0,
        min=0.5,
        help="Seconds that one reading of all guests may take. Keep it well below the polling interval.",
    ),
    cfg.StrOpt(
        "cpu_time",
        default="total",
        choices=[
            ("total", "all CPU time charged to the guest, its hypervisor process included"),
            ("vcpus", "time that its vCPUs ran or waited to run: what ceilometer's own libvirt inspector gives"),
        ],
        help="What the meter cpu counts.",
    ),
    cfg.IntOpt(
        "guest_report_maximum_age",
        default=120,
        min=0,
        help="Seconds after which what a guest told of its memory is too old for a sample (memory.available, "
        "memory.usage, memory.swap.in, memory.swap.out). 0 takes it however old it is, as ceilometer's own inspector "
        "does.",
    ),
    cfg.FloatOpt(
        "maximum_age",
        default=1.0,
        min=0.0,
        help="Only for hypervisor_inspector = hvinspect (ceilometer 23.0.0), which is not told where a polling cycle "
        "begins, and whose samples have the time at which they are made: seconds after which a reading is not used any "
        "more. A cycle that takes longer reads the host again. Keep it below the polling interval.",
    ),
]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options' values."""

    target: str
    driver_options: tuple[tuple[str, str], ...]
    timeout: float
    cpu_time: str
    guest_report_maximum_age: int
    maximum_age: float
    #: Ceilometer's own option (newer than 23.0.0): are there samples of guests that are shut off?
    stopped_guests: bool

    @classmethod
    def of(cls, conf: Any) -> Self:
        """Those in ceilometer's configuration."""
        conf.register_opts(OPTIONS, group=GROUP)
        own = conf[GROUP]
        return cls(
            target=own.target or f"libvirt:{_libvirt_uri(conf)}",
            driver_options=tuple(sorted(own.driver_options.items())),
            timeout=own.timeout,
            cpu_time=own.cpu_time,
            guest_report_maximum_age=own.guest_report_maximum_age,
            maximum_age=own.maximum_age,
            stopped_guests=getattr(conf.compute, "report_stopped_instance_metrics", False),
        )


def _libvirt_uri(conf: Any) -> str:
    """As ceilometer itself finds it."""
    uri: str = conf.libvirt_uri or libvirt_utils.LIBVIRT_PER_TYPE_URIS.get(conf.libvirt_type, "qemu:///system")
    return uri


def list_opts() -> list[tuple[str, list[Any]]]:
    """For oslo-config-generator."""
    return [(GROUP, OPTIONS)]
