"""The run: guests and a container that do something for every counter, looked at with libvirt and without, and kept."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import libvirt

import hvinspect
from hvinspect import Group
from tests.integration.libvirt.fidelity import facts, means, outside, tape
from tests.lab import daemons, requirements, second_opinions, settings
from tests.lab.containers import Container, ContainerSpec
from tests.lab.daemons import wait_until
from tests.lab.guests import Guest
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of

#: What a run leaves: {"moments": {name: ...}, "replies": [...], "facts": {...}}, all of it JSON.
Recording: TypeAlias = dict[str, Any]

EVERY_GROUP: Final = frozenset(Group) - {Group.UNKNOWN}
_PERF: Final = (
    *("cpu_clock", "task_clock", "page_faults", "page_faults_min", "page_faults_maj"),
    *("context_switches", "cpu_migrations", "alignment_faults", "emulation_faults"),
)
_IO: Final = NicSpec(mac=mac_of(71))
_DOWN: Final = NicSpec(mac=mac_of(71, 1), interface_id=facts.PORT_ID, link_up=False)
_USER: Final = NicSpec(mac=mac_of(71, 2), kind="user")
_BASE: Final = settings.IMAGES / "base.qcow2"


def run() -> Recording:
    """Make a recording in the lab this is called in."""
    recording: Recording = {"moments": {}, "replies": []}
    with contextlib.ExitStack() as stack:
        subprocess.run(
            [requirements.program("qemu-img"), "create", "-q", "-f", "qcow2", str(_BASE), str(64 * MIB)], check=True
        )
        device = stack.enter_context(means.block_device(32 * MIB))
        spec = _subject(device)
        with means.open_shell():
            guest = stack.enter_context(Guest(spec).start().wait_ready())
        still = stack.enter_context(
            Guest(
                GuestSpec(name="fidelity-still", kernel=False, memory_mib=16, disks=(DiskSpec(target="vda", size=MIB),))
            )
        )
        still.start()
        box = stack.enter_context(Container(ContainerSpec(name="box", nics=(NicSpec(mac=mac_of(72)),))))
        box.start()
        with box.domain() as domain:
            _give_to_nova(domain)
        described = Guest(GuestSpec(**facts.DESCRIBED)).define()
        stack.callback(described.undefine)
        images = {disk.target: spec.image_of(disk) for disk in spec.disks if not disk.empty}
        tap, down = (outside.tap_of(guest.pid, nic.mac) for nic in (_IO, _DOWN))
        recording["facts"] = facts.of_subject(guest.spec, images={**images, "vdd": device}, taps=(tap, down))
        look = _Looking(recording, guest, images={**images, "vdd": device}, taps=(tap,))

        _prepare(guest)
        _container_works(box, 1)
        look.at_guest("first")
        look.at_container("lxc-first", box)
        _work(guest, tap)
        _container_works(box, 2)
        look.at_guest("second")
        look.at_container("lxc-second", box)
        look.at("still", still.spec.uuid)
        look.at("described", described.spec.uuid)
        with contextlib.closing(libvirt.open("test:///default")) as connection:
            # All connections of one process share it, for as long as there is one.
            _give_to_nova(connection.lookupByUUIDString(facts.TEST_UUID))
            look.at("test", facts.TEST_UUID, uri="test:///default")
        recording["replies"] = _replies(guest)
        for told, times in facts.TOLD.items():
            with _told_by_the_kernel(guest, tap, times):
                look.at(told, spec.uuid, groups=frozenset({Group.STATE, Group.CPU, Group.NIC}))
        with _dumping(guest):
            look.at("dump", spec.uuid, groups=frozenset({Group.STATE, Group.JOB}), truth=lambda: _dump(guest))
        guest.pause()
        look.at("paused", spec.uuid, groups=frozenset({Group.STATE}))
    # What JSON makes of it, so that a check sees the same here and when it is read again.
    plain: Recording = json.loads(json.dumps(recording))
    return plain


def _give_to_nova(domain: libvirt.virDomain) -> None:
    kind, live = libvirt.VIR_DOMAIN_METADATA_ELEMENT, libvirt.VIR_DOMAIN_AFFECT_LIVE
    # libvirt puts the namespace into every element itself.
    plain = facts.NOVA.strip().replace(f' xmlns:nova="{facts.NOVA_NAMESPACE}"', "").replace("nova:", "")
    domain.setMetadata(kind, plain, "nova", facts.NOVA_NAMESPACE, live)


def _subject(device: Path) -> GuestSpec:
    block = (
        "<disk type='block' device='disk'><driver name='qemu' type='raw'/>"
        f"<source dev='{device}'/><target dev='vdd' bus='virtio'/></disk>"
    )
    return GuestSpec(
        name="subject",
        vcpus=2,
        maximum_vcpus=4,
        memory_mib=160,
        maximum_memory_mib=192,
        iothreads=2,
        agent=True,
        balloon_period=1,
        own_monitor=True,
        disks=(
            DiskSpec(target="vda", serial="lab-a", discard=True, iothread=1),
            DiskSpec(target="vdb", format="qcow2", backing=_BASE),
            DiskSpec(target="vdc"),
            DiskSpec(target="hdc", bus="ide", device="cdrom", empty=True),
        ),
        nics=(_IO, _DOWN, _USER),
        extra_devices=block,
    )


class _Looking:
    """Takes moments down."""

    def __init__(self, recording: Recording, guest: Guest, *, images: dict[str, Path], taps: tuple[str, ...]) -> None:
        self._moments = recording["moments"]
        self._guest = guest
        self._images = images
        self._taps = taps

    def at(
        self,
        name: str,
        uuid: str,
        *,
        uri: str = settings.QEMU_URI,
        groups: frozenset[Group] = EVERY_GROUP,
        truth: Callable[[], outside.Truth] = dict,
    ) -> None:
        """One snapshot of one instance, between two looks at it without libvirt."""
        calls: tape.Calls = {}
        before = truth()
        with tape.recording(calls), hvinspect.connect(f"libvirt:{uri}") as hv:
            hv.capabilities()
            snapshot = hv.snapshot([uuid], groups=groups, timeout=60.0)
            assert snapshot.get(uuid) is not None, snapshot.failures
            hv.host()
        self._moments[name] = {
            "uri": uri,
            "uuid": uuid,
            "groups": sorted(group.value for group in groups),
            "calls": calls,
            "before": before,
            "after": truth(),
        }

    def at_guest(self, name: str) -> None:
        """The busy guest, who is quiet now, asked itself too."""
        own = outside.of_inhabitant(self._guest)
        own["page_states"] = _vmstat(self._guest)
        _wait_for_report(self._guest)
        self.at(
            name,
            self._guest.spec.uuid,
            truth=lambda: outside.of_guest(self._guest, images=self._images, taps=self._taps),
        )
        self._moments[name]["before"]["guest"] = own
        self._moments[name]["after"]["guest"] = outside.of_inhabitant(self._guest)
        self._moments[name]["after"]["guest"]["page_states"] = _vmstat(self._guest)

    def at_container(self, name: str, box: Container) -> None:
        """The container, asked itself too."""
        pid = int(Path(f"/run/libvirt/lxc/{box.spec.name}.pid").read_text())
        tap = outside.tap_of_container(pid)

        def truth() -> outside.Truth:
            return {
                "process": outside.of_process(pid),
                "taps": {tap: second_opinions.tap_statistics(tap)},
                "guest": outside.of_inhabitant(box),
                "host": outside.of_host(),
            }

        self.at(name, box.spec.uuid, uri=settings.LXC_URI, truth=truth)


def _vmstat(guest: Guest) -> dict[str, int]:
    lines = guest.ask("run", "cat /proc/vmstat").lines
    return {name: int(value) for name, value in (line.split() for line in lines) if name.startswith("htlb")}


def _wait_for_report(guest: Guest) -> None:
    """QEMU has asked the balloon driver after now, of a guest that is quiet."""
    now = int(time.time())

    def reported() -> bool:
        with second_opinions.Monitor(guest.spec.monitor_socket) as monitor:
            told = monitor.execute("qom-get", path="/machine/peripheral/balloon0", property="guest-stats")
        return int(told["last-update"]) > now + 1

    wait_until(reported, what="the balloon's report", timeout=30.0)


def _prepare(guest: Guest) -> None:
    with guest.domain() as domain:
        for event in _PERF:
            domain.setPerfEvents({event: True})
        settings_of_polling = {"poll_max_ns": 50_000, "poll_grow": 3, "poll_shrink": 2}
        domain.setIOThreadParams(1, settings_of_polling, libvirt.VIR_DOMAIN_AFFECT_LIVE)
        domain.setBlockThreshold("vdb", MIB)
    guest.ask("run", "mkswap /dev/vdc && swapon /dev/vdc")
    guest.write("vda", count=7, size=65536, seek=3)
    guest.write("vdb", count=3, size=65536, seek=5)
    guest.ping(_IO, count=3, size=64)


def _work(guest: Guest, tap: str) -> None:
    guest.write("vda", count=64, size=65536)
    guest.write("vda", count=5, size=4096)
    guest.read("vda", count=33, size=4096)
    guest.write("vdb", count=10, size=8192, seek=2)
    guest.read("vdb", count=3, size=65536)
    guest.write("vdd", count=9, size=4096, seek=100)
    guest.write("vdd", count=2, size=512)
    guest.write("vdd", count=1, size=512)
    guest.read("vdd", count=4, size=16384)
    guest.ping(_IO, count=25, size=200)
    guest.send(_IO, count=9)
    # To a guest that does not take them: what does not fit into its tap is dropped.
    means.flood_while_stopped(guest, _IO, tap, count=2000)
    # From a guest whose tap is down.
    ip = requirements.program("ip")
    subprocess.run([ip, "link", "set", tap, "down"], check=True)
    guest.send(_IO, count=6)
    subprocess.run([ip, "link", "set", tap, "up"], check=True)
    guest.spin(1, cpus=(1,))
    guest.ask("run", "sysctl -w vm.nr_hugepages=4000; sysctl -w vm.nr_hugepages=3")
    # More than there is, twice over: first it goes out to the swap, then some of it comes back.
    guest.ask("run", "dd if=/dev/zero bs=90M count=1 | { sleep 1; tail -c 1 >/dev/null; }", timeout=120.0)
    with guest.domain() as domain:
        domain.startDirtyRateCalc(3, 0)
        # Pages of zeros again would be pages unchanged.
        guest.ask("run", "dd if=/dev/urandom of=/dev/null bs=16M count=8", timeout=120.0)
        wait_until(lambda: _dirty_status(domain) == 2, what="the dirty rate", timeout=30.0)
    guest.write("vdd", count=1, size=4096)


def _dirty_status(domain: Any) -> int:
    with contextlib.closing(libvirt.openReadOnly(settings.OWN_QEMU_URI)) as connection:
        flags = libvirt.VIR_DOMAIN_STATS_DIRTYRATE
        known = connection.lookupByUUIDString(domain.UUIDString())
        return int(connection.domainListGetStats([known], flags, 0)[0][1]["dirtyrate.calc_status"])


def _container_works(box: Container, amount: int) -> None:
    (nic,) = box.spec.nics
    box.ping(nic, count=5 * amount, size=100 * amount)
    box.send(nic, count=4)
    box.spin(1)
    # Pages never touched before: time in the kernel.
    box.fault(5000 * amount)


def _replies(guest: Guest) -> list[dict[str, Any]]:
    """All groups that there are, with every flag that adds keys."""
    with contextlib.closing(libvirt.openReadOnly(settings.OWN_QEMU_URI)) as connection:
        domain = connection.lookupByUUIDString(guest.spec.uuid)
        nowait = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
        backing = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING
        replies = [connection.domainListGetStats([domain], 0, flags)[0][1] for flags in (0, nowait, nowait | backing)]
        return replies + [values for _, values in connection.getAllDomainStats(0, backing)]


@contextlib.contextmanager
def _told_by_the_kernel(guest: Guest, tap: str, times: int) -> Iterator[None]:
    """Numbers that this kernel does not give, or that never move, put into the files libvirt has them from."""
    devices = Path(f"/proc/{daemons.LIBVIRTD.pid}/net/dev")
    line = f"{tap}: {' '.join(str(times * value) for value in facts.TOLD_NIC)}\n"
    lines = devices.read_text().splitlines(keepends=True)
    text = "".join(line if one.partition(":")[0].strip() == tap else one for one in lines)
    threads = {(task / "comm").read_text().split("/")[0]: task for task in Path(f"/proc/{guest.pid}/task").iterdir()}
    with contextlib.ExitStack() as stack:
        stack.enter_context(means.told(devices, text))
        for number, wait in enumerate(facts.TOLD_WAITS_NS):
            whole, part = divmod(times * wait, 10**6)
            told = f"CPU {number}/TCG\n-----\nse.statistics.wait_sum : {whole}.{part:06}\n"
            stack.enter_context(means.told(threads[f"CPU {number}"] / "sched", told))
        yield


@contextlib.contextmanager
def _dumping(guest: Guest) -> Iterator[None]:
    """A dump that goes on for as long as the context lasts, since nobody reads more of it."""
    pipe = settings.IMAGES / "dump"
    os.mkfifo(pipe)
    pipe.chmod(0o666)

    refused: list[libvirt.libvirtError] = []

    def dump() -> None:
        try:
            with guest.domain() as domain:
                # Not live: libvirt 12.8 refuses such a dump.
                domain.coreDump(str(pipe))
        except libvirt.libvirtError as failure:
            refused.append(failure)
            # Or who reads would wait for it to begin.
            os.close(os.open(pipe, os.O_RDWR))

    thread = threading.Thread(target=dump)
    thread.start()
    with pipe.open("rb", buffering=0) as reader:
        taken = 0
        while taken < 20 * MIB:
            block = reader.read(65536)
            assert block, f"the dump ended after {taken} bytes: {refused}"
            taken += len(block)
        time.sleep(0.3)
        try:
            yield
        finally:
            while reader.read(MIB):
                pass
    thread.join()


def _dump(guest: Guest) -> outside.Truth:
    with second_opinions.Monitor(guest.spec.monitor_socket) as monitor:
        moved: outside.Truth = monitor.execute("query-migrate")
        return {"migrate": moved, "monotonic_s": time.monotonic()}
