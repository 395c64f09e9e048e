"""What servers answer, each a process of its own."""

from __future__ import annotations

import concurrent.futures
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
from typing import Any, Callable

import httpx
import numpy as np
import pytest

import orcinus
from .serving import Server, Trained, event

#: The synthetic history ends before it.
AFTER = 1e6


def appended(session: orcinus.Session, *events: tuple) -> orcinus.Session:
    for source, destination, when in events:
        session.append(source, destination, when, [0.5, -1.0])
    return session


def some_events(count: int, start: float = AFTER) -> list[tuple]:
    """Between known nodes and new ones."""
    rng = np.random.default_rng(count)
    return [(int(rng.integers(200)), f"new{rng.integers(50)}"
             if each % 3 == 0 else int(rng.integers(200)), start + each)
            for each in range(count)]


# ---- Answers --------------------------------------------------------------


@pytest.mark.parametrize("block_size", [1, 7, 200])
def test_answers_are_those_of_a_session(trained: Trained,
                                        serve: Callable[..., Server],
                                        block_size: int) -> None:
    server = serve("--block-size", str(block_size))
    events = some_events(60)
    server.append(*events[:1])
    server.append(*events[1:20])
    server.ask("score", pairs=[{"source": 1, "destination": 2}])
    server.append(*events[20:])
    session = appended(trained.session(block_size=block_size), *events)

    names = [1, 2, "new0", "new1", 17, "nobody"]
    later = AFTER + 1000
    pairs = [(a, b) for a in names for b in names]
    for when in (None, later, "1970-01-13T00:00:00.5Z"):
        answer = server.ask("score", logits=True, pairs=[
            {"source": a, "destination": b, "time": when} for a, b in pairs])
        expected = session.score(
            [a for a, _ in pairs], [b for _, b in pairs],
            np.datetime64("1970-01-13T00:00:00.5")
            if isinstance(when, str) else when)
        assert answer["scores"] == expected.tolist()
        assert answer["events"] == len(session)
        assert len(answer["logits"]) == len(pairs)
    top = server.ask("top", source=17, k=5, time=later)["top"]
    assert [(each["destination"], each["score"]) for each in top] \
        == session.top_k(17, 5, later)
    chosen = ["new1", 3, "x"]
    top = server.ask("top", source="new0", k=9, candidates=chosen)["top"]
    assert [(each["destination"], each["score"]) for each in top] \
        == session.top_k("new0", 9, None, chosen)
    assert server.ask("embed", nodes=names)["embeddings"] \
        == session.embed(names).tolist()
    state = server.state()
    assert (state["events"], state["appended"], state["nodes"]) \
        == (len(session), 60, session.num_nodes)
    assert state["newest_time"] == session.newest_time


def test_times_of_one_request_may_be_of_all_kinds(
        trained: Trained, serve: Callable[..., Server]) -> None:
    session = trained.session()
    times = [None, 50000.0, "1970-01-02T00:00:00Z", None, 60000.5,
             "1970-01-03T00:00:00+01:00"]
    answer = serve().ask("score", pairs=[
        {"source": 1, "destination": place, "time": each}
        for place, each in enumerate(times)])
    seconds = [None, 50000.0, 86400.0, None, 60000.5, 2 * 86400.0 - 3600]
    assert answer["scores"] == [
        session.score(1, place, each) for place, each in enumerate(seconds)]


def test_requests_at_once_are_answered_as_alone(
        trained: Trained, serve: Callable[..., Server]) -> None:
    server, session = serve(), trained.session()
    names = range(1, 101)
    bad = {"source": 1, "destination": 2, "time": 0}

    def ask(name: int) -> Any:
        # What is wrong with one request is no other's concern.
        pairs = [{"source": name, "destination": 2}]
        return server.post("score", pairs=pairs + [bad] * (name % 5 == 0))

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(ask, names))
    for name, answer in zip(names, answers):
        if name % 5 == 0:
            assert answer.status_code == 409
            assert "query 1 is about 0 s" in answer.json()["error"]
        else:
            assert answer.json()["scores"] == [session.score(name, 2)]


def test_events_that_come_at_once_share_records(
        serve: Callable[..., Server]) -> None:
    server = serve("--late-events", "clamp")
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(
            lambda each: server.append((each, f"n{each}", AFTER)), range(400)))
    assert sorted(each["events"] for each in answers) \
        == list(range(4001, 4401))
    # Fewer records are synced than requests are acknowledged.
    assert server.state()["records"] < 400


def test_bad_bodies_are_refused_and_change_nothing(
        serve: Callable[..., Server]) -> None:
    server = serve("--max-rows", "100", "--max-body", "20000")
    good = event(1, 2, AFTER)
    pair = {"source": 1, "destination": 2}

    def without(key: str) -> dict[str, Any]:
        return {name: value for name, value in good.items() if name != key}

    for path, body, status, message in [
            ("events", {}, 422, "events: Field required"),
            ("events", {"events": []}, 422, "at least 1"),
            ("events", {"events": [good], "more": 1}, 422, "more: Extra"),
            ("events", {"events": [without("time")]}, 422,
             "events.0.time: Field required"),
            ("events", {"events": [without("features")]}, 422,
             "event 0 has 0 features, but those of the history have 2"),
            ("events", {"events": [good, event(1, 2, AFTER, [1.0])]}, 422,
             "event 1 has 1 features"),
            ("events", {"events": [good, event(1, 2, AFTER, [1.0, -2e9])]}, 422,
             "event 1 has a feature that is further from 0 than 1e+09"),
            ("events", {"events": [event(1, 2, AFTER, [1.0, True])]}, 422,
             "features.1"),
            ("events", {"events": [event(1, 2, AFTER, ["1", 2.0])]}, 422,
             "features.0"),
            ("events", {"events": [event("", 2, AFTER)]}, 422, "source"),
            ("events", {"events": [event("x" * 257, 2, AFTER)]}, 422,
             "1 to 256 characters"),
            ("events", {"events": [event(True, 2, AFTER)]}, 422,
             "a whole number or text"),
            ("events", {"events": [event(1.5, 2, AFTER)]}, 422,
             "events.0.source: a node is a whole number or text: give any other "
             "name as text"),
            ("events", {"events": [event(None, 2, AFTER)]}, 422,
             "a whole number or text"),
            ("events", {"events": [event([1], 2, AFTER)]}, 422,
             "a whole number or text"),
            ("events", {"events": [event(2**53, 2, AFTER)]}, 422,
             "larger than JSON keeps: give it as text"),
            ("events", {"events": [event(1, 1e20, AFTER)]}, 422,
             "larger than JSON keeps: give it as text"),
            ("score", {"pairs": [{**pair, "source": -1e20}]}, 422,
             "larger than JSON keeps: give it as text"),
            ("top", {"source": 0.5}, 422, "give any other name as text"),
            ("top", {"source": 1, "candidates": [1, 2.5]}, 422,
             "candidates.1: a node is a whole number or text"),
            ("embed", {"nodes": [float(2**53)]}, 422, "give it as text"),
            ("events", {"events": [event(1, 2, None)]}, 422,
             "an event has a time"),
            ("events", {"events": [event(1, 2, "soon")]}, 422,
             "'soon' is no time"),
            ("events", {"events": [event(1, 2, "2024-02-30T00:00:00Z")]}, 422,
             "is no time"),
            ("events", {"events": [event(1, 2, "0001-01-01")]}, 409,
             "event 0 is at -62135596800 s"),
            ("events", {"events": [event(1, 2, 1e300)]}, 422, "at most 1e+15"),
            ("events", {"events": [event(1, 2, 10**400)]}, 422,
             "at most 1e+15"),
            ("events", {"events": [event(1, 2, 5)]}, 409,
             "event 0 is at 5 s, before the newest one at 37786 s"),
            ("events", {"events": [good, event(1, 2, AFTER - 1)]}, 409,
             "event 1 is at 999999 s, before the newest one at 1000000 s"),
            ("events", {"events": [good] * 101}, 422,
             "there are 101 events, but a request may have 100"),
            ("events", {"events": [event("x" * 200, "y" * 200, AFTER)] * 99},
             413, "more than 20000 bytes"),
            ("score", {"pairs": [pair] * 101}, 422, "101 pairs"),
            ("score", {"pairs": [pair], "logits": 1}, 422, "logits"),
            ("score", {"pairs": [{**pair, "time": 37786}]}, 409,
             "not after the newest event"),
            ("score", {"pairs": pair}, 422, "pairs"),
            ("top", {"source": 1, "k": 0}, 422, "k: "),
            ("top", {"source": 1, "k": -3}, 422, "k: "),
            ("top", {"source": 1, "k": 2.5}, 422, "k: "),
            ("top", {"source": 1, "k": True}, 422, "k: "),
            ("top", {"source": 1, "k": "2"}, 422, "k: "),
            ("top", {"source": 1, "k": 10**30}, 422, "k: "),
            ("top", {"source": 1, "candidates": []}, 422, "candidates"),
            ("top", {"source": 1, "candidates": [1] * 101}, 422,
             "101 candidates"),
            ("embed", {"nodes": [1] * 101}, 422, "101 nodes"),
            ("embed", {"nodes": "all"}, 422, "nodes"),
            ("embed", {"nodes": [1], "time": [1]}, 422, "time"),
    ]:
        answer = server.post(path, **body)
        assert answer.status_code == status, (body, answer.text)
        assert message in answer.json()["error"], (body, answer.text)
        assert "\n" not in answer.json()["error"]
    assert server.state()["events"] == 4000
    assert server.state()["records"] == 0


@pytest.mark.parametrize("body, status, message", [
    (b"", 422, "Field required"),
    (b"{", 400, "not JSON"),
    (b"\xff\xfe", 400, "not JSON"),
    (b"null", 422, ""),
    (b"[]", 422, ""),
    (b'"text"', 422, ""),
    (b"[" * 100_000, 400, "nested too deeply"),
    (b'{"a":' * 20_000, 400, "nested too deeply"),
    (b'{"nodes":[' + b"1" * 5000 + b"]}", 400, "not JSON"),
    (b'{"nodes":[1],"nodes":[2]}', 400, "the same key twice"),
    (b'{"nodes":[1],"time":NaN}', 400, "NaN is not JSON"),
    (b'{"nodes":[1],"time":-Infinity}', 400, "-Infinity is not JSON"),
    (b'{"nodes":[1],"time":1e999}', 422, "at most 1e+15"),
    (b'{"nodes":[1e999]}', 422, "give any other name as text"),
    (b'{"nodes":[1E+20]}', 422, "give it as text"),
    (b'{"nodes":["\\ud800"]}', 422, "half of a surrogate pair"),
    (b'{"\\ud800":1}', 422, "unicode"),
    (b'{"nodes":[1],"a\\nb":1}', 422, "a?b: Extra inputs"),
    ('{"nodes":[1]}'.encode("utf-16"), 400, "not JSON"),
])
def test_bodies_that_are_not_json_are_refused(
        shared: Server, body: bytes, status: int, message: str) -> None:
    answer = shared.client.post(
        "/v1/embed", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert message in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


@pytest.fixture(scope="module")
def shared(trained: Trained, tmp_path_factory: pytest.TempPathFactory):
    """A server that nothing is appended to."""
    server = Server(trained, state=tmp_path_factory.mktemp("shared"))
    yield server
    server.kill()


@pytest.mark.parametrize("kind", [
    None, "text/plain", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "application/json5", "é"])
def test_other_types_of_content_are_refused(shared: Server,
                                            kind: str | None) -> None:
    answer = shared.client.post(
        "/v1/embed", content=b'{"nodes":[1]}',
        headers=[] if kind is None else [(b"content-type", kind.encode())])
    assert answer.status_code == 415
    assert "application/json" in answer.json()["error"]


@pytest.mark.parametrize("kind", [
    "application/json", "Application/JSON; charset=utf-8"])
def test_json_is_taken(shared: Server, kind: str) -> None:
    answer = shared.client.post("/v1/embed", content=b'{"nodes":[1]}',
                                headers={"content-type": kind})
    assert answer.status_code == 200


def test_numbers_and_text_name_the_same_node(shared: Server) -> None:
    rows = shared.ask("embed", nodes=[17, "17", 17.0])["embeddings"]
    assert rows[0] == rows[1] == rows[2]
    answer = shared.ask("top", source=17.0, candidates=[7.0, 9007199254740991])
    assert {each["destination"] for each in answer["top"]} \
        == {7, 9007199254740991}


def test_numbers_that_json_rounds_are_text_in_answers(shared: Server) -> None:
    answer = shared.ask("top", source=1, candidates=["9007199254740992"])
    assert answer["top"][0]["destination"] == "9007199254740992"


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/v1/score", 405), ("DELETE", "/v1/events", 405),
    ("POST", "/v1/nothing", 404), ("GET", "/", 404),
    ("POST", "/v1/predict", 404), ("GET", "/v1/score/", 404),
    ("GET", "/%ff%00", 404)])
def test_other_paths_and_methods(shared: Server, method: str, path: str,
                                 status: int) -> None:
    answer = shared.client.request(method, path)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]


def test_the_page_of_the_interface(shared: Server) -> None:
    page = shared.client.get("/openapi.json").json()
    assert sorted(page["paths"]) == [
        "/health", "/metrics", "/v1/embed", "/v1/events", "/v1/score",
        "/v1/state", "/v1/top"]
    for path, methods in page["paths"].items():
        for method in methods.values():
            assert method["description"]
            assert method["responses"]["200"]["content"]
            if path in ("/v1/events", "/v1/score", "/v1/top", "/v1/embed"):
                assert {"400", "409", "413", "415", "422", "429", "503"} \
                    < set(method["responses"])
    for name in ("AppendRequest", "ScoreRequest", "TopRequest",
                 "NodesRequest"):
        schema = page["components"]["schemas"][name]
        assert schema["examples"] and not schema["additionalProperties"]
    assert "swagger" in shared.client.get("/docs").text


def test_the_examples_of_the_page_are_answered(
        trained: Trained, tmp_path: pathlib.Path) -> None:
    plain = orcinus.Stream.synthetic(50, 500, seed=2)
    plain.write(tmp_path / "plain.csv")
    history = orcinus.Stream.read(tmp_path / "plain.csv")
    orcinus.Trainer(history, orcinus.Model("tgn", layers=1, dim=16), epochs=1,
                    threads=1, checkpoint=tmp_path / "checkpoint").fit(
                        progress=False)
    server = Server(Trained(tmp_path / "checkpoint", tmp_path / "plain.csv",
                            history), state=tmp_path / "state")
    try:
        page = server.client.get("/openapi.json").json()
        for path, methods in page["paths"].items():
            for method, operation in methods.items():
                if method != "post":
                    continue
                name = operation["requestBody"]["content"]["application/json"][
                    "schema"]["$ref"].rpartition("/")[2]
                for example in page["components"]["schemas"][name]["examples"]:
                    answer = server.client.post(path, json=example)
                    assert answer.status_code == 200, (path, answer.text)
    finally:
        server.kill()


def test_a_model_of_a_task_of_nodes_predicts(tmp_path: pathlib.Path) -> None:
    rng = np.random.default_rng(0)
    pairs = zip(rng.integers(50, size=1000), rng.integers(50, size=1000))
    (tmp_path / "events.csv").write_text(
        "source,destination,time,class\n" + "".join(
            f"{a},{50 + b},{time},{'xyz'[a % 3]}\n"
            for time, (a, b) in enumerate(pairs)))
    history = orcinus.Stream.read(tmp_path / "events.csv",
                                  label_columns="class")
    task = "node-classification"
    orcinus.Trainer(history, orcinus.Model("tgn", layers=1, dim=16, task=task),
                    labels=history.labels(task), epochs=1, threads=1,
                    checkpoint=tmp_path / "checkpoint").fit(progress=False)
    trained = Trained(tmp_path / "checkpoint", tmp_path / "events.csv", history)
    server = Server(trained, "--label-columns", "class",
                    state=tmp_path / "state")
    try:
        assert server.state()["task"] == task
        paths = server.client.get("/openapi.json").json()["paths"]
        assert "/v1/predict" in paths and "/v1/score" not in paths
        assert server.post("score", pairs=[]).status_code == 404
        session = trained.session()
        session.append(1, "new", 2000.0)
        server.ask("events", events=[
            {"source": 1, "destination": "new", "time": 2000}])
        names = [1, 60, "new", "nobody"]
        answer = server.ask("predict", nodes=names)["predictions"]
        assert answer == session.predict(names).tolist()
        assert len(answer[0]) == 3
    finally:
        server.kill()


def test_metrics(serve: Callable[..., Server]) -> None:
    server = serve()
    server.append((1, 2, AFTER), (1, 3, AFTER))
    server.ask("score", pairs=[{"source": 1, "destination": 2}] * 3)
    server.post("score", pairs=[])
    server.client.get("/wp-login.php")
    text = server.client.get("/metrics").text
    for line in ('orcinus_requests_total{code="200",endpoint="/v1/events"} 1.0',
                 'orcinus_requests_total{code="422",endpoint="/v1/score"} 1.0',
                 'orcinus_requests_total{code="404",endpoint="other"} 1.0',
                 "orcinus_appended_events_total 2.0", "orcinus_events 4002.0",
                 'orcinus_call_rows_sum{call="score"} 3.0',
                 "orcinus_waiting_requests 0.0"):
        assert line in text
    assert "process_resident_memory_bytes" in text


# ---- Tokens ---------------------------------------------------------------


@pytest.mark.parametrize("by_file", [True, False])
def test_a_token_is_needed_where_there_is_one(
        serve: Callable[..., Server], tmp_path: pathlib.Path,
        by_file: bool) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    server = serve(*(["--token-file", str(tmp_path / "token")]
                     if by_file else []),
                   environment={} if by_file else {"ORCINUS_TOKEN": "s3cret"})
    body = {"nodes": [1]}
    for header in (None, "", "s3cret", "Basic s3cret", "Bearer",
                   "Bearer S3cret", "Bearer s3cre", "Bearer s3cret1",
                   "Bearer s3cret x"):
        answer = server.client.post(
            "/v1/embed", json=body,
            headers=[] if header is None else [("authorization", header)])
        assert answer.status_code == 401, header
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "token" in answer.json()["error"]
    for path in ("/v1/state", "/metrics", "/nothing"):
        assert server.client.get(path).status_code == 401
    answer = server.client.post("/v1/embed", json=body, headers=[
        (b"authorization", b"Bearer \xff\xc3\xa9")])
    assert answer.status_code == 401
    for header in ("Bearer s3cret", "bearer s3cret"):
        answer = server.client.post("/v1/embed", json=body,
                                    headers={"authorization": header})
        assert answer.status_code == 200
    for path in ("/health", "/openapi.json", "/docs"):
        assert server.client.get(path).status_code == 200
    page = server.client.get("/openapi.json").json()
    assert page["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert page["paths"]["/v1/embed"]["post"]["security"] == [{"token": []}]
    assert "401" in page["paths"]["/v1/state"]["get"]["responses"]


# ---- Limits ---------------------------------------------------------------


def test_a_body_without_a_length_is_bounded(
        serve: Callable[..., Server]) -> None:
    server = serve("--max-body", "1000")

    def parts():
        for _ in range(200):
            yield b" " * 100

    answer = server.client.post(
        "/v1/embed", content=parts(),
        headers={"content-type": "application/json"})
    assert answer.status_code == 413
    # Far more than the limit is not even read.
    answer = server.client.post(
        "/v1/embed", content=b" " * 100_000,
        headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert server.ask("embed", nodes=[1])


def test_a_body_that_does_not_come_is_given_up(
        serve: Callable[..., Server]) -> None:
    server = serve("--timeout", "0.5")
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as slow:
        slow.sendall(b"POST /v1/embed HTTP/1.1\r\nHost: x\r\nContent-Type: "
                     b"application/json\r\nContent-Length: 100\r\n\r\n{")
        start = time.monotonic()
        answer = slow.recv(10_000)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - start < 10
    # Others did not wait for it.
    assert server.ask("embed", nodes=[1])


def test_bodies_that_are_there_at_once_are_bounded(
        serve: Callable[..., Server]) -> None:
    server = serve("--max-body", "1000")
    host, port = server.url.removeprefix("http://").split(":")
    slow = []
    for _ in range(40):
        slow.append(socket.create_connection((host, int(port)), timeout=20))
        slow[-1].sendall(
            b"POST /v1/embed HTTP/1.1\r\nHost: x\r\nContent-Type: "
            b"application/json\r\nContent-Length: 1000\r\n\r\n" + b" " * 900)
    # More than 32 times the largest body.
    assert slow[-1].recv(100).startswith(b"HTTP/1.1 429 ")
    for each in slow:
        each.close()
    deadline = time.monotonic() + 20
    while server.post("embed", nodes=[1] * 300).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    # What was held is given back, and is there again for as many.
    for _ in range(100):
        server.ask("embed", nodes=[1] * 300)


def test_clients_that_leave_are_no_fault(serve: Callable[..., Server]) -> None:
    server = serve()
    host, port = server.url.removeprefix("http://").split(":")
    body = json.dumps({"events": [event(1, 2, AFTER)]}).encode()
    head = (b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: "
            b"application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
    for sent in (head[:20], head, head + body[:10], head + body):
        with socket.create_connection((host, int(port)), timeout=20) as left:
            left.sendall(sent)
    deadline = time.monotonic() + 20
    while server.state()["appended"] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert 'code="500"' not in server.client.get("/metrics").text
    status, errors = server.stop()
    assert status == 0 and "Traceback" not in errors


def test_too_many_that_wait_are_refused(serve: Callable[..., Server]) -> None:
    server = serve("--max-waiting", "2")
    many = [{"source": each % 200, "destination": each % 199}
            for each in range(5000)]
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(
            lambda _: server.post("score", pairs=many), range(80)))
    codes = {each.status_code for each in answers}
    assert codes <= {200, 429} and 200 in codes
    for each in answers:
        if each.status_code == 429:
            assert each.headers["retry-after"]
            assert "too many requests wait" in each.json()["error"]
    assert server.ask("embed", nodes=[1])


# ---- Keeping --------------------------------------------------------------


@pytest.mark.parametrize("is_killed", [True, False])
def test_a_full_disk_is_told_and_nothing_is_lost(
        trained: Trained, serve: Callable[..., Server], state: pathlib.Path,
        is_killed: bool) -> None:
    server = serve(limit_file_bytes=3000)
    taken = []
    refused = 0
    for each in some_events(60):
        answer = server.post("events", events=[event(*each)])
        if answer.status_code == 200:
            taken.append(each)
        else:
            assert answer.status_code == 503, answer.text
            assert "File too large" in answer.json()["error"]
            refused += 1
    assert taken and refused
    # What was refused is not known.
    assert server.state()["appended"] == len(taken)
    expected = appended(trained.session(), *taken).score([1, 2], ["new0", 3])
    pairs = [{"source": 1, "destination": "new0"},
             {"source": 2, "destination": 3}]
    assert server.ask("score", pairs=pairs)["scores"] == expected.tolist()
    if is_killed:
        server.kill()
    else:
        # There is no room for a snapshot: the log stays.
        status, errors = server.stop()
        assert status == 0 and "orcinus: warning: cannot write" in errors
    server = serve()
    assert server.state()["appended"] == len(taken)
    assert server.ask("score", pairs=pairs)["scores"] == expected.tolist()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_a_snapshot(
        trained: Trained, serve: Callable[..., Server], state: pathlib.Path,
        number: int) -> None:
    server = serve()
    server.append(*some_events(30))
    before = server.ask("embed", nodes=[1, "new0"])
    assert server.stop(number) == (0, "")
    assert sorted(os.listdir(state)) == ["lock", "log-1", "snapshot-1"]
    server = serve()
    assert "4030 events, of which 30 were appended" in server.greeting
    assert server.ask("embed", nodes=[1, "new0"]) == before
    # Nothing is new: nothing is written.
    assert server.stop() == (0, "")
    assert sorted(os.listdir(state)) == ["lock", "log-1", "snapshot-1"]


def test_requests_that_are_there_are_answered_at_the_end(
        serve: Callable[..., Server]) -> None:
    # The signal may come while a snapshot is written.
    server = serve("--late-events", "clamp", "--snapshot-seconds", "0.01")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        def append(each: int) -> int | None:
            try:
                return server.post("events", events=[
                    event(each, f"n{each}", AFTER)]).status_code
            except httpx.TransportError:
                # It came too late to be taken at all.
                return None
        answers = [pool.submit(append, each) for each in range(300)]
        while not any(each.done() for each in answers):
            time.sleep(0.01)
        status, errors = server.stop()
    codes = [each.result() for each in answers]
    assert (status, errors) == (0, "")
    assert set(codes) <= {200, 503, None}
    assert serve("--late-events", "clamp").state()["appended"] \
        >= codes.count(200) > 0


def test_snapshots_are_written_while_it_serves(
        serve: Callable[..., Server], state: pathlib.Path) -> None:
    server = serve("--snapshot-seconds", "0.2")
    for each in some_events(20):
        server.append(each)
        time.sleep(0.05)
    deadline = time.monotonic() + 20
    while server.state()["snapshot_record"] < 20:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert sorted(os.listdir(state)) == ["lock", "log-20", "snapshot-20"]
    assert 'orcinus_snapshots_total{result="failed"} 0.0' \
        in server.client.get("/metrics").text


def test_events_of_one_request_may_have_times_of_all_kinds(
        trained: Trained, serve: Callable[..., Server]) -> None:
    server, session = serve(), trained.session()
    server.append((1, "new", AFTER), (2, "new", "1970-01-13T00:00:00.5Z"))
    appended(session, (1, "new", AFTER), (2, "new", 12 * 86400 + 0.5))
    assert server.ask("embed", nodes=[1, 2])["embeddings"] \
        == session.embed([1, 2]).tolist()
    assert server.post("events", events=[
        event(1, 2, "1970-01-13"), event(1, 2, 2e6)]).status_code == 409


def test_late_events_are_clamped_where_that_is_wished(
        trained: Trained, serve: Callable[..., Server]) -> None:
    server = serve("--late-events", "clamp", "--early-queries", "clamp")
    events = [(1, "new", AFTER), (2, "new", 5), (3, "newer", AFTER + 1)]
    server.append(*events)
    session = appended(trained.session(late_events="clamp"), *events)
    for when in (None, 5, AFTER + 1, "1970-01-01"):
        answer = server.ask("score", pairs=[
            {"source": 3, "destination": "new", "time": when}])
        assert answer["scores"] == [session.score(3, "new")]
    top = server.ask("top", source=3, k=1, time=0)["top"]
    assert top[0]["score"] == session.top_k(3, 1)[0][1]


def test_an_event_far_ahead_is_refused_where_that_is_wished(
        serve: Callable[..., Server]) -> None:
    server = serve("--max-gap", "1e6")
    server.append((1, 2, AFTER), (1, 2, AFTER + 1e6))
    answer = server.post("events", events=[event(1, 2, AFTER + 1e6),
                                           event(1, 2, AFTER * 1000)])
    assert answer.status_code == 409
    assert answer.json()["error"] == (
        "event 1 is at 1000000000 s, more than 1000000 s after the newest one "
        "at 2000000 s")
    assert server.state()["appended"] == 2


def test_dates_go_through_the_log(trained: Trained,
                                  serve: Callable[..., Server]) -> None:
    server = serve()
    dates = ["1999-12-31T23:59:59.123456789Z", "2000-01-01 00:00:00+00:00",
             "2000-01-01T00:00:00.000000001Z"]
    for each in dates:
        server.append((1, "new", each))
    assert server.post("events", events=[event(1, 2, dates[0])]) \
        .status_code == 409
    before = server.ask("embed", nodes=[1, "new"])
    server.kill()
    session = trained.session()
    for each in dates:
        session.append(1, "new", np.datetime64(
            each.removesuffix("Z").removesuffix("+00:00"), "ns"), [0.5, -1.0])
    again = serve()
    assert again.ask("embed", nodes=[1, "new"]) == before
    assert before["embeddings"] == session.embed([1, "new"]).tolist()


# ---- The command ----------------------------------------------------------


def run(*options: object, **more: Any) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "orcinus", "serve", *map(str, options)],
        capture_output=True, text=True, timeout=120, **more)


def test_the_command_line_is_checked(trained: Trained,
                                     tmp_path: pathlib.Path) -> None:
    needed = ["--checkpoint", trained.checkpoint, "--data", trained.events]
    for options, status, message in [
            ([], 2, "--checkpoint"),
            ([*needed, "--port", "70000"], 2, "invalid port value: '70000'"),
            ([*needed, "--block-size", "0"], 2, "invalid count value: '0'"),
            ([*needed, "--timeout", "-1"], 2, "invalid number of seconds"),
            ([*needed, "--late-events", "drop"], 2, "invalid choice"),
            ([*needed, "--like"], 2, "unrecognized arguments: --like"),
            (["--checkpoint", tmp_path, "--data", trained.events], 1,
             "orcinus: error: "),
            (["--checkpoint", trained.checkpoint, "--data",
              tmp_path / "nothing.csv"], 1, "orcinus: error: "),
            ([*needed, "--token-file", tmp_path / "nothing"], 1,
             "cannot read"),
            ([*needed, "--host", "no.such.host.invalid"], 1, "cannot listen"),
    ]:
        done = run(*options)
        assert done.returncode == status, done.stderr
        assert message in done.stderr
        assert status == 2 or done.stderr.count("\n") == 1, done.stderr
    assert "--token-file" in run("--help").stdout


def test_what_is_not_installed_is_named(trained: Trained) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.modules['uvicorn'] = None\n"
         "from orcinus.serve import command\n"
         f"command.main(['--checkpoint', '{trained.checkpoint}', '--data', "
         f"'{trained.events}'])"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == ("orcinus: error: serving needs the package uvicorn: "
                           "pip install 'orcinus[serve]'\n")


def test_an_empty_token_is_an_error(trained: Trained) -> None:
    done = run("--checkpoint", trained.checkpoint, "--data", trained.events,
               env={**os.environ, "ORCINUS_TOKEN": " "})
    assert done.returncode == 1
    assert "the token in ORCINUS_TOKEN is not one word" in done.stderr


def test_one_server_has_a_folder_and_a_port(
        trained: Trained, serve: Callable[..., Server],
        state: pathlib.Path, tmp_path: pathlib.Path) -> None:
    server = serve()
    needed = ["--checkpoint", trained.checkpoint, "--data", trained.events]
    done = run(*needed, "--state", state, "--port", "0")
    assert done.returncode == 1
    assert done.stderr == (
        f"orcinus: error: '{state}' is held by another process: one server at "
        "a time writes a folder\n")
    port = server.url.rpartition(":")[2]
    done = run(*needed, "--state", tmp_path / "other", "--port", port)
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
    assert server.ask("embed", nodes=[1])


def test_files_of_another_server_are_refused(
        trained: Trained, serve: Callable[..., Server], state: pathlib.Path,
        tmp_path: pathlib.Path) -> None:
    server = serve()
    server.append(*some_events(3))
    server.stop()
    before = {each.name: each.read_bytes() for each in state.iterdir()}
    rows = trained.events.read_text().splitlines(keepends=True)
    (tmp_path / "longer.csv").write_text(
        "".join(rows) + rows[-1])
    needed = ["--checkpoint", trained.checkpoint, "--state", state]
    for options, key in [
            (["--data", tmp_path / "longer.csv"], "history"),
            (["--data", trained.events, "--block-size", 2], "block size"),
            (["--data", trained.events, "--late-events", "clamp"],
             "late events")]:
        done = run(*needed, *options)
        assert done.returncode == 1
        assert f"belongs to a server with another {key}" in done.stderr
    other = tmp_path / "other"
    orcinus.Trainer(trained.history, orcinus.Model("tgn", layers=1, dim=16),
                    epochs=1, threads=1, checkpoint=other).fit(progress=False)
    done = run("--checkpoint", other, "--data", trained.events, "--state",
               state)
    assert "another checkpoint" in done.stderr
    assert before == {each.name: each.read_bytes()
                      for each in state.iterdir()}


def test_a_damaged_snapshot_is_told(serve: Callable[..., Server],
                                    trained: Trained,
                                    state: pathlib.Path) -> None:
    server = serve()
    server.append(*some_events(3))
    server.stop()
    file = state / "snapshot-1"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    done = run("--checkpoint", trained.checkpoint, "--data", trained.events,
               "--state", state)
    assert done.returncode == 1
    assert "damaged" in done.stderr and done.stderr.count("\n") == 1


def test_events_of_another_stream_are_warned_of(
        trained: Trained, tmp_path: pathlib.Path) -> None:
    other = orcinus.Stream.synthetic(200, 300, seed=9, features=2)
    other.write(tmp_path / "other.csv")
    server = Server(Trained(trained.checkpoint, tmp_path / "other.csv", other),
                    state=tmp_path / "state")
    assert server.state()["match"] == "model"
    status, errors = server.stop()
    assert status == 0
    assert "orcinus: warning: these are not the events" in errors


def test_the_log_is_lines_that_can_be_read(serve: Callable[..., Server],
                                           state: pathlib.Path) -> None:
    server = serve()
    server.append((1, "b4", AFTER), (2, "b5", AFTER + 0.25))
    server.kill()
    header, record = (state / "log-0").read_text().splitlines()
    assert json.loads(header.partition(" ")[2])["after"] == 0
    assert json.loads(record.partition(" ")[2])["appends"] == [
        [["1", "b4", AFTER, [0.5, -1.0]], ["2", "b5", AFTER + 0.25,
                                           [0.5, -1.0]]]]


def test_a_tuning_database_that_is_gone_is_warned_of(
        tuning_database: pathlib.Path, tmp_path: pathlib.Path,
        state: pathlib.Path) -> None:
    orcinus.Stream.synthetic(60, 600, seed=1, features=2).write(
        tmp_path / "events.csv")
    history = orcinus.Stream.read(tmp_path / "events.csv")
    orcinus.Trainer(
        history, orcinus.Model("tgn", layers=1, dim=8,
                               tuning_db=tuning_database),
        epochs=1, threads=1, checkpoint=tmp_path / "run").fit(progress=False)
    tuning_database.unlink()
    server = Server(Trained(tmp_path / "run", tmp_path / "events.csv", history),
                    state=state)
    try:
        server.ask("score", pairs=[{"source": 1, "destination": 2}])
        status, errors = server.stop()
    finally:
        server.kill()
    assert status == 0
    assert errors.startswith("orcinus: warning: the run's tuning database")
    assert "is gone" in errors
