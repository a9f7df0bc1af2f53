"""One guest after another, for the hypervisors whose libvirt driver has no bulk statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from hvinspect.driver import Group, Instance, InstanceNotFound, Stopwatch

from .bulk import Answer
from .describe import Description
from .lanes import Lane
from .per_guest import read_guest
from .reply import Reply

__all__ = ["read_each"]


def read_each(
    lane: Lane,
    instances: Sequence[Instance],
    groups: frozenset[Group],
    *,
    hypervisor: str,
    describe: Callable[[Lane, Answer], Description],
) -> Iterator[Answer]:
    """Several requests for each guest; *describe* gives its description, which says what to ask for."""
    domains = lane.domains([one.key for one in instances])
    for instance in instances:
        watch, domain = Stopwatch(), domains.get(instance.key)
        begun = Answer(instance=instance, domain=domain, reply=Reply({}), taken=watch.span())
        if domain is None:
            yield begun
            continue
        described = partial(describe, lane, begun)
        try:
            reply = read_guest(domain, lane.native.ask, described, groups=groups, hypervisor=hypervisor)
        except InstanceNotFound:
            reply = Reply({})
        yield replace(begun, reply=reply, taken=watch.span())
