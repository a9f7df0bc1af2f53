# pyright: strict
"""An exporter that writes a snapshot as Prometheus reads it: every number of the catalogue, by its unit and kind.

Frozen with a release, and run against every later one: it uses hvinspect as a program of its time does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import hvinspect
from hvinspect import CATALOGUE, Capability, Field, Group, HostStats, Kind, Snapshot, Unit
from hvinspect.samples import Missing, Sample, absences, samples
from hvinspect.testing import FakeHypervisor

#: Prometheus counts in seconds and calls the unit by its name.
SCALE = {Unit.NANOSECONDS: 1e-9, Unit.UNIX_NANOSECONDS: 1e-9}
SUFFIX = {
    Unit.NANOSECONDS: "_seconds",
    Unit.UNIX_NANOSECONDS: "_timestamp_seconds",
    Unit.BYTES: "_bytes",
    Unit.BYTES_PER_SECOND: "_bytes_per_second",
    Unit.PER_SECOND: "_per_second",
    Unit.FRACTION: "_ratio",
    Unit.CORES: "_cores",
}
LINE = re.compile(r'[a-z_]+\{[a-z_]+="(?:[^"\\]|\\.)*"(?:,[a-z_]+="(?:[^"\\]|\\.)*")*\} [0-9.e+-]+')


def metric(field: Field) -> str:
    """``nic.rx_bytes`` is hvinspect_nic_rx_bytes_total."""
    stem = field.name.removesuffix(field.unit.value) if field.unit in SUFFIX else field.name
    end = "_total" if field.kind is Kind.COUNTER else ""
    return f"hvinspect_{field.record}_{stem}{SUFFIX.get(field.unit, '')}{end}"


def kind(field: Field) -> str:
    match field.kind:
        case Kind.COUNTER:
            return "counter"
        case Kind.GAUGE:
            return "gauge"
        case _:
            return "untyped"


def labels(**given: str | None) -> str:
    escaped = {
        name: value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
        for name, value in given.items()
        if value is not None
    }
    return ",".join(f'{name}="{value}"' for name, value in escaped.items())


def line(sample: Sample) -> str:
    who = sample.instance
    of = labels(key=who.key, uuid=str(who.uuid) if who.uuid else None, name=who.name, device=sample.device)
    return f"{metric(sample.field)}{{{of}}} {sample.value * SCALE.get(sample.field.unit, 1)}"


def exported(snapshot: Snapshot) -> Iterator[str]:
    """The page."""
    by_field: defaultdict[Field, list[Sample]] = defaultdict(list)
    for sample in samples(snapshot):
        if sample.field.numeric and not isinstance(sample.value, bool):
            by_field[sample.field].append(sample)
    for field, found in by_field.items():
        yield f"# HELP {metric(field)} {field.meaning}"
        yield f"# TYPE {metric(field)} {kind(field)}"
        yield from map(line, found)
    yield from counted(absences(snapshot))
    for failure in snapshot.failures:
        yield f"hvinspect_failure{{{labels(key=failure.instance.key, reason=failure.reason.value)}}} 1"
    yield f"hvinspect_scrape_seconds{{{labels(driver=snapshot.driver)}}} {snapshot.taken.duration_ns / 1e9}"


def counted(missing: Iterable[Missing]) -> Iterator[str]:
    reasons: defaultdict[tuple[str, str], int] = defaultdict(int)
    for one in missing:
        reasons[one.field.path, one.absence.reason.value] += 1
    for (path, reason), number in sorted(reasons.items()):
        yield f"hvinspect_missing{{{labels(field=path, reason=reason)}}} {number}"


def host_lines(host: HostStats) -> Iterator[str]:
    for name, value in (("user", host.user_ns), ("system", host.system_ns), ("idle", host.idle_ns)):
        if value is not None:
            yield f"hvinspect_host_cpu_seconds_total{{{labels(mode=name)}}} {value / 1e9}"
        else:
            assert host.why(f"{name}_ns") is not None


def lacking(capabilities: Iterable[Capability]) -> Mapping[str, str]:
    """For each metric that the target does not have, why."""
    return {metric(one.field): str(one.absence) for one in capabilities if one.absence is not None}


def main() -> None:
    assert metric(CATALOGUE["nic.rx_bytes"]) == "hvinspect_nic_rx_bytes_total"
    assert metric(CATALOGUE["cpu.time_ns"]) == "hvinspect_cpu_time_seconds_total"
    assert metric(CATALOGUE["cpu.vcpus_online"]) == "hvinspect_cpu_vcpus_online"
    with FakeHypervisor(seed=1, instances=5, hostile=True) as host, hvinspect.connect(host.target) as hv:
        host.fail(host.keys[4])
        snapshot = hv.snapshot(groups=[group for group in Group if group is not Group.UNKNOWN])
        page = [*exported(snapshot), *host_lines(hv.host())]
        wrong = [one for one in page if not one.startswith("#") and not LINE.fullmatch(one)]
        assert not wrong, wrong[:3]
        key = host.keys[1]
        time_ns = snapshot[key].cpu.time_ns
        assert time_ns is not None
        (exact,) = [one for one in page if one.startswith("hvinspect_cpu_time_seconds_total") and key in one]
        assert float(exact.rpartition(" ")[2]) == time_ns * 1e-9, exact
        assert f'hvinspect_failure{{key="{host.keys[4]}",reason="failed"}} 1' in page
        assert 'hvinspect_missing{field="cpu.time_ns",reason="not_running"} 1' in page
        assert metric(CATALOGUE["cpu.time_ns"]) not in lacking(hv.capabilities())
        assert dict(snapshot.sources)[Group.CPU]
        assert snapshot.host_id is not None


if __name__ == "__main__":
    main()
