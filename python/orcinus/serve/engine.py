"""The thread that owns the session, and the queue before it.

A session is for one thread at a time. Requests wait in a bounded queue; the
thread takes what waits, up to a number of rows, and answers it with few calls:
appends first, in the order in which they came, by one record of the log; then
all pairs by one call, all nodes by another, and rankings one by one. Whoever
waits at the same time has not been answered yet, so that this order is one in
which they may have come.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import dataclasses
import itertools
import math
import sys
import threading
import time
import traceback
from typing import Any, Callable, Iterator, Sequence

import numpy as np

from ..errors import (DamagedError, Error, InputOutputError,
                      InvalidArgumentError, OutOfMemoryError, UnusableError)
from ..session import Session
from .durable import Store
from .events import Events, Time, seconds
from .metrics import Metrics

__all__ = ["ConflictError", "Engine", "EngineOptions", "FullError", "Nodes",
           "Pairs", "Ranking", "State", "StoppedError", "WaitedTooLongError"]


class ConflictError(InvalidArgumentError):
    """A request that does not fit the events that are known."""


class FullError(Exception):
    """More would wait than may."""


class StoppedError(Exception):
    """The engine answers nothing any more."""


class WaitedTooLongError(Exception):
    """A request waited too long, and nothing was done."""


@dataclasses.dataclass(slots=True)
class Pairs:
    """Links whose probabilities are asked for."""

    sources: list[str]
    destinations: list[str]
    times: list[Time]

    def __len__(self) -> int:
        return len(self.sources)


@dataclasses.dataclass(slots=True)
class Nodes:
    """Nodes whose rows (embeddings or predictions) are asked for."""

    nodes: list[str]
    times: list[Time]

    def __len__(self) -> int:
        return len(self.nodes)


@dataclasses.dataclass(slots=True)
class Ranking:
    """The ``count`` likeliest destinations of a node."""

    source: str
    time: Time
    #: None for all that were a destination.
    candidates: list[str] | None
    count: int

    def __len__(self) -> int:
        return len(self.candidates or ()) or 1


@dataclasses.dataclass(frozen=True)
class EngineOptions:
    #: Requests that may wait, and their rows.
    waiting_requests: int = 1024
    waiting_rows: int = 100_000
    #: Rows of one call, unless a single request has more.
    call_rows: int = 4096
    #: Candidates of a ranking among all destinations.
    candidates: int = 1_000_000
    #: Seconds that a request may wait.
    timeout: float = 10
    #: Seconds between snapshots.
    snapshot_seconds: float = 60
    #: Seconds that an event may be after the one before it.
    longest_gap: float = math.inf
    #: Whether events before the newest are taken at its time.
    clamps_late_events: bool = False
    #: Whether queries that are not after the newest event are asked after it.
    clamps_early_queries: bool = False


@dataclasses.dataclass(frozen=True)
class State:
    """What is known at one time."""

    events: int
    #: Of these, those that were appended to the history.
    appended: int
    nodes: int
    #: Seconds.
    newest_time: float
    records: int
    log_bytes: int
    snapshot_record: int


@dataclasses.dataclass(slots=True, eq=False)
class _Job:
    kind: str
    content: Any
    deadline: float
    future: asyncio.Future
    loop: asyncio.AbstractEventLoop


def _text(of: float) -> str:
    """All digits that tell a number from others."""
    return repr(float(of)).removesuffix(".0")


class Engine:
    """A session with a store behind it. ``recover()``, then ``start()``; then
    ``ask()`` from any event loop; ``close()`` at the end."""

    def __init__(self, session: Session, store: Store, options: EngineOptions,
                 metrics: Metrics,
                 on_stop: Callable[[], None] = lambda: None):
        self._session, self._store = session, store
        self.options, self.metrics = options, metrics
        self._on_stop = on_stop
        self.columns: int = session.num_edge_features
        self._history = len(session)
        self._jobs: collections.deque[_Job] = collections.deque()
        self._rows = 0
        self._condition = threading.Condition()
        self._is_closing = False
        #: Why nothing is answered any more; None as long as it is.
        self.failure: str | None = None
        # close() waits for it; where that is not come to, nobody does.
        self._thread = threading.Thread(target=self._run, name="engine",
                                        daemon=True)
        self._last_snapshot = time.monotonic()
        self._snapshot_cost = 0.0
        self.state = self._state()

    # ---- The life of it --------------------------------------------------

    def recover(self) -> None:
        """Takes what the store has."""
        if self._store.snapshot_path:
            self._session.restore(self._store.snapshot_path)
        for record in self._store.replay():
            if record["before"] != len(self._session):
                raise DamagedError(
                    f"the log in '{self._store.folder}' goes on from event "
                    f"{record['before']}, but {len(self._session)} are known: "
                    "restore the folder from a copy")
            for rows in record["appends"]:
                events = Events.of(rows, self.columns)
                # What the session refused when it came it refuses now.
                with contextlib.suppress(InvalidArgumentError):
                    self._take(events)
        self._session.advance()
        self._publish()

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Answers all that waits, writes a snapshot and gives the store up. A
        snapshot that cannot be written is warned of: the log has all."""
        with self._condition:
            self._is_closing = True
            self._condition.notify()
        self._thread.join()
        try:
            if self.failure is None:
                self._snapshot(Error)
        finally:
            self._store.close()

    # ---- The side of the event loop --------------------------------------

    async def ask(self, kind: str, content: Any) -> Any:
        """What the engine answers to a ``content`` of the kind "append",
        "score", "embed", "predict" or "top".

        An append that was begun is waited for, whatever it takes, so that its
        answer says whether the events were taken; so are no others.
        Raises FullError, StoppedError, WaitedTooLongError, ConflictError;
        InputOutputError where the log cannot be written.
        """
        loop = asyncio.get_running_loop()
        job = _Job(kind, content, time.monotonic() + self.options.timeout,
                   loop.create_future(), loop)
        self._enqueue(job)
        if kind == "append":
            return await job.future
        try:
            return await asyncio.wait_for(job.future, self.options.timeout)
        except asyncio.TimeoutError:
            raise WaitedTooLongError() from None

    def _enqueue(self, job: _Job) -> None:
        rows = len(job.content)
        with self._condition:
            if self.failure is not None:
                raise StoppedError(self.failure)
            if self._is_closing:
                raise StoppedError("the server is being stopped")
            if len(self._jobs) >= self.options.waiting_requests or \
                    self._jobs and \
                    self._rows + rows > self.options.waiting_rows:
                raise FullError()
            self._jobs.append(job)
            self._rows += rows
            self.metrics.waiting.set(len(self._jobs))
            self._condition.notify()

    # ---- The thread ------------------------------------------------------

    def _run(self) -> None:
        try:
            while (jobs := self._next()) is not None:
                self._answer(jobs)
                if self._snapshot_is_due():
                    self._snapshot()
        except BaseException as error:  # Whatever it is, all else must know.
            traceback.print_exc()
            self._stop(f"the engine has failed: {error}")

    def _next(self) -> list[_Job] | None:
        """What is to be answered next; nothing where a snapshot is due, None at
        the end."""
        with self._condition:
            while not self._jobs:
                if self._is_closing:
                    return None
                if self._snapshot_is_due():
                    return []
                # Who appends wakes it; a snapshot becomes due by itself.
                self._condition.wait(1 if self._lacks_snapshot() else None)
            jobs = [self._jobs.popleft()]
            rows = len(jobs[0].content)
            while self._jobs and rows + len(self._jobs[0].content) \
                    <= self.options.call_rows:
                rows += len(self._jobs[0].content)
                jobs.append(self._jobs.popleft())
            self._rows -= rows
            self.metrics.waiting.set(len(self._jobs))
            return jobs

    def _stop(self, why: str) -> None:
        with self._condition:
            self.failure = why
            jobs = list(self._jobs)
            self._jobs.clear()
        self._resolve([(job, StoppedError(why)) for job in jobs])
        self._on_stop()

    def _resolve(self, answers: Sequence[tuple[_Job, Any]]) -> None:
        """Tells the requests' event loop."""
        def tell(of_loop: list[tuple[_Job, Any]]) -> None:
            for job, answer in of_loop:
                if job.future.done():
                    continue
                if isinstance(answer, BaseException):
                    job.future.set_exception(answer)
                else:
                    job.future.set_result(answer)

        for loop, of_loop in itertools.groupby(answers,
                                               key=lambda each: each[0].loop):
            # A loop that has ended has nobody to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(tell, list(of_loop))

    def _answer(self, jobs: list[_Job]) -> None:
        now = time.monotonic()
        late = [job for job in jobs if job.deadline < now]
        self._resolve([(job, WaitedTooLongError()) for job in late])
        by_kind: dict[str, list[_Job]] = {}
        for job in jobs:
            if job.deadline >= now and not job.future.cancelled():
                by_kind.setdefault(job.kind, []).append(job)
        try:
            if "append" in by_kind:
                self._append(by_kind["append"])
                # Here it delays no acknowledgement, and the next query less.
                self._session.advance()
            for kind, ask in (("score", self._score), ("embed", self._embed),
                              ("predict", self._predict), ("top", self._top)):
                if kind in by_kind:
                    self._query(kind, by_kind[kind], ask)
        except BaseException as error:
            # Who was answered already is not told again.
            self._resolve([(job, StoppedError(
                f"the engine has failed: {error}; it is open whether events "
                "were taken")) for job in jobs])
            raise

    @contextlib.contextmanager
    def _measured(self, call: str, rows: int) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.metrics.call_seconds.labels(call).observe(
            time.perf_counter() - start)
        self.metrics.call_rows.labels(call).observe(rows)

    # ---- Appending -------------------------------------------------------

    def _take(self, events: Events) -> None:
        self._session.append(events.sources, events.destinations, events.times,
                             events.features)

    def _append(self, jobs: list[_Job]) -> None:
        """The log is written before the session takes the events: where it
        cannot be, neither has them. What the session then refuses stays in the
        log, and is refused again when that is read."""
        jobs = self._in_time(jobs)
        if not jobs:
            return
        with self._measured("append", sum(len(job.content) for job in jobs)):
            try:
                self._store.append({
                    "before": len(self._session),
                    "appends": [job.content.rows for job in jobs]})
            except InputOutputError as error:
                self.metrics.log_failures.inc()
                self._resolve([(job, error) for job in jobs])
                return
            answers: list[tuple[_Job, Any]] = []
            for job in jobs:
                try:
                    self._take(job.content)
                    self.metrics.appended.inc(len(job.content))
                    answers.append((job, len(self._session)))
                except InvalidArgumentError as error:
                    # All else was checked before.
                    answers.append((job, ConflictError(str(error))))
        self._publish()
        self._resolve(answers)

    def _in_time(self, jobs: list[_Job]) -> list[_Job]:
        """Those without an event that is clearly late or far too early, so that
        these do not come into the log; of what rounding hides the session
        decides."""
        newest = self._session.newest_time
        kept = []
        for job in jobs:
            times = job.content.seconds()
            latest = np.maximum.accumulate(np.append(newest, times))
            complaint = self._complaint(times, latest[:-1])
            if complaint:
                self._resolve([(job, ConflictError(complaint))])
                continue
            newest = float(latest[-1])
            kept.append(job)
        return kept

    def _complaint(self, times: np.ndarray, before: np.ndarray) -> str | None:
        """What is wrong with events at ``times``, where the newest one before
        each is at ``before``: float64 [events], both."""
        late = times < before - 4 * np.spacing(np.abs(before))
        if late.any() and not self.options.clamps_late_events:
            event = int(late.argmax())
            return (f"event {event} is at {_text(times[event])} s, before the "
                    f"newest one at {_text(before[event])} s: give events in "
                    "the order of their times")
        far = times - before > self.options.longest_gap
        if far.any():
            event = int(far.argmax())
            return (f"event {event} is at {_text(times[event])} s, more than "
                    f"{_text(self.options.longest_gap)} s after the newest one "
                    f"at {_text(before[event])} s")
        return None

    # ---- Asking ----------------------------------------------------------

    def _query(self, kind: str, jobs: list[_Job],
               ask: Callable[[list[Any]], list[Any]]) -> None:
        """Answers all by one call; where that fails, one by one, so that only
        those fail that are to blame."""
        try:
            with self._measured(kind, sum(len(job.content) for job in jobs)):
                answers = ask([job.content for job in jobs])
            self._resolve([(job, (answer, self.state.events))
                           for job, answer in zip(jobs, answers)])
        except (UnusableError, OutOfMemoryError):
            raise
        except Exception as error:
            if len(jobs) == 1:
                # By itself it was right.
                if isinstance(error, InvalidArgumentError):
                    error = ConflictError(str(error))
                self._resolve([(jobs[0], error)])
                return
            for job in jobs:
                self._query(kind, [job], ask)

    def _check_times(self, times: list[Time]) -> list[Time]:
        """Refuses what is asked of a time that is not after the newest event,
        for then states would have to be made again from the first event on;
        or takes it as asked right after the newest."""
        newest = self._session.newest_time
        result = list(times)
        for place, each in enumerate(times):
            if each is None or seconds(each) > newest:
                continue
            if not self.options.clamps_early_queries:
                raise ConflictError(
                    f"query {place} is about {_text(seconds(each))} s, which "
                    f"is not after the newest event at {_text(newest)} s: ask "
                    "about a later time, or give none")
            result[place] = None
        return result

    def _by_time(self, times: list[Time],
                 ask: Callable[[list[int], Any], Any]) -> np.ndarray:
        """Answers queries by a call for each kind of time: what ``ask`` returns
        for the places of those and their times, put together by place."""
        kinds: dict[type, list[int]] = {}
        for place, each in enumerate(self._check_times(times)):
            kinds.setdefault(type(each), []).append(place)
        parts = []
        for kind, places in kinds.items():
            given: Any = None
            if kind is float:
                given = np.array([times[place] for place in places])
            elif kind is int:
                given = np.array([times[place] for place in places],
                                 dtype=np.int64).view("datetime64[ns]")
            parts.append(ask(places, given))
        order = np.concatenate(list(kinds.values()))
        result = np.concatenate(parts)
        result[order] = result.copy()
        return result

    def _score(self, asked: list[Pairs]) -> list[np.ndarray]:
        """float32 [pairs]: the logits of each request."""
        sources = [name for pairs in asked for name in pairs.sources]
        destinations = [name for pairs in asked for name in pairs.destinations]
        logits = self._by_time(
            [each for pairs in asked for each in pairs.times],
            lambda places, times: self._session.score(
                [sources[place] for place in places],
                [destinations[place] for place in places], times, logits=True))
        return np.split(logits, np.cumsum([len(each) for each in asked])[:-1])

    def _rows_of(self, asked: list[Nodes],
                 query: Callable[[list[str], Any], np.ndarray]
                 ) -> list[np.ndarray]:
        """float32 [nodes, width] of each request."""
        nodes = [name for each in asked for name in each.nodes]
        rows = self._by_time(
            [time for each in asked for time in each.times],
            lambda places, times: query([nodes[place] for place in places],
                                        times))
        finite = np.isfinite(rows).all(axis=1)
        if not finite.all():
            raise InvalidArgumentError(
                f"what is computed of node {int(finite.argmin())} is not "
                "finite: look for extreme feature values")
        return np.split(rows, np.cumsum([len(each) for each in asked])[:-1])

    def _embed(self, asked: list[Nodes]) -> list[np.ndarray]:
        return self._rows_of(asked, self._session.embed)

    def _predict(self, asked: list[Nodes]) -> list[np.ndarray]:
        return self._rows_of(asked, self._session.predict)

    def _top(self, asked: list[Ranking]) -> list[list[tuple[int | str, float]]]:
        return [self._rank(each) for each in asked]

    def _rank(self, asked: Ranking) -> list[tuple[int | str, float]]:
        if asked.candidates is None and \
                self._session.num_destinations > self.options.candidates:
            raise InvalidArgumentError(
                f"there are {self._session.num_destinations} destinations, and "
                f"at most {self.options.candidates} are ranked: name "
                "candidates")
        when: Any
        when, = self._check_times([asked.time])
        if isinstance(when, int):
            when = np.datetime64(when, "ns")
        return self._session.top_k(asked.source, asked.count, when,
                                   asked.candidates)

    # ---- Keeping ---------------------------------------------------------

    def _state(self) -> State:
        session, store = self._session, self._store
        return State(len(session), len(session) - self._history,
                     session.num_nodes, session.newest_time, store.records,
                     store.log_bytes, store.snapshot_record)

    def _publish(self) -> None:
        """Makes known to other threads what is known now."""
        self.state = self._state()
        self.metrics.events.set(self.state.events)
        self.metrics.nodes.set(self.state.nodes)
        self.metrics.log_bytes.set(self.state.log_bytes)

    def _lacks_snapshot(self) -> bool:
        return self._store.records != self._store.log_begin

    def _snapshot_is_due(self) -> bool:
        """Snapshots take a twentieth of the time at most."""
        interval = max(self.options.snapshot_seconds, 20 * self._snapshot_cost)
        return self._lacks_snapshot() and \
            time.monotonic() - self._last_snapshot >= interval

    def _snapshot(self, tolerated: type[Error] = InputOutputError) -> None:
        """A tolerated error leaves the log to grow, until a later one is
        written."""
        start = time.monotonic()
        try:
            self._store.snapshot(self._session.save)
            self.metrics.snapshots.labels("written").inc()
        except tolerated as error:
            self.metrics.snapshots.labels("failed").inc()
            print(f"orcinus: warning: {error}", file=sys.stderr, flush=True)
        self._last_snapshot = time.monotonic()
        self._snapshot_cost = self._last_snapshot - start
        self.metrics.snapshot_seconds.set(self._snapshot_cost)
        self._publish()
