from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from untrained import untrained

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Spotting
from emsync_bridge.music.generation.compose import compose, recompose
from emsync_bridge.music.generation.request import SectionChange
from emsync_bridge.options import MusicOptions

HITS = tuple(HitPoint(float(second), second * 24, "cut") for second in (5, 9, 13, 18))
CUT = Spotting("cut", 24.0, Fraction(24), hits=HITS)
MOOD = EmotionCurve((EmotionSpan(0.0, 24.0, Affect(0.3, 0.2), confidence=1.0),))


@given(
    seed=st.integers(0, 10_000),
    start=st.floats(0, 14),
    length=st.floats(4, 12),
    ensemble=st.sampled_from([("piano", "strings"), ("strings",), ("drums", "bass", "piano")]),
)
def test_a_section_can_be_composed_anew_between_any_notes_and_leaves_them(seed, start, length, ensemble):
    options = MusicOptions(ensemble=ensemble, transpose=0)
    take = compose(CUT, MOOD, untrained(seed % 7), seed=seed, options=options)
    again = recompose(
        take, CUT, MOOD, untrained(seed % 5), SectionChange(start, min(24.0, start + length), seed + 1, options)
    )
    seconds = take.tempo_map.seconds
    early, late = start - 4.0, start + length + 4.0  # edges move to a hit or bar line near by
    before = [note for note in take.notes if seconds(note.end) <= early or seconds(note.start) >= late]
    assert before == [note for note in again.notes if seconds(note.end) <= early or seconds(note.start) >= late]
    assert all(answer.error_ms == 0 or abs(answer.error_ms) < 1 for answer in again.answers)
