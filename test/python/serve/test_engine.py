"""The queue before the session, and what becomes of its failures."""

from __future__ import annotations

import asyncio
import errno
import pathlib
import threading
from typing import Any, Callable, Coroutine, Iterator

import pytest

import orcinus
from orcinus.errors import (InputOutputError, OutOfMemoryError,
                            UnusableError)
from orcinus.serve.durable import Files, Store
from orcinus.serve.engine import (ConflictError, Engine, EngineOptions,
                                  FullError, Pairs, StoppedError,
                                  WaitedTooLongError)
from orcinus.serve.events import Events
from orcinus.serve.metrics import Metrics
from .serving import Trained


class Held:
    """An engine whose session can be made to wait, and to fail."""

    def __init__(self, session: orcinus.Session, folder: pathlib.Path,
                 options: EngineOptions, files: Files | None = None):
        self.session = session
        self.stopped = threading.Event()
        self.may_go = threading.Event()
        self.may_go.set()
        self.calls: list[int] = []
        self.error: Exception | None = None
        self._score = session.score
        session.score = self._held_score  # type: ignore[method-assign]
        self.engine = Engine(session, Store(str(folder), {}, files), options,
                             Metrics(), self.stopped.set)
        self.engine.recover()
        self.engine.start()

    def _held_score(self, sources: Any, *rest: Any, **more: Any) -> Any:
        self.may_go.wait(30)
        self.calls.append(len(sources))
        if self.error:
            raise self.error
        return self._score(sources, *rest, **more)

    def close(self) -> None:
        self.may_go.set()
        self.engine.close()


@pytest.fixture
def held(trained: Trained,
         state: pathlib.Path) -> Iterator[Callable[..., Held]]:
    made: list[Held] = []

    def make(files: Files | None = None, **options: Any) -> Held:
        made.append(Held(trained.session(), state, EngineOptions(**options),
                         files))
        return made[-1]

    yield make
    for each in made:
        each.close()


def run(what: Coroutine) -> None:
    asyncio.run(asyncio.wait_for(what, 60))


def pairs(count: int = 1, time: Any = None) -> Pairs:
    return Pairs(["1"] * count, ["2"] * count, [time] * count)


def an_event(time: float = 1e6) -> Events:
    return Events.of([["1", "2", time, [0.5, 1.0]]], 2)


async def after_a_first(held: Held) -> asyncio.Task:
    """Makes the engine wait in a call: what is asked now waits, too."""
    held.may_go.clear()
    first = asyncio.create_task(held.engine.ask("score", pairs()))
    await asyncio.sleep(0.2)
    return first


def test_what_waits_is_asked_together(held: Callable[..., Held]) -> None:
    one = held(call_rows=10)

    async def ask() -> None:
        first = await after_a_first(one)
        others = [asyncio.create_task(one.engine.ask("score", pairs(3)))
                  for _ in range(4)]
        await asyncio.sleep(0.2)
        one.may_go.set()
        answers = await asyncio.gather(first, *others)
        assert [len(logits) for logits, _ in answers] == [1, 3, 3, 3, 3]
        # More than ten rows are never put together, but one request may have
        # more.
        await one.engine.ask("score", pairs(25))
        assert one.calls == [1, 9, 3, 25]

    run(ask())


def test_no_more_wait_than_may(held: Callable[..., Held]) -> None:
    one = held(waiting_requests=4, waiting_rows=10)

    async def ask() -> None:
        first = await after_a_first(one)
        waiting = [asyncio.create_task(one.engine.ask("score", pairs(count)))
                   for count in (1, 8)]
        await asyncio.sleep(0.1)
        with pytest.raises(FullError):
            await one.engine.ask("score", pairs(2))
        waiting.append(asyncio.create_task(one.engine.ask("score", pairs(1))))
        await asyncio.sleep(0.1)
        with pytest.raises(FullError):
            await one.engine.ask("append", an_event())
        one.may_go.set()
        await asyncio.gather(first, *waiting)
        # A request that alone is more than may wait is taken where none waits.
        await one.engine.ask("score", pairs(50))

        first = await after_a_first(one)
        waiting = [asyncio.create_task(one.engine.ask("score", pairs()))
                   for _ in range(4)]
        await asyncio.sleep(0.1)
        with pytest.raises(FullError):
            await one.engine.ask("append", an_event())
        one.may_go.set()
        await asyncio.gather(first, *waiting)

    run(ask())
    assert one.engine.state.appended == 0


def test_what_waited_too_long_is_not_done(held: Callable[..., Held]) -> None:
    one = held(timeout=0.5)

    async def ask() -> None:
        first = await after_a_first(one)
        query = asyncio.create_task(one.engine.ask("score", pairs()))
        append = asyncio.create_task(one.engine.ask("append", an_event()))
        for asked in (first, query):
            with pytest.raises(WaitedTooLongError):
                await asked
        # Whether an append is done is known only once the engine goes on.
        assert not append.done()
        one.may_go.set()
        with pytest.raises(WaitedTooLongError):
            await append
        await one.engine.ask("append", an_event())

    run(ask())
    assert one.engine.state.appended == 1


def test_an_engine_that_fails_says_so_and_stops(
        held: Callable[..., Held]) -> None:
    one = held()

    async def ask() -> None:
        first = await after_a_first(one)
        waiting = asyncio.create_task(one.engine.ask("score", pairs()))
        await asyncio.sleep(0.1)
        one.error = UnusableError("the states are broken")
        one.may_go.set()
        for asked in (first, waiting):
            with pytest.raises(StoppedError, match="the states are broken"):
                await asked
        with pytest.raises(StoppedError, match="the states are broken"):
            await one.engine.ask("append", an_event())

    run(ask())
    assert one.stopped.wait(10)
    assert "the states are broken" in (one.engine.failure or "")


def test_an_error_of_one_is_not_the_others(held: Callable[..., Held]) -> None:
    one = held()

    async def ask() -> None:
        first = await after_a_first(one)
        good = [asyncio.create_task(one.engine.ask("score", pairs(2)))
                for _ in range(2)]
        bad = asyncio.create_task(one.engine.ask("score", pairs(1, time=0.0)))
        await asyncio.sleep(0.1)
        one.may_go.set()
        await asyncio.gather(first, *good)
        with pytest.raises(ConflictError, match="query 0 is about 0 s"):
            await bad

    run(ask())


def test_the_end_answers_what_waits(held: Callable[..., Held]) -> None:
    one = held()

    async def ask() -> None:
        first = await after_a_first(one)
        append = asyncio.create_task(one.engine.ask("append", an_event()))
        await asyncio.sleep(0.1)
        end = asyncio.create_task(asyncio.to_thread(one.engine.close))
        await asyncio.sleep(0.1)
        with pytest.raises(StoppedError, match="being stopped"):
            await one.engine.ask("append", an_event())
        one.may_go.set()
        await asyncio.gather(first, append, end)

    one.close = lambda: None  # type: ignore[method-assign]
    run(ask())
    assert one.engine.state.appended == 1
    assert one.engine.state.snapshot_record == 1


def test_what_the_session_refuses_stays_refused(
        trained: Trained, held: Callable[..., Held],
        state: pathlib.Path) -> None:
    """A time that rounding hides from the check before the log is written."""
    one = held()
    newest = 1e6
    hidden = float(newest - 2**-32)
    assert hidden < newest

    async def ask() -> None:
        await one.engine.ask("append", an_event(newest))
        with pytest.raises(ConflictError, match="before the newest one"):
            await one.engine.ask("append", an_event(hidden))
        await one.engine.ask("append", an_event(newest + 1))

    run(ask())
    assert one.engine.state.records == 3 and one.engine.state.appended == 2
    one.engine._snapshot = lambda *_: None  # type: ignore[method-assign]
    one.close()
    one.close = lambda: None  # type: ignore[method-assign]
    again = held()
    assert again.engine.state.appended == 2
    assert again.session.newest_time == newest + 1


def test_an_unwritten_log_takes_nothing(held: Callable[..., Held]) -> None:
    class Full(Files):
        is_full = False

        def write(self, descriptor: int, data: bytes, offset: int) -> int:
            if self.is_full:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(descriptor, data, offset)

    files = Full()
    one = held(files)

    async def ask() -> None:
        await one.engine.ask("append", an_event())
        files.is_full = True
        with pytest.raises(InputOutputError, match="No space left"):
            await one.engine.ask("append", an_event())
        assert (await one.engine.ask("score", pairs()))[1] == 4001
        files.is_full = False
        assert await one.engine.ask("append", an_event()) == 4002

    run(ask())


def test_a_snapshot_that_cannot_be_written_is_tried_again(
        trained: Trained, held: Callable[..., Held],
        capsys: pytest.CaptureFixture) -> None:
    one = held(snapshot_seconds=0.2)
    save, broken = one.session.save, threading.Event()
    broken.set()

    def fail(path: str) -> None:
        if broken.is_set():
            raise InputOutputError("no space for the snapshot")
        save(path)

    one.session.save = fail  # type: ignore[method-assign]

    async def ask() -> None:
        await one.engine.ask("append", an_event())
        while not one.engine.metrics.snapshots.labels("failed")._value.get():
            await asyncio.sleep(0.05)
        # Events are taken all the same.
        await one.engine.ask("append", an_event())
        broken.clear()
        while one.engine.state.snapshot_record != 2:
            await asyncio.sleep(0.05)

    run(ask())
    assert "no space for the snapshot" in capsys.readouterr().err


@pytest.mark.parametrize("error", [
    OutOfMemoryError("no memory for the snapshot"),
    UnusableError("no session for the snapshot")])
def test_the_end_without_a_snapshot_leaves_the_log(
        trained: Trained, held: Callable[..., Held], state: pathlib.Path,
        capsys: pytest.CaptureFixture, error: Exception) -> None:
    class Unsynced(Files):
        """Cannot make a record durable, nor cut it off, as long as it fails."""

        fails = False

        def sync(self, descriptor: int) -> None:
            if self.fails:
                raise OSError(errno.EIO, "Input/output error")
            super().sync(descriptor)

        def truncate(self, descriptor: int, size: int) -> None:
            if self.fails:
                raise OSError(errno.EIO, "Input/output error")
            super().truncate(descriptor, size)

    files = Unsynced()
    one = held(files)

    def fail(path: str) -> None:
        raise error

    one.session.save = fail  # type: ignore[method-assign]

    async def ask() -> None:
        await one.engine.ask("append", an_event())
        files.fails = True
        with pytest.raises(InputOutputError):
            await one.engine.ask("append", an_event(2e6))
        files.fails = False

    run(ask())
    one.close()
    one.close = lambda: None  # type: ignore[method-assign]
    assert f"orcinus: warning: {error}" in capsys.readouterr().err
    # The folder is given up, without the record that was refused.
    again = held()
    assert again.engine.state.appended == again.engine.state.records == 1


def test_any_error_at_the_end_gives_the_folder_up(
        held: Callable[..., Held], state: pathlib.Path) -> None:
    one = held()

    def fail(path: str) -> None:
        raise ZeroDivisionError

    one.session.save = fail  # type: ignore[method-assign]
    run(one.engine.ask("append", an_event()))
    with pytest.raises(ZeroDivisionError):
        one.close()
    one.close = lambda: None  # type: ignore[method-assign]
    Store(str(state), {}).close()


def test_a_log_that_does_not_fit_is_an_error(
        trained: Trained, state: pathlib.Path) -> None:
    store = Store(str(state), {})
    list(store.replay())
    store.append({"before": 4001, "appends": []})
    store.close()
    engine = Engine(trained.session(), Store(str(state), {}), EngineOptions(),
                    Metrics())
    with pytest.raises(orcinus.DamagedError, match="goes on from event 4001"):
        engine.recover()
    engine._store.close()
