"""An SFZ instrument, played by sfizz through the package pysfizz (extra ``sfz``)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from emsync_bridge.errors import RenderError
from emsync_bridge.midi.players import FAMILIES, PLAYERS
from emsync_bridge.render.engines import Audio
from emsync_bridge.render.midi_events import SAMPLE_RATE, ControlChange, MidiPart, PlayedNote, Voice
from emsync_bridge.render.sfz.text import standalone_text

INSTALL = 'pip install "emsync-bridge[sfz]"'

_BLOCK = 1024
_VOICES = 256
_SENDS = (91, 93)  # reverb and chorus: the mix has its own room
_AT_REST: Final = {1: 0, 7: 100, 10: 64, 11: 127, 64: 0, 66: 0}
"""Controllers before anything has moved them (General MIDI 1)."""

_Event = tuple[int, int, str, tuple[int, ...]]  # sample, order, method, arguments


def parsed_sfz(texts: Iterable[str]) -> tuple[tuple[str, Path], ...]:
    """Return who plays what, from texts such as ``violins=VSCO/violins.sfz``.

    Arguments:
        texts: A player or a family, and its file.

    Raises:
        RenderError: There is no such player or file, or the extra is not installed.
    """
    found = []
    for text in texts:
        name, sign, file = text.partition("=")
        if not sign or not file.strip():
            raise RenderError(
                f"{text!r} names no file",
                hint="Write PLAYER=FILE.sfz, as in violins=LIBRARY/violins.sfz",
                setting="sfz",
            )
        name, path = name.strip().lower().replace(" ", "_"), Path(file.strip()).expanduser()
        if name not in PLAYERS and name not in FAMILIES:
            raise RenderError(
                f"There is no player or family {name!r}",
                hint=f"Players are {', '.join(PLAYERS)}; families are {', '.join(FAMILIES)}",
                setting="sfz",
            )
        if not path.is_file():
            raise RenderError("There is no file of this name", where=path, hint="Check its path", setting="sfz")
        if path.suffix.lower() != ".sfz":
            raise RenderError("This is not an SFZ file", where=path, hint="Give an .sfz file", setting="sfz")
        if find_spec("pysfizz") is None:
            raise RenderError("SFZ instruments need the package pysfizz", hint=INSTALL, setting="sfz")
        found.append((name, path))
    return tuple(found)


def own_instruments(files: Iterable[tuple[str, Path]]) -> Mapping[str, SfzInstrument]:
    """Return instruments by player or family.

    Arguments:
        files: Files as ``parsed_sfz`` returned them.

    Raises:
        RenderError: A file holds no instrument.
    """
    return {name: SfzInstrument(path) for name, path in files}


class SfzInstrument:
    """An SFZ file with its samples in memory.

    Arguments:
        path: The file.
        levels: Factor for each voice that brings it to the level of the sound in whose place it plays, once known.

    Raises:
        RenderError: It is no SFZ file, or none of its samples can be read.
    """

    def __init__(self, path: Path) -> None:
        import pysfizz

        self.path = path
        self.levels: dict[Voice, float] = {}
        self._player = pysfizz.Synth(sample_rate=SAMPLE_RATE, block_size=_BLOCK)
        with tempfile.TemporaryDirectory(prefix="emsync-") as folder:
            copy = Path(folder, "instrument.sfz")
            copy.write_text(standalone_text(path), encoding="utf-8")
            loaded = self._player.load_sfz_file(copy)
        if not loaded:
            raise RenderError(
                "This SFZ file holds no region that can be played",
                where=path,
                hint="Check it in another program, and that its samples lie where it says",
                setting="sfz",
            )
        self._synth: Any = self._player._synth  # noqa: SLF001 (its public calls play one note at a time)
        self._synth.set_num_voices(_VOICES)

    def play(self, part: MidiPart, channel: int, notes: Sequence[PlayedNote], start: int, samples: int) -> Audio:
        """Return what notes of one channel sound like, without any reverberation.

        Arguments:
            part: Part that the notes are of, with its controllers.
            channel: Key of the notes' voice.
            notes: Notes of the part to play.
            start: Sample of the piece that becomes the first of the result.
            samples: Length of the result.

        Returns:
            Shape (samples, 2).
        """
        self._reset(control for control in part.state(start) if control.channel == channel)
        moved = [c for c in part.controls_between(start, start + samples) if c.channel == channel]
        events: list[_Event] = [(c.sample - start, 1, *call) for c in moved if (call := _call(c)) is not None]
        for note in notes:
            events.append((max(0, note.start - start), 2, "note_on", (note.pitch, note.velocity)))
            events.append((max(1, note.end - start), 0, "note_off", (note.pitch, 0)))
        events.sort(key=lambda event: event[:2])
        sound = np.zeros((samples, 2), np.float32)
        at = 0
        for position in range(0, samples, _BLOCK):
            while at < len(events) and events[at][0] < position + _BLOCK:
                when, _, method, arguments = events[at]
                getattr(self._synth, method)(when - position, *arguments)
                at += 1
            if at == len(events) and not self._synth.get_num_active_voices():
                break
            length = min(_BLOCK, samples - position)
            for side, block in enumerate(self._synth.render_block()):
                sound[position : position + length, side] = block[:length]
        return sound

    def _reset(self, controls: Iterable[ControlChange]) -> None:
        self._synth.all_sound_off()
        for number, value in _AT_REST.items():
            self._synth.cc(0, number, value)
        self._synth.pitch_wheel(0, 0)
        self._synth.render_block()  # of two changes at one moment the first counts
        for control in controls:
            if (call := _call(control)) is not None:
                getattr(self._synth, call[0])(0, *call[1])
        self._synth.render_block()  # smoothed controllers come to rest


def _call(control: ControlChange) -> tuple[str, tuple[int, ...]] | None:
    """Return the method of the synthesizer for a message, and what it is called with."""
    message = control.message
    if message.type == "pitchwheel":
        return "pitch_wheel", (message.pitch,)
    if message.type == "control_change" and message.control not in _SENDS:
        return "cc", (message.control, message.value)
    return None
