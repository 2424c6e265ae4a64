from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.overrides.moods import EMOTIONS
from emsync_bridge.errors import CorpusError
from emsync_bridge.training.emotion.data import read_clips
from emsync_bridge.training.emotion.dataset_files import LabelledClip


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def splits(clips: list[LabelledClip]) -> Counter[str | None]:
    return Counter(clip.split for clip in clips)


def test_ekman6_by_folders(tmp_path: Path) -> None:
    for emotion in EMOTIONS:
        for split in ("train", "test"):
            touch(*(tmp_path / split / emotion.title() / f"{split}{i}.mp4" for i in range(10)))
    touch(tmp_path / "train" / "Anger" / "notes.txt", tmp_path / "readme.md")
    clips = read_clips(tmp_path, "ekman6")
    assert len(clips) == 120
    assert {clip.labels for clip in clips} == {(emotion,) for emotion in EMOTIONS}
    assert splits(clips)["test"] == 60
    assert all((clip.split == "test") == (clip.path.parts[-3] == "test") for clip in clips)
    # validation borrows from training, evenly over the emotions
    valid = Counter(clip.labels[0] for clip in clips if clip.split == "valid")
    assert set(valid) == set(EMOTIONS)
    assert 6 <= sum(valid.values()) <= 12


def test_ekman6_by_lists(tmp_path: Path) -> None:
    for emotion in ("anger", "happiness", "sad"):
        touch(*(tmp_path / "videos" / emotion / f"{i}.mp4" for i in range(10)))
    names = [f"{emotion}/{i}.mp4" for emotion in ("anger", "happiness", "sad") for i in range(10)]
    (tmp_path / "trainlist.txt").write_text("\n".join(f"{name} 1" for name in names if not name.endswith("9.mp4")))
    (tmp_path / "testlist.txt").write_text("\n".join(name for name in names if name.endswith("9.mp4")))
    clips = read_clips(tmp_path, "ekman6", without=["anger_none", "3.mp4", ""])
    assert {clip.labels[0] for clip in clips} == {"anger", "joy", "sadness"}
    assert len(clips) == 27
    assert {clip.path.stem for clip in clips if clip.split == "test"} == {"9"}


def test_liris(tmp_path: Path) -> None:
    names = [f"ACCEDE{i:05}.mp4" for i in range(20)]
    touch(*(tmp_path / "data" / name for name in names))
    head = "id\tname\tvalenceRank\tarousalRank\tvalenceValue\tarousalValue\tvalenceVariance\tarousalVariance"
    rows = [f"{i}\t{name}\t1\t1\t{2 + i / 20}\t3.5\t0.1\t0.1" for i, name in enumerate([*names, "ACCEDE99999.mp4"])]
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "ACCEDEranking.txt").write_text("\n".join([head, *rows]))
    sets = ["id\tname\tset", *(f"{i}\t{name}\t{i % 3}" for i, name in enumerate(names))]
    (tmp_path / "annotations" / "ACCEDEsets.txt").write_text("\n".join(sets))
    clips = read_clips(tmp_path, "liris")
    assert len(clips) == 20
    assert clips[10].affect == Affect(-0.25, 0.25)
    assert [clip.split for clip in clips[:3]] == ["test", "train", "valid"]
    assert not any(clip.labels for clip in clips)


def test_movienet(tmp_path: Path) -> None:
    names = [f"tt{i:07}" for i in range(20)]
    touch(*(tmp_path / "trailer" / f"{name}.mp4" for name in names))
    (tmp_path / "meta").mkdir()
    for i, name in enumerate([*names, "tt9999999"]):
        document = {"imdb_id": name, "genres": ["Drama", "Horror"] if i % 2 else ["Comedy"]}
        (tmp_path / "meta" / f"{name}.json").write_text(json.dumps(document))
    split = {"train": names[:12], "val": names[12:16], "test": names[16:], "full": names}
    (tmp_path / "movie.split.v1.json").write_text(json.dumps(split))
    clips = read_clips(tmp_path, "movienet")
    assert splits(clips) == {"train": 12, "valid": 4, "test": 4}
    assert clips[1].labels == ("Drama", "Horror")


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    touch(*(tmp_path / f"{i}.mov" for i in range(24)))
    rows = [f"{i}.mov,joy|surprise,0.5,{i / 24:.2f},,film{i // 4}" for i in range(24)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,labels,valence,arousal,split,group", *rows]))
    clips = read_clips(tmp_path, "table")
    assert clips[0].labels == ("joy", "surprise")
    assert set(splits(clips)) == {"train", "valid", "test"}
    for film in range(6):  # clips of one film stay together
        assert len({clip.split for clip in clips if clip.group == f"film{film}"}) == 1
    assert clips == read_clips(tmp_path, "table")
    assert any(read_clips(tmp_path, "table", seed=seed) != clips for seed in (2, 3, 4))


@pytest.mark.parametrize("layout", ["ekman6", "movienet"])
def test_too_few_clips_says_what_it_should_look_like(tmp_path: Path, layout: str) -> None:
    with pytest.raises(CorpusError, match="layout") as problem:
        read_clips(tmp_path, layout)
    assert "." in str(problem.value)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["nothing.mov,joy,,,,"], "no clip"),
        (["../0.mov,joy,,,,"], "no clip"),
        (["0.mov,joy,2,0,,"], "valence"),
        (["0.mov,joy,x,0,,"], "valence"),
    ],
)
def test_tables_that_make_no_sense(tmp_path: Path, rows: list[str], says: str) -> None:
    touch(tmp_path / "set" / "0.mov", tmp_path / "0.mov")
    text = "\n".join(["file,labels,valence,arousal,split,group", *rows])
    (tmp_path / "set" / "labels.csv").write_text(text)
    with pytest.raises(CorpusError, match=says):
        read_clips(tmp_path / "set", "table")


def test_lists_that_are_missing(tmp_path: Path) -> None:
    for layout, name in (("liris", "ACCEDEranking.txt"), ("table", r"labels\.csv")):
        with pytest.raises(CorpusError, match=name):
            read_clips(tmp_path, layout)


YOUTUBE = [f"-aB{i:02}cD_x{i}" for i in range(20)]


def published_movienet(folder: Path, split: dict[str, list[str]]) -> None:
    """Lay out a folder as the authors of the thesis publish it."""
    touch(*(folder / "trailers" / f"{name}.mkv" for name in YOUTUBE))
    lines = ["imdb_id,youtube_id,genres"]
    lines += [f"tt{i:07},{name},\"['Drama', 'Horror']\"" for i, name in enumerate(YOUTUBE)]
    (folder / "trailers_genres_clean.csv").write_text("\n".join(lines))
    (folder / "splits.json").write_text(json.dumps(split))


def test_movienet_by_the_files_of_the_thesis(tmp_path: Path) -> None:
    published_movienet(tmp_path, {"trn": YOUTUBE[:12], "val": YOUTUBE[12:15], "tst": YOUTUBE[15:19]})
    clips = read_clips(tmp_path, "movienet")
    assert {clip.labels for clip in clips} == {("Drama", "Horror")}
    given = {clip.path.stem: clip.split for clip in clips}
    assert given == {
        **dict.fromkeys(YOUTUBE[:12], "train"),
        **dict.fromkeys(YOUTUBE[12:15], "valid"),
        **dict.fromkeys(YOUTUBE[15:19], "test"),
    }


def test_a_split_that_is_not_understood_is_refused(tmp_path: Path) -> None:
    published_movienet(tmp_path, {"trn": YOUTUBE[:12], "val": YOUTUBE[12:15], "heldout": YOUTUBE[15:]})
    with pytest.raises(CorpusError, match="'heldout' is not understood"):
        read_clips(tmp_path, "movienet")


def test_emotions_that_are_none_of_the_six_are_not_lost_in_silence(tmp_path: Path) -> None:
    for emotion in ("anger", "anticipation", "joy", "trust"):
        touch(*(tmp_path / emotion / f"{emotion}{i}.mp4" for i in range(10)))
    with pytest.raises(CorpusError, match="anticipation, trust"):
        read_clips(tmp_path, "ekman6")
    names = [f"{emotion}/{emotion}{i}.mp4" for emotion in ("anger", "anticipation", "joy", "trust") for i in range(10)]
    table = ["clip,split", *(f"{name},{'test' if i % 5 == 0 else 'training'}" for i, name in enumerate(names))]
    (tmp_path / "split.csv").write_text("\n".join(table))
    clips = read_clips(tmp_path, "folders")
    assert Counter(clip.labels[0] for clip in clips) == dict.fromkeys(("anger", "anticipation", "joy", "trust"), 10)
    assert {clip.path.stem for clip in clips if clip.split == "test"} == {
        f"{emotion}{i}" for emotion in ("anger", "anticipation", "joy", "trust") for i in (0, 5)
    }


def test_annotations_of_vaanet_and_cten(tmp_path: Path) -> None:
    database = {}
    for emotion in ("Anger", "Joy"):
        for i in range(10):
            touch(tmp_path / "videos" / emotion / f"{i}.mp4")
            subset = ("training", "training", "training", "validation", "testing")[i % 5]
            database[f"{emotion}/{i}"] = {"subset": subset, "annotations": {"label": emotion}}
    (tmp_path / "ekman6_01.json").write_text(json.dumps({"labels": ["Anger", "Joy"], "database": database}))
    clips = read_clips(tmp_path, "annotations")
    assert splits(clips) == {"train": 12, "valid": 4, "test": 4}
    assert {clip.labels for clip in clips} == {("anger",), ("joy",)}
    assert all(clip.labels[0] == clip.path.parent.name.lower() for clip in clips)


def test_intensities_of_vce(tmp_path: Path) -> None:
    for split, first in (("train", 0), ("test", 20)):
        document = {}
        for i in range(first, first + 20):
            touch(tmp_path / "videos" / f"{i:05}.mp4")
            document[f"{i:05}.mp4"] = {"emotions": {"Awe": 0.9, "Fear": 0.1} if i % 2 else {"Awe": 0.0, "Fear": 0.4}}
        (tmp_path / f"{split}_labels.json").write_text(json.dumps(document))
    clips = read_clips(tmp_path, "vce")
    assert Counter(clip.labels[0] for clip in clips) == {"awe": 20, "fear": 20}
    assert splits(clips)["test"] == 20
    (tmp_path / "train_labels.json").write_text(json.dumps([["00000.mp4", "00001.mp4"]]))
    with pytest.raises(CorpusError, match="V2V"):
        read_clips(tmp_path, "vce")
