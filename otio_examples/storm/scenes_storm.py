"""The pictures of the storm and of the night after it: seconds in, image out."""

from __future__ import annotations

import numpy as np
from paint import (
    HEIGHT,
    PIXEL,
    Image,
    X,
    Y,
    blend,
    clouds,
    dots,
    glow,
    gradient,
    mirrored,
    over,
    rain,
    rgb,
    ridge,
    smooth,
    stamp,
    stroke,
)
from paint import window as window_of

FLASHES = (1.25, 3.4, 5.1)
"""Seconds of the lightning over the sea."""


def gathering(time: float) -> Image:
    """Tension: storm clouds roll in over a dead calm sea, something flickers far off."""
    image = gradient([(0, "3d4645"), (0.5, "68706a"), (0.66, "a3a48c"), (1, "a3a48c")])
    low, high = clouds(71, 0.16 * time, 0.01 * time, 1.35), clouds(74, 0.07 * time, -0.02 * time, 1.5)
    image = over(image, 0.9 * smooth(low + 0.9 * high, -1.0, 2.0) * smooth(0.72 - Y, 0, 0.35), rgb("171d1f"))
    flicker = sum(np.exp(-(((time - at) / 0.07) ** 2)) for at in (1.1, 1.25, 2.9, 3.6))
    image = glow(image, 1.35, 0.5, 0.2, rgb("cfd8c0"), 0.35 * float(flicker))
    image = over(image, ridge(0.655, 0.015, 79, 1.2), rgb("2a3031"))
    return mirrored(image, 0.67, time, 0.004, 0.62)


def trees(time: float) -> Image:
    """Tension: bare trees bend in the gusts, leaves fly past."""
    image = gradient([(0, "555c58"), (0.7, "8c9085"), (1, "6f7268")])
    image = over(image, 0.7 * smooth(clouds(81, 0.5 * time), -0.5, 2.0), rgb("363b3a"))
    image = over(image, ridge(0.9, 0.04, 83), rgb("1b1d1c"))
    gust = 0.5 + 0.35 * np.sin(2.1 * time) + 0.25 * np.sin(5.3 * time + 1)
    for number, (root, tall) in enumerate(((0.28, 0.62), (0.75, 0.5), (1.22, 0.7), (1.6, 0.45))):
        _branch(image, (root, 0.93), -np.pi / 2 + 0.10 * gust, tall * 0.36, left=5, gust=gust, seed=number)
    rng = np.random.default_rng(5)
    count = 40
    flight = (rng.random(count) * 2.2 + time * (1.1 + 0.9 * rng.random(count))) % 2.2 - 0.2
    height = rng.random(count) * 0.9 + 0.05 * np.sin(time * 7 + np.arange(count))
    for x, y, turn in zip(flight, height, time * 9 + np.arange(count), strict=True):
        stroke(image, (x, y), (x + 0.016 * np.cos(turn), y + 0.010 * np.sin(turn)), 0.005, rgb("2b2117"))
    return image


def _branch(
    image: Image, foot: tuple[float, float], angle: float, length: float, *, left: int, gust: float, seed: int
) -> None:
    end = (foot[0] + length * np.cos(angle), foot[1] + length * np.sin(angle))
    stroke(image, foot, end, 0.018 * 0.66 ** (5 - left), rgb("151716"))
    if left:
        for side, spread in ((0, -0.42), (1, 0.36)):
            turn = spread + 0.12 * np.sin(seed * 7.3 + left * 3.1 + side * 2) + 0.05 * gust * (6 - left)
            shorter = length * (0.74 + 0.08 * np.sin(seed * 3.7 + side + left))
            _branch(image, end, angle + turn, shorter, left=left - 1, gust=gust, seed=seed * 2 + side + 1)


def pulse(time: float) -> Image:
    """Fear: a red pulse in the dark, faster and faster, and the trace that it draws."""
    image = gradient([(0, "0b0205"), (0.5, "1c0509"), (1, "080103")])
    phase, strength = _heartbeat(time)
    image = glow(image, 0.89, 0.5, 0.20 + 0.16 * strength, rgb("e0142c"), 0.12 + 0.75 * strength)
    image = glow(image, 0.89, 0.5, 0.75, rgb("5c0812"), 0.25 * strength)
    sweep = (0.55 * phase) % 1.9 - 0.05
    trace = 0.5 - 0.30 * _trace((X[0] - sweep) / 0.55 + phase) * smooth(np.abs(X[0] - sweep), 0.0, 0.02)
    bright = np.exp(-((((sweep - X[0]) % 1.9) / 0.7) ** 2))
    slope = np.hypot(1, np.gradient(trace) * HEIGHT)
    mask = smooth(-np.abs(Y - trace[None]) / slope[None], -0.006, -0.0015) * bright[None]
    return over(image, mask.astype(np.float32), rgb("ffb3b3"))


def heartbeat_phase(time: np.ndarray) -> np.ndarray:
    """Return the heartbeats until a time in seconds; they quicken from 100 to 150 a minute in six seconds."""
    return np.asarray(time * (100 + 25 * time / 6) / 60)


def _heartbeat(time: float) -> tuple[float, float]:
    """Return the beats so far and the light of the present one."""
    phase = float(heartbeat_phase(np.asarray(time)))
    part = phase % 1
    return phase, float(np.exp(-((part / 0.09) ** 2)) + 0.6 * np.exp(-(((part - 0.28) / 0.08) ** 2)))


def _trace(phase: np.ndarray) -> np.ndarray:
    part = phase % 1
    spike = np.exp(-(((part - 0.03) / 0.012) ** 2)) - 0.35 * np.exp(-(((part - 0.075) / 0.016) ** 2))
    return spike + 0.16 * np.exp(-(((part - 0.30) / 0.045) ** 2))


def sea(time: float) -> Image:
    """Fear and anger: lightning over a heavy sea."""
    image = gradient([(0, "0c1118"), (0.5, "1f2a33"), (0.62, "33424a"), (1, "33424a")])
    image = over(image, 0.8 * smooth(clouds(91, 0.3 * time), -0.8, 1.6) * smooth(0.66 - Y, 0, 0.2), rgb("06090d"))
    for number, at in enumerate(FLASHES):
        age = time - at
        if 0 <= age < 0.7:
            light = float(np.exp(-7 * age) * (1 + 0.7 * (0.10 < age < 0.18)))
            x = (0.55, 1.25, 0.95)[number]
            image = (image * (1 + 2.2 * light) + 0.42 * light * np.array([0.8, 0.85, 1.0])).astype(np.float32)
            if age < 0.3:
                _bolt(image, x, number, min(1.0, 1.3 * light))
            image = glow(image, x, 0.25, 0.18, rgb("bfd0ff"), 0.8 * light)
    for depth in range(6):
        near = depth / 5
        level = 0.60 + 0.40 * near**1.3
        swell = (0.022 + 0.055 * near) * (
            np.sin(X * (9 - 5 * near) + time * (2.2 + near) + depth * 1.7)
            + 0.5 * np.sin(X * (19 - 9 * near) - time * 3.1 + depth)
            + 0.2 * np.sin(X * 47 + time * 5 + depth * 3)
        )
        edge = Y - (level - swell)
        tone = np.array(rgb("27383f")) * (1 - 0.55 * near) + np.array(rgb("04080b")) * 0.55 * near
        lit = 1 + 1.4 * sum(float(np.exp(-5 * (time - at))) for at in FLASHES if time >= at)
        image = over(image, smooth(edge, -PIXEL, PIXEL), tuple(np.minimum(1, tone * lit)))
        foam = smooth(-np.abs(edge - 0.004), -0.006, -0.001) * smooth(swell, 0.02 * (1 + near), 0.07)
        image = over(image, 0.7 * foam, rgb("9fb4ba"))
    return over(image, rain(time, 400, 0.5, 0.35), rgb("93a5ad"))


def _bolt(image: Image, x: float, seed: int, light: float) -> None:
    rng = np.random.default_rng(200 + seed)
    white = rgb("f6f8ff")
    y, start = 0.0, x
    while y < 0.62:
        dx, dy = 0.055 * rng.normal(), 0.03 + 0.04 * rng.random()
        stroke(image, (x, y), (x + dx, y + dy), 0.008, white, light)
        if rng.random() < 0.35:
            fork = (x + dx, y + dy)
            for _ in range(4):
                tip = (fork[0] + 0.04 * rng.normal() + 0.03 * np.sign(dx), fork[1] + 0.03)
                stroke(image, fork, tip, 0.004, white, 0.6 * light)
                fork = tip
        x, y = x + dx, y + dy
        x += 0.15 * (start - x)


def pier(time: float) -> Image:
    """Anger and fear: the feast is washed away, torn lights swing over an empty pier in the rain."""
    image = gradient([(0, "10161c"), (0.6, "2b3a40"), (1, "131a1e")])
    image = over(image, 0.6 * smooth(clouds(95, 0.6 * time), -0.5, 1.8) * (1 - Y), rgb("070a0e"))
    swing = 0.10 * np.sin(3.3 * time) + 0.04 * np.sin(7.1 * time)
    places, colours = [], []
    for i in range(15):
        u = i / 14
        x, y = 0.2 + 1.35 * u + swing * np.sin(np.pi * u), 0.22 + 0.25 * np.sin(np.pi * u) + 0.05 * np.sin(5 * time + i)
        lit = (0.7 if i % 4 else 0.15) * (0.6 + 0.4 * np.sin(23 * time + i * i))
        places.append((x, y))
        colours.append(np.array(rgb(("d9a441", "b8465e")[i % 2])) * lit)
    image = dots(image, np.array(places), np.array(colours), 0.010)
    floor = smooth(Y - 0.72, -PIXEL, PIXEL)
    image = over(image, floor, rgb("0a0e11"))
    boards = smooth(np.abs(np.sin((X - 0.89) / (Y - 0.5 + 1e-3) * 9)), 0.96, 1.0) * floor
    image = over(image, 0.5 * boards, rgb("3a4a50"))
    for x in (0.25, 0.62, 1.18, 1.52):
        stroke(image, (x, 0.5), (x, 0.8), 0.028, rgb("05080a"))
    splash = smooth(np.sin(X * 130 + time * 40) * np.sin(Y * 190 - time * 53), 0.86, 1.0) * floor
    image = over(image, 0.5 * splash, rgb("8b9ca3"))
    return over(image, rain(time, 500, 0.95, 0.45, 2.8), rgb("a9bac0"))


def window(time: float) -> Image:
    """Sadness: city lights behind a window, drops run down."""
    image = gradient([(0, "0b1424"), (0.6, "14233a"), (1, "0d1526")])
    rng = np.random.default_rng(111)
    for number in range(34):
        x, y, size = rng.random() * 1.85 - 0.03, 0.25 + 0.6 * rng.random() ** 1.4, 0.03 + 0.035 * rng.random()
        colour = rgb(("31578f", "2f6d8c", "8a5a2b", "3d4f8a", "6b2f3a")[number % 5])
        drift = 0.012 * time * (1 if number % 3 == 0 else 0)
        stamp(image, x + drift, y, size, colour, alpha=0.6, soft=0.007)
    for number in range(46):
        x, phase, size = rng.random() * 1.8, rng.random(), 0.005 + 0.008 * rng.random()
        runs = number % 3 == 0
        y = (phase + (0.05 + 0.05 * rng.random()) * time * runs) % 1.1 - 0.05
        x += 0.006 * np.sin(24 * y + number) * runs
        if runs and (box := window_of(x - 0.02, y - 0.35, x + 0.02, y)):
            track = x + 0.006 * (np.sin(24 * Y[box] + number) - np.sin(24 * y + number))
            trail = smooth(-np.abs(X[box] - track), -size * 0.7, -size * 0.2) * smooth(Y[box] - y + 0.35, 0, 0.3)
            blend(image, box, 0.12 * trail, rgb("8fb0d0"))
        stamp(
            image, x, y, size, tuple(0.05 + 0.9 * image[int((1 - np.clip(y, 0, 0.99)) * HEIGHT) - 1, 320]), alpha=0.75
        )
        stamp(image, x - size * 0.3, y - size * 0.4, size * 0.3, rgb("cfe2f5"), alpha=0.6, soft=0.002)
    frame = np.maximum(smooth(-np.abs(X - 1.22), -0.016, -0.013), smooth(X, 1.735, 1.74))
    return over(image, frame, rgb("05080e"))


def last_lantern(time: float) -> Image:
    """Sadness: one lantern drifts away on dark water."""
    image = gradient([(0, "0a111c"), (0.5, "16273a"), (0.56, "1d3346"), (1, "1d3346")])
    image = over(image, ridge(0.53, 0.05, 121), rgb("0a131d"))
    image = mirrored(image, 0.55, time, 0.006, 0.8)
    x, y = 0.62 + 0.035 * time, 0.70 - 0.008 * time
    size = 0.040 - 0.0014 * time
    flame = 0.85 + 0.1 * np.sin(11 * time) * np.sin(3.7 * time)
    image = glow(image, x, y, 0.14, rgb("ff8a2b"), 0.30 * flame)
    body = smooth(-np.abs(X - x), -size * 0.75, -size * 0.65) * smooth(-np.abs(Y - y), -size * 1.05, -size)
    lit = (
        np.asarray(rgb("ffcf86"), np.float32)
        * flame
        * (0.75 + 0.25 * np.exp(-(((Y - y - 0.01) / 0.02) ** 2)))[..., None]
    )
    image = over(image, body, lit.astype(np.float32))
    below = np.maximum(Y - y - size, 0)
    shimmer = np.exp(-(((X - x - 0.008 * np.sin(Y * 120 - 3 * time)) / (0.02 + 0.1 * below)) ** 2)) * np.exp(-below * 9)
    streaks = smooth(np.sin(Y * 210 - 3.2 * time + 2 * np.sin(X * 30)), -0.5, 0.9) * (y + size < Y)
    return over(image, (0.55 * flame * shimmer * streaks).astype(np.float32), rgb("ff9d45"))
