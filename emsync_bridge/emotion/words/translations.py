"""Words of mood in German, French, Spanish, Italian, Portuguese and Japanese, and the English words that they mean."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

WORDS = Path(__file__).with_name("translated_words.txt")

NEGATIONS = frozenset(
    (
        *("nicht", "kein", "keine", "keinen", "ohne", "nie", "pas", "sans", "jamais", "aucun", "aucune"),
        *("no", "sin", "nunca", "non", "senza", "mai", "nao", "sem"),
    )
)
"""Words that turn the next words round; accents are left out."""

SHORTEST_STEM = 4
"""Letters of a stem that may have any ending, at least."""

_WORD = re.compile(r"[^\W\d_]+")
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))


@dataclass(frozen=True)
class Translation:
    """A word of another language.

    Arguments:
        word: Word as it was written, in small letters.
        meaning: The English word.
        negated: A negation stands right before it.
    """

    word: str
    meaning: str
    negated: bool = False


@dataclass(frozen=True)
class _Table:
    words: dict[str, str]
    stems: dict[str, str]
    signs: dict[str, str]
    """Pieces of Japanese, which has no spaces."""


@lru_cache(maxsize=1)
def _table() -> _Table:
    words: dict[str, str] = {}
    stems: dict[str, str] = {}
    signs: dict[str, str] = {}
    for line in WORDS.read_text(encoding="utf-8").splitlines():
        meaning, colon, listed = line.partition(":")
        if line.startswith("#") or not colon:
            continue
        for word in listed.split():
            kind = signs if not word.isascii() else stems if word.endswith("*") else words
            kind.setdefault(word.removesuffix("*"), meaning)
    return _Table(words, stems, signs)


def meanings() -> frozenset[str]:
    """Return all English words that have a translation."""
    table = _table()
    return frozenset((*table.words.values(), *table.stems.values(), *table.signs.values()))


def stems() -> frozenset[str]:
    """Return the beginnings of words that may have any ending."""
    return frozenset(_table().stems)


def meaning_of(word: str) -> str | None:
    """Return the English word that a word of another language means; None where it is not known."""
    plain = _plain(word)
    found = _looked_up(plain) or _table().signs.get(plain)
    if found is None:
        for written, letter in _UMLAUTS:  # German without its dots: gluecklich
            plain = plain.replace(written, letter)
        found = _looked_up(plain)
    return found


def translations(text: str) -> list[Translation]:
    """Return the words of a text that are known, in order.

    Arguments:
        text: A note or a line, in small letters or large ones.
    """
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    found = []
    for place, word in enumerate(words):
        meaning = meaning_of(word)
        if meaning is not None:
            before = {_plain(other) for other in words[max(0, place - 2) : place]}
            found.append(Translation(word, meaning, bool(NEGATIONS & before)))
        elif not word.isascii():
            found += [Translation(sign, meaning) for sign, meaning in _table().signs.items() if sign in word]
    return found


def _looked_up(word: str) -> str | None:
    table = _table()
    if word in table.words:
        return table.words[word]
    ends = range(len(word), SHORTEST_STEM - 1, -1)
    return next((table.stems[word[:end]] for end in ends if word[:end] in table.stems), None)


def _plain(word: str) -> str:
    """Return a word in small letters without the accents of Latin letters."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    if not any("a" <= letter <= "z" for letter in parts):
        return unicodedata.normalize("NFKC", word)  # the marks of Japanese letters are no accents
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
