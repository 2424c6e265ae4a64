"""Lakh piano rolls: written here as their library writes them, read back as notes on the beat grid."""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Meter, Note
from emsync_bridge.errors import CorpusError
from emsync_bridge.training.corpus.build import build
from emsync_bridge.training.corpus.dataset import read_split
from emsync_bridge.training.corpus.lakh import read_lakh


def save(path, tracks, *, resolution=24, tempo=120.0, downbeat=None, key="beat_resolution"):
    """Write (name, program, is_drum, roll of (steps, 128)) tracks, each as a compressed sparse column matrix."""
    arrays, info = {}, {key: resolution, "name": "piece"}
    steps = max(len(roll) for *_, roll in tracks)
    arrays["tempo"] = np.full(steps, tempo)
    if downbeat is not None:
        arrays["downbeat"] = np.array(downbeat)
    for index, (name, program, is_drum, roll) in enumerate(tracks):
        columns, rows = np.nonzero(roll.T)
        bounds = np.searchsorted(columns, np.arange(129))
        for part, value in (
            ("data", roll.T[columns, rows]),
            ("indices", rows),
            ("indptr", bounds),
            ("shape", roll.shape),
        ):
            arrays[f"pianoroll_{index}_csc_{part}"] = np.array(value)
        info[str(index)] = {"program": program, "is_drum": is_drum, "name": name}
    np.savez_compressed(path, **arrays)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("info.json", json.dumps(info))


def roll(steps, *notes):
    filled = np.zeros((steps, 128), np.uint8)
    for start, end, pitch, velocity in notes:
        filled[start:end, pitch] = velocity
    return filled


def test_notes_tempo_and_bars_are_those_of_the_roll(tmp_path):
    path = tmp_path / "song.npz"
    tracks = [
        ("Drums", 0, True, roll(144, (0, 6, 36, 100))),
        ("Piano", 0, False, roll(144, (0, 24, 60, 80), (24, 48, 64, 70), (24, 48, 60, 90))),
        ("Strings", 48, False, roll(144, (72, 144, 55, 60))),
    ]
    save(path, tracks, tempo=90.0, downbeat=[0, 72, 144])
    score = read_lakh(path)
    assert score.notes == (
        Note(0, 6, "drums", 36, 100),
        Note(0, 48, "piano", 60, 80),  # a roll does not tell a repeated note from a held one
        Note(24, 48, "piano", 64, 70),
        Note(72, 144, "strings", 55, 60),
    )
    assert score.tempo_map.seconds(144) == pytest.approx(6 * 60 / 90, abs=1e-4)
    assert score.tempo_map.meters == (Meter(0, 3),)


def test_a_finer_roll_lands_on_the_same_grid(tmp_path):
    save(tmp_path / "a.npz", [("Piano", 0, False, roll(200, (48, 96, 60, 80)))], resolution=48, key="resolution")
    assert read_lakh(tmp_path / "a.npz").notes == (Note(24, 48, "piano", 60, 80),)


@given(st.sets(st.tuples(st.integers(0, 20), st.integers(30, 90)), min_size=1))
def test_every_note_comes_back(tmp_path_factory, starts):
    path = tmp_path_factory.mktemp("lakh") / "a.npz"
    notes = [(12 * slot, 12 * slot + 6, pitch, 1 + pitch) for slot, pitch in starts]
    save(path, [("Guitar", 25, False, roll(300, *notes))])
    assert {(n.start, n.end, n.pitch, n.velocity) for n in read_lakh(path).notes} == set(notes)


def test_a_folder_of_rolls_becomes_a_corpus(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(3):
        notes = [(12 * i, 12 * i + 12, int(rng.integers(48, 80)), 80) for i in range(100)]
        (tmp_path / "lpd" / str(number)).mkdir(parents=True)
        save(tmp_path / "lpd" / str(number) / "song.npz", [("Piano", 0, False, roll(1300, *notes))])
    statistics = build([tmp_path / "lpd"], tmp_path / "out")
    assert sum(split.pieces for split in statistics.splits.values()) == 3
    assert sum(len(read_split(tmp_path / "out", name).tokens) for name in statistics.splits) > 600


def harmful():
    class Bomb:
        def __reduce__(self):
            return (print, ("unpickled",))

    file = io.BytesIO()
    np.save(file, np.array([Bomb()], dtype=object), allow_pickle=True)
    return file.getvalue()


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"info.json": b"[1, 2"},
        {"info.json": b'{"beat_resolution": 0}'},
        {"info.json": b'{"beat_resolution": 24, "0": {}}', "pianoroll_0_csc_data.npy": b"no array"},
        {"info.json": b'{"beat_resolution": 24, "0": {}}', "pianoroll_0_csc_data.npy": harmful()},
    ],
)
def test_what_is_no_roll_is_refused_by_name(tmp_path, members, capsys):
    path = tmp_path / "odd.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(CorpusError, match="not a Lakh Pianoroll file"):
        read_lakh(path)
    assert "unpickled" not in capsys.readouterr().out
