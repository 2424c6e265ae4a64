"""Accents on hits stay between their bounds, and mix and stems still add up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pieces import Played, piece

from emsync_bridge.render.files.reader import WavReader
from emsync_bridge.render.mix.accents import SOFTEST, STRONGEST, WEAKEST, Accent, accent_of, accent_shape
from emsync_bridge.render.mix.level import TARGETS, find_gain
from emsync_bridge.render.render import render_midi
from emsync_bridge.render.sounding import Sounding

HITS = (Accent(5.0), Accent(12.0), Accent(19.0))


def stepped(*levels: float, hits: tuple[Accent, ...] = HITS) -> np.ndarray:
    """Return power that is steady but for 400 ms after each hit, some LU louder or softer."""
    power = np.full(2500, 1e-3)
    for hit, level in zip(hits, levels, strict=True):
        power[round(hit.time * 100) :][:40] *= 10 ** (level / 10)
    return power


def shaped(power: np.ndarray, hits: tuple[Accent, ...] = HITS) -> list[float | None]:
    shape = accent_shape(power, hits, 10 * len(power))
    gain = shape.reshape(-1, 10).mean(1) if len(shape) else np.zeros(len(power))
    return [accent_of(power * 10 ** (gain / 10), hit.time) for hit in hits]


@given(st.lists(st.floats(-6, 18), min_size=3, max_size=3))
def test_accents_are_brought_between_their_bounds(levels: list[float]) -> None:
    assert all(WEAKEST - 0.1 <= found <= STRONGEST + 0.1 for found in shaped(stepped(*levels)) if found is not None)


def test_soft_accents_stay_softer() -> None:
    hits = tuple(Accent(hit.time, soft=True) for hit in HITS)
    for before, found in zip((-2, 5, 12), shaped(stepped(-2, 5, 12, hits=hits), hits), strict=True):
        assert found is not None
        assert WEAKEST - 0.1 <= found <= SOFTEST + 0.1
        assert before != 5 or found == pytest.approx(5)


def test_the_music_before_a_soft_accent_hardly_steps_back() -> None:
    hits = (Accent(5.0), Accent(12.0, soft=True), Accent(19.0))
    shape = accent_shape(stepped(8, -20, 8, hits=hits), hits, 25_000)
    assert shape.min() == pytest.approx(-3, abs=0.01)


def test_accents_inside_the_bounds_are_left_alone() -> None:
    assert not len(accent_shape(stepped(5, 8, 10), HITS, 25_000))


def test_the_change_is_bounded_and_away_from_hits_nothing_changes() -> None:
    shape = accent_shape(stepped(-30, 8, 40), HITS, 25_000)
    assert shape.min() >= -7
    assert shape.max() <= 7
    assert not shape[7500:9000].any()


def test_entries_out_of_silence_and_at_the_ends_are_left_alone() -> None:
    power = stepped(0, 0, 0)
    power[1000:1200] = 0
    assert [accent_of(power, hit) for hit in (0.1, 12.0, 24.9)] == [None, None, None]


def test_hits_close_together_do_not_add_up() -> None:
    hits = (Accent(5.0), Accent(5.6), Accent(6.2))
    shape = accent_shape(stepped(0, 0, 0, hits=hits), hits, 25_000)
    assert np.abs(shape).max() <= 7


def test_shaped_mix_meets_its_target_and_its_ceiling() -> None:
    power = stepped(-3, 15, 2)
    shape = accent_shape(power, HITS, 25_000)
    peaks = np.full(25_000, 0.2)
    found = find_gain(power, peaks, TARGETS["music"], shape)
    assert found.loudness.integrated == pytest.approx(-20, abs=0.2)
    assert found.loudness.true_peak <= -1


def test_stems_add_up_with_shaped_accents(tmp_path: Path) -> None:
    notes = [Played("Piano", 480 * beat, 400, 60 + beat % 5, 70) for beat in range(16)]
    notes += [Played("Strings", 0, 480 * 16, 72, 60)]
    midi = tmp_path / "m.mid"
    midi.write_bytes(piece(notes, end=480 * 16))
    plain = render_midi(midi, tmp_path / "plain.wav", seconds=8)
    report = render_midi(
        midi, tmp_path / "m.wav", seconds=8, sounding=Sounding(stems=True, accents=(Accent(2.0), Accent(5.0)))
    )
    before, after = (accent_of(each.power, 5.0) for each in (plain, report))
    assert before is not None
    assert after is not None
    assert before < WEAKEST - 1
    assert after > before + 1

    def read(path: Path) -> np.ndarray:
        with WavReader(path) as reader:
            return np.concatenate([block.astype(np.float64) for block in reader.blocks(48_000)])

    difference = sum(read(path) for _, path in report.stems) - read(report.path)
    assert np.abs(difference).max() < 10 ** (-120 / 20)
