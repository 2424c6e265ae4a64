"""Networks of a few thousand weights, made from settings and saved to disk as real ones are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from emsync_bridge.emotion.pretrained.labels import COLUMNS

FACES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

GO_EMOTIONS = ("admiration", "anger", "confusion", "disgust", "fear", "joy", "sadness", "neutral")


def words_tokenizer(words: Sequence[str], folder: Path, longest: int = 32) -> Any:
    """Save a tokenizer of whole words, with the special tokens of CLIP and BERT alike."""
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: i for i, word in enumerate(("[PAD]", "[CLS]", "[SEP]", "[UNK]", *dict.fromkeys(words)))}
    core = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        unk_token="[UNK]",
        model_max_length=longest,
        model_input_names=["input_ids", "attention_mask"],
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def clip(folder: Path) -> Any:
    """Save a CLIP of two layers that sees 32 pixels; every sentence of the extractor is in its vocabulary."""
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

    from emsync_bridge.emotion.pretrained.clip import TEMPLATES, WORDS

    said = " ".join((*TEMPLATES, *COLUMNS, *WORDS.values())).replace("{}", "").split()
    tokens = words_tokenizer(said, folder)
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    settings = CLIPConfig(
        text_config=small
        | {"vocab_size": len(tokens), "max_position_embeddings": 32, "pad_token_id": 0, "eos_token_id": 2},
        vision_config=small | {"image_size": 32, "patch_size": 16},
        projection_dim=12,
    )
    torch.manual_seed(5)
    network = CLIPModel(settings)
    with torch.no_grad():  # default weights are so small that all sentences look alike
        for weight in network.parameters():
            if weight.dim() > 1:
                weight.normal_(0, 0.3)
    network.save_pretrained(folder)
    size = {"height": 32, "width": 32}
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=size).save_pretrained(folder)
    return network


def text_emotion(folder: Path, winner: str = "", labels: Sequence[str] = GO_EMOTIONS) -> Any:
    """Save a classifier of text with several answers; it hears one class in everything, or is left to chance."""
    from transformers import BertConfig, BertForSequenceClassification

    tokens = words_tokenizer(["what", "a", "lovely", "day", "i", "hate", "this", "night", "run", "now"], folder, 64)
    torch.manual_seed(7)
    network = BertForSequenceClassification(
        BertConfig(
            vocab_size=len(tokens),
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=64,
            initializer_range=0.5,
            id2label=dict(enumerate(labels)),
            label2id={label: i for i, label in enumerate(labels)},
            problem_type="multi_label_classification",
        )
    )
    if winner:
        _set_winner(network.classifier, list(labels).index(winner))
    network.save_pretrained(folder)
    return network


def face_expression(folder: Path, winner: str = "happy") -> Any:
    """Save a classifier of pictures that sees one expression in every face."""
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessorPil

    network = ViTForImageClassification(
        ViTConfig(
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=32,
            patch_size=16,
            id2label=dict(enumerate(FACES)),
            label2id={label: i for i, label in enumerate(FACES)},
        )
    )
    _set_winner(network.classifier, FACES.index(winner))
    network.save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return network


def owlvit(folder: Path, *, finds: bool = True) -> Any:
    """Save a detector of two layers that finds a face in the middle of every picture, or nowhere."""
    from transformers import OwlViTConfig, OwlViTForObjectDetection, OwlViTImageProcessorPil

    tokens = words_tokenizer(["a", "human", "face"], folder, 16)
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    settings = OwlViTConfig(
        text_config=small | {"vocab_size": len(tokens), "max_position_embeddings": 16, "pad_token_id": 0},
        vision_config=small | {"image_size": 96, "patch_size": 32},
        projection_dim=16,
    )
    torch.manual_seed(3)
    network = OwlViTForObjectDetection(settings)
    with torch.no_grad():
        network.class_head.logit_shift.weight.zero_()
        network.class_head.logit_shift.bias.fill_(3.0 if finds else -9.0)
        network.class_head.logit_scale.weight.zero_()
        network.class_head.logit_scale.bias.fill_(0.0)
        # Nothing hangs on rounding: all patches score the same, and their boxes overlap far from the threshold.
        network.class_head.dense0.weight.zero_()
        network.class_head.dense0.bias.zero_()
        network.box_head.dense2.weight.zero_()
        network.box_head.dense2.bias.copy_(torch.tensor([0.0, 0.0, 0.5, 0.5]))
    network.save_pretrained(folder)
    OwlViTImageProcessorPil(size={"height": 96, "width": 96}).save_pretrained(folder)
    return network


def ast(folder: Path, winner: str = "", labels: Sequence[str] = ()) -> Any:
    """Save a tagger of sound of two layers with classes of AudioSet."""
    from transformers import ASTConfig, ASTFeatureExtractor, ASTForAudioClassification

    from emsync_bridge.emotion.pretrained.audioset_affect import SOUNDS

    names = list(labels or (*SOUNDS, "Speech", "Music"))
    torch.manual_seed(11)
    network = ASTForAudioClassification(
        ASTConfig(
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_length=64,
            num_mel_bins=32,
            id2label=dict(enumerate(names)),
            label2id={label: i for i, label in enumerate(names)},
            initializer_range=0.5,
        )
    )
    if winner:
        _set_winner(network.classifier.dense, names.index(winner))
    network.save_pretrained(folder)
    ASTFeatureExtractor(num_mel_bins=32, max_length=64).save_pretrained(folder)
    return network


BEATS_SETTINGS = {
    "input_patch_size": 16,
    "embed_dim": 8,
    "encoder_embed_dim": 16,
    "encoder_ffn_embed_dim": 32,
    "encoder_layers": 2,
    "encoder_attention_heads": 2,
    "conv_pos": 8,
    "conv_pos_groups": 2,
    "num_buckets": 16,
    "max_distance": 40,
    "predictor_class": 527,
    "finetuned_model": True,
    "deep_norm": True,
    "layer_norm_first": False,
    "relative_position_embedding": True,
    "gru_rel_pos": True,
    "activation_fn": "gelu",
    "dropout": 0.1,
}


def beats(file: Path, winner: str = "", **changed: Any) -> dict[str, Any]:
    """Save a checkpoint of a BEATs of two layers as its authors do; return what it holds."""
    from emsync_bridge.emotion.pretrained.beats.importer import SETTINGS, class_names
    from emsync_bridge.emotion.pretrained.beats.sizes import BeatsSizes, shapes_of

    settings = BEATS_SETTINGS | changed
    told = {ours: settings[theirs] for ours, theirs in SETTINGS.items()}
    classes = settings["predictor_class"] if settings["finetuned_model"] else 0
    torch.manual_seed(13)
    state = {
        name: torch.randn(shape) * 0.3
        for name, shape in shapes_of(BeatsSizes.checked({**told, "classes": classes}, file)).items()
    }
    position = "self_attn.relative_attention_bias.weight"
    state[f"encoder.layers.1.{position}"] = state[f"encoder.layers.0.{position}"]
    labels = dict(enumerate([*class_names(), *(f"/m/x{i}" for i in range(classes))][:classes]))
    if winner:
        state["predictor.weight"].zero_()
        state["predictor.bias"].fill_(-6.0)
        state["predictor.bias"][[class_names().get(label) for label in labels.values()].index(winner)] = 6.0
    content = {"cfg": settings, "model": state} | ({"label_dict": labels} if classes else {})
    torch.save(content, file)
    return content


def _set_winner(layer: Any, index: int) -> None:
    """Make a last layer say one class with a probability near 1, whatever it is given."""
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.fill_(-6.0)
        layer.bias[index] = 6.0


def pickled(folder: Path) -> None:
    """Turn the weights of a folder into the pickled form."""
    from safetensors.torch import load_file

    weights = folder / "model.safetensors"
    torch.save(load_file(weights), folder / "pytorch_model.bin")
    weights.unlink()


def settings_of(folder: Path, **changed: Any) -> None:
    """Change settings of a saved network."""
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changed), encoding="utf-8")
