"""The pictures of the morning and of the feast, one function per camera roll: seconds in, image out."""

from __future__ import annotations

import numpy as np
from paint import (
    PIXEL,
    Image,
    Mask,
    X,
    Y,
    clouds,
    disc,
    dots,
    glow,
    gradient,
    mirrored,
    over,
    rgb,
    ridge,
    smooth,
    stamp,
    stroke,
)

BEAT = 0.5
"""Seconds between two steps of the dancers."""


def bay(time: float) -> Image:
    """Calm: sunrise over a bay between hills, a sail far out. The sun climbs on for the whole roll."""
    up = time / 16
    sky = gradient([(0, "3c5a8c"), (0.25, "8fa3bd"), (0.45, "f2c6a0"), (0.58, "ffdfa8"), (1, "ffdfa8")])
    day = gradient([(0, "5d93c9"), (0.3, "a9cbe0"), (0.58, "fbeccb"), (1, "fbeccb")])
    image = sky * (1 - up) + day * up
    image = over(image, 0.35 * smooth(clouds(3, 0.02 * time), 0.2, 2.2) * (1 - Y), rgb("fff1e0"))
    sun = 0.54 - 0.24 * up
    image = glow(image, 1.12, sun, 0.22, rgb("ff9a4a"), 0.55)
    image = glow(image, 1.12, sun, 0.07, rgb("ffd98a"), 0.7)
    image = np.maximum(image, 1.5 * disc(1.12, sun, 0.036, 0.004)[..., None])
    for level, height, seed, colour in (
        (0.50, 0.10, 5, "b79aa5"),
        (0.54, 0.09, 8, "86748a"),
        (0.58, 0.07, 13, "574f68"),
    ):
        image = over(image, ridge(level, height, seed, 1.6, 0.012 * time * (level - 0.4)), rgb(colour))
        image = over(image, 0.35 * np.exp(-(((Y - level - 0.03) / 0.03) ** 2)), rgb("ffe3c2"))
    image = mirrored(image, 0.6, time, 0.012, 0.86)
    x = 0.42 + 0.012 * time
    image = over(image, _sail(x, 0.625, 0.06), rgb("2d2a3a"))
    return over(image, 0.55 * _glints(time, 1.12), rgb("fff0c4"))


def _sail(x: float, y: float, size: float) -> Mask:
    inside = (x - X) / size
    sail = smooth((Y - (y - size)) / size - np.abs(inside) * 1.7, -0.03, 0.03) * smooth(y - Y, -PIXEL, PIXEL)
    hull = smooth(-np.abs(X - x), -size * 0.7, -size * 0.5) * smooth(-np.abs(Y - y - 0.006), -0.007, -0.003)
    return np.maximum(sail, hull)


def _glints(time: float, centre: float) -> Mask:
    spread = 0.05 + 0.5 * np.maximum(Y - 0.6, 0)
    path = np.exp(-(((X - centre) / spread) ** 2)) * (Y > 0.6)
    sparkle = np.sin(X * 90 + np.sin(Y * 130 + time * 3) * 3) * np.sin(Y * 260 - time * 5 + X * 11)
    return (path * smooth(sparkle, 0.45, 0.95)).astype(np.float32)


def reeds(time: float) -> Image:
    """Calm: reeds at the water's edge, the light behind them out of focus."""
    image = gradient([(0, "f4d7a6"), (0.5, "e9b97d"), (1, "a9795a")])
    rng = np.random.default_rng(21)
    for _ in range(26):
        x, y, size = rng.random() * 1.9 - 0.05, rng.random() * 0.9, 0.03 + 0.05 * rng.random()
        blink = 0.10 + 0.10 * np.sin(time * (0.6 + rng.random()) + 6 * rng.random())
        stamp(image, x + 0.004 * time, y, size, rgb("fff3cf"), alpha=blink, soft=0.006)
    for number in range(17):
        root, tall, lean = rng.random() * 1.9 - 0.05, 0.35 + 0.5 * rng.random(), 0.05 * (rng.random() - 0.4)
        sway = lean + 0.022 * np.sin(time * 1.3 + root * 2.5) * (0.6 + 0.8 * rng.random())
        image = _reed(image, root, tall, sway, number)
    return image


def _reed(image: Image, root: float, tall: float, sway: float, number: int) -> Image:
    along = np.clip((1 - Y) / tall, 0, 1)
    centre = root + sway * along**2 * 3
    stem = smooth(-np.abs(X - centre), -0.0042, -0.0018) * (tall >= 1 - Y)
    head = smooth(-np.hypot((X - centre) / 0.010, (1 - Y - tall + 0.05) / 0.055), -1.05, -0.9)
    tone = rgb(("4a3528", "5b412f", "3a2a22")[number % 3])
    return over(image, np.maximum(stem, head).astype(np.float32), tone)


def birds(time: float) -> Image:
    """Calm, a little wistful: a flock crosses a wide morning sky."""
    image = gradient([(0, "7fb1d6"), (0.5, "cfe0e2"), (0.85, "fbe7cd"), (1, "f7d9b8")])
    image = over(image, 0.7 * smooth(clouds(31, 0.03 * time, 0.3), 0.0, 1.9), rgb("ffffff"))
    image = over(image, ridge(0.90, 0.05, 41, 1.5, 0.03 * time), rgb("8d9ea8"))
    image = over(image, ridge(0.96, 0.05, 43, 1.4, 0.06 * time), rgb("5c7078"))
    for number in range(11):
        side = (number + 1) // 2 * (1 if number % 2 else -1)
        x = -0.25 + 0.27 * time - 0.075 * abs(side) + 0.01 * np.sin(time + number)
        y = 0.36 - 0.012 * time + 0.045 * side + 0.012 * np.sin(1.1 * time + 2 * number)
        _bird(image, x, y, 0.024 + 0.002 * (number % 3), np.sin(9 * time + 1.3 * number))
    return image


def _bird(image: Image, x: float, y: float, span: float, flap: float) -> None:
    for side in (-1, 1):
        wrist, tip = (x + side * span * 0.5, y - span * (0.28 + 0.2 * flap)), (x + side * span, y + span * 0.45 * flap)
        stroke(image, (x, y), wrist, 0.006, rgb("2c3a44"))
        stroke(image, wrist, tip, 0.004, rgb("2c3a44"))


def _dusk() -> Image:
    return gradient([(0, "2b1c54"), (0.35, "7a2f7c"), (0.62, "e2683c"), (0.75, "ffb347"), (1, "ffb347")])


def lanterns(time: float) -> Image:
    """Joy: strings of lights over a harbour feast, lanterns rising, the crowd bobs in time."""
    image = over(_dusk(), ridge(0.74, 0.06, 51), rgb("5a2350"))
    rng = np.random.default_rng(7)
    for _ in range(22):
        x, speed, phase = rng.random() * 1.8, 0.05 + 0.05 * rng.random(), rng.random()
        y = 1.0 - ((phase + speed * time) % 1.15)
        x += 0.03 * np.sin(time * 0.9 + 6 * phase)
        image = dots(image, np.array([[x, y]]), 0.35 * np.array([rgb("ff8a2b")]), 0.05)
        stamp(image, x, y, 0.017, rgb("ffe2a0"), soft=0.006)
    for row, (left, right, sag) in enumerate(((0.12, 0.05, 0.2), (0.02, 0.18, 0.24))):
        places, colours = [], []
        for i in range(24):
            u = i / 23
            places.append((u * 1.78, left + (right - left) * u + sag * 4 * u * (1 - u) + 0.006 * np.sin(2 * time + i)))
            lit = 1.0 if (i + int(time / BEAT) + row) % 3 else 0.35
            colours.append(np.array(rgb(("ffd23f", "ff5d8f", "3fe0d0", "9bff6a")[i % 4])) * lit)
        image = dots(image, np.array(places), np.array(colours), 0.008)
    return _crowd(image, time, 0.86, 0.045)


def _crowd(image: Image, time: float, level: float, size: float) -> Image:
    rng = np.random.default_rng(99)
    for depth, colour in ((0, "3a1740"), (1, "1d0b26")):
        for number in range(19 + 3 * depth):
            x = number / (18 + 3 * depth) * 1.85 - 0.03 + 0.02 * rng.random()
            bob = 0.020 * abs(np.sin(np.pi * (time / BEAT + 0.15 * rng.random() + 0.5 * (number % 2))))
            y = level + 0.06 * depth + 0.02 * rng.random() - bob
            stamp(image, x, y, size * 0.55, rgb(colour), soft=0.003)
            stroke(image, (x - size * 0.3, y + size * 2), (x + size * 0.3, y + size * 2), size * 2.4, rgb(colour))
            if rng.random() < 0.4:
                lean = 0.02 * np.sin(np.pi * time / BEAT + number)
                for side in (-1, 1):
                    hand = (x + side * size * 1.2 + lean, y - size * 1.3)
                    stroke(image, (x + side * size * 0.8, y + size * 1.3), hand, 0.012, rgb(colour))
    return image


def dancers(time: float) -> Image:
    """Joy: the dance from above, rings of coloured dots that turn and leap on the beat."""
    image = gradient([(0, "ffcf5c"), (0.5, "ffb03b"), (1, "f98e3c")])
    image = glow(image, 0.89, 0.5, 0.35, rgb("fff3b0"), 0.35)
    leap = abs(np.sin(np.pi * time / BEAT))
    palette = [rgb(code) for code in ("e4315b", "2b6fd6", "13a67f", "7a3fc2", "fffdf2")]
    for ring in range(5):
        count, turn = 7 + 6 * ring, time * (0.9 - 0.1 * ring) * (1 if ring % 2 else -1)
        radius = 0.09 + 0.105 * ring + 0.018 * leap * (1 if ring % 2 else -1)
        for number in range(count):
            angle = 2 * np.pi * number / count + turn
            x, y = 0.89 + 1.25 * radius * np.cos(angle), 0.5 + radius * np.sin(angle)
            size = 0.021 + 0.005 * leap
            stamp(image, x + 0.012, y + 0.02, size * 1.1, rgb("8a3b12"), alpha=0.25, soft=0.01)
            stamp(image, x, y, size, palette[(number + ring) % 5])
            stamp(image, x - 0.006, y - 0.006, size * 0.35, rgb("ffffff"), alpha=0.5, soft=0.004)
    return image


def fireworks(time: float) -> Image:
    """Joy: fireworks over the water."""
    image = gradient([(0, "141033"), (0.5, "3b1d57"), (0.72, "92406a"), (1, "92406a")])
    rng = np.random.default_rng(17)
    for number in range(9):
        start = 0.2 + 0.45 * number
        x, y = 0.3 + 1.2 * rng.random(), 0.15 + 0.25 * rng.random()
        colour = np.array(rgb(("ffe066", "ff6b8b", "66e0ff", "b4ff7a", "ffffff")[number % 5]))
        directions = rng.normal(size=(46, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        age = time - start
        if 0 <= age < 1.7:
            reach = 0.24 * (1 - np.exp(-3.0 * age))
            for trail in range(5):
                earlier = 0.24 * (1 - np.exp(-3.0 * max(0.0, age - 0.045 * trail)))
                fall = 0.05 * max(0.0, age - 0.045 * trail) ** 2
                places = np.array([x, y]) + directions[:, :2] * earlier + np.array([0, fall])
                light = colour * (1 - age / 1.7) * (0.95, 0.6, 0.4, 0.25, 0.15)[trail]
                image = dots(image, places, np.repeat(light[None], 46, axis=0), 0.0042)
            image = glow(image, x, y, 0.05 + reach, tuple(colour), 0.35 * np.exp(-2.2 * age))
    image = over(image, ridge(0.70, 0.05, 61), rgb("170d2b"))
    return mirrored(image, 0.72, time, 0.02, 0.7)
