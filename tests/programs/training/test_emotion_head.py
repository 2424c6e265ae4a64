"""A head is trained on made clips; there it must beat chance and the fusion that was never trained."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from made_clips import make_set

torch = pytest.importorskip("torch")

from made_heads import MODALITIES, sheet  # noqa: E402

from emsync_bridge.cli import main  # noqa: E402
from emsync_bridge.cue import Affect  # noqa: E402
from emsync_bridge.emotion.extractors.low_level import LookExtractor, SoundExtractor  # noqa: E402
from emsync_bridge.emotion.fusion.head import Head, load_head  # noqa: E402
from emsync_bridge.emotion.fusion.head_file import HeadSheet  # noqa: E402
from emsync_bridge.emotion.fusion.head_tokens import Tokens  # noqa: E402
from emsync_bridge.emotion.overrides.moods import EMOTIONS  # noqa: E402
from emsync_bridge.errors import CorpusError  # noqa: E402
from emsync_bridge.training.emotion.batches import batch_of, measure_scale, scaled, stretch_of  # noqa: E402
from emsync_bridge.training.emotion.dataset_files import LabelledClip  # noqa: E402
from emsync_bridge.training.emotion.features import SeenClip  # noqa: E402
from emsync_bridge.training.emotion.network import HeadNetwork  # noqa: E402
from emsync_bridge.training.emotion.trainer import Epoch, HeadPlan, train_head  # noqa: E402

QUICK = HeadPlan(width=16, heads=2, queries=2, rate=5e-3, epochs=12, patience=12, batch=16, threads=1)


def seen_clips(count: int, seed: int, *, labels: bool = True, rated: bool = True, several: bool = False):
    """Clips whose label shifts some columns of both modalities; the last one always lacks its sound."""
    rng = np.random.default_rng(seed)
    clips = []
    for index in range(count):
        which = int(rng.integers(3))
        parts = []
        for _ in range(int(rng.integers(1, 4))):
            look = rng.normal(size=(4, 69)).astype(np.float32)
            look[:, which] += 1.2
            sound = np.abs(rng.normal(size=(4, 2))).astype(np.float32) * np.float32([10.0 ** (which - 3), 100.0])
            times = np.arange(4, dtype=np.float32) + 0.5
            part = {"cutting": Tokens(np.float32([2.0]), np.zeros((1, 3), np.float32)), "look": Tokens(times, look)}
            if index < count - 1:
                part["sound"] = Tokens(times, sound)
            parts.append(part)
        named = ("fear", "joy", "sadness")[which]
        split = ("train", "train", "train", "valid", "test")[index % 5]
        affect = Affect(which / 2 - 0.5 + 0.1 * rng.normal(), 0.1 * rng.normal()) if rated else None
        names = ((named, "loud") if several and which else (named,)) if labels else ()
        clip = LabelledClip(Path(f"{index}.mp4"), names, affect, split)
        starts = tuple(4.0 * i for i in range(len(parts)))
        clips.append(SeenClip(clip, starts, tuple(parts), (1 / 6,) * 6, Affect(0.0, 0.1)))
    return clips


def learnt(out: Path, clips: list[SeenClip], plan: HeadPlan = QUICK) -> tuple[HeadSheet, list[Epoch]]:
    epochs: list[Epoch] = []
    return train_head(
        clips, [LookExtractor(), SoundExtractor()], out, plan, data="made", progress=epochs.append
    ), epochs


def test_numpy_and_torch_tell_the_same() -> None:
    clips = seen_clips(8, 1)
    made = sheet()
    torch.manual_seed(1)
    network = HeadNetwork(made, dropout=0.5).eval()
    scale = measure_scale(MODALITIES, clips)
    head = Head(made, {**network.tensors(), **scale})
    stretches = [stretch_of(clip) for clip in scaled(clips, MODALITIES, scale)]
    batch = batch_of(clips, stretches, MODALITIES, EMOTIONS)
    with torch.inference_mode():
        logits, affect = network(batch.values, batch.times, batch.known)
    for row, clip in enumerate(clips):  # of several lengths in one padded batch, one without sound
        alone = head.predict(stretch_of(clip))
        np.testing.assert_allclose(alone[0], logits[row].numpy(), atol=2e-5)
        np.testing.assert_allclose(alone[1], affect[row].numpy(), atol=2e-5)


def test_the_same_seed_gives_the_same_head(tmp_path: Path) -> None:
    clips, few = seen_clips(60, 2), {**vars(QUICK), "epochs": 2}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        learnt(tmp_path / name, clips, HeadPlan(**{**few, "seed": seed}))
    files = [(tmp_path / name / "head.safetensors").read_bytes() for name in ("a", "b", "c")]
    assert files[0] == files[1] != files[2]
    assert (tmp_path / "a" / "head.json").read_text() == (tmp_path / "b" / "head.json").read_text()


def test_it_stops_when_it_no_longer_gets_better(tmp_path: Path) -> None:
    plan = HeadPlan(**{**vars(QUICK), "epochs": 200, "patience": 3, "rate": 2e-2})
    _, epochs = learnt(tmp_path, seen_clips(60, 3), plan)
    assert len(epochs) < 200
    best = min(epochs, key=lambda epoch: epoch.valid)
    assert len(epochs) - best.number <= 3 + 1


@pytest.mark.parametrize(
    ("kinds", "tells"),
    [
        ({"rated": False}, {"classes", "confusion"}),
        ({"labels": False}, {"affect"}),
        ({"several": True}, {"classes", "affect"}),
    ],
)
def test_labels_ratings_or_both(tmp_path: Path, kinds: dict[str, bool], tells: set[str]) -> None:
    made, _ = learnt(tmp_path, seen_clips(100, 4, **kinds))
    assert tells <= set(made.metrics)
    assert made.several == bool(kinds.get("several"))
    assert ("affect" in made.metrics) == made.affect
    if made.labels:
        assert made.metrics["classes"]["map"] > made.metrics["chance"]["map"] + 0.3
    if made.affect:
        assert made.metrics["affect"]["r"][0] > 0.7
        assert 0.6 < made.metrics["affect_of_parts"]["rms_error_over_sigma"][0] < 1.6
    load_head(tmp_path)


def test_it_does_without_either_modality(tmp_path: Path) -> None:
    clips = seen_clips(160, 5)
    made, _ = learnt(tmp_path, clips)
    head = load_head(tmp_path)
    test = [clip for clip in clips if clip.clip.split != "train"]
    for name in ("look", "sound"):
        right = [
            made.labels[int(head.predict({n: t for n, t in stretch_of(clip).items() if n != name})[0].argmax())]
            == clip.clip.labels[0]
            for clip in test
        ]
        assert np.mean(right) > 0.5  # a third by chance


def test_clips_that_teach_nothing(tmp_path: Path) -> None:
    clips = [clip for clip in seen_clips(60, 6, rated=False) if clip.clip.labels == ("joy",)]
    with pytest.raises(CorpusError, match="teaches nothing"):
        learnt(tmp_path, clips)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict]:
    """A made set of 78 movies, and a head trained on it by the command."""
    folder, out = tmp_path_factory.mktemp("movies"), tmp_path_factory.mktemp("out")
    make_set(folder, (6, 3, 4), seed=1)
    arguments = [str(folder), "--layout", "table", "--out", str(out / "head"), "--cache", str(out / "cache")]
    arguments += [
        "--without",
        "scene",
        "--without",
        "face",
        "--without",
        "sound-events",
        "--width",
        "32",
        "--batch",
        "8",
        "--rate",
        "2e-3",
        "--epochs",
        "40",
    ]
    run = CliRunner().invoke(main, ["train-emotion", *arguments, "--threads", "1", "--json"], catch_exceptions=False)
    assert run.exit_code == 0, run.stderr
    return folder, out / "head", json.loads(run.stdout)["metrics"]


def test_it_beats_chance_and_the_untrained_fusion_by_far(trained: tuple[Path, Path, dict]) -> None:
    _, _, metrics = trained
    assert metrics["clips"] == {"train": 36, "valid": 18, "test": 24}
    head, untrained, chance = (metrics[name] for name in ("classes", "untrained", "chance"))
    assert head["accuracy"] >= max(untrained["accuracy"], chance["accuracy"]) + 0.25
    assert head["map"] >= max(untrained["map"], chance["map"]) + 0.25
    assert head["log_loss"] < untrained["log_loss"] - 0.5
    assert sum(map(sum, metrics["confusion"])) == 24
    plain = metrics["untrained_affect"]
    assert all(mine < its for mine, its in zip(metrics["affect"]["rmse"], plain["rmse"], strict=True))
    assert all(0.5 < ratio < 1.7 for ratio in metrics["affect_of_parts"]["rms_error_over_sigma"])


def test_feel_uses_it(trained: tuple[Path, Path, dict]) -> None:
    folder, head, _ = trained
    rows = [line.split(",") for line in (folder / "labels.csv").read_text().splitlines()[1:]]
    right = 0
    chosen = [row for row in rows if row[4] == "test"][::8]
    for name, emotion, *_ in chosen:
        run = CliRunner().invoke(main, ["feel", str(folder / name), "--head", str(head), "--no-cache", "--json"])
        assert run.exit_code == 0, run.stderr
        spans = json.loads(run.stdout)["spans"]
        assert all(sum(span["ekman"].values()) == pytest.approx(1) for span in spans)
        likely = {e: sum(span["ekman"][e] * (span["end"] - span["start"]) for span in spans) for e in EMOTIONS}
        right += max(likely, key=likely.__getitem__) == emotion
    assert right >= 2  # of three, where chance tells half a one
