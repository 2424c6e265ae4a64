"""Frame rates as Resolve writes them, exactly."""

from fractions import Fraction
from typing import Tuple

from .errors import UserError


def parse_rate(text: str) -> "Tuple[Fraction, str, bool]":
    """Read a rate such as ``23.976`` or ``29.97 DF``.

    Arguments:
        text: Resolve's setting ``timelineFrameRate``.

    Returns:
        Frames per second as a fraction, the number as text, and whether timecode drops frames.

    Raises:
        UserError: It is no rate.
    """
    words = str(text).split()
    try:
        number = float(words[0])
    except (IndexError, ValueError):
        raise UserError("Resolve gives no frame rate for this timeline (it says '{}').".format(text))
    if not 1 <= number <= 1000:
        raise UserError("Resolve gives {} as this timeline's frame rate, which cannot be.".format(text))
    nominal = round(number)
    exact = Fraction(nominal) if number == nominal else Fraction(nominal * 1000, 1001)
    # 23.976, 23.98 and 23.9760 all mean 24000/1001; anything farther off is no rate of television or film
    if abs(float(exact) - number) > 0.01:
        exact = Fraction(number).limit_denominator(1001)
    return exact, "{:g}".format(number), words[-1].upper() == "DF"
