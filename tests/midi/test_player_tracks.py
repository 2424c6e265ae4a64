"""Arranged takes as MIDI files: a track, a channel and a sound for each player, and back."""

import io
from dataclasses import replace
from fractions import Fraction

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Control, HitPoint, Note, ScoreSection, ShortScore, Spotting, Statement, Take, TempoMap
from emsync_bridge.midi.player_tracks import player_channels
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.midi.reader import read_midi
from emsync_bridge.midi.writer import midi_bytes, write_midi
from emsync_bridge.render.midi_events import read_score

CUT = Spotting("cut", 8.0, Fraction(25), hits=(HitPoint(4.0, 100, "cut"),))
PITCHED = [player for player in PLAYERS.values() if not player.unpitched]


def take_for(names, *, controls=(), score=None):
    notes = []
    for i, name in enumerate(names):
        player = PLAYERS[name]
        pitch = 38 if player.unpitched else player.center
        notes.append(Note(24 * (i % 12), 24 * (i % 12) + 24, player.group, pitch, 80, name))
    return Take(1, tuple(sorted(notes)), TempoMap(), controls=controls, score=score)


def tracks_of(take, **how):
    return mido.MidiFile(file=io.BytesIO(midi_bytes(take, CUT, **how))).tracks


def test_every_player_has_a_named_track_with_its_program():
    tracks = tracks_of(take_for(["violins", "flute", "timpani", "snare"]))
    assert [track.name for track in tracks[1:]] == ["Flute", "Timpani", "Snare Drum", "Violins I"]
    programs = {t.name: m.program for t in tracks[1:] for m in t if m.type == "program_change"}
    assert programs == {"Flute": 73, "Timpani": 47, "Snare Drum": 0, "Violins I": 48}
    assert {m.channel for m in tracks[3] if m.type == "note_on"} == {9}


def test_no_two_pitched_players_share_a_channel_of_a_port():
    tracks = tracks_of(take_for([player.name for player in PITCHED]))
    places = []
    for track in tracks[1:]:
        port = next(m.port for m in track if m.type == "midi_port")
        places.append((port, next(m.channel for m in track if m.type == "program_change")))
    assert len(set(places)) == len(PITCHED)
    assert {port for port, _ in places} == set(range(-(-len(PITCHED) // 15)))
    assert 9 not in {channel for _, channel in places}
    assert any(m.type == "text" and "port 2" in m.text for m in tracks[0])


def test_players_beyond_the_first_port_lie_over_one_of_the_same_sound_where_they_can():
    names = [player.name for player in PITCHED if player.family in ("woodwinds", "brass", "keys", "harp")]
    names += ["timpani", "violins", "violins2", "cellos", "basses"]
    placed = player_channels([PLAYERS[name] for name in names])
    beyond = [seat for seat in placed if seat.port]
    assert len(beyond) == len(names) - 15
    assert "violins2" in {seat.player.name for seat in beyond}
    over = next(seat for seat in beyond if seat.player.name == "violins2")
    under = next(seat for seat in placed if seat.port == 0 and seat.channel == over.channel)
    assert under.player.program == over.player.program


def test_one_port_is_not_named():
    assert not any(m.type == "midi_port" for track in tracks_of(take_for(["flute", "oboe"])) for m in track)


def test_controls_are_in_the_track_of_their_player_and_not_in_the_plain_file():
    take = take_for(["flute", "oboe"], controls=(Control(12, "oboe", 11, 40), Control(24, "oboe", 11, 90)))
    oboe = next(track for track in tracks_of(take) if track.name == "Oboe")
    assert [m.value for m in oboe if m.type == "control_change" and m.control == 11] == [100, 40, 90]
    plain = next(track for track in tracks_of(take, plain=True) if track.name == "Oboe")
    assert [m.value for m in plain if m.type == "control_change" and m.control == 11] == [100]


def test_the_plain_file_has_onsets_as_notated():
    take = replace(take_for(["flute"]), notes=(Note(24, 48, "strings", 72, 80, "flute", offset=7),))
    onsets = []
    for plain in (False, True):
        clock = 0
        for message in next(t for t in tracks_of(take, plain=plain) if t.name == "Flute"):
            clock += message.time
            if message.type == "note_on":
                onsets.append(clock)
    assert onsets == [487, 480]


def test_form_is_marked_beside_hits():
    score = ShortScore(
        statements=(Statement("A", "whole", 0, 96), Statement("A", "head", 96, 120)),
        sections=(ScoreSection(0, 96, "A"), ScoreSection(96, 192, "coda")),
    )
    clock, markers = 0, set()
    for message in tracks_of(take_for(["flute"], score=score))[0]:
        clock += message.time
        if message.type == "marker":
            markers.add((clock, message.text))
    assert markers == {
        (0, "form: A"),
        (0, "form: Theme A"),
        (1920, "form: coda"),
        (1920, "form: Theme A, head"),
        (3840, "cut"),
    }


@given(
    st.lists(
        st.builds(
            lambda player, start, length, pitch, velocity, offset: Note(
                start,
                start + length,
                player.group,
                player.fitted(pitch),
                velocity,
                player.name,
                offset=offset if start else 0,
            ),
            st.sampled_from(list(PLAYERS.values())),
            st.integers(0, 400),
            st.integers(2, 60),
            st.integers(36, 84),
            st.integers(1, 127),
            st.integers(-4, 4),
        ),
        min_size=1,
        max_size=40,
        unique_by=lambda note: (note.player if note.instrument != "drums" else "drums", note.pitch, note.start // 64),
    )
)
def test_notes_come_back_with_their_players(tmp_path_factory, notes):
    clear = [note if note.end // 64 == note.start // 64 else replace(note, end=note.start + 1) for note in notes]
    take = Take(1, tuple(sorted(clear)), TempoMap())
    path = tmp_path_factory.mktemp("midi") / "take.mid"
    write_midi(take, CUT, path)
    assert read_midi(path).notes == take.notes


def test_controls_come_back_with_their_player(tmp_path):
    controls = (Control(0, "oboe", 11, 40), Control(24, "oboe", 1, 90), Control(30, "oboe", 64, 127))
    write_midi(take_for(["oboe"], controls=controls), CUT, tmp_path / "take.mid")
    assert read_midi(tmp_path / "take.mid").controls == controls


@pytest.mark.parametrize("names", [["flute", "snare", "taiko"], [player.name for player in PITCHED]])
def test_the_renderer_reads_all_notes(names):
    take = take_for(names)
    score = read_score(midi_bytes(take, CUT))
    assert sum(len(part.notes) for part in score.parts) == len(take.notes)
