"""What is said over HTTP, in JSON."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (BaseModel, BeforeValidator, ConfigDict, Field,
                      PlainValidator, WithJsonSchema)

from ..stream import _name
from . import events

__all__ = ["AppendAnswer", "AppendRequest", "EmbedAnswer", "ErrorAnswer",
           "Event", "HealthAnswer", "NodesRequest", "Pair", "PredictAnswer",
           "RankedDestination", "ScoreAnswer", "ScoreRequest", "StateAnswer",
           "TopAnswer", "TopRequest", "describe_session", "longest_name",
           "most_ranked", "shown_node"]

longest_name = 256
most_ranked = 10_000
#: Beyond it, JSON's readers round.
_LARGEST_INTEGER = 2**53 - 1


def _integer(value: Any) -> Any:
    """JSON does not tell 17.0 from 17."""
    return int(value) if isinstance(value, float) and value.is_integer() \
        else value


def _node(value: Any) -> str:
    """A name as text."""
    value = _integer(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > _LARGEST_INTEGER:
            raise ValueError("the number of a node is larger than JSON keeps: "
                             "give it as text")
        return str(value)
    if not isinstance(value, str):
        raise ValueError("a node is a whole number or text: give any other "
                         "name as text")
    if not 1 <= len(value) <= longest_name:
        raise ValueError(f"the name of a node has 1 to {longest_name} "
                         "characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("the name of a node has half of a surrogate pair") \
            from None
    return value


def shown_node(name: str) -> int | str:
    """What an answer calls a node: a number where a request may give it as
    one."""
    shown = _name(name)
    return name if isinstance(shown, int) and shown > _LARGEST_INTEGER \
        else shown


def _time(value: Any) -> Any:
    """Checked, but as it is given: the log keeps it so."""
    events.moment(value)
    return value


def _event_time(value: Any) -> Any:
    if value is None:
        raise ValueError("an event has a time")
    return _time(value)


Node = Annotated[Any, PlainValidator(_node), WithJsonSchema({
    "anyOf": [{"type": "integer", "minimum": -_LARGEST_INTEGER,
               "maximum": _LARGEST_INTEGER},
              {"type": "string", "minLength": 1, "maxLength": longest_name}],
    "description": "What the stream calls a node: a number or text; 17 and "
                   "\"17\" are the same"})]
_GIVEN_TIME = [
    {"type": "number", "minimum": -events.largest_seconds,
     "maximum": events.largest_seconds},
    {"type": "string", "format": "date-time"}]
EventTime = Annotated[Any, PlainValidator(_event_time), WithJsonSchema({
    "anyOf": _GIVEN_TIME,
    "description": "Seconds as the stream counts them, or a date of ISO 8601, "
                   "of UTC where it names no zone"})]
QueryTime = Annotated[Any, PlainValidator(_time), WithJsonSchema({
    "anyOf": [*_GIVEN_TIME, {"type": "null"}],
    "description": "Seconds as the stream counts them, or a date of ISO 8601, "
                   "after the newest event; none for right after it"})]
Feature = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class _Message(BaseModel):
    # What is misspelt is told, not left out.
    model_config = ConfigDict(extra="forbid")


class Event(_Message):
    source: Node
    destination: Node
    time: EventTime
    features: list[Feature] | None = Field(
        None, description="As many as the events of the history have")


class AppendRequest(_Message):
    """Events in the order of their times. All are taken, or none."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"events": [
        {"source": 17, "destination": "b4", "time": 1700000000.25},
        {"source": 17, "destination": "b5", "time": 1700000001}]}]})

    events: list[Event] = Field(min_length=1)


class AppendAnswer(_Message):
    """The events are durable."""

    appended: int = Field(description="Events of this request")
    events: int = Field(description="Events that are known, those of the "
                                    "history included")


class Pair(_Message):
    source: Node
    destination: Node
    time: QueryTime = None


class ScoreRequest(_Message):
    model_config = ConfigDict(json_schema_extra={"examples": [{"pairs": [
        {"source": 17, "destination": "b4"},
        {"source": 17, "destination": "b5", "time": 1700000002}]}]})

    pairs: list[Pair] = Field(min_length=1)
    logits: bool = Field(False, strict=True, description="Whether to give "
                         "logits, too")


class ScoreAnswer(_Message):
    scores: list[float] = Field(description="The probability of each pair")
    logits: list[float] | None = Field(None, description="The logit of each")
    events: int = Field(description="Events that were known")


class TopRequest(_Message):
    model_config = ConfigDict(json_schema_extra={"examples": [
        {"source": 17, "k": 2, "candidates": ["b4", "b5", "b6"]}]})

    source: Node
    k: Annotated[int, BeforeValidator(_integer)] = Field(
        10, ge=1, le=most_ranked, strict=True)
    time: QueryTime = None
    candidates: list[Node] | None = Field(
        None, min_length=1,
        description="None for all nodes that were a destination")


class RankedDestination(_Message):
    destination: int | str
    score: float


class TopAnswer(_Message):
    top: list[RankedDestination] = Field(description="The likeliest first")
    events: int = Field(description="Events that were known")


class NodesRequest(_Message):
    model_config = ConfigDict(json_schema_extra={"examples": [
        {"nodes": [17, "b4"]}]})

    nodes: list[Node] = Field(min_length=1)
    time: QueryTime = None


class EmbedAnswer(_Message):
    embeddings: list[list[float]] = Field(description="A row a node")
    events: int = Field(description="Events that were known")


class PredictAnswer(_Message):
    predictions: list[list[float]] = Field(
        description="A row a node: numbers, logits of classes, or of two "
                    "classes the logit of the second")
    events: int = Field(description="Events that were known")


class HealthAnswer(_Message):
    status: str = Field(description="\"ok\", or why requests are not answered")


class StateAnswer(_Message):
    version: str
    task: str = Field(description="What the model was trained for")
    block_size: int = Field(description="Events that states take in at once")
    match: str = Field(description="What of the checkpoint is the history's: "
                                   "run, history or model")
    events: int = Field(description="Events, those of the history included")
    appended: int = Field(description="Events behind the history")
    nodes: int
    newest_time: float = Field(description="Of the newest event, in seconds")
    edge_features: int = Field(description="Features that an event has")
    records: int = Field(description="Records of the log, in all")
    snapshot_record: int = Field(description="The last one in a snapshot")
    log_bytes: int = Field(description="Bytes of the log behind it")
    uptime_seconds: float


class ErrorAnswer(_Message):
    error: str = Field(description="What is wrong, in a line")


def describe_session(components: dict[str, Any], features: int,
                     largest_feature: float, rows: int) -> None:
    """Makes the schemas those of a server whose events have ``features``
    features, and whose requests may have ``rows`` rows."""
    for name, key in (("AppendRequest", "events"), ("ScoreRequest", "pairs"),
                      ("NodesRequest", "nodes"), ("TopRequest", "candidates")):
        if name in components:
            described = components[name]["properties"][key]
            for schema in described.get("anyOf", [described]):
                if schema.get("type") == "array":
                    schema["maxItems"] = rows
    event = components["Event"]
    several, none = event["properties"]["features"]["anyOf"]
    several["minItems"] = several["maxItems"] = features
    several["items"].update(minimum=-largest_feature, maximum=largest_feature)
    if features:
        event["required"].append("features")
        event["properties"]["features"]["anyOf"] = [several]
        for example in components["AppendRequest"]["examples"]:
            for each in example["events"]:
                each["features"] = [0.5] * features
