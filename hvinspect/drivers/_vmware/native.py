"""The vSphere API through pyVmomi: requests and replies are its, connections are ours. Alone imports it.

Rule. A call is one of ``operations``. Whole objects are never asked for: on a server that is newer than pyVmomi they
have parts that it cannot read, so properties are, and by the words of version 6.5 of the API.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, final
from xml.parsers.expat import ExpatError

import pyVmomi
from pyVmomi import SoapAdapter

from hvinspect.driver import (
    Absence,
    AccessDenied,
    ConnectFailed,
    ConnectionLost,
    Deadline,
    Reason,
    ReplyInvalid,
    Secret,
    printable,
)

from .address import Address
from .found import About, Gone, Hardware, Host, Machine, Refused, Samples
from .plain import (
    HARDWARE_PROPERTIES,
    HOST_PROPERTIES,
    MACHINE_PROPERTIES,
    hardware_of,
    machine_of,
    moment_of,
    number_of,
    text_of,
    unix_ns_of,
)
from .wire import Wire

__all__ = ["BINDING", "Session"]

# Its types differ from version to version, and say less than vSphere's own documentation.
_client: Any = pyVmomi
vim, vmodl = _client.vim, _client.vmodl
_Base: Any = SoapAdapter.SoapStubAdapterBase
_Deserializer: Any = SoapAdapter.SoapResponseDeserializer

BINDING = f"pyVmomi {_client.version_info_str}"
#: urn:vim25/6.5: the newest words that every supported server knows, so that none answers in words that are newer.
_VERSION = "vim.version.version11"
_REAL_TIME_S = 20
_OK, _FAULT = 200, 500
_LONGEST_TEXT = 200
#: Within so many bytes a reply says what it is.
_LONGEST_HEAD = 4096


@final
class _Stub(_Base):  # type: ignore[misc]  # it has no types
    """Makes the calls of one moment: all of them end by one deadline."""

    def __init__(self, session: Session, deadline: Deadline) -> None:
        super().__init__(version=_VERSION)
        self.requestContext = None  # SerializeRequest() looks for it
        self._session = session
        self._deadline = deadline

    def InvokeMethod(self, mo: Any, info: Any, args: Any) -> Any:  # noqa: N802  # pyVmomi's name
        """Send one request, and return what the reply says or raise its fault."""
        body = self.SerializeRequest(mo, info, args)
        return self._session.exchange(self, body, info.wsdlName, info.result, self._deadline)


@final
class Session:
    """A session at one server. Thread-safe."""

    def __init__(self, address: Address, wire: Wire) -> None:
        """Nothing is asked yet."""
        self._address = address
        self._wire = wire
        self._cookie: str | None = None
        self._content: Any = None
        self._view = ""
        self._logged_in = False

    # -- its life

    def open(self, password: Secret, deadline: Deadline) -> About:
        """Log in, and have the server keep a list of its virtual machines.

        Raises:
            ConnectFailed, AccessDenied, DeadlineExceeded, ReplyInvalid
        """
        try:
            return self._open(password, deadline)
        except ConnectionLost as exc:
            raise ConnectFailed(str(exc)) from exc
        except (Gone, Refused) as exc:
            # So a vCenter refuses a user whom it knows and who has no role there; a wrong password is another fault.
            denied = isinstance(exc, Refused) and exc.absence.reason is Reason.DENIED
            told = f"{self._address} let nobody in: {printable(exc)}"
            raise (AccessDenied if denied else ConnectFailed)(told) from exc

    def _open(self, password: Secret, deadline: Deadline) -> About:
        stub = _Stub(self, deadline)
        self._content = content = vim.ServiceInstance("ServiceInstance", stub).RetrieveContent()
        about = content.about
        is_host = about.apiType == "HostAgent"
        manager = vim.SessionManager(content.sessionManager._moId, stub)
        try:
            manager.Login(self._address.user, password.reveal(), None)
        except vim.fault.InvalidLogin as exc:
            # The fault's own text may have the request in it.
            user = printable(self._address.user)
            raise AccessDenied(
                f"{self._address} does not let {user} in: no such user is known there, or the password is another"
            ) from exc
        self._logged_in = True
        views = vim.view.ViewManager(content.viewManager._moId, stub)
        # An ESX host is one of its own objects; a vCenter's hosts are not asked for.
        kinds = [vim.VirtualMachine, *([vim.HostSystem] if is_host else [])]
        self._view = views.CreateContainerView(content.rootFolder, kinds, True)._moId
        return About(
            is_host=is_host,
            name=text_of(about.name) or "vSphere",
            version=f"{text_of(about.version) or '?'} (build {text_of(about.build) or '?'})",
            uuid=text_of(about.instanceUuid),
        )

    def close(self, deadline: Deadline) -> None:
        """Log out, so that the server has not to wait for the session to expire, unless *deadline* has passed."""
        try:
            if self._logged_in and not deadline.passed:
                vim.SessionManager(self._content.sessionManager._moId, _Stub(self, deadline)).Logout()
        finally:
            self._wire.close()

    def exchange(self, stub: Any, body: bytes, method: str, result: Any, deadline: Deadline) -> Any:
        """One request and its reply, as an object of pyVmomi's.

        Raises:
            Gone, Refused: the server's fault says so.
            AccessDenied, ConnectFailed, ConnectionLost, DeadlineExceeded, ReplyInvalid
        """
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": stub.versionId, "User-Agent": "hvinspect"}
        if self._cookie is not None:
            headers["Cookie"] = self._cookie
        reply = self._wire.post(body, headers, deadline, method)
        if reply.status not in (_OK, _FAULT):
            raise ConnectionLost(f"{self._address} answered {method} with HTTP status {reply.status}: no vSphere API")
        if reply.cookie:
            self._cookie = reply.cookie.partition(";")[0]
        _check_form(reply.body, "Fault" if reply.status == _FAULT else f"{method}Response", method)
        found = _parsed(stub, reply.body, result, method)
        if reply.status == _FAULT:
            self._raise_fault(found, method)
        return found

    def _raise_fault(self, fault: Any, method: str) -> None:
        if isinstance(fault, vim.fault.InvalidLogin):
            raise fault
        told = _message(fault)
        if isinstance(fault, vim.fault.NotAuthenticated):
            raise ConnectionLost(f"the session at {self._address} has ended")
        if isinstance(fault, vmodl.fault.ManagedObjectNotFound):
            raise Gone(_ref(fault.obj))
        if isinstance(fault, vim.fault.NoPermission):
            privilege = printable(fault.privilegeId or "System.Read", limit=80)
            raise Refused(Absence(Reason.DENIED, f"{method} needs the privilege {privilege}: give the role Read-only"))
        raise Refused(Absence(Reason.FAILED, f"{method}: {told}"))

    # -- what it asks for

    def machines(self, deadline: Deadline) -> list[Machine]:
        """Every virtual machine, templates among them.

        Raises:
            AccessDenied, ConnectionLost, DeadlineExceeded, ReplyInvalid
        """
        found = self._of_view(vim.VirtualMachine, MACHINE_PROPERTIES, deadline)
        return [machine_of(_ref(one.obj), _values(one), _missing(one)) for one in found]

    def hardware(self, refs: Collection[str], deadline: Deadline) -> dict[str, Hardware | Absence]:
        """The configuration of *refs*, by ref.

        Raises:
            Gone: one of them is not there any more; nothing is told of the others.
            Refused, ConnectionLost, DeadlineExceeded, ReplyInvalid
        """
        stub = _Stub(self, deadline)
        objects = [_object_spec(obj=vim.VirtualMachine(ref, stub)) for ref in refs]
        found = self._retrieve(stub, objects, vim.VirtualMachine, HARDWARE_PROPERTIES)
        return {_ref(one.obj): hardware_of(_values(one), _missing(one)) for one in found}

    def counters(self, deadline: Deadline) -> dict[str, int]:
        """The performance counters' numbers by name, e.g. cpu.usage.average."""
        stub = _Stub(self, deadline)
        manager = vim.PerformanceManager(self._content.perfManager._moId, stub)
        with _Errors("the list of performance counters"):
            (found,) = self._retrieve(stub, [_object_spec(obj=manager)], vim.PerformanceManager, ["perfCounter"])
        return {
            f"{one.groupInfo.key}.{one.nameInfo.key}.{one.rollupType}": one.key
            for one in _values(found).get("perfCounter", ())
        }

    def query(
        self, wanted: Mapping[str, Iterable[tuple[str, str]]], counters: Mapping[str, int], deadline: Deadline
    ) -> dict[str, Samples]:
        """The newest sample of each (counter, instance) that is *wanted*, by ref; those that have none are left out.

        Raises:
            Gone: one of them is not there any more; nothing is told of the others.
            Refused, ConnectionLost, DeadlineExceeded, ReplyInvalid
        """
        stub = _Stub(self, deadline)
        names = {number: name for name, number in counters.items()}
        metrics = _Metrics(counters)
        specs = [
            vim.PerformanceManager.QuerySpec(
                entity=vim.VirtualMachine(ref, stub),
                metricId=[metrics.of(counter, instance) for counter, instance in pairs],
                intervalId=_REAL_TIME_S,
                maxSample=1,
                format="normal",
            )
            for ref, pairs in wanted.items()
        ]
        found = vim.PerformanceManager(self._content.perfManager._moId, stub).QueryPerf(specs)
        samples = ((_ref(one.entity), _samples(one, names)) for one in found or ())
        return {ref: one for ref, one in samples if one is not None}

    def host(self, deadline: Deadline) -> Host:
        """The host, of an ESX host.

        Raises:
            AccessDenied, ConnectionLost, DeadlineExceeded, ReplyInvalid
        """
        found = self._of_view(vim.HostSystem, HOST_PROPERTIES, deadline)
        if len(found) != 1:
            raise ReplyInvalid(f"an ESX host should have itself for its one host, and has {len(found)}")
        values = _values(found[0])
        return Host(
            name=text_of(values.get("name")),
            uuid=text_of(values.get("hardware.systemInfo.uuid")),
            threads=number_of(values.get("hardware.cpuInfo.numCpuThreads")),
            memory_bytes=number_of(values.get("hardware.memorySize")),
            used_mib=number_of(values.get("summary.quickStats.overallMemoryUsage")),
            booted=moment_of(values.get("runtime.bootTime")),
        )

    def _of_view(self, kind: Any, properties: Sequence[str], deadline: Deadline) -> list[Any]:
        stub = _Stub(self, deadline)
        view = vim.view.ContainerView(self._view, stub)
        path = vmodl.query.PropertyCollector.TraversalSpec(
            name="view", path="view", skip=False, type=vim.view.ContainerView
        )
        with _Errors("the list of virtual machines"):
            return self._retrieve(stub, [_object_spec(obj=view, skip=True, selectSet=[path])], kind, properties)

    def _retrieve(self, stub: Any, objects: Sequence[Any], kind: Any, properties: Sequence[str]) -> list[Any]:
        collector = vmodl.query.PropertyCollector(self._content.propertyCollector._moId, stub)
        spec = vmodl.query.PropertyCollector.FilterSpec(
            objectSet=list(objects),
            propSet=[vmodl.query.PropertyCollector.PropertySpec(type=kind, all=False, pathSet=list(properties))],
        )
        options = vmodl.query.PropertyCollector.RetrieveOptions()
        page = collector.RetrievePropertiesEx([spec], options)
        found: list[Any] = []
        while page is not None:
            found += page.objects
            page = collector.ContinueRetrievePropertiesEx(page.token) if page.token else None
        return found


@final
class _Errors:
    """Turns faults of a call that everything rests on into errors."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        """Nothing to be done."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Gone):
            # The server keeps it for as long as the session lasts.
            raise ConnectionLost(f"the session has ended: {self._what} is not there any more") from error
        if isinstance(error, Refused):
            told = f"{self._what} was refused: {error.absence.detail}"
            raise (AccessDenied if error.absence.reason is Reason.DENIED else ReplyInvalid)(told) from error


@final
class _Metrics:
    """Makes each pair of counter and instance once, for all virtual machines."""

    def __init__(self, counters: Mapping[str, int]) -> None:
        self._counters = counters
        self._made: dict[tuple[str, str], Any] = {}

    def of(self, counter: str, instance: str) -> Any:
        made = self._made.get((counter, instance))
        if made is None:
            made = self._made[counter, instance] = vim.PerformanceManager.MetricId(
                counterId=self._counters[counter], instance=instance
            )
        return made


def _check_form(body: bytes, element: str, method: str) -> None:
    """Is it the answer at all? pyVmomi takes any XML without one for an answer that has nothing in it."""
    if b"<!DOCTYPE" in body or not re.search(rb"<([A-Za-z0-9]+:)?%b[\s/>]" % element.encode(), body[:_LONGEST_HEAD]):
        raise ReplyInvalid(f"the answer to {method} cannot be understood: it is no {element} of SOAP")


def _parsed(stub: Any, body: bytes, result: Any, method: str) -> Any:
    try:
        # As a file: given bytes, pyVmomi takes what is there for the whole, even if the end is missing.
        return _Deserializer(stub).Deserialize(io.BytesIO(body), result)
    except (ExpatError, AttributeError, KeyError, TypeError, ValueError, LookupError) as exc:
        raise ReplyInvalid(f"the answer to {method} cannot be understood: {printable(repr(exc), limit=200)}") from exc


def _message(fault: Any) -> str:
    kind = type(fault).__name__.rpartition(".")[2]
    text = getattr(fault, "msg", None) or ""
    return printable(f"{kind}: {text}" if text else kind, limit=_LONGEST_TEXT)


def _object_spec(**values: Any) -> Any:
    return vmodl.query.PropertyCollector.ObjectSpec(**values)


def _ref(managed: Any) -> str:
    return str(managed._moId)


def _values(found: Any) -> dict[str, Any]:
    return {one.name: one.val for one in found.propSet}


def _missing(found: Any) -> dict[str, Absence]:
    made = {}
    for one in found.missingSet:
        fault = one.fault
        denied = isinstance(fault, vim.fault.NoPermission)
        made[str(one.path)] = Absence(
            Reason.DENIED if denied else Reason.FAILED,
            "it needs the privilege System.Read: give the role Read-only" if denied else _message(fault),
        )
    return made


def _samples(found: Any, names: Mapping[int, str]) -> Samples | None:
    if not found.sampleInfo:
        return None
    # The simulator has the newest first, servers have it last.
    newest = max(range(len(found.sampleInfo)), key=lambda index: found.sampleInfo[index].timestamp)
    return Samples(
        window_s=int(found.sampleInfo[newest].interval),
        ended_unix_ns=unix_ns_of(found.sampleInfo[newest].timestamp),
        values={
            (names[one.id.counterId], one.id.instance or ""): int(one.value[newest])
            for one in found.value
            if one.id.counterId in names and len(one.value) > newest
        },
    )
