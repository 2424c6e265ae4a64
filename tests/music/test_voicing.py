"""Voicing: chord tones and steps of scales by index, voices of a chord in their register."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.music.arranging.voicing import WIDEST, chord_tone_above, nearest_pitch, scale_above, voice_chord

MAJOR = (0, 2, 4, 5, 7, 9, 11)
CHORDS = [(0, 4, 7), (0, 3, 7), (0, 4, 7, 11), (2, 5, 9, 0), (7, 11, 2, 5), (11, 2, 5), (5, 9, 0, 4)]
chords = st.sampled_from(CHORDS)


@given(chords, st.integers(24, 96))
def test_chord_tones_go_up_and_down_without_gaps(chord, low):
    found = [chord_tone_above(chord, low, index) for index in range(-7, 8)]
    inside = [pitch for pitch in range(low - 40, low + 41) if pitch % 12 in chord]
    first = min(pitch for pitch in inside if pitch >= low)
    place = inside.index(first)
    assert found == inside[place - 7 : place + 8]


@given(st.integers(30, 90), st.integers(-10, 10), st.integers(0, 11))
def test_steps_of_a_scale_are_taken_in_both_directions(pitch, steps, tonic):
    scale = [note for note in range(130) if (note - tonic) % 12 in MAJOR]
    here = max(i for i, note in enumerate(scale) if note <= pitch)
    assert scale_above(pitch, steps, tonic, MAJOR) == scale[here + steps]


@given(st.integers(0, 11), st.floats(20, 100))
def test_the_nearest_note_of_a_pitch_class(pitch_class, pitch):
    found = nearest_pitch(pitch_class, pitch)
    assert found % 12 == pitch_class
    assert abs(found - pitch) <= 6


@pytest.mark.parametrize("other", CHORDS)
@pytest.mark.parametrize("one", CHORDS)
def test_voices_keep_to_their_register_and_apart(one, other):
    for low in range(45, 61):
        first = voice_chord(one, (), low, low + 24, 3)
        second = voice_chord(other, first, low, low + 24, 3)
        for notes, chord in ((first, one), (second, other)):
            assert low <= notes[0]
            assert notes[-1] <= low + 24
            assert notes[-1] - notes[0] <= WIDEST
            assert all(b - a >= 2 for a, b in pairwise(notes))
            assert chord[1] in {note % 12 for note in notes} <= set(chord)
        assert {note % 12 for note in first} == set(one[:3])
