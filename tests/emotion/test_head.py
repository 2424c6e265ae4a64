from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from clips import Studio
from cuts import felt, movie_cut
from hypothesis import given
from hypothesis import strategies as st
from made_heads import MODALITIES, random_head, sheet, weights

from emsync_bridge.emotion.extractors.interface import ShotPart
from emsync_bridge.emotion.extractors.low_level import LookExtractor, SoundExtractor
from emsync_bridge.emotion.fusion import head as heads
from emsync_bridge.emotion.fusion.head import Head, emotion_of, load_head
from emsync_bridge.emotion.fusion.head_file import write_head
from emsync_bridge.emotion.fusion.head_tokens import MAX_TOKENS, Stretch, Tokens, joined, tokens_of
from emsync_bridge.emotion.overrides.moods import EMOTIONS
from emsync_bridge.errors import CheckpointError, EmsyncError

BOTH = [LookExtractor(), SoundExtractor()]


def stretch(seed: int = 1, *names: str) -> Stretch:
    rng = np.random.default_rng(seed)
    columns = {modality.name: modality.columns for modality in MODALITIES}
    return {
        name: Tokens(np.sort(rng.random(5) * 4).astype(np.float32), rng.random((5, columns[name])).astype(np.float32))
        for name in names or tuple(columns)
    }


def test_there_and_back(tmp_path: Path) -> None:
    head = random_head(tmp_path / "head")
    again = load_head(tmp_path / "head")
    for one, other in zip(head.predict(stretch()), again.predict(stretch()), strict=True):
        np.testing.assert_array_equal(one, other)
    assert again.sheet.labels == EMOTIONS
    assert sorted(path.name for path in (tmp_path / "head").iterdir()) == ["head.json", "head.safetensors"]
    json.loads((tmp_path / "head" / "head.json").read_text(encoding="utf-8"))


@given(st.integers(0, 1000), st.sampled_from(["part", "clip"]))
def test_probabilities_sum_to_one(seed: int, over: str) -> None:
    made = sheet()
    head = Head(made, weights(made, seed))
    logits, affect = head.predict(stretch(seed))
    found = head.probabilities(logits, over)  # type: ignore[arg-type]
    assert found.sum() == pytest.approx(1)
    assert (found > 0).all()
    assert sum((head.emotions(found) or {}).values()) == pytest.approx(1)
    assert min(head.sigma(affect)) > 0


def test_a_missing_modality_is_left_out_of_account() -> None:
    made = sheet()
    head = Head(made, weights(made))
    whole, without = head.predict(stretch()), head.predict(stretch(1, "cutting", "look"))
    assert not np.allclose(whole[0], without[0])
    assert np.isfinite(without[0]).all()


def test_tokens_know_their_time_and_not_their_order() -> None:
    made = sheet()
    head = Head(made, weights(made))
    tokens = stretch()
    shuffled = {n: Tokens(t.times[::-1].copy(), t.values[::-1].copy()) for n, t in tokens.items()}
    np.testing.assert_allclose(head.predict(tokens)[0], head.predict(shuffled)[0], atol=1e-5)
    turned = {n: Tokens(t.times, t.values[::-1].copy()) for n, t in tokens.items()}
    assert not np.allclose(head.predict(tokens)[0], head.predict(turned)[0], atol=1e-3)


def test_what_is_not_a_number_is_the_mean_of_what_was_learnt() -> None:
    made = sheet()
    tensors = weights(made)
    unknown = Tokens(np.zeros(1, np.float32), np.full((1, 69), np.nan, np.float32))
    usual = Tokens(np.zeros(1, np.float32), tensors["mean.look"][None])
    head = Head(made, tensors)
    np.testing.assert_allclose(head.predict({"look": unknown})[0], head.predict({"look": usual})[0], atol=1e-5)


def test_labels_that_cover_some_of_the_six_leave_room_for_the_others() -> None:
    few = sheet(labels=("happiness", "sadness"))
    found = Head(few, weights(few)).emotions(np.array([0.9, 0.1])) or {}
    assert sum(found.values()) == pytest.approx(1)
    assert found["joy"] == pytest.approx(0.3)
    assert found["fear"] == pytest.approx(1 / 6)
    genres = sheet(labels=("Horror", "Western"), several=True)
    head = Head(genres, weights(genres))
    found = head.emotions(np.array([0.9, 0.99])) or {}
    assert found["fear"] == pytest.approx(0.9)
    assert (head.emotions(np.array([1 / 6, 0.5])) or {})["joy"] == pytest.approx(1 / 6)
    assert head.probabilities(np.array([3.0, 3.0], np.float32)).sum() > 1.5
    assert emotion_of("western") is None


def test_features_that_do_not_match_are_refused(tmp_path: Path) -> None:
    head = random_head(tmp_path / "head")
    head.check(BOTH)
    with pytest.raises(CheckpointError, match=r"'sound'.*not here.*emsync train-emotion"):
        head.check([LookExtractor()])

    class Newer(LookExtractor):
        version = "99"

    with pytest.raises(CheckpointError, match=r"version 3 .*here is version 99.*emsync train-emotion"):
        head.check([Newer(), SoundExtractor()])
    with pytest.raises(CheckpointError, match="69 columns of 'look'; here are 3"):
        head.predict({"look": Tokens(np.zeros(1, np.float32), np.zeros((1, 3), np.float32))})


def test_a_head_that_tells_no_emotions_is_refused(tmp_path: Path) -> None:
    head = random_head(tmp_path / "head", labels=("Western", "War"), several=True, affect=False)
    with pytest.raises(CheckpointError, match="Western, War"):
        head.check(BOTH)


@pytest.mark.parametrize("name", ["head.json", "head.safetensors"])
def test_files_that_are_missing_or_damaged(tmp_path: Path, name: str) -> None:
    random_head(tmp_path / "head")
    good = (tmp_path / "head" / name).read_bytes()
    for bad in (b"", good[: len(good) // 2], b"\x80\x04pickle", good[:-1] + bytes([good[-1] ^ 1])):
        (tmp_path / "head" / name).write_bytes(bad)
        if name == "head.json" and bad[:-1] == good[:-1]:
            continue  # white space at the end
        with pytest.raises(CheckpointError):
            load_head(tmp_path / "head")
    (tmp_path / "head" / name).unlink()
    with pytest.raises(CheckpointError, match="emsync train-emotion"):
        load_head(tmp_path / "head")


def test_files_that_do_not_belong_together(tmp_path: Path) -> None:
    for seed in (1, 2):
        (tmp_path / str(seed)).mkdir()
        write_head(tmp_path / str(seed), sheet(), weights(sheet(), seed))
    shutil.copy(tmp_path / "1" / "head.safetensors", tmp_path / "2")
    with pytest.raises(CheckpointError, match="belong together"):
        load_head(tmp_path / "2")


@pytest.mark.parametrize("name", ["classes.weight", "mean.look", "fusion.query.bias"])
def test_weights_of_another_shape_or_not_finite(tmp_path: Path, name: str) -> None:
    for spoil in (lambda t: t[..., :1], lambda t: t * np.float32("nan")):
        tensors = weights(sheet())
        tensors[name] = spoil(tensors[name])
        write_head(tmp_path, sheet(), tensors)
        with pytest.raises(CheckpointError, match=name):
            load_head(tmp_path)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda x: st.dictionaries(st.text(max_size=8), x)))
def test_no_sheet_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, junk: object) -> None:
    folder = tmp_path_factory.mktemp("head")
    write_head(folder, sheet(), weights(sheet()))
    (folder / "head.json").write_text(json.dumps(junk), encoding="utf-8")
    with pytest.raises(EmsyncError):
        load_head(folder)


def test_a_token_for_about_each_second() -> None:
    part = ShotPart(0, 10.0, 13.0, pace=2.0)
    rows = np.arange(24, dtype=np.float32).reshape(12, 2)
    rows[0, 0] = np.nan
    found = tokens_of(part, {"sound": rows}, BOTH)
    assert set(found) == {"cutting", "sound"}
    np.testing.assert_allclose(found["sound"].times, [0.5, 1.5, 2.5])
    np.testing.assert_allclose(found["sound"].values[0], [4.0, 4.0])  # of 2, 4, 6 and of 1, 3, 5, 7
    both = joined([found, found], [10.0, 13.0])
    np.testing.assert_allclose(both["sound"].times, [0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
    long = joined([found] * 40, [3.0 * i for i in range(40)])
    assert len(long["sound"].times) == MAX_TOKENS
    assert long["sound"].times[-1] == pytest.approx(119.5)


def test_a_head_gives_its_estimate(studio: Studio, tmp_path: Path) -> None:
    path = studio.movie("loud -20.mp4", "testsrc2=s=96x54:r=25:d=4", "anoisesrc=d=4:c=pink:seed=1,volume=-8dB")
    head = random_head(tmp_path / "head")
    cut = movie_cut(path, 0, 4)
    plain, opined = felt(cut), felt(cut, head=head)
    assert opined.curve.spans[0].ekman != plain.curve.spans[0].ekman
    assert opined.curve.spans[0].affect != plain.curve.spans[0].affect
    assert any("trained head (chance)" in origin for origin in opined.origins)
    with pytest.raises(CheckpointError):
        felt(cut, head=head, extractors=[LookExtractor()])
    # where nothing can be looked at, it has no estimate
    assert felt(movie_cut(None, 0, 4), head=head).curve == felt(movie_cut(None, 0, 4)).curve


def test_what_is_unlike_the_examples_makes_it_vague(tmp_path: Path) -> None:
    part, rows = ShotPart(0, 0.0, 4.0, pace=4.0), {"look": np.full((16, 69), 3.0, np.float32)}
    familiar = random_head(tmp_path / "a", usual={"look": 4.0})
    strange = random_head(tmp_path / "b", usual={"look": 1.0})
    (one,), (other,) = (head.estimates(part, rows, BOTH) for head in (familiar, strange))
    assert other.reason == heads.STRANGE_REASON
    assert other.sigma[0] > 4 * one.sigma[0]
    assert max((other.probabilities or {}).values()) < max((one.probabilities or {}).values())
