"""Drivers by name: registered ones, the built-in ones, and those of other distributions; loaded on use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, final

from ._errors import DriverNotFound, DriverUnavailable
from ._fields import info, record
from ._text import printable
from ._version import __version__
from .driver import Driver

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["DriverStatus", "LoadedDriver", "available_drivers", "load", "register", "unregister"]

ENTRY_POINT_GROUP = "hvinspect.drivers.v1"


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
    "replay": _BuiltIn("hvinspect.testing.replay", "ReplayDriver", None),
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
    claims = [entry for entry in _entry_points() if entry.name == name]
    built_in = _BUILT_IN.get(name)
    if len(claims) + (built_in is not None) > 1:
        claimants = [_distribution(entry) for entry in claims] + (["hvinspect itself"] if built_in else [])
        raise DriverNotFound(f"driver {name!r} is claimed by {' and by '.join(claimants)}: uninstall one", driver=name)
    if built_in is not None:
        return LoadedDriver(_load_built_in(name, built_in), f"hvinspect {__version__}")
    if claims:
        return LoadedDriver(_load_entry_point(claims[0]), _distribution(claims[0]))
    raise DriverNotFound(_unknown(name), driver=name)


def available_drivers() -> tuple[DriverStatus, ...]:
    """Every driver known here, usable or not, by name. Each is imported to find out."""
    names = {*_registered, *_BUILT_IN, *(entry.name for entry in _entry_points())}
    return tuple(_status(name) for name in sorted(names))


def _status(name: str) -> DriverStatus:
    try:
        loaded = load(name)
    except (DriverNotFound, DriverUnavailable) as exc:
        origin = f"hvinspect {__version__}" if name in _BUILT_IN else "another distribution"
        return DriverStatus(name=name, usable=False, distribution=origin, remedy=str(exc))
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
    except Exception as exc:  # foreign code at import: whatever it raises, only this driver is lost
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
    from importlib.metadata import entry_points  # costs milliseconds that `import hvinspect` need not pay

    try:
        return tuple(entry_points(group=ENTRY_POINT_GROUP))
    except OSError as exc:  # no descriptor is left to read them with
        raise DriverUnavailable(f"the drivers that are installed cannot be listed: {printable(exc)}") from exc


def _distribution(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unnamed distribution"


def _unknown(name: str) -> str:
    names = sorted({*_registered, *_BUILT_IN, *(entry.name for entry in _entry_points())})
    import difflib

    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
    return f"there is no driver {printable(name)!r}: {hint}"
