"""Requests that Schemathesis makes of the server's own page; bench/serve.py
makes more."""

from __future__ import annotations

import pathlib
from typing import Callable

import pytest

from .serving import Server, fuzz

pytest.importorskip("schemathesis")


@pytest.mark.parametrize("clamps, token", [(True, None), (False, "s3cret")])
def test_malformed_requests_are_no_fault_of_the_server(
        serve: Callable[..., Server], tmp_path: pathlib.Path, clamps: bool,
        token: str | None) -> None:
    options = ["--late-events", "clamp", "--early-queries", "clamp"] \
        if clamps else []
    server = serve(*options,
                   environment={"ORCINUS_TOKEN": token} if token else {})
    done = fuzz(server, examples=25, seed=1, token=token, folder=tmp_path)
    assert done.returncode == 0, done.stdout[-5000:]
    assert server.client.get("/health").json() == {"status": "ok"}
    # Nothing is on the error output but that requests were no HTTP.
    status, errors = server.stop()
    assert status == 0
    assert set(errors.splitlines()) \
        <= {"WARNING:  Invalid HTTP request received."}
