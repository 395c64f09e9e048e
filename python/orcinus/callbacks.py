"""What is told how a run goes.

A callback is any object with some of these methods; it needs no base class:

- ``on_batch(phase, epoch, batch, batches, loss)``, some twenty times a second,
  or after every batch where its attribute ``every_batch`` is true; it must not
  call the trainer, which is in the middle of its work;
- ``on_epoch(metrics)``, the line that the metrics file has;
- ``on_staleness(metrics)``, with ``measure_staleness``;
- ``on_test(metrics)``;
- ``on_note(text)``.

One that raises ``StopTraining`` ends training, and the best epoch is tested; any
other exception ends the call.
"""

from __future__ import annotations

import math
from typing import Any

from . import errors

__all__ = ["EarlyStopping", "History", "TensorBoard", "MLflow", "WandB",
           "numbers_of"]


def numbers_of(metrics: dict[str, Any]) -> dict[str, float]:
    """The finite numbers of a line of metrics, those of ``reuse`` too."""
    result: dict[str, float] = {}
    for name, value in metrics.items():
        if isinstance(value, dict):
            for inner, each in numbers_of(value).items():
                result[f"{name}/{inner}"] = each
        elif isinstance(value, (int, float)) and not isinstance(value, bool) \
                and math.isfinite(value) and name != "epoch":
            result[name] = float(value)
    return result


class History:
    """Keeps all lines of metrics."""

    def __init__(self) -> None:
        self.epochs: list[dict[str, Any]] = []
        self.staleness: list[dict[str, Any]] = []
        self.test: dict[str, Any] | None = None

    def on_staleness(self, metrics: dict[str, Any]) -> None:
        self.staleness.append(metrics)

    def on_epoch(self, metrics: dict[str, Any]) -> None:
        self.epochs.append(metrics)

    def on_test(self, metrics: dict[str, Any]) -> None:
        self.test = metrics


class EarlyStopping:
    """Ends training where ``metric`` has not grown by ``min_delta`` for
    ``patience`` epochs; with ``mode="min"``, not fallen."""

    def __init__(self, metric: str = "val_ap", patience: int = 5,
                 min_delta: float = 0.0, mode: str = "max"):
        if mode not in ("max", "min"):
            raise errors.InvalidArgumentError(
                f"the mode is 'max' or 'min', not '{mode}'")
        self.metric, self.patience = metric, patience
        self.min_delta, self.sign = min_delta, 1 if mode == "max" else -1
        self.best = -math.inf
        self.waited = 0

    def on_epoch(self, metrics: dict[str, Any]) -> None:
        numbers = numbers_of(metrics)
        # One that is not defined, as the AP of no event, is not better.
        if self.metric not in numbers \
                and not isinstance(metrics.get(self.metric), float):
            raise errors.InvalidArgumentError(
                f"an epoch has no '{self.metric}'; there are: "
                + ", ".join(numbers))
        value = self.sign * numbers.get(self.metric, math.nan)
        if value > self.best + self.min_delta:
            self.best, self.waited = value, 0
            return
        self.waited += 1
        if self.waited >= self.patience:
            raise errors.StopTraining(
                f"{self.metric} did not improve for {self.waited} epochs")


class TensorBoard:
    """Writes to a ``SummaryWriter``, of any package: what has
    ``add_scalar(name, value, step)``."""

    def __init__(self, writer: Any, prefix: str = "orcinus/"):
        self.writer, self.prefix = writer, prefix

    def _write(self, metrics: dict[str, Any], step: int) -> None:
        for name, value in numbers_of(metrics).items():
            self.writer.add_scalar(self.prefix + name, value, step)

    def on_epoch(self, metrics: dict[str, Any]) -> None:
        self._write(metrics, metrics["epoch"])

    def on_test(self, metrics: dict[str, Any]) -> None:
        self._write({f"test_{name}": value for name, value in metrics.items()},
                    metrics["best_epoch"])


class MLflow:
    """Writes to MLflow: the module, or a client's run, with
    ``log_metrics(dict, step=…)``."""

    def __init__(self, mlflow: Any):
        self.mlflow = mlflow

    def on_epoch(self, metrics: dict[str, Any]) -> None:
        self.mlflow.log_metrics(
            {name.replace("/", "."): value
             for name, value in numbers_of(metrics).items()},
            step=metrics["epoch"])

    def on_test(self, metrics: dict[str, Any]) -> None:
        self.mlflow.log_metrics(
            {f"test_{name}": value
             for name, value in numbers_of(metrics).items()},
            step=metrics["best_epoch"])


class WandB:
    """Writes to a run of Weights & Biases: what has ``log(dict, step=…)``."""

    def __init__(self, run: Any):
        self.run = run

    def on_epoch(self, metrics: dict[str, Any]) -> None:
        self.run.log(numbers_of(metrics), step=metrics["epoch"])

    def on_test(self, metrics: dict[str, Any]) -> None:
        self.run.log({f"test_{name}": value
                      for name, value in numbers_of(metrics).items()})
