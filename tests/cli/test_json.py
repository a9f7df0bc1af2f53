"""What programs read."""

from __future__ import annotations

import json
from typing import Any

import hvinspect
from hvinspect import Snapshot
from hvinspect.testing.fake import FakeHypervisor, FakeKind

from .running import run
from .scripted import HOSTILE


def _documents(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_snapshot_is_one_document_that_can_be_read_back() -> None:
    with FakeHypervisor() as hypervisor:
        [document] = _documents(run("stats", hypervisor.target, "--json").stdout)
        with hvinspect.connect(hypervisor.target) as connection:
            direct = connection.snapshot()
    restored = hvinspect.from_dict(document)
    assert isinstance(restored.record, Snapshot)
    assert restored.unknown_keys == restored.unknown_values == 0
    assert [one.cpu for one in restored.record] == [one.cpu for one in direct]
    assert [one.nics for one in restored.record] == [one.nics for one in direct]


def test_from_the_second_line_on_there_are_rates() -> None:
    text = run("stats", "fake:", "--json", "--watch", "0.4", "--count", "3").stdout
    first, second, third = _documents(text)
    assert "rates" not in first
    for document in (second, third):
        assert document["rates"]["kind"] == "rates"
        restored = hvinspect.from_dict(document["rates"]).record
        assert isinstance(restored, hvinspect.RatesSnapshot)
        assert restored.instances[0].cpu_cores is not None


def test_rates_that_the_hypervisor_supplies_are_there_at_once() -> None:
    with FakeHypervisor(kind=FakeKind.RATES) as hypervisor:
        [document] = _documents(run("stats", hypervisor.target, "--json").stdout)
    assert document["rates"]["instances"][0]["source"] == "supplied"


def test_failures_are_in_the_document_and_on_stderr() -> None:
    result = run("stats", "scripted:denied+fine", "--json")
    assert result.exit_code == 1
    [document] = _documents(result.stdout)
    assert document["failures"][0]["reason"] == "denied"
    assert result.stderr.count("\n") == 1


def test_json_is_ascii_and_keeps_the_raw_name() -> None:
    text = run("list", "scripted:hostile-name", "--json").stdout
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["instances"][0]["instance"]["name"] == HOSTILE


def test_the_other_commands_have_json_too() -> None:
    [drivers] = _documents(run("drivers", "--json").stdout)
    assert {key: value for key, value in drivers["drivers"][0].items() if key in ("name", "usable")} == {
        "name": "fake",
        "usable": True,
    }
    [fields] = _documents(run("fields", "--json").stdout)
    assert [one["path"] for one in fields["fields"]] == list(hvinspect.CATALOGUE)
    [given] = _documents(run("capabilities", "scripted:fine", "--json").stdout)
    assert given["fields"][0]["given"] is False
    assert given["fields"][0]["reason"] == "unsupported"
    [host] = _documents(run("host", "fake:", "--json").stdout)
    assert isinstance(hvinspect.from_dict(host).record, hvinspect.HostStats)
