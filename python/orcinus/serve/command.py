"""``python -m orcinus serve``."""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import signal
import socket
import sys
import warnings
from typing import Any, NoReturn, Sequence

from .. import options
from ..errors import Error, InvalidArgumentError

__all__ = ["main"]

_DESCRIPTION = """\
Serves a trained model over HTTP: appends events, scores pairs, ranks
destinations and embeds nodes, as docs/serving.md says. An append is answered
once it is on disk; a server that was killed goes on where it was."""


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e9:
        raise ValueError
    return number


def _size(text: str) -> float:
    number = float(text)
    if not 0 < number < 3.4e38:
        raise ValueError
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 65536:
        raise ValueError
    return number


# As argparse calls them where they are wrong.
_count.__name__, _seconds.__name__ = "count", "number of seconds"
_size.__name__, _port.__name__ = "number", "port"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="orcinus serve", description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False)

    def add(group: Any, name: str, help: str, **more: Any) -> None:
        default = more.get("default")
        group.add_argument(
            name, help=help if default is None else f"{help} ({default})",
            **more)

    model = parser.add_argument_group("the model and its history")
    add(model, "--checkpoint", "folder of the checkpoint", metavar="DIR",
        required=True)
    add(model, "--data", "events that the model was trained on, or a file that "
        "begins with them", metavar="FILE", required=True)
    add(model, "--threads", "threads that compute; 0 for one a CPU", type=int,
        metavar="N", default=0)
    add(model, "--cache-dir", "where compiled code is kept", metavar="DIR")
    for option in options.describe("load"):
        _add_load_option(model, option)

    events = parser.add_argument_group("events")
    add(events, "--state", "folder of the log and the snapshots (DIR/serve in "
        "the checkpoint's folder)", metavar="DIR")
    add(events, "--block-size", "events that states take in at once",
        type=_count, metavar="N", default=1)
    add(events, "--late-events", "what becomes of an event before the newest: "
        "refuse it, or clamp it to the newest one's time",
        choices=["refuse", "clamp"], default="refuse")
    add(events, "--max-gap", "seconds that an event may be after the one "
        "before it, so that a wrong clock does not make all others late",
        type=_seconds, metavar="S")
    add(events, "--early-queries", "what becomes of a query that is not after "
        "the newest event: refuse it, or clamp it to right after that",
        choices=["refuse", "clamp"], default="refuse")
    add(events, "--snapshot-seconds", "seconds between snapshots",
        type=_seconds, metavar="S", default=60.0)

    network = parser.add_argument_group("network")
    add(network, "--host", "address to listen at; others than this machine "
        "reach it only if you say so", default="127.0.0.1", metavar="ADDRESS")
    add(network, "--port", "port to listen at; 0 for a free one", type=_port,
        metavar="N", default=8000)
    add(network, "--token-file", "file with the token that requests must give; "
        "without it, the environment variable ORCINUS_TOKEN", metavar="FILE")
    add(network, "--access-log", "write a line for each request",
        action="store_true")

    limits = parser.add_argument_group("limits")
    add(limits, "--max-body", "bytes of a request's body", type=_count,
        metavar="N", default=4 << 20)
    add(limits, "--max-rows", "events, pairs, candidates or nodes of a request",
        type=_count, metavar="N", default=10_000)
    add(limits, "--max-feature", "how far from 0 a feature may be", type=_size,
        metavar="X", default=1e9)
    add(limits, "--max-candidates", "destinations that are ranked where a "
        "request names no candidates", type=_count, metavar="N",
        default=1_000_000)
    add(limits, "--max-waiting", "requests that wait; further ones are refused",
        type=_count, metavar="N", default=1024)
    add(limits, "--max-connections", "connections; further ones are refused",
        type=_count, metavar="N", default=1024)
    add(limits, "--timeout", "seconds that a request waits, and that its body "
        "takes to come", type=_seconds, metavar="S", default=10.0)
    return parser


def _add_load_option(group: Any, option: options.Option) -> None:
    name = "--" + option.name.replace("_", "-")
    if option.default in ("false", "true"):
        group.add_argument(name, help=option.help, action="store_true",
                           default=None)
        return
    default = f" ({option.default})" if option.default else ""
    group.add_argument(name, help=option.help.replace("%", "%%") + default,
                       metavar="X")


def _fail(message: str, status: int = 1) -> NoReturn:
    print(f"orcinus: error: {message}", file=sys.stderr)
    sys.exit(status)


def _warn(message: str) -> None:
    print(f"orcinus: warning: {message}", file=sys.stderr)


def _token(given: argparse.Namespace) -> str | None:
    """The token that requests must give; None for none."""
    if given.token_file is None:
        token, where = os.environ.get("ORCINUS_TOKEN"), "ORCINUS_TOKEN"
    else:
        where = f"'{given.token_file}'"
        try:
            with open(given.token_file, encoding="ascii") as file:
                token = file.read().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidArgumentError(
                f"cannot read {where}: "
                f"{getattr(error, 'strerror', 'it is not ASCII')}") from None
    if token is None:
        return None
    if not token or not token.isascii() or not token.isprintable() \
            or " " in token:
        raise InvalidArgumentError(
            f"the token in {where} is not one word of printable ASCII")
    return token


def _listen(host: str, port: int) -> socket.socket:
    """A socket that is bound, but does not listen yet: whoever comes before
    the server is ready is told so at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        raise InvalidArgumentError(
            f"cannot listen at {host}:{port}: {error.strerror}") from None
    return bound


def _open(given: argparse.Namespace) -> tuple[Any, Any]:
    """The session over the history, and the store of what came behind it."""
    from ..session import Session
    from ..stream import Stream
    from .durable import Store, identify

    # Of what is None the default counts.
    load = {option.name: getattr(given, option.name)
            for option in options.describe("load")}
    history = Stream.read(given.data, **load)
    if len(history) == 0:
        raise InvalidArgumentError(f"'{given.data}' has no events")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        session = Session.open(
            given.checkpoint, history, threads=given.threads,
            block_size=given.block_size, late_events=given.late_events,
            cache_dir=given.cache_dir)
    for each in caught:
        _warn(str(each.message))
    folder = given.state or os.path.join(given.checkpoint, "serve")
    return session, Store(folder, identify(
        given.checkpoint, history, given.block_size, given.late_events))


def _serve(given: argparse.Namespace) -> None:
    import uvicorn

    from .application import Description, Limits, create_application
    from .engine import Engine, EngineOptions
    from .metrics import Metrics

    class Server(uvicorn.Server):
        """Ends with status 0 where it was told to, instead of by the signal."""

        @contextlib.contextmanager
        def capture_signals(self) -> Any:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self.handle_exit)
            yield

        problem: str | None = None

        async def startup(self, sockets: Any = None) -> None:
            try:
                await super().startup(sockets)
            except OSError as error:
                # Another process may have bound the port, too, and listens.
                self.problem = (f"cannot listen at {given.host}:{given.port}: "
                                f"{error.strerror}")
                self.should_exit = True
                await self.lifespan.shutdown()
                return
            # From here on requests are answered, and not before.
            address, port = bound.getsockname()[:2]
            shown = f"[{address}]" if ":" in address else address
            print(f"serving http://{shown}:{port} with {engine.state.events} "
                  f"events, of which {engine.state.appended} were appended",
                  flush=True)

    token = _token(given)
    bound = _listen(given.host, given.port)
    if token is None and not bound.getsockname()[0].startswith("127.") \
            and bound.getsockname()[0] != "::1":
        _warn("there is no token: whoever reaches this machine may append "
              "events")
    session, store = _open(given)
    engine = Engine(
        session, store, EngineOptions(
            waiting_requests=given.max_waiting,
            waiting_rows=10 * given.max_rows,
            candidates=given.max_candidates, timeout=given.timeout,
            snapshot_seconds=given.snapshot_seconds,
            longest_gap=given.max_gap or math.inf,
            clamps_late_events=given.late_events == "clamp",
            clamps_early_queries=given.early_queries == "clamp"),
        Metrics(), on_stop=lambda: setattr(server, "should_exit", True))
    engine.recover()
    application = create_application(
        engine, Description.of(session, given.block_size),
        Limits(given.max_body, given.max_rows, given.max_feature,
               given.timeout), token)
    server = Server(uvicorn.Config(
        application, log_level="info" if given.access_log else "warning",
        access_log=given.access_log, lifespan="on", ws="none",
        server_header=False,
        limit_concurrency=given.max_connections, timeout_keep_alive=30,
        # Whoever is slower than this is not waited for.
        timeout_graceful_shutdown=int(given.timeout) + 5))
    server.run(sockets=[bound])
    problem = server.problem or engine.failure
    if problem is not None:
        raise Error(problem)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until it is told to end, and exits."""
    given = _parser().parse_args(arguments)
    try:
        _serve(given)
        sys.exit(0)
    except ImportError as error:
        if error.name and error.name.split(".")[0] in (
                "fastapi", "uvicorn", "prometheus_client", "starlette",
                "pydantic"):
            _fail(f"serving needs the package {error.name}: "
                  "pip install 'orcinus[serve]'")
        raise
    except KeyboardInterrupt:
        sys.exit(130)
    except Error as error:
        _fail(str(error))
