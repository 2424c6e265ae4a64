"""Arranged music while it plays, in virtual time: the future written again, hits met with their swell, chapters."""

import itertools
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Spotting
from emsync_bridge.live.events import Midi
from emsync_bridge.live.playback.part import join_parts
from emsync_bridge.live_composition import LiveComposition, MoodOverride, improvisation
from emsync_bridge.music.arranged_stream import CHAPTER
from emsync_bridge.options import MusicOptions

HITS = (12.0, 24.0)
CUT = Spotting("cut", 40.0, Fraction(25), hits=tuple(HitPoint(t, round(t * 25), "cut") for t in HITS))
CALM = EmotionCurve((EmotionSpan(0.0, 40.0, Affect(0.4, -0.4), confidence=1.0),))


class Played:
    """Part as a player has it, renewed as it is delivered."""

    def __init__(self, performance, begin=0.0):
        self.part = performance.first_part(begin)

    def __call__(self, part, position):
        self.part = join_parts(self.part, part, position)

    def onsets(self, start, end):
        return [
            (strike.start, strike.channel, strike.pitch) for strike in self.part.strikes if start <= strike.start < end
        ]


def performing(spotting=CUT, curve=CALM, **how):
    clock = itertools.count(0, 10)
    return LiveComposition(
        spotting, curve, None, seed=1, options=MusicOptions(), clock=lambda: float(next(clock)), **how
    )


def chord_at(played, moment):
    return len({pitch for at, _, pitch in played.onsets(moment - 0.002, moment + 0.002)})


def test_a_short_cut_is_arranged_whole_before_it_begins():
    performance = performing()
    played = Played(performance)
    assert performance.composed == pytest.approx(40.0, abs=0.1)
    assert all(chord_at(played, hit) >= 2 for hit in HITS)
    assert len(played.part.channels) > 4


def test_a_change_of_mood_writes_the_future_again_from_the_next_bar_and_keeps_the_past():
    performance = performing()
    played = Played(performance)
    before = played.onsets(0, 40)
    performance.feel(MoodOverride(0.6, 0.9))
    assert performance.attend(14.0, played)
    after = played.onsets(0, 40)
    kept = [note for note in before if note[0] < 14.8]
    assert after[: len(kept)] == kept
    assert after != before
    assert len(played.onsets(18, 38)) > 1.3 * len([note for note in before if 18 <= note[0] < 38])
    assert chord_at(played, 24.0) >= 2


def test_a_hit_asked_four_seconds_ahead_is_met_with_its_swell():
    performance = performing()
    played = Played(performance)
    assert performance.hit(19.2, 15.2, played, "lightning")
    assert chord_at(played, 19.2) >= 2
    performance.feel(MoodOverride(0.0, 0.8))
    performance.attend(15.3, played)
    assert chord_at(played, 19.2) >= 2
    values = {}
    for at, event in played.part.marks:
        if isinstance(event, Midi) and event.data[0] & 0xF0 == 0xB0 and event.data[1] == 11 and 17.0 <= at < 19.2:
            values.setdefault(event.data[0], []).append(event.data[2])
    assert any(series[-1] > series[0] + 8 for series in values.values())


def test_a_hit_that_is_too_near_is_refused():
    performance = performing()
    played = Played(performance)
    assert not performance.hit(10.3, 10.0, played)


def test_the_same_orders_give_the_same_music():
    results = []
    for _ in range(2):
        performance = performing()
        played = Played(performance)
        performance.feel(MoodOverride(-0.6, 0.5))
        performance.attend(9.0, played)
        results.append(played.part.strikes)
    assert results[0] == results[1]


def test_an_improvisation_goes_on_in_chapters_of_the_same_key():
    spotting, curve = improvisation(Affect(0.2, 0.0))
    performance = performing(spotting, curve)
    played = Played(performance)
    first = performance.composed
    assert CHAPTER <= first < CHAPTER + 10
    assert not performance.attend(0.5, played)
    assert performance.attend(first - 5, played)
    assert performance.composed > first + CHAPTER - 1
    assert played.onsets(first, first + 10)
    scales = []
    for start in (0.0, first):
        found = [pitch % 12 for _, channel, pitch in played.onsets(start, start + CHAPTER) if channel != 9]
        scales.append({pitch for pitch, _ in Counter(found).most_common(7)})
    assert len(scales[0] & scales[1]) >= 6


def test_going_to_another_place_in_a_long_piece_begins_there():
    spotting, curve = improvisation(Affect(0.2, 0.0))
    performance = performing(spotting, curve)
    played = Played(performance)
    assert performance.attend(4000.0, played)
    assert performance.composed > 4000.0
    assert played.onsets(4000, 4020)


def test_what_was_heard_is_kept_with_players_and_controllers():
    performance = performing()
    Played(performance)
    take, cut = performance.heard(10.0)
    assert cut.duration == pytest.approx(10.0)
    assert take.controls
    assert all(note.player for note in take.notes)
    assert max(note.start for note in take.notes) < take.tempo_map.tick(10.0) + 1


def test_silence_that_is_felt_later_is_silent():
    performance = performing()
    played = Played(performance)
    silent = replace(CALM.spans[0], start=20.0, silence=True)
    curve = EmotionCurve((replace(CALM.spans[0], end=20.0), silent))
    performance.follow(curve, 5.0, played)
    assert played.onsets(0, 19)
    assert not played.onsets(20.5, 40)
