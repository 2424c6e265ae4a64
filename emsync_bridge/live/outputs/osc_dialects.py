"""OSC dialects of the receivers, as data that users can edit.

``osc_dialects.json`` beside this module holds one entry per dialect. A message is a list: its address, then its
arguments. ``{name}`` in an address and an argument ``"$name"`` stand for a note's ``ident``, ``channel`` (from 0),
``pitch``, ``velocity`` and ``seconds``; in messages of a state ``$0``, ``$1``, ... stand for its values; in orders to
a transport there are ``position`` (seconds), ``samples``, ``quarters`` (quarter notes) and ``rate``.

Addresses of Reaper are those of its Default.ReaperOSC, those of Bitwig are DrivenByMoss's and those of Ableton Live are
AbletonOSC's, all from their documentation; those of Ardour were tried with version 7.3. None of them honours time tags.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emsync_bridge.errors import EmsyncError
from emsync_bridge.live.events import Event, Midi, NoteOff, NoteOn, StateMessage

Value = int | float | str
Message = list[Value]
_MAX_BYTES = 2**20

_STATES: dict[str, tuple[Value, ...]] = {
    "transport": (1, 0.0, 1.0, 0.0),
    "section": ("", 0.0, 1.0),
    "emotion": (0.0, 0.0),
    "hit": ("cut", "", 0, 1.0),
}


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PositionMessage(_Data):
    """Argument of a message that holds the position.

    Arguments:
        value: Index of the argument, from 0.
        unit: Seconds, quarter notes, samples, or text such as ``0:01:02.345`` (clock).
    """

    value: int = Field(default=0, ge=0, le=31)
    unit: Literal["seconds", "quarters", "samples", "clock"]


class RollingMessage(_Data):
    """Argument of a message that says whether time passes, and the meaning of a value other than 0."""

    value: int = Field(default=0, ge=0, le=31)
    means: Literal["play", "stop"]


class TransportMessages(_Data):
    """Messages that control the receiver's transport: roll from a position, stop, locate."""

    play: list[Message] = []
    stop: list[Message] = []
    locate: list[Message] = []


class FeedbackMessages(_Data):
    """Messages by which the receiver reports its transport.

    Arguments:
        listen: UDP port to which it says so; 0 where it answers any sender.
        subscribe: Messages that make it talk.
        subscribe_every: Seconds after which they are repeated, for a receiver that starts later; 0 for never.
        ask: Messages that it answers.
        ask_every: Seconds between them; 0 for never.
        position: Messages that tell the position, by address.
        rolling: Messages that tell whether time passes, by address.
    """

    listen: int = Field(default=0, ge=0, le=65535)
    subscribe: list[Message] = []
    subscribe_every: float = Field(default=0.0, ge=0)
    ask: list[Message] = []
    ask_every: float = Field(default=0.0, ge=0)
    position: dict[str, PositionMessage]
    rolling: dict[str, RollingMessage] = {}


class OscDialect(_Data):
    """One way to speak OSC.

    Arguments:
        port: UDP port on which such receivers listen by default.
        time_tags: Whether the receiver places events by the bundle's time tag.
        lookahead: Seconds before their time events are sent.
        off_copies: Number of times that a release is sent; above 1 only where notes are told apart by ``ident``.
        state_every: Seconds after which the last states are repeated; 0 for never.
        sample_rate: Samples per second of its project, where positions are counted in samples.
        note_on: Message that begins a note; empty where notes have to go by MIDI.
        note_off: Message that ends it.
        states: Messages by name of the state.
        transport: Way in which its transport is ordered about.
        feedback: Messages by which it reports its transport; None where it reports nothing.
    """

    port: int = Field(ge=1, le=65535)
    time_tags: bool = False
    lookahead: float = Field(default=0.0, ge=0, le=5)
    off_copies: int = Field(default=1, ge=1, le=3)
    state_every: float = Field(default=0.0, ge=0)
    sample_rate: int = Field(default=48000, ge=8000, le=768_000)
    note_on: Message = []
    note_off: Message = []
    states: dict[str, list[Message]] = {}
    transport: TransportMessages | None = None
    feedback: FeedbackMessages | None = None

    @property
    def has_notes(self) -> bool:
        """True where the receiver takes notes over OSC."""
        return bool(self.note_on)

    def messages(self, event: Event) -> list[tuple[str, Message]]:
        """Return the addresses and arguments that say an event; none for what this receiver does not know."""
        if isinstance(event, Midi):
            return []
        if isinstance(event, StateMessage):
            values = {str(place): value for place, value in enumerate(event.values)}
            return [_filled(message, values) for message in self.states.get(event.name, [])]
        if not self.has_notes:
            return []
        fields: dict[str, Value] = {"ident": event.ident, "channel": event.channel, "pitch": event.pitch}
        if isinstance(event, NoteOn):
            return [_filled(self.note_on, {**fields, "velocity": event.velocity, "seconds": event.seconds})]
        assert isinstance(event, NoteOff)  # noqa: S101  tells the type checker what is left
        return [_filled(self.note_off, {**fields, "velocity": 0, "seconds": 0.0})]

    def orders(self, state: StateMessage, *, rolled: bool) -> list[tuple[str, Message]]:
        """Return what makes the receiver's transport do as a state of our own transport says.

        Arguments:
            state: ``transport`` with whether it rolls, position in seconds, rate, and position in quarter notes.
            rolled: Whether it rolled until now.
        """
        if self.transport is None or state.name != "transport":
            return []
        rolling, position, rate, quarters = (float(value) for value in state.values)
        samples = round(position * self.sample_rate)
        fields: dict[str, Value] = {"position": position, "samples": samples, "quarters": quarters, "rate": rate}
        standing = self.transport.stop if rolled else self.transport.locate
        orders = self.transport.play if rolling else standing
        return [_filled(message, fields) for message in orders]


def dialect_names() -> list[str]:
    """Return the names of the dialects that come with emsync."""
    return list(_builtin())


def load_dialect(name: str) -> OscDialect:
    """Return a dialect by name, or from a JSON file with one dialect's entry.

    Raises:
        EmsyncError: The dialect or file does not exist, or the file does not fit.
    """
    known = _builtin()
    if name in known:
        return _checked(name, known[name])
    path = Path(name)
    if path.suffix != ".json" or not path.is_file():
        raise EmsyncError(f"OSC dialect '{name}' not found", hint=f"Use {', '.join(known)} or a .json file")
    if path.stat().st_size > _MAX_BYTES:
        raise EmsyncError("This file is too large for an OSC dialect", where=path)
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as problem:
        raise EmsyncError(f"Not JSON ({problem})", where=path) from None
    if not isinstance(entry, dict):
        raise EmsyncError("Not an OSC dialect: it must be one JSON object", where=path)
    base = entry.pop("like", None)
    return _checked(str(path), {**known.get(str(base), {}), **entry})


def _builtin() -> dict[str, dict[str, Any]]:
    entries = json.loads(Path(__file__).with_name("osc_dialects.json").read_text(encoding="utf-8"))
    return {name: {**entries.get(entry.pop("like", ""), {}), **entry} for name, entry in entries.items()}


def _checked(where: str, entry: dict[str, Any]) -> OscDialect:
    try:
        dialect = OscDialect.model_validate(entry)
        _try(dialect)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise EmsyncError(f"The OSC dialect is invalid at {place}: {first['msg']}", where=where) from None
    except KeyError as problem:
        raise EmsyncError(f"This OSC dialect asks for the unknown value {problem}", where=where) from None
    except ValueError as problem:
        raise EmsyncError(f"Not an OSC dialect: {problem}", where=where) from None
    return dialect


def _try(dialect: OscDialect) -> None:
    """Say everything that a dialect can say, so that mistakes are found before the music starts.

    Raises:
        KeyError: A message asks for a value that there is not.
        ValueError: A message has no address, or notes have no end.
    """
    if bool(dialect.note_on) != bool(dialect.note_off):
        raise ValueError("note_on and note_off go together")
    said = [m for event in (NoteOn(0, 60, 1, 1, 1.0), NoteOff(0, 60, 1)) for m in dialect.messages(event)]
    for rolling, rolled in ((1, False), (0, True), (0, False)):
        said += dialect.orders(StateMessage("transport", (rolling, 0.0, 1.0, 0.0)), rolled=rolled)
    for name, values in _STATES.items():
        said += dialect.messages(StateMessage(name, values))
    feedback = dialect.feedback
    said += [_filled(message, {}) for message in (feedback.subscribe + feedback.ask if feedback else [])]
    wrong = next((address for address, _ in said if not address.startswith("/")), None)
    if wrong is not None:
        raise ValueError(f"an OSC address begins with a slash, unlike '{wrong}'")


def _filled(message: Message, fields: dict[str, Value]) -> tuple[str, Message]:
    if not message:
        raise ValueError("a message is empty")
    address = str(message[0])
    for name, value in fields.items():
        address = address.replace(f"{{{name}}}", str(value))
    return address, [fields[v[1:]] if isinstance(v, str) and v.startswith("$") else v for v in message[1:]]
