"""The lab's own client: pyVmomi as anybody uses it, for what the driver does not do, and to compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, final

import pyVmomi
from pyVmomi import SoapStubAdapter

from tests.lab.vmware.simulator import LAB_AGENT, PASSWORD, USER, Simulator

__all__ = ["Client", "client", "vim"]

_pyvmomi: Any = pyVmomi
vim, vmodl = _pyvmomi.vim, _pyvmomi.vmodl


@final
class Client:
    """A session that may do anything."""

    def __init__(self, content: Any) -> None:
        """It is logged in."""
        self.content = content

    def machines(self) -> dict[str, Any]:
        """The virtual machines by name."""
        root, kinds = self.content.rootFolder, [vim.VirtualMachine]
        view = self.content.viewManager.CreateContainerView(root, kinds, True)
        return {one.name: one for one in view.view}

    def task(self, task: Any) -> None:
        """Wait until *task* is done; the simulator needs no time for any."""
        for _ in range(100):
            if task.info.state == "success":
                return
        raise RuntimeError(f"{task.info.descriptionId}: {task.info.state}: {task.info.error}")

    def counters_of(self, machine: Any) -> set[str]:
        """The names of the performance counters that *machine* has."""
        manager = self.content.perfManager
        names = {one.key: f"{one.groupInfo.key}.{one.nameInfo.key}.{one.rollupType}" for one in manager.perfCounter}
        found = manager.QueryAvailablePerfMetric(machine, None, None, 20)
        return {names[one.counterId] for one in found if one.counterId in names}

    def raw_snapshot(self, properties: list[str], counters: dict[str, str], chunk: int) -> Callable[[], None]:
        """What a snapshot asks for, asked for by hand: *counters* by their name, each with its instance."""
        collector, manager = self.content.propertyCollector, self.content.perfManager
        view = self.content.viewManager.CreateContainerView(self.content.rootFolder, [vim.VirtualMachine], True)
        path = vmodl.query.PropertyCollector.TraversalSpec(
            name="view", path="view", skip=False, type=vim.view.ContainerView
        )
        spec = vmodl.query.PropertyCollector.FilterSpec(
            objectSet=[vmodl.query.PropertyCollector.ObjectSpec(obj=view, skip=True, selectSet=[path])],
            propSet=[vmodl.query.PropertyCollector.PropertySpec(type=vim.VirtualMachine, pathSet=properties)],
        )
        numbers = {f"{one.groupInfo.key}.{one.nameInfo.key}.{one.rollupType}": one.key for one in manager.perfCounter}

        def read() -> None:
            options = vmodl.query.PropertyCollector.RetrieveOptions()
            found = collector.RetrievePropertiesEx([spec], options).objects
            for start in range(0, len(found), chunk):
                metrics = [
                    vim.PerformanceManager.MetricId(counterId=numbers[name], instance=instance)
                    for name, instance in counters.items()
                ]
                manager.QueryPerf(
                    [
                        vim.PerformanceManager.QuerySpec(
                            entity=one.obj, metricId=metrics, intervalId=20, maxSample=1, format="normal"
                        )
                        for one in found[start : start + chunk]
                    ]
                )

        return read


@contextmanager
def client(of: Simulator) -> Iterator[Client]:
    """A session at *of*, for as long as the context lasts."""
    stub: Any = SoapStubAdapter(
        of.host,
        of.port,
        version="vim.version.version11",
        sslContext=of.context,
        customHeaders={"User-Agent": LAB_AGENT},
    )
    content = vim.ServiceInstance("ServiceInstance", stub).RetrieveContent()
    content.sessionManager.Login(USER, PASSWORD, None)
    try:
        yield Client(content)
    finally:
        stub.DropConnections()
