"""Small networks that write: they say what they are told to, whatever they hear or see."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import pre_tokenizers

LETTERS = sorted(pre_tokenizers.ByteLevel.alphabet())

SPECIAL = (
    *("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>"),
    *("<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"),
)

WIDTH = 128


def whisper(folder: Path, said: str, start: float, end: float, *, sure: bool = True, **sizes: int) -> Any:
    """Save a Whisper of two layers that hears the same words in every window.

    Arguments:
        folder: Where to.
        said: The words, without spaces in a row.
        start: Seconds.
        end: Seconds.
        sure: Whether it is sure that somebody speaks.
        sizes: Of the network, where it is not to be small.
    """
    from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperTokenizer

    stamps = [f"<|{i * 0.02:.2f}|>" for i in range(1501)]
    tokenizer = WhisperTokenizer(vocab={letter: i for i, letter in enumerate(LETTERS)}, merges=[])
    tokenizer.add_tokens([*SPECIAL, *stamps], special_tokens=True)
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in (*SPECIAL, *stamps)}
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(folder)
    small = {"d_model": WIDTH, "encoder_layers": 1, "decoder_layers": 2, "vocab_size": len(tokenizer)}
    small |= {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32}
    network = WhisperForConditionalGeneration(
        WhisperConfig(
            **(small | sizes),
            max_target_positions=448,
            bos_token_id=ids["<|endoftext|>"],
            pad_token_id=ids["<|endoftext|>"],
            eos_token_id=ids["<|endoftext|>"],
            decoder_start_token_id=ids["<|startoftranscript|>"],
            suppress_tokens=None,
            begin_suppress_tokens=None,
        )
    )
    words = tokenizer(f" {said}", add_special_tokens=False)["input_ids"]
    first = [ids["<|en|>"] if sure else ids["<|nospeech|>"], ids["<|translate|>"]]
    script = [*first, ids[f"<|{start:.2f}|>"], *words, ids[f"<|{end:.2f}|>"], ids["<|endoftext|>"]]
    decoder = network.model.decoder
    _rehearse(decoder.embed_tokens.weight, decoder.embed_positions.weight, decoder.layers, script)
    settings = network.generation_config
    settings._from_model_config = False  # those that are derived from a network's settings are not read back
    settings.is_multilingual = True
    settings.lang_to_id = {"<|en|>": ids["<|en|>"]}
    settings.task_to_id = {"transcribe": ids["<|transcribe|>"], "translate": ids["<|translate|>"]}
    settings.no_timestamps_token_id = ids["<|notimestamps|>"]
    settings.max_initial_timestamp_index = 500
    network.save_pretrained(folder)
    return network


def florence(folder: Path, text: str) -> Any:
    """Save a Florence-2 of a few layers that reads the same text in every picture.

    Arguments:
        folder: Where to.
        text: What it reads.
    """
    from transformers import (
        BartConfig,
        BartTokenizer,
        CLIPImageProcessorPil,
        Florence2Config,
        Florence2ForConditionalGeneration,
        Florence2Processor,
        Florence2VisionConfig,
    )

    vocabulary = {token: i for i, token in enumerate(("<s>", "<pad>", "</s>", "<unk>", *LETTERS))}
    tokenizer = BartTokenizer(vocab=vocabulary, merges=[], extra_special_tokens={"image_token": "<image>"})
    pictures = CLIPImageProcessorPil(
        size={"height": 64, "width": 64}, do_center_crop=False, resample=3, image_seq_length=5
    )
    folder.mkdir(parents=True, exist_ok=True)
    Florence2Processor(pictures, tokenizer).save_pretrained(folder)
    network = Florence2ForConditionalGeneration(
        Florence2Config(
            image_token_id=tokenizer.image_token_id,
            vision_config=Florence2VisionConfig(
                depths=(1, 1, 1, 1),
                embed_dim=(8, 8, 16, 16),
                num_heads=(1, 1, 2, 2),
                num_groups=(1, 1, 2, 2),
                window_size=4,
                projection_dim=WIDTH,
            ),
            text_config=BartConfig(
                vocab_size=len(tokenizer),
                d_model=WIDTH,
                encoder_layers=1,
                decoder_layers=1,
                encoder_attention_heads=2,
                decoder_attention_heads=2,
                encoder_ffn_dim=32,
                decoder_ffn_dim=32,
                max_position_embeddings=128,
                bos_token_id=0,
                pad_token_id=1,
                eos_token_id=2,
                decoder_start_token_id=2,
                forced_eos_token_id=2,
            ),
        )
    )
    script = [0, *tokenizer(text, add_special_tokens=False)["input_ids"], 2]
    decoder = network.model.language_model.decoder
    # positions of BART begin two rows into its table
    _rehearse(decoder.embed_tokens.weight, decoder.embed_positions.weight[2:], decoder.layers, script)
    with torch.no_grad():
        decoder.layernorm_embedding.weight.fill_(1.0)
    network.save_pretrained(folder)
    return network


def _rehearse(tokens: Any, positions: Any, layers: Any, script: Sequence[int]) -> None:
    """Make a decoder say a script: layers add nothing, and each position points at the token that is due after it.

    Random directions in many dimensions are nearly at right angles, so a token is most like itself.
    """
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        drawn = torch.randn(tokens.shape, generator=generator)
        tokens.copy_(3 * drawn / drawn.norm(dim=1, keepdim=True))
        for position, token in enumerate(script):
            positions[position] = 8 * tokens[token]
        for layer in layers:
            for linear in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
                linear.weight.zero_()
                linear.bias.zero_()
