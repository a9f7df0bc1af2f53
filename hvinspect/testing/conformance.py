"""What every driver is held to, run against a target: ``run("libvirt:qemu:///system").ok``.

Each check is a plain function and needs no test framework. A new one is a preview for one minor version: it warns
before it fails. The target should be quiet: instances that come, go or reboot meanwhile look like faults.
"""

from __future__ import annotations

from collections.abc import Mapping

from hvinspect import Secret

from ._checks import Check
from ._checks_calls import (
    a_closed_connection_stays_closed,
    a_selection_of_one_reads_one,
    a_spent_deadline_ends_the_call,
    an_empty_selection_is_an_empty_snapshot,
    an_unknown_uuid_is_not_found,
    concurrent_snapshots_agree,
    every_instance_is_read_or_failed,
    records_can_be_kept,
    sources_name_every_group,
)
from ._checks_identity import (
    counters_never_fall,
    incarnations_last,
    keys_are_unique,
    rates_have_values_or_reasons,
    times_are_of_the_call,
    traffic_moves_its_own_counter,
)
from ._checks_promises import (
    capabilities_are_honest,
)
from ._checks_values import (
    data_is_present,
    every_missing_value_has_a_reason,
    host_gives_numbers_or_says_that_it_has_none,
    no_reason_is_unknown,
    only_what_was_asked_for_is_read,
    values_have_their_types,
)
from ._report import Outcome, Report, Result
from ._subject import Moved, Subject, Traffic, Way

__all__ = ["CHECKS", "Check", "Moved", "Outcome", "Report", "Result", "Traffic", "Way", "run"]

#: All checks, in the order in which they run.
CHECKS: tuple[Check, ...] = (
    data_is_present,
    every_missing_value_has_a_reason,
    no_reason_is_unknown,
    values_have_their_types,
    only_what_was_asked_for_is_read,
    host_gives_numbers_or_says_that_it_has_none,
    capabilities_are_honest,
    keys_are_unique,
    counters_never_fall,
    incarnations_last,
    rates_have_values_or_reasons,
    times_are_of_the_call,
    traffic_moves_its_own_counter,
    every_instance_is_read_or_failed,
    a_spent_deadline_ends_the_call,
    an_unknown_uuid_is_not_found,
    an_empty_selection_is_an_empty_snapshot,
    a_selection_of_one_reads_one,
    sources_name_every_group,
    records_can_be_kept,
    concurrent_snapshots_agree,
    a_closed_connection_stays_closed,
)


def run(
    target: str,
    *,
    options: Mapping[str, str | Secret] | None = None,
    timeout: float = 10.0,
    interval: float = 0.1,
    traffic: Traffic | None = None,
    skip: Mapping[str, str] | None = None,
) -> Report:
    """Hold *target* to all checks.

    *timeout* is that of each call, *interval* the seconds between two snapshots that are compared. *traffic* lets a
    guest receive or send; *skip* has the names of checks that cannot be made here, each with the reason.

    Raises:
        ValueError: *skip* names no check.
        Error: the target cannot be connected to.
    """
    skipped = dict(skip or {})
    unknown = sorted(skipped.keys() - {check.name for check in CHECKS})
    if unknown:
        raise ValueError(f"there is no check {', '.join(unknown)}: CHECKS has the names")
    subject = Subject(target, options=options, timeout=timeout, interval=interval, traffic=traffic)
    with subject.connection:
        results = tuple(
            Result(check=check.name, outcome=Outcome.SKIPPED, details=(skipped[check.name],))
            if check.name in skipped
            else check(subject)
            for check in CHECKS
        )
        return Report(target=subject.connection.target, results=results)
