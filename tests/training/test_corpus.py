"""From MIDI files to excerpts: the network is trained with what it will be told when composing."""

import shutil
from dataclasses import replace

import mido
import numpy as np
import pytest
from made_corpus import END, TEMPO_MAP, piece

from emsync_bridge.cue import Affect
from emsync_bridge.errors import CorpusError
from emsync_bridge.music.generation.state import Conditioning, ScoreState, condition_row
from emsync_bridge.music.planning.plan import CompositionPlan, PlanSection
from emsync_bridge.music.planning.tempo_plan import TempoPlan
from emsync_bridge.music.tokenizer import conditions as cond
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.training.corpus.build import BuildOptions, build
from emsync_bridge.training.corpus.dataset import read_split
from emsync_bridge.training.corpus.labels import read_labels
from emsync_bridge.training.generator.excerpts import PLAIN, Augmentation, Excerpts


def test_splits_follow_the_labels_and_tokens_are_those_of_the_pieces(corpus):
    split = read_split(corpus, "valid")
    assert [p.name for p in split.pieces] == ["work3/a.mid"]
    assert split.pieces[0].notes == len(piece(3))
    assert split.pieces[0].chords == 8
    assert split.tokens[0] == tok.START
    assert split.tokens[-1] == tok.END
    assert split.time[-1] == pytest.approx(TEMPO_MAP.seconds(END))


def test_labels_become_ranks_of_the_nearest_window(corpus):
    split = read_split(corpus, "train")
    first = split.affect[split.pieces[0].start]
    assert first[0] == pytest.approx(-1 + 1 / 12, abs=0.01)  # the lowest of twelve valences
    arousal = np.array(split.affect[: split.pieces[0].length, 1], dtype=float)
    assert list(np.unique(arousal)) == pytest.approx([-0.5, 0.5], abs=0.01)


def test_a_label_is_also_its_rank_within_its_source(folder, tmp_path):
    labels = read_labels(folder / "labels.csv")
    build([folder], tmp_path, BuildOptions(labels=labels, within_source=1.0, exclude=["broken"]))
    split = read_split(tmp_path, "train")
    for work in split.pieces:  # each work is a source of its own, and its two windows have one valence
        affect = np.array(split.affect[work.start : work.start + work.length], dtype=float)
        assert np.unique(affect[:, 0]) == pytest.approx([0.0], abs=0.01)
        assert np.unique(affect[:, 1]) == pytest.approx([-0.5, 0.5], abs=0.01)


def test_small_sources_are_drawn_more_often_than_their_length_asks(corpus):
    split = read_split(corpus, "train")
    names = ["big/a.mid", "big/b.mid", "big/c.mid", "small/d.mid"]
    pieces = tuple(replace(piece, name=name) for piece, name in zip(split.pieces, names, strict=False))
    shares = {
        balance: Excerpts(replace(split, pieces=pieces), 64, Augmentation(balance=balance)).share[-1]
        for balance in (0.0, 0.5, 1.0)
    }
    assert shares[0.0] == pytest.approx(1 / 2)
    assert shares[1.0] == pytest.approx(pieces[-1].length / sum(piece.length for piece in pieces))
    assert shares[1.0] < shares[0.5] < shares[0.0]


def test_conditions_in_training_are_those_of_composing(corpus):
    """Replay a piece as if it were being composed and compare what the network is told at every position."""
    split = read_split(corpus, "valid")
    length = split.pieces[0].length
    batch = Excerpts(split, length, PLAIN).draw(1, np.random.default_rng(0))
    tokens = batch.tokens[0][:length].tolist()
    chords = tuple(note.start for note in piece(3)[::1] if note.instrument == "piano" and note.pitch == 60)
    valence, _ = (float(v) for v in split.affect[0])
    arousal = {float(t): float(a) for t, a in zip(split.time, split.affect[:, 1], strict=True)}
    plan = CompositionPlan(
        TempoPlan(TEMPO_MAP, (), END, 100),
        (PlanSection(0, TEMPO_MAP.seconds(END), 0, END, Affect(valence, 0.0)),),
        chords,
        (),
        None,
        (*TEMPO_MAP.bar_lines(END), END),
    )
    state = ScoreState(plan)
    for index, token in enumerate(tokens[:-1]):
        if index:
            state.push(token)
        row, place = condition_row(state, Conditioning(("piano", "strings")))
        row[cond.AROUSAL] = arousal[float(split.time[index])]
        np.testing.assert_allclose(batch.scalars[0][index], row, atol=2e-3, err_msg=tok.name_of(token))
        np.testing.assert_array_equal(batch.place[0][index], place, err_msg=f"{index} {tok.name_of(token)}")


def test_a_boundary_that_is_left_out_is_neither_announced_nor_written(corpus):
    rule = Augmentation(no_chords=1.0)
    batch = Excerpts(read_split(corpus, "train"), 128, rule).draw(20, np.random.default_rng(1))
    assert not (batch.tokens == tok.CHORD).any()
    assert not batch.scalars[..., cond.BOUNDARY].any()


def test_what_is_withheld_is_marked_as_unknown(corpus):
    rule = Augmentation(no_valence=1.0, no_arousal=1.0, no_tempo=1.0, no_ensemble=1.0, no_ending=1.0)
    scalars = Excerpts(read_split(corpus, "train"), 128, rule).draw(8, np.random.default_rng(1)).scalars
    scalars[..., cond.BOUNDARY] = 0
    assert not scalars.any()


def test_draws_are_the_same_for_the_same_seed(corpus):
    excerpts = Excerpts(read_split(corpus, "train"), 128, Augmentation())
    first, again = (excerpts.draw(4, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first.tokens, again.tokens)
    np.testing.assert_array_equal(first.scalars, again.scalars)


def test_a_folder_without_music_and_one_without_a_corpus_are_named(tmp_path):
    with pytest.raises(CorpusError, match="No MIDI files"):
        build([tmp_path], tmp_path / "out")
    with pytest.raises(CorpusError, match="emsync corpus build"):
        read_split(tmp_path, "train")


def test_a_label_file_without_its_columns_is_refused(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("path_in_zip,start_s\na.mid,0\n")
    with pytest.raises(CorpusError, match="valence"):
        read_labels(path)


def test_a_label_that_is_no_number_is_named_by_its_line(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("file,valence,energy\na.mid,0.5,0.5\nb.mid,high,0.5\n")
    with pytest.raises(CorpusError, match="Line 3"):
        read_labels(path)


def test_labels_of_whole_pieces_hold_all_over_them(folder, tmp_path):
    path = tmp_path / "spotify.csv"
    rows = [f"work{number}/a.mid,{number / 20},{1 - number / 20}" for number in range(12)]
    path.write_text("\n".join(["path,valence,energy", *rows]))
    build([folder], tmp_path / "out", BuildOptions(labels=read_labels(path), within_source=0))
    split = read_split(tmp_path / "out", "train")
    for work in split.pieces:
        assert len(np.unique(split.affect[work.start : work.start + work.length], axis=0)) == 1


def test_the_same_notes_in_another_key_count_once(folder, tmp_path):
    again = tmp_path / "midi"
    shutil.copytree(folder, again)
    moved = mido.MidiFile(again / "work5" / "a.mid")
    for track in moved.tracks:
        for message in track:
            if message.type in ("note_on", "note_off"):
                message.note += 3
    moved.save(again / "work5" / "in E flat.mid")
    statistics = build([again], tmp_path / "out")
    assert statistics.left_out["work5/in E flat.mid"] == "the same notes as work5/a.mid"


def test_a_performance_without_a_beat_grid_is_left_out_and_counted(folder, tmp_path):
    again = tmp_path / "midi"
    shutil.copytree(folder, again)
    rng = np.random.default_rng(3)
    played = mido.MidiFile(ticks_per_beat=480)
    track = played.add_track()
    for pitch in rng.integers(50, 80, 200):
        track.append(mido.Message("note_on", note=int(pitch), time=int(rng.integers(20, 300))))
        track.append(mido.Message("note_off", note=int(pitch), time=int(rng.integers(20, 300))))
    played.save(again / "played.mid")
    statistics = build([again], tmp_path / "out")
    assert "beat grid" in statistics.left_out["played.mid"]


class PowerCut(Exception):  # noqa: N818
    """Ends a build in its middle."""


def test_a_build_that_was_cut_off_goes_on_and_ends_the_same(folder, tmp_path):
    labels = read_labels(folder / "labels.csv")
    options = BuildOptions(labels=labels)
    whole = build([folder], tmp_path / "whole", options)
    read = []

    def count(_step, share):
        read.append(round(share * 13))

    def cut(step, share):
        count(step, share)
        if read[-1] == 7:
            raise PowerCut

    with pytest.raises(PowerCut):
        build([folder], tmp_path / "cut", options, progress=cut)
    journal = next((tmp_path / "cut").rglob("journal.jsonl"))
    journal.write_bytes(journal.read_bytes()[:-20])  # and the last line only half reached the disk
    assert build([folder], tmp_path / "cut", options, progress=count) == whole
    assert read == [1, 2, 3, 4, 5, 6, 7, *range(7, 14)]
    for file in (tmp_path / "whole").rglob("*.npy"):
        assert file.read_bytes() == (tmp_path / "cut" / file.relative_to(tmp_path / "whole")).read_bytes()
    assert sorted(p.name for p in (tmp_path / "cut").iterdir()) == ["statistics.json", "test", "train", "valid"]
