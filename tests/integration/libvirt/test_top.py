"""`hvinspect top` in a real terminal, of real guests, one of which is stopped for a while."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.integration.libvirt.stopping import stopped
from tests.integration.terminal.tmux import hvinspect, screen
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest

SIZE = r" +[\d.,]+ \w*B"
#: After the name: state, cores, memory, disks, NICs.
COMPLETE = rf" +running +\d+\.\d\d{SIZE * 5}"
#: What the host knows of it goes on; what its QEMU alone knows is neither old nor 0.
HELD_UP = rf" +running +0\.00{SIZE} +- +-{SIZE * 2}"


def _has(lines: Sequence[str], row: str) -> bool:
    return any(re.fullmatch(row, line) for line in lines)


def test_a_guest_that_does_not_answer_is_marked_until_it_does(
    lab: Lab, two_busy_guests: tuple[Guest, Guest], tmp_path: Path
) -> None:
    held_up, well = (guest.spec.name for guest in two_busy_guests)

    def are_complete(lines: Sequence[str]) -> bool:
        return _has(lines, f" {held_up}{COMPLETE}") and _has(lines, f" {well}{COMPLETE}")

    with screen(hvinspect("top", f"libvirt:{lab.qemu_uri}", "--every", "1"), tmp_path) as shown:
        shown.wait(are_complete)
        with stopped(two_busy_guests[:1]):
            lines = shown.wait_for(f"!{held_up} ")
            assert _has(lines, f" {well}{COMPLETE}")
            assert f"! {held_up} did not answer in time" in lines
            # The reading before it may have been while it still ran.
            shown.wait(lambda lines: _has(lines, f"!{held_up}{HELD_UP}"))
        assert not any("did not answer" in line for line in shown.wait(are_complete))
