"""Key signatures of MIDI files, as other programs read them."""

import io
from dataclasses import replace
from fractions import Fraction

import mido
import pretty_midi
import pytest

from emsync_bridge.cue import Note, ScoreSection, ShortScore, Spotting, Take, TempoMap
from emsync_bridge.midi.writer import midi_bytes

CUT = Spotting("cut", 8.0, Fraction(25))
TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
KEYS = [f"{tonic} {mode}" for mode in ("major", "minor") for tonic in TONICS]
TAKE = Take(1, (Note(0, 24, "piano", 60, 80),), TempoMap(), key="D minor")


def read(take):
    """Return second and number of each key as pretty_midi reads them: 0 to 11 from C major, 12 to 23 from C minor."""
    file = pretty_midi.PrettyMIDI(io.BytesIO(midi_bytes(take, CUT)))
    return [(round(change.time, 3), change.key_number) for change in file.key_signature_changes]


@pytest.mark.parametrize(("number", "key"), list(enumerate(KEYS)))
def test_every_key_is_read_as_what_it_is(number, key):
    assert read(replace(TAKE, key=key)) == [(0.0, number)]


def test_a_change_of_key_stands_where_its_section_begins():
    sections = (
        ScoreSection(0, 96, "A", key="D minor"),
        ScoreSection(96, 192, "A'", key="D minor"),
        ScoreSection(192, 288, "B", key="F minor"),
        ScoreSection(288, 384, "coda", key="D minor"),
    )
    take = replace(TAKE, score=ShortScore(sections=sections))
    assert read(take) == [(0.0, 14), (4.0, 17), (6.0, 14)]
    ticks, clock = {}, 0
    for message in mido.MidiFile(file=io.BytesIO(midi_bytes(take, CUT))).tracks[0]:
        clock += message.time
        if message.type == "key_signature":
            ticks[clock] = message.key
    assert ticks == {0: "Dm", 192 * 20: "Fm", 288 * 20: "Dm"}


@pytest.mark.parametrize(
    ("key", "signature"),
    [
        *[(f"{tonic} major", tonic) for tonic in ("C#", "Db", "F#", "Gb", "B", "Cb")],
        *[(f"{tonic} minor", f"{tonic}m") for tonic in ("A#", "Bb", "D#", "Eb", "G#", "Ab")],
        *[("D# major", "Eb"), ("Fb major", "E"), ("Db minor", "C#m"), ("B# minor", "Cm")],  # eight accidentals and more
    ],
)
def test_a_key_is_spelled_as_it_is_named(key, signature):
    (track, *_) = mido.MidiFile(file=io.BytesIO(midi_bytes(replace(TAKE, key=key), CUT))).tracks
    assert [message.key for message in track if message.type == "key_signature"] == [signature]


@pytest.mark.parametrize("key", ["", "H major", "C", "C lydian"])
def test_an_unknown_key_is_left_out(key):
    assert read(replace(TAKE, key=key)) == []
