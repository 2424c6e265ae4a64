"""The networks that the pretrained tier knows: what each is for, where it comes from, and under which licence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    """One network on a hub of models.

    Arguments:
        name: Its name here, and that of its folder.
        purpose: Purpose.
        repository: Repository that publishes it, as owner/name.
        revision: Commit of that repository: what was looked at is what is fetched; empty where it is imported.
        licence: SPDX identifier of its weights.
        megabytes: Size of its weights, in millions of bytes.
        kind: Its architecture, as ``model_type`` in its settings says; any classifier will do where it is empty.
        caution: Facts that its licence leaves out: data that it was trained on, uses that its authors warn of.
    """

    name: str
    purpose: str
    repository: str
    revision: str
    licence: str
    megabytes: int
    kind: str = ""
    caution: str = ""


FILES = ("*.json", "*.txt", "model*.safetensors")
"""Files of a repository that are fetched: settings, vocabularies, and weights that hold no code."""

EXTRA = 'pip install "emsync-bridge[pretrained]"'
"""Command that installs the packages that run the networks."""

CATALOGUE = (
    Model(
        "clip",
        "what a frame makes people feel",
        "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        "1a25a446712ba5ee05982a381eed697ef9b435cf",
        "MIT",
        605,
        "clip",
        "trained on uncurated web pictures; its authors ask that each deployed use be tested first",
    ),
    Model(
        "whisper",
        "what is said, in English whatever the language, with times",
        "openai/whisper-base",
        "e37978b90ca9030d5170a5c07aadb050351a65bb",
        "Apache-2.0",
        290,
        "whisper",
        "writes down words that nobody said when there is no speech; such stretches weigh little",
    ),
    Model(
        "text-emotion",
        "the emotion of words, spoken or on screen; English",
        "SamLowe/roberta-base-go_emotions",
        "58b6c5b44a7a12093f782442969019c7e2982299",
        "MIT",
        499,
        "",
        "trained on comments of Reddit (GoEmotions)",
    ),
    Model(
        "ast",
        "what is heard, as 527 classes of AudioSet",
        "MIT/ast-finetuned-audioset-10-10-0.4593",
        "f826b80d28226b62986cc218e5cec390b1096902",
        "BSD-3-Clause",
        346,
        "audio-spectrogram-transformer",
        "trained on the sound of videos whose own rights differ (AudioSet's labels are CC-BY-4.0)",
    ),
    Model(
        "owlvit",
        "where faces are",
        "google/owlvit-base-patch32",
        "cbc355fb364588351c5d51c7f74465e8e7ec6f72",
        "Apache-2.0",
        613,
        "owlvit",
        "trained on web pictures; not meant for telling who somebody is, and not used for it here",
    ),
    Model(
        "face-expression",
        "the expression of a face",
        "trpakov/vit-face-expression",
        "c09980ee4484af73734ac0f35412fda62c7daedf",
        "Apache-2.0",
        343,
        "",
        "trained on FER2013, pictures from a web search whose terms for commercial use are unclear",
    ),
    Model(
        "florence",
        "text on screen",
        "florence-community/Florence-2-base",
        "00921df66db728a9ceb750f5eca43e5c203a2051",
        "MIT",
        463,
        "florence2",
    ),
)

BEATS = Model(
    "beats",
    "what is heard, as EMSYNC's authors measure it: 527 classes of AudioSet, and features for heads",
    "microsoft/unilm",
    "",
    "MIT",
    363,
    "beats",
    "published as a file of PyTorch (github.com/microsoft/unilm, beats), which you fetch and import yourself",
)
"""The one network that is imported instead of fetched."""

GROUPS = {"emotion": tuple(model.name for model in CATALOGUE)}
"""Names that stand for several models."""


def model_named(name: str) -> Model:
    """Return the model of a name that is in the catalogue."""
    return next(model for model in (*CATALOGUE, BEATS) if model.name == name)
