"""A corpus reduced to melody and chords, in the layout of the corpus that it is made from."""

import numpy as np
import pytest
from click.testing import CliRunner
from made_corpus import TEMPO_MAP, piece

from emsync_bridge.cli import main
from emsync_bridge.errors import CorpusError
from emsync_bridge.training.corpus.dataset import read_split
from emsync_bridge.training.corpus.pieces import music_of
from emsync_bridge.training.generator.excerpts import PLAIN, Excerpts
from emsync_bridge.training.instruments.lead_sheets import build_lead_sheets, chord_spans, melody_line
from emsync_bridge.training.instruments.parts import InstrumentPart
from emsync_bridge.training.instruments.roles import INNER, MELODY
from emsync_bridge.training.instruments.store import InstrumentedPiece

BAR = 96


def instrumented(*lines):
    parts = tuple(InstrumentPart("", 40, drums=False, notes=np.array(notes)) for notes, _ in lines)
    return InstrumentedPiece("piece", parts, tuple(np.full(len(notes), role) for notes, role in lines))


def block(start, end, *pitches):
    return [(start, end, pitch, 70) for pitch in pitches]


@pytest.fixture(scope="module")
def sheets(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("sheets")
    done = CliRunner().invoke(main, ["corpus", "themes", str(corpus), "--out", str(out)])
    assert done.exit_code == 0, done.output
    return out


def test_a_lead_sheet_keeps_the_tune_the_clock_the_bars_and_the_boundaries(corpus, sheets):
    before, after = read_split(corpus, "valid"), read_split(sheets, "valid")
    whole, sheet = music_of(before, before.pieces[0]), music_of(after, after.pieces[0])
    assert after.pieces[0].name == before.pieces[0].name
    assert sheet.bar_lines == whole.bar_lines
    assert sheet.chords == whole.chords
    assert sheet.end == whole.end
    tune = [note.pitch for note in piece(3) if note.instrument == "strings"]
    kept = [note.pitch for note in sheet.notes if note.instrument == "strings"]
    assert [pitch for pitch in kept if pitch in set(tune)][:8] == tune[:8]
    assert after.time[-1] == pytest.approx(TEMPO_MAP.seconds(whole.end), abs=0.01)
    assert set(np.unique(after.affect[:, 0])) <= set(np.unique(before.affect[:, 0]))


def test_excerpts_are_drawn_from_it_as_from_any_corpus(sheets):
    batch = Excerpts(read_split(sheets, "train"), 64, PLAIN).draw(4, np.random.default_rng(0))
    assert batch.tokens.shape == (4, 65)
    assert batch.scalars[..., 0].max() > 0  # boundaries are told


def test_a_build_gives_the_same_again(corpus, sheets, tmp_path):
    build_lead_sheets(corpus, tmp_path / "again")
    for file in sheets.rglob("*.npy"):
        assert file.read_bytes() == (tmp_path / "again" / file.relative_to(sheets)).read_bytes()


def test_chords_are_the_triads_that_sound_and_equal_ones_are_joined():
    music = instrumented(
        (block(0, BAR, 48, 64, 67) + block(BAR, 2 * BAR, 45, 60, 64) + block(2 * BAR, 4 * BAR, 47, 62, 65), INNER)
    )
    spans = chord_spans(music, range(0, 4 * BAR, BAR), 4 * BAR)
    assert [(span.start, span.end, span.root, span.quality) for span in spans] == [
        (0, BAR, 0, 0),
        (BAR, 2 * BAR, 9, 1),
        (2 * BAR, 4 * BAR, 11, 2),
    ]
    assert spans[1].pitches == (57, 60, 64)


def test_a_chord_changes_in_the_middle_of_a_bar_and_is_struck_at_a_boundary():
    music = instrumented((block(0, 48, 48, 64, 67) + block(48, 2 * BAR, 43, 62, 71), INNER))
    spans = chord_spans(music, [0, BAR], 2 * BAR, struck=(BAR,))
    assert [(span.start, span.root) for span in spans] == [(0, 0), (48, 7), (BAR, 7)]


def test_a_passing_note_does_not_change_the_chord_and_silence_has_none():
    music = instrumented((block(0, BAR, 48, 64, 67) + block(24, 30, 65), INNER), (block(24, 30, 74), INNER))
    assert [(s.start, s.end) for s in chord_spans(music, [0, BAR, 2 * BAR], 3 * BAR)] == [(0, BAR)]


def test_the_melody_is_one_line_of_the_highest_notes():
    music = instrumented(
        ([(0, 60, 72, 80), (0, 24, 64, 80), (24, 48, 74, 80)], MELODY), ([(24, 36, 60, 80), (30, 40, 90, 80)], INNER)
    )
    assert melody_line(music, 40) == [(0, 24, 72, 80), (24, 40, 74, 80)]


def test_a_corpus_without_instruments_is_refused(corpus, tmp_path):
    import shutil

    shutil.copytree(corpus, tmp_path / "old")
    for file in (tmp_path / "old").rglob("instruments.json"):
        file.unlink()
    with pytest.raises(CorpusError, match="keeps no instruments"):
        build_lead_sheets(tmp_path / "old", tmp_path / "out")
