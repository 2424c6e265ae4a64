"""The emotion curve as a table that people edit in a spreadsheet and give back."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan
from emsync_bridge.emotion.overrides.directive_text import parse_directive
from emsync_bridge.emotion.overrides.moods import EMOTIONS, probabilities_from_affect
from emsync_bridge.errors import EmotionError
from emsync_bridge.files.atomic import replacing

COLUMNS = ("start", "end", "valence", "arousal", "mood", "silence", "confidence", "reason", *EMOTIONS)
"""``mood`` is written empty; a mood or any other directive put there overrules the row's numbers.

Probabilities of the six emotions are a label beside valence and arousal, which are what music follows.
"""

MOST_BYTES = 20 * 2**20

MOST_ROWS = 100_000

_TOUCHING = 0.002
"""Seconds by which neighbouring rows may overlap from rounding."""

_YES = frozenset(("1", "true", "yes", "x", "y"))


def write_curve_csv(curve: EmotionCurve, out: Path) -> None:
    """Write a curve as a CSV file, one row for each span.

    Arguments:
        curve: The curve.
        out: The file to write.

    Raises:
        OutputError: It cannot be written.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for span in curve.spans:
        numbers = (span.start, span.end, span.affect.valence, span.affect.arousal)
        silence = "yes" if span.silence else ""
        known = span.ekman or {}
        classes = [f"{known[emotion]:.3f}" if emotion in known else "" for emotion in EMOTIONS]
        row = [*(f"{value:.3f}" for value in numbers), "", silence, f"{span.confidence:.2f}", _harmless(span.reason)]
        table.writerow([*row, *classes])
    with replacing(out) as draft:
        draft.write_text(text.getvalue(), encoding="utf-8-sig", newline="")  # the mark tells Excel the encoding


def read_curve_csv(path: Path) -> EmotionCurve:
    """Return the curve of a CSV file that was perhaps edited.

    Rows may be in any order and columns may be missing but ``start`` and either ``mood`` or ``valence`` and
    ``arousal``. A gap is filled by the row before it. A spreadsheet's semicolons and decimal commas are understood.

    Arguments:
        path: The file.

    Raises:
        EmotionError: It cannot be read; the message names the first row that makes no sense.
    """
    rows = _rows(path)
    spans = sorted((_span(path, number, row) for number, row in rows), key=lambda span: span.start)
    if not spans:
        raise EmotionError("The table has no rows", where=path)
    whole: list[EmotionSpan] = []
    for i, span in enumerate(spans):
        following = spans[i + 1].start if i + 1 < len(spans) else None
        if following is not None and span.end - following > _TOUCHING and not math.isinf(span.end):
            raise EmotionError(f"The rows at {span.start:g} s and {following:g} s overlap", where=path)
        end = span.end if following is None else following
        if math.isinf(end) or end <= span.start:
            raise EmotionError(f"The row at {span.start:g} s has no length", where=path, hint="Give it a later end")
        start = 0.0 if i == 0 else span.start
        whole.append(EmotionSpan(**{**vars(span), "start": start, "end": end}))
    return EmotionCurve(tuple(whole))


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise EmotionError("The table is too large", where=path)
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise EmotionError(f"The table cannot be opened: {problem.strerror}", where=path) from None
    except UnicodeDecodeError:
        raise EmotionError("The table is no UTF-8 text", where=path, hint="Save it as CSV UTF-8") from None
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
        names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        if "start" not in names or not ("mood" in names or {"valence", "arousal"} <= set(names)):
            raise EmotionError(
                "The table lacks columns", where=path, hint=f"Its first line should be {','.join(COLUMNS)}"
            )
        reader.fieldnames = names
        rows = [
            (reader.line_num, {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)})
            for _, row in zip(range(MOST_ROWS), reader, strict=False)
        ]
    except csv.Error as problem:
        raise EmotionError(f"This is no CSV table: {problem}", where=path) from None
    return [(number, row) for number, row in rows if any(row.values())]


def _span(path: Path, line: int, row: dict[str, str]) -> EmotionSpan:
    def number(name: str, low: float, high: float, default: float | None = None) -> float:
        text = row.get(name, "").replace(",", ".")
        if not text and default is not None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise EmotionError(
                f"Line {line}: {name} must be a number from {low:g} to {high:g}, not {text!r}", where=path
            )
        return value

    try:
        order = parse_directive(row["mood"]) if row.get("mood") else None
    except EmotionError as problem:
        raise EmotionError(f"Line {line}: {problem.what}", where=path, hint=problem.hint) from None
    silence = row.get("silence", "").lower() in _YES
    silent = silence if order is None else order.verb == "silence"
    named = order is not None and order.verb == "set"
    blank = 0.0 if silent or (order is not None and named) else None
    valence, arousal = number("valence", -1, 1, blank), number("arousal", -1, 1, blank)
    if order is not None and named:
        valence = valence if order.valence is None else order.valence
        arousal = arousal if order.arousal is None else order.arousal
    affect = Affect(valence, arousal)
    classes = {emotion: number(emotion, 0, 1, 0.0) for emotion in EMOTIONS}
    total = sum(classes.values())
    known = total > 0 and not named
    ekman = {str(emotion): share / total for emotion, share in classes.items()} if known else None
    return EmotionSpan(
        start=number("start", 0, 1e6),
        end=number("end", 0, 1e6, math.inf),
        affect=affect,
        confidence=1.0 if named else number("confidence", 0, 1, 1.0),
        ekman=ekman or probabilities_from_affect(affect),
        reason=row["mood"] if named else row.get("reason", "").removeprefix("'"),
        silence=silent,
    )


def _harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: reasons hold words from markers of others."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
