"""The agent's own manager, run a cycle at each line of input; its files are in the folder of the command line.

Each cycle, its discovery and its publishing included, answers with one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module

from benchmarks.binding import Meter, installed


def main(folder: str) -> None:
    """Cycle until the input ends."""
    # What ceilometer prints is not an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    service, manager = import_module("ceilometer.service"), import_module("ceilometer.polling.manager")
    conf = service.prepare_service(argv=["ceilometer-polling"], config_files=[f"{folder}/ceilometer.conf"])
    agent = manager.AgentManager(0, conf, ["compute"])
    agent._keystone = object()  # it is handed about, and none is asked for anything
    agent.polling_manager = manager.PollingManager(conf)
    (task,) = agent.setup_polling_tasks().values()
    meter = Meter()
    with installed(meter):
        for _ in sys.stdin:
            meter.reset()
            started, used = time.perf_counter(), time.process_time()
            task.poll_and_notify()
            cost = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - used}
            told = {**cost, "in_flight": meter.busy_seconds, "calls": meter.calls}
            print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
