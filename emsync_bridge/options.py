"""What is asked of the main job: how a cut is looked at and felt, and how its music is played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from emsync_bridge.emotion.overrides.placed_orders import PlacedOrder

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of it that is done, from 0 to 1."""

Settings = Mapping[str, str | int | float | bool | None]


def silent(_step: str, _share: float) -> None:
    """Tell nobody of a step."""


@dataclass(frozen=True)
class ReadOptions:
    """How a cut is read and spotted.

    Arguments:
        sequence: Name of the sequence, where a file holds several.
        rate: Frames per second, for lists that do not say theirs.
        min_gap: Seconds between hit points that the music answers.
        marker_colors: Colours of markers that count as hit points; None for all.
        only_markers: Whether cuts and transitions are left out.
        shots: How the shots of a plain video are found.
        edited: Spotting as CSV that a person has changed.
        between: Seconds from the timeline's start; only the stretch between them is scored.
    """

    sequence: str | None = None
    rate: Fraction | None = None
    min_gap: float = 4.0
    marker_colors: tuple[str, ...] | None = None
    only_markers: bool = False
    shots: Literal["adaptive", "transnet"] = "adaptive"
    edited: Path | None = None
    between: tuple[float, float] | None = None


@dataclass(frozen=True)
class EmotionOptions:
    """How the mood is found.

    Arguments:
        valence: From -1 to 1 for the whole timeline; felt when None.
        arousal: From -1 to 1 for the whole timeline; felt when None.
        mood: A named mood for the whole timeline.
        media_roots: Folders to look for media in.
        picture: A rendering of the whole timeline, to look at instead of its media.
        keyframes: Whether to look at key frames only.
        contrast: Whether what is felt is stretched to a wider range.
        classes: Name of the rule by which probabilities of emotions become valence and arousal.
        orders: Moods, values or silence for single shots and stretches, over everything else.
        tier: What it is felt with: the embedded cues alone, or with them whatever pretrained models are installed.
        models_dir: A folder of pretrained models, looked at before the usual places.
        head: Folder of a trained head that gives its opinion too.
        curve: A curve as CSV that a person has edited, in place of what is felt.
        cache: Whether measurements are kept between runs.
    """

    valence: float | None = None
    arousal: float | None = None
    mood: str | None = None
    media_roots: tuple[Path, ...] = ()
    picture: Path | None = None
    keyframes: bool = False
    contrast: bool = False
    classes: str = "mean"
    orders: tuple[PlacedOrder, ...] = ()
    tier: Literal["embedded", "pretrained"] = "embedded"
    models_dir: Path | None = None
    head: Path | None = None
    curve: Path | None = None
    cache: bool = True


@dataclass(frozen=True)
class RenderOptions:
    """How the music is played.

    Arguments:
        soundfont: SF2 file; the General MIDI one that is installed when None.
        engine: Which synthesizer.
        stems: Whether each instrument group is written alone too.
        bwf: Whether a copy with a time reference is written.
    """

    soundfont: Path | None = None
    engine: Literal["auto", "midirenderer", "fluidsynth"] = "auto"
    stems: bool = False
    bwf: bool = False
