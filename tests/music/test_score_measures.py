"""Measures of whole pieces: each on music of which the answer is known."""

import io
from dataclasses import replace

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Note, Take, Tempo, TempoMap, Theme, ThemeNote
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.analysis.harmony import chords, clashes, harmony
from emsync_bridge.music.analysis.motifs import is_heard, recurrence, shared_motifs, top_line
from emsync_bridge.music.analysis.piece import piece_in, piece_of
from emsync_bridge.music.analysis.score_measures import COMPARED, distance, score_measures
from emsync_bridge.music.analysis.texture import parts_by_bar, stutter, texture

TUNE = [(0, 60), (1, 64), (1.5, 62), (2, 67), (3, 65), (3.5, 64), (4, 62), (6, 60)]
OTHER = [(0, 72), (0.5, 67), (1, 69), (2.5, 64), (3, 71), (4, 60), (5.5, 66), (6, 61)]


def notes_of(tune, at=0.0, up=0, player="flute", length=0.5):
    group = PLAYERS[player].group
    return [
        Note(round((at + q) * 24), round((at + q + length) * 24), group, pitch + up, 70, player) for q, pitch in tune
    ]


def piece(*groups, bars=None, tempo=500_000):
    notes = tuple(sorted(note for group in groups for note in group))
    take = Take(1, notes, TempoMap((Tempo(0, tempo),)))
    return piece_of(take, None if bars is None else bars * 4 * tempo / 1e6)


def chord(at, pitches, length=4.0, player="piano"):
    return [Note(round(at * 24), round((at + length) * 24), PLAYERS[player].group, p, 70, player) for p in pitches]


def test_a_tune_that_comes_back_transposed_is_covered():
    once = recurrence(top_line(piece(notes_of(TUNE), notes_of(OTHER, 8))))
    back = recurrence(top_line(piece(notes_of(TUNE), notes_of(OTHER, 8), notes_of(TUNE, 16, up=5))))
    assert once.cover == 0
    assert back.cover == pytest.approx(16 / 24)
    assert back.returns
    assert back.count == 2


def test_repeated_notes_are_no_motif():
    assert recurrence(top_line(piece(notes_of([(q / 2, 60) for q in range(64)])))).cover == 0


@given(st.integers(-5, 5), st.integers(0, 40))
def test_cover_does_not_depend_on_key(up, notes):
    tune = notes_of(TUNE) + notes_of(TUNE, 8, up=2) + notes_of(OTHER, 16 + notes)
    assert recurrence(top_line(piece(tune))) == recurrence(
        top_line(piece([replace(note, pitch=note.pitch + up) for note in tune]))
    )


def test_only_the_highest_sounding_notes_are_the_top_line():
    held = [Note(0, 96, "strings", 80, 70, "violins")]
    assert top_line(piece(held, notes_of([(1, 60), (2, 62), (4, 64)]))) == [(0.0, 80), (4.0, 64)]


def test_pieces_share_motifs_when_both_repeat_the_same():
    tune = notes_of(TUNE) + notes_of(TUNE, 8)
    one, same = top_line(piece(tune)), top_line(piece([replace(n, pitch=n.pitch + 3) for n in tune]))
    other = top_line(piece(notes_of(OTHER) + notes_of(OTHER, 8)))
    assert shared_motifs(one, same) == 4
    assert shared_motifs(one, other) == 0


def theme(tune, *, minor=False):
    degrees = {60: 0, 62: 1, 63: 2, 64: 2, 65: 3, 67: 4}
    return Theme("A", tuple(ThemeNote(round(q * 24), 12, degrees[p]) for q, p in tune), 192, minor=minor)


def test_a_theme_is_heard_at_another_pitch_in_the_other_mode_and_stretched():
    darker = [(2 * q, p - (p in (64,)) + 7) for q, p in TUNE]
    music = piece(notes_of(OTHER, player="violins"), notes_of(darker, 16, player="oboe"))
    assert is_heard(theme(TUNE), music, 16, 32)
    assert not is_heard(theme(TUNE), music, 0, 16)


def test_stutter_counts_pitches_that_a_part_strikes_again_within_a_beat():
    again = notes_of([(0, 60), (1, 60), (2, 60), (4, 60)])
    assert stutter(piece(again)) == pytest.approx(2 / 4)
    assert stutter(piece(notes_of([(0, 60)]), notes_of([(1, 60)], player="oboe"))) == 0


def test_rests_and_entrances_are_counted_by_bars():
    flute = notes_of([(q, 72) for q in range(16)], length=1)
    oboe = notes_of([(q, 67) for q in range(4)], at=8, player="oboe", length=1)
    music = piece(flute, oboe, bars=4)
    assert parts_by_bar(music).tolist() == [[True, False], [True, False], [True, True], [True, False]]
    found = texture(music)
    assert found.rests == pytest.approx(3 / 8)
    assert found.parts == pytest.approx(5 / 4)
    assert found.scoring_change == pytest.approx((0 + 0.5 + 0.5) / 3)
    assert found.instruments == 2


@pytest.mark.parametrize("up", range(12))
def test_a_cadence_is_found_in_every_key(up):
    progression = [(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)]
    found = harmony(piece(*[chord(4 * i, [p + up for p in c]) for i, c in enumerate(progression)], bars=4))
    assert (found.tonic, found.minor) == (up % 12, False)
    assert found.ends_in_cadence
    assert found.cadences == pytest.approx(1 / (8 / 60))
    assert found.changes == pytest.approx(3 / 4)


def test_chords_are_named_beat_by_beat():
    names, explained = chords(piece(chord(0, (57, 60, 64)), chord(4, (55, 59, 62, 65)), bars=2))
    assert names == [(9, "m")] * 4 + [(7, "7")] * 4
    assert explained == pytest.approx(1.0)


def test_a_semitone_clashes_and_a_third_does_not():
    assert clashes(piece(chord(0, (60, 61)))) == 1
    assert clashes(piece(chord(0, (60, 64)))) == 0
    assert clashes(piece(chord(0, (60, 64, 71)))) == pytest.approx(1 / 3)


def test_a_midi_file_is_measured_as_the_take_that_it_was_written_from(tmp_path):
    from fractions import Fraction

    from emsync_bridge.cue import Spotting
    from emsync_bridge.midi.writer import midi_bytes

    notes = notes_of(TUNE) + notes_of(TUNE, 8, up=5) + notes_of(OTHER, 16, player="oboe") + chord(0, (48, 52, 55))
    take = Take(1, tuple(sorted(notes)), TempoMap((Tempo(0, 400_000), Tempo(96, 600_000))))
    one, other = piece_of(take), piece_in(midi_bytes(take, Spotting("cut", 1.0, Fraction(25))))
    np.testing.assert_allclose(one.onsets, other.onsets, atol=1e-6)
    assert one.pitch.tolist() == other.pitch.tolist()
    assert recurrence(top_line(one)) == recurrence(top_line(other))


def test_an_excerpt_begins_at_a_bar_line_and_keeps_its_time():
    music = piece(notes_of([(q, 60 + q) for q in range(32)]), bars=8, tempo=600_000)
    part = music.excerpt(4.6, 12.1)
    assert part.pitch.tolist() == list(range(68, 80))  # bars three to five of 2.4 s
    assert part.onsets[0] == 0
    assert part.onsets[1] == pytest.approx(0.6)
    assert part.seconds == pytest.approx(7.2)


def test_a_file_without_notes_is_refused():
    from emsync_bridge.errors import MusicError

    buffer = io.BytesIO()
    mido.MidiFile(tracks=[mido.MidiTrack()]).save(file=buffer)
    with pytest.raises(MusicError, match="no notes"):
        piece_in(buffer.getvalue())
    with pytest.raises(MusicError, match="not readable"):
        piece_in(b"not a midi file")


def test_a_piece_is_no_distance_from_its_own_kind():
    kinds = [
        score_measures(piece(notes_of(TUNE), notes_of(OTHER, 8 + i), chord(0, (48, 52 + i, 55)))) for i in range(4)
    ]
    assert set(COMPARED) <= set(kinds[0])
    assert distance(kinds, kinds)[0] == pytest.approx(0)
    assert distance(kinds[:1], kinds)[0] > 0
