"""Measures of a theme model: ``python -m emsync_bridge.training.themes.measures SHEETS CHECKPOINT [SEEDS]``.

SHEETS is a corpus that ``emsync corpus themes`` wrote, CHECKPOINT a network that ``emsync train`` trained on it. Prints
what it foretells of held-out lead sheets beside an n-gram model, and, beside the shipped generator, what the critic
says of its motifs and how many of them stand in the training pieces.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from emsync_bridge.errors import CorpusError
from emsync_bridge.music.arranging.themes.motifs import Motif, known_shape
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.training.corpus.dataset import read_split
from emsync_bridge.training.generator.excerpts import PLAIN, Excerpts
from emsync_bridge.training.generator.ngrams import NgramModel
from emsync_bridge.training.themes.mine_motifs import MIN_KNOWN_STEPS, WORST, known_shapes, proposals

_EXCERPTS = 60

_MELODY = range(tok.on("strings", tok.PITCH_LOW), tok.on("strings", tok.PITCH_HIGH) + 1)
"""Tokens that begin a note of the melody: a lead sheet has it as strings."""


@dataclass(frozen=True)
class HeldOutLoss:
    """Nats per token of held-out lead sheets.

    Arguments:
        network: All tokens, by the theme model.
        ngrams: All tokens, by counting.
        network_melody: Pitches of the melody, by the theme model.
        ngrams_melody: Pitches of the melody, by counting.
    """

    network: float
    ngrams: float
    network_melody: float
    ngrams_melody: float


@dataclass(frozen=True)
class MotifQuality:
    """Quality of the motifs that a generator proposes.

    Arguments:
        motifs: Number of them.
        median: Median of the critic's scores; written melody has -1.5.
        good: Share that scores no less than that.
        copied: Share that stands in a training piece, of those long enough to tell.
        fresh: Good motifs that stand in none.
    """

    motifs: int
    median: float
    good: float
    copied: float
    fresh: int


def held_out_loss(sheets: Path, trained: checkpoint.Checkpoint, split: str = "test") -> HeldOutLoss:
    """Return what a theme model and an n-gram model lose on the same excerpts of a split.

    Arguments:
        sheets: Corpus of lead sheets.
        trained: The theme model.
        split: Held-out split.

    Raises:
        CorpusError: The split holds no piece that is long enough.
    """
    import torch
    from torch.nn import functional

    from emsync_bridge.music.network.model import GeneratorNetwork

    material = Excerpts(read_split(sheets, split), trained.config.context, PLAIN)
    if not material.pieces:
        raise CorpusError(f"The split {split!r} holds no piece that is long enough", where=sheets)
    counted = NgramModel(read_split(sheets, "train").tokens)
    network = GeneratorNetwork.of(trained.config, trained.weights).eval()
    exam = material.draw(_EXCERPTS, np.random.default_rng(0))
    costs: list[np.ndarray] = []
    with torch.inference_mode():
        for tokens, scalars, place in zip(exam.tokens, exam.scalars, exam.place, strict=True):
            scores = network(
                torch.as_tensor(tokens[None, :-1]), torch.as_tensor(scalars[None]), torch.as_tensor(place[None])
            )
            each = functional.cross_entropy(scores[0], torch.as_tensor(tokens[1:]), reduction="none").numpy()
            real = tokens[1:] != tok.PAD
            melody = np.isin(tokens[1:], _MELODY)
            costs.append(np.column_stack([each, counted.nats(tokens), melody])[real])
    table = np.concatenate(costs)
    tune = table[table[:, 2] > 0]
    if not len(tune):
        raise CorpusError("These excerpts hold no melody", where=sheets, hint="Make them with `emsync corpus themes`")
    return HeldOutLoss(*map(float, (*table[:, :2].mean(0), *tune[:, :2].mean(0))))


def quality(motifs: Iterable[Motif], known: set[tuple[tuple[int, int], ...]]) -> MotifQuality:
    """Return how good and how new some motifs are.

    Arguments:
        motifs: Motifs with the critic's scores.
        known: Shapes of known melodies, as ``known_shapes`` returns them.
    """
    listed = list(motifs)
    if not listed:
        return MotifQuality(0, 0.0, 0.0, 0.0, 0)
    scores = np.array([motif.score for motif in listed])
    shapes = [known_shape(motif) for motif in listed]
    told = [shape in known for shape in shapes if len(shape) >= MIN_KNOWN_STEPS]
    fresh = sum(score >= WORST and shape not in known for score, shape in zip(scores, shapes, strict=True))
    copied = float(np.mean(told)) if told else 0.0
    return MotifQuality(len(listed), float(np.median(scores)), float((scores >= WORST).mean()), copied, int(fresh))


def main() -> None:
    """Print the measures of the theme model that is named on the command line."""
    sheets, folder = Path(sys.argv[1]), Path(sys.argv[2])
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    trained = checkpoint.load(folder)
    rows: dict[str, object] = {split: asdict(held_out_loss(sheets, trained, split)) for split in ("valid", "test")}
    known = known_shapes(read_split(sheets, "train"))
    rows["theme model"] = asdict(quality(proposals(seeds, trained, (("piano", "strings"),)), known))
    rows["shipped generator"] = asdict(quality(proposals(seeds), known))
    sys.stdout.write(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
