"""Frame rates and timecode as the fake Resolve counts them."""

from fractions import Fraction
from math import ceil

from emsync_bridge.timecode import from_timecode, to_timecode

_NTSC = {"23.976": 24, "29.97": 30, "47.952": 48, "59.94": 60, "95.904": 96, "119.88": 120}


def exact(text):
    """Return a rate such as ``29.97 DF`` as a fraction."""
    number = str(text).split()[0]
    if number in _NTSC:
        return Fraction(_NTSC[number] * 1000, 1001)
    return Fraction(ceil(float(number)))


def drops(text):
    """Tell whether a rate's name says drop frame."""
    return str(text).endswith(" DF")


def setting(app, text):
    """Return a setting as this version of Resolve answers it: a text, or a number where it is one."""
    try:
        return float(text) if app.settings_as_numbers else text
    except ValueError:
        return text


def frame_of(timecode, rate_text):
    """Return the absolute frame of a timecode at a rate."""
    return from_timecode(timecode, exact(rate_text), drops(rate_text))


def timecode_of(frame, rate_text):
    """Return the timecode of an absolute frame at a rate."""
    return to_timecode(frame, exact(rate_text), drops(rate_text))
