"""The proof of a generator: everything that can be measured of it, with the same of held-out music beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.cue import Affect
from emsync_bridge.errors import CorpusError
from emsync_bridge.music.network.checkpoint import Checkpoint
from emsync_bridge.training.corpus.dataset import Split, read_split
from emsync_bridge.training.evaluation.audio_response import AffectRegression, Synth, learn, response_heard
from emsync_bridge.training.evaluation.hit_accuracy import HitAccuracy, hit_accuracy
from emsync_bridge.training.evaluation.hit_cost import HitCost, TempoBend, bend, costs
from emsync_bridge.training.evaluation.memorization import NgramIndex
from emsync_bridge.training.evaluation.mood_response import MoodResponse, prompts, response
from emsync_bridge.training.evaluation.similarity import Comparison, Failures, compare, failures
from emsync_bridge.training.evaluation.trials import Hits, Prompt, PromptTrial, compose_all, random_hits

Progress = Callable[[str, float], None]


NO_HITS = "no hits"
"""Name of the same prompts without their hits."""


@dataclass(frozen=True)
class EvaluationSize:
    """Size of an evaluation.

    Arguments:
        excerpts: Excerpts of held-out music for the loss.
        seeds: Pieces for each level of an axis.
        response_seconds: Their length.
        pieces: Pieces for each way of treating hits.
        seconds: Their length.
        heldout: Pieces of held-out music that are measured.
        guidances: Strengths of guidance to measure the response with, besides 1.
        windows: Windows of written music that are rendered to learn from how a mood sounds, where sound is measured.
    """

    excerpts: int = 200
    seeds: int = 4
    response_seconds: float = 24.0
    pieces: int = 20
    seconds: float = 48.0
    heldout: int = 60
    guidances: tuple[float, ...] = (2.0,)
    windows: int = 100


QUICK = EvaluationSize(
    excerpts=24, seeds=2, response_seconds=16.0, pieces=4, seconds=32.0, heldout=24, guidances=(), windows=40
)
"""Two minutes on one core."""


@dataclass(frozen=True)
class Memorization:
    """Longest runs of events shared with the training set.

    Arguments:
        composed: Median and largest over composed pieces.
        written: Median and largest over as many events of held-out pieces.
    """

    composed: tuple[float, int]
    written: tuple[float, int]


@dataclass(frozen=True)
class Evaluation:
    """All that was measured.

    Arguments:
        losses: Nats per token, by what predicted them.
        hits: Accuracy of chords on hits, by how hits are treated and by tolerance.
        responses: Response to the mood, by axis and guidance.
        recipe: Recipe that tells a mood by its sound; None where sound is not measured.
        bend: Bend of the tempo, by the pieces with exact hits.
        costs: Changes that exact hits bring, beside the same prompts with hits that the network is only given, without
            that, and without any hits.
        measures: Measures of composed music beside written music.
        copying: Copying from the training set.
        failures: Failures of all pieces that were composed.
    """

    losses: dict[str, float]
    hits: dict[str, dict[str, HitAccuracy]]
    responses: dict[str, MoodResponse]
    recipe: AffectRegression | None
    bend: TempoBend
    costs: list[HitCost]
    measures: list[Comparison]
    copying: Memorization
    failures: Failures


@one_blas_thread()
def evaluate(
    checkpoint: Checkpoint,
    corpus: Path,
    split: str,
    extent: EvaluationSize,
    progress: Progress | None = None,
    synth: Synth | None = None,
) -> Evaluation:
    """Return what can be measured of a generator.

    Arguments:
        checkpoint: The generator.
        corpus: Folder that ``emsync corpus build`` wrote.
        split: Split whose music is held out.
        extent: Size of the evaluation.
        progress: Function that is told of each step.
        synth: Synth that renders the response to valence and arousal, to measure its sound as well.
    """
    tell = progress or (lambda _step, _share: None)
    train, heldout = read_split(corpus, "train"), read_split(corpus, split)
    for name, part in (("train", train), (split, heldout)):
        if not part.pieces:
            raise CorpusError(
                f"There are no pieces in {name}, so nothing can be measured on it",
                where=corpus,
                hint="Build the corpus from more pieces, or measure on another split",
                setting="split",
            )
    tell("Losses", 0.0)
    lost = losses(checkpoint, train, heldout, extent.excerpts)
    groups: dict[str, list[PromptTrial]] = {}
    ways: tuple[Hits, ...] = ("exact", "soft", "off")
    for way in ways:
        asked = [replace(prompt, mode=way) for prompt in cuts(extent)]
        groups[way] = compose_all(asked, checkpoint, lambda share, way=way: tell(f"Hits {way}", share))  # type: ignore[misc]
    asked = [replace(prompt, hits=()) for prompt in cuts(extent)]
    groups[NO_HITS] = compose_all(asked, checkpoint, lambda share: tell(NO_HITS.capitalize(), share))
    responses: dict[str, MoodResponse] = {}
    for axis in ("valence", "arousal"):
        for guidance in (1.0, *extent.guidances):
            name = axis if guidance == 1.0 else f"{axis}, guidance {guidance:g}"
            asked = prompts(axis, range(1, extent.seeds + 1), extent.response_seconds, guidance)
            trials = compose_all(asked, checkpoint, lambda share, name=name: tell(f"Response to {name}", share))  # type: ignore[misc]
            groups[name] = trials
            responses[name] = response(axis, trials)
    recipe = None
    if synth is not None:
        recipe = learn(train, synth, extent.windows, lambda share: tell("Rendering written music", share))
        for name, found in responses.items():
            also = response_heard(
                found.asked, groups[name], synth, recipe, lambda share: tell("Rendering pieces", share)
            )
            responses[name] = replace(found, measured={**found.measured, **also})
    tell("Comparing with written music", 0.0)
    plain = [*groups["exact"], *groups["valence"], *groups["arousal"]]
    stretch = min(20.0, 0.8 * min(extent.seconds, extent.response_seconds))
    measures = compare(plain, heldout, extent.heldout, stretch)
    return Evaluation(
        losses=lost,
        hits={way: hit_accuracy(groups[way]) for way in ways},
        responses=responses,
        recipe=recipe,
        bend=bend(groups["exact"]),
        costs=costs({way: groups[way] for way in (*ways, NO_HITS)}, measures, stretch),
        measures=measures,
        copying=copying(plain, train, heldout),
        failures=failures([trial for group in groups.values() for trial in group]),
    )


def losses(checkpoint: Checkpoint, train: Split, heldout: Split, excerpts: int) -> dict[str, float]:
    """Return nats per token of held-out music, by what predicted them."""
    from emsync_bridge.music.network.model import GeneratorNetwork
    from emsync_bridge.training.generator.baselines import bigram_loss, unigram_loss
    from emsync_bridge.training.generator.excerpts import PLAIN, Excerpts
    from emsync_bridge.training.generator.trainer import validate

    network = GeneratorNetwork.of(checkpoint.config, checkpoint.weights)
    found: dict[str, float] = {
        "unigram": unigram_loss(train, heldout),
        "bigram": bigram_loss(train, heldout),
    }
    for name, rule in (("told", PLAIN), ("untold", replace(PLAIN, no_offsets=1.0))):
        drawn = Excerpts(heldout, checkpoint.config.context, rule).draw(excerpts, np.random.default_rng(0))
        score = validate(network, drawn, 8, "cpu")
        if name == "told":
            found["generator"] = score["valid"]
        found[f"CHORD token, offsets {name}"] = score["chord"]
    return found


def copying(trials: list[PromptTrial], train: Split, heldout: Split, seed: int = 0) -> Memorization:
    """Return how much of composed pieces, and of as many events of held-out ones, stands in the training set."""
    library = NgramIndex(np.array(train.tokens))
    rng = np.random.default_rng(seed)
    ours, theirs = [], []
    for trial in trials:
        if trial.music is None:
            continue
        ours.append(library.longest_shared(trial.tokens))
        piece = heldout.pieces[int(rng.integers(len(heldout.pieces)))]
        length = min(len(trial.tokens), piece.length)
        begin = piece.start + int(rng.integers(piece.length - length + 1))
        theirs.append(library.longest_shared(heldout.tokens[begin : begin + length].tolist()))
    return Memorization(_middle_and_most(ours), _middle_and_most(theirs))


def _middle_and_most(lengths: list[int]) -> tuple[float, int]:
    return (float(np.median(lengths)), max(lengths)) if lengths else (0.0, 0)


def cuts(extent: EvaluationSize) -> list[Prompt]:
    """Return prompts with random hits, their moods spread over the plane."""
    corners = (Affect(-0.6, 0.6), Affect(0.6, 0.6), Affect(-0.6, -0.6), Affect(0.6, -0.6), Affect(0.0, 0.0))
    return [
        Prompt(corners[seed % len(corners)], random_hits(extent.seconds, seed), extent.seconds, seed)
        for seed in range(1, extent.pieces + 1)
    ]
