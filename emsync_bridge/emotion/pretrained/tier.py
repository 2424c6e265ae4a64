"""The extractors of the pretrained tier that this computer can run, and a line on each that it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from emsync_bridge.emotion.extractors.interface import Extractor
from emsync_bridge.emotion.pretrained.audio_tags import AudioTagExtractor
from emsync_bridge.emotion.pretrained.beats.extractor import BeatsExtractor
from emsync_bridge.emotion.pretrained.catalogue import BEATS, GROUPS, model_named
from emsync_bridge.emotion.pretrained.clip import ClipExtractor
from emsync_bridge.emotion.pretrained.faces import PretrainedFaceExtractor
from emsync_bridge.emotion.pretrained.installed import find, left_out, require, require_packages
from emsync_bridge.emotion.pretrained.screen_text import ScreenTextExtractor
from emsync_bridge.emotion.pretrained.speech import SpeechExtractor
from emsync_bridge.errors import CheckpointError

EXTRACTORS: dict[str, tuple[Callable[..., Extractor], tuple[str, ...]]] = {
    ClipExtractor.name: (ClipExtractor, ("clip",)),
    SpeechExtractor.name: (SpeechExtractor, ("whisper", "text-emotion")),
    AudioTagExtractor.name: (AudioTagExtractor, ("ast",)),
    PretrainedFaceExtractor.name: (PretrainedFaceExtractor, ("owlvit", "face-expression")),
    ScreenTextExtractor.name: (ScreenTextExtractor, ("florence", "text-emotion")),
}
"""Each extractor and the networks that it needs."""

IMPORTED: dict[str, tuple[Callable[..., Extractor], tuple[str, ...]]] = {
    BeatsExtractor.name: (BeatsExtractor, ("beats",))
}
"""Extractors whose networks are imported; they are not missed where these are not there."""

GET_ALL = "emsync models get emotion."


def pretrained_extractors(models_dir: Path | None = None) -> tuple[list[Extractor], list[str]]:
    """Return the extractors whose networks are installed, and a line on each that is left out.

    Arguments:
        models_dir: A folder that holds one folder per model, looked at before the usual places.
    """
    chosen: list[Extractor] = []
    lacking: list[str] = []
    try:
        require_packages()
    except CheckpointError as problem:
        return chosen, [f"Only the embedded cues are used. {problem}"]
    imported = IMPORTED if find(BEATS, models_dir) else {}
    if not imported and not any(find(model_named(name), models_dir) for name in GROUPS["emotion"]):
        return chosen, ["Only the embedded cues are used: no pretrained model is installed. Get them: " + GET_ALL]
    for name, (kind, networks) in {**EXTRACTORS, **imported}.items():
        if imported and name == AudioTagExtractor.name and find(model_named("ast"), models_dir) is None:
            continue  # BEATs hears the same
        try:
            chosen.append(kind(*(require(model_named(network), models_dir) for network in networks)))
        except CheckpointError as problem:
            lacking.append(str(left_out(name, problem)))
    return chosen, lacking
