"""Speed and memory of the pretrained tier on the processor, with networks of the real sizes and random weights.

Run by hand, with the extractors to measure (all by default); each runs in a process of its own on a minute of made
picture and sound. What costs is the arithmetic, which is the same for random weights, with one exception: Whisper
writes until it has said all, so it is made to write a given number of tokens. Frames and windows are handed over
directly; decoding is not counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "programs" / "emotion"))

MINUTE = 60

TOKENS_PER_WINDOW = 100
"""About what is said in half a minute of lively talk, with time stamps."""


def make(folder: Path, name: str) -> None:
    """Save a network of the size that the catalogue names."""
    import tiny_models
    import transformers as t

    from emsync_bridge.emotion.pretrained.clip import TEMPLATES

    if name == "clip":
        words = tiny_models.words_tokenizer(" ".join(TEMPLATES).split(), folder, 77)
        text = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": len(words) - 1}
        t.CLIPModel(t.CLIPConfig(text_config=text)).save_pretrained(folder)
        t.CLIPImageProcessorPil().save_pretrained(folder)
    elif name == "ast":
        tiny_models.ast(folder / "labels")
        labels = json.loads((folder / "labels" / "config.json").read_text())["id2label"]
        names = {i: labels.get(str(i), f"class {i}") for i in range(527)}
        t.ASTForAudioClassification(t.ASTConfig(id2label=names)).save_pretrained(folder)
        t.ASTFeatureExtractor().save_pretrained(folder)
    elif name == "owlvit":
        tiny_models.words_tokenizer(["a", "human", "face"], folder, 16)
        t.OwlViTForObjectDetection(t.OwlViTConfig()).save_pretrained(folder)
        t.OwlViTImageProcessorPil().save_pretrained(folder)
    elif name == "face-expression":
        faces = dict(enumerate(tiny_models.FACES))
        t.ViTForImageClassification(t.ViTConfig(id2label=faces)).save_pretrained(folder)
        t.ViTImageProcessorPil().save_pretrained(folder)
    elif name == "text-emotion":
        words = tiny_models.words_tokenizer(["i", "hate", "this"], folder, 512)
        emotions = dict(enumerate(tiny_models.GO_EMOTIONS))
        several = "multi_label_classification"
        t.RobertaForSequenceClassification(
            t.RobertaConfig(id2label=emotions, problem_type=several, vocab_size=50265, max_position_embeddings=514)
        ).save_pretrained(folder)
    else:
        whisper(folder, *{"whisper-tiny": (384, 4, 6), "whisper-base": (512, 6, 8)}[name])


def whisper(folder: Path, width: int, layers: int, heads: int) -> None:
    """Save a Whisper of a size that says as much as people do, in words of a letter each."""
    import tiny_talkers

    said = "a" * (TOKENS_PER_WINDOW - 4)
    sizes = {"d_model": width, "encoder_layers": layers, "decoder_layers": layers, "vocab_size": 51865}
    ends = {"encoder_ffn_dim": 4 * width, "decoder_ffn_dim": 4 * width}
    attention = {"encoder_attention_heads": heads, "decoder_attention_heads": heads}
    tiny_talkers.whisper(folder, said, 0.0, 29.0, **sizes, **ends, **attention)


def measure(name: str, folder: Path) -> None:
    """Print seconds and peak memory of an extractor on a minute, as JSON."""
    import resource

    import numpy as np

    from emsync_bridge.emotion.extractors.interface import GRID
    from emsync_bridge.emotion.pretrained.catalogue import model_named
    from emsync_bridge.emotion.pretrained.installed import require
    from emsync_bridge.emotion.pretrained.tier import EXTRACTORS

    kind, networks = EXTRACTORS[name.split(maxsplit=1)[0]]
    extractor: Any = kind(*(require(model_named(network), folder) for network in networks))
    rng = np.random.default_rng(1)
    if extractor.sense == "picture":
        frame = rng.integers(0, 255, (extractor.span, extractor.span, 3), np.uint8)
        samples = [frame] * (MINUTE * GRID // extractor.every)
    else:
        samples = [rng.normal(0, 0.1, 16000 * extractor.span // GRID).astype(np.float32)] * (
            MINUTE * GRID // extractor.span
        )
    begin = time.perf_counter()
    extractor.measure(samples[:1], [None])
    loaded = time.perf_counter()
    idle = time.process_time()
    extractor.measure(samples, [None] * len(samples))
    end, busy = time.perf_counter(), time.process_time() - idle
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    found = {"load": loaded - begin, "seconds": end - loaded, "busy": busy, "peak": peak, "asked": len(samples)}
    sys.stdout.write(json.dumps(found))


def main(wanted: list[str]) -> None:
    """Print a line for each extractor that is wanted."""
    with tempfile.TemporaryDirectory() as room:
        for name, made in (
            ("clip", {"clip": "clip"}),
            ("speech with whisper-tiny", {"whisper": "whisper-tiny", "text-emotion": "text-emotion"}),
            ("speech with whisper-base", {"whisper": "whisper-base", "text-emotion": "text-emotion"}),
            ("tagging", {"ast": "ast"}),
            ("faces", {"owlvit": "owlvit", "face-expression": "face-expression"}),
        ):
            if wanted and name.split(maxsplit=1)[0] not in wanted:
                continue
            folder = Path(room) / name.replace(" ", "-")
            for network, size in made.items():
                (folder / network).mkdir(parents=True)
                make(folder / network, size)
            size = sum(path.stat().st_size for path in folder.rglob("*.safetensors")) / 1e6
            run = [sys.executable, __file__, "--measure", name, str(folder)]
            done = subprocess.run(run, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
            found = json.loads(done.stdout.splitlines()[-1])
            sys.stdout.write(
                f"{name}: weights {size:.0f} MB, first answer after {found['load']:.1f} s, {found['asked']} frames or "
                f"windows of a minute in {found['seconds']:.1f} s ({found['busy']:.1f} s of one processor, "
                f"{MINUTE / found['busy']:.1f} times real time), peak {found['peak']:.0f} MB\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], Path(sys.argv[3]))
    else:
        main(sys.argv[1:])
