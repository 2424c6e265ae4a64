"""Language of a text, as far as it has to be known: English words are only looked for where it may be English.

German ``die`` and ``war``, or Dutch ``kinder``, would otherwise count as English words of mood.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

Language = Literal["english", "unknown", "other"]

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")

WORDS = Path(__file__).with_name("common_words.txt")

ARTICLES = frozenset(("das", "der", "die", "den", "dem", "des"))
"""German articles, which stand before nouns with capitals."""

SHARED = frozenset(("a", "as", "come", "do", "i", "in", "me", "no", "on", "so", "us", "was", "will"))
"""Common words of English that are words of other languages too, and so no sign of it alone."""

FEWEST_ASCII = 0.75
"""Share of letters without accents and of Latin script below which a text is not English."""


@lru_cache(maxsize=1)
def common_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the common words of English, and those of other languages."""
    lines = [line for line in WORDS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    split = next(place for place, line in enumerate(lines) if line.startswith("others"))
    return frozenset(" ".join(lines[1:split]).split()), frozenset(" ".join(lines[split + 1 :]).split())


def language_of(text: str) -> Language:
    """Return whether a text is English; ``unknown`` where it gives no sign, such as a single noun.

    Arguments:
        text: A note, a line of dialogue or a page.
    """
    letters = [letter for letter in text if letter.isalpha()]
    if not letters or sum(letter.isascii() for letter in letters) < FEWEST_ASCII * len(letters):
        return "other"
    words = _WORD.findall(text.replace("\u2019", "'"))
    pairs = list(zip(words, [*words[1:], ""], strict=True))
    # a capital before a capital is a name: El Paso, La La Land
    plain = [word.lower() for word, following in pairs if not (word.istitle() and following.istitle())]
    english, other = (sum(word in known for word in plain) for known in common_words())
    if not english and not all(word.istitle() for word in words):
        other += sum(word.lower() in ARTICLES and following.istitle() for word, following in pairs)
    if other > english:
        return "other"
    return "english" if common_words()[0].intersection(plain) - SHARED else "unknown"
