"""Boots many times in a row and counts how often it went well; ``./dev full`` keeps the figures."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from tests.lab.xen import machine
from tests.lab.xen.bounded import TookTooLong
from tests.lab.xen.images import Images
from tests.lab.xen.release import Release
from tools.measured import record


def count(release: Release, images: Images, command: Sequence[str], *, times: int) -> int:
    """Run *command* in *times* boots one after another; 0 if each of them booted at once and the command succeeded."""
    good = 0
    boot_seconds: list[float] = []
    for number in range(1, times + 1):
        try:
            done = machine.run(release, images, command)
        except (machine.NotBooted, machine.Broken, TookTooLong) as failure:
            print(f"lab: boot {number} of {times}: {failure}", flush=True)
            continue
        boot_seconds.append(done.boot_seconds)
        good += done.status == 0 and done.attempts == 1
        what = f"status {done.status}, {done.boot_seconds:.0f} s to dom0, {done.seconds:.0f} s in all"
        print(f"lab: boot {number} of {times}: {what}", flush=True)
    print(f"lab: {good} of {times} boots of Xen {release.xen} were good", flush=True)
    median = round(statistics.median(boot_seconds), 1) if boot_seconds else None
    record("xen_boots", {"xen": release.xen, "boots": times, "good": good, "median_seconds_to_dom0": median})
    return 0 if good == times else 1
