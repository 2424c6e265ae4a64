"""Motifs in three-four and compound time: found as they are, kept in bars of 4/4, and stated on a meter's beats."""

from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Affect, Meter, Note, TempoMap
from emsync_bridge.music.arranging import patterns
from emsync_bridge.music.arranging.themes.choice import motifs_in_meter
from emsync_bridge.music.arranging.themes.critic import score_motifs
from emsync_bridge.music.arranging.themes.meters import (
    beats_of,
    figure_meter,
    from_four_four,
    meter_of,
    place_in_compound,
    sketched_meter,
    to_four_four,
    wanted_meter,
)
from emsync_bridge.music.arranging.themes.motifs import from_row, motif_bank, motifs_in, to_row, top_line
from emsync_bridge.music.arranging.themes.statements import statement, statement_on_bars, theme_of
from emsync_bridge.music.planning.form import Phrase
from emsync_bridge.music.planning.scenes import Bar
from emsync_bridge.music.random_streams import stream

BARS = tuple(Bar(72 * i, 72 * (i + 1)) for i in range(4))
WALTZ = [(0, 67), (48, 69), (72, 71), (96, 72), (120, 71)]
JIG = [(0, 67), (24, 69), (36, 71), (60, 72), (72, 74), (108, 71)]


def melody(rows):
    ends = [start for start, _ in rows[1:]] + [144]
    return [Note(start, end, "strings", pitch, 80) for (start, pitch), end in zip(rows, ends, strict=True)]


def found(rows):
    (motif,) = motifs_in(top_line(melody(rows)), [0, 72, 144], 7, minor=False)
    return motif


@given(st.integers(0, 23), st.sampled_from(["3/4", "6/8"]))
def test_a_melody_comes_back_from_bars_of_4_4_as_it_was(step, meter):
    assert from_four_four(to_four_four(6 * step, meter), meter) == 6 * step


def test_rhythms_tell_three_quarters_from_two_dotted_ones():
    assert meter_of([0, 24, 48]) == meter_of([0, 48, 72, 120]) == meter_of([0, 36, 48]) == "3/4"
    assert meter_of([0, 24, 36, 60]) == meter_of([0, 36, 72, 84, 96, 108]) == "6/8"
    assert meter_of([0, 72]) is None
    assert meter_of([0, 36, 60, 72, 96, 120]) is None  # one bar of each


def test_motifs_are_found_in_their_meter_and_stated_as_they_were():
    for rows, meter, beats in ((WALTZ, "3/4", 0), (JIG, "6/8", 2)):
        motif = found(rows)
        assert motif.meter == meter
        assert motif.onsets == (*(start for start, _ in rows), 144)
        assert from_row(to_row(motif)) == motif
        theme = theme_of(motif, "A", 3, "test")
        phrase = Phrase(BARS, 0, "theme", "A", "open")
        line = statement_on_bars(statement(theme, phrase, stream(1), upbeat=False), phrase, minor=False, beats=beats)
        assert [(note.start, note.interval) for note in line if note.start < 144] == [
            (start, pitch - 67) for start, pitch in rows
        ]
        assert line[-1].end <= phrase.end


def test_a_melody_in_4_4_keeps_its_strong_beats_in_compound_time():
    assert [place_in_compound(tick, 2) for tick in (0, 24, 48, 72)] == [0, 24, 36, 60]  # long and short
    assert [place_in_compound(tick, 4) for tick in (0, 12, 24, 36, 48, 72)] == [0, 24, 36, 60, 72, 108]
    assert [place_in_compound(tick, 3) for tick in (0, 24, 48, 72)] == [0, 36, 72, 96]
    for beats, length in ((2, 72), (3, 108), (4, 144)):
        places = [place_in_compound(tick, beats) for tick in range(96)]
        assert places == sorted(places)
        assert places[-1] <= length


def test_the_meter_that_holds_longest_decides_which_motifs_suit():
    def tempo_map(*meters):
        return TempoMap(meters=tuple(Meter(*meter) for meter in meters))

    waltz = tempo_map((0, 3, 4), (144, 2, 4), (192, 3, 4))
    assert wanted_meter(waltz, 960) == "3/4"
    assert beats_of(waltz, 960) == 0
    assert (wanted_meter(tempo_map((0, 6, 8)), 720), beats_of(tempo_map((0, 6, 8)), 720)) == ("6/8", 2)
    assert (wanted_meter(tempo_map((0, 9, 8)), 720), beats_of(tempo_map((0, 9, 8)), 720)) == ("3/4", 3)
    assert (wanted_meter(tempo_map((0, 12, 8)), 720), beats_of(tempo_map((0, 12, 8)), 720)) == ("4/4", 4)
    assert wanted_meter(tempo_map((0, 4, 4), (96, 3, 4), (168, 4, 4)), 960) == "4/4"
    assert sketched_meter(Meter(0, 9, 8)) == Meter(0, 3, 4)
    assert sketched_meter(None) is sketched_meter(Meter(0, 5, 4)) is None


def test_a_meter_with_too_few_motifs_borrows_those_in_4_4():
    square = [motif for motif in motif_bank() if motif.meter == "4/4"]
    assert motifs_in_meter([*square, found(WALTZ)], "3/4") == [*square, found(WALTZ)]
    assert motifs_in_meter([*square, found(WALTZ)], "4/4") == square
    assert motifs_in_meter([*square, found(WALTZ)], "6/8") == square


def test_the_critic_hears_a_waltz_as_a_tune():
    assert score_motifs([found(WALTZ)], Affect(0, 0))[0].score > -1.5
    stutter = [(12 * i, 67) for i in range(4)] + [(48, 67), (72, 67), (120, 67)]
    assert score_motifs([found(stutter)], Affect(0, 0))[0].score < -4


@given(st.sampled_from(["4/4", "3/4", "6/8"]), st.data())
def test_a_figure_fills_the_bars_of_its_meter_and_stresses_its_beats(meter, data):
    length, beat = {"4/4": (96, 12), "3/4": (72, 24), "6/8": (72, 36)}[meter]
    known = patterns.patterns_by_name(meter)
    assert known.keys() >= patterns.rule_patterns("4/4").keys()
    pattern = data.draw(st.sampled_from(list(known.values())))
    assert length % pattern.length == 0 or (meter, pattern.name) == ("4/4", "stabs")
    assert all(0 <= event.onset < length for event in pattern.events)
    assert all(event.onset % beat == 0 for event in pattern.events if event.weight > 0)


def test_figures_go_by_dotted_beats_in_all_compound_time():
    meters = {(numerator, denominator): figure_meter(TempoMap(meters=(Meter(0, numerator, denominator),)), 864)
              for numerator, denominator in ((4, 4), (5, 4), (3, 4), (6, 8), (9, 8), (12, 8))}  # fmt: skip
    assert meters == {(4, 4): "4/4", (5, 4): "4/4", (3, 4): "3/4", (6, 8): "6/8", (9, 8): "6/8", (12, 8): "6/8"}
