"""One piece for a fixed cut: composed, measured as notes, and rendered and measured as sound."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emsync_bridge.cue import EmotionSpan, Take
from emsync_bridge.music.analysis.features import features
from emsync_bridge.music.analysis.motifs import is_heard
from emsync_bridge.music.analysis.piece import NoteTable, piece_of
from emsync_bridge.music.analysis.score_measures import Measures, score_measures
from emsync_bridge.music.analysis.take_score import affect_of
from emsync_bridge.music.analysis.texture import parts_by_bar
from emsync_bridge.options import MusicOptions, PaletteName, Style
from emsync_bridge.render.fades import Fades
from emsync_bridge.training.evaluation.pieces.fixed_cuts import FixedCut
from emsync_bridge.training.evaluation.pieces.hit_sound import MixLevels, hit_measures, loudness_measures, sound_of

_MET = 0.002  # seconds within which a hit is met
_TWO_NOTES = 2
_DYNAMICS = (("p", 0.0, 56.0), ("mf", 56.0, 82.0), ("f", 82.0, 98.0), ("ff", 98.0, 200.0))
"""Mean velocities of a bar that are called so; written dynamics are 50, 74, 90 and 106 in the corpus."""

NETWORK, ORCHESTRA = "network", "orchestra"


@dataclass(frozen=True)
class MeasuredPiece:
    """One piece and what was measured of it.

    Arguments:
        cut: Cut that it was composed for.
        seed: Seed of everything that was drawn.
        take: The music.
        measures: Measures by name; what is not known is not a number.
        asked: Mood of each span of the cut.
        felt: Mood that the notes of each span tell of.
    """

    cut: FixedCut
    seed: int
    take: Take
    measures: Measures
    asked: tuple[tuple[float, float], ...]
    felt: tuple[tuple[float, float], ...]

    @property
    def piece(self) -> NoteTable:
        """Its notes in columns."""
        return piece_of(self.take, self.cut.duration)


def compose(
    cut: FixedCut, seed: int, style: Style, model: Path | None = None, palette: PaletteName | None = None
) -> Take:
    """Return one piece for a cut.

    Arguments:
        cut: The cut.
        seed: Seed of everything that is drawn.
        style: Style of the music: the generator or arranger that writes it.
        model: Folder of the generator; the one that is shipped when None.
        palette: Set of players; chosen by the mood when None.
    """
    from emsync_bridge.music.generators import compose_takes

    options = MusicOptions(style=style, palette=palette)
    return compose_takes(cut.spotting, cut.curve, model, seeds=[seed], options=options)[0]


def try_cut(cut: FixedCut, seed: int, style: Style, *, model: Path | None = None, render: bool = True) -> MeasuredPiece:
    """Return a piece for a cut with all that is measured of it.

    Arguments:
        cut: The cut.
        seed: Seed of everything that is drawn.
        style: Style of the music: the generator or arranger that writes it.
        model: Folder of the generator; the one that is shipped when None.
        render: Whether its sound is measured too.
    """
    began = time.process_time()
    # The written scores beside it are for orchestra.
    take = compose(cut, seed, style, model, "orchestra" if style == ORCHESTRA else None)
    composed = time.process_time() - began
    piece = piece_of(take, cut.duration)
    measures = {
        **score_measures(piece),
        **_hits_met(piece, cut),
        **_themes(take, piece),
        **parts_by_dynamic(piece),
        "compose_seconds": composed,
    }
    if render:
        sound, spent = render_piece(take, cut)
        measures["speed"] = cut.duration / max(1e-9, composed + spent)
        measures |= sound_measures(take, cut, sound)
    asked, felt = _moods(take, cut)
    return MeasuredPiece(cut, seed, take, measures, asked, felt)


def render_piece(take: Take, cut: FixedCut) -> tuple[MixLevels, float]:
    """Return the sound of a piece as the main job renders it, and the seconds of processor time that it took."""
    from emsync_bridge.midi.writer import write_midi
    from emsync_bridge.render.render import render_midi

    with tempfile.TemporaryDirectory(prefix="emsync") as folder:
        midi, wav = Path(folder) / "piece.mid", Path(folder) / "piece.wav"
        began = time.process_time()
        write_midi(take, cut.spotting, midi)
        render_midi(midi, wav, seconds=cut.spotting.frames / cut.spotting.rate)
        spent = time.process_time() - began
        return read_sound(wav), spent


def read_sound(wav: Path) -> MixLevels:
    """Return the sound in a WAV file of 16 or 24 bits."""
    import wave

    with wave.open(str(wav)) as file:
        width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
        data = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, width)
    padded = np.zeros((len(data), 4), np.uint8)
    padded[:, 4 - width :] = data
    samples = padded.view("<i4").reshape(-1, channels).astype(np.float32) / 2**31
    return sound_of(samples, rate)


def sound_measures(take: Take, cut: FixedCut, sound: MixLevels) -> Measures:
    """Return how hits and loudness of a piece are heard."""
    seconds = take.tempo_map.seconds
    gestures = take.score.gestures if take.score else ()
    turns = [seconds(each.hit) for each in gestures if each.rank == "turn"] if gestures else list(cut.hits)
    soft = [seconds(each.hit) for each in gestures if each.rank in ("soft", "bell")]
    piece = piece_of(take, cut.duration)
    downbeats = [float(each) for each in piece.clock.seconds(piece.bars)]
    return {
        **hit_measures(sound, turns, soft, cut.hits, downbeats),
        **loudness_measures(sound, (*cut.hits, *cut.changes, 0.0, cut.duration - Fades.fade_out, cut.duration)),
    }


def parts_by_dynamic(piece: NoteTable) -> Measures:
    """Return the share of parts that sound in bars of each dynamic; not a number where there are none."""
    sounding = parts_by_bar(piece)
    lines = piece.bars
    bar = np.searchsorted(lines, piece.start + 1e-3, side="right") - 1
    inside = (bar >= 0) & (bar < len(sounding))
    total = np.bincount(bar[inside], weights=piece.velocity[inside], minlength=len(sounding))
    count = np.bincount(bar[inside], minlength=len(sounding))
    mean = np.divide(total, count, out=np.full(len(sounding), np.nan), where=count > 0)
    share = sounding.mean(axis=1)
    result = {}
    for name, low, high in _DYNAMICS:
        chosen = (mean >= low) & (mean < high)
        result[f"parts_at_{name}"] = float(share[chosen].mean()) if chosen.any() else float("nan")
    return result


def _hits_met(piece: NoteTable, cut: FixedCut) -> Measures:
    pitched = piece.pitched()
    met = [(np.abs(pitched.onsets - at) < _MET).sum() >= _TWO_NOTES for at in cut.hits]
    return {"hits": float(len(met)), "hits_missed": float(len(met) - sum(met))}


def _themes(take: Take, piece: NoteTable) -> Measures:
    """Return whether the first theme is heard in the first and in the last quarter; not a number without one."""
    if take.score is None or not take.score.themes:
        return {"theme_frames": float("nan")}
    theme, end = take.score.themes[0], float(piece.bars[-1])
    heard = is_heard(theme, piece, 0, end / 4) and is_heard(theme, piece, 3 * end / 4, end)
    return {"theme_frames": float(heard)}


def _moods(take: Take, cut: FixedCut) -> tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]:
    asked, felt = [], []
    for span in cut.curve.spans:
        counted = features(take.notes, take.tempo_map, span.start, span.end)
        if counted is not None:
            mood = affect_of(counted)
            asked.append(_pair(span))
            felt.append((mood.valence, mood.arousal))
    return tuple(asked), tuple(felt)


def _pair(span: EmotionSpan) -> tuple[float, float]:
    return span.affect.valence, span.affect.arousal
