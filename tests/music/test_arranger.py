"""Demands of a composer on any cut: hits, ranges, the theme that returns, sections that stay."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emsync_bridge.cue import (
    Affect,
    Directive,
    EmotionCurve,
    EmotionSpan,
    HitPoint,
    Meter,
    Shot,
    Spotting,
    Take,
    Theme,
    ThemeNote,
)
from emsync_bridge.errors import MusicError
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.arranging.arranger import arrange
from emsync_bridge.music.arranging.outline import PieceInputs
from emsync_bridge.music.arranging.palettes import PALETTES
from emsync_bridge.music.arranging.rewriting import rearrange_section
from emsync_bridge.music.arranging.themes.motifs import SCALES, motif_bank, top_line
from emsync_bridge.music.generation.request import plan_for
from emsync_bridge.music.planning.plan import CompositionPlan, plan_on
from emsync_bridge.options import MusicOptions

RATE = Fraction(25)


def cut(
    seconds: float, hits: list[float], moods: list[tuple[float, float, float, float]]
) -> tuple[Spotting, EmotionCurve]:
    points = tuple(HitPoint(round(t * 25) / 25, round(t * 25), "cut") for t in hits)
    spotting = Spotting("film", seconds, RATE, hits=points, shots=(Shot(0.0, seconds),))
    spans = tuple(EmotionSpan(a, b, Affect(v, ar), confidence=1.0) for a, b, v, ar in moods)
    return spotting, EmotionCurve(spans)


ARC = cut(
    80.0,
    [7.0, 12.4, 20.0, 27.3, 33.0, 40.0, 46.6, 52.0, 60.0, 66.4, 74.0],
    [(0, 20, 0.5, -0.5), (20, 40, -0.5, 0.2), (40, 60, -0.3, 0.9), (60, 80, 0.7, 0.5)],
)


def compose(film: tuple[Spotting, EmotionCurve], seed: int = 1, **options: object) -> tuple[Take, CompositionPlan]:
    asked = MusicOptions(**options)  # type: ignore[arg-type]
    plan = plan_for(*film, asked)
    return arrange(plan, *film, motif_bank(), asked, seed), plan


@st.composite
def films(draw: st.DrawFn) -> tuple[Spotting, EmotionCurve]:
    seconds = float(draw(st.integers(5, 70)))
    hits, time = [], 0.0
    while True:
        time += draw(st.floats(0.6, 15.0))
        if time > seconds - 0.5:
            break
        hits.append(round(time * 25) / 25)
    edges = sorted({0.0, seconds, *(h for h in hits if draw(st.integers(0, 3)) == 0)})
    levels = st.floats(-1.0, 1.0)
    moods = [(a, b, draw(levels), draw(levels)) for a, b in pairwise(edges)]
    return cut(seconds, sorted(set(hits)), moods)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(films(), st.integers(0, 10**6), st.sampled_from(PALETTES))
def test_any_film_has_its_hits_within_the_ranges_of_its_players(
    film: tuple[Spotting, EmotionCurve], seed: int, palette: str
) -> None:
    take, plan = compose(film, seed, palette=palette)
    assert [answer.hit for answer in take.answers if answer.error_ms is None or abs(answer.error_ms) > 1] == []
    landings = {landing.tick for _, landing in plan.hits}
    for note in take.notes:
        player = PLAYERS[note.player]
        assert note.instrument == player.group
        assert player.unpitched or player.low <= note.pitch <= player.high
        assert 0 <= note.start < note.end <= plan.end
        assert note.start not in landings or note.offset == 0
    for name in {note.player for note in take.notes}:
        mine = [note for note in take.notes if note.player == name]
        for tick in {note.start for note in mine}:
            assert sum(note.start <= tick < note.end for note in mine) <= PLAYERS[name].voices


def test_the_first_theme_comes_back_at_the_end() -> None:
    take, plan = compose(ARC)
    assert take.score is not None
    stated = [s for s in take.score.statements if s.theme == "A"]
    assert stated[0].start < plan.end / 4
    assert stated[-1].start > plan.end / 2
    line = top_line(note for note in take.notes if note.role == "melody")
    steps = [b[1] - a[1] for a, b in pairwise(line)]
    first = [tuple(steps[i : i + 3]) for i in range(len(steps) // 3)]
    last = [tuple(steps[i : i + 3]) for i in range(2 * len(steps) // 3, len(steps) - 3)]
    assert set(first) & {shape for shape in last if any(shape)}


def test_a_section_written_again_leaves_all_other_notes_as_they_are() -> None:
    take, _ = compose(ARC)
    plan = plan_on(take.tempo_map, *ARC)
    start, end = (next(line for line in plan.bar_lines if line >= take.tempo_map.tick(t)) for t in (27.0, 45.0))
    again = rearrange_section(take, PieceInputs(plan, *ARC, MusicOptions()), start=start, end=end, seed=99)

    def outside(piece: Take) -> list[object]:
        return [n for n in piece.notes if not start <= n.start < end]

    def inside(piece: Take) -> list[object]:
        return [n for n in piece.notes if start <= n.start < end]

    assert outside(again) == outside(take)
    assert inside(again) != inside(take)
    assert again.score is not None
    assert take.score is not None
    assert again.score.themes == take.score.themes
    assert all(abs(answer.error_ms or 0) <= 1 for answer in again.answers)


def test_the_same_seed_gives_the_same_take_in_another_process() -> None:
    program = (
        "import hashlib, sys; sys.path.insert(0, 'tests/music'); import test_arranger as t;"
        "print(hashlib.sha256(repr(t.compose(t.ARC)[0]).encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert next(iter(found)).strip()


def test_keys_differ_between_films_and_stay_for_one() -> None:
    mood = [(0.0, 20.0, 0.5, 0.0)]
    found = {compose(cut(20.0, [6.0 + i / 5, 12.0], mood))[0].key for i in range(8)}
    assert len(found) >= 4
    assert compose(ARC, key="D minor")[0].key == "D minor"


def test_those_who_are_left_out_do_not_play_and_the_lead_leads() -> None:
    take, _ = compose(ARC, without=("brass", "percussion"), lead="oboe")
    families = {PLAYERS[note.player].family for note in take.notes}
    assert not families & {"brass", "percussion"}
    assert take.score is not None
    assert {statement.player for statement in take.score.statements} == {"oboe"}


def test_nobody_left_to_play_a_chord_is_said() -> None:
    with pytest.raises(MusicError, match="chord"):
        compose(ARC, palette="piano", without=("piano",))
    with pytest.raises(MusicError, match="trombonium"):
        compose(ARC, without=("trombonium",))


TUNE = Theme("ANNA", tuple(ThemeNote(24 * i, 24, degree) for i, degree in enumerate((0, 4, 3, 6, 5, 2, 1, 0))), 192)


def test_a_given_theme_is_the_main_one() -> None:
    take, _ = compose(ARC, themes=(replace(TUNE, name="A"),))
    assert take.score is not None
    main = next(theme for theme in take.score.themes if theme.name == "A")
    assert [note.degree for note in main.notes[:8]] == [0, 4, 3, 6, 5, 2, 1, 0]


def test_a_person_has_a_theme_where_a_marker_asks_for_it() -> None:
    spotting, curve = ARC
    marked = replace(spotting, directives=(Directive(30.0, "theme=ANNA", 52.0),))
    take, plan = compose((marked, curve), themes=(TUNE,))
    assert take.score is not None
    where = [plan.seconds(s.start) for s in take.score.statements if s.theme == "ANNA"]
    assert where
    assert all(25 < second < 53 for second in where)
    unknown, _ = compose((replace(spotting, directives=(Directive(30.0, "theme=BORIS", 52.0),)), curve))
    assert unknown.score is not None
    assert "BORIS" in {theme.name for theme in unknown.score.themes}


def test_a_palette_holds_where_it_is_asked_for() -> None:
    take, plan = compose(ARC, palettes=((18.0, 42.0, "piano"),))
    inside = {n.player for n in take.notes if 24 < plan.seconds(n.start) < 36}
    assert inside == {"piano"}
    with pytest.raises(MusicError, match="kazoo"):
        compose(ARC, palette="kazoo")


def test_silence_is_silent() -> None:
    spotting, curve = cut(30.0, [8.0, 22.0], [(0, 8, 0.2, 0.2), (8, 15, 0.2, 0.2), (15, 30, 0.2, 0.2)])
    quiet = EmotionCurve(
        tuple(EmotionSpan(s.start, s.end, s.affect, confidence=1.0, silence=i == 1) for i, s in enumerate(curve.spans))
    )
    take, plan = compose((spotting, quiet))
    sounding = [n for n in take.notes if plan.seconds(n.start) < 14.9 and plan.seconds(n.end) > 8.1]
    assert sounding == []


@pytest.mark.parametrize("meter", [Meter(0, 3), Meter(0, 5), Meter(0, 6, 8), Meter(0, 2)])
def test_other_meters_keep_their_hits(meter: Meter) -> None:
    take, _ = compose(ARC, meter=meter)
    assert all(answer.error_ms is not None and abs(answer.error_ms) <= 1 for answer in take.answers)
    assert any(note.role == "melody" for note in take.notes)


def test_it_ends_at_home() -> None:
    for seed in range(4):
        take, plan = compose(ARC, seed)
        assert take.score is not None
        assert plan.final is not None
        last = take.score.chords[-1]
        before = [chord for chord in take.score.chords if chord.end <= plan.final][-1]
        assert (before.root - last.root) % 12 in (7, 5)
        assert last.root == {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[take.key[0]] + (
            -1 if take.key[1] == "b" else 1 if take.key[1] == "#" else 0
        )


def test_a_cut_for_which_no_palette_is_asked_gets_one_that_suits_its_mood_and_keeps_it() -> None:
    calm = cut(40.0, [10.0, 21.0, 30.0], [(0, 40, 0.5, -0.6)])
    taken = set()
    for number in range(12):
        film = (replace(calm[0], name=f"film {number}"), calm[1])
        takes = [compose(film, seed)[0] for seed in ((1, 2) if number == 0 else (1,))]
        palettes = {section.palette for take in takes if take.score for section in take.score.sections}
        assert len(palettes) == 1
        taken |= palettes
    assert {"orchestra"} < taken <= {"orchestra", "chamber", "strings", "piano", "minimal"}
    violent = cut(40.0, [10.0, 21.0, 30.0], [(0, 20, 0.5, -0.6), (20, 40, 0.8, 0.9)])
    take, _ = compose(violent)
    assert take.score is not None
    assert {section.palette for section in take.score.sections} <= {"orchestra", "chamber", "strings"}


def test_a_section_written_again_keeps_the_palette_of_its_take_though_the_hits_have_moved() -> None:
    film = cut(40.0, [10.0, 21.0, 30.0], [(0, 40, 0.5, -0.6)])
    take, plan = compose((replace(film[0], name="film 3"), film[1]), palette="piano")
    moved = cut(40.0, [10.0, 21.0, 28.0], [(0, 40, 0.5, -0.6)])
    start = next(line for line in plan.bar_lines if plan.seconds(line) > 20)
    brief = PieceInputs(plan_on(take.tempo_map, *moved), *moved, MusicOptions())
    again = rearrange_section(take, brief, start=start, end=plan.end, seed=5)
    assert {note.player for note in again.notes} == {"piano"}


def test_the_orchestra_does_not_stop_with_the_chord_of_a_strong_hit() -> None:
    take, plan = compose(ARC, palette="orchestra")
    assert take.score is not None
    struck = [gesture.hit for gesture in take.score.gestures if gesture.rank in ("turn", "strong")]
    following = [*struck[1:], plan.end]
    seen = 0
    for tick, until in zip(struck, following, strict=True):
        accents = [note for note in take.notes if note.start == tick and note.role == "accent"]
        if until - tick < 10 * 24 or any(tick < landing.tick < tick + 240 for _, landing in plan.hits):
            continue
        seen += 1
        held = max(note.end for note in accents if PLAYERS[note.player].sounding == "sustained")
        inner = [note for note in take.notes if note.role == "inner" and note.start <= held < note.end]
        assert len(inner) >= 3
        later = [note for note in take.notes if note.role == "inner" and held < note.start < until - 24]
        loud = [note.velocity for note in inner]
        assert max(loud) < max(note.velocity for note in accents)
        assert sum(note.velocity for note in later) / len(later) < sum(loud) / len(loud)
    assert seen >= 2


@pytest.mark.parametrize("mood", [(0.7, 0.4), (0.6, -0.6), (0.0, 0.0), (-0.6, -0.5), (0.7, 0.9)])
def test_a_piece_begins_and_ends_at_home_and_stays_no_longer_on_the_dominant(mood: tuple[float, float]) -> None:
    for seed in (1, 2):
        take, _ = compose(cut(45.0, [9.0, 18.0, 30.0], [(0, 45, *mood)]), seed)
        assert take.score is not None
        tonic = keys.tonic_of(take.key)
        beats: Counter[int] = Counter()
        for chord in take.score.chords:
            beats[(chord.root - tonic) % 12] += chord.end - chord.start
        assert take.score.chords[0].root == take.score.chords[-1].root == tonic
        assert beats[7] <= 0.4 * beats.total()


@pytest.mark.parametrize("hits", [[0.12, 4.0], [0.12, 0.16, 0.2, 0.24, 4.0]])
def test_no_note_begins_before_the_film_where_hits_stand_at_its_very_start(hits: list[float]) -> None:
    for seed in range(12):
        take, _ = compose(cut(7.0, hits, [(0, 7, 0.0, 0.0)]), seed)
        assert min(note.start for note in take.notes) >= 0


def test_no_two_sections_of_a_form_have_one_name() -> None:
    take, _ = compose(cut(240.0, [20.0 * i for i in range(1, 12)], [(0, 240, 0.4, 0.2)]))
    names = [section.label for section in take.score.sections]
    assert len(names) > 8
    assert len(set(names)) == len(names)
    assert {"A", "A2"} <= set(names)


def test_sections_name_the_key_that_their_melody_is_in() -> None:
    named, home, melody = 0, 0, 0
    for seed in range(1, 7):
        take, _ = compose(ARC, seed)
        assert take.score is not None
        for section in take.score.sections:
            if section.key.split()[0] != take.key.split()[0]:
                inside = [n for n in take.notes if n.role == "melody" and section.start <= n.start < section.end]
                melody += len(inside)
                named += sum(_in_scale(note.pitch, section.key) for note in inside)
                home += sum(_in_scale(note.pitch, take.key) for note in inside)
    assert melody > 50
    assert named > 0.9 * melody > home


def _in_scale(pitch: int, key: str) -> bool:
    tonic, mode = key.split()
    return (pitch - keys.tonic_of(tonic)) % 12 in SCALES[mode == "minor"]
