# pyright: strict
"""An agent that polls a host: rates of each instance, a reason for each value that is missing, and its own health.

Frozen with a release, and run against every later one: it uses hvinspect as a program of its time does.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

import hvinspect
import hvinspect.compat
from hvinspect import Absence, DiskRates, Group, InstanceRates, NicRates, Reason, Snapshot, State
from hvinspect.testing import FakeHypervisor

GROUPS = hvinspect.DEFAULT_GROUPS | {Group.PERF}
#: Missing for these reasons is how things are; for any other one the operator is told.
EXPECTED = frozenset(
    {Reason.UNSUPPORTED, Reason.NOT_RUNNING, Reason.NOT_CONFIGURED, Reason.FIRST_SAMPLE, Reason.NO_EVENTS}
)
log = logging.getLogger("agent")


class Agent:
    """Keeps the last snapshot, and what became of the cycles."""

    def __init__(self, hv: hvinspect.Connection) -> None:
        self.hv = hv
        self.before: Snapshot | None = None
        self.errors: Counter[str] = Counter()
        self.missing: Counter[Reason] = Counter()
        self.sent: list[dict[str, Any]] = []

    def cycle(self) -> bool:
        """One reading; False if it has to be tried again."""
        try:
            after = self.hv.snapshot(groups=GROUPS, timeout=5.0)
        except hvinspect.DeadlineExceeded as error:
            self.errors[error.code] += 1
            return False
        except hvinspect.Error as error:
            self.errors[error.code] += 1
            if not error.retryable:
                raise
            return False
        for failure in after.failures:
            log.info("%s: %s (%s)", failure.instance, failure.reason.value, failure.detail)
            self.missing[failure.reason] += 1
        if self.before is not None:
            found = hvinspect.rates(self.before, after)
            for stats in after:
                self.send(stats, found[stats.instance.key])
        self.before = after
        return True

    def send(self, stats: hvinspect.InstanceStats, rates: InstanceRates) -> None:
        """The message about one instance."""
        if stats.state is not State.RUNNING:
            return
        owner = stats.instance.openstack
        self.sent.append(
            {
                "instance": str(stats.instance.uuid or stats.instance.key),
                "project": owner.project_id if owner is not None else None,
                "cpu": self.known(rates.cpu_cores, rates.why("cpu_cores")),
                "memory": self.known(stats.memory.guest_usable_bytes, stats.memory.why("guest_usable_bytes")),
                "disks": {disk.key: self.disk(disk) for disk in rates.disks},
                "nics": {nic.key: self.nic(nic) for nic in rates.nics},
                "window": rates.window_ns,
                "derived": rates.source is hvinspect.RateSource.DERIVED,
            }
        )

    def disk(self, disk: DiskRates) -> Mapping[str, float | None]:
        return {
            "read": self.known(disk.read_bytes_per_s, disk.why("read_bytes_per_s")),
            "write": self.known(disk.write_bytes_per_s, disk.why("write_bytes_per_s")),
            "latency": self.known(disk.read_latency_ns, disk.why("read_latency_ns")),
        }

    def nic(self, nic: NicRates) -> Mapping[str, float | None]:
        return {"rx": self.known(nic.rx_bytes_per_s, nic.why("rx_bytes_per_s")), "tx": nic.tx_bytes_per_s}

    def known(self, value: float | None, absence: Absence | None) -> float | None:
        """The value as it is; one that is unexpectedly missing is counted."""
        if value is None and absence is not None and absence.reason not in EXPECTED:
            self.missing[absence.reason] += 1
        return value


def main() -> None:
    hvinspect.compat.require("0.1", groups=["cpu", Group.PERF], fields=["nic.rx_bytes", "memory.guest_usable_bytes"])
    usable = {status.name: status.usable for status in hvinspect.available_drivers()}
    assert usable["fake"], usable
    with FakeHypervisor(seed=3, instances=5) as host, hvinspect.connect(host.target, timeout=5.0) as hv:
        key, without_balloon, stuck = host.keys[0], host.keys[2], host.keys[1]
        agent = Agent(hv)
        assert agent.cycle()
        assert agent.before is not None
        assert (agent.before.driver, len(agent.before.instances)) == ("fake", 5)
        assert agent.before.versions.hvinspect == hvinspect.__version__
        assert not agent.sent  # a first sample has no rates
        host.advance(10.0)
        host.receive(key, "net0", size_bytes=1_000_000, packets=1000)
        assert agent.cycle()
        sent = {one["instance"]: one for one in agent.sent}
        assert len(sent) == 3, sorted(sent)  # one is shut off, one is paused
        assert sent[key]["window"] == 10_000_000_000
        assert sent[key]["nics"]["net0"]["rx"] >= 100_000.0
        assert sent[key]["derived"]
        assert sent[without_balloon]["memory"] is None
        assert agent.missing == {Reason.NEEDS_GUEST: 1}, agent.missing

        host.reset_counters(key)
        host.fail(stuck, Reason.DENIED, "no permission")
        host.advance(10.0)
        assert agent.cycle()
        assert agent.missing[Reason.DENIED] == 1
        assert agent.missing[Reason.RESET] >= 1
        assert agent.before.get(stuck) is None
        host.heal(stuck)

        host.disconnect()
        assert agent.cycle()  # within the same call a new connection is made
        host.refuse()
        host.disconnect()
        assert not agent.cycle()
        assert agent.errors == {"connect_failed": 1}, agent.errors
        host.accept()
        assert agent.cycle()
        health = hv.health()
        assert health.connected
        assert health.calls >= 6
        assert (health.timeouts, health.stuck_calls, health.quarantined) == (0, 0, ())

        stored = json.dumps(hvinspect.to_dict(agent.before))
        restored = hvinspect.from_dict(json.loads(stored))
        assert restored.record == agent.before
        assert (restored.unknown_keys, restored.unknown_values) == (0, 0)


if __name__ == "__main__":
    main()
