"""What is deprecated: one registry, one form of message, one category of warning.

A function, method or class gets ``@deprecated(MESSAGE)``, with the message written out, because type checkers read
it; what cannot carry a decorator (a parameter, a field) calls ``warn()`` where it is used. Either stands in REGISTRY.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple, final

__all__ = ["REGISTRY", "Deprecation", "HvinspectDeprecationWarning", "deprecated", "warn"]


class HvinspectDeprecationWarning(DeprecationWarning):
    """Something was used that a later major of hvinspect no longer has; the message says what to use instead."""


# Tracebacks name the place that a caller imports from.
HvinspectDeprecationWarning.__module__ = "hvinspect"


@final
class Deprecation(NamedTuple):
    """One thing that still works and will not for ever."""

    #: As it is written in a program: ``hvinspect.name``, ``hvinspect.name(parameter)``, ``hvinspect.Class.member``.
    symbol: str
    #: The version that deprecated it, and the day of that release, as 2027-01-31.
    since: str
    announced: str
    #: What to use instead, as an imperative: "use hvinspect.other()".
    instead: str
    #: The first version that may do without it.
    not_before: str

    @property
    def message(self) -> str:
        """The one form that there is."""
        return f"{self.symbol} is deprecated since {self.since}: {self.instead}; not removed before {self.not_before}"


#: By symbol. A test holds this and the code together.
REGISTRY: dict[str, Deprecation] = {}


def warn(symbol: str, *, stacklevel: int = 2) -> None:
    """Tell whoever called the caller of this that *symbol* is deprecated."""
    warnings.warn(REGISTRY[symbol].message, HvinspectDeprecationWarning, stacklevel=stacklevel + 1)


if TYPE_CHECKING:
    # Type checkers know this one, and report each use.
    from typing_extensions import deprecated
else:

    def deprecated(message: str) -> Any:
        """Mark a function, method or class; each use warns.

        A record is marked without a warning: the decorator would hide its signature, and warn in replace() and when
        it is unpickled. Who makes one is told by a type checker.
        """
        import typing_extensions  # only where something is deprecated: it is slow to import

        def mark(thing: Any) -> Any:
            is_record = isinstance(thing, type) and hasattr(thing, "__dataclass_fields__")
            category = None if is_record else HvinspectDeprecationWarning
            return typing_extensions.deprecated(message, category=category)(thing)

        return mark
