"""What a test sees of a page: the text that prometheus_client makes, read by prometheus_client's own parser."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from hvinspect.bridges.prometheus import Collector

Page = dict[str, dict[frozenset[tuple[str, str]], float]]


def scraped(collector: Collector) -> Page:
    """Every series: by the name of its metric, and by its labels."""
    registry = CollectorRegistry()
    registry.register(collector)
    return parsed(generate_latest(registry))


def parsed(text: bytes) -> Page:
    """Every series of a page in the text format; one that is there twice fails."""
    page: Page = {}
    for family in parse(text.decode()):
        for one in family.samples:
            series = page.setdefault(one.name, {})
            labels = frozenset(one.labels.items())
            assert labels not in series, (one.name, one.labels)
            series[labels] = one.value
    return page


def strictly_parsed(collector: Collector) -> int:
    """How many series OpenMetrics' parser finds, which refuses what its standard does not allow."""
    registry = CollectorRegistry()
    registry.register(collector)
    text: bytes = openmetrics(registry)  # type: ignore[no-untyped-call]
    found: list[Metric] = list(parse_openmetrics(text.decode()))  # type: ignore[no-untyped-call]
    return sum(len(family.samples) for family in found)


def value(page: Page, metric: str, /, **labels: str) -> float | None:
    """The one series of that name which has these labels; None if there is none."""
    found = [number for own, number in page.get(metric, {}).items() if own >= labels.items()]
    assert len(found) <= 1, (metric, labels)
    return found[0] if found else None
