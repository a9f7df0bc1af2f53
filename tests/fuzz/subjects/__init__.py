"""All subjects, by name."""

from __future__ import annotations

from tests.fuzz.subject import Subject

from . import agent, describe, host, options, per_guest, rates, replay, reply, stored, target, text, uri

__all__ = ["SUBJECTS"]

SUBJECTS: dict[str, Subject] = {
    module.SUBJECT.name: module.SUBJECT
    for module in (target, options, uri, describe, reply, per_guest, agent, host, stored, rates, replay, text)
}
