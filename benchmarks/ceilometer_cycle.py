"""One polling cycle of ceilometer's compute agent at each line of input; run by the Python that has ceilometer.

The stock pollsters with the stock inspector, called as the agent calls them: each pollster once a cycle, with a cache
that lives as long as the cycle. There is no discovery and no publishing. Each cycle answers with one line of JSON.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from importlib import import_module
from importlib.metadata import entry_points
from time import perf_counter
from typing import Any

import libvirt

from benchmarks.binding import Meter, installed


class Instance:
    """What discovery tells of an instance, as far as pollsters look at it."""

    def __init__(self, domain: Any) -> None:
        self.id = domain.UUIDString()
        self.name = domain.name()
        self.hostId = self.user_id = self.tenant_id = "benchmark"
        self.status = "active"
        self.image = None
        self.metadata: dict[str, str] = {}
        self.flavor = {"id": "1", "name": "tiny", "vcpus": 1, "ram": 16, "disk": 1, "ephemeral": 0}
        setattr(self, "OS-EXT-SRV-ATTR:instance_name", self.name)


def main(uri: str) -> None:
    """Cycle until the input ends."""
    # What ceilometer prints is not an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    service = import_module("ceilometer.service")
    permanent_error = import_module("ceilometer.polling.plugin_base").PollsterPermanentError

    configuration = service.prepare_service(argv=["ceilometer-polling"], config_files=[])
    configuration.set_override("libvirt_type", "qemu")
    configuration.set_override("libvirt_uri", uri)
    logging.disable(logging.WARNING)
    found = sorted(entry_points(group="ceilometer.poll.compute"), key=lambda point: point.name)
    pollsters = [point.load()(configuration) for point in found]
    meter = Meter()
    with installed(meter):
        for pollster in pollsters:
            pollster.setup_environment()
        connection = libvirt.openReadOnly(uri)
        for _ in sys.stdin:
            instances = [Instance(domain) for domain in connection.listAllDomains(0)]
            meter.reset()
            started, samples = perf_counter(), 0
            cache: dict[str, Any] = {}
            for pollster in tuple(pollsters):
                try:
                    samples += len(list(pollster.get_samples(None, cache, instances)))
                except permanent_error:
                    # The agent asks it for these no more.
                    pollsters.remove(pollster)
            told = {"seconds": perf_counter() - started, "in_libvirt": meter.seconds}
            print(json.dumps({**told, "calls": meter.calls, "samples": samples}), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
