"""Brushes for the scenes: gradients, ridges, clouds, lights and lines on float images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT, RATE = 640, 360, 24

Image = npt.NDArray[np.float32]  # shape (HEIGHT, WIDTH, 3), light from 0 to 1
Mask = npt.NDArray[np.float32]  # shape (HEIGHT, WIDTH)
Colour = tuple[float, float, float]

# picture coordinates: x from 0 to 16/9, y from 0 at the top to 1 at the bottom
X: Mask = (np.arange(WIDTH, dtype=np.float32)[None, :] + 0.5) / HEIGHT * np.ones((HEIGHT, 1), np.float32)
Y: Mask = (np.arange(HEIGHT, dtype=np.float32)[:, None] + 0.5) / HEIGHT * np.ones((1, WIDTH), np.float32)
PIXEL = 1 / HEIGHT


def rgb(code: str) -> Colour:
    """Return a colour from its six hexadecimal digits."""
    return tuple(int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))  # type: ignore[return-value]


def smooth(value: Mask, low: float, high: float) -> Mask:
    """Return 0 below ``low``, 1 above ``high`` and a soft rise between them."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def gradient(stops: Sequence[tuple[float, str]]) -> Image:
    """Return a vertical gradient through colours at heights."""
    places = [place for place, _ in stops]
    channels = [np.interp(Y[:, 0], places, [rgb(code)[i] for _, code in stops]) for i in range(3)]
    return np.repeat(np.stack(channels, axis=-1)[:, None, :], WIDTH, axis=1).astype(np.float32)


def over(image: Image, mask: Mask, colour: Colour | Image) -> Image:
    """Return an image with a colour painted over it where the mask is."""
    return (image + (np.asarray(colour, np.float32) - image) * mask[..., None]).astype(np.float32)


def glow(image: Image, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0) -> Image:
    """Return an image with a soft light added."""
    light = strength * np.exp(-((X - x) ** 2 + (Y - y) ** 2) / (2 * radius**2))
    return (image + light[..., None] * np.asarray(colour, np.float32)).astype(np.float32)


def disc(x: float, y: float, radius: float, soft: float = PIXEL) -> Mask:
    """Return the mask of a disc with a soft edge."""
    return smooth(-np.hypot(X - x, Y - y), -radius - soft, -radius + soft)


def window(left: float, top: float, right: float, bottom: float) -> tuple[slice, slice] | None:
    """Return the rows and columns of a box in picture coordinates, or None when nothing of it shows."""
    rows = slice(max(0, int(top * HEIGHT)), min(HEIGHT, int(bottom * HEIGHT) + 2))
    columns = slice(max(0, int(left * HEIGHT)), min(WIDTH, int(right * HEIGHT) + 2))
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None


def blend(image: Image, box: tuple[slice, slice], mask: Mask, colour: Colour | Image) -> None:
    """Paint a colour into a box of an image."""
    image[box] += (np.asarray(colour, np.float32) - image[box]) * mask[..., None].astype(np.float32)


def stamp(
    image: Image, x: float, y: float, radius: float, colour: Colour, *, alpha: float = 1.0, soft: float = PIXEL
) -> None:
    """Paint a disc into an image."""
    reach = radius + soft
    if box := window(x - reach, y - reach, x + reach, y + reach):
        blend(image, box, alpha * smooth(-np.hypot(X[box] - x, Y[box] - y), -radius - soft, -radius + soft), colour)


def stroke(
    image: Image, start: tuple[float, float], end: tuple[float, float], width: float, colour: Colour, alpha: float = 1.0
) -> None:
    """Paint a straight stroke with round ends into an image."""
    (ax, ay), (bx, by) = start, end
    box = window(min(ax, bx) - width, min(ay, by) - width, max(ax, bx) + width, max(ay, by) + width)
    if box:
        dx, dy = bx - ax, by - ay
        px, py = X[box] - ax, Y[box] - ay
        along = np.clip((px * dx + py * dy) / (dx * dx + dy * dy + 1e-12), 0, 1)
        away = np.hypot(px - along * dx, py - along * dy)
        blend(image, box, alpha * smooth(-away, -width / 2 - PIXEL, -width / 2 + PIXEL / 2), colour)


def dots(image: Image, places: npt.NDArray[np.float64], colours: npt.NDArray[np.float64], radius: float) -> Image:
    """Return an image with many small round lights added.

    Arguments:
        image: What to add to.
        places: Shape (n, 2), picture coordinates.
        colours: Shape (n, 3), light at the centre.
        radius: Of all of them.
    """
    result = image.copy()
    for (x, y), colour in zip(places, colours, strict=True):
        if box := window(x - 3 * radius, y - 3 * radius, x + 3 * radius, y + 3 * radius):
            light = np.exp(-((X[box] - x) ** 2 + (Y[box] - y) ** 2) / (2 * radius**2))
            result[box] += light[..., None] * colour
    return result


@lru_cache(maxsize=64)
def ridge_line(seed: int, rough: float, width: int = 4 * WIDTH) -> npt.NDArray[np.float64]:
    """Return the heights of a mountain ridge, about -1 to 1, as one period of noise that falls off with frequency."""
    rng = np.random.default_rng(seed)
    spectrum = np.zeros(width // 2 + 1, complex)
    waves = np.arange(2, width // 4)
    spectrum[waves] = waves ** (-rough) * np.exp(2j * np.pi * rng.random(len(waves)))
    heights = np.fft.irfft(spectrum, width)
    return np.asarray(heights / np.abs(heights).max())


def ridge(level: float, height: float, seed: int, rough: float = 1.5, scroll: float = 0.0) -> Mask:
    """Return the mask of hills: everything below a ridge around a level."""
    heights = ridge_line(seed, rough)
    columns = (np.arange(WIDTH) + scroll * HEIGHT) % len(heights)
    line_ = level - height * np.interp(columns, np.arange(len(heights)), heights)
    return smooth(Y - line_[None, :].astype(np.float32), -PIXEL, PIXEL)


@lru_cache(maxsize=16)
def cloud_field(seed: int, rough: float = 1.7) -> Mask:
    """Return a cloud texture that tiles, twice the picture's size, mean 0 and deviation 1."""
    rng = np.random.default_rng(seed)
    rows, columns = 2 * HEIGHT, 2 * WIDTH
    fy = np.fft.fftfreq(rows)[:, None] * rows * 1.6  # clouds are wider than high
    fx = np.fft.rfftfreq(columns)[None, :] * columns * 0.75
    strength = np.hypot(fx, fy)
    strength[0, 0] = np.inf
    spectrum = strength ** (-rough) * np.exp(-((strength / 130) ** 2))
    field = np.fft.irfft2(spectrum * np.exp(2j * np.pi * rng.random(spectrum.shape)), (rows, columns))
    return ((field - field.mean()) / field.std()).astype(np.float32)


def clouds(seed: int, dx: float, dy: float = 0.0, rough: float = 1.7) -> Mask:
    """Return a window of a cloud texture, moved by picture heights."""
    field = cloud_field(seed, rough)
    rows, columns = field.shape
    y, x = dy * HEIGHT, dx * HEIGHT
    top, left = int(np.floor(y)), int(np.floor(x))
    fy, fx = np.float32(y - top), np.float32(x - left)
    r = np.arange(top, top + HEIGHT + 1) % rows
    c = np.arange(left, left + WIDTH + 1) % columns
    patch = field[np.ix_(r, c)]
    upper, lower = patch[:-1], patch[1:]
    blended = upper * (1 - fy) + lower * fy
    return blended[:, :-1] * (1 - fx) + blended[:, 1:] * fx


def mirrored(image: Image, horizon: float, time: float, choppy: float, dark: float = 0.75) -> Image:
    """Return an image whose part below the horizon is water that mirrors the part above.

    Arguments:
        image: With a sky above the horizon.
        horizon: Height of the water line.
        time: Seconds, moves the ripples.
        choppy: How far the ripples throw the mirror image, in picture heights at the lower edge.
        dark: Share of light that the water returns.
    """
    first = int(horizon * HEIGHT)
    depth = np.arange(HEIGHT - first, dtype=np.float32) / (HEIGHT - first)
    near = 4 + 60 * (1 - depth) ** 2  # ripples look finer far away
    wave = np.sin(near * 6 - time * 2.6) + 0.6 * np.sin(near * 13 + time * 3.7 + 1)
    rows = np.clip(first - 1 - np.arange(HEIGHT - first) * 0.9 + wave * choppy * depth * HEIGHT, 0, first - 1)
    across = (choppy * HEIGHT * 0.7 * depth * np.sin(near * 9 + time * 1.9))[:, None]
    columns = np.clip(
        np.arange(WIDTH)[None, :] + across + 2 * depth[:, None] * np.sin(X[first:] * 40 + time), 0, WIDTH - 1
    )
    result = image.copy()
    result[first:] = dark * image[rows.astype(int)[:, None], columns.astype(int)]
    return result


def rain(time: float, seed: int, strength: float, slant: float = 0.18, speed: float = 2.2) -> Mask:
    """Return streaks of falling rain in three depths."""
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    for depth in range(3):
        rng = np.random.default_rng(seed + depth)
        count, length = (70, 45, 22)[depth], (0.05, 0.09, 0.16)[depth]
        x0, y0 = rng.random(count) * 2.2 - 0.2, rng.random(count)
        fall = (y0 + time * speed * (0.7 + 0.35 * depth)) % 1.3 - 0.2
        for x, y in zip(x0, fall, strict=True):
            rows = np.arange(max(0, int(y * HEIGHT)), min(HEIGHT, int((y + length) * HEIGHT)))
            columns = ((x - slant * (rows / HEIGHT)) * HEIGHT).astype(int)
            inside = (columns >= 0) & (columns < WIDTH - 1)
            fade = np.linspace(0.2, 1, len(rows))[inside] * strength * (0.25, 0.4, 0.6)[depth]
            mask[rows[inside], columns[inside]] = np.maximum(mask[rows[inside], columns[inside]], fade)
            if depth == 2:
                mask[rows[inside], columns[inside] + 1] = fade * 0.6
    return mask


def finished(image: Image, vignette: float = 0.35) -> npt.NDArray[np.uint8]:
    """Return an image for the encoder: darker corners, highlights rolled off, 8 bits."""
    corner = ((X - 8 / 9) / (8 / 9)) ** 2 + ((Y - 0.5) / 0.5) ** 2
    light = np.maximum(image * (1 - vignette * 0.5 * corner)[..., None] ** 2, 0)
    rolled = np.where(light > 0.8, 0.8 + 0.2 * np.tanh((light - 0.8) / 0.2), light)
    return np.asarray(np.clip(np.rint(rolled * 255), 0, 255), np.uint8)
