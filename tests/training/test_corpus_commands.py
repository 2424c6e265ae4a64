"""Labels for music without any, and what a corpus is like, through the commands."""

import csv
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import pytest
from click.testing import CliRunner

from emsync_bridge.cli import main
from emsync_bridge.cue import Note, TempoMap
from emsync_bridge.midi.reader import read_midi
from emsync_bridge.music.analysis.features import features
from emsync_bridge.training.corpus.labelling import windows
from emsync_bridge.training.corpus.symbolic_affect import affects

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def line(pitches, *, step, length, velocity):
    return [Note(i * step, i * step + length, "piano", pitch, velocity) for i, pitch in enumerate(pitches)]


MAJOR, MINOR = [60, 64, 67, 72, 65, 69, 67, 71], [57, 60, 64, 69, 62, 65, 64, 68]
CALM, EXCITED = {"step": 48, "length": 40, "velocity": 50}, {"step": 6, "length": 5, "velocity": 110}


def test_key_moves_valence_and_density_moves_arousal():
    stretches = [
        features(line(pitches * 20, **manner), TempoMap(), 0, 10)
        for pitches in (MAJOR, MINOR)
        for manner in (CALM, EXCITED)
    ]
    major_calm, major_excited, minor_calm, minor_excited = affects(stretches, ["a"] * 4)
    assert major_calm.valence > minor_calm.valence + 0.5
    assert major_excited.valence > minor_excited.valence + 0.5
    assert major_excited.arousal > major_calm.arousal + 1.5
    assert minor_excited.arousal > minor_calm.arousal + 1.5


def test_drums_count_as_notes_but_not_as_onsets_or_key():
    drums = [Note(i, i + 6, "drums", 36, 90) for i in range(0, 480, 12)]
    tune = line(MAJOR, **CALM)
    with_drums, alone = (features(notes, TempoMap(), 0, 8) for notes in (tune + drums, tune))
    assert with_drums.onset_density == alone.onset_density
    assert with_drums.key_corr_major == alone.key_corr_major
    assert with_drums.note_density == pytest.approx(alone.note_density + 32 / 8)
    assert features(drums, TempoMap(), 0, 8) is None


@pytest.mark.parametrize("seconds", [0.5, 20, 31, 240.7])
def test_windows_cover_a_piece(seconds):
    found = windows(seconds)
    assert found[0][0] == 0
    assert found[-1][1] == pytest.approx(seconds)
    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert all(end - start <= 30 for start, end in found)


def test_unlabelled_music_becomes_a_labelled_corpus(folder, tmp_path):
    labels, tokens, plot = tmp_path / "labels.csv", tmp_path / "tokens", tmp_path / "survey.png"
    labelled = run("corpus", "label", folder, "--out", labels)
    assert labelled.exit_code == 0, labelled.output
    assert "12 pieces" in labelled.output
    assert "broken.mid" in labelled.output
    built = run("corpus", "build", folder, "--labels", labels, "--out", tokens)
    assert built.exit_code == 0, built.output
    shown = run("corpus", "show", tokens, "--plot", plot)
    assert shown.exit_code == 0, shown.output
    assert "piano" in shown.output
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_a_folder_without_music_is_named(tmp_path):
    for command, out in (("label", "out.csv"), ("build", "out")):
        done = run("corpus", command, tmp_path, "--out", tmp_path / out)
        assert done.exit_code == 1
        assert str(tmp_path) in done.output


def test_a_corpus_of_tiny_pieces_is_shown_and_not_measured(tmp_path):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    (tmp_path / "music").mkdir()
    for name, pitches in (("a", MAJOR), ("b", MINOR), ("c", [62, 66, 69, 74])):
        music = mido.MidiFile(ticks_per_beat=480)
        music.tracks.append(mido.MidiTrack())
        for pitch in pitches * 3:
            music.tracks[0].append(mido.Message("note_on", note=pitch))
            music.tracks[0].append(mido.Message("note_off", note=pitch, time=240))
        music.save(tmp_path / "music" / f"{name}.mid")
    labels = tmp_path / "labels.csv"
    labels.write_text("path,valence,arousal,split\na.mid,0.5,0.5,train\nb.mid,0,0,valid\nc.mid,0,0,test\n")
    built = run("corpus", "build", tmp_path / "music", "--labels", labels, "--out", tmp_path / "tokens")
    assert "a.mid: 1 piece, " in built.output
    shown = run("corpus", "show", tmp_path / "tokens")
    assert shown.exit_code == 0
    assert "nan" not in shown.output
    measured = run("evaluate", tmp_path / "tokens", "--quick", "--split", "valid")
    assert measured.exit_code == 1
    assert "The longest piece of this split has" in measured.output
    assert "Add longer pieces, or take another split" in measured.output
    assert isinstance(measured.exception, SystemExit)


@pytest.mark.skipif(not (SHARED / "midi_corpus.zip").exists(), reason="the shared corpus is not here")
def test_the_recipe_is_that_of_the_published_labels(tmp_path):
    import zipfile

    with (SHARED / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] != "POP909"]
    chosen = set(np.random.default_rng(1).choice(sorted({row["path_in_zip"] for row in rows}), 40, replace=False))
    measured, published = [], []
    with zipfile.ZipFile(SHARED / "midi_corpus.zip") as archive:
        for row in rows:
            if row["path_in_zip"] in chosen:
                score = read_midi(Path(archive.extract(row["path_in_zip"], tmp_path)))
                one = features(score.notes, score.tempo_map, float(row["start_s"]), float(row["end_s"]))
                if one is not None:
                    measured.append(one)
                    published.append(row)
    found = affects(measured, [row["source"] for row in published])
    for axis in ("valence", "arousal"):
        expected = [float(row[f"{axis}_symbolic"]) for row in published]
        assert np.corrcoef([getattr(one, axis) for one in found], expected)[0, 1] > 0.95
