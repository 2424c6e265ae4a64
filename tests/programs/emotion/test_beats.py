"""BEATs beside networks that others wrote: WavLM's attention, which it shares, and Kaldi's filter bank."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("transformers")

import tiny_models
import torch
from click.testing import CliRunner

from emsync_bridge.cli import main
from emsync_bridge.emotion.extractors.interface import ShotPart, features
from emsync_bridge.emotion.pretrained import installed
from emsync_bridge.emotion.pretrained.audioset_affect import SOUNDS
from emsync_bridge.emotion.pretrained.beats.extractor import BeatsExtractor
from emsync_bridge.emotion.pretrained.beats.importer import class_names, import_beats
from emsync_bridge.emotion.pretrained.beats.network import Beats, buckets, spectrogram
from emsync_bridge.emotion.pretrained.beats.sizes import BeatsSizes, shapes_of
from emsync_bridge.emotion.pretrained.catalogue import model_named
from emsync_bridge.emotion.pretrained.installed import require
from emsync_bridge.emotion.pretrained.tier import pretrained_extractors
from emsync_bridge.errors import CheckpointError

PART = ShotPart(0, 0.0, 4.0, 4.0)

PUBLISHED = BeatsSizes(16, 512, 768, 3072, 12, 12, 128, 16, 320, 800, 527)


def sound(seconds: float) -> np.ndarray:
    return np.random.default_rng(4).normal(0, 0.1, int(seconds * 16000)).astype(np.float32)


def extractor(tmp_path: Path, **changed: Any) -> tuple[BeatsExtractor, dict[str, Any]]:
    content = tiny_models.beats(tmp_path / "beats.pt", **changed)
    import_beats(tmp_path / "beats.pt", tmp_path / "beats")
    return BeatsExtractor(require(model_named("beats"), tmp_path)), content


def test_weights_are_as_many_as_in_the_published_file() -> None:
    count = sum(math.prod(shape) for shape in shapes_of(PUBLISHED).values())
    file = 363_145_291  # bytes of BEATs_iter3_plus_AS2M_finetuned_on_AS2M_cpt2.pt, of 4 bytes a weight and its names
    assert 4 * count < file < 4 * count * 1.001


def test_attention_is_that_of_wavlm_whose_gates_see_the_input(tmp_path: Path) -> None:
    from transformers import WavLMConfig
    from transformers.models.wavlm.modeling_wavlm import WavLMAttention

    _, content = extractor(tmp_path)
    state = content["model"]
    layer = "encoder.layers.0.self_attn"
    state[f"{layer}.q_proj.weight"], state[f"{layer}.q_proj.bias"] = torch.eye(16), torch.zeros(16)
    theirs = WavLMAttention(16, 2, 0.0, 16, 40, has_relative_position_bias=True).eval()
    assert WavLMConfig().num_buckets == 320
    with torch.inference_mode():
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            for part in ("weight", "bias"):
                getattr(getattr(theirs, name), part).copy_(state[f"{layer}.{name}.{part}"])
        theirs.rel_attn_embed.weight.copy_(state[f"{layer}.relative_attention_bias.weight"])
        theirs.gru_rel_pos_linear.weight.copy_(state[f"{layer}.grep_linear.weight"])
        theirs.gru_rel_pos_linear.bias.copy_(state[f"{layer}.grep_linear.bias"])
        theirs.gru_rel_pos_const.copy_(state[f"{layer}.grep_a"])
        x = torch.randn(2, 70, 16, generator=torch.Generator().manual_seed(1))
        ours = Beats(BeatsSizes(16, 8, 16, 32, 2, 2, 8, 2, 16, 40), state)
        expected = theirs(x)[0]
        found = ours._attention(x, ours._relative_bias(70), "encoder.layers.0")
        assert torch.allclose(found, expected, atol=1e-4)
        assert (found - ours._attention(x, torch.zeros(2, 70, 70), "encoder.layers.0")).abs().max() > 1e-2
        distances = torch.arange(-60, 61)
        assert torch.equal(buckets(distances, 16, 40), theirs._relative_positions_bucket(distances))


def test_positions_are_those_of_wavlm(tmp_path: Path) -> None:
    from transformers import WavLMConfig
    from transformers.models.wavlm.modeling_wavlm import WavLMPositionalConvEmbedding

    _, content = extractor(tmp_path)
    theirs = WavLMPositionalConvEmbedding(
        WavLMConfig(hidden_size=16, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2)
    ).eval()
    place = "encoder.pos_conv.0"
    state = content["model"]
    with torch.inference_mode():
        weights = theirs.conv.parametrizations.weight
        weights.original0.copy_(state[f"{place}.weight_g"])
        weights.original1.copy_(state[f"{place}.weight_v"])
        theirs.conv.bias.copy_(state[f"{place}.bias"])
        x = torch.randn(1, 20, 16, generator=torch.Generator().manual_seed(2))
        ours = Beats(BeatsSizes(16, 8, 16, 32, 2, 2, 8, 2, 16, 40), state)
        assert torch.allclose(ours._positions(x), theirs(x), atol=1e-5)


def test_the_spectrogram_is_kaldis() -> None:
    wave = sound(0.2)
    mels = 1127 * np.log1p(np.array([20.0, 8000.0]) / 700)
    edges = np.linspace(*mels, 130)
    bins = 1127 * np.log1p(np.arange(257) * 16000 / 512 / 700)
    rising, falling = (
        (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None],
        (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None],
    )
    filters = np.maximum(0, np.minimum(rising, falling))
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 399)) ** 0.85
    rows = []
    for start in range(0, len(wave) - 399, 160):
        frame = wave[start : start + 400].astype(np.float64) * 32768
        frame -= frame.mean()
        frame = frame - 0.97 * np.concatenate([frame[:1], frame[:-1]])
        power = np.abs(np.fft.rfft(frame * window, 512)) ** 2
        rows.append(np.log(np.maximum(filters @ power, np.finfo(np.float32).eps)))
    expected = (np.array(rows) - 15.41663) / (2 * 6.55582)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one of 128 bands lies between two bins and is empty, in Kaldi too
        found = spectrogram([wave])
    assert found[0].numpy() == pytest.approx(expected, abs=2e-3)


def test_a_sound_that_it_knows_is_named_and_counts_before_ast(tmp_path: Path, tiny: Path) -> None:
    beats, _ = extractor(tmp_path, winner="Applause")
    rows = beats.measure([sound(5), sound(0.01)], [None, None])
    assert rows.shape == (10, 527 + 16)
    assert features(beats, rows).shape == rows.shape
    (estimate,) = beats.estimates(PART, rows)
    assert estimate.reason == "sound of applause"
    assert (estimate.affect.valence, estimate.affect.arousal) == pytest.approx(SOUNDS["Applause"])
    assert (rows[:5] == rows[0]).all()
    assert not np.allclose(rows[0, 527:], rows[5, 527:], atol=1e-3)
    chosen, left_out = pretrained_extractors(tmp_path)
    assert "beats" in [each.name for each in chosen]
    assert not any("Beats" in line for line in left_out)
    assert "beats" not in [each.name for each in pretrained_extractors(tiny)[0]]


def test_without_fine_tuning_it_serves_heads_alone(tmp_path: Path) -> None:
    beats, _ = extractor(tmp_path, finetuned_model=False)
    rows = beats.measure([sound(5)], [None])
    assert rows.shape == (5, 16)
    assert beats.estimates(PART, rows) == []


def test_all_sounds_with_a_mood_have_an_identifier() -> None:
    assert set(class_names().values()) == set(SOUNDS)


def missing(content: dict[str, Any]) -> None:
    del content["model"]["encoder.layers.1.fc1.bias"]


def of_another_size(content: dict[str, Any]) -> None:
    content["cfg"]["encoder_layers"] = 3


def of_another_kind(content: dict[str, Any]) -> None:
    content["cfg"]["layer_norm_first"] = True


def no_network(content: dict[str, Any]) -> None:
    del content["cfg"]


def unequal(content: dict[str, Any]) -> None:
    content["cfg"]["encoder_attention_heads"] = 3


def not_a_number(content: dict[str, Any]) -> None:
    content["model"]["layer_norm.weight"][0] = float("nan")


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("sprung"),))


def with_code(content: dict[str, Any]) -> None:
    content["cfg"]["more"] = Trap()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (missing, "encoder.layers.1.fc1.bias is missing"),
        (of_another_size, "encoder.layers.2"),
        (of_another_kind, "layer_norm_first is 'True'"),
        (no_network, "'cfg' and 'model' are missing"),
        (unequal, "do not fit each other"),
        (not_a_number, "not all numbers"),
        (with_code, "asks to run code"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Any, said: str) -> None:
    monkeypatch.chdir(tmp_path)
    content = tiny_models.beats(tmp_path / "beats.pt")
    damage(content)
    torch.save(content, tmp_path / "beats.pt")
    with pytest.raises(CheckpointError) as problem:
        import_beats(tmp_path / "beats.pt", tmp_path / "out")
    assert said in str(problem.value)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "sprung").exists()


def test_the_command_imports_it_where_the_tier_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "user_folder", lambda: tmp_path / "models")
    tiny_models.beats(tmp_path / "beats.pt")
    ran = CliRunner().invoke(main, ["models", "import", "--beats", str(tmp_path / "beats.pt")])
    assert ran.exit_code == 0, ran.output
    assert "527 classes, 91 of them with a mood" in " ".join(ran.output.split())
    assert [each.name for each in pretrained_extractors()[0]] == ["beats"]
    both = CliRunner().invoke(main, ["models", "import", "--beats", str(tmp_path / "beats.pt"), "--emsync", "x"])
    assert both.exit_code == 2
