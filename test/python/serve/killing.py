"""Servers that are killed under load, and what must then be there."""

from __future__ import annotations

import dataclasses
import pathlib
import random
import threading
import time
from typing import Any

import httpx

import orcinus
from orcinus.serve.durable import Store, identify
from orcinus.serve.engine import Engine, EngineOptions
from orcinus.serve.metrics import Metrics
from .serving import Server, Trained, event


@dataclasses.dataclass
class Request:
    """Events of one request; each has a destination that no other has, so that
    the order of the nodes is that of the events."""

    events: list[dict[str, Any]]
    is_acknowledged: bool = False

    def names(self) -> list[str]:
        return [each["destination"] for each in self.events]


class Campaign:
    """Kills servers of one folder in turn."""

    def __init__(self, trained: Trained, state: pathlib.Path, *,
                 block_size: int = 1, writers: int = 4, readers: int = 2,
                 seed: int = 0):
        self.trained, self.state = trained, state
        self.block_size, self.writers, self.readers = (block_size, writers,
                                                       readers)
        self.random = random.Random(seed)
        #: By writer, in the order in which they were sent.
        self.requests: list[list[Request]] = [[] for _ in range(writers)]
        self.reads = 0
        #: Answers that should not have come.
        self.surprises: list[str] = []

    def start(self) -> Server:
        # Snapshots come often, so that kills fall into them, too.
        return Server(self.trained, "--late-events", "clamp",
                      "--block-size", str(self.block_size),
                      "--snapshot-seconds", "0.05", state=self.state)

    def acknowledged(self) -> int:
        return sum(len(each.events) for requests in self.requests
                   for each in requests if each.is_acknowledged)

    def run(self, kills: int, seconds: float) -> None:
        """Kills ``kills`` servers, each within ``seconds`` after its start."""
        for _ in range(kills):
            server = self.start()
            threads = [threading.Thread(target=self._write, args=(server, each))
                       for each in range(self.writers)]
            threads += [threading.Thread(target=self._read, args=(server,))
                        for _ in range(self.readers)]
            for thread in threads:
                thread.start()
            time.sleep(self.random.uniform(0, seconds))
            server.process.kill()
            for thread in threads:
                thread.join()
            server.kill()
            assert not self.surprises, self.surprises[0]

    def _write(self, server: Server, writer: int) -> None:
        sent = self.requests[writer]
        chance = random.Random(f"{writer} {len(sent)}")
        with httpx.Client(base_url=server.url, timeout=30) as client:
            while True:
                request = Request([
                    event(chance.randrange(200),
                          f"w{writer}-{len(sent)}-{each}",
                          1e6 + len(sent) + chance.random(),
                          [chance.random(), 1.0])
                    for each in range(chance.choice((1, 1, 1, 5)))])
                sent.append(request)
                try:
                    answer = client.post("/v1/events",
                                         json={"events": request.events})
                except httpx.TransportError:
                    return
                request.is_acknowledged = answer.status_code == 200
                self._note(answer)

    def _read(self, server: Server) -> None:
        with httpx.Client(base_url=server.url, timeout=30) as client:
            while True:
                try:
                    answer = client.post("/v1/score", json={"pairs": [
                        {"source": each, "destination": f"w0-{each}-0"}
                        for each in range(20)]})
                except httpx.TransportError:
                    return
                self._note(answer)
                self.reads += 1

    def _note(self, answer: httpx.Response) -> None:
        if answer.status_code != 200:
            self.surprises.append(answer.text)

    # ---- What must be there ----------------------------------------------

    def found(self) -> list[str]:
        """The destinations of the events that the folder has, in order."""
        session = self.trained.session(block_size=self.block_size,
                                       late_events="clamp")
        known = session.num_nodes
        engine = Engine(session, Store(str(self.state), identify(
            str(self.trained.checkpoint), self.trained.history,
            self.block_size, "clamp")), EngineOptions(), Metrics())
        engine.recover()
        names = [str(each) for each in session.names[known:]]
        assert len(names) == engine.state.appended
        engine.start()
        engine.close()
        return names

    def check(self) -> int:
        """That all is there that was acknowledged, requests as a whole, in
        order, and that answers are those of a session that never ended, bit by
        bit. Returns how many events there are."""
        found = self.found()
        place = {name: each for each, name in enumerate(found)}
        assert len(place) == len(found), "an event was taken twice"
        by_name: dict[str, dict[str, Any]] = {}
        for requests in self.requests:
            last = -1
            for request in requests:
                names = request.names()
                by_name.update(zip(names, request.events))
                places = [place.get(name) for name in names]
                if not request.is_acknowledged and places[0] is None:
                    assert places == [None] * len(places), \
                        "a part of a request was taken"
                    continue
                assert places[0] is not None, "an acknowledged event is lost"
                assert places == list(range(places[0], places[0] + len(names)))
                assert places[0] > last, "events have changed their order"
                last = places[0]
        self._check_answers([by_name[name] for name in found])
        return len(found)

    def _check_answers(self, events: list[dict[str, Any]]) -> None:
        session = self.trained.session(block_size=self.block_size,
                                       late_events="clamp")
        self._append(session, events)
        names = list(range(50)) + [each["destination"]
                                   for each in events[::len(events) // 50 + 1]]
        server = self.start()
        try:
            assert server.state()["newest_time"] == session.newest_time
            assert server.ask("embed", nodes=names)["embeddings"] \
                == session.embed(names).tolist()
            pairs = [(a, b) for a in names[:20] for b in names[-20:]]
            assert server.ask("score", pairs=[
                {"source": a, "destination": b} for a, b in pairs])["scores"] \
                == session.score([a for a, _ in pairs],
                                 [b for _, b in pairs]).tolist()
        finally:
            server.kill()

    @staticmethod
    def _append(session: orcinus.Session, events: list[dict[str, Any]]) -> None:
        if events:
            session.append([each["source"] for each in events],
                           [each["destination"] for each in events],
                           [each["time"] for each in events],
                           [each["features"] for each in events])
