"""Fonts for the names on drawings: what the built-in font lacks is drawn with a font of the computer, or marked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.ft2font import FT2Font

PLACEHOLDER = "[?]"
"""Written for a run of letters that no font of this computer has."""

_FIRST = re.compile(r"CJK|Hiragino|PingFang|YaHei|Yu Gothic|Malgun|Noto Sans|Arial Unicode|Gothic|Hei", re.IGNORECASE)
"""Names of fonts with many letters, which are looked into before others."""

_NO_LETTERS = re.compile(r"\.?Last\s?Resort|Adobe Blank", re.IGNORECASE)
"""Names of fonts that show boxes, or nothing, for every letter there is."""

_MAX_FONTS = 400


def fit_fonts(figure: Figure) -> None:
    """Have every text of a drawing drawn with fonts that have its letters.

    Letters that no font of the computer has become ``[?]``, one for a run of them; the drawing says so at its lower
    edge.

    Arguments:
        figure: The drawing, complete; texts are changed in place.
    """
    from matplotlib.text import Text

    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and not text.get_text().isascii()]
    wanted = {letter for text in texts for letter in text.get_text() if letter.isprintable() and ord(letter) > 127}
    lacking = frozenset(wanted - _covered(_built_in(), wanted))
    if not lacking:
        return
    families, unknown = _families_for(lacking)
    gap = re.compile(f"[{re.escape(''.join(sorted(unknown)))}]+") if unknown else None
    for text in texts:
        written = text.get_text()
        if families and not lacking.isdisjoint(written):
            text.set_fontfamily([*text.get_fontfamily(), *families])
            text.set_fontweight("normal")  # fonts of many letters seldom have a bold face, and matplotlib complains
        if gap is not None and gap.search(written):
            text.set_text(gap.sub(PLACEHOLDER, written))
    if unknown:
        figure.text(0.002, 0.002, f"{PLACEHOLDER} letters that no font here has", size=7, color="#7b828a")


@lru_cache(maxsize=64)
def _families_for(lacking: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return families of the computer that have letters between them, and the letters that none has."""
    from matplotlib.font_manager import fontManager, get_font

    left, families = set(lacking), []
    usable = [font for font in fontManager.ttflist if not _NO_LETTERS.match(font.name)]
    usable.sort(key=lambda font: (_FIRST.search(font.name) is None, font.name))
    for entry in usable[:_MAX_FONTS]:
        if not left:
            break
        with suppress(OSError, RuntimeError, ValueError):  # fonts of pictures and damaged ones cannot be loaded
            found = _covered(get_font(entry.fname), left)
            if found and entry.name not in families:
                families.append(entry.name)
                left -= found
    return tuple(families), frozenset(left)


def _built_in() -> FT2Font:
    from matplotlib.font_manager import findfont, get_font

    return get_font(findfont("DejaVu Sans"))


def _covered(font: FT2Font, letters: Iterable[str]) -> set[str]:
    """Return those letters that a font has."""
    return {letter for letter in letters if font.get_char_index(ord(letter))}
