"""How receivers want to be spoken to over OSC, as data that users can edit.

``osc_dialects.json`` beside this module holds one entry per dialect. A message is a list: its address, then its
arguments. ``{name}`` in an address and an argument ``"$name"`` stand for a note's ``ident``, ``channel`` (from 0),
``pitch``, ``velocity`` and ``seconds``; in messages of a state ``$0``, ``$1``, ... stand for its values.

Addresses of Reaper are those of its Default.ReaperOSC and those of Bitwig are DrivenByMoss's, both from their
documentation; neither program honours time tags.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emsync_bridge.errors import EmsyncError
from emsync_bridge.live.notes import Event, Midi, NoteOff, NoteOn, State

Value = int | float | str
_LARGEST = 2**20


class Dialect(BaseModel):
    """One way to speak OSC.

    Arguments:
        port: Where such receivers listen unless told otherwise.
        time_tags: Whether the receiver places events by the bundle's time tag.
        lookahead: Seconds before their time events are sent.
        off_copies: How often a release is sent; above 1 only where notes are told apart by ``ident``.
        state_every: Seconds after which the last states are repeated; 0 for never.
        note_on: Message that begins a note.
        note_off: Message that ends it.
        states: Messages by name of the state.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: int = Field(ge=1, le=65535)
    time_tags: bool = False
    lookahead: float = Field(default=0.0, ge=0, le=5)
    off_copies: int = Field(default=1, ge=1, le=3)
    state_every: float = Field(default=0.0, ge=0)
    note_on: list[Value] = Field(min_length=1)
    note_off: list[Value] = Field(min_length=1)
    states: dict[str, list[list[Value]]] = {}

    def messages(self, event: Event) -> list[tuple[str, list[Value]]]:
        """Return the addresses and arguments that say an event; none for what this receiver does not know."""
        if isinstance(event, Midi):
            return []
        if isinstance(event, State):
            values = {str(place): value for place, value in enumerate(event.values)}
            return [_filled(message, values) for message in self.states.get(event.name, [])]
        fields: dict[str, Value] = {"ident": event.ident, "channel": event.channel, "pitch": event.pitch}
        if isinstance(event, NoteOn):
            return [_filled(self.note_on, {**fields, "velocity": event.velocity, "seconds": event.seconds})]
        assert isinstance(event, NoteOff)  # noqa: S101  tells the type checker what is left
        return [_filled(self.note_off, {**fields, "velocity": 0, "seconds": 0.0})]


def dialect_names() -> list[str]:
    """Return the names of the dialects that come with emsync."""
    return list(_builtin())


def load_dialect(name: str) -> Dialect:
    """Return a dialect by name, or from a JSON file with one dialect's entry.

    Raises:
        EmsyncError: There is no such dialect or file, or the file does not fit.
    """
    known = _builtin()
    if name in known:
        return _checked(name, known[name])
    path = Path(name)
    if path.suffix != ".json" or not path.is_file():
        raise EmsyncError(f"There is no OSC dialect '{name}'", hint=f"Use {', '.join(known)} or a .json file")
    if path.stat().st_size > _LARGEST:
        raise EmsyncError("This file is too large for an OSC dialect", where=path)
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as problem:
        raise EmsyncError(f"This is no JSON ({problem})", where=path) from None
    if not isinstance(entry, dict):
        raise EmsyncError("This is no OSC dialect: it must be one JSON object", where=path)
    base = entry.pop("like", None)
    return _checked(str(path), {**known.get(str(base), {}), **entry})


def _builtin() -> dict[str, dict[str, Any]]:
    entries = json.loads(Path(__file__).with_name("osc_dialects.json").read_text(encoding="utf-8"))
    return {name: {**entries.get(entry.pop("like", ""), {}), **entry} for name, entry in entries.items()}


def _checked(where: str, entry: dict[str, Any]) -> Dialect:
    try:
        dialect = Dialect.model_validate(entry)
        sample = (NoteOn(0, 60, 1, 1, 1.0), NoteOff(0, 60, 1))
        _ = [dialect.messages(event) for event in sample]
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise EmsyncError(f"This is no OSC dialect: {place}: {first['msg']}", where=where) from None
    except KeyError as problem:
        raise EmsyncError(f"This OSC dialect asks for the unknown value {problem}", where=where) from None
    return dialect


def _filled(message: list[Value], fields: dict[str, Value]) -> tuple[str, list[Value]]:
    address = str(message[0])
    for name, value in fields.items():
        address = address.replace(f"{{{name}}}", str(value))
    return address, [fields[v[1:]] if isinstance(v, str) and v.startswith("$") else v for v in message[1:]]
