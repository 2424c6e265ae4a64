"""Motifs, their critic, and themes that grow from them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Affect, Note, ThemeNote
from emsync_bridge.music.arranging.themes.critic import score_motif, score_motifs
from emsync_bridge.music.arranging.themes.motifs import (
    BAR,
    LENGTH,
    Motif,
    degree_of,
    from_row,
    motif_bank,
    motifs_in,
    semitones,
    to_row,
    top_line,
)
from emsync_bridge.music.arranging.themes.statements import BARS, statement, statement_on_bars, theme_from, theme_of
from emsync_bridge.music.planning.form import Phrase
from emsync_bridge.music.planning.scenes import Bar
from emsync_bridge.music.random_streams import stream


def motif(*notes: tuple[float, int], minor: bool = False) -> Motif:
    starts = [round(24 * beat) for beat, _ in notes] + [LENGTH]
    return Motif(
        tuple(ThemeNote(a, b - a, degree) for a, b, (_, degree) in zip(starts, starts[1:], notes, strict=False)), minor
    )


TUNE = motif((0, 4), (1, 7), (3, 9), (3.5, 7), (4, 5), (5, 7), (6, 5), (7, 4))
STUTTER = motif(*((i / 2, 4) for i in range(12)))
SQUARE = tuple(Bar(BAR * i, BAR * (i + 1)) for i in range(4))


def test_a_tune_is_better_than_a_stutter() -> None:
    assert score_motif(TUNE) > -0.5
    assert score_motif(STUTTER) < -4
    assert next(m.score for m in score_motifs([STUTTER, TUNE], Affect(0, 0))) == score_motif(TUNE)


def test_the_bank_holds_good_and_different_motifs() -> None:
    motifs = motif_bank()
    assert len(motifs) >= 150
    assert all(m.score >= -1.5 for m in motifs)
    assert [m.score for m in motifs] == sorted((m.score for m in motifs), reverse=True)
    assert len({m.contour for m in motifs}) == len(motifs)
    assert all(4 <= len(m.notes) <= 12 and m.notes[0].start == 0 for m in motifs)
    for m in motifs[:20]:
        assert from_row(to_row(m)).notes == m.notes


@given(st.integers(-24, 24), st.booleans())
def test_degrees_and_alterations_say_every_interval(interval: int, minor: bool) -> None:
    degree, alter = degree_of(interval, minor=minor)
    assert semitones(degree, minor=minor) + alter == interval
    assert abs(alter) <= 1


def test_motifs_are_found_in_the_top_line_in_their_key() -> None:
    melody = [74, 78, 81, 79, 78, 76, 74, 73]
    notes = [Note(24 * i, 24 * i + 24, "strings", pitch, 80) for i, pitch in enumerate(melody)]
    notes += [Note(0, 192, "piano", 50, 60)]
    found = motifs_in(top_line(sorted(notes)), [0, 96, 192], 2, minor=False)
    assert [m.contour for m in found] == [(2, 2, -1, -1, -1, -1, -1)]


def test_a_theme_states_its_idea_twice_and_closes_on_the_tonic() -> None:
    for seed in range(12):
        theme = theme_of(TUNE, "A", seed, "test")
        assert theme.length == BARS * BAR
        idea = [(n.start, n.degree) for n in theme.notes if 0 <= n.start < 2 * BAR]
        again = [(n.start - 4 * BAR, n.degree) for n in theme.notes if 4 * BAR <= n.start < 6 * BAR]
        assert idea == again == [(n.start, n.degree) for n in TUNE.notes]
        half = max((n for n in theme.notes if n.start < 4 * BAR), key=lambda n: n.start)
        assert half.degree % 7 != 0
        assert theme.notes[-1].degree % 7 == 0


def test_a_short_theme_of_a_person_is_carried_on() -> None:
    two = theme_from(TUNE.notes, 2 * BAR, "ANNA", minor=False, source="file", seed=1)
    four = theme_from(theme_of(TUNE, "A", 1, "").notes, 4 * BAR, "ANNA", minor=False, source="file", seed=1)
    for theme in (two, four):
        assert theme.length == BARS * BAR
        assert theme.notes[-1].degree % 7 == 0


@pytest.mark.parametrize(
    "variant",
    ["open", "close", "continuation", "head", "sequence", "inverted", "augmented", "diminished", "answer", "fragment"],
)
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_variant_lies_on_its_bars_in_order(variant: str, count: int) -> None:
    theme = theme_of(TUNE, "A", 3, "test")
    phrase = Phrase(SQUARE[:count], 0, "theme", "A", variant)  # type: ignore[arg-type]
    line = statement_on_bars(statement(theme, phrase, stream(1), upbeat=False), phrase, minor=False)
    assert line
    assert all(a.end <= b.start for a, b in itertools.pairwise(line))
    assert line[0].start >= 0
    assert line[-1].end <= phrase.end


def test_a_theme_darkens_with_the_mode() -> None:
    theme = theme_of(TUNE, "A", 3, "test")
    phrase = Phrase(SQUARE, 0, "theme", "A", "open")
    bright = statement_on_bars(statement(theme, phrase, stream(1), upbeat=False), phrase, minor=False)
    dark = statement_on_bars(statement(theme, phrase, stream(1), upbeat=False), phrase, minor=True)
    assert [note.start for note in bright] == [note.start for note in dark]
    lower = [a.interval - b.interval for a, b in zip(bright, dark, strict=True)]
    assert set(lower) == {0, 1}


def test_a_cut_bar_leaves_the_rhythm_of_a_melody_alone() -> None:
    theme = theme_of(TUNE, "A", 3, "test")
    cut = (Bar(0, 96), Bar(96, 216), Bar(216, 312), Bar(312, 408))
    phrase = Phrase(cut, 0, "theme", "A", "open")
    line = statement_on_bars(statement(theme, phrase, stream(1), upbeat=False), phrase, minor=False)
    plain = statement_on_bars(
        statement(theme, phrase, stream(1), upbeat=False), Phrase(SQUARE, 0, "theme", "A", "open"), minor=False
    )
    assert [n.start for n in line if n.start < 288] == [n.start for n in plain if n.start < 288]
