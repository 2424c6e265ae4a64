"""Excerpts of the corpus with their conditions, as the network reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emsync_bridge.cue import INSTRUMENTS
from emsync_bridge.errors import CorpusError
from emsync_bridge.music.tokenizer import conditions as cond
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.training.corpus.dataset import CorpusPiece, Split, source_of


@dataclass(frozen=True)
class Augmentation:
    """Augmentation of excerpts, so that every condition may be missing when composing.

    Arguments:
        at_start: Share of excerpts that begin with their piece.
        at_bar: Share of the others that begin at a bar line.
        tempo: Largest change of tempo, in octaves.
        no_chords: Share of excerpts without any boundary.
        drop_chord: Share of single boundaries left out of the others.
        no_offsets: Share of excerpts whose boundaries are written but not told beforehand.
        no_valence: Share of excerpts that are not told their valence.
        no_arousal: Share of excerpts that are not told their arousal.
        no_tempo: Share of excerpts that are not told their tempo.
        no_ensemble: Share of excerpts that are not told their instruments.
        no_ending: Share of excerpts that are not told where they end.
        balance: Exponent of a source's length in its share of the draws: 1 leaves the corpus as it is, 0 gives every
            source the same share; between them small sources are heard more often (Conneau et al. 2020 draw languages
            so).
    """

    at_start: float = 0.08
    at_bar: float = 0.5
    tempo: float = 0.25
    no_chords: float = 0.15
    drop_chord: float = 0.1
    no_offsets: float = 0.1
    no_valence: float = 0.1
    no_arousal: float = 0.15
    no_tempo: float = 0.1
    no_ensemble: float = 0.3
    no_ending: float = 0.2
    balance: float = 0.5


PLAIN = Augmentation(
    tempo=0,
    no_chords=0,
    drop_chord=0,
    no_offsets=0,
    no_valence=0,
    no_arousal=0,
    no_tempo=0,
    no_ensemble=0,
    no_ending=0,
    balance=1,
)
"""Nothing varied or withheld: what the validation loss is measured with."""


@dataclass(frozen=True)
class ExcerptBatch:
    """Excerpts side by side.

    Arguments:
        tokens: (excerpts, positions + 1) integers, PAD after the end of a piece.
        scalars: (excerpts, positions, ``conditions.SCALARS``).
        place: (excerpts, positions, 3).
    """

    tokens: np.ndarray
    scalars: np.ndarray
    place: np.ndarray


class Excerpts:
    """Draws batches of excerpts from one split.

    Arguments:
        split: The split.
        length: Tokens of an excerpt.
        augmentation: What is varied and withheld.

    Raises:
        CorpusError: The split has pieces, and none is a quarter as long as an excerpt.
    """

    def __init__(self, split: Split, length: int, augmentation: Augmentation) -> None:
        self.split = split
        self.length = length
        self.augmentation = augmentation
        self.pieces = [piece for piece in split.pieces if piece.length > length // 4]
        if split.pieces and not self.pieces:
            longest = max(piece.length for piece in split.pieces)
            raise CorpusError(
                f"The longest piece of this split has {longest} tokens; more than {length // 4} are needed, a quarter "
                "of what the network sees at once",
                hint="Add longer pieces, or take another split",
            )
        self.share = _shares(self.pieces, augmentation.balance)
        self.chords = {
            piece.start: np.flatnonzero(split.tokens[piece.start : piece.start + piece.length] == tok.CHORD)
            for piece in self.pieces
        }

    def draw(self, count: int, rng: np.random.Generator) -> ExcerptBatch:
        """Return ``count`` excerpts, pieces of one source drawn in proportion to their length."""
        drawn = [self._excerpt(rng) for _ in range(count)]
        tokens, scalars, place = (np.stack(part) for part in zip(*drawn, strict=True))
        return ExcerptBatch(tokens, scalars, place)

    def _excerpt(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rule = self.augmentation
        piece = self.pieces[rng.choice(len(self.pieces), p=self.share)]
        begin = self._begin(piece.start, piece.length, rng)
        spare = self.length // 8  # stands in for the CHORD tokens that are taken out
        window = slice(piece.start + begin, piece.start + min(begin + self.length + 1 + spare, piece.length))
        tokens = np.array(self.split.tokens[window], dtype=np.int64)

        chords = self.chords[piece.start]
        kept = rng.random(len(chords)) >= (1.0 if rng.random() < rule.no_chords else rule.drop_chord)
        stays = np.ones(len(tokens), dtype=bool)
        gone = chords[~kept] - begin
        stays[gone[(gone >= 0) & (gone < len(tokens))]] = False

        stretch = 2.0 ** rng.uniform(-rule.tempo, rule.tempo)
        time = np.array(self.split.time[window], dtype=np.float64) * stretch
        end = float(self.split.time[piece.start + piece.length - 1]) * stretch
        scalars = np.zeros((len(tokens), cond.SCALARS), dtype=np.float32)
        targets = chords[kept]
        following = np.searchsorted(targets, np.arange(len(tokens)) + begin, side="right")
        chord_times = np.append(np.array(self.split.time[piece.start + targets], dtype=np.float64) * stretch, np.inf)
        if rule.no_offsets == 0 or rng.random() >= rule.no_offsets:
            scalars[:, cond.BOUNDARY] = cond.nearness(chord_times[following] - time, cond.MAX_OFFSET)
        if rng.random() >= rule.no_ending:
            scalars[:, cond.ENDING] = cond.nearness(end - time, cond.MAX_END)
        affect = np.array(self.split.affect[window], dtype=np.float32)
        for axis, (column, share) in enumerate(((cond.VALENCE, rule.no_valence), (cond.AROUSAL, rule.no_arousal))):
            known = ~np.isnan(affect[:, axis])
            if rng.random() >= share:
                scalars[known, column] = affect[known, axis]
                scalars[known, column + 1] = 1.0
        if rng.random() >= rule.no_tempo:
            bpm = np.array(self.split.tempo[window], dtype=np.float32) / stretch
            scalars[:, cond.TEMPO] = cond.tempo_value(bpm)
            scalars[:, cond.HAS_TEMPO] = 1.0
        if rng.random() >= rule.no_ensemble:
            scalars[:, cond.HAS_ENSEMBLE] = 1.0
            scalars[:, cond.ENSEMBLE_0 :] = _ensemble(tokens)
        place = np.array(self.split.place[window])
        return self._padded(tokens[stays], scalars[stays], place[stays])

    def _begin(self, start: int, length: int, rng: np.random.Generator) -> int:
        rule = self.augmentation
        if rng.random() < rule.at_start or length <= self.length:
            return 0
        begin = int(rng.integers(0, length - self.length // 4))
        if rng.random() < rule.at_bar:
            ahead = np.flatnonzero(self.split.tokens[start + begin : start + length - self.length // 8] == tok.BAR)
            if len(ahead):
                begin += int(ahead[0])
        return begin

    def _padded(
        self, tokens: np.ndarray, scalars: np.ndarray, place: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        missing = max(0, self.length + 1 - len(tokens))
        tokens = np.pad(tokens[: self.length + 1], (0, missing), constant_values=tok.PAD)
        scalars = np.pad(scalars[: self.length], ((0, max(0, self.length - len(scalars))), (0, 0)))
        place = np.pad(place[: self.length], ((0, max(0, self.length - len(place))), (0, 0)))
        return tokens, scalars, place.astype(np.int64)


def _shares(pieces: Sequence[CorpusPiece], balance: float) -> np.ndarray:
    """Return how often each piece is drawn, shape (pieces,)."""
    totals: dict[str, int] = {}
    for piece in pieces:
        totals[source_of(piece.name)] = totals.get(source_of(piece.name), 0) + piece.length
    weights = np.array([piece.length * totals[source_of(piece.name)] ** (balance - 1.0) for piece in pieces])
    shares: np.ndarray = weights / weights.sum()
    return shares


def _ensemble(tokens: np.ndarray) -> np.ndarray:
    """Return 1 for each instrument group that starts a note in the excerpt, shape (5,)."""
    played = tokens[(tokens >= tok.ON_0) & (tokens < tok.OFF_0)]
    present = np.zeros(len(INSTRUMENTS), dtype=np.float32)
    present[np.unique((played - tok.ON_0) // tok.PITCHES)] = 1.0
    return present
