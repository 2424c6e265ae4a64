from __future__ import annotations

import dataclasses
import subprocess
import sys
import warnings
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from emsync_bridge.cue import (
    Affect,
    Cue,
    Directive,
    EmotionCurve,
    EmotionSpan,
    Gesture,
    HitAnswer,
    HitPoint,
    Meter,
    Note,
    ScoreSection,
    ShortScore,
    Shot,
    Spotting,
    Statement,
    Take,
    Tempo,
    TempoMap,
    Theme,
)
from emsync_bridge.errors import OutputError
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.render.chart.chart import _verdict, draw_cue
from emsync_bridge.render.chart.scale import COLOURS, Scale, spread_labels
from emsync_bridge.render.chart.score_rows import families_key, theme_colours


def cue(seconds: int = 20, *, rate: Fraction = Fraction(24), shots: int = 4, **settings: object) -> Cue:
    """Return a cue of equal shots; every hit is answered exactly."""
    frames = round(seconds * rate)
    edges = [frames * i // shots for i in range(shots + 1)]
    times = [float(edge / rate) for edge in edges]
    hits = [HitPoint(t, f, "cut", name=f"shot {f}") for t, f in zip(times[1:-1], edges[1:-1], strict=True)]
    hits = [HitPoint(0, 0, "start"), *hits, HitPoint(times[-1], frames, "end")]
    spotting = Spotting(
        name="Reel",
        duration=times[-1],
        rate=rate,
        hits=tuple(hits),
        shots=tuple(Shot(a, b, "a.mov", name="wide") for a, b in pairwise(times)),
        **settings,
    )
    curve = EmotionCurve(tuple(EmotionSpan(a, b, Affect(0.5, -0.5)) for a, b in pairwise(times)))
    answers = tuple(HitAnswer(i, hits[i].time, 0.0, "bar") for i in range(1, len(hits) - 1))
    notes = (Note(0, 20, "piano", 60, 80), Note(0, 4, "drums", 38, 100), Note(24, 90, "strings", 67, 50))
    return Cue(spotting, curve, (Take(3, notes, TempoMap(), "C major", answers),))


def drawn(subject: Cue, folder: Path) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_cue(subject, folder / "cue.png")
    assert [path.name for path in folder.iterdir()] == ["cue.png"]
    return Image.open(folder / "cue.png").convert("RGB")


def shares(picture: Image.Image, colour: str) -> int:
    """Return how many pixels have exactly a colour."""
    wanted = tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return sum(count for count, value in picture.getcolors(2**24) or [] if value == wanted)


def test_a_cue_becomes_one_wide_picture(tmp_path: Path) -> None:
    picture = drawn(cue(), tmp_path)
    assert picture.width == 1920
    assert picture.height > 1000
    assert shares(picture, COLOURS["valence"]) > 1000
    assert shares(picture, COLOURS["arousal"]) > 500


def test_without_a_take_the_music_is_left_out(tmp_path: Path) -> None:
    picture = drawn(dataclasses.replace(cue(), takes=()), tmp_path)
    assert picture.width == 1920
    assert picture.height < 700


def test_pyplot_is_never_touched(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from test_chart import cue; from pathlib import Path; "
        "from emsync_bridge.render.chart.chart import draw_cue; assert 'matplotlib' not in sys.modules; "
        "draw_cue(cue(), Path(sys.argv[2])); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, Path(__file__).parent, tmp_path / "a.png"], check=True)


@pytest.mark.parametrize("name", ["$100 & $200", "^_{", "line\nbreak\x07", "\u96e8\u306e\u4e2d", "", "x" * 500])
def test_any_name_can_be_drawn(tmp_path: Path, name: str) -> None:
    base = cue()
    hits = (HitPoint(1.0, 24, "marker", name=name),)
    shots = tuple(dataclasses.replace(shot, name=name) for shot in base.spotting.shots)
    directives = (Directive(2.0, name),)
    spotting = dataclasses.replace(base.spotting, name=name, hits=hits, shots=shots, directives=directives)
    drawn(dataclasses.replace(base, spotting=spotting, takes=()), tmp_path)


@pytest.mark.parametrize(
    "odd",
    [
        cue(shots=1),
        cue(rate=Fraction(15)),  # no SMPTE rate
        cue(3600, rate=Fraction(30000, 1001), shots=900, drop_frame=True, start_frame=107_892),
        Cue(Spotting("empty", 0.0, Fraction(24)), EmotionCurve(())),
        Cue(Spotting("one frame", 1 / 24, Fraction(24)), EmotionCurve(()), (Take(1, (), TempoMap()),)),
        Cue(
            Spotting("waltz", 10.0, Fraction(25)),
            EmotionCurve((EmotionSpan(0, 10, Affect(0, 0), silence=True),)),
            (Take(1, (Note(0, 9, "drums", 36, 1),), TempoMap((Tempo(0, 400_000),), (Meter(0, 3), Meter(72, 7, 8)))),),
        ),
    ],
    ids=["one shot", "15 fps", "an hour", "nothing", "one frame", "silence"],
)
def test_odd_cues_are_drawn_too(tmp_path: Path, odd: Cue) -> None:
    assert drawn(odd, tmp_path).width == 1920


def test_the_verdict_counts_what_landed() -> None:
    base = cue(shots=5)
    answers = (
        HitAnswer(1, 4.0, 0.4, "bar"),
        HitAnswer(2, 8.1, 100.0, "tick"),
        HitAnswer(3, None, None, "beat"),
    )
    late = dataclasses.replace(base, takes=(dataclasses.replace(base.take, answers=answers),))
    assert _verdict(base) == ("4 of 4 hits within half a frame, worst 0.0 ms", True)
    assert _verdict(late) == ("1 of 2 hits within half a frame, worst 100.0 ms, 1 in silence", False)


@pytest.mark.parametrize(
    ("rate", "drop", "start", "seconds", "expected"),
    [
        (Fraction(24), False, 86_400, 90, ["01:00:00:00", "01:00:10:00", "01:00:20:00"]),
        (Fraction(25), False, 10, 4, ["00:00:01:00", "00:00:02:00", "00:00:03:00"]),
        (Fraction(30000, 1001), True, 107_892, 3600, ["01:00:00;00", "01:05:00;02", "01:10:00;00"]),
        (Fraction(60000, 1001), True, 0, 1300, ["00:00:00;00", "00:02:00;04", "00:04:00;04"]),
        (Fraction(24000, 1001), False, 0, 90, ["00:00:00:00", "00:00:10:00", "00:00:20:00"]),
    ],
)
def test_ticks_are_round_timecodes(rate: Fraction, drop: bool, start: int, seconds: int, expected: list[str]) -> None:
    frames = round(seconds * rate)
    spotting = Spotting("x", float(frames / rate), rate, drop, start)
    ticks = Scale(spotting, 1600, 120).ticks()
    assert [text for _, text in ticks[:3]] == expected
    assert all(0 <= time <= spotting.duration for time, _ in ticks)
    assert all(float(round(time * rate) / rate) == time for time, _ in ticks)


def test_ticks_of_a_moment_count_frames() -> None:
    ticks = Scale(Spotting("x", 0.5, Fraction(24)), 1600, 120).ticks()
    assert [text for _, text in ticks[:3]] == ["00:00:00:00", "00:00:00:01", "00:00:00:02"]


@given(times=st.lists(st.floats(0, 100), max_size=60), gap=st.floats(0.1, 20), first=st.integers(0, 10))
def test_labels_never_overlap_and_the_preferred_come_first(times: list[float], gap: float, first: int) -> None:
    preferred = [first] if first < len(times) else []
    chosen = spread_labels(times, gap, preferred)
    places = sorted(times[i] for i in chosen)
    assert all(b - a >= gap for a, b in pairwise(places))
    assert set(preferred) <= set(chosen)
    assert all(any(abs(times[i] - place) < gap for place in places) for i in range(len(times)))


def test_a_picture_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Folder not found"):
        draw_cue(cue(), tmp_path / "none" / "cue.png")


def arranged() -> Cue:
    """Return a cue whose take names players and says what it was written from."""
    subject = cue()
    notes = tuple(
        Note(48 * i, 48 * i + 40, PLAYERS[name].group, PLAYERS[name].center, 100, name)
        for i, name in enumerate(("flute", "horns", "harp", "violins"))
    )
    score = ShortScore(
        themes=(Theme("A", (), 96), Theme("B", (), 96)),
        statements=(Statement("A", "whole", 0, 192), Statement("B", "head", 192, 384)),
        sections=(ScoreSection(0, 192, "A", character="calm"), ScoreSection(192, 480, "coda")),
        gestures=(Gesture(96, 240, "turn"), Gesture(400, 400, "bell")),
    )
    return dataclasses.replace(subject, takes=(dataclasses.replace(subject.take, notes=notes, score=score),))


def test_an_arranged_take_shows_form_themes_swells_and_players(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain, rich = drawn(cue(), tmp_path / "a"), drawn(arranged(), tmp_path / "b")
    assert rich.height > plain.height + 300
    first, second = theme_colours(arranged().take.score).values()
    for colour in (first, second):
        assert shares(rich, colour) > shares(plain, colour) + 2000


@pytest.mark.parametrize(
    ("span", "word"),
    [
        (EmotionSpan(0.0, 20.0, Affect(-0.5, 0.6), reason="tension", ordered=(True, True)), "tension"),
        (EmotionSpan(0.0, 20.0, Affect(-0.5, 0.6), reason="set by hand", ordered=(True, True)), "calm"),
        (EmotionSpan(0.0, 20.0, Affect(-0.5, 0.6), reason="v=-0.5 a=0.6", ordered=(True, True)), "calm"),
        (EmotionSpan(0.0, 20.0, Affect(-0.5, 0.6), reason="faces, voices"), "calm"),
        (EmotionSpan(0.0, 20.0, Affect(-0.5, 0.6), silence=True, ordered=(True, True)), "calm"),
    ],
)
def test_a_section_has_the_word_that_the_person_ordered_else_the_character_of_the_music(
    span: EmotionSpan, word: str
) -> None:
    subject = dataclasses.replace(arranged(), curve=EmotionCurve((span,)))
    assert subject.character_of(subject.take, subject.take.score.sections[0]) == word


def test_families_are_named_in_the_order_of_a_score() -> None:
    assert [name for _, name, _ in families_key(arranged())] == ["woodwinds", "brass", "harp", "strings"]
    assert families_key(cue()) == []
