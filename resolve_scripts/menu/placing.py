"""Putting a finished job into the timeline, and taking all that emsync put there out again."""

from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional

from .errors import UserError, maybe, whole
from .export import identity_of
from .hits import form_of, hits_of, remove_ours, replace_markers, weightiest
from .sound import delete_items, first_frame, import_sound, lay, music_of, path_of, plays, silence_earlier, spelled
from .state import TRACK, TimelineState

if TYPE_CHECKING:
    from .export import TimelineInfo
    from .resolve_api import OpenTimeline

Say = Callable[[str], None]


def place(
    opened: "OpenTimeline",
    info: "TimelineInfo",
    record: "Dict[str, Any]",
    state: "TimelineState",
    say: "Say",
    markers: str = "hits",
    most: int = 100,
) -> str:
    """Put the music of a finished job on a track of its own, with its markers.

    Arguments:
        opened: Resolve with the timeline that was read.
        info: Contents of the timeline, as they were read.
        record: The job's record.
        state: The timeline's memory.
        say: Receiver of the notes.
        markers: Choice of markers: ``none``, ``hits``, or ``all`` for hits and form.
        most: Markers of hits at most.

    Returns:
        What was done, in words.

    Raises:
        UserError: It could not be placed; the timeline is then as it was.
    """
    music = music_of(record, info.start_frame, info.rate)
    open_now = opened.project.GetCurrentTimeline()
    if open_now is None or identity_of(open_now) != info.identity:
        raise UserError(
            "Another timeline is open now, so nothing was placed. Open '{}' again and write back from the emsync page. "
            "The music is in {}.".format(info.timeline, music.path)
        )
    if whole(opened.timeline.GetStartFrame()) != info.start_frame:
        raise UserError("The timeline's start has been moved meanwhile, so nothing was placed. Score it again.")
    page: "Optional[Any]" = maybe(lambda: opened.resolve.GetCurrentPage(), None)
    playhead = maybe(lambda: opened.timeline.GetCurrentTimecode(), "")
    timeline: "Any" = opened.timeline
    marks: "Any" = maybe(lambda: timeline.GetMarkInOut(), None)
    earlier = {spelled(path) for path in state.sounds()}
    try:
        item = import_sound(opened, music.path)
        for path in {music.path, path_of(item) or music.path}:  # Resolve may spell it differently
            state.add_sound(path)
        placed = lay(opened, item, music)
        first = first_frame(record, info.rate)
        hits = hits_of(record, first) if markers != "none" else []
        chosen = weightiest(hits, most)
        form = form_of(record, first) if markers == "all" else []
        marked = replace_markers(opened.timeline, str(record["id"]), chosen + form, info.frames)
        off = silence_earlier(opened, placed.track, earlier - {spelled(music.path)})
    finally:
        if page and maybe(lambda: opened.resolve.GetCurrentPage(), page) != page:
            opened.resolve.OpenPage(page)
        _restore(opened.timeline, str(playhead), marks)
    if identity_of(opened.project.GetCurrentTimeline()) != info.identity:
        say("Note: another timeline was opened meanwhile; the music is in '{}'.".format(info.timeline))
    if placed.frames != music.frames:
        say("Note: Resolve made the clip {} frame(s) shorter or longer.".format(abs(placed.frames - music.frames)))
    if marked.moved:
        say(
            "Note: {} marker(s) stand a frame or two beside their place, because others are there.".format(marked.moved)
        )
    if len(chosen) < len(hits):
        say(
            "Note: {} of {} hits have a marker. 'emsync resolve install --most-markers NUMBER' changes how many "
            "get one.".format(len(chosen), len(hits))
        )
    if marked.left_out:
        say("Note: {} marker(s) found no free frame and were left out.".format(marked.left_out))
    where = "the start" if not first else "{:.2f} s".format(info.seconds(first))
    return (
        "Done. {:.1f} s of music from {} on track A{} '{}', and {} marker(s).{} "
        "Nothing else was changed; the project is not saved."
    ).format(
        float(music.seconds),
        where,
        placed.track,
        placed.name,
        marked.made,
        " Switched off: {}.".format(", ".join(off)) if off else "",
    )


def _restore(timeline: "Any", playhead: str, marks: "Any") -> None:
    """Put playhead and in and out marks back where they were: AppendToTimeline moves the playhead on some versions."""
    now: "Any" = maybe(lambda: timeline.GetMarkInOut(), marks)
    if playhead and maybe(lambda: timeline.GetCurrentTimecode(), playhead) != playhead:
        maybe(lambda: timeline.SetCurrentTimecode(playhead), False)
    if not isinstance(marks, dict) or now == marks:
        return
    for kind in ("video", "audio"):
        one = marks.get(kind) or {}
        if "in" in one and "out" in one:
            into, out = whole(one["in"]), whole(one["out"])
            timeline.SetMarkInOut(into, out, kind)


def remove(opened: "OpenTimeline", state: "TimelineState") -> str:
    """Take everything out of the timeline that emsync put there, and nothing else.

    Its own are the clips that play its sound files on tracks that bear its name, those tracks once they are empty, and
    the markers that carry its custom data.

    Returns:
        What was done, in words.
    """
    sounds = {spelled(path) for path in state.sounds()}
    timeline = opened.timeline
    clips = tracks = 0
    stayed: "List[str]" = []
    elsewhere = 0
    for index in range(whole(timeline.GetTrackCount("audio") or 0), 0, -1):  # from the last, for numbers move up
        name = str(timeline.GetTrackName("audio", index))
        items = list(timeline.GetItemListInTrack("audio", index) or [])
        ours = [item for item in items if plays(item, sounds)]
        if not TRACK.match(name):
            elsewhere += len(ours)
            continue
        if not ours and (items or not sounds):  # an empty one is what a click left that was cut short
            continue
        if timeline.GetIsTrackLocked("audio", index):
            stayed.append("'{}' is locked".format(name))
            continue
        if ours:
            delete_items(opened, ours)
        left = list(timeline.GetItemListInTrack("audio", index) or [])
        gone = len(items) - len(left)
        clips += gone
        if left:
            why = "holds clips of yours" if gone == len(ours) else "could not be emptied"
            stayed.append("'{}' {}".format(name, why))
        elif _drop(timeline, index, name):
            tracks += 1
        else:
            stayed.append("'{}' could not be removed".format(name))
    markers = remove_ours(timeline)
    if not (clips or tracks or markers or stayed or elsewhere):
        return "There is nothing of emsync in this timeline. Nothing was changed."
    said = "Removed {} clip(s), {} track(s) and {} marker(s) of emsync.".format(clips, tracks, markers)
    if stayed:
        said += " Left as they are: {}.".format("; ".join(stayed))
    if elsewhere:
        said += " {} clip(s) of its music on other tracks were left alone.".format(elsewhere)
    return said + " The sound files stay in the bin 'emsync'. Nothing else was changed."


def _drop(timeline: "Any", index: int, name: str) -> bool:
    before = whole(timeline.GetTrackCount("audio") or 0)
    if timeline.GetTrackName("audio", index) != name or timeline.GetItemListInTrack("audio", index):
        return False
    timeline.DeleteTrack("audio", index)
    return whole(timeline.GetTrackCount("audio") or 0) == before - 1
