#!/usr/bin/env python3
"""Loads, kills and fuzzes servers of a model (docs/serving.md).

    python bench/serve.py --seconds 300
    python bench/serve.py --kills 100
    python bench/serve.py --fuzz 500

The package orcinus is installed with its extra "serve"; --fuzz needs
Schemathesis, too.
"""

from __future__ import annotations

import argparse
import array
import http.client
import json
import multiprocessing
import pathlib
import random
import sys
import tempfile
import time
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent
                       / "test/python"))

import numpy as np

import orcinus
from serve.killing import Campaign
from serve.serving import Server, Trained, fuzz

#: Behind the synthetic history.
START = 1e6


def train(folder: pathlib.Path, nodes: int, events: int, layers: int,
          dim: int) -> Trained:
    orcinus.Stream.synthetic(nodes, events, seed=1, features=2).write(
        folder / "events.csv")
    history = orcinus.Stream.read(folder / "events.csv")
    orcinus.Trainer(history, orcinus.Model("tgn", layers=layers, dim=dim),
                    epochs=1, checkpoint=folder / "checkpoint").fit(
                        progress=False)
    return Trained(folder / "checkpoint", folder / "events.csv", history)


# ---- Load -----------------------------------------------------------------


def client(url: str, kind: str, rows: int, nodes: int, seed: int, until: float,
           results: Any) -> None:
    """Sends one request after the other, until a time of the monotonic clock,
    and puts the seconds that each took into ``results``."""
    host, port = url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    chance = random.Random(seed)
    taken = array.array("d")
    while (start := time.monotonic()) < until:
        pairs = [{"source": chance.randrange(nodes),
                  "destination": chance.randrange(nodes)} for _ in range(rows)]
        if kind == "events":
            for each in pairs:
                # The server puts those of many clients into order.
                each |= {"time": START + start, "features": [0.5, 1.0]}
        connection.request(
            "POST", f"/v1/{kind}",
            json.dumps({"events" if kind == "events" else "pairs": pairs}),
            {"content-type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            results.put((kind, text.decode()))
            return
        taken.append(time.monotonic() - start)
    results.put((kind, taken))


def resident(process: int) -> int:
    """Bytes of memory that a process has."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"the process {process} has no memory")


def load(trained: Trained, folder: pathlib.Path,
         given: argparse.Namespace) -> None:
    server = Server(trained, "--late-events", "clamp", "--snapshot-seconds",
                    str(given.snapshot_seconds), state=folder / "load")
    before = server.state()["events"]
    results: Any = multiprocessing.Queue()
    start = time.monotonic()
    kinds = ["events"] * given.appenders + ["score"] * given.scorers
    clients = [multiprocessing.Process(target=client, args=(
        server.url, kind, given.rows, given.nodes, seed, start + given.seconds,
        results)) for seed, kind in enumerate(kinds)]
    for each in clients:
        each.start()
    memory = []
    while time.monotonic() < start + given.seconds:
        time.sleep(1)
        memory.append((server.state()["events"],
                       resident(server.process.pid)))
    taken: dict[str, list[array.array]] = {}
    for _ in clients:
        kind, seconds = results.get()
        if isinstance(seconds, str):
            sys.exit(f"a request failed: {seconds}")
        taken.setdefault(kind, []).append(seconds)
    for each in clients:
        each.join()
    state = server.state()
    print(f"{given.seconds:g} s, {given.rows} rows a request")
    for kind, all_taken in taken.items():
        milliseconds = 1000 * np.concatenate(all_taken)
        median, high = np.percentile(milliseconds, [50, 99])
        print(f"{kind}: {len(all_taken)} clients, "
              f"{len(milliseconds) / given.seconds:.0f} requests/s, "
              f"{len(milliseconds) * given.rows / given.seconds:.0f} rows/s, "
              f"median {median:.2f} ms, 99 % {high:.2f} ms, "
              f"longest {milliseconds.max():.0f} ms")
    if "events" in taken:
        requests = sum(map(len, taken["events"]))
        print(f"log: {requests / state['records']:.1f} requests a record, "
              f"{state['events'] - before} events")
    tenth = len(memory) // 10
    (early, first), (late, last) = memory[tenth], memory[-1]
    print(f"memory: {last / first:.3f} times that of after a tenth of the time"
          + (f", {(last - first) / (late - early):.0f} bytes more an event"
             if late > early else ""))
    status, errors = server.stop()
    print(errors, end="")
    if status != 0:
        sys.exit(f"the server ended with {status}")


# ---- Kills and malformed requests -----------------------------------------


def kill(trained: Trained, folder: pathlib.Path, kills: int) -> None:
    campaign = Campaign(trained, folder / "kill")
    for done in range(0, kills, 10):
        campaign.run(min(10, kills - done), seconds=1)
        print(f"{min(done + 10, kills)} kills, {campaign.acknowledged()} "
              "events acknowledged", flush=True)
    found = campaign.check()
    print(f"{found} events are there, none acknowledged is lost, answers are "
          "those of a session that never ended")


def fuzz_both(trained: Trained, folder: pathlib.Path, examples: int) -> None:
    for name, options in (
            ("clamping", ["--late-events", "clamp", "--early-queries",
                          "clamp"]), ("refusing", [])):
        server = Server(trained, *options, state=folder / name)
        done = fuzz(server, examples=examples, seed=examples, folder=folder)
        print(f"{name}:", done.stdout[-600:])
        server.stop()
        if done.returncode != 0:
            sys.exit(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, help="load a server so long")
    parser.add_argument("--appenders", type=int, default=2)
    parser.add_argument("--scorers", type=int, default=2)
    parser.add_argument("--rows", type=int, default=10,
                        help="events or pairs of a request (10)")
    parser.add_argument("--snapshot-seconds", type=float, default=60)
    parser.add_argument("--kills", type=int, help="kill so many servers")
    parser.add_argument("--fuzz", type=int, metavar="EXAMPLES",
                        help="send malformed requests to each endpoint")
    parser.add_argument("--nodes", type=int, default=2000)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--dim", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="orcinus-serve-") as name:
        folder = pathlib.Path(name)
        trained = train(folder, given.nodes, given.events, given.layers,
                        given.dim)
        if given.seconds:
            load(trained, folder, given)
        if given.kills:
            kill(trained, folder, given.kills)
        if given.fuzz:
            fuzz_both(trained, folder, given.fuzz)


if __name__ == "__main__":
    main()
