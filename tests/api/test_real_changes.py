"""Changes of the package itself: each is stopped, or let through, with a message that a newcomer understands."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.version import Version

from tools.api import report, surface
from tools.api.compare import compare
from tools.api.findings import Audience, Finding, Level
from tools.api.surface import Surface
from tools.api.verdict import Numbers, Verdict, judge

from .copies import changed, surface_of

NUMBERS = Numbers(Version("0.1.0.dev0"), 1, 1)
RX_BYTES = '    rx_bytes: int | None = counter(B, "Bytes the guest received on this NIC.", since="0.1")\n'


@pytest.fixture(scope="module")
def now() -> Surface:
    return surface.take()


def verdict(now: Surface, package: Path) -> Verdict:
    return judge(compare(now, surface_of(package)), NUMBERS, NUMBERS)


BREAKS = {
    "a renamed field": ("_model.py", RX_BYTES, RX_BYTES.replace("rx_bytes", "bytes_in"), "member-removed"),
    "another unit": ("_model.py", RX_BYTES, RX_BYTES.replace("counter(B,", "counter(COUNT,"), "catalogue-unit"),
    "another meaning": ("_model.py", RX_BYTES, RX_BYTES.replace("received", "sent"), "catalogue-meaning"),
    "another kind": ("_model.py", RX_BYTES, RX_BYTES.replace("counter", "gauge"), "catalogue-kind"),
    "an abstract hook": (
        "driver.py",
        "    def host(self, request: HostRequest) -> HostStats:",
        "    @abstractmethod\n    def host(self, request: HostRequest) -> HostStats:",
        "abstract-added",
    ),
    "a base that is gone": (
        "_errors.py",
        "class ConnectFailed(Error, ConnectionError):",
        "class ConnectFailed(Error):",
        "base-removed",
    ),
    "another code": ("_errors.py", 'code = "connect_failed"', 'code = "connection_failed"', "attribute-value-changed"),
    "a shorter timeout": (
        "_connection.py",
        "def host(self, timeout: float = 10.0)",
        "def host(self, timeout: float = 5.0)",
        "default-changed",
    ),
    "a stored property that is gone": ("_model.py", RX_BYTES, "", "schema-property-removed"),
    "another word of an enum": (
        "_model.py",
        'RUNNING = "running"\n    PAUSED',
        'RUNNING = "on"\n    PAUSED',
        "enum-value-changed",
    ),
    "another exit code": ("cli/exits.py", "    DENIED = 6\n", "    DENIED = 10\n", "exit-code-changed"),
    "an option that is gone": ("cli/parameters.py", '"--timeout",\n', '"--time-out",\n', "command-parameter-removed"),
    "an option of a driver": (
        "testing/fake.py",
        "    nics: int = option(",
        "    cards: int = option(",
        "driver-option-changed",
    ),
    "a check that counts at once": (
        "testing/conformance.py",
        "CHECKS: tuple[Check, ...] = (\n",
        "CHECKS: tuple[Check, ...] = (\n    Check(name='new', since='0.2', preview=False, meaning='', faults=iter),\n",
        "check-added",
    ),
    "a request that is not frozen": (
        "_fields.py",
        "dataclasses.dataclass(frozen=True, slots=True, kw_only=True)\nclass Field:",
        "dataclasses.dataclass(slots=True, kw_only=True)\nclass Field:",
        "frozen-changed",
    ),
}

#: By rule, where it is not callers and driver authors.
FOR_WHOM = {
    "catalogue-unit": "callers, driver authors, readers of stored data",
    "catalogue-meaning": "callers, driver authors, readers of stored data",
    "catalogue-kind": "callers, driver authors, readers of stored data",
    "abstract-added": "driver authors",
    "default-changed": "callers",
    "schema-property-removed": "readers of stored data",
    "exit-code-changed": "callers",
    "command-parameter-removed": "callers",
    "driver-option-changed": "callers",
    "check-added": "driver authors",
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_break_is_stopped_and_explained(what: str, now: Surface, tmp_path: Path) -> None:
    file, old, new, rule = BREAKS[what]
    found = verdict(now, changed(tmp_path, (file, old, new)))
    assert rule in {one.rule for one in found.excessive}
    text = "\n".join(report.breaks(found))
    assert f"error[{rule}]" in text
    assert f"see docs/api-rules.md#{rule}" in text
    assert "right would be: " in text
    assert f"this breaks {FOR_WHOM.get(rule, 'callers, driver authors')} of 0.1.0.dev0: " in text


def test_a_new_optional_keyword_passes_and_asks_for_a_fragment(now: Surface, tmp_path: Path) -> None:
    old = "def host(self, timeout: float = 10.0)"
    found = verdict(
        now, changed(tmp_path, ("_connection.py", old, "def host(self, timeout: float = 10.0, *, eager: bool = False)"))
    )
    assert [one.rule for one in found.findings] == ["parameter-added"]
    assert not found.excessive
    assert report.unmentioned(found.findings, "nothing of the kind") == ["hvinspect.Connection.host(eager)"]
    assert report.unmentioned(found.findings, "`Connection.host(eager=True)` reads all") == []
    # It is the keyword that is new, not the method.
    assert report.unmentioned(found.findings, "`Connection.host()` reads all, and is eager") != []
    assert report.unmentioned(found.findings, "a new connection to a driver") != []


@pytest.mark.parametrize(
    ("symbol", "told", "untold"),
    [
        ("entry point ceilometer.poll.compute:hvinspect.disk.usage", "pollsters `hvinspect.*`", "pollsters `other.*`"),
        ("metric prometheus disk.read_bytes", "`hvinspect.bridges.prometheus` serves all", "prometheus, and `nova`"),
    ],
)
def test_of_many_names_of_one_kind_a_fragment_need_not_tell_each(symbol: str, told: str, untold: str) -> None:
    found = Finding(
        rule="entry-point-added", level=Level.MINOR, audiences=(Audience.CALLER,), symbol=symbol, before="", after=""
    )
    assert report.unmentioned([found], told) == []
    assert report.unmentioned([found], untold) == [symbol]


def test_what_breaks_drivers_alone_needs_a_higher_driver_api(now: Surface, tmp_path: Path) -> None:
    file, old, new, _ = BREAKS["an abstract hook"]
    findings = compare(now, surface_of(changed(tmp_path, (file, old, new))))
    assert {one.audiences for one in findings if one.level is Level.MAJOR} == {(Audience.DRIVER_AUTHOR,)}
    assert set(judge(findings, NUMBERS, NUMBERS).excessive.values()) == {"DRIVER_API 2 (it is 1)"}
    assert not judge(findings, NUMBERS, Numbers(NUMBERS.package, 2, 1)).excessive


def test_the_same_package_gives_no_finding(now: Surface, tmp_path: Path) -> None:
    assert compare(now, surface_of(changed(tmp_path))) == []


def test_a_change_that_nobody_can_tell_gives_no_finding(now: Surface, tmp_path: Path) -> None:
    moved = ("_errors.py", '    """The hypervisor could not be reached."""', '    """It could not be reached."""')
    private = ("_deadline.py", "_LONGEST_S = 1e9", "_LONGEST_S = 2e9")
    assert compare(now, surface_of(changed(tmp_path, moved, private))) == []
