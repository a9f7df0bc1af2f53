"""What is seen of a guest and of its host without the driver: asked of Xen's other interfaces, dom0 and the guest."""

from __future__ import annotations

import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from tests.lab.truth import GuestCounters
from tests.lab.xen.dom0 import second_opinions
from tests.lab.xen.dom0.guests import XlGuest
from tests.lab.xen.dom0.second_opinions import ControlInfo


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """All of one moment."""

    domid: int
    #: The clock.
    unix_ns: int
    #: By libxenctrl.
    control: ControlInfo
    #: What libxl keeps of the guest: ``xl list -l``.
    configuration: Mapping[str, Any]
    #: ``xl info``, by its lines.
    host: Mapping[str, str]
    #: What the guest counts itself; None of one that is paused.
    own: GuestCounters | None
    #: The bytes of the block device behind its disk, and whether it is one.
    disk_bytes: int
    disk_is_block: bool
    #: The ports of each bridge in dom0.
    ports: Mapping[str, tuple[str, ...]]
    hostname: str


def look(guest: XlGuest, *, runs: bool) -> Outside:
    """Look now; *runs* tells whether *guest* can be asked."""
    configuration = second_opinions.configured(guest.domid)
    (disk,) = configuration["disks"]
    device = Path(disk["pdev_path"])
    return Outside(
        domid=guest.domid,
        unix_ns=time.time_ns(),
        control=second_opinions.libxenctrl(guest.domid),
        configuration=configuration,
        host=second_opinions.host(),
        own=guest.counters() if runs else None,
        disk_bytes=int(Path("/sys/class/block", device.name, "size").read_text(encoding="ascii")) * 512,
        disk_is_block=stat.S_ISBLK(device.stat().st_mode),
        ports={
            bridge.parent.name: tuple(sorted(port.name for port in bridge.iterdir()))
            for bridge in Path("/sys/class/net").glob("*/brif")
        },
        hostname=Path("/proc/sys/kernel/hostname").read_text(encoding="ascii").strip(),
    )
