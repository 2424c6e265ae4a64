"""CMX 3600 EDL reader; tolerates the deviations that common editors write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from emsync_bridge.errors import TimelineError
from emsync_bridge.files.text import text_of
from emsync_bridge.timeline.cut.model import CutModel, TimelineClip, TimelineTransition
from emsync_bridge.timeline.edl.events import EditList, parse_edl
from emsync_bridge.timeline.edl.layout import FrameEvent, lay_out, markers, overlaps, programme, recorded_events
from emsync_bridge.timeline.edl.rate import TimecodeCounting, timecode_counting
from emsync_bridge.timeline.edl.sources import is_black, leaf_kind, media_of, motion, name_of
from emsync_bridge.timeline.sequence_choice import SequenceCandidate, choose
from emsync_bridge.timeline.source import Source

# Source timecodes are whole frames: each side of a join may be rounded by up to half a frame, so a source that is one
# frame off carries on. A jump of one frame cannot be seen; a jump of two is a cut.
ROUNDING = Fraction(1, 2)


def read(source: Source) -> CutModel:
    """Return the cut model of an edit decision list.

    Where source and record disagree, the record side is used. Time 0
    is the earliest record timecode, because a list has nothing before it.

    Arguments:
        source: A list in CMX 3600 or one of its dialects, in UTF-8, UTF-16 or Latin-1. It holds only the sequence
            that its title names; without a rate that is worked out from the frame numbers, which a warning then states.

    Raises:
        TimelineError: It cannot be read, holds no events, or does not fit the rate.
    """
    path, rate = source.path, source.rate
    edl = parse_edl(text_of(source.document, path))
    if not edl.edits:
        raise TimelineError("The list has no events", where=path, hint="Export the list again as CMX 3600")
    name = edl.title or path.stem
    choose([SequenceCandidate(name)], source.sequence, path)
    takes, count, backwards = lay_out(edl, timecode_counting(edl, rate, path))
    pins = [take for take in takes if take.is_marker]
    takes = [take for take in takes if take.start < take.end and not take.is_marker]
    if not takes and not pins:
        raise TimelineError("No event of the list has a length", where=path, hint="Export the list again as CMX 3600")
    start, end, note = programme(takes, pins, count)
    found, lost = markers(edl, pins, count, start, end)
    return CutModel(
        name=name,
        rate=count.rate,
        duration=(end - start) / count.rate,
        leaves=tuple(_leaves(takes, count, start)),
        transitions=tuple(_transitions(takes, count, start)),
        markers=found,
        drop_frame=count.drop,
        start_frame=start % count.day,
        warnings=(*count.warnings, *filter(None, (note, *_oddities(edl, takes, count, backwards, lost)))),
    )


def _leaves(takes: Iterable[FrameEvent], count: TimecodeCounting, start: int) -> Iterator[TimelineClip]:
    by_layer: dict[tuple[int, ...], list[FrameEvent]] = {}
    for take in takes:
        if take.layer is not None:
            by_layer.setdefault(take.layer, []).append(take)
    for layer, group in sorted(by_layer.items()):
        for take, first, last in recorded_events(group):
            if is_black(take.edit):
                continue
            kind = "title" if len(layer) > 1 else leaf_kind(take.edit)
            source, speed = motion(take.edit, take.end - take.start, count)
            if source is not None and speed is not None:
                source += (first - take.start) / count.rate * speed
            yield TimelineClip(
                start=(first - start) / count.rate,
                end=(last - start) / count.rate,
                layer=layer,
                kind=kind,
                media=media_of(take.edit) if kind == "picture" else None,
                source=source,
                speed=speed,
                name=name_of(take.edit),
                source_error=ROUNDING / count.rate,
            )


def _transitions(takes: Iterable[FrameEvent], count: TimecodeCounting, start: int) -> Iterator[TimelineTransition]:
    for take in takes:
        line = take.edit.line
        if take.layer is None or line.kind not in ("dissolve", "wipe") or not line.length:
            continue
        # what outlasts its event is cut off by the next one
        end = min(take.start + line.length, take.end)
        edit = (take.start - start) / count.rate
        name = take.edit.effect or f"{line.kind} {line.code}".strip()
        yield TimelineTransition(edit, (end - start) / count.rate, edit, take.layer, name)


def _oddities(
    edl: EditList, takes: Sequence[FrameEvent], count: TimecodeCounting, backwards: int, lost: int
) -> Iterator[str]:
    picture = [take for take in takes if take.layer is not None]
    if takes and not picture:
        yield "The list holds sound only"
    if backwards:
        yield f"Left out for ending before they begin on the record side: {_number(backwards, 'event')}"
    if uneven := sum(_is_uneven(take, count) for take in picture):
        yield f"Source and record differ in length in {_number(uneven, 'event')}; the record side was used"
    if overlapping := overlaps(picture):
        yield f"Begun before the one before had ended: {_number(overlapping, 'event')}; the later one was used"
    if lost:
        yield f"Left out for lying outside the programme: {_number(lost, 'marker')}"
    if edl.split_edits:
        yield "The list has split edits; the picture was put where its own line says"
    if edl.junk_lines:
        examples = ", ".join(f"'{text}'" for text in edl.junk)
        yield f"Not understood and left out: {_number(edl.junk_lines, 'line')}, such as {examples}"


def _is_uneven(take: FrameEvent, count: TimecodeCounting) -> bool:
    if take.edit.fps is not None or is_black(take.edit):
        return False
    first, last = (count.source(take.edit, label) for label in (take.edit.line.source_in, take.edit.line.source_out))
    return first is not None and last is not None and last - first != take.end - take.start


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
