"""What holds of every record, whatever it was made of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from hvinspect import InstanceStats, Reason, Snapshot, from_dict, to_dict
from hvinspect.samples import absences, samples
from hvinspect.testing._checks_values import _type_faults, reason_faults
from hvinspect.testing._walk import Part
from tests.drivers.libvirt.faults import faults_of

__all__ = ["agree_with", "can_be_shown", "differ", "is_stored", "parts_hold", "stats_hold"]


def stats_hold(stats: InstanceStats) -> None:
    """What a decoder makes is typed, explained, told apart, and hashable."""
    assert faults_of(stats) == []
    differ(disk.key for disk in stats.disks)
    differ(nic.key for nic in stats.nics)
    differ(vcpu.index for vcpu in stats.cpu.vcpus)
    differ(iothread.index for iothread in stats.iothreads)
    differ(vcpu.index for vcpu in stats.dirty_rate.vcpus)
    hash(stats)


def differ(keys: Iterable[object]) -> None:
    """No two devices of an instance have one key."""
    twice = [key for key, times in Counter(keys).items() if times > 1]
    assert not twice, f"more than one has the key {twice}"


def is_stored(record: Any) -> None:
    """What is written can be read back, and is the same."""
    assert from_dict(json.loads(json.dumps(to_dict(record)))).record == record


def agree_with(snapshot: Snapshot) -> None:
    """Samples are what is there, absences what is not."""
    for sample in samples(snapshot):
        assert sample.value is not None, sample
    for missing in absences(snapshot):
        assert missing.absence.reason is not Reason.UNKNOWN, missing


def parts_hold(parts: Iterable[Part]) -> None:
    """Each value of *parts* is of its type and not negative, or missing for a reason."""
    for part in parts:
        assert list(reason_faults(part)) == []
        # A file or a reply may claim any time.
        assert [fault for fault in _type_faults(part) if not fault.endswith("since 1970")] == []


def can_be_shown(refused: Exception) -> None:
    """What was refused is told without the control characters that may have been in it."""
    told = str(refused)
    assert told
    assert told.isprintable(), told
