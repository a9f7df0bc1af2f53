"""Every answer that libvirt gave to the driver, kept as JSON, and played back to it through the same calls.

The seam is the vendor's library: what is above it, the whole driver, is the same on a tape as in the lab.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias, final
from uuid import UUID

import libvirt

#: "TARGET METHOD ARGUMENTS" -> the answers in order, where the target is "host" or a domain's uuid.
Calls: TypeAlias = dict[str, list[Any]]

# Asked without end, or of no consequence.
_UNTAPED: Final = {"isAlive": 1, "close": 0}
_DOMAIN: Final = "$domain"
_ERROR: Final = "$error"


@contextlib.contextmanager
def recording(calls: Calls) -> Iterator[None]:
    """While the context lasts, every connection opened is a real one whose answers go into *calls*."""
    read_only, writable = libvirt.openReadOnly, libvirt.open
    with _opening(lambda uri: _Recorder(read_only(uri), "host", calls), writable):
        yield


@contextlib.contextmanager
def replaying(calls: Calls) -> Iterator[None]:
    """While the context lasts, every connection opened answers from *calls*."""
    left = {key: list(answers) for key, answers in calls.items()}
    with _opening(lambda uri: _Player("host", left), lambda uri: _Player("host", left)):
        yield


@contextlib.contextmanager
def _opening(read_only: Callable[[str], Any], writable: Callable[[str], Any]) -> Iterator[None]:
    before = libvirt.openReadOnly, libvirt.open
    libvirt.openReadOnly, libvirt.open = read_only, writable
    try:
        yield
    finally:
        libvirt.openReadOnly, libvirt.open = before


@final
class _Recorder:
    """A virConnect or virDomain that answers, and writes its answers down."""

    def __init__(self, real: Any, target: str, calls: Calls) -> None:
        self._real = real
        self._target = target
        self._calls = calls

    def __getattr__(self, method: str) -> Any:
        function = getattr(self._real, method)
        if method in _UNTAPED or method == "UUID":
            return function

        def call(*arguments: Any) -> Any:
            answers = self._calls.setdefault(_key(self._target, method, arguments), [])
            try:
                answer = function(*(_real(argument) for argument in arguments))
            except libvirt.libvirtError as failure:
                answers.append({_ERROR: [failure.get_error_code(), failure.get_error_message()]})
                raise
            answers.append(_plain(answer))
            return self._wrapped(answer)

        return call

    def _wrapped(self, answer: Any) -> Any:
        if isinstance(answer, libvirt.virDomain):
            return _Recorder(answer, answer.UUIDString(), self._calls)
        if isinstance(answer, (list, tuple)):
            return type(answer)(self._wrapped(one) for one in answer)
        return answer


@final
class _Player:
    """A virConnect or virDomain that gives the answers of a tape."""

    def __init__(self, target: str, calls: Calls) -> None:
        self._target = target
        self._calls = calls

    def __getattr__(self, method: str) -> Any:
        if method in _UNTAPED:
            return lambda: _UNTAPED[method]
        if method == "UUID":
            return lambda: UUID(self._target).bytes

        def call(*arguments: Any) -> Any:
            answers = self._calls[_key(self._target, method, arguments)]
            # The last answer stands for ever after.
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, dict) and _ERROR in answer:
                code, message = answer[_ERROR]
                failure = libvirt.libvirtError(message)
                failure.err = (code, 0, message, 2, None, None, None, 0, 0)
                raise failure
            return self._unplain(answer)

        return call

    def _unplain(self, answer: Any) -> Any:
        if isinstance(answer, dict):
            return _Player(answer[_DOMAIN], self._calls) if _DOMAIN in answer else answer
        return [self._unplain(one) for one in answer] if isinstance(answer, list) else answer


def _key(target: str, method: str, arguments: tuple[Any, ...]) -> str:
    return f"{target} {method} {json.dumps(_plain(arguments))}"


def _real(argument: Any) -> Any:
    if isinstance(argument, _Recorder):
        return argument._real
    return [_real(one) for one in argument] if isinstance(argument, list) else argument


def _plain(answer: Any) -> Any:
    if isinstance(answer, (libvirt.virDomain, _Recorder, _Player)):
        return {_DOMAIN: answer.UUIDString()}
    if isinstance(answer, (list, tuple)):
        return [_plain(one) for one in answer]
    if isinstance(answer, dict):
        return {key: _plain(value) for key, value in answer.items()}
    return answer
