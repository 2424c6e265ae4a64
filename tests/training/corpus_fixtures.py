"""A small corpus, made once, as fixtures."""

import csv
import json
from fractions import Fraction

import pytest
from made_corpus import END, TEMPO_MAP, piece

from emsync_bridge.cue import Spotting, Take
from emsync_bridge.midi.writer import write_midi
from emsync_bridge.training.corpus.build import BuildOptions, build
from emsync_bridge.training.corpus.labels import read_labels


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("midi")
    rows = []
    for number in range(12):
        name = f"work{number}/a.mid"
        (root / name).parent.mkdir()
        cut = Spotting(name, TEMPO_MAP.seconds(END), Fraction(24))
        write_midi(Take(0, piece(number), TEMPO_MAP), cut, root / name)
        split = "valid" if number == 3 else "test" if number == 4 else "train"
        rows += [
            {
                "path_in_zip": name,
                "start_s": start,
                "end_s": start + 10,
                "valence_symbolic": number / 10,
                "arousal_symbolic": start / 10,
                "split": split,
            }
            for start in (0, 10)
        ]
    with (root / "labels.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (root / "broken.mid").write_bytes(b"MThd nothing")
    return root


@pytest.fixture(scope="session")
def corpus(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("tokens")
    statistics = build([folder], out, BuildOptions(labels=read_labels(folder / "labels.csv"), within_source=0))
    assert list(statistics.left_out) == ["broken.mid"]
    assert json.loads((out / "statistics.json").read_text())["splits"]["train"]["pieces"] == 10
    return out
