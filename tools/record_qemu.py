"""``python -m tools.record_qemu SOCKET NAME``: what a QEMU answers to all that is asked, as a file of the tests."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from hvinspect.driver import Deadline, Group
from hvinspect.drivers._qemu.decode import balloon_in
from hvinspect.drivers._qemu.monitor import Question, ask
from hvinspect.drivers._qemu.operations import BALLOON_PLACES, WHO, Command, commands_for, commands_of_balloon

FOLDER = Path(__file__).parents[1] / "tests/drivers/qemu/recorded"
_GROUPS = frozenset(group for group in Group if group is not Group.UNKNOWN)


def main(path: str, name: str) -> None:
    """Record it."""
    commands: tuple[Command, ...] = (*WHO, Command.of("version", "query-version"))
    commands += commands_for(_GROUPS, balloon=None, describes=True, is_polled=True, has_kvm=True)
    answers, errors = _asked(path, commands)
    balloon = next(filter(None, (balloon_in(answers, place) for place in BALLOON_PLACES)), None)
    if balloon is not None:
        more, refused = _asked(path, commands_of_balloon(balloon))
        answers, errors = {**answers, **more}, {**errors, **refused}
    by_command: dict[str, Any] = {}
    for command in (*commands, *(commands_of_balloon(balloon) if balloon else ())):
        arguments = json.loads(command.line).get("arguments", {})
        key = f"{command.execute} {arguments.get('property') or arguments.get('path') or ''}".strip()
        if command.name in answers:
            by_command[key] = answers[command.name]
        elif command.name in errors:
            by_command[key] = {"error": errors[command.name]}
    (FOLDER / f"{name}.json").write_text(json.dumps({"answers": by_command}, indent=1) + "\n")


def _asked(path: str, commands: tuple[Command, ...]) -> tuple[dict[str, Any], dict[str, str]]:
    answer = next(ask([Question(path, path, commands, 10.0)], Deadline.after(20.0)))
    assert answer.problem is None, answer.problem
    return answer.values, {name: str(absence) for name, absence in answer.errors.items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
