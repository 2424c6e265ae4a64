"""The emotion curve as a table that people edit in a spreadsheet and give back."""

from __future__ import annotations

import math
import re
from pathlib import Path

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, Spotting
from emsync_bridge.emotion.overrides.apply import ORDERED_SIGMA
from emsync_bridge.emotion.overrides.directive_text import parse_directive
from emsync_bridge.emotion.overrides.moods import EMOTIONS, named_probabilities, probabilities_from_affect
from emsync_bridge.emotion.reasons import certainty_text, numbers_text
from emsync_bridge.errors import EmotionError, TimelineError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.files.tables import CellError, as_text, plain_text, rows_of, table, yes_or_no
from emsync_bridge.timecode import parse_position

COLUMNS = (
    *("shot", "timecode", "start", "end", "valence", "arousal", "mood", "silence"),
    *("sure", "reason", "numbers", "confidence", "felt", "classes"),
)
"""``mood`` is written empty; a mood or any other directive put there overrules the row's numbers.

``felt`` has valence and arousal as they were estimated, in all digits, ``-`` where the user set them: a row whose
numbers differ from it by more than their rounding was edited, and is the user's own from then on. ``shot``,
``timecode``, ``sure`` and ``numbers`` are for people and not read back. ``classes`` are probabilities of the six
emotions, a label beside the values that music follows.
"""

MAX_BYTES = 20 * 2**20

MAX_ROWS = 100_000

EDITED = "as edited"
"""Reason of a row whose numbers were changed."""

FELT_SIGMA = 0.4
"""Error of an estimate that comes back from a table."""

_ROUNDED = 0.0006
"""Difference of two numbers up to which they are the same one rounded."""

_SHOT = re.compile(r"[0-9]{1,6}")

_TIMECODE = re.compile(r"\d{1,2}:\d{2}:\d{2}[:;.,]\d{2,3}")

_TOUCHING = 0.002
"""Seconds by which neighbouring rows may overlap from rounding."""


def write_curve_csv(curve: EmotionCurve, out: Path, spotting: Spotting | None = None) -> None:
    """Write a curve as a CSV file, one row for each span.

    Arguments:
        curve: The curve.
        out: The file to write.
        spotting: The cut that it belongs to, for the numbers of shots and for timecode.

    Raises:
        OutputError: It cannot be written.
    """
    with replacing(out) as draft:
        draft.write_bytes(table(COLUMNS, (_row(span, spotting) for span in curve.spans)))


def _row(span: EmotionSpan, spotting: Spotting | None) -> list[str]:
    axes = list(zip(span.ordered, (span.affect.valence, span.affect.arousal), strict=True))
    classes = sorted((span.ekman or {}).items(), key=lambda pair: -pair[1])
    return [
        *(_place(span, spotting) if spotting else ("", "")),
        *(_exact(value) for value in (span.start, span.end)),
        *(_exact(value) if own else f"{value:.3f}" for own, value in axes),
        "",
        "yes" if span.silence else "",
        "" if span.silence else certainty_text(span),
        as_text(span.reason),
        numbers_text(span),
        _exact(span.confidence),
        as_text(" ".join("-" if own else _exact(value) for own, value in axes)),
        " ".join(f"{emotion} {share:.3f}" for emotion, share in classes),
    ]


def _exact(value: float) -> str:
    """Return a number in as few digits as hold it, three after the point at least."""
    short = f"{value:.3f}"
    return short if float(short) == value else repr(value)


def _place(span: EmotionSpan, spotting: Spotting) -> tuple[str, str]:
    return shots_of(spotting, span), spotting.timecode_at(span.start)


def shots_of(spotting: Spotting, span: EmotionSpan) -> str:
    """Return the numbers of the shots that a span lies in, from 1, as orders for places take them."""
    inside = [
        number
        for number, shot in enumerate(spotting.shots, start=1)
        if shot.start < span.end - 1e-6 and shot.end > span.start + 1e-6
    ]
    return "" if not inside else f"{inside[0]}" if len(inside) == 1 else f"{inside[0]}-{inside[-1]}"


def read_curve_csv(path: Path, spotting: Spotting | None = None) -> EmotionCurve:
    """Return the curve of a CSV file that was perhaps edited.

    Rows may be in any order and columns may be missing but ``start`` or ``shot`` and either ``mood`` or ``valence`` and
    ``arousal``. A gap is filled by the row before it. A spreadsheet's semicolons and decimal commas are understood.
    ``start`` and ``end`` are seconds or, where the cut is given, timecode.

    Arguments:
        path: The file.
        spotting: The cut, whose clock timecode is read by.

    Raises:
        EmotionError: It cannot be read; the message names the first row that makes no sense.
    """
    rows = [(number, _in_seconds(path, number, row, spotting)) for number, row in _rows(path)]
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


def _in_seconds(path: Path, line: int, row: dict[str, str], spotting: Spotting | None) -> dict[str, str]:
    """Return a row whose start and end, where they are timecode, are seconds from the timeline's start.

    An end beyond the timeline is its end: the rest belongs to no picture.
    """
    found = _of_shots(path, line, row, spotting) if not row.get("start") and row.get("shot") else {}
    for name in ("start", "end"):
        text = plain_text(row.get(name, ""))
        if not _TIMECODE.fullmatch(text):
            continue
        if spotting is None:
            raise EmotionError(
                f"Line {line}: {name} is timecode, and there is no timeline to count it by",
                where=path,
                hint="Write seconds from the start",
            )
        try:
            clock = (spotting.rate, spotting.start_frame, spotting.drop_frame)
            seconds = parse_position(text, *clock)
            found[name] = repr(min(seconds, spotting.duration) if name == "end" else seconds)
        except TimelineError as problem:
            raise EmotionError(f"Line {line}: {name}: {problem.what}", where=path, hint=problem.hint) from None
    return {**row, **found}


def _of_shots(path: Path, line: int, row: dict[str, str], spotting: Spotting | None) -> dict[str, str]:
    """Return start and end of the shots that a row names, in seconds."""
    if spotting is None:
        raise EmotionError(
            f"Line {line}: there is no timeline to count shots by", where=path, hint="Write start and end"
        )
    first, _, last = plain_text(row["shot"]).partition("-")
    count = len(spotting.shots)
    if not _SHOT.fullmatch(first.strip()) or (last and not _SHOT.fullmatch(last.strip())):
        raise EmotionError(f"Line {line}: shot must be a number such as 3, or 3-5, not {row['shot']!r}", where=path)
    inside = (int(first), int(last or first))
    if not 1 <= inside[0] <= inside[1] <= count:
        raise EmotionError(f"Line {line}: shot {row['shot']} is not there; shots are 1 to {count}", where=path)
    return {"start": repr(spotting.shots[inside[0] - 1].start), "end": repr(spotting.shots[inside[1] - 1].end)}


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise EmotionError(f"The table is larger than {MAX_BYTES // 2**20} MB", where=path)
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise EmotionError(f"The table cannot be opened: {problem.strerror}", where=path) from None
    except UnicodeDecodeError:
        raise EmotionError("The table is not UTF-8 text", where=path, hint="Save it as CSV UTF-8") from None
    try:
        head, *rows = rows_of(text) or [[]]
    except CellError as problem:
        raise EmotionError(str(problem), where=path) from None
    names = [name.strip().lower() for name in head]
    placed, told = {"start", "shot"} & set(names), "mood" in names or {"valence", "arousal"} <= set(names)
    if not (placed and told):
        lacking = [*([] if placed else ["start or shot"]), *([] if told else ["mood, or valence and arousal"])]
        raise EmotionError(
            f"The table lacks columns: {'; '.join(lacking)}",
            where=path,
            hint="Name them in its first line, as an exported table of the mood does",
        )
    found = [
        (number, {name: cell.strip() for name, cell in zip(names, row, strict=False)})
        for number, row in enumerate(rows[:MAX_ROWS], start=2)
    ]
    return [(number, row) for number, row in found if any(row.values())]


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
    try:
        silence = bool(row.get("silence")) and yes_or_no(row["silence"])
    except CellError as problem:
        raise EmotionError(f"Line {line}: silence: {problem}", where=path, hint="Write yes or no") from None
    silent = silence if order is None else order.verb == "silence"
    named = order is not None and order.verb == "set"
    if order is not None and order.goal is not None:
        raise EmotionError(
            f"Line {line}: a row holds one mood and no ramp, not {row['mood']!r}",
            where=path,
            hint="Give the ramp as an order for a place, as in shot3=joy -> fear",
        )
    moved = order is not None and order.shift != (0.0, 0.0)
    if moved and not (row.get("valence") and row.get("arousal")):
        raise EmotionError(
            f"Line {line}: {row['mood']!r} moves valence and arousal, which the row lacks",
            where=path,
            hint="Write a mood, or edit an exported table of the mood",
        )
    blank = 0.0 if silent or (named and not moved) else None
    valence, arousal = number("valence", -1, 1, blank), number("arousal", -1, 1, blank)
    if order is not None and named:
        valence = valence + order.shift[0] if order.valence is None else order.valence
        arousal = arousal + order.shift[1] if order.arousal is None else order.arousal
        valence, arousal = max(-1.0, min(1.0, valence)), max(-1.0, min(1.0, arousal))
    affect = Affect(valence, arousal)
    own = (True, True) if named else _edited(row, affect)
    if felt := _felt(row):
        kept = zip(own, (valence, arousal), felt, strict=True)
        affect = Affect(*(value if mine else float(text) for mine, value, text in kept))
    reason = plain_text(row.get("reason", ""))
    if any(own) and not named and _felt(row) and not _same(row, own):
        reason = reason if reason.startswith(EDITED) else f"{EDITED}; {reason}".removesuffix("; ")
    classes = _classes(path, line, row)
    known = None if any(own) and not _same(row, own) else classes
    label = order.emotion if order is not None else None
    return EmotionSpan(
        start=number("start", 0, 1e6),
        end=number("end", 0, 1e6, math.inf),
        affect=affect,
        sigma=(ORDERED_SIGMA if own[0] else FELT_SIGMA, ORDERED_SIGMA if own[1] else FELT_SIGMA),
        confidence=1.0 if all(own) else number("confidence", 0, 1, 1.0),
        ekman=named_probabilities(label) if label and named else known or probabilities_from_affect(affect),
        reason=row["mood"] if named else reason,
        silence=silent,
        ordered=own,
    )


def _felt(row: dict[str, str]) -> list[str]:
    """Return what a row says of its estimate, valence and arousal; nothing in a table that was made by hand."""
    found = plain_text(row.get("felt", "")).replace(",", ".").split()
    return found if len(found) == 2 else []


def _edited(row: dict[str, str], affect: Affect) -> tuple[bool, bool]:
    """Return which of a row's numbers are the user's own."""
    felt = _felt(row)
    if not felt:
        return (True, True)

    def own(text: str, value: float) -> bool:
        try:
            return not abs(float(text) - value) <= _ROUNDED  # nan is an estimate of nothing
        except ValueError:
            return True

    return own(felt[0], affect.valence), own(felt[1], affect.arousal)


def _same(row: dict[str, str], own: tuple[bool, bool]) -> bool:
    """Return whether a row's own numbers were the user's when it was written."""
    felt = _felt(row)
    return bool(felt) and all(not mine or text == "-" for mine, text in zip(own, felt, strict=True))


def _classes(path: Path, line: int, row: dict[str, str]) -> dict[str, float] | None:
    words = row.get("classes", "").replace(",", ".").split()
    try:
        shares = {name: float(share) for name, share in zip(words[::2], words[1::2], strict=True)}
    except ValueError:
        shares = {"": -1.0}
    if not all(name in EMOTIONS and 0 <= share <= 1 for name, share in shares.items()):
        raise EmotionError(
            f"Line {line}: classes must be names of the six emotions with numbers from 0 to 1",
            where=path,
            hint="Empty the cell to leave the label open",
        )
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()} if total > 0 else None
