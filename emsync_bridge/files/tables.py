"""CSV tables for spreadsheets and from them: separators, numbers, yes and no of several countries, formula escaping."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from emsync_bridge.files.text import split_lines

_YES = frozenset(
    {"yes", "y", "true", "1", "x", "on", "ja", "j", "oui", "si", "sí", "wahr", "vrai", "verdadero", "vero"}
)
_NO = frozenset({"no", "n", "false", "0", "off", "nein", "non", "falsch", "faux", "falso"})
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([.,])\d{3}(\1\d{3})*")
_NUMBER = re.compile(r"[+-]?(?:\d{1,12}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?")


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Characters that begin a formula in a spreadsheet; an apostrophe before them marks text (OWASP, CSV injection)."""


class CellError(ValueError):
    """A cell whose value does not fit its column; the text is a full sentence without a stop."""


def rows_of(text: str) -> list[list[str]]:
    """Return the cells of a table whose columns are split by commas, semicolons or tabs, whichever the head has most.

    Arguments:
        text: The whole table; a first line ``sep=;`` names the separator, as Excel writes it.

    Raises:
        CellError: The table is damaged.
    """
    head = next((line for line in split_lines(text) if line.strip()), "")
    named = re.fullmatch(r'"?sep=(.)"?', head.strip())
    separator = named[1] if named else max(",;\t", key=head.count)
    try:
        # rows are counted as the spreadsheet shows them, which hides the line that names the separator
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))[1 if named else 0 :]
    except csv.Error as problem:
        raise CellError(f"The table is damaged ({problem})") from None


def number(text: str) -> Fraction:
    """Return a number that may have a decimal comma, spaces between thousands or a percent sign.

    Raises:
        CellError: It is not a number.
    """
    plain = re.sub(r"[\s\u00a0\u202f']", "", text)
    percent = plain.endswith("%")
    plain = plain.removesuffix("%")
    if "," in plain and "." in plain:
        thousands = "," if plain.rindex(".") > plain.rindex(",") else "."
        plain = plain.replace(thousands, "")
    plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        raise CellError(f"'{text.strip()[:40]}' is not a number")
    return Fraction(plain) / (100 if percent else 1)


def whole_number(text: str) -> int:
    """Return a whole number; ``1.234`` and ``1,234`` are twelve hundred and thirty-four.

    Raises:
        CellError: It is not a whole number.
    """
    if _THOUSANDS.fullmatch(text.strip()):
        return int(re.sub(r"[.,]", "", text))
    value = number(text)
    if value.denominator != 1:
        raise CellError(f"'{text.strip()[:40]}' is not a whole number")
    return int(value)


def yes_or_no(text: str) -> bool:
    """Return yes or no, in words of several languages, as a digit or as a cross.

    Raises:
        CellError: It is neither.
    """
    word = text.strip().casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise CellError(f"'{text.strip()[:40]}' is neither yes nor no")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table in UTF-8 with the byte order mark that spreadsheets look for.

    Arguments:
        columns: The first row.
        rows: The others; texts out of somebody's file go through ``as_text`` before.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig", errors="replace")


def as_text(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula.

    Arguments:
        text: A name out of somebody's timeline.
    """
    return f"'{text}" if text.startswith((*FORMULA_STARTS, "'")) else text


def plain_text(text: str) -> str:
    """Return a text without the apostrophe that ``as_text`` puts before what looks like a formula."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*FORMULA_STARTS, "'")) else text


def columns_of(head: Sequence[str], known: dict[str, str]) -> dict[str, int]:
    """Return where each known column is.

    Arguments:
        head: The first row.
        known: Column names in small letters and what they mean.
    """
    found: dict[str, int] = {}
    for index, title in enumerate(head):
        meaning = known.get(title.strip().casefold())
        if meaning is not None:
            found.setdefault(meaning, index)
    return found
