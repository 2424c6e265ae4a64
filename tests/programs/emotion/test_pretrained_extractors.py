from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("transformers")

import tiny_models
import tiny_talkers
import torch

from emsync_bridge.emotion.extractors.interface import Heavy, ShotPart, features
from emsync_bridge.emotion.overrides.moods import RUSSELL_MEHRABIAN
from emsync_bridge.emotion.pretrained import networks
from emsync_bridge.emotion.pretrained.audio_tags import AudioTagExtractor
from emsync_bridge.emotion.pretrained.catalogue import model_named
from emsync_bridge.emotion.pretrained.clip import TEMPLATES, WORDS, ClipExtractor
from emsync_bridge.emotion.pretrained.faces import PretrainedFaceExtractor, faces
from emsync_bridge.emotion.pretrained.installed import Installed, require
from emsync_bridge.emotion.pretrained.labels import COLUMNS
from emsync_bridge.emotion.pretrained.screen_text import ScreenTextExtractor
from emsync_bridge.emotion.pretrained.speech import SpeechExtractor
from emsync_bridge.emotion.pretrained.tier import pretrained_extractors

PART = ShotPart(0, 0.0, 4.0, 4.0)

RNG = np.random.default_rng(4)


def picture(side: int) -> np.ndarray:
    return np.kron(RNG.integers(0, 255, (8, 8, 3), np.uint8), np.ones((side // 8, side // 8, 1), np.uint8))


def noise(seconds: float) -> np.ndarray:
    return RNG.normal(0, 0.1, int(seconds * 16000)).astype(np.float32)


def net(tiny: Path, name: str) -> Installed:
    return require(model_named(name), tiny)


def judged_directly(folder: Path, text: str) -> np.ndarray:
    from transformers import AutoTokenizer, BertForSequenceClassification

    inputs = AutoTokenizer.from_pretrained(folder)([text], return_tensors="pt")
    with torch.inference_mode():
        return BertForSequenceClassification.from_pretrained(folder)(**inputs).logits.sigmoid()[0].numpy()


def test_clip_compares_frames_with_sentences_as_transformers_does(tiny: Path) -> None:
    from transformers import AutoImageProcessor, AutoTokenizer, CLIPModel

    frames = [picture(224) for _ in range(3)]
    clip = ClipExtractor(net(tiny, "clip"))
    rows = clip.measure(frames, [None] * 3)

    folder = tiny / "clip"
    sentences = [template.format(WORDS.get(word, word)) for word in COLUMNS for template in TEMPLATES]
    inputs = AutoTokenizer.from_pretrained(folder)(sentences, padding=True, return_tensors="pt")
    with torch.inference_mode():
        network = CLIPModel.from_pretrained(folder)
        found = network(**inputs, **AutoImageProcessor.from_pretrained(folder)(frames, return_tensors="pt"))
        said = found.text_embeds.reshape(len(COLUMNS), len(TEMPLATES), -1).mean(dim=1)
        said /= said.norm(dim=-1, keepdim=True)
        expected = (network.logit_scale.exp() * found.image_embeds @ said.T).softmax(dim=-1)
    assert rows[:, : len(COLUMNS)] == pytest.approx(expected.numpy(), abs=1e-4)
    assert rows[:, len(COLUMNS) :] == pytest.approx(found.image_embeds.numpy(), abs=1e-5)
    assert rows[:, : len(COLUMNS)].std(axis=0).max() > 0.01, "different frames must be told apart"

    (estimate,) = clip.estimates(PART, rows)
    shares = rows[:, : len(COLUMNS)].mean(axis=0)
    assert estimate.affect.valence == pytest.approx(
        sum(share * row[0] for share, row in zip(shares, RUSSELL_MEHRABIAN.values(), strict=False)), abs=1e-6
    )
    assert estimate.probabilities is not None
    assert sum(estimate.probabilities.values()) == pytest.approx(1)


def test_speech_is_written_down_and_judged_at_its_time(tmp_path: Path) -> None:
    tiny_talkers.whisper(tmp_path / "whisper", "I hate this night.", 0.5, 3.0)
    tiny_models.text_emotion(tmp_path / "text-emotion")
    speech = SpeechExtractor(net(tmp_path, "whisper"), net(tmp_path, "text-emotion"))
    rows = speech.measure([noise(30), noise(1), np.zeros(16000, np.float32)], [None] * 3)
    assert rows.shape == (90, 1 + len(tiny_models.GO_EMOTIONS))
    covered = rows[:, 0].reshape(3, 30)
    assert covered[0, :5] == pytest.approx([0.5, 1, 1, 0, 0], abs=1e-3)
    assert covered[1, :2] == pytest.approx([0.5, 0], abs=1e-3), "nobody speaks after the end"
    assert covered[2].sum() == 0, "silence is not listened to"
    assert rows[1, 1:] == pytest.approx(judged_directly(tmp_path / "text-emotion", "I hate this night."), abs=1e-5)

    (estimate,) = speech.estimates(PART, rows[:4])
    (surer,) = speech.estimates(PART, rows[1:3])
    assert surer.sigma[0] == pytest.approx(estimate.sigma[0] * (2.5 / 4) ** 0.5, abs=1e-4)
    assert speech.estimates(PART, rows[60:]) == []
    assert np.isnan(features(speech, rows)[4, 1:]).all()
    assert features(speech, rows)[4, 0] == 0


def test_words_that_whisper_makes_up_weigh_nothing(tmp_path: Path, tiny: Path) -> None:
    tiny_talkers.whisper(tmp_path / "whisper", "Thank you.", 0.0, 5.0, sure=False)
    speech = SpeechExtractor(net(tmp_path, "whisper"), net(tiny, "text-emotion"))
    rows = speech.measure([noise(6)], [None])
    assert rows[:, 0].max() < 0.01
    assert speech.estimates(PART, rows[:5]) == []


def test_sounds_are_tagged_as_transformers_does_and_placed_by_the_table(tmp_path: Path) -> None:
    from transformers import ASTFeatureExtractor, ASTForAudioClassification

    tiny_models.ast(tmp_path / "ast")
    tagging = AudioTagExtractor(net(tmp_path, "ast"))
    windows = [noise(5), noise(2), noise(0.01)]
    rows = tagging.measure(windows, [None] * 3)
    assert len(rows) == 15
    preprocessor = ASTFeatureExtractor.from_pretrained(tmp_path / "ast")
    with torch.inference_mode():
        network = ASTForAudioClassification.from_pretrained(tmp_path / "ast")
        expected = network(**preprocessor(windows[:2], sampling_rate=16000, return_tensors="pt")).logits.sigmoid()
    assert rows[[0, 4, 5]] == pytest.approx(expected.numpy()[[0, 0, 1]], abs=1e-5)


def test_a_scream_is_unpleasant_and_exciting(tmp_path: Path) -> None:
    tiny_models.ast(tmp_path / "ast", "Screaming")
    tagging = AudioTagExtractor(net(tmp_path, "ast"))
    rows = tagging.measure([noise(5)], [None])
    (estimate,) = tagging.estimates(PART, rows)
    assert (estimate.affect.valence, estimate.affect.arousal) == pytest.approx((-0.8, 0.9))
    assert estimate.reason == "sound of screaming"
    assert tagging.estimates(PART, np.full_like(rows, 0.01)) == [], "what is hardly heard says nothing"


def test_faces_are_found_once_and_the_largest_first() -> None:
    places = np.array([[0.5, 0.5, 0.2, 0.4], [0.51, 0.5, 0.2, 0.4], [0.2, 0.2, 0.1, 0.1], [0.9, 0.9, 0.4, 0.4]])
    scores = np.array([0.9, 0.8, 0.95, 0.1])
    found = faces(places, scores)
    assert [tuple(round(edge, 3) for edge in box) for box in found] == [(0.4, 0.3, 0.6, 0.7), (0.15, 0.15, 0.25, 0.25)]
    assert faces(np.array([[0.95, 0.5, 0.2, 0.2]]), np.array([0.5]))[0][2] == 1.0, "boxes end at the picture's edge"
    assert faces(np.array([[0.5, 0.5, 0.01, 0.01]]), np.array([0.9])) == [], "too small to be judged"


def test_an_expression_counts_by_area_and_by_how_often_a_face_is_seen(tiny: Path, tmp_path: Path) -> None:
    look = PretrainedFaceExtractor(net(tiny, "owlvit"), net(tiny, "face-expression"))
    rows = look.measure([picture(768), picture(768)], [None] * 2)
    assert (rows[:, 0] > 0).all()
    (estimate,) = look.estimates(PART, rows)
    assert estimate.reason == "face: anger"
    assert estimate.affect.valence == pytest.approx(RUSSELL_MEHRABIAN["anger"][0], abs=0.01)
    assert estimate.sigma[1] == np.inf
    absent = np.zeros_like(rows)
    (rarer,) = look.estimates(PART, np.concatenate((rows, absent)))
    assert rarer.sigma[0] == pytest.approx(estimate.sigma[0] * 2**0.5, rel=1e-3)
    happy = np.concatenate((rows[:1], np.zeros((1, 8), np.float32)))
    happy[1, [0, 1 + tiny_models.FACES.index("happy")]] = rows[0, 0] * 3, 1.0
    (mixed,) = look.estimates(PART, happy)
    assert mixed.probabilities is not None
    assert mixed.probabilities["joy"] == pytest.approx(0.75, abs=0.01)

    tiny_models.owlvit(tmp_path / "owlvit", finds=False)
    blind = PretrainedFaceExtractor(net(tmp_path, "owlvit"), net(tiny, "face-expression"))
    assert blind.estimates(PART, blind.measure([picture(768)], [None])) == []


def test_text_on_screen_is_read_and_judged(tiny: Path, tmp_path: Path) -> None:
    tiny_models.text_emotion(tmp_path / "text-emotion")
    reading = ScreenTextExtractor(net(tiny, "florence"), net(tmp_path, "text-emotion"))
    rows = reading.measure([picture(768)], [None])
    assert rows[0, 0] == 1
    assert rows[0, 1:] == pytest.approx(judged_directly(tmp_path / "text-emotion", "run now"), abs=1e-5)

    tiny_talkers.florence(tmp_path / "florence", "12 a")
    plate = ScreenTextExtractor(net(tmp_path, "florence"), net(tiny, "text-emotion"))
    assert plate.estimates(PART, plate.measure([picture(768)], [None])) == []


def test_half_precision_says_the_same(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arithmetic of a graphics card, on the processor."""
    samples = {"picture": picture(768), "sound": noise(4)}
    extractors, _ = pretrained_extractors(tiny)
    whole = [extractor.measure([samples[extractor.sense]], [None]) for extractor in extractors]
    monkeypatch.setattr(networks, "precision", lambda _place: torch.bfloat16)
    for extractor, rows in zip(pretrained_extractors(tiny)[0], whole, strict=True):
        assert extractor.measure([samples[extractor.sense]], [None]) == pytest.approx(rows, abs=0.05)
        assert next(iter(networks_of(extractor))).dtype == torch.bfloat16


def networks_of(extractor: Any) -> Iterator[Any]:
    """Yield the networks that an extractor holds."""
    return (part for part in vars(extractor._loaded).values() if isinstance(part, torch.nn.Module))


def test_networks_are_let_go_and_come_back(tiny: Path) -> None:
    clip = ClipExtractor(net(tiny, "clip"))
    assert isinstance(clip, Heavy)
    frame = picture(224)
    first = clip.measure([frame], [None])
    clip.release()
    assert clip._loaded is None
    assert clip.measure([frame], [None]) == pytest.approx(first)


def test_the_version_is_that_of_the_weights(tiny: Path, tmp_path: Path) -> None:
    tiny_models.ast(tmp_path / "ast", "Screaming")
    one, other = AudioTagExtractor(net(tiny, "ast")), AudioTagExtractor(net(tmp_path, "ast"))
    assert one.version == AudioTagExtractor(net(tiny, "ast")).version
    assert one.version != other.version
    assert "BSD-3-Clause" in one.origin
