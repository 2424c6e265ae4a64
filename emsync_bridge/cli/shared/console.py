"""Output of commands: results on stdout, progress and warnings on stderr."""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from emsync_bridge.progress import Estimate

_REDRAW = 0.1
_JOINERS = "\u200c\u200d"  # in names of several languages and in emoji


class StepProgress:
    """Shows how far each step is: a bar with the time left on a terminal, a line per step elsewhere."""

    def __init__(self) -> None:
        self.step = ""
        self.estimate = Estimate()
        self.drawn = 0.0
        self.live = sys.stderr.isatty()

    def __call__(self, step: str, share: float) -> None:
        """Show a step and the share of it that is done."""
        now = time.monotonic()
        if step != self.step:
            self.close()
            self.step, self.drawn = step, 0.0
            if not self.live:
                click.echo(f"{step} ...", err=True)
        left = self.estimate.seconds_left(step, share)
        if self.live and (now - self.drawn >= _REDRAW or share >= 1):
            self.drawn = now
            self._draw(max(0.0, min(1.0, share)), left)

    def close(self) -> None:
        """Clear the bar away."""
        if self.live and self.step:
            click.echo("\r\033[K", nl=False, err=True)
        self.step = ""

    def _draw(self, share: float, left: float | None) -> None:
        wait = "" if left is None else f"{left:4.0f} s left"
        bar = "#" * round(share * 28)
        click.echo(f"\r\033[K{self.step:<24}[{bar:<28}] {share:4.0%} {wait}", nl=False, err=True)


def visible(text: str) -> str:
    """Return a text whose control characters are written out, since names in a timeline may come from anybody.

    Escape codes would move the cursor, change colours or rename the window; marks of direction turn a name around.
    """
    return "".join(
        one if one.isprintable() or one in _JOINERS or unicodedata.category(one) == "Zs" else repr(one)[1:-1]
        for one in text
    )


@contextmanager
def progress_shown() -> Iterator[StepProgress]:
    """Lend a progress display that is cleared away at the end, whatever happens."""
    shown = StepProgress()
    try:
        yield shown
    finally:
        shown.close()


_MEANS = {"the media folder, the movie or the mood": "--media-root, --picture or --mood"}
"""Parts of warnings, and the options that they are about."""


def warn(warnings: Iterable[str]) -> None:
    """Print warnings on stderr, each once, in the words of the command line."""
    for warning in dict.fromkeys(warnings):
        text = warning
        for words, options in _MEANS.items():
            text = text.replace(words, options)
        click.secho(f"Note: {visible(text)}", err=True, fg="yellow")


def note_version(source: Path, audio: Path) -> None:
    """Print a note where results have a further name because those of an earlier run lie in the folder.

    Arguments:
        source: The timeline.
        audio: The music that was written.
    """
    if audio.stem.startswith(f"{source.stem} v") and audio.stem != source.stem:
        warn([f"Results of {source.stem} are in {audio.parent} already and stay as they are; these are {audio.stem}"])


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as ``1 hit`` or ``2 hits``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(document, indent=1, ensure_ascii=False))


def print_files(files: Mapping[str, Path | str]) -> None:
    """Print files that were written, one a line, after what they are; to editors the picture would be the movie."""
    names = ["chart" if kind == "picture" else kind for kind in files]
    width = max(map(len, names), default=0)
    for name, path in zip(names, files.values(), strict=True):
        click.echo(f"  {name:<{width}}  {path}")


def sparkline(values: Sequence[float]) -> str:
    """Return a row of bars, one character each, for values from 0 to 1; digits where the terminal has no bars."""
    bars = "▁▂▃▄▅▆▇█"
    try:
        bars.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        bars = "12345678"
    return "".join(bars[min(7, max(0, int(8 * value)))] for value in values)


def print_table(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> None:
    """Print rows of text under headings, columns aligned; the last column takes what is left."""
    rows = [[visible(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in (headings, *rows)) for i in range(len(headings))]
    for number, row in enumerate((headings, *rows)):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.secho(line, bold=number == 0)
