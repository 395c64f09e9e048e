"""Servers as processes, and sessions to compare their answers with."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys
from typing import Any

import httpx

import orcinus


@dataclasses.dataclass
class Trained:
    """A checkpoint and the history that it was trained on."""

    checkpoint: pathlib.Path
    events: pathlib.Path
    history: orcinus.Stream

    def session(self, **options: Any) -> orcinus.Session:
        options.setdefault("block_size", 1)
        return orcinus.Session.open(self.checkpoint, self.history, threads=1,
                                    **options)


class Server:
    """A server of its own process on a free port."""

    def __init__(self, trained: Trained, *options: str, state: pathlib.Path,
                 environment: dict[str, str] | None = None,
                 limit_file_bytes: int | None = None):
        command = [sys.executable, "-m", "orcinus", "serve",
                   "--checkpoint", str(trained.checkpoint),
                   "--data", str(trained.events), "--state", str(state),
                   "--port", "0", "--threads", "1", *options]
        if limit_file_bytes is not None:
            # SIGXFSZ is ignored by Python: writes then fail as on a full disk.
            command = ["prlimit", f"--fsize={limit_file_bytes}", *command]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **(environment or {})})
        assert self.process.stdout is not None
        self.greeting = self.process.stdout.readline()
        match = re.match(r"serving (http://\S+) with", self.greeting)
        if match is None:
            _, errors = self.process.communicate(timeout=30)
            raise AssertionError(f"the server did not start: {errors}")
        self.url = match[1]
        self.client = httpx.Client(base_url=self.url, timeout=30)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.client.post(f"/v1/{path}", json=body)

    def ask(self, path: str, **body: Any) -> dict[str, Any]:
        """The answer, which is not an error."""
        answer = self.post(path, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def append(self, *events: tuple) -> dict[str, Any]:
        return self.ask("events", events=[event(*each) for each in events])

    def state(self) -> dict[str, Any]:
        return self.client.get("/v1/state").json()

    def kill(self) -> None:
        """Ends the process at once, as a power switch would."""
        self.process.kill()
        self.process.communicate()
        self.client.close()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Asks it to end: its status, and what it wrote to its error output."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=60)
        self.client.close()
        return self.process.returncode, errors


def event(source: Any, destination: Any, time: Any,
          features: list[float] | None = None) -> dict[str, Any]:
    return {"source": source, "destination": destination, "time": time,
            "features": [0.5, -1.0] if features is None else features}


def fuzz(server: Server, *, examples: int, seed: int, folder: pathlib.Path,
         token: str | None = None) -> subprocess.CompletedProcess:
    """Asks a server what Schemathesis makes of the page of its interface:
    requests that are as the page says, and others that are not. Fails for an
    answer of 5xx, one that the page does not have, and one that refuses what
    the page allows or takes what it forbids."""
    return subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run",
         f"{server.url}/openapi.json", "--checks", "all", "--no-color",
         "--max-examples", str(examples), "--seed", str(seed),
         *(["--header", f"Authorization: Bearer {token}"] if token else [])],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        cwd=folder, timeout=3600)
