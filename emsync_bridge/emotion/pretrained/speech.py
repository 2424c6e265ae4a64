"""Speech: Whisper transcribes it with times, in English, and a classifier of text judges each utterance.

Radford et al. 2022, Robust Speech Recognition via Large-Scale Weak Supervision (arXiv 2212.04356).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.interface import GRID, AffectEstimate, Rows, ShotPart
from emsync_bridge.emotion.extractors.observe import RATE
from emsync_bridge.emotion.pretrained.labels import estimate_of_shares
from emsync_bridge.emotion.pretrained.networks import load_network, load_part, on_device
from emsync_bridge.emotion.pretrained.text_emotion import ERROR, TextClassifier, TextExtractor

WINDOW = 30
"""Seconds that Whisper hears at a time."""

MAX_TOKENS = 220
"""Of a window; Whisper's decoder has room for 448, and half of them may be context."""

STAMP = 0.02
"""Seconds from one time stamp to the next."""

LEAST_COVERAGE = 0.05
"""Share of a part with speech below which it says nothing."""

QUIET = 1e-4
"""Root mean square of sound that is silence: nobody has to listen to it."""


@dataclass(frozen=True)
class Utterance:
    """Utterance with its text; times in seconds from the window's start."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class _SpeechNetworks:
    network: Any
    preprocessor: Any
    tokens: Any
    words: TextClassifier


class SpeechExtractor(TextExtractor):
    """Speech: a row per second is the share of it with speech, then the scores of the text's classes.

    Arguments:
        whisper: Recognition of speech.
        words: Classifier of text.

    Raises:
        CheckpointError: The classes of the classifier are no emotions.
    """

    name: ClassVar[str] = "speech"
    sense: ClassVar[Literal["sound"]] = "sound"
    span: ClassVar[int] = WINDOW * GRID
    every: ClassVar[int] = GRID
    at_once: ClassVar[int] = 2

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:  # noqa: ARG002
        """Return one estimate where somebody speaks."""
        coverage = float(rows[:, 0].mean())
        if coverage < LEAST_COVERAGE:
            return []
        return [estimate_of_shares(self.name, self._shares(rows), ERROR, coverage=min(1.0, coverage), subject="words")]

    def _load(self) -> _SpeechNetworks:
        whisper, words = self._networks
        return _SpeechNetworks(
            load_network(whisper, "WhisperForConditionalGeneration"),
            load_part(whisper, "AutoFeatureExtractor"),
            load_part(whisper, "AutoTokenizer"),
            TextClassifier(words),
        )

    def _rows(self, loaded: _SpeechNetworks, samples: Sequence[NDArray[Any]]) -> NDArray[Any]:
        rows = np.zeros((len(samples), WINDOW, 1 + len(self._matrix)), np.float32)
        heard = [i for i, window in enumerate(samples) if len(window) and float(np.mean(window**2)) > QUIET**2]
        spoken = transcribe(loaded, [samples[i] for i in heard]) if heard else []
        for i, (stretches, voice) in zip(heard, spoken, strict=True):
            scores = loaded.words.scores([said.text for said in stretches])
            for said, score in zip(stretches, scores, strict=True):
                for second, share in _seconds(said):
                    weight = min(share * voice, 1.0 - rows[i, second, 0])
                    rows[i, second, 1:] += weight * score
                    rows[i, second, 0] += weight
        rows[..., 1:] /= np.maximum(rows[..., :1], 1e-6)
        return rows.reshape(-1, rows.shape[-1])


def transcribe(loaded: Any, windows: Sequence[NDArray[np.float32]]) -> list[tuple[list[Utterance], float]]:
    """Return the utterances in windows, and the probability that somebody speaks at all.

    Arguments:
        loaded: Network, feature extractor and tokenizer.
        windows: Sound at 16 kHz, up to 30 seconds each.

    Returns:
        For each window its stretches of speech in order, and the probability of speech.
    """
    network, settings = loaded.network, loaded.network.generation_config
    heard = loaded.preprocessor([*windows], sampling_rate=RATE, return_tensors="pt", return_attention_mask=True)
    inputs = on_device({"input_features": heard["input_features"]}, network)
    encoded = network.get_encoder()(**inputs)
    first = encoded.last_hidden_state.new_full((len(windows), 1), settings.decoder_start_token_id).long()
    logits = network(encoder_outputs=encoded, decoder_input_ids=first).logits[:, 0]
    # the token for no speech is the last before that for no time stamps, in all of Whisper's vocabularies
    silent = logits.float().softmax(dim=-1)[:, settings.no_timestamps_token_id - 1]
    english = {"task": "translate"} if getattr(settings, "is_multilingual", False) else {}
    tokens = network.generate(
        encoder_outputs=encoded, return_timestamps=True, max_new_tokens=MAX_TOKENS, num_beams=1, **english
    )
    found = []
    for written, window, quiet in zip(tokens.tolist(), windows, silent.tolist(), strict=True):
        stretches = [
            Utterance(start, end, text)
            for start, end, ids in _stretches(written, settings.no_timestamps_token_id + 1, len(window) / RATE)
            if (text := loaded.tokens.decode(ids, skip_special_tokens=True).strip()) and end > start
        ]
        found.append((stretches, 1.0 - quiet))
    return found


def _stretches(tokens: Sequence[int], first_stamp: int, longest: float) -> Iterator[tuple[float, float, list[int]]]:
    """Yield start, end and tokens of what lies between time stamps, the last of which may be missing."""
    start, inside = 0.0, list[int]()
    for token in tokens:
        if token >= first_stamp:
            stamp = min(longest, (token - first_stamp) * STAMP)
            if inside:
                yield start, stamp, inside
            start, inside = stamp, []
        else:
            inside.append(token)
    if inside:
        yield start, longest, inside


def _seconds(said: Utterance) -> Iterator[tuple[int, float]]:
    """Yield the seconds that a stretch touches, and the share of each that it fills."""
    for second in range(int(said.start), min(WINDOW, int(np.ceil(said.end)))):
        share = min(said.end, second + 1) - max(said.start, second)
        if share > 0:
            yield second, share
