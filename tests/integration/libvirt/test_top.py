"""`hvinspect top` in a real terminal, of real guests, one of which is stopped for a while."""

from __future__ import annotations

import re
from pathlib import Path

from tests.integration.libvirt.stopping import stopped
from tests.integration.terminal.tmux import hvinspect, screen
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest


def test_a_guest_that_does_not_answer_is_marked_until_it_does(
    lab: Lab, two_busy_guests: tuple[Guest, Guest], tmp_path: Path
) -> None:
    held_up, well = (guest.spec.name for guest in two_busy_guests)

    def row(lines: list[str], name: str) -> list[str]:
        (found,) = (line for line in lines if line[1:].startswith(f"{name} "))
        return re.sub(r"(\d) (\w*B)\b", r"\1\2", found).split()

    with screen(hvinspect("top", f"libvirt:{lab.qemu_uri}", "--every", "1"), tmp_path) as shown:
        # From the second reading on.
        before = shown.wait(lambda lines: any(held_up in line and "MiB" in line and "0." in line for line in lines))
        assert not any(f"!{held_up}" in line for line in before)
        with stopped(two_busy_guests[:1]):
            lines = shown.wait_for(f"!{held_up}")
            _, state, cores, _, *disks_and_nics = row(lines, held_up)
            # What the host knows of it goes on; what its QEMU alone knows is neither old nor 0.
            assert (state, cores) == ("running", "0.00")
            assert disks_and_nics[:2] == ["-", "-"]
            assert "-" not in disks_and_nics[2:]
            assert not any(f"!{well}" in line for line in lines)
            assert "-" not in row(lines, well)
        shown.wait(lambda lines: not any(f"!{held_up}" in line for line in lines))
