"""Marker colours: from the numbers that editors write to the names that OpenTimelineIO has, and back."""

from __future__ import annotations

import colorsys

# Premiere's own eight, as it writes them into pproColor: alpha, blue, green, red from the highest byte to the lowest.
# Green is its default and is left out.
PREMIERE = {
    "RED": 4281740498,
    "ORANGE": 4280578025,
    "YELLOW": 4281049552,
    "CYAN": 4292277273,
    "BLUE": 4294741314,
    "PURPLE": 4289825711,
    "WHITE": 4294967295,
}
PREMIERE_DEFAULT = "GREEN"

# Upper ends of hue in degrees
_HUES = ((15, "RED"), (42, "ORANGE"), (72, "YELLOW"), (160, "GREEN"), (200, "CYAN"), (255, "BLUE"), (290, "PURPLE"))


def from_premiere(number: int) -> str:
    """Return the colour name for a ``pproColor`` number.

    Arguments:
        number: Number as written; numbers that Premiere does not use are named by their hue.
    """
    for name, known in PREMIERE.items():
        if known == number:
            return name
    return from_rgb(number & 0xFF, number >> 8 & 0xFF, number >> 16 & 0xFF)


def from_rgb(red: int, green: int, blue: int) -> str:
    """Return the colour name nearest to a colour.

    Arguments:
        red: 0 to 255.
        green: 0 to 255.
        blue: 0 to 255.
    """
    hue, saturation, value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    if value < 0.2:
        return "BLACK"
    if saturation < 0.2:
        return "WHITE"
    degrees = hue * 360
    if degrees >= 345:
        return "RED"
    return next((name for upper, name in _HUES if degrees < upper), "MAGENTA" if degrees < 320 else "PINK")
