"""A small checkpoint and servers of it."""

from __future__ import annotations

import pathlib
from typing import Iterator

import pytest

import orcinus

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")
pytest.importorskip("prometheus_client")

from .serving import Server, Trained


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A model of 16 numbers a node, and its history."""
    folder = tmp_path_factory.mktemp("trained")
    made = orcinus.Stream.synthetic(200, 4000, seed=1, features=2)
    made.write(folder / "events.csv")
    history = orcinus.Stream.read(folder / "events.csv")
    trainer = orcinus.Trainer(
        history, orcinus.Model("tgn", layers=1, dim=16), epochs=2, threads=1,
        checkpoint=folder / "checkpoint")
    trainer.fit(progress=False)
    return Trained(folder / "checkpoint", folder / "events.csv", history)


@pytest.fixture
def state(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "state"


@pytest.fixture
def serve(trained: Trained, state: pathlib.Path) -> Iterator:
    """Starts servers, which end with the test."""
    servers: list[Server] = []

    def start(*options: str, **more) -> Server:
        more.setdefault("state", state)
        servers.append(Server(trained, *options, **more))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
