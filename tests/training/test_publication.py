"""The labelled corpus as a data set for others."""

import csv
import hashlib
import json

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from test_collections import collections, table, tune, write  # noqa: F401  a fixture and its helpers

from emsync_bridge.cli import main
from emsync_bridge.errors import CorpusError
from emsync_bridge.training.corpus.labels import Labels, LabelWindow
from emsync_bridge.training.publication.publish import licence_texts
from emsync_bridge.training.publication.validation import agreement


def run(*arguments):
    return CliRunner().invoke(main, ["corpus", *map(str, arguments)])


@pytest.fixture
def material(collections):  # noqa: F811
    places = [collections / "scores.zip", collections / "piano.zip"]
    labels = collections / "labels.csv"
    labelled = run("label", *places, "--out", labels)
    assert labelled.exit_code == 0, labelled.output
    tables = ["--catalogue", collections / "scores.csv", "--catalogue", collections / "piano.csv"]
    return places, ["--labels", labels, *tables]


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_data_set_holds_the_free_part_with_labels_splits_and_checksums(material, tmp_path):
    places, options = material
    card = tmp_path / "card.json"
    card.write_text(json.dumps({"name": "Moods", "data": [{"name": "Scores", "source": "here", "revision": "r1"}]}))
    out = tmp_path / "data set"
    done = run("publish", *places, *options, "--card", card, "--out", out)
    assert done.exit_code == 0, done.output
    pieces = {split: rows(out / "pieces" / f"{split}.csv") for split in ("train", "validation", "test")}
    windows = [row for split in pieces for row in rows(out / "windows" / f"{split}.csv")]
    listed = [row for held in pieces.values() for row in held]
    assert len(listed) == 16  # nothing of the collection under CC-BY
    assert {row["licence"] for row in listed} == {"CC0-1.0"}
    for row in listed:
        assert hashlib.sha256((out / row["path"]).read_bytes()).hexdigest() == row["sha256"]
    assert {row["path"] for row in windows} == {row["path"] for row in listed}
    assert all(-1 <= float(row[column]) <= 1 for row in windows for column in ("valence", "arousal", "valence_rank"))
    for line in (out / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ", 1)
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    left = json.loads((out / "left_out.json").read_text())
    assert left["piano/other.mid"] == "licence: CC-BY"


def test_the_head_of_the_card_names_files_that_are_there(material, tmp_path):
    places, options = material
    assert run("publish", *places, *options, "--out", tmp_path / "out").exit_code == 0
    head = yaml.safe_load((tmp_path / "out" / "README.md").read_text().split("---")[1])
    assert head["license"] == ["cc0-1.0"]
    assert [config["config_name"] for config in head["configs"]] == ["windows", "pieces"]
    for config in head["configs"]:
        for one in config["data_files"]:
            assert rows(tmp_path / "out" / one["path"])  # an empty table cannot be loaded
        named = {one["split"] for one in config["data_files"]}
        for split in {"train", "validation", "test"} - named:
            assert not rows(tmp_path / "out" / config["config_name"] / f"{split}.csv")


@pytest.mark.parametrize("splits", [("train", "valid", "test"), ("train",)])
def test_datasets_loads_it(material, collections, tmp_path, splits):  # noqa: F811
    datasets = pytest.importorskip("datasets")
    places, options = material
    listed = rows(collections / "scores.csv")
    works = [row["path_in_zip"].split("_")[1] for row in listed]
    order = {work: splits[number % len(splits)] for number, work in enumerate(sorted(set(works)))}
    table(collections / "scores.csv", [{**row, "split": order[w]} for row, w in zip(listed, works, strict=True)])
    assert run("publish", *places, *options, "--out", tmp_path / "out").exit_code == 0
    public = {"train": "train", "valid": "validation", "test": "test"}
    for config in ("windows", "pieces"):
        loaded = datasets.load_dataset(str(tmp_path / "out"), config, cache_dir=str(tmp_path / "cache"))
        assert set(loaded) == {public[split] for split in splits}
        for split, held in loaded.items():
            assert len(held) == len(rows(tmp_path / "out" / config / f"{split}.csv"))


def test_the_same_music_gives_the_same_bytes_and_replaces_only_its_own_kind(material, tmp_path):
    places, options = material
    one, two = tmp_path / "one", tmp_path / "two"
    for out in (one, two, two):
        assert run("publish", *places, *options, "--out", out).exit_code == 0
    assert (one / "SHA256SUMS").read_bytes() == (two / "SHA256SUMS").read_bytes()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("keep me")
    refused = run("publish", *places, *options, "--out", mine)
    assert refused.exit_code == 1
    assert "did not write" in refused.output
    assert [file.name for file in mine.iterdir()] == ["letter.txt"]


def test_licences_can_be_chosen_and_editors_are_named(material, tmp_path):
    places, options = material
    done = run("publish", *places, *options, "--licence", "CC-BY", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    card = (tmp_path / "out" / "README.md").read_text()
    assert "Edited by Jo Editor." in card
    refused = run("publish", *places, *options, "--licence", "MIT", "--out", tmp_path / "none")
    assert refused.exit_code == 1
    assert "under MIT" in refused.output
    assert not (tmp_path / "none").exists()


def test_ratings_are_compared_piece_by_piece(material, tmp_path):
    places, options = material
    names = [f"scores/Composer_Op.{work}_{movement}.mid" for work in range(8) for movement in (1, 2)]
    rated = table(tmp_path / "rated.csv", [{"path": name, "valence": i, "arousal": -i} for i, name in enumerate(names)])
    done = run("publish", *places, *options, "--rated", rated, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "with 16 rated pieces" in done.output
    assert "Measured for this data set" in (tmp_path / "out" / "README.md").read_text()


def test_agreement_weighs_windows_by_their_length():
    def labels(scale, extra):
        long = {f"{i}": (LabelWindow(0, 30, scale * i, i * i), LabelWindow(30, 31, extra, i * i)) for i in range(12)}
        return Labels(long, {})

    found = agreement(labels(1, 0), labels(2, 5))
    assert found["valence"].pearson == pytest.approx(1.0)
    assert found["arousal"].spearman == pytest.approx(1.0)
    mirrored = agreement(labels(1, 0), labels(-1, 0))
    assert mirrored["valence"].spearman == pytest.approx(-1.0)
    with pytest.raises(CorpusError, match="Only 0 pieces"):
        agreement(labels(1, 0), Labels({}, {}))


def test_ratings_that_have_nothing_to_do_with_labels_do_not_agree():
    rng = np.random.default_rng(2)
    ours, theirs = (
        Labels({f"{i}": (LabelWindow(0, 1, *rng.normal(size=2)),) for i in range(300)}, {}) for _ in range(2)
    )
    assert abs(agreement(ours, theirs)["valence"].pearson) < 0.2


def test_texts_of_licences_are_known_by_their_folder_and_those_of_music_left_out_stay_behind(tmp_path):
    for name in ("LICENSES/Scores_CC0-1.0.txt", "LICENSES/Songs_MIT.txt", "Credits.md", "songs/words.txt"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(name)
    assert sorted(licence_texts([tmp_path], {"MIT"})) == ["Credits.md", "Scores_CC0-1.0.txt"]
    assert "Songs_MIT.txt" in licence_texts([tmp_path], {"MIT-0"})
