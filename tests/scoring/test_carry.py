"""Kept and new bars joined: notes and controllers of each stay within their own bars."""

from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Control, Note, Take, TempoMap
from emsync_bridge.scoring.conform.carry import merge_takes

BAR = 96


def take(notes=(), controls=()):
    return Take(1, tuple(sorted(notes)), TempoMap(), controls=tuple(sorted(controls)))


@given(st.lists(st.tuples(st.integers(0, 8 * BAR), st.integers(1, 3 * BAR), st.integers(40, 80)), max_size=30))
def test_new_notes_begin_and_end_inside_their_bars(found):
    holes = [(BAR, 3 * BAR), (5 * BAR, 6 * BAR)]
    fresh = take(Note(start, start + length, "strings", pitch, 80) for start, length, pitch in found)
    joined = merge_takes(take(), fresh, holes).notes
    expected = [
        (start, min(start + length, last), pitch)
        for start, length, pitch in found
        for first, last in holes
        if first <= start < last
    ]
    assert sorted((note.start, note.end, note.pitch) for note in joined) == sorted(expected)


def test_kept_notes_stay_and_all_are_in_order():
    kept = Note(0, 90, "piano", 60, 80)
    later = Note(4 * BAR, 4 * BAR + 20, "piano", 62, 80)
    fresh = take([Note(BAR, 2 * BAR, "strings", 64, 80), Note(3 * BAR, 4 * BAR, "strings", 65, 80)])
    joined = merge_takes(take([kept, later]), fresh, [(BAR, 2 * BAR)])
    assert joined.notes == (kept, Note(BAR, 2 * BAR, "strings", 64, 80), later)


def test_controllers_of_new_bars_come_along():
    fresh = take(controls=[Control(10, "flute", 11, 30), Control(BAR + 5, "flute", 11, 70)])
    controls = merge_takes(take(), fresh, [(BAR, 2 * BAR)]).controls
    assert Control(BAR + 5, "flute", 11, 70) in controls
    assert all(BAR <= control.tick <= 2 * BAR for control in controls)
