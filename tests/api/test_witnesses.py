"""Layers C and D see what no surface shows: code that does something else under the same names and types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.api import contract, future, schema, surface
from tools.api.baselines import Baseline, all_baselines, public_tests
from tools.api.oldnew import differences, of_data, of_programs, of_types
from tools.api.surface import ROOT

from .copies import changed


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return all_baselines()[-1]


CHANGES = {
    "an unknown key is refused": (
        "_serial.py",
        "            if reader is None:\n                counts.keys += 1\n",
        "            if reader is None:\n                raise ValueError(name)\n",
        "data-strict",
    ),
    "an unknown word is refused": (
        "_serial.py",
        '            counts.values += 1\n            return known["unknown"]',
        "            raise ValueError(value)",
        "data-strict",
    ),
    "a stored number is read as another": (
        "_serial.py",
        "    return whole\n",
        "    return whole + 1\n",
        "data-changed",
    ),
    "a rate has another unit": (
        "_rates.py",
        "delta * 1e9 / self.window_ns)",
        "delta * 1e6 / self.window_ns)",
        "transcript-changed",
    ),
    "a block swallows errors": (
        "_connection.py",
        "trace: TracebackType | None\n    ) -> None:\n        self.close()\n",
        "trace: TracebackType | None\n    ) -> None:\n        self.close()\n        return True\n",
        "transcript-changed",
    ),
    "there is a new warning": (
        "_connection.py",
        "    deadline = Deadline.after(timeout)\n    check_threads()\n",
        '    deadline = Deadline.after(timeout)\n    warnings.warn("beware", stacklevel=2)\n    check_threads()\n',
        "transcript-changed",
    ),
    "an argument is ignored": (
        "_connection.py",
        "        wanted = requested_groups(groups)\n",
        "        wanted = requested_groups(DEFAULT_GROUPS)\n",
        "transcript-changed",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_behaviour_is_found(what: str, baseline: Baseline, tmp_path: Path) -> None:
    file, old, new, rule = CHANGES[what]
    assert rule in {one.rule for one in of_data(baseline, changed(tmp_path, (file, old, new)))}


def test_a_consumer_that_fails_is_found_by_each_witness(baseline: Baseline, tmp_path: Path) -> None:
    frozen = Baseline(baseline.version, tmp_path / str(baseline.version))
    (frozen.folder / "consumers").mkdir(parents=True)
    (frozen.folder / "tests").mkdir()
    (frozen.folder / "tests" / "test_it.py").write_text("def test_it() -> None:\n    assert False\n")
    program = frozen.folder / "consumers" / "agent.py"
    program.write_text("import hvinspect\nhvinspect.connect(target='fake:', retries=1)\n")
    found = of_programs(frozen, ROOT)
    assert {(one.rule, one.symbol) for one in found} == {
        ("consumer-failed", "agent.py"),
        ("old-test-failed", "tests/test_it.py::test_it"),
    }


def test_both_type_checkers_find_what_the_contract_forbids(baseline: Baseline, tmp_path: Path) -> None:
    hook = "    def host(self, request: HostRequest) -> HostStats:"
    package = changed(
        tmp_path,
        ("_connection.py", "def connect(target: str, *,", "def connect(target: bytes, *,"),
        ("driver.py", hook, f"    @abstractmethod\n{hook}"),
        ("_errors.py", "class ConnectFailed(Error, ConnectionError):", "class ConnectFailed(Error):"),
    )
    found: dict[str, set[str]] = {}
    for one in of_types(baseline, package):
        found.setdefault(one.symbol, set()).add(one.witness)
    for symbol in ("hvinspect.connect", "hvinspect.driver.Driver", "hvinspect.ConnectFailed"):
        assert found[symbol] == {"mypy", "pyright"}


def test_the_contract_of_a_driver_is_for_driver_authors() -> None:
    text = contract.contract(surface.take(), "now")
    assert "(hvinspect.driver.Driver):  # hvinspect.driver.Driver" in text
    assert "def read(self, request: hvinspect.driver.ReadRequest)" in text


def test_what_is_more_is_no_difference() -> None:
    assert list(differences({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}], "d": 3})) == []


def test_what_is_other_gone_or_of_another_type_is() -> None:
    before = {"a": 1, "b": 2, "c": 3}
    assert [one[0] for one in differences(before, {"a": 1.0, "b": 4})] == ["a", "b", "c"]


def test_unknown_keys_and_words_are_put_at_every_level(baseline: Baseline) -> None:
    document = json.loads((baseline.golden / "snapshot.json").read_text())
    keys, number = future.with_unknown_keys(document, schema.json_schema())
    assert number == json.dumps(keys).count(f'"{future.KEY}": {{')
    assert number > 50
    words, number = future.with_unknown_words(document, schema.json_schema())
    assert number == json.dumps(words).count(future.WORD)
    assert number > 20


def test_public_tests_use_public_names_alone() -> None:
    names = {path.name for path in public_tests()}
    assert {"test_connection_life.py", "test_rates.py", "test_fake.py", "toy.py"} <= names
    assert "test_registry.py" not in names


def test_a_contract_imports_what_its_types_are_of() -> None:
    written = contract.contract(surface.read(surface.CURRENT), "0")
    for module in ("lxml.etree", "opentelemetry.metrics", "prometheus_client.metrics_core", "uuid"):
        assert f"\nimport {module}\n" in written


def test_a_contract_takes_no_typed_dict_for_a_dict() -> None:
    written = contract.contract(surface.read(surface.CURRENT), "0")
    assert "(one: hvinspect.bridges.nova.Diagnostics) -> str" in written
    assert "(one: hvinspect.bridges.nova.Diagnostics) -> dict" not in written


def test_a_group_more_or_in_another_place_takes_nothing_from_anybody() -> None:
    before = [["cpu", "asked"], ["disk", "told"]]
    assert list(differences(before, [["disk", "told"], ["perf", "new"], ["cpu", "asked"]])) == []


def test_a_group_that_is_gone_is_told() -> None:
    found = list(differences([["cpu", "asked"], ["disk", "told"]], [["cpu", "asked"]], "sources"))
    assert found == [("sources, disk", '"told"', "gone")]
