"""Reader for AAF as Avid Media Composer and DaVinci Resolve write it, through the OpenTimelineIO adapter."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import opentimelineio as otio

from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import can_drop
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.otio.reader import timelines_in
from emsync_bridge.timeline.otio.to_cut import cut_model
from emsync_bridge.timeline.sequence_choice import SequenceCandidate, choose
from emsync_bridge.timeline.source import Source

MAX_BYTES = 256 * 2**20
_ADAPTER = "AAF"
_PACKAGES = ("otio_aaf_adapter", "aaf2")

# what the adapter and the library below it raise, by trial on damaged files and on files that they do not understand
_REFUSALS = (
    otio.exceptions.OTIOError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NameError,
    OSError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def read(source: Source) -> CutModel:
    """Return the cut model of an AAF file.

    Positions are the composition's own; source times may be off by the start of the media
    (OpenTimelineIO/otio-aaf-adapter#53).

    Arguments:
        source: The file, which its library opens by its path and only ever reads; without a rate the edit rate of the
            picture holds.

    Raises:
        TimelineError: The optional packages are missing, the file cannot be understood, or it is not clear which
            composition is meant.
    """
    path, sequence, rate = source.path, source.sequence, source.rate
    if not all(importlib.util.find_spec(package) for package in _PACKAGES):
        raise TimelineError(
            "AAF files need an optional package",
            where=path,
            hint='Install it with: pip install "emsync-bridge[aaf]"; or export the timeline as .otio, .xml or .edl',
        )
    if path.stat().st_size > MAX_BYTES:
        raise TimelineError(
            "The AAF is larger than 256 MB, which means that it holds its media",
            where=path,
            hint="Export it again with links to the media instead of embedding it",
        )
    with _understood(path):
        root = otio.adapters.read_from_file(str(path), adapter_name=_ADAPTER)
    timelines = timelines_in(root)
    index, notes = choose(
        [SequenceCandidate(line.name, filled=len(line.tracks) > 0) for line in timelines], sequence, path
    )
    model = cut_model(timelines[index], path, rate=rate, notes=notes)
    if can_drop(model.rate) and not model.drop_frame:
        with _understood(path):
            model = replace(model, drop_frame=_counts_in_drop_frame(path, timelines[index].name))
    return model


@contextlib.contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Turn what goes wrong inside the adapter into a message, and keep what it prints and logs to itself."""
    from aaf2.exceptions import AAFError

    try:
        with contextlib.redirect_stdout(io.StringIO()), _without_root_log("aaf2"):
            yield
    except (*_REFUSALS, AAFError) as problem:
        detail = " ".join(str(problem).split())[:120] or type(problem).__name__
        raise TimelineError(
            f"The AAF cannot be understood ({detail})",
            where=path,
            hint="Export the timeline as .otio, .xml or .edl instead; an AAF of sound and markers alone cannot be read",
        ) from None


@contextlib.contextmanager
def _without_root_log(package: str) -> Iterator[None]:
    """Drop what a package logs through the root logger, which would set up logging for the whole process."""
    root, handler = logging.getLogger(), logging.NullHandler()

    def foreign(record: logging.LogRecord) -> bool:
        return package not in Path(record.pathname).parts

    root.addFilter(foreign)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.removeFilter(foreign)


def _counts_in_drop_frame(path: Path, name: str) -> bool:
    """Tell whether the first timecode track of a composition drops frames, which OpenTimelineIO cannot say."""
    import aaf2

    with aaf2.open(str(path), "r") as file:
        for mob in file.content.toplevel():
            if mob.name == name:
                return any(_drops(slot.segment) for slot in mob.slots)
    return False


def _drops(segment: Any) -> bool:
    drop = segment.get("Drop") if type(segment).__name__ == "Timecode" else None
    return bool(drop is not None and drop.value)
