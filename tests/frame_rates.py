"""The frame rates of film, television and video, with the ways in which each counts timecode."""

from fractions import Fraction

NTSC = Fraction(1000, 1001)

EDITED = [
    (24 * NTSC, False),
    (Fraction(24), False),
    (Fraction(25), False),
    (30 * NTSC, True),
    (30 * NTSC, False),
    (Fraction(30), False),
    (48 * NTSC, False),
    (Fraction(48), False),
    (Fraction(50), False),
    (60 * NTSC, True),
    (60 * NTSC, False),
    (Fraction(60), False),
]
"""Rate and drop frame, up to the 60 frames per second that every program knows."""

RATES = [
    *EDITED,
    (Fraction(15), False),
    (Fraction(100), False),
    (120 * NTSC, True),
    (120 * NTSC, False),
    (Fraction(120), False),
]
