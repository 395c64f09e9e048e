"""Events and moments as the engine takes them."""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import Any, Sequence

import numpy as np

from ..errors import InvalidArgumentError

__all__ = ["Events", "Time", "largest_seconds", "moment", "seconds"]

#: When something is or is asked: seconds as a float, nanoseconds since 1970 as
#: an int (a date), or None for right after the newest event.
Time = float | int | None

#: Numbers of seconds are within this of 0.
largest_seconds = 1e15

_LARGEST_FLOAT32 = float(np.finfo(np.float32).max)

_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
    r"(Z|[+-]\d\d:?\d\d)?)?", re.ASCII | re.IGNORECASE)


def _date(text: str) -> int | float:
    """The nanoseconds since 1970 of a date of ISO 8601, of UTC where it names
    no zone; seconds of one that nanoseconds do not reach, from 1678 to 2261.
    datetime alone would drop all behind microseconds."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise InvalidArgumentError(
            f"'{text[:40]}' is no time: give seconds as a number, or a date "
            "of ISO 8601 such as 2024-05-01T12:00:00Z")
    day, clock, second, fraction, zone = match.groups()
    try:
        point = datetime.datetime.fromisoformat(
            f"{day}T{clock or '00:00'}:{second or '00'}"
            f"{(zone or 'Z').upper()}")
    except ValueError as error:
        raise InvalidArgumentError(f"'{text}' is no time: {error}") from None
    since = point - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    ticks = (since.days * 86400 + since.seconds) * 10**9 \
        + int((fraction or "")[:9].ljust(9, "0"))
    return ticks if -2**63 < ticks < 2**63 - 1 else ticks / 1e9


def moment(value: Any) -> Time:
    """The time that a request gives: a number, text of ISO 8601, or None.

    Raises InvalidArgumentError for anything else.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _date(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidArgumentError("a time is a number of seconds, or text of "
                                   "ISO 8601")
    # As integers are compared, too: a large one has no float.
    if not -largest_seconds <= value <= largest_seconds:
        raise InvalidArgumentError(
            f"a time in seconds is at most {largest_seconds:g} from 0")
    return float(value)


def seconds(time: float | int) -> float:
    return time / 1e9 if isinstance(time, int) else time


def _given(time: Time) -> float | int:
    if time is None:
        raise InvalidArgumentError("an event has a time")
    return time


@dataclasses.dataclass(slots=True)
class Events:
    """The events of a request, in order; they are taken together or not."""

    #: As they came, [source, destination, time, features or None] each: what
    #: the log keeps.
    rows: list[list[Any]]
    sources: list[str]
    destinations: list[str]
    #: float64 [events] seconds, or datetime64[ns] [events].
    times: np.ndarray
    #: float32 [events, columns]; None without columns.
    features: np.ndarray | None

    @classmethod
    def of(cls, rows: list[list[Any]], columns: int,
           largest_feature: float = _LARGEST_FLOAT32) -> "Events":
        """The events of ``rows``, with ``columns`` features each.

        Raises InvalidArgumentError for a time that is none, another number of
        features, and one that is further from 0 than ``largest_feature``.
        """
        times = [_given(moment(row[2])) for row in rows]
        return cls(rows, [row[0] for row in rows], [row[1] for row in rows],
                   _time_array(times),
                   _feature_matrix(rows, columns, largest_feature))

    def __len__(self) -> int:
        return len(self.rows)

    def seconds(self) -> np.ndarray:
        """float64 [events]."""
        if self.times.dtype.kind == "M":
            return self.times.view(np.int64) / 1e9
        return self.times


def _time_array(times: Sequence[float | int]) -> np.ndarray:
    """Of dates and numbers together, numbers: seconds in double precision."""
    if all(isinstance(time, int) for time in times):
        return np.array(times, dtype=np.int64).view("datetime64[ns]")
    return np.array([seconds(time) for time in times], dtype=np.float64)


def _feature_matrix(rows: list[list[Any]], columns: int,
                    largest: float) -> np.ndarray | None:
    for event, row in enumerate(rows):
        given = len(row[3] or ())
        if given != columns:
            raise InvalidArgumentError(
                f"event {event} has {given} features, but those of the history "
                f"have {columns}")
    if columns == 0:
        return None
    matrix = np.array([row[3] for row in rows], dtype=np.float64)
    # A NaN compares false, too.
    fits = (np.abs(matrix) <= largest).all(axis=1)
    if not fits.all():
        raise InvalidArgumentError(
            f"event {int(fits.argmin())} has a feature that is further from 0 "
            f"than {largest:g}")
    return matrix.astype(np.float32)
