"""The players of the orchestra: what each can play, how General MIDI calls its sound, and where it sits.

The entry point is ``PLAYERS``, in the order of a full score. A MIDI file has one track per player; stems are made of
families; ``cue.Note.instrument`` keeps the five groups that older files and outputs know.

Ranges are sounding pitches that a good amateur reaches (Adler, *The Study of Orchestration*, and the OpenScore
Orchestra corpus, 17 movements); centres are where the corpus lets each of them carry a melody.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from emsync_bridge.cue import Instrument

Family = Literal[
    "woodwinds", "brass", "percussion", "keys", "harp", "choir", "strings", "guitars", "bass", "synth", "drums"
]
FAMILIES: tuple[Family, ...] = (
    "woodwinds",
    "brass",
    "percussion",
    "keys",
    "harp",
    "choir",
    "strings",
    "guitars",
    "bass",
    "synth",
    "drums",
)
"""In the order of a score; a family is a stem."""

Sounding = Literal["sustained", "plucked", "struck"]
"""Life of a note: held by bow, breath or circuit, or dying away after a pluck or a stroke."""


@dataclass(frozen=True)
class Player:
    """One instrument or section.

    Arguments:
        name: Identifier in notes, options and palettes.
        title: Name of its track.
        family: Stem that it belongs to.
        group: One of the five instrument groups of ``cue.Note``.
        program: General MIDI program from 0.
        low: Lowest sounding pitch, a MIDI note number.
        high: Highest sounding pitch.
        center: Pitch around which it carries a melody best.
        sounding: Whether notes are held, plucked or struck.
        breath: Seconds that one note or slur can last; 0 means without limit.
        voices: Notes that it can sound at once.
        speed: Notes a second that it can play for some seconds.
        pan: Controller 10, from 0 (left) to 127.
        volume: Controller 7.
        reverb: Controller 91, how far back it sits.
        fold: Player that takes its notes where channels run out; empty when none can.
        bank: MIDI bank (controller 0); 0 is General MIDI's, 128 that of its drum kits.
    """

    name: str
    title: str
    family: Family
    group: Instrument
    program: int
    low: int
    high: int
    center: int
    sounding: Sounding
    breath: float
    voices: int
    speed: float
    pan: int
    volume: int
    reverb: int
    fold: str = ""
    bank: int = 0

    @property
    def unpitched(self) -> bool:
        """True for a player whose notes are keys of General MIDI's percussion map, on channel 10."""
        return self.group == "drums"

    def fitted(self, pitch: int) -> int:
        """Return a pitch moved by octaves into its range; unpitched players keep the key."""
        if self.unpitched:
            return pitch
        while pitch < self.low:
            pitch += 12
        while pitch > self.high:
            pitch -= 12
        return pitch


# fmt: off
# ruff: noqa: E501 (one player a line)
_TABLE: tuple[Player, ...] = (
    Player("piccolo", "Piccolo", "woodwinds", "strings", 72, 74, 108, 91, "sustained", 8, 1, 10, 52, 78, 60, "flute"),
    Player("flute", "Flute", "woodwinds", "strings", 73, 60, 96, 81, "sustained", 8, 1, 10, 54, 92, 60, "oboe"),
    Player("oboe", "Oboe", "woodwinds", "strings", 68, 58, 89, 76, "sustained", 8, 1, 10, 60, 84, 60, "clarinet"),
    Player("english_horn", "English Horn", "woodwinds", "strings", 69, 52, 81, 69, "sustained", 8, 1, 10, 60, 86, 60, "oboe"),
    Player("clarinet", "Clarinet", "woodwinds", "strings", 71, 50, 91, 73, "sustained", 8, 1, 10, 67, 88, 60, "oboe"),
    Player("bassoon", "Bassoon", "woodwinds", "strings", 70, 34, 75, 58, "sustained", 8, 1, 10, 72, 90, 60, "cellos"),
    Player("horns", "Horns", "brass", "strings", 60, 41, 77, 63, "sustained", 6, 4, 7, 44, 96, 66, "low_brass"),
    Player("trumpets", "Trumpets", "brass", "strings", 56, 54, 82, 70, "sustained", 6, 4, 7, 74, 86, 66, "horns"),
    Player("low_brass", "Trombones", "brass", "strings", 57, 34, 72, 55, "sustained", 6, 4, 7, 80, 92, 66, "horns"),
    Player("tuba", "Tuba", "brass", "strings", 58, 26, 58, 38, "sustained", 6, 4, 7, 84, 90, 66, "low_brass"),
    Player("timpani", "Timpani", "percussion", "strings", 47, 36, 57, 45, "struck", 0, 2, 24, 66, 104, 62, ""),
    Player("taiko", "Taiko", "percussion", "strings", 116, 36, 60, 46, "struck", 0, 3, 16, 62, 106, 58, "timpani"),
    Player("snare", "Snare Drum", "percussion", "drums", 0, 27, 87, 57, "struck", 0, 6, 24, 58, 88, 58, "", 128),
    Player("cymbals", "Cymbals", "percussion", "drums", 0, 27, 87, 57, "struck", 0, 6, 24, 70, 88, 58, "", 128),
    Player("bass_drum", "Bass Drum", "percussion", "drums", 0, 27, 87, 57, "struck", 0, 6, 24, 64, 100, 58, "", 128),
    Player("percussion", "Percussion", "percussion", "drums", 0, 27, 87, 57, "struck", 0, 6, 24, 56, 90, 58, "", 128),
    Player("glockenspiel", "Glockenspiel", "percussion", "piano", 9, 72, 108, 91, "struck", 0, 2, 8, 46, 78, 60, "celesta"),
    Player("celesta", "Celesta", "keys", "piano", 8, 60, 108, 84, "struck", 0, 6, 12, 40, 88, 58, "harp"),
    Player("piano", "Piano", "keys", "piano", 0, 21, 105, 76, "struck", 0, 10, 16, 56, 100, 44, ""),
    Player("harp", "Harp", "harp", "piano", 46, 24, 103, 72, "plucked", 0, 8, 24, 32, 100, 56, "piano"),
    Player("choir", "Choir", "choir", "strings", 52, 43, 81, 69, "sustained", 7, 4, 5, 64, 84, 80, "violins2"),
    Player("violins", "Violins I", "strings", "strings", 48, 55, 98, 79, "sustained", 10, 4, 13, 38, 98, 48, "violins2"),
    Player("violins2", "Violins II", "strings", "strings", 48, 55, 91, 74, "sustained", 10, 4, 13, 52, 92, 48, "violas"),
    Player("violas", "Violas", "strings", "strings", 48, 48, 84, 67, "sustained", 10, 4, 13, 70, 92, 48, "violins2"),
    Player("cellos", "Cellos", "strings", "strings", 42, 36, 74, 60, "sustained", 10, 4, 13, 82, 98, 48, "basses"),
    Player("basses", "Basses", "strings", "strings", 43, 26, 55, 38, "sustained", 10, 4, 13, 90, 100, 48, "cellos"),
    Player("tremolo", "Strings tremolo", "strings", "strings", 44, 40, 93, 69, "sustained", 12, 5, 3, 58, 86, 54, "violins2"),
    Player("pizzicato", "Strings pizzicato", "strings", "strings", 45, 36, 88, 64, "plucked", 0, 5, 9, 60, 104, 50, "harp"),
    Player("spiccato", "Strings spiccato", "strings", "strings", 48, 36, 91, 64, "struck", 0, 4, 14, 60, 98, 46, "violins2"),
    Player("violin", "Violin", "strings", "strings", 40, 55, 98, 79, "sustained", 8, 2, 12, 44, 96, 40, ""),
    Player("violin2", "Violin II", "strings", "strings", 40, 55, 91, 74, "sustained", 8, 2, 12, 56, 96, 40, ""),
    Player("viola", "Viola", "strings", "strings", 41, 48, 84, 67, "sustained", 8, 2, 12, 72, 96, 40, ""),
    Player("cello", "Cello", "strings", "strings", 42, 36, 74, 60, "sustained", 8, 2, 12, 84, 96, 40, ""),
    Player("guitar", "Acoustic Guitar", "guitars", "guitar", 24, 40, 83, 67, "plucked", 0, 6, 12, 44, 96, 40, "steel_guitar"),
    Player("steel_guitar", "Steel Guitar", "guitars", "guitar", 25, 40, 86, 62, "plucked", 0, 6, 12, 40, 94, 40, "guitar"),
    Player("electric_guitar", "Electric Guitar", "guitars", "guitar", 27, 40, 86, 64, "plucked", 0, 6, 12, 78, 90, 40, "steel_guitar"),
    Player("distorted_guitar", "Distorted Guitar", "guitars", "guitar", 30, 38, 84, 57, "sustained", 8, 4, 12, 84, 78, 34, "electric_guitar"),
    Player("acoustic_bass", "Acoustic Bass", "bass", "bass", 32, 28, 60, 40, "plucked", 0, 1, 8, 64, 104, 24, ""),
    Player("electric_bass", "Electric Bass", "bass", "bass", 33, 28, 60, 38, "plucked", 0, 1, 10, 64, 102, 20, "acoustic_bass"),
    Player("electric_piano", "Electric Piano", "keys", "piano", 4, 28, 96, 67, "struck", 0, 8, 12, 58, 94, 40, "piano"),
    Player("organ", "Organ", "keys", "strings", 19, 36, 96, 67, "sustained", 0, 8, 10, 64, 80, 70, "choir"),
    Player("pad", "Warm Pad", "synth", "strings", 89, 36, 90, 64, "sustained", 0, 6, 3, 64, 86, 70, "sweep"),
    Player("sweep", "Sweep Pad", "synth", "strings", 95, 36, 90, 62, "sustained", 0, 4, 3, 60, 76, 76, "pad"),
    Player("synth_lead", "Synth Lead", "synth", "strings", 81, 48, 96, 72, "sustained", 0, 1, 12, 64, 74, 46, "pad"),
    Player("synth_pluck", "Synth Pluck", "synth", "piano", 88, 36, 96, 66, "plucked", 0, 6, 16, 72, 82, 56, "electric_piano"),
    Player("synth_bass", "Synth Bass", "synth", "bass", 38, 24, 60, 36, "plucked", 0, 1, 12, 64, 98, 16, "electric_bass"),
    Player("drum_kit", "Drum Kit", "drums", "drums", 0, 27, 87, 57, "struck", 0, 6, 24, 64, 98, 30, "", 128),
)
# fmt: on

PLAYERS: MappingProxyType[str, Player] = MappingProxyType({player.name: player for player in _TABLE})
"""All players by name, in the order of a score."""


def player_for(instrument: Instrument) -> Player:
    """Return the player that stands for one of the five groups where a note names none.

    Arguments:
        instrument: Group of a note.
    """
    return PLAYERS[_BY_GROUP[instrument]]


_BY_GROUP: dict[Instrument, str] = {
    "drums": "drum_kit",
    "bass": "acoustic_bass",
    "guitar": "steel_guitar",
    "piano": "piano",
    "strings": "violins",
}
