"""Music that is composed while it plays, in virtual time: no gap, and options are met from the next bar on."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from places import STORM
from untrained import untrained

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Spotting
from emsync_bridge.live.playback.part import join_parts
from emsync_bridge.live_composition import MARGIN, LiveComposition, MoodOverride, improvisation, prepare
from emsync_bridge.options import EmotionOptions, MusicOptions

SAD, BRIGHT = Affect(-0.6, -0.6), Affect(0.6, 0.8)


@pytest.fixture(scope="module")
def checkpoint():
    return untrained()


class Listener:
    """Plays what is delivered as the sender does, and knows what has been heard."""

    def __init__(self, performance, begin=0.0):
        self.performance, self.position, self.now = performance, begin, 0.0
        self.part = performance.first_part(begin)
        self.deliveries = []

    def deliver(self, part, position):
        self.deliveries.append(position)
        self.part = join_parts(self.part, part, max(position, self.position))

    def play(self, seconds, step=0.25):
        for _ in range(round(seconds / step)):
            while self.performance.attend(self.position, self.deliver):
                pass
            assert self.performance.composed >= min(self.position + 2, self.performance.spotting.duration - 0.1)
            self.position += step
            self.now += step

    def chords(self):
        voices = Counter(round(strike.start, 4) for strike in self.part.strikes if strike.channel != 9)
        return [start for start, count in sorted(voices.items()) if count >= 3]


def onsets(listener, start, end):
    return {(strike.start, strike.pitch) for strike in listener.part.strikes if start <= strike.start < end}


def cut(duration=24.0, times=(6.5, 15.0)):
    hits = tuple(HitPoint(t, round(t * 24), "cut") for t in times)
    return Spotting("cut", duration, Fraction(24), hits=hits)


def steady(affect, duration=24.0):
    return EmotionCurve((EmotionSpan(0.0, duration, affect),))


def begun(checkpoint, spotting=None, curve=None, **more):
    listener = Listener.__new__(Listener)
    performance = LiveComposition(
        spotting or cut(),
        curve or steady(SAD),
        checkpoint,
        seed=4,
        options=MusicOptions(transpose=0),
        clock=lambda: listener.now,
        **more,
    )
    listener.__init__(performance, more.get("begin", 0.0))
    return performance, listener


def test_what_is_played_is_what_is_composed(checkpoint):
    performance, listener = begun(checkpoint)
    assert performance.composed < 12  # it begins before all is there
    listener.play(24)
    take = performance.take
    seconds = take.tempo_map.seconds
    composed = {(round(seconds(n.start), 4), n.pitch): round(seconds(n.end), 3) for n in take.notes}
    played = {(round(s.start, 4), s.pitch): round(s.end, 3) for s in listener.part.strikes}
    assert played == composed
    assert all(min(abs(chord - hit) for chord in listener.chords()) < 0.001 for hit in (6.5, 15.0))


def test_a_new_hit_is_met(checkpoint):
    performance, listener = begun(checkpoint)
    listener.play(3)
    assert performance.hit(10.4, listener.position, listener.deliver)
    listener.play(21)
    assert min(abs(chord - 10.4) for chord in listener.chords()) < 0.001
    assert min(abs(chord - 15.0) for chord in listener.chords()) < 0.001


def test_a_hit_that_is_too_near_is_refused(checkpoint):
    performance, listener = begun(checkpoint)
    listener.play(3)
    before = performance.spotting
    assert not performance.hit(listener.position + MARGIN / 2, listener.position, listener.deliver)
    assert performance.spotting is before


def test_a_hand_moves_the_music_from_the_next_bar_and_gives_it_back(checkpoint):
    performance, listener = begun(checkpoint)
    listener.play(2)
    heard = onsets(listener, 0, listener.position + MARGIN)
    slow = performance.tempo_map.bpm(performance.tempo_map.tick(8))
    performance.feel(MoodOverride(arousal=0.9))
    listener.play(5)
    assert onsets(listener, 0, 2 + MARGIN) == heard
    assert performance.tempo_map.bpm(performance.tempo_map.tick(8)) > 1.3 * slow
    changed = min(position for position in listener.deliveries if position > 2)
    assert changed < 2 + MARGIN + 4
    performance.feel(MoodOverride())
    listener.play(4)
    assert performance.tempo_map.bpm(performance.tempo_map.tick(18)) == pytest.approx(slow, rel=0.1)


def test_a_turned_knob_does_not_compose_a_bar_for_every_step(checkpoint):
    performance, listener = begun(checkpoint)
    listener.play(2)
    followed = set()
    for step in range(40):
        performance.feel(MoodOverride(valence=step / 40))
        while performance.attend(listener.position, listener.deliver):
            pass
        listener.now += 0.01
        followed.add(performance.override.valence)
    assert len(followed) <= 2  # at once, and once more a quarter of a second later
    assert max(followed) > 0.5


def test_a_hand_that_trembles_changes_nothing(checkpoint):
    performance, listener = begun(checkpoint)
    performance.feel(MoodOverride(valence=0.5))
    listener.play(2)
    settled = performance.override
    performance.feel(MoodOverride(valence=0.505))
    listener.play(1)
    assert performance.override is settled


def test_the_felt_curve_may_come_later(checkpoint):
    performance, listener = begun(checkpoint)
    listener.play(2)
    performance.follow(steady(BRIGHT), listener.position, listener.deliver)
    listener.play(4)
    felt = [(at, state.values) for at, state in listener.part.marks if state.name == "emotion"]
    assert felt[0] == (0.0, (SAD.valence, SAD.arousal))
    assert felt[1][1] == (BRIGHT.valence, BRIGHT.arousal)
    assert 2 + MARGIN <= felt[1][0] < 8
    assert performance.tempo_map.bpm(performance.tempo_map.tick(10)) > 100


def test_going_where_there_is_no_music_yet_makes_some_there(checkpoint):
    _, listener = begun(checkpoint, cut(60.0, (6.5, 40.0)), steady(SAD, 60.0))
    listener.play(1)
    listener.position = 37.0
    listener.play(5)
    assert min(abs(chord - 40.0) for chord in listener.chords()) < 0.001
    listener.position = 1.0
    listener.play(5)
    assert any(1.0 <= strike.start < 6.0 for strike in listener.part.strikes)


def test_a_computer_that_was_too_slow_catches_up(checkpoint):
    performance, listener = begun(checkpoint, cut(60.0, (30.0,)), steady(SAD, 60.0))
    listener.play(1)
    listener.position = performance.composed + 3.0
    heard = onsets(listener, 0, 1)
    listener.play(10)
    assert onsets(listener, 0, 1) == heard
    assert any(listener.position - 4 <= strike.start for strike in listener.part.strikes)


def test_an_improvisation_goes_on_and_lands_when_it_is_told_to(checkpoint):
    performance, listener = begun(checkpoint, *improvisation(SAD))
    listener.play(4)
    assert performance.hit(8.2, listener.position, listener.deliver, "now")
    listener.play(6)
    assert min(abs(chord - 8.2) for chord in listener.chords()) < 0.001
    assert performance.spotting.hits[-1].name == "now"
    assert replace(performance.spotting, hits=()) == improvisation(SAD)[0]


def test_what_was_heard_ends_where_playing_ended(checkpoint):
    performance, listener = begun(checkpoint)
    listener.play(9)
    take, spotting = performance.heard(9.0)
    assert spotting.duration == 9.0
    assert [hit.time for hit in spotting.hits] == [6.5]
    last = round(take.tempo_map.tick(9.0))
    assert max(note.end for note in take.notes) == last
    assert {(note.start, note.pitch) for note in take.notes} == {
        (note.start, note.pitch) for note in performance.take.notes if note.start < last
    }


def test_a_cut_is_known_at_once_and_its_picture_felt_meanwhile():
    spotting, curve, felt = prepare(STORM, EmotionOptions(cache=False, keyframes=True))
    seen = felt.curves.get(timeout=60)
    assert curve.spans[-1].end == seen.spans[-1].end == spotting.duration
    assert seen.mean() != curve.mean()


def test_a_mood_that_is_told_needs_no_picture():
    _, curve, felt = prepare(STORM, EmotionOptions(mood="tension"))
    assert curve.mean().arousal > 0
    assert felt.curves.empty()


def test_an_improvisation_takes_the_mood_that_is_told():
    spotting, curve, felt = prepare(None, EmotionOptions(mood="calm", valence=0.7))
    assert spotting.hits == ()
    assert curve.at(0).affect.valence == 0.7
    assert curve.at(0).affect.arousal < 0
    assert felt.curves.empty()
