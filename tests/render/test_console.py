from __future__ import annotations

import numpy as np
import pytest

from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.mix.console import HOP, Console

SECONDS = 5


def tone(frequency: float, pan: float = 0.0) -> np.ndarray:
    at = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    wave = 0.1 * np.sin(2 * np.pi * frequency * at)
    return np.stack([wave * (1 - pan), wave * (1 + pan)], 1).astype(np.float32)


def level(sound: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(sound[SAMPLE_RATE:] ** 2)) + 1e-9))


@pytest.mark.parametrize("room", ["dry", "studio", "hall"])
def test_the_bass_is_in_the_middle_whatever_the_seat(room) -> None:
    left = Console(room).feed([("strings", tone(50, -1.0))], SECONDS * SAMPLE_RATE).mix
    assert level(left[:, 0] - left[:, 1]) < level(left[:, 0] + left[:, 1]) - 12
    seated = Console(room).feed([("strings", tone(1000, -1.0))], SECONDS * SAMPLE_RATE).mix
    assert level(seated[:, 0]) > level(seated[:, 1]) + 6


def test_a_constant_offset_is_taken_away() -> None:
    steady = np.full((SECONDS * SAMPLE_RATE, 2), 0.1, np.float32)
    mixed = Console("dry").feed([("keys", steady)], len(steady)).mix
    assert np.abs(mixed[2 * SAMPLE_RATE :]).max() < 1e-3


def test_the_hall_rings_and_the_dry_room_does_not() -> None:
    click = np.zeros((SECONDS * SAMPLE_RATE, 2), np.float32)
    click[SAMPLE_RATE] = 0.5
    after = slice(SAMPLE_RATE + SAMPLE_RATE // 2, 2 * SAMPLE_RATE)
    rung = {
        room: float(np.abs(Console(room).feed([("strings", click)], len(click)).mix[after]).max())
        for room in ("dry", "studio", "hall")
    }
    assert rung["dry"] < 1e-6 < rung["studio"] < rung["hall"]


def test_stretches_and_stems_make_the_same_mix() -> None:
    random = np.random.default_rng(1)
    dry = {name: random.uniform(-0.1, 0.1, (SECONDS * SAMPLE_RATE, 2)).astype(np.float32) for name in ("brass", "harp")}
    whole = Console("hall", stems=True).feed(dry.items(), SECONDS * SAMPLE_RATE)
    assert np.abs(sum(whole.stems.values()) - whole.mix).max() < 1e-6
    console = Console("hall")
    parts = []
    for start in range(0, SECONDS * SAMPLE_RATE, HOP):
        length = min(HOP, SECONDS * SAMPLE_RATE - start)
        parts.append(console.feed([(name, sound[start : start + length]) for name, sound in dry.items()], length).mix)
    assert np.abs(np.concatenate(parts) - whole.mix).max() < 1e-6
