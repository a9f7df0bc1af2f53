"""Monitors that answer as they are told, or do not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any


def greeting(version: tuple[int, int] = (7, 2)) -> bytes:
    """What a QEMU of that *version* says first."""
    qemu = {"micro": 0, "minor": version[1], "major": version[0]}
    return json.dumps({"QMP": {"version": {"qemu": qemu, "package": ""}, "capabilities": []}}).encode() + b"\r\n"


class Monitor:
    """One socket that serves one client at a time, as QEMU's do."""

    def __init__(self, path: Path, answers: dict[str, Any]) -> None:
        """Listen at *path*; *answers* are by command, an exception being an error of that class."""
        self.path = path
        self.answers = answers
        self.version = (7, 2)
        #: What it says first, if not what a QEMU of that version does.
        self.greeting: bytes | None = None
        #: Every command that was given.
        self.given: list[dict[str, Any]] = []
        #: What it does with a client instead of serving it.
        self.instead: Callable[[socket.socket], None] | None = None
        self._clients: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._over = False
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Let go of everybody."""
        self._over = True
        # Wakes the thread that waits for a client, which close() alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for client in self._clients:
            client.close()
        self.path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while not self._over:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._clients = [client]
            try:
                (self.instead or self._answer)(client)
            except OSError:  # the client has gone
                pass
            finally:
                client.close()

    def _answer(self, client: socket.socket) -> None:
        client.sendall(self.greeting or greeting(self.version))
        with client.makefile("rb") as lines:
            for line in lines:
                command = json.loads(line)
                self.given.append(command)
                client.sendall(json.dumps(self._said(command)).encode() + b"\r\n")

    def _said(self, command: dict[str, Any]) -> dict[str, Any]:
        name = command["execute"]
        if name == "qmp_capabilities":
            return {"return": {}, "id": command["id"]}
        for key in (
            f"{name} {command.get('arguments', {}).get('property') or command.get('arguments', {}).get('path')}",
            name,
        ):
            if key in self.answers:
                answer = self.answers[key]
                if isinstance(answer, tuple):
                    return {"error": {"class": answer[0], "desc": answer[1]}, "id": command["id"]}
                return {"return": answer, "id": command["id"]}
        return {"error": {"class": "CommandNotFound", "desc": f"no {name}"}, "id": command["id"]}
