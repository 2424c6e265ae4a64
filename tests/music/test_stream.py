"""Music a bar at a time: the past stays as it was, and a new request holds from the next bar line on."""

from collections import Counter
from dataclasses import replace

import pytest
from scored_cuts import mood, spotting
from untrained import untrained

from emsync_bridge.cue import EmotionCurve
from emsync_bridge.music.generation.stream import TokenStream
from emsync_bridge.music.network.checkpoint import load
from emsync_bridge.music.planning.plan import plan_composition
from emsync_bridge.music.planning.replan import replan_from
from emsync_bridge.options import MusicOptions

OPTIONS = MusicOptions(transpose=0)
CUT = spotting(22.0, [5.0, 9.5, 17.5])
CALM = mood((0, 22, 0.3, -0.8))


@pytest.fixture(scope="module")
def checkpoint():
    return load()


def planner(cut, curve):
    return plan_composition(cut, curve)


def begun(checkpoint, cut=CUT, curve=CALM, seed=3, **more):
    return TokenStream(planner(cut, curve), checkpoint, seed=seed, options=OPTIONS, **more)


def finish(stream):
    while not stream.over:
        stream.compose_bar()
    return stream.take(CUT)


def onsets_before(tick, take):
    return [(note.start, note.instrument, note.pitch) for note in take.notes if note.start < tick]


def hit_errors(take, cut=CUT):
    voices = Counter(note.start for note in take.notes if note.instrument != "drums")
    chords = [take.tempo_map.seconds(tick) for tick, count in voices.items() if count >= 3]
    return [min(abs(chord - hit.time) for chord in chords) for hit in cut.answered_hits()]


@pytest.fixture(scope="module")
def quick():
    return untrained()


def test_bar_by_bar_the_whole_piece_comes_with_its_hits_and_its_end(quick):
    stream = begun(quick)
    heights = []
    while not stream.over:
        stream.compose_bar()
        heights.append(stream.composed)
    assert heights == sorted(set(heights))
    assert heights[-1] == pytest.approx(22.0, abs=0.05)
    take = stream.take(CUT)
    assert max(hit_errors(take)) < 0.001
    assert all(abs(answer.error_ms) < 1 for answer in take.answers)
    assert take.notes == finish(begun(quick)).notes


def changed_at_ten_seconds(checkpoint, seed):
    """Return a piece, the same piece excited from a bar line before what was composed on, and the tick of that line."""
    plain, changed = begun(checkpoint, seed=seed), begun(checkpoint, seed=seed)
    for stream in (plain, changed):
        while stream.composed < 10:
            stream.compose_bar()
    tick = changed.next_bar_line(6.0)
    at = changed.plan.tempo.tempo_map.seconds(tick)
    assert 6.0 <= at < 10.5
    excited = EmotionCurve((*mood((0, at, 0.3, -0.8)).spans, *mood((at, 22, 0.3, 0.9)).spans))
    changed.change(replan_from(changed.plan, tick, CUT, excited, planner), tick)
    assert changed.composed == pytest.approx(at)
    return finish(plain), finish(changed), tick


def test_a_change_leaves_the_past_and_moves_the_music_from_the_next_bar_on(checkpoint):
    before = after = 0
    for seed in (1, 2, 3):
        calm, both, tick = changed_at_ten_seconds(checkpoint, seed)
        assert onsets_before(tick, both) == onsets_before(tick, calm)
        assert {n for n in calm.notes if n.end < tick} <= set(both.notes)
        assert both.tempo_map.bpm(tick) > 1.3 * calm.tempo_map.bpm(tick)
        assert max(hit_errors(both)) < 0.001
        before += sum(n.start >= tick for n in calm.notes)
        after += sum(n.start >= tick for n in both.notes)
    assert after > 1.3 * before


def test_a_new_hit_is_met_and_the_tempo_before_it_stays(quick):
    stream = begun(quick)
    while stream.composed < 10:
        stream.compose_bar()
    before = stream.plan.tempo.tempo_map
    tick = stream.next_bar_line(6.0)
    more = spotting(22.0, [5.0, 13.1, 17.5])
    stream.change(replan_from(stream.plan, tick, more, CALM, planner), tick)
    take = finish(stream)
    assert max(hit_errors(take, more)) < 0.001
    assert all(take.tempo_map.seconds(t) == pytest.approx(before.seconds(t)) for t in range(0, tick + 1, 24))


def test_a_plan_made_anew_without_a_change_asks_for_the_same(checkpoint):
    plan = planner(spotting(22.0), CALM)
    again = replan_from(plan, plan.bar_lines[3], spotting(22.0), CALM, planner)
    assert again.bar_lines[:-1] == plan.bar_lines[:-1]
    assert again.tempo.tempo_map.seconds(again.end) == pytest.approx(plan.tempo.tempo_map.seconds(plan.end), abs=0.03)
    assert again.chords == pytest.approx(plan.chords, abs=96)


def test_it_may_begin_in_the_middle(quick):
    stream = begun(quick, begin=11.3)
    assert 7 < stream.begins <= 11.3
    take = finish(stream)
    assert min(note.start for note in take.notes) >= stream.first
    late = replace(CUT, hits=tuple(hit for hit in CUT.hits if hit.time > 11.3))
    assert max(hit_errors(take, late)) < 0.001


def test_notes_come_once_they_are_known_and_again_while_their_end_is_open(quick):
    stream = begun(quick)
    heard, tick = {}, 0
    while not stream.over:
        stream.compose_bar()
        notes, following = stream.notes_from(tick)
        heard = {key: note for key, note in heard.items() if note.start < tick}
        heard |= {(note.start, note.instrument, note.pitch): note for note in notes}
        tick = following
    notes, _ = stream.notes_from(tick)
    heard |= {(note.start, note.instrument, note.pitch): note for note in notes}
    final = {(n.start, n.instrument, n.pitch): n for n in stream.take(CUT).notes}
    assert heard.keys() == final.keys()
    assert all(heard[key].end == note.end for key, note in final.items() if key[0] < stream.plan.final)
