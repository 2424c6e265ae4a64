"""Cue documents: those of the first layout read as before, arranged takes come back whole."""

import io
import json
from pathlib import Path

import mido
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import ROLES, ChordSpan, Cue, Note, ScoreSection, ShortScore, Take, Theme
from emsync_bridge.cue.serialization import from_document, to_document
from emsync_bridge.midi.writer import midi_bytes

GOLDEN = Path(__file__).parent / "golden"


def _old() -> Cue:
    return from_document(Cue, json.loads((GOLDEN / "cue_version_1.json").read_text(encoding="utf-8")))


def test_a_cue_of_the_first_layout_reads_and_has_no_players():
    take = _old().take
    assert len(take.notes) > 10
    assert {note.player for note in take.notes} == {""}
    assert take.controls == ()
    assert take.score is None


def test_the_midi_file_of_a_take_without_players_is_as_it_was_but_for_the_mark_of_machines():
    cue = _old()
    old = mido.MidiFile(GOLDEN / "cue_version_1.mid")
    new = mido.MidiFile(file=io.BytesIO(midi_bytes(cue.take, cue.spotting)))
    for track in new.tracks:
        track[:] = [m for m in track if not (m.type == "text" and m.text.startswith("Machine-made"))]
    assert (new.type, new.ticks_per_beat) == (old.type, old.ticks_per_beat)
    assert [list(track) for track in new.tracks] == [list(track) for track in old.tracks]


_SECTIONS = st.builds(ScoreSection, intensity=st.floats(0, 1), label=..., seed=..., palette=...)
_SCORES = st.builds(
    ShortScore,
    themes=st.lists(st.builds(Theme, notes=..., source=...)).map(tuple),
    statements=...,
    chords=st.lists(st.builds(ChordSpan, bass=...)).map(tuple),
    sections=st.lists(_SECTIONS).map(tuple),
    gestures=...,
)
_NOTES = st.builds(Note, player=st.text(st.characters(codec="utf-8")), role=st.sampled_from(ROLES), offset=...)


@given(st.builds(Take, notes=st.lists(_NOTES).map(tuple), controls=..., score=_SCORES))
def test_an_arranged_take_comes_back_from_its_document(take):
    assert from_document(Take, json.loads(json.dumps(to_document(take)))) == take
