"""Film vocabulary: the valence and arousal of words that editors write, and of a whole note.

The words and their numbers are the project's own, judged by hand. Words that are not among them are looked up in VADER
(Hutto and Gilbert 2014, ICWSM), where vaderSentiment is installed; it knows valence alone. Words of other languages
stand for English ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from emsync_bridge.emotion.words.language import language_of
from emsync_bridge.emotion.words.translations import translations

WORDS = Path(__file__).with_name("film_words.txt")

MAX_LETTERS = 20_000
"""Letters of one text that are read."""

MAX_PHRASE = 3
"""Words of a phrase at most."""

NEGATIONS = frozenset(
    (
        "no",
        "not",
        "never",
        "without",
        "cannot",
        "can't",
        "don't",
        "doesn't",
        "didn't",
        "isn't",
        "won't",
        "nobody",
        "stop",
    )
)

NEGATED = -0.5
"""Factor of a word's valence after a negation."""

STRONG = frozenset(("very", "so", "really", "extremely", "totally", "huge", "intense", "wild"))

EMPHASIS = 0.15
"""Arousal that each exclamation mark adds, up to two."""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_ENDINGS = ("'s", "s", "es", "ed", "d", "ing", "ly", "er", "ers", "y", "ies")


@dataclass(frozen=True)
class WordMood:
    """The mood of a text.

    Arguments:
        valence: Valence from -1 to 1; None where no word tells it.
        arousal: Arousal from -1 to 1; None where no word tells it.
        found: The words that tell it.
    """

    valence: float | None
    arousal: float | None
    found: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def film_words() -> dict[str, tuple[float, float]]:
    """Return valence and arousal of each word and phrase; a phrase has spaces between its words."""
    table: dict[str, tuple[float, float]] = {}
    for line in WORDS.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        valence, arousal, *words = line.split()
        for word in words:
            table.setdefault(word.replace("-", " "), (float(valence), float(arousal)))
    return table


def mood_of_text(text: str, *, sentiment: bool = True) -> WordMood:
    """Return the mood that the words of a text tell.

    Words of the film vocabulary count fully, the strongest the most; the sentiment of the other words is used where
    none of these is found. Words of other languages are asked where the text is not English, or gives no sign of it.

    Arguments:
        text: A note, a line of dialogue, or a page.
        sentiment: Whether to ask VADER where the vocabulary knows no word.
    """
    text = text[:MAX_LETTERS]
    language = language_of(text)
    words = _WORD.findall(text.lower().replace("\u2019", "'")) if language != "other" else []
    hits = _hits(words)
    if not hits and language != "english":
        hits = _translated_hits(text)
    if not hits:
        valence = _vader(text) if sentiment and words else None
        return WordMood(valence, None)
    weights = [0.1 + valence**2 + arousal**2 for _, valence, arousal in hits]
    total = sum(weights)
    shouts = min(2, text.count("!")) * EMPHASIS
    valence = sum(weight * hit[1] for weight, hit in zip(weights, hits, strict=True)) / total
    arousal = sum(weight * hit[2] for weight, hit in zip(weights, hits, strict=True)) / total + shouts
    return WordMood(_bounded(valence), _bounded(arousal), tuple(dict.fromkeys(hit[0] for hit in hits)))


def _hits(words: Sequence[str]) -> list[tuple[str, float, float]]:
    """Return the known words and phrases of a text with valence and arousal, the longest phrase first."""
    table, hits, place = film_words(), [], 0
    while place < len(words):
        for length in range(min(MAX_PHRASE, len(words) - place), 0, -1):
            phrase = " ".join(words[place : place + length])
            known = table.get(phrase) or (_inflected(phrase) if length == 1 else None)
            if known is None:
                continue
            before = words[max(0, place - 2) : place]
            valence, arousal = known
            if NEGATIONS.intersection(before):
                valence, arousal = NEGATED * valence, 0.5 * arousal
            elif STRONG.intersection(before):
                valence, arousal = 1.25 * valence, arousal + 0.15
            hits.append((phrase, _bounded(valence), _bounded(arousal)))
            place += length - 1
            break
        place += 1
    return hits


def _translated_hits(text: str) -> list[tuple[str, float, float]]:
    hits = []
    for found in translations(text):
        valence, arousal = film_words()[found.meaning]
        factors = (NEGATED, 0.5) if found.negated else (1.0, 1.0)
        hits.append((found.word, factors[0] * valence, factors[1] * arousal))
    return hits


def _inflected(word: str) -> tuple[float, float] | None:
    """Return what is known of a word's base, for plurals, tenses and adverbs."""
    table = film_words()
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 3 or not _spelt(stem, ending):
            continue
        doubled = ending[0] in "eiy" and stem[-1] == stem[-2]
        for base in (stem, f"{stem}e", f"{stem}y", stem[:-1] if doubled else stem):
            if base in table:
                return table[base]
    return None


def _spelt(stem: str, ending: str) -> bool:
    """Return whether English puts an ending after such a stem: what it does not, as in ``joyy``, is a slip."""
    if ending in ("s", "y"):
        return not stem.endswith(ending)
    return ending != "d" or stem.endswith("e")


def _bounded(value: float) -> float:
    return max(-1.0, min(1.0, value))


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        return None
    return SentimentIntensityAnalyzer()


def _vader(text: str) -> float | None:
    analyzer = _analyzer()
    if analyzer is None:
        return None
    compound = float(analyzer.polarity_scores(text)["compound"])
    return compound or None
