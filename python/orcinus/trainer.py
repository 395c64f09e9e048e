"""Training a model on a stream."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import tempfile
import time
from typing import Any, Iterable, Iterator, Mapping

import numpy as np

from . import _core, options, processes
from .errors import (InputOutputError, InterruptedRun, InvalidArgumentError,
                     StopTraining)
from .evaluation import Evaluation, evaluate_checkpoint
from .model import CompiledModel, Model
from .progress import make_bar
from .session import Session, _texts
from .stream import Labels, Stream, _as_text, _is_one

__all__ = ["Trainer", "Report"]


def _metrics(line: str) -> dict[str, Any]:
    """A line of a metrics file; what is not defined is NaN."""
    return {name: math.nan if value is None else value
            for name, value in json.loads(line).items() if name != "event"}


@dataclasses.dataclass(frozen=True)
class Report:
    """What a run came to."""

    #: The figures of the test: ``ap``, ``auc``, … of links, ``accuracy``,
    #: ``rmse``, … of labels; also seconds and the best epoch.
    test: dict[str, Any]
    #: The metrics of the epochs that were trained in this call.
    epochs: list[dict[str, Any]]

    @property
    def best_epoch(self) -> int:
        return self.test["best_epoch"]

    def __getattr__(self, name: str) -> Any:
        # report.ap is report.test["ap"].
        try:
            return self.__dict__["test"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __repr__(self) -> str:
        figures = ", ".join(f"{name}={value:.4f}"
                            for name, value in self.test.items()
                            if isinstance(value, float)
                            and not name.endswith("seconds"))
        return f"Report({figures}, best epoch {self.best_epoch})"


#: Between two calls of what does not want every batch.
_CALL_SECONDS = 0.05


class _Observer:
    """Passes on what the engine tells."""

    def __init__(self, callbacks: Iterable[Any], progress: bool | None):
        self.callbacks = list(callbacks)
        self.bar = make_bar(progress)
        self.epochs: list[dict[str, Any]] = []
        #: Why training is to end before its next batch.
        self.stop: StopTraining | None = None
        # The engine then calls for every batch, so that an end that is asked
        # for comes at the next one.
        self.every_batch = bool(self.callbacks)
        self._last_call = 0.0
        if any(hasattr(each, "on_test_scores") for each in self.callbacks):
            self.on_test_scores = self._test_scores

    def _tell(self, method: str, *arguments: Any,
              all_of_them: bool = True) -> None:
        """Tells the callbacks: those that want every batch, or all of them. Who
        asks for an end gets it before the next batch of training, for a
        validation or test that was cut short could not be taken up again."""
        for each in self.callbacks:
            if hasattr(each, method) and (
                    all_of_them or getattr(each, "every_batch", False)):
                try:
                    getattr(each, method)(*arguments)
                except StopTraining as stop:
                    self.stop = self.stop or stop

    def on_batch(self, phase: str, epoch: int, batch: int, batches: int,
                 seconds: float, loss: float) -> None:
        # Behind the last batch comes the validation.
        may_stop = phase == "train" and batch < batches
        if self.stop is not None and may_stop:
            raise self.stop
        now = time.monotonic()
        due = batch == batches or now - self._last_call >= _CALL_SECONDS
        if due:
            self._last_call = now
            if self.bar:
                self.bar.show(phase, epoch, batch, batches, loss)
        self._tell("on_batch", phase, epoch, batch, batches, loss,
                   all_of_them=due)
        if self.stop is not None and may_stop:
            raise self.stop

    def on_epoch(self, line: str, best: bool) -> None:
        metrics = _metrics(line)
        self.epochs.append(metrics)
        if self.bar:
            figure = next((f"{name} {metrics[name]:.4f}"
                           for name in metrics if name.startswith("val_")
                           and name != "val_seconds"), "")
            self.bar.close()
            self.bar.write(f"epoch {metrics['epoch']}: loss "
                           f"{metrics['train_loss']:.4f}, {figure}"
                           + (", best" if best else ""))
        self._tell("on_epoch", metrics)

    def on_staleness(self, line: str) -> None:
        self._tell("on_staleness", _metrics(line))

    def _test_scores(self, events: np.ndarray, negatives: np.ndarray,
                     logits: np.ndarray) -> None:
        self._tell("on_test_scores", events, negatives, logits)

    def on_note(self, note: str) -> None:
        if self.bar:
            self.bar.write(note)
        self._tell("on_note", note)

    def close(self) -> None:
        if self.bar:
            self.bar.close()


class _Arrays(Mapping):
    """Arrays by their names. Reading shows the trainer's own values, which
    assignment, as of ``arrays["embed1.query"][:] = …``, changes."""

    def __init__(self, trainer: "_core.Trainer", of_nodes: bool):
        self._trainer, self._of_nodes = trainer, of_nodes

    def _all(self) -> dict[str, np.ndarray]:
        return _core.arrays(self._trainer, self._of_nodes)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._all()[name]

    def __setitem__(self, name: str, values: Any) -> None:
        self[name][...] = values

    def __iter__(self):
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class Trainer:
    """A model, its parameters and states, and the stream that it learns from.

    ``model`` is a Model, or what Model takes first. Options: those of ``orcinus
    train`` that concern training: ``epochs``, ``batch_size``, ``lr`` (or
    ``learning_rate``), ``schedule``, ``seed``, ``threads``, ``patience``,
    ``protocol``, ``mask_nodes``, …; where ``model`` is a name, also Model's.

    With ``labels``, of a task that has them (Stream.labels), it is their task
    that is learnt; ``encoder`` is then the checkpoint of a link prediction that
    it starts from.

    ``checkpoint`` is a folder to keep the run in, ``metrics`` a file for a line
    of JSON an epoch, as on the command line. Where the folder has a run, the
    trainer's stream numbers nodes as that did (Stream.aligned_with).

    Processes that a launcher has started train together
    (docs/many-machines.md): they make their trainers alike, and all call
    fit(), epoch(), step(), test(), evaluate() and load(). With
    ``state="sharded"`` each has the rows of some nodes, which ``states`` shows,
    and all call embed(), save() and session(), too.
    """

    def __init__(self, stream: Stream, model: Model | str = "tgn", *,
                 labels: Labels | None = None,
                 encoder: str | os.PathLike | None = None,
                 checkpoint: str | os.PathLike | None = None,
                 metrics: str | os.PathLike | None = None,
                 train_fraction: float = 0.70,
                 validation_fraction: float = 0.15, **train_options: Any):
        if checkpoint is not None and _core.holds_checkpoint(
                os.fspath(checkpoint)):
            aligned = stream.aligned_with(checkpoint)
            if labels is not None and not stream._numbers_as(aligned):
                raise InvalidArgumentError(
                    f"the run in '{os.fspath(checkpoint)}' numbers nodes and "
                    "times otherwise than this stream, by whose numbers its "
                    "labels go: give stream.aligned_with(checkpoint), and "
                    "labels of that")
            stream = aligned
        self.stream, self.labels = stream, labels
        if isinstance(model, Model):
            self.model = model
        else:
            self.model = Model(model, **options.split(train_options, "compile"))
        self.checkpoint = None if checkpoint is None else os.fspath(checkpoint)
        self.metrics = None if metrics is None else os.fspath(metrics)
        self._options = _core.Options()
        options.take(self._options, train_options, ["train"], "Trainer")
        self._options.set_fractions(train_fraction, validation_fraction)
        self._threads = int(self._options.get("threads") or 0)
        # Those of mpirun, if it has started this one.
        together = processes.processes()
        shards = self._options.get("shards")
        self.program: CompiledModel = self.model.compile(
            stream, labels=labels, threads=self._threads,
            sharded=int(shards) > 1 if shards else processes.world_size() > 1)
        self._core = _core.Trainer(stream._core, self.program._core,
                                   self._options,
                                   None if labels is None else labels._core,
                                   together)
        if encoder is not None:
            self._core.load_encoder(os.fspath(encoder))

    # ---- Training --------------------------------------------------------

    def fit(self, *, callbacks: Iterable[Any] = (), resume: bool = False,
            start_from_best: bool = False, save_every: float = 60,
            progress: bool | None = None) -> Report:
        """The whole run: epochs until the last one or until patience ends, then
        the test of the best.

        ``resume`` continues the checkpoint's run, ``start_from_best`` begins a
        new one with its best parameters, on events that came since.
        ``save_every`` is in seconds. ``progress`` shows a bar: by default in a
        terminal and in a notebook, by tqdm.

        Ctrl-C ends the run between two batches: with a checkpoint it is saved
        there, and KeyboardInterrupt is raised. Of several processes it is
        enough that one is told: all stop behind the same batch.
        """
        observer = _Observer(callbacks, progress)
        try:
            line = self._core.train(self.checkpoint or "", resume,
                                    start_from_best, float(save_every),
                                    self.metrics or "", observer)
        except StopTraining:
            line = self._core.test(observer)
        except InterruptedRun as stopped:
            raise KeyboardInterrupt(str(stopped)) from None
        finally:
            observer.close()
        test = _metrics(line)
        observer._tell("on_test", test)
        return Report(test, observer.epochs)

    def step(self) -> float:
        """Trains the next batch and returns its loss; after an epoch's last one
        it begins the next epoch, without validation."""
        return self._core.step()

    def epoch(self, *, callbacks: Iterable[Any] = (),
              progress: bool | None = None) -> dict[str, Any]:
        """Trains what is left of the epoch and validates: its metrics."""
        observer = _Observer(callbacks, progress)
        try:
            line, best = self._core.epoch(observer)
        finally:
            observer.close()
        observer.on_epoch(line, best)
        if observer.stop is not None:
            raise observer.stop
        return _metrics(line)

    def test(self) -> dict[str, Any]:
        """Tests the parameters of the best epoch, which become the current
        ones."""
        return _metrics(self._core.test(_Observer((), False)))

    def evaluate(self, protocol: str = "orca", *, negatives: str = "",
                 negatives_per_event: int = 0, batch_size: int = 200,
                 lag: str = "batch", new_nodes: str = "",
                 score_every: int = 1,
                 keep_scores: bool = False) -> Evaluation:
        """The test under a protocol (docs/protocols.md) of the best parameters:
        "orca", "dyglib" or "tgb". ``negatives`` are "random", "historical",
        "inductive", "all" or a file; ``lag`` says what is known of an event's
        past: all before its "batch", or before its "timestamp".
        ``score_every`` scores one of so many events only, ``keep_scores`` keeps
        the score of every pair.

        Processes that train together all call it, and divide the scoring. Each
        then holds the rows of all nodes. Raises InputOutputError where states
        are sharded and the processes do not see one folder for temporary files,
        on machines of their own: save() to a folder that all see, and call
        evaluate_checkpoint() with ``processes``.
        """
        with self._saved() as folder:
            return evaluate_checkpoint(
                folder, self.stream, protocol=protocol, negatives=negatives,
                negatives_per_event=negatives_per_event, batch_size=batch_size,
                lag=lag, new_nodes=new_nodes, score_every=score_every,
                threads=self._threads, keep_scores=keep_scores,
                processes=processes.processes())

    # ---- What is in it ---------------------------------------------------

    @property
    def parameters(self) -> Mapping[str, np.ndarray]:
        """The parameters by their names: float32, to read and to write."""
        return _Arrays(self._core, False)

    @property
    def states(self) -> Mapping[str, np.ndarray]:
        """What the model keeps of nodes, a row each, by its names:
        "state:memory", its messages, mailboxes."""
        return _Arrays(self._core, True)

    def embed(self, nodes: Any, times: Any) -> np.ndarray:
        """float32 [nodes, width]: the embeddings of nodes, by their names, at
        times in seconds, or at a single one, from the current parameters and
        states; of a single node, float32 [width]. Raises KeyError for a name
        that the stream does not have, InvalidArgumentError for another number
        of times."""
        single = _is_one(nodes)
        names = [_as_text(nodes)] if single else _texts(nodes)
        numbers = np.array([self.stream.node(name) for name in names],
                           dtype=np.int32)
        seconds = np.asarray(times, dtype=np.float64)
        if seconds.ndim == 0:
            seconds = np.full(len(names), seconds)
        if seconds.shape != numbers.shape:
            raise InvalidArgumentError(
                f"times of the shape {list(seconds.shape)} for {len(names)} "
                "nodes: give one each, or one for all")
        rows = self._core.embed(numbers, np.ascontiguousarray(seconds))
        return rows[0] if single else rows

    def save(self, directory: str | os.PathLike) -> None:
        """Writes a checkpoint. With ``state="sharded"`` processes that train
        together all call it, and the first one writes; otherwise each writes
        where it is told to."""
        self._core.save(os.fspath(directory))

    def load(self, directory: str | os.PathLike) -> None:
        """Goes to where a checkpoint was written. Processes that train together
        all call it, and read the folder."""
        self._core.load(os.fspath(directory))

    def session(self, **session_options: Any) -> Session:
        """The best parameters over the whole stream, to be asked and to be given
        new events; each process that calls it has a session of its own, with
        the rows of all nodes.

        With ``state="sharded"`` processes that train together all call it.
        Raises InputOutputError where these do not see one folder for temporary
        files, on machines of their own: save() to a folder that all see, and
        Session.open() that.
        """
        session_options.setdefault("threads", self._threads)
        with self._saved() as folder:
            return Session.open(folder, self.stream, **session_options)

    @contextlib.contextmanager
    def _saved(self) -> Iterator[str]:
        """A folder with the checkpoint of now. With sharded states the first
        process writes it for all, which leave it together."""
        together = processes.processes()
        is_shared = (together is not None and together.size > 1
                     and self._options.get("state") == "sharded")
        with tempfile.TemporaryDirectory(prefix="orcinus-") as folder:
            if not is_shared:
                self.save(folder)
                yield folder
                return
            folder = together.text_of_first(folder)
            self.save(folder)
            if not together.agree(str(_core.holds_checkpoint(folder))):
                raise InputOutputError(
                    "the first process has written the checkpoint to "
                    f"'{folder}', which not all processes see: save() to a "
                    "folder that all see, and open or evaluate that")
            yield folder
            together.meet()

    def __repr__(self) -> str:
        return f"Trainer({self.stream!r}, {self.model!r})"
