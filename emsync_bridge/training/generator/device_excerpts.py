"""Excerpts drawn on the device that trains: the whole corpus lies there, and nothing waits for a processor.

What is drawn follows the rules of ``excerpts.Augmentation`` exactly; only the random numbers are others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from emsync_bridge.cue import INSTRUMENTS
from emsync_bridge.music.tokenizer import conditions as cond
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.training.corpus.dataset import Split
from emsync_bridge.training.generator.excerpts import Augmentation, Excerpts

_AHEAD = 64
"""Boundaries looked at from the start of an excerpt on: they are two seconds apart or more."""


@dataclass(frozen=True)
class DeviceBatch:
    """Excerpts side by side, as ``excerpts.Batch`` has them, on a device."""

    tokens: Tensor
    scalars: Tensor
    place: Tensor


class DeviceExcerpts:
    """Draws batches of excerpts from one split, all of it kept on a device.

    Arguments:
        split: Split whose arrays are copied.
        length: Positions of an excerpt.
        augmentation: Augmentation of excerpts.
        device: Device that holds the arrays and draws the batches.
    """

    def __init__(self, split: Split, length: int, augmentation: Augmentation, device: str) -> None:
        held = Excerpts(split, length, augmentation)
        self.length, self.augmentation, self.device = length, augmentation, device
        self.pieces = held.pieces
        self._share = self._here(held.share, torch.float64)
        self._start = self._here([piece.start for piece in held.pieces], torch.int64)
        self._size = self._here([piece.length for piece in held.pieces], torch.int64)
        self._tokens = self._here(split.tokens, torch.int16)
        self._time = self._here(split.time, torch.float32)
        self._place = self._here(split.place, torch.uint8)
        self._tempo = self._here(split.tempo, torch.float32)
        self._affect = self._here(split.affect, torch.float32)
        self._bars = torch.nonzero(self._tokens == tok.BAR).flatten()
        self._chords = torch.nonzero(self._tokens == tok.CHORD).flatten()

    def feed(self, batch: int, *, seed: int, rank: int = 0, first: int = 0) -> Iterator[DeviceBatch]:
        """Yield batches for ever; what comes at a place depends on seed, rank and place alone, on one kind of device.

        Arguments:
            batch: Excerpts in each.
            seed: Seed of the run.
            rank: Rank of the process among those that train together.
            first: Number of the first batch, for a run that is continued.
        """
        generator = torch.Generator(self.device)
        place = first
        while True:
            entropy = np.random.SeedSequence((seed, rank, place)).generate_state(1, np.uint64)[0]
            generator.manual_seed(int(entropy >> np.uint64(1)))
            yield self.draw(batch, generator)
            place += 1

    def draw(self, count: int, generator: torch.Generator) -> DeviceBatch:
        """Return ``count`` excerpts, pieces of one source drawn in proportion to their length."""
        rule = self.augmentation

        def chance() -> Tensor:
            return torch.rand(count, generator=generator, device=self.device)

        piece = torch.multinomial(self._share, count, replacement=True, generator=generator)
        start, size = self._start[piece], self._size[piece]
        begin = self._begin(start, size, chance)
        spare = self.length // 8  # stands in for the CHORD tokens that are taken out
        at = (start + begin)[:, None] + torch.arange(self.length + 1 + spare, device=self.device)
        inside = at < (start + size)[:, None]
        at = torch.minimum(at, (start + size - 1)[:, None])
        tokens = torch.where(inside, self._tokens[at].long(), tok.PAD)

        stretch = 2.0 ** ((2 * chance() - 1) * rule.tempo)
        time = self._time[at] * stretch[:, None]
        first = torch.searchsorted(self._chords, start + begin)
        ahead = first[:, None] + torch.arange(_AHEAD, device=self.device)
        known = ahead < len(self._chords)
        where = self._chords[ahead.clamp(max=max(len(self._chords) - 1, 0))] if len(self._chords) else ahead
        known &= where < (start + size)[:, None]
        odds = torch.where(chance() < rule.no_chords, 1.0, rule.drop_chord)[:, None]
        kept = known & (torch.rand(where.shape, generator=generator, device=self.device) >= odds)
        where = torch.where(known, where, torch.iinfo(torch.int64).max)
        due = torch.where(kept, self._time[where.clamp(max=len(self._time) - 1)] * stretch[:, None], torch.inf)
        following = torch.flip(torch.cummin(torch.flip(due, [1]), 1).values, [1])
        following = torch.cat([following, torch.full_like(following[:, :1], torch.inf)], 1)
        boundary = following.gather(1, torch.searchsorted(where, at, right=True))

        scalars = torch.zeros(*at.shape, cond.SCALARS, device=self.device)
        self._tell(scalars, cond.BOUNDARY, chance() >= rule.no_offsets, _nearness(boundary - time, cond.MAX_OFFSET))
        end = self._time[start + size - 1] * stretch
        self._tell(scalars, cond.ENDING, chance() >= rule.no_ending, _nearness(end[:, None] - time, cond.MAX_END))
        affect = self._affect[at]
        for axis, (column, share) in enumerate(((cond.VALENCE, rule.no_valence), (cond.AROUSAL, rule.no_arousal))):
            felt = affect[..., axis]
            told = (chance() >= share)[:, None] & ~felt.isnan()
            scalars[..., column] = torch.where(told, felt, 0.0)
            scalars[..., column + 1] = told.float()
        bpm = self._tempo[at] / stretch[:, None]
        told = chance() >= rule.no_tempo
        self._tell(scalars, cond.TEMPO, told, torch.log2(bpm / cond.REFERENCE_BPM))
        self._tell(scalars, cond.HAS_TEMPO, told, torch.ones_like(bpm))
        told = chance() >= rule.no_ensemble
        self._tell(scalars, cond.HAS_ENSEMBLE, told, torch.ones_like(bpm))
        for group, present in enumerate(_ensemble(tokens).unbind(1)):
            self._tell(scalars, cond.ENSEMBLE_0 + group, told, present[:, None].expand_as(bpm))

        number = torch.searchsorted(where, at).clamp(max=_AHEAD - 1)
        gone = (tokens == tok.CHORD) & ~kept.gather(1, number)
        order = torch.argsort((gone | ~inside).byte(), dim=1, stable=True)[:, : self.length + 1]
        valid = (inside & ~gone).gather(1, order)
        tokens = torch.where(valid, tokens.gather(1, order), tok.PAD)
        order, valid = order[:, : self.length, None], valid[:, : self.length, None]
        scalars = scalars.gather(1, order.expand(-1, -1, cond.SCALARS)) * valid
        place = self._place[at].long().gather(1, order.expand(-1, -1, 3)) * valid
        return DeviceBatch(tokens, scalars, place)

    def _begin(self, start: Tensor, size: Tensor, chance: Callable[[], Tensor]) -> Tensor:
        """Return where in its piece each excerpt begins."""
        rule = self.augmentation
        begin = (chance() * (size - self.length // 4)).long()
        at_bar = chance() < rule.at_bar
        if len(self._bars):
            bar = torch.searchsorted(self._bars, start + begin).clamp(max=len(self._bars) - 1)
            found = self._bars[bar] - start
            fits = at_bar & (found >= begin) & (found < size - self.length // 8)
            begin = torch.where(fits, found, begin)
        whole = (chance() < rule.at_start) | (size <= self.length)
        return torch.where(whole, 0, begin)

    @staticmethod
    def _tell(scalars: Tensor, column: int, told: Tensor, values: Tensor) -> None:
        scalars[..., column] = torch.where(told[:, None], values, 0.0)

    def _here(self, values: np.ndarray | list[int], kind: torch.dtype) -> Tensor:
        return torch.as_tensor(np.array(values), device=self.device).to(kind)


def _nearness(seconds: Tensor, horizon: float) -> Tensor:
    """Return what ``conditions.nearness`` does, for tensors."""
    return 1.0 - seconds.clamp(0.0, horizon) / horizon


def _ensemble(tokens: Tensor) -> Tensor:
    """Return 1 for each instrument group that starts a note in an excerpt, shape (excerpts, groups)."""
    starts = (tokens >= tok.ON_0) & (tokens < tok.OFF_0)
    group = torch.where(starts, (tokens - tok.ON_0) // tok.PITCHES, len(INSTRUMENTS))
    present = torch.zeros(len(tokens), len(INSTRUMENTS) + 1, device=tokens.device)
    return present.scatter_(1, group, 1.0)[:, : len(INSTRUMENTS)]
