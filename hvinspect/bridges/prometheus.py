"""A collector for prometheus_client: every instance of a target, read when the page is.

    import prometheus_client
    from hvinspect.bridges.prometheus import Collector

    prometheus_client.REGISTRY.register(Collector("libvirt:qemu:///system"))
    prometheus_client.start_http_server(9688, addr="127.0.0.1")

``hvinspect export prometheus TARGET`` does that.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from typing import final

from prometheus_client.core import Metric
from prometheus_client.samples import Sample

from hvinspect import DEFAULT_GROUPS, Connection, Group, Secret

from ._prometheus_names import FAMILIES, INFO_FAMILIES, METADATA, Family
from ._prometheus_series import METADATA_FAMILY, SELF_FAMILIES, write
from ._source import Source

__all__ = ["MOST_METADATA", "Collector"]

#: Labels of metadata that can be asked for.
MOST_METADATA = 10


@final
class Collector:
    """Gives prometheus_client the metrics of every instance of a target. Thread-safe.

    Scrapes at one time share one read. The series of an instance that is gone are gone from the next page. A value
    that is missing has no series; ``hvinspect_absent_values`` counts those by reason.
    """

    def __init__(
        self,
        target: str | Connection,
        *,
        groups: Collection[Group] = DEFAULT_GROUPS,
        metadata: Collection[str] = (),
        timeout: float = 5.0,
        options: Mapping[str, str | Secret] | None = None,
    ) -> None:
        """Nothing is opened before the first scrape, and each is over after *timeout* seconds, connecting included.

        *target* is what ``hvinspect.connect()`` takes, with its *options*, or an open Connection. *metadata* names
        fields of OpenStackMetadata that are to be labels of ``hvinspect_instance_metadata_info``.

        Raises:
            ValueError: *metadata* has a name that is none, or more than ``MOST_METADATA``; *timeout* is not positive.
            TypeError: *metadata* is one string.
        """
        self._metadata = _checked(metadata)
        self._source = Source(target, groups=groups, timeout=timeout, options=options)

    def collect(self) -> Iterator[Metric]:
        """Read the target and yield what there is; a target that cannot be read yields ``hvinspect_up 0``.

        Raises:
            TypeError, ValueError: the groups or options are not of their kind.
        """
        page = _Metrics()
        write(page, self._source.read(), self._metadata)
        return page.metrics()

    def text(self) -> bytes:
        """The same read and written in Prometheus' text format (0.0.4), which is what the exporter serves.

        It takes half the time that prometheus_client needs for it, which is a tenth of a snapshot's.

        Raises:
            TypeError, ValueError: as collect().
        """
        page = _Text()
        write(page, self._source.read(), self._metadata)
        return page.text()

    def describe(self) -> Iterator[Metric]:
        """All that there can be, without samples and without a read: what registering needs."""
        for family in (*SELF_FAMILIES, METADATA_FAMILY, *INFO_FAMILIES.values(), *FAMILIES.values()):
            yield _metric(family)

    def check(self) -> None:
        """Read the target once, so that a start may fail.

        Raises:
            Error: the target could not be read, and the same will come of trying again.
        """
        error = self._source.read().error
        if error is not None and not error.retryable:
            raise error

    def close(self) -> None:
        """Close the connection that was opened here; one that was given stays open. The next scrape opens another."""
        self._source.close()


@final
class _Metrics:
    """A page of prometheus_client's own records."""

    def __init__(self) -> None:
        self._samples: dict[Family, list[Sample]] = {}

    def labels(self, labels: Mapping[str, str], /) -> dict[str, str]:
        return dict(labels)

    def add(self, family: Family, labels: dict[str, str], value: float, /) -> None:
        self._samples.setdefault(family, []).append(Sample(family.sample, labels, value))

    def metrics(self) -> Iterator[Metric]:
        for family, samples in self._samples.items():
            metric = _metric(family)
            metric.samples = samples
            yield metric


@final
class _Text:
    """A page of text: each label is escaped once, and stands ready for all values of a device."""

    def __init__(self) -> None:
        self._lines: dict[Family, list[str]] = {}

    def labels(self, labels: Mapping[str, str], /) -> str:
        if not labels:
            return ""
        return "{" + ",".join([f'{name}="{_escaped(value)}"' for name, value in labels.items()]) + "}"

    def add(self, family: Family, labels: str, value: float, /) -> None:
        lines = self._lines.get(family)
        if lines is None:
            # What is an info to OpenMetrics is a gauge here.
            kind = "gauge" if family.type == "info" else family.type
            head = f"# HELP {family.sample} {_escaped_help(family.help)}\n# TYPE {family.sample} {kind}\n"
            lines = self._lines[family] = [head]
        lines.append(f"{family.sample}{labels} {value!r}\n")

    def text(self) -> bytes:
        return "".join(["".join(lines) for lines in self._lines.values()]).encode()


def _metric(family: Family) -> Metric:
    return Metric(family.name, family.help, family.type, family.unit)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _escaped_help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _checked(metadata: Collection[str]) -> tuple[str, ...]:
    if isinstance(metadata, str):
        raise TypeError(f"metadata is a collection of names, not the string {metadata!r}")
    names = tuple(dict.fromkeys(metadata))
    for name in names:
        if name not in METADATA:
            near = difflib.get_close_matches(name, METADATA, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(METADATA)}"
            raise ValueError(f"there is no metadata {name!r}: {hint}")
    if len(names) > MOST_METADATA:
        raise ValueError(f"{len(names)} labels of metadata are too many for a server: at most {MOST_METADATA}")
    return names
