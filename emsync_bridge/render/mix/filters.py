"""Frequency responses of second-order filters, for use in fast convolution.

Coefficients: Robert Bristow-Johnson, *Cookbook formulae for audio EQ biquad filter coefficients*; weighting: ITU-R
BS.1770-5, annex 1, tables 1 and 2 (48 kHz).
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi, sin, sqrt

import numpy as np
import numpy.typing as npt

from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.mix.sections import Bell

Response = npt.NDArray[np.complex64]

_BUTTERWORTH = 1 / sqrt(2)
_K_SHELF = ((1.53512485958697, -2.69169619940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_K_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


def high_pass(frequency: float, size: int) -> Response:
    """Return a Butterworth high-pass of 12 dB an octave.

    Arguments:
        frequency: Corner in Hz, 3 dB down.
        size: Length of the transform.
    """
    w = 2 * pi * frequency / SAMPLE_RATE
    alpha, c = sin(w) / (2 * _BUTTERWORTH), cos(w)
    return _response(((1 + c) / 2, -1 - c, (1 + c) / 2), (1 + alpha, -2 * c, 1 - alpha), size)


def low_pass(frequency: float, size: int) -> Response:
    """Return a Butterworth low-pass of 12 dB an octave; see ``high_pass``."""
    w = 2 * pi * frequency / SAMPLE_RATE
    alpha, c = sin(w) / (2 * _BUTTERWORTH), cos(w)
    return _response(((1 - c) / 2, 1 - c, (1 - c) / 2), (1 + alpha, -2 * c, 1 - alpha), size)


def bell(band: Bell, size: int) -> Response:
    """Return a band of an equaliser.

    Arguments:
        band: The band.
        size: Length of the transform.
    """
    a, w = 10 ** (band.gain / 40), 2 * pi * band.frequency / SAMPLE_RATE
    c = cos(w)
    if not band.shelf:
        alpha = sin(w) / (2 * band.quality)
        return _response((1 + alpha * a, -2 * c, 1 - alpha * a), (1 + alpha / a, -2 * c, 1 - alpha / a), size)
    slope = 2 * sqrt(a) * sin(w) / (2 * _BUTTERWORTH)
    above = (a * (a + 1 + (a - 1) * c + slope), -2 * a * (a - 1 + (a + 1) * c), a * (a + 1 + (a - 1) * c - slope))
    return _response(above, (a + 1 - (a - 1) * c + slope, 2 * (a - 1 - (a + 1) * c), a + 1 - (a - 1) * c - slope), size)


def k_weighting(size: int) -> Response:
    """Return the weighting of loudness meters.

    Arguments:
        size: Length of the transform.
    """
    shelf, high = _response(*_K_SHELF, size), _response(*_K_HIGH_PASS, size)
    weighting: Response = shelf * high
    return weighting


def _response(b: tuple[float, float, float], a: tuple[float, float, float], size: int) -> Response:
    z = _circle(size)
    values = (b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z)
    response: Response = values.astype(np.complex64)
    return response


@lru_cache(maxsize=1)
def _circle(size: int) -> npt.NDArray[np.complex128]:
    circle: npt.NDArray[np.complex128] = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    return circle
