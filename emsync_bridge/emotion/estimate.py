"""The emotion curve of a cut, from its shots and their media."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, Spotting, TimedText
from emsync_bridge.emotion.extractors.face import FaceExtractor, networks_installed
from emsync_bridge.emotion.extractors.interface import AffectEstimate, Extractor, Rows, ShotPart, split
from emsync_bridge.emotion.extractors.low_level import (
    LookExtractor,
    SoundExtractor,
    alikeness,
    cutting,
    is_black,
    is_drawn,
)
from emsync_bridge.emotion.extractors.observe import MeasurementCache, Observations, Progress, observe
from emsync_bridge.emotion.extractors.scene import ADVICE, SceneExtractor, weights_file
from emsync_bridge.emotion.extractors.scene_features import with_features
from emsync_bridge.emotion.extractors.sound_events import SoundEventExtractor
from emsync_bridge.emotion.fusion.calibration import calibrated
from emsync_bridge.emotion.fusion.gaussian import PRIOR_MEAN, classes, contributions, explain, weigh, with_class_place
from emsync_bridge.emotion.fusion.smoothing import PartEstimate, carried_over, spans
from emsync_bridge.emotion.overrides.apply import overruled_note, set_everywhere, with_directives
from emsync_bridge.emotion.overrides.contrast import raise_contrast, with_gain
from emsync_bridge.emotion.overrides.directive_text import parse_directive
from emsync_bridge.emotion.overrides.moods import ClassRule, class_rule, emotion_in
from emsync_bridge.emotion.overrides.moods import mood as named_mood
from emsync_bridge.emotion.overrides.placed_orders import directives_of
from emsync_bridge.emotion.words.text_estimates import estimates_from_text
from emsync_bridge.errors import EmotionError
from emsync_bridge.options import EmotionOptions
from emsync_bridge.picture.relink import Relinked
from emsync_bridge.picture.speech import can_detect

if TYPE_CHECKING:
    from emsync_bridge.emotion.fusion.head import Head

PRETRAINED_FACES = "faces"
"""Name of the pretrained tier's extractor of facial expressions."""

BEATS, TAGGING = "beats", "tagging"
"""Names of its two extractors of sounds, of which the first counts where both hear something."""


@dataclass(frozen=True)
class CurveEstimate:
    """An emotion curve with its warnings and provenance.

    Arguments:
        curve: Affect over the whole timeline.
        warnings: Warnings in full sentences.
        measured: Samples of media that had to be measured again.
        origins: Models and data behind it, for reports.
    """

    curve: EmotionCurve
    warnings: tuple[str, ...] = ()
    measured: int = 0
    origins: tuple[str, ...] = ()


def default_extractors() -> tuple[list[Extractor], list[str]]:
    """Return the extractors that work without a download, and a line on each that is left out."""
    chosen: list[Extractor] = [LookExtractor(), SoundExtractor()]
    left_out = []
    if networks_installed():
        chosen.append(FaceExtractor())
    else:
        left_out.append(f"Faces are not looked at, because the files of the face networks are missing. {ADVICE}.")
    if can_detect():
        chosen.append(SoundEventExtractor())
    if weights_file() is not None:
        chosen.append(SceneExtractor())
    else:
        left_out.append(f"Scenes are not looked at, because the file of the scene network is missing. {ADVICE}.")
    return chosen, left_out


def extractors_of(
    tier: Literal["embedded", "pretrained"], models_dir: Path | None = None
) -> tuple[list[Extractor], list[str]]:
    """Return the extractors of a tier, and a line on each that is left out.

    Arguments:
        tier: The embedded cues alone, or with them whatever pretrained models are installed.
        models_dir: A folder that holds one folder per pretrained model, looked at before the usual places.
    """
    chosen, left_out = default_extractors()
    if tier == "embedded":
        return chosen, left_out
    from emsync_bridge.emotion.pretrained.tier import pretrained_extractors

    more, lacking = pretrained_extractors(models_dir)
    return [*chosen, *more], [*left_out, *lacking]


@dataclass(frozen=True)
class EstimateInputs:
    """Opened resources that an estimate reads beside the cut and its media.

    Arguments:
        extractors: Extractors to run; those of the options' tier when None.
        head: A trained head over the extractors' features, whose estimate is fused too.
        texts: Words that count for the mood; those of the timeline when None.
        memory: Cache that keeps measurements between runs.
    """

    extractors: Sequence[Extractor] | None = None
    head: Head | None = None
    texts: Sequence[TimedText] | None = None
    memory: MeasurementCache | None = None


@one_blas_thread()
def feel(
    spotting: Spotting,
    relinked: Relinked,
    options: EmotionOptions | None = None,
    inputs: EstimateInputs | None = None,
    progress: Progress | None = None,
) -> CurveEstimate:
    """Return the emotion curve of a cut.

    What the picture gives is overridden by directives in the timeline, and these by the options ``valence``,
    ``arousal`` and ``mood``; silences that directives ask for stay. Orders for single places override all of that.

    Arguments:
        spotting: The cut.
        relinked: The medium of each of its shots.
        options: Options of the mood; ``valence`` and ``arousal`` count before ``mood``. Files that they name
            (``curve``, ``script``, ``head``) are opened by the caller.
        inputs: Extractors, head, words and memory.
        progress: Function called with the part done, from 0 to 1, and what is happening.

    Raises:
        EmotionError: A value is out of range, a mood unknown, or an order is for a place that the cut lacks.
        CheckpointError: The head was trained on other features than the extractors give.
    """
    options, inputs = options or EmotionOptions(), inputs or EstimateInputs()
    valence, arousal, mood, head = options.valence, options.arousal, options.mood, inputs.head
    rule = class_rule(options.classes)
    for name, value in (("valence", valence), ("arousal", arousal)):
        if value is not None and not (math.isfinite(value) and -1 <= value <= 1):
            raise EmotionError(f"The {name} must be from -1 to 1, not {value:g}")
    if mood is not None:
        named = named_mood(mood)
        valence = named.valence if valence is None else valence
        arousal = named.arousal if arousal is None else arousal

    placed_orders = directives_of(options.orders, spotting)
    warnings: list[str] = []
    parts = list(split(spotting.shots, relinked))
    seen = Observations()
    origins: tuple[str, ...] = ()
    basis = ""
    back = any(parse_directive(order.text).verb == "auto" for order in placed_orders)
    if valence is None or arousal is None or back:  # an order for both leaves nothing to look for
        chosen, left_out = (
            extractors_of(options.tier, options.models_dir)
            if inputs.extractors is None
            else (list(inputs.extractors), [])
        )
        if head is not None:
            chosen = with_features(chosen)
            head.check(chosen)
        seen = observe(parts, chosen, keyframes=options.keyframes, memory=inputs.memory, progress=progress)
        warnings += [*left_out, *seen.warnings]
        origins = tuple(e.origin for e in chosen if any(name == e.name for _, name in seen.rows))
        origins += (head.origin,) if head is not None else ()
        held = spotting.texts if inputs.texts is None else inputs.texts
        said = [estimates_from_text(part, spotting.shots[part.shot], held) for part in parts]
        basis = "words and the rhythm of the cuts" if any(said) else "the rhythm of the cuts"
        felt = [part_estimate(index, parts, chosen, seen, rule, head, found) for index, found in enumerate(said)]
    else:
        felt = [PartEstimate(part, weigh(calibrated([cutting(part)]))) for part in parts]
    curve = spans(felt) or [EmotionSpan(0.0, spotting.duration, Affect(*PRIOR_MEAN))]
    if options.gain != 1:
        curve = with_gain(curve, options.gain)
    if options.contrast:
        curve, stretch = raise_contrast(curve)
        if max(stretch) > 1:
            warnings.append(
                f"Contrast is raised {stretch[0]:.1f} times in valence and {stretch[1]:.1f} times in arousal."
            )
    before = curve
    curve, misunderstood = with_directives(before, spotting.directives, spotting.duration)
    warnings += misunderstood
    if valence is not None or arousal is not None:
        curve = set_everywhere(curve, valence, arousal, mood or "as set", emotion_in(mood) if mood else None)
        warnings += overruled_note(spotting.directives)
    elif not seen.rows and not spotting.directives and not options.orders:
        warnings.append(
            f"No picture and no sound could be looked at, so the mood follows only {basis}. "
            "Set the media folder, the movie or the mood, or put directives into markers."
        )
    curve, _ = with_directives(before, placed_orders, spotting.duration, over=curve)
    return CurveEstimate(EmotionCurve(tuple(curve)), tuple(warnings), seen.measured, origins)


def rows_of(index: int, extractors: Sequence[Extractor], seen: Observations) -> dict[str, Rows]:
    """Return what was measured in a part, by the extractor's name."""
    return {e.name: seen.rows[index, e.name] for e in extractors if (index, e.name) in seen.rows}


def part_estimate(
    index: int,
    parts: Sequence[ShotPart],
    extractors: Sequence[Extractor],
    seen: Observations,
    rule: ClassRule | None = None,
    head: Head | None = None,
    text_estimates: Sequence[AffectEstimate] = (),
) -> PartEstimate:
    """Return the joint estimate of all cues of a part.

    Arguments:
        index: Index of the part.
        parts: All parts in order.
        extractors: Extractors that measured them.
        seen: Their measurements.
        rule: Rule by which classes become valence and arousal.
        head: A trained head whose estimate is fused too.
        text_estimates: Estimates from words that hold in the part.
    """
    part = parts[index]
    estimates = [cutting(part), *text_estimates]
    silenced = set()
    if (index, PRETRAINED_FACES) in seen.rows:
        silenced.add(FaceExtractor.name)  # the larger networks have judged the same faces
    look = seen.rows.get((index, LookExtractor.name))
    if look is not None and (is_black(look) or is_drawn(look)):
        silenced.add(SceneExtractor.name)
    for extractor in extractors:
        if extractor.name in silenced:
            continue
        rows = seen.rows.get((index, extractor.name))
        if rows is not None:
            estimates += extractor.estimates(part, rows)
    if any(estimate.name == BEATS for estimate in estimates):
        estimates = [estimate for estimate in estimates if estimate.name != TAGGING]  # the same classes of sound
    if head is not None:
        estimates += head.estimates(part, rows_of(index, extractors, seen), extractors)
    estimates = calibrated([with_class_place(estimate, rule, part.shot) for estimate in estimates])
    alike = None
    if index and parts[index - 1].shot != part.shot:
        before, here = seen.rows.get((index - 1, LookExtractor.name)), seen.rows.get((index, LookExtractor.name))
        alike = alikeness(before, here) if before is not None and here is not None else None
    moves = tuple((estimate.name, valence, arousal) for estimate, valence, arousal in contributions(estimates))
    return PartEstimate(part, weigh(estimates), explain(estimates), carried_over(alike), classes(estimates), moves)
