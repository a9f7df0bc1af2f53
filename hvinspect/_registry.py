"""Drivers by name: registered ones, the built-in ones, and those of other distributions; loaded on use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, final

from ._errors import DriverNotFound, DriverUnavailable
from ._fields import info, record
from ._text import printable
from ._version import __version__
from .driver import DRIVER_API, Driver

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.metadata import EntryPoint

__all__ = ["DriverStatus", "LoadedDriver", "available_drivers", "load", "register", "unregister"]

_GROUPS = "hvinspect.drivers.v"
ENTRY_POINT_GROUP = f"{_GROUPS}{DRIVER_API}"


class _BuiltIn(NamedTuple):
    module: str
    driver: str
    #: The extra of hvinspect that installs what the driver needs, and what that needs of the system.
    extra: str | None
    system: str = ""


_BUILT_IN = {
    "fake": _BuiltIn("hvinspect.testing.fake", "FakeDriver", None),
    "libvirt": _BuiltIn(
        "hvinspect.drivers.libvirt",
        "LibvirtDriver",
        "libvirt",
        "libvirt's client library: a C compiler, pkg-config and libvirt-dev to build, or the system's python3-libvirt",
    ),
    "qemu": _BuiltIn("hvinspect.drivers.qemu", "QemuDriver", None, "Linux"),
    "replay": _BuiltIn("hvinspect.testing.replay", "ReplayDriver", None),
    "vmware": _BuiltIn("hvinspect.drivers.vmware", "VmwareDriver", "vmware"),
    "xen": _BuiltIn("hvinspect.drivers.xen", "XenDriver", None, "Python's own ctypes"),
}
_registered: dict[str, type[Driver]] = {}


class LoadedDriver(NamedTuple):
    """A driver's class and the distribution that it comes from."""

    driver: type[Driver]
    distribution: str


@final
@record
class DriverStatus:
    """One driver that is known here."""

    name: str = info("The name that a target begins with.", since="0.1")
    usable: bool = info("Can it be loaded?", since="0.1")
    distribution: str = info("Where it comes from, with its version.", since="0.1")
    remedy: str = info("What to install, where it is not usable.", since="0.1", default="")


def register(name: str, driver: type[Driver]) -> None:
    """Make *driver* known as *name* in this process; it comes before those that are installed."""
    _registered[name] = driver


def unregister(name: str) -> None:
    """Forget what register() made known as *name*; nothing happens if it was not."""
    _registered.pop(name, None)


def load(name: str) -> LoadedDriver:
    """The driver called *name*.

    Raises:
        DriverNotFound: there is none, or two distributions claim the name.
        DriverUnavailable: it cannot be imported.
    """
    registered = _registered.get(name)
    if registered is not None:
        return LoadedDriver(registered, f"{registered.__module__} (registered)")
    claims = sorted((entry for entry in _entry_points() if entry.name == name), key=_distribution)
    built_in = _BUILT_IN.get(name)
    if len(claims) + (built_in is not None) > 1:
        claimants = [_distribution(entry) for entry in claims] + (["hvinspect itself"] if built_in else [])
        raise DriverNotFound(f"driver {name!r} is claimed by {' and by '.join(claimants)}: uninstall one", driver=name)
    if built_in is not None:
        return LoadedDriver(_load_built_in(name, built_in), f"hvinspect {__version__}")
    if claims:
        return LoadedDriver(_load_entry_point(claims[0]), _distribution(claims[0]))
    for entry in _of_another_api():
        if entry.name == name:
            raise DriverUnavailable(_another_api(entry), driver=name)
    raise DriverNotFound(_unknown(name), driver=name)


def available_drivers() -> tuple[DriverStatus, ...]:
    """Every driver known here, usable or not, by name. Each is imported to find out."""
    installed = (*_entry_points(), *_of_another_api())
    names = {*_registered, *_BUILT_IN, *(entry.name for entry in installed)}
    return tuple(_status(name, [entry for entry in installed if entry.name == name]) for name in sorted(names))


def _status(name: str, claims: list[EntryPoint]) -> DriverStatus:
    try:
        loaded = load(name)
    except (DriverNotFound, DriverUnavailable) as exc:
        origins = [f"hvinspect {__version__}"] if name in _BUILT_IN else []
        origins += [_distribution(entry) for entry in claims]
        return DriverStatus(name=name, usable=False, distribution=", ".join(origins), remedy=str(exc))
    return DriverStatus(name=name, usable=True, distribution=loaded.distribution)


def _load_built_in(name: str, built_in: _BuiltIn) -> type[Driver]:
    try:
        driver = getattr(import_module(built_in.module), built_in.driver)
    except Exception as exc:  # a broken binding raises anything; only this driver is lost
        remedy = f"; install it with: pip install 'hvinspect[{built_in.extra}]'" if built_in.extra else ""
        needs = f" ({built_in.system})" if built_in.system else ""
        raise DriverUnavailable(
            f"driver {name!r} needs what is not here: {printable(exc)}{remedy}{needs}", driver=name
        ) from exc
    return _checked(name, driver)


def _load_entry_point(entry: EntryPoint) -> type[Driver]:
    try:
        driver = entry.load()
    except (Exception, SystemExit) as exc:  # foreign code at import: whatever it raises, only this driver is lost
        raise DriverUnavailable(
            f"driver {entry.name!r} of {_distribution(entry)} cannot be imported: {printable(repr(exc))}",
            driver=entry.name,
        ) from exc
    return _checked(entry.name, driver)


def _checked(name: str, driver: object) -> type[Driver]:
    if isinstance(driver, type) and issubclass(driver, Driver):
        return driver
    raise DriverUnavailable(f"driver {name!r} is {driver!r}, not a subclass of hvinspect.driver.Driver", driver=name)


def _entry_points() -> tuple[EntryPoint, ...]:
    return _of_groups(lambda group: group == ENTRY_POINT_GROUP)


def _of_another_api() -> tuple[EntryPoint, ...]:
    """The drivers of a contract that this version does not have: told of, never imported."""
    return _of_groups(
        lambda group: (
            group != ENTRY_POINT_GROUP and group.startswith(_GROUPS) and group.removeprefix(_GROUPS).isdecimal()
        )
    )


def _of_groups(wanted: Callable[[str], bool]) -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points  # costs milliseconds that `import hvinspect` need not pay

    try:
        found = entry_points()
    except OSError as exc:  # no descriptor is left to read them with
        raise DriverUnavailable(f"the drivers that are installed cannot be listed: {printable(exc)}") from exc
    return tuple(entry for group in sorted(found.groups) if wanted(group) for entry in found.select(group=group))


def _another_api(entry: EntryPoint) -> str:
    theirs = entry.group.removeprefix(_GROUPS)
    newer = "hvinspect" if int(theirs) > DRIVER_API else _distribution(entry)
    return (
        f"driver {entry.name!r} of {_distribution(entry)} is made for version {theirs} of the driver API, and "
        f"hvinspect {__version__} has version {DRIVER_API}: install a newer version of {newer}"
    )


def _distribution(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unnamed distribution"


def _unknown(name: str) -> str:
    names = sorted({*_registered, *_BUILT_IN, *(entry.name for entry in _entry_points())})
    import difflib

    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
    return f"there is no driver {printable(name)!r}: {hint}"
