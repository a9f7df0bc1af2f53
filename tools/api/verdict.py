"""Whether the numbers of now are high enough for what was found: the package's version, DRIVER_API and SCHEMA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.version import Version

from .baselines import series
from .findings import Audience, Finding, Level


@dataclass(frozen=True, slots=True)
class Numbers:
    """The three of one state of the project."""

    package: Version
    driver_api: int
    schema: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found against one baseline."""

    baseline: Numbers
    now: Numbers
    #: Findings that go beyond what the numbers allow, each with the numbers that would be right.
    excessive: Mapping[Finding, str]
    #: All that were not waived.
    findings: Sequence[Finding]


def judge(findings: Sequence[Finding], baseline: Numbers, now: Numbers) -> Verdict:
    """Each finding against the numbers."""
    excessive = {one: remedy for one in findings if (remedy := _remedy(one, baseline, now))}
    return Verdict(baseline, now, excessive, findings)


def granted(baseline: Version, now: Version) -> Level:
    """The highest level that going from one version to the other allows."""
    if series(now) > series(baseline):
        return Level.MAJOR
    if now.release == baseline.release:
        # What is not released yet may still grow; what it has stays.
        return Level.MINOR if baseline.is_prerelease else Level.PATCH
    if now.major == 0 or now.minor > baseline.minor:
        return Level.MINOR
    return Level.PATCH


def needed(baseline: Version, level: Level) -> Version:
    """The lowest version that allows a change of *level*."""
    major, minor, patch = baseline.major, baseline.minor, baseline.micro
    if level is Level.MAJOR:
        return Version(f"{major + 1}.0.0" if major else f"0.{minor + 1}.0")
    if level is Level.MINOR and major:
        return Version(f"{major}.{minor + 1}.0")
    return Version(f"{major}.{minor}.{patch + 1}")


def _remedy(finding: Finding, baseline: Numbers, now: Numbers) -> str:
    """The numbers that have to be raised for it; nothing if they are right."""
    parts = []
    # What is not for callers is counted by a number of its own; to the package's version it is an addition.
    level = finding.level if Audience.CALLER in finding.audiences else min(finding.level, Level.MINOR)
    if level > granted(baseline.package, now.package):
        parts.append(f"version {needed(baseline.package, level)} (it is {now.package})")
    if finding.level is Level.MAJOR:
        if Audience.DRIVER_AUTHOR in finding.audiences and now.driver_api <= baseline.driver_api:
            parts.append(f"DRIVER_API {baseline.driver_api + 1} (it is {now.driver_api})")
        if Audience.READER in finding.audiences and now.schema <= baseline.schema:
            parts.append(f"SCHEMA {baseline.schema + 1} (it is {now.schema})")
    return ", ".join(parts)
