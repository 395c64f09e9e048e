"""The server's answers to HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hmac
import json
import time
from typing import Any, AsyncIterator, Callable, Coroutine

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import __version__
from ..errors import InputOutputError, InvalidArgumentError
from ..session import Session, _probabilities
from . import schemas
from .engine import (ConflictError, Engine, FullError, Nodes, Pairs, Ranking,
                     StoppedError, WaitedTooLongError)
from .events import Events, moment
from .metrics import Metrics

__all__ = ["Description", "Limits", "create_application"]

#: What needs no token: it says nothing of the data.
_OPEN_PATHS = frozenset({"/health", "/openapi.json", "/docs"})


@dataclasses.dataclass(frozen=True)
class Limits:
    """What one request may ask for."""

    #: Bytes of its body.
    body_bytes: int = 4 << 20
    #: Its events, pairs, candidates or nodes.
    rows: int = 10_000
    #: How far from 0 a feature may be. One that is too far makes states, and
    #: all scores that depend on them, infinite.
    feature: float = 1e9
    #: Seconds for the body to come.
    body_seconds: float = 10


@dataclasses.dataclass(frozen=True)
class Description:
    """What of the session does not change."""

    task: str
    match: str
    block_size: int
    edge_features: int
    scores_pairs: bool
    embeds: bool
    predicts: bool

    @classmethod
    def of(cls, session: Session, block_size: int) -> "Description":
        return cls(session.task, session.match, block_size,
                   session.num_edge_features,
                   session.task == "link-prediction",
                   session.embedding_width > 0, session.prediction_width > 0)


def _answer_of(status: int, what: str) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": schemas.ErrorAnswer, "description": what}}


#: What any request with a body may be answered.
_ERRORS: dict[int | str, dict[str, Any]] = {
    **_answer_of(400, "The body is not JSON"),
    **_answer_of(408, "The body did not come in time"),
    **_answer_of(409, "The request does not fit the events that are known"),
    **_answer_of(413, "The body is too large"),
    **_answer_of(415, "The body is not of the type application/json"),
    **_answer_of(422, "The body does not say what it should"),
    **_answer_of(429, "Too many requests wait: try again later"),
    **_answer_of(503, "The server cannot answer now; events were not taken, "
                 "unless it says that this is open"),
}
_UNAUTHORIZED = _answer_of(401, "There is no token, or a wrong one")


class _BadRequest(HTTPException):
    """A status and a line that says why."""


def _error(status: int, message: str,
           headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": message}, status, headers)


# ---- Bodies -----------------------------------------------------------------


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("an object has the same key twice")
    return result


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant,
                          object_pairs_hook=_without_duplicates)
    except RecursionError:
        raise _BadRequest(400, "the body is nested too deeply") from None
    except ValueError as error:
        raise _BadRequest(400, f"the body is not JSON: {error}") from None


@dataclasses.dataclass
class _Budget:
    """Bytes of the bodies that are there at one time."""

    most: int
    used: int = 0


class _BoundedRequest(Request):
    """A request whose body is within the limits."""

    limits: Limits
    budget: _Budget
    #: Bytes of the budget that it has.
    held = 0

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            try:
                self._body = await asyncio.wait_for(
                    self._read(), self.limits.body_seconds)
            except asyncio.TimeoutError:
                raise _BadRequest(
                    408, "the body did not come within "
                    f"{self.limits.body_seconds:g} seconds",
                    {"connection": "close"}) from None
        return self._body

    async def json(self) -> Any:
        return _parse(await self.body())

    async def _read(self) -> bytes:
        limit = self.limits.body_bytes
        declared = self.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit and (
                "expect" in self.headers or int(declared) > 16 * limit):
            raise self._too_large()
        parts, size = [], 0
        async for part in self.stream():
            size += len(part)
            # Somewhat more is read and dropped, for who still sends does not
            # read the answer.
            if size <= limit:
                self._hold(len(part))
                parts.append(part)
            else:
                parts.clear()
            if size > 16 * limit:
                break
        if size > limit:
            raise self._too_large()
        return b"".join(parts)

    def _hold(self, count: int) -> None:
        self.held += count
        self.budget.used += count
        if self.budget.used > self.budget.most:
            raise _BadRequest(429, "too many bodies come at once: try again "
                              "later", {"retry-after": "1",
                                        "connection": "close"})

    def _too_large(self) -> HTTPException:
        return _BadRequest(413, "the body has more than "
                           f"{self.limits.body_bytes} bytes",
                           {"connection": "close"})


_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def _bounded_route(limits: Limits) -> type[APIRoute]:
    """Routes with bodies of JSON within the limits."""
    budget = _Budget(32 * limits.body_bytes)

    class BoundedRoute(APIRoute):
        def get_route_handler(self) -> _Handler:
            handle = super().get_route_handler()

            async def bounded(request: Request) -> Response:
                kind = request.headers.get("content-type", "")
                if kind.partition(";")[0].strip().lower() != "application/json":
                    raise _BadRequest(415, "the body is not of the type "
                                      "application/json")
                taken = _BoundedRequest(request.scope, request.receive)
                taken.limits, taken.budget = limits, budget
                try:
                    return await handle(taken)
                finally:
                    budget.used -= taken.held

            return bounded

    return BoundedRoute


def _complaint(error: RequestValidationError) -> str:
    """The first thing that is wrong with a body, and where."""
    first = error.errors()[0]
    place = ".".join(str(each) for each in first["loc"] if each != "body")
    message = first["msg"].removeprefix("Value error, ")
    # A key may be any text, and the line is one line.
    place = place.encode("ascii", "backslashreplace").decode()[:200]
    place = "".join(each if each.isprintable() else "?" for each in place)
    return f"{place}: {message}" if place else message


# ---- Around the application -------------------------------------------------


class _Token:
    """Refuses requests without the token."""

    def __init__(self, inner: ASGIApp, token: str):
        self._inner, self._expected = inner, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive,
                       send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _OPEN_PATHS:
            return await self._inner(scope, receive, send)
        given = next((value for key, value in scope["headers"]
                      if key == b"authorization"), b"")
        # The scheme's case does not count.
        scheme, _, rest = given.partition(b" ")
        given = scheme.capitalize() + b" " + rest.strip()
        if hmac.compare_digest(given, self._expected):
            return await self._inner(scope, receive, send)
        refusal = _error(401, "give the token: Authorization: Bearer TOKEN",
                         {"www-authenticate": "Bearer"})
        await refusal(scope, receive, send)


class _Measure:
    """Counts requests by their endpoints."""

    def __init__(self, inner: ASGIApp, metrics: Metrics, paths: set[str]):
        self._inner, self._metrics, self._paths = inner, metrics, paths

    async def __call__(self, scope: Scope, receive: Receive,
                       send: Send) -> None:
        if scope["type"] != "http":
            return await self._inner(scope, receive, send)
        # Names of what is not there would be without number.
        endpoint = scope["path"] if scope["path"] in self._paths else "other"
        start, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._inner(scope, receive, noting)
        finally:
            self._metrics.requests.labels(endpoint, str(status)).inc()
            self._metrics.request_seconds.labels(endpoint).observe(
                time.perf_counter() - start)


# ---- The application --------------------------------------------------------


class _Endpoints:
    """What the paths do."""

    def __init__(self, engine: Engine, description: Description,
                 limits: Limits):
        self._engine, self._description = engine, description
        self._limits = limits
        self._start = time.monotonic()

    def _check_rows(self, count: int, what: str) -> None:
        if count > self._limits.rows:
            raise _BadRequest(422, f"there are {count} {what}, but a request "
                              f"may have {self._limits.rows}")

    async def append(self, body: schemas.AppendRequest) -> Response:
        """Appends events, which are durable when this is answered."""
        self._check_rows(len(body.events), "events")
        events = Events.of([[each.source, each.destination, each.time,
                             each.features] for each in body.events],
                           self._description.edge_features,
                           self._limits.feature)
        known = await self._engine.ask("append", events)
        return JSONResponse({"appended": len(events), "events": known})

    async def score(self, body: schemas.ScoreRequest) -> Response:
        """The probability of each pair."""
        self._check_rows(len(body.pairs), "pairs")
        logits, known = await self._engine.ask("score", Pairs(
            [each.source for each in body.pairs],
            [each.destination for each in body.pairs],
            [moment(each.time) for each in body.pairs]))
        answer = {"scores": _probabilities(logits).tolist(),
                  "events": known}
        if body.logits:
            answer["logits"] = logits.tolist()
        return JSONResponse(answer)

    async def top(self, body: schemas.TopRequest) -> Response:
        """The likeliest destinations of a node."""
        self._check_rows(len(body.candidates or ()), "candidates")
        best, known = await self._engine.ask("top", Ranking(
            body.source, moment(body.time), body.candidates, body.k))
        return JSONResponse({
            "top": [{"destination": schemas.shown_node(str(name)),
                     "score": score}
                    for name, score in best],
            "events": known})

    async def embed(self, body: schemas.NodesRequest) -> Response:
        """The embeddings of nodes."""
        return await self._rows("embed", "embeddings", body)

    async def predict(self, body: schemas.NodesRequest) -> Response:
        """What is predicted of nodes."""
        return await self._rows("predict", "predictions", body)

    async def _rows(self, kind: str, key: str,
                    body: schemas.NodesRequest) -> Response:
        self._check_rows(len(body.nodes), "nodes")
        rows, known = await self._engine.ask(kind, Nodes(
            body.nodes, [moment(body.time)] * len(body.nodes)))
        return JSONResponse({key: rows.tolist(), "events": known})

    async def state(self) -> Response:
        """What the server knows."""
        state, about = self._engine.state, self._description
        return JSONResponse({
            "version": __version__, "task": about.task,
            "block_size": about.block_size, "match": about.match,
            "events": state.events, "appended": state.appended,
            "nodes": state.nodes, "newest_time": state.newest_time,
            "edge_features": about.edge_features, "records": state.records,
            "snapshot_record": state.snapshot_record,
            "log_bytes": state.log_bytes,
            "uptime_seconds": time.monotonic() - self._start})

    async def health(self) -> Response:
        """Whether requests are answered."""
        failure = self._engine.failure
        return JSONResponse({"status": failure or "ok"},
                            503 if failure else 200)

    async def metrics(self) -> Response:
        """The metrics that Prometheus reads."""
        return Response(generate_latest(self._engine.metrics.registry),
                        media_type=CONTENT_TYPE_LATEST)

    def add_to(self, application: FastAPI, limits: Limits,
               has_token: bool) -> None:
        closed = _UNAUTHORIZED if has_token else {}
        asking = APIRouter(route_class=_bounded_route(limits),
                           responses={**_ERRORS, **closed})
        about = self._description
        for path, handle, model, is_there in (
                ("/v1/events", self.append, schemas.AppendAnswer, True),
                ("/v1/score", self.score, schemas.ScoreAnswer,
                 about.scores_pairs),
                ("/v1/top", self.top, schemas.TopAnswer, about.scores_pairs),
                ("/v1/embed", self.embed, schemas.EmbedAnswer, about.embeds),
                ("/v1/predict", self.predict, schemas.PredictAnswer,
                 about.predicts)):
            if is_there:
                asking.add_api_route(path, handle, methods=["POST"],
                                     response_model=model)
        application.include_router(asking)
        application.add_api_route("/v1/state", self.state,
                                  response_model=schemas.StateAnswer,
                                  responses=closed)
        application.add_api_route(
            "/health", self.health, response_model=schemas.HealthAnswer,
            responses={503: {"model": schemas.HealthAnswer,
                             "description": "The server cannot answer"}})
        application.add_api_route(
            "/metrics", self.metrics, response_class=Response,
            responses={200: {"content": {"text/plain": {
                "schema": {"type": "string"}}}}, **closed})


def _add_handlers(application: FastAPI) -> None:
    """Every error is a status and one line."""
    def handler(of: type[Exception], answer: Callable[[Any], Response]) -> None:
        async def handle(request: Request, error: Exception) -> Response:
            return answer(error)
        application.add_exception_handler(of, handle)

    later = {"retry-after": "1"}
    handler(HTTPException, lambda error: _error(
        error.status_code, str(error.detail), error.headers))
    handler(RequestValidationError, lambda error: _error(
        422, _complaint(error)))
    handler(ConflictError, lambda error: _error(409, str(error)))
    handler(InvalidArgumentError, lambda error: _error(422, str(error)))
    handler(FullError, lambda error: _error(
        429, "too many requests wait: try again later", later))
    handler(WaitedTooLongError, lambda error: _error(
        503, "the request waited too long: nothing was done", later))
    handler(StoppedError, lambda error: _error(503, str(error), later))
    handler(InputOutputError, lambda error: _error(
        503, f"the events were not taken: {error}", later))
    handler(Exception, lambda error: _error(
        500, "the server has a fault; its output says which"))


def create_application(engine: Engine, description: Description,
                       limits: Limits, token: str | None) -> ASGIApp:
    """The application over an engine that has recovered: it starts the engine
    and closes it."""
    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        engine.start()
        try:
            yield
        finally:
            await asyncio.to_thread(engine.close)

    application = FastAPI(
        title="Orcinus", version=__version__, lifespan=lifespan,
        description="A trained model over a stream of events that grows.",
        redoc_url=None, redirect_slashes=False)
    _Endpoints(engine, description, limits).add_to(
        application, limits, token is not None)
    _add_handlers(application)
    schema = _openapi(application, token is not None)
    schemas.describe_session(schema["components"]["schemas"],
                             description.edge_features, limits.feature,
                             limits.rows)
    application.openapi = lambda: schema  # type: ignore[method-assign]
    outer: ASGIApp = application
    if token is not None:
        outer = _Token(outer, token)
    paths = set(schema["paths"]) | _OPEN_PATHS
    return _Measure(outer, engine.metrics, paths)


def _openapi(application: FastAPI, has_token: bool) -> dict[str, Any]:
    schema = get_openapi(title=application.title, version=application.version,
                         description=application.description,
                         routes=application.routes)
    if has_token:
        schema["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"}}
        for path, methods in schema["paths"].items():
            for method in methods.values():
                if path not in _OPEN_PATHS:
                    method["security"] = [{"token": []}]
    return schema
