"""The music as a clip: into a bin of its own, onto a fresh track, read back, and taken away again if it went wrong."""

import os
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional, Tuple

from .errors import UserError, maybe, whole
from .export import identity_of
from .rates import parse_rate
from .state import TRACK

if TYPE_CHECKING:
    from fusionscript import Folder, MediaPoolItem, Timeline, TimelineItem

    from .resolve_api import OpenTimeline

BIN = "emsync"
TOLERANCE = 1
"""Frames that a clip may differ in length: Resolve rounds down where the sound's rate is not the timeline's."""


class Music(NamedTuple):
    """Music to place: the sound file, its length in seconds, and the absolute frames that it shall fill."""

    path: str
    seconds: Fraction
    frame: int
    frames: int


class PlacedClip(NamedTuple):
    """Clip that stands in the timeline: track number and name, and the length that was read back."""

    track: int
    name: str
    frames: int


def import_sound(opened: "OpenTimeline", path: str) -> "MediaPoolItem":
    """Bring the sound file into the bin and open the user's bin again.

    Raises:
        UserError: Resolve does not take it.
    """
    pool = opened.pool
    before: "Optional[Folder]" = maybe(lambda: pool.GetCurrentFolder(), None)
    try:
        folder = _bin(opened)
        if folder is not None:
            pool.SetCurrentFolder(folder)
        found = list(pool.ImportMedia([path]) or [])
        # Resolve's answer proves nothing: it may be empty though the clip is there, as after an earlier import.
        here = maybe(lambda: pool.GetCurrentFolder(), None)
        for place in (folder, here):
            if not found and place is not None:
                found = [clip for clip in (place.GetClipList() or []) if _is(clip, path)]
    finally:
        if before is not None:
            pool.SetCurrentFolder(before)
    if not found:
        raise UserError(
            "Resolve did not take the music into the media pool. Nothing was changed in the timeline. "
            "The music is in {}: drag it in by hand.".format(path)
        )
    return found[0]


def _bin(opened: "OpenTimeline") -> "Optional[Folder]":
    root: "Optional[Folder]" = maybe(lambda: opened.pool.GetRootFolder(), None)
    if root is None:
        return None
    known = _bin_in(root)
    if known is None:
        opened.pool.AddSubFolder(root, BIN)
        known = _bin_in(root)
    return known


def _bin_in(root: "Folder") -> "Optional[Folder]":
    for folder in root.GetSubFolderList() or []:
        if folder.GetName() == BIN:
            return folder
    return None


def _is(clip: "Any", path: str) -> bool:
    return same_file(path_of(clip), path)


def path_of(clip: "Any") -> str:
    """Return the file behind a clip, as Resolve spells it; empty when it does not say."""
    return "" if clip is None else _property(clip, "File Path")


def _property(clip: "Any", name: str) -> str:
    return str(maybe(lambda: clip.GetClipProperty(name), ""))


def same_file(one: "Any", other: str) -> bool:
    """Tell whether two paths name the same file, however they are spelled."""
    return spelled(str(one)) == spelled(other)


def spelled(path: str) -> str:
    """Return a path in the one spelling that paths are compared in."""
    return os.path.normcase(os.path.realpath(path))


def source_frames(item: "MediaPoolItem", music: "Music") -> int:
    """Return the music's length in frames of the clip, which keeps the rate that the project had at its import."""
    said = _property(item, "FPS")
    try:
        rate = parse_rate(str(said))[0]
    except UserError:
        return music.frames
    exact = music.seconds * rate
    if exact.denominator == 1:
        return int(exact)
    length = int(exact) + 1
    try:
        available = int(float(str(_property(item, "Frames"))))
    except ValueError:
        available = int(exact)
    return max(1, min(length, available) if available > 0 else int(exact))


def new_track(opened: "OpenTimeline") -> "Tuple[int, str]":
    """Add an empty stereo track below all others.

    Returns:
        Its number and its name.

    Raises:
        UserError: Resolve does not add one.
    """
    timeline = opened.timeline
    before = whole(timeline.GetTrackCount("audio") or 0)
    names = {timeline.GetTrackName("audio", number) for number in range(1, before + 1)}
    number = 1
    while "emsync {}".format(number) in names:
        number += 1
    name = "emsync {}".format(number)
    timeline.AddTrack("audio", "stereo")
    index = whole(timeline.GetTrackCount("audio") or 0)
    if index == before:
        other: "Any" = {"audioType": "stereo"}  # the other form that is documented
        timeline.AddTrack("audio", other)
        index = whole(timeline.GetTrackCount("audio") or 0)
    if index != before + 1:
        raise UserError(
            "Resolve did not add an audio track. Close its dialogs and try again. Nothing was changed in the timeline."
        )
    timeline.SetTrackName("audio", index, name)
    subtype = maybe(lambda: timeline.GetTrackSubType("audio", index), "stereo")
    if subtype.lower() != "stereo" or timeline.GetTrackName("audio", index) != name:
        drop_track(timeline, index, name)
        raise UserError("Resolve did not make the new track as asked (stereo, named '{}'). Try again.".format(name))
    return index, name


def drop_track(timeline: "Timeline", index: int, name: str) -> bool:
    """Remove a track that this script has just added, if it is still that one and empty."""
    if index != whole(timeline.GetTrackCount("audio") or 0) or timeline.GetItemListInTrack("audio", index):
        return False
    if (timeline.GetTrackName("audio", index) or name) not in (name, "Audio {}".format(index)):
        return False
    return bool(timeline.DeleteTrack("audio", index))


def lay(opened: "OpenTimeline", item: "MediaPoolItem", music: "Music") -> "PlacedClip":
    """Put the music onto a fresh track and read it back.

    Raises:
        UserError: It does not stand where it should; what was begun has been taken away again.
    """
    timeline = opened.timeline
    index, name = new_track(opened)
    info: "Any" = {
        "mediaPoolItem": item,
        "startFrame": 0,
        "endFrame": source_frames(item, music),  # the frame after the last
        "mediaType": 2,
        "trackIndex": index,
        "recordFrame": music.frame,
    }
    append: "Any" = opened.pool.AppendToTimeline  # the stubs lack the list form for this overload
    append([info])
    there = list(timeline.GetItemListInTrack("audio", index) or [])
    if not there and info["endFrame"] > 1:
        # Some versions take endFrame as the last frame, and refuse one past the file's end.
        append([dict(info, endFrame=info["endFrame"] - 1)])
        there = list(timeline.GetItemListInTrack("audio", index) or [])
    if len(there) == 1:
        start, length = there[0].GetStart(), there[0].GetDuration()  # type: ignore[call-arg]  # older ones take none
        if start is not None and length is not None:
            fits = whole(start) == music.frame and abs(whole(length) - music.frames) <= TOLERANCE
            if fits and _may_be(there[0], music.path):
                return PlacedClip(index, name, whole(length))
    gone = _undo(opened, index, name, music.path, there)
    if identity_of(opened.project.GetCurrentTimeline()) != identity_of(timeline):
        _take_back(opened.project.GetCurrentTimeline(), index, music)
        raise UserError(
            "Another timeline was opened while the music was being placed, so it was taken out again. Open the "
            "timeline that was scored and write back from the emsync page. The music is in {}.".format(music.path)
        )
    if not gone:
        raise UserError(
            "Resolve did not place the music where it belongs, and it could not be taken out again: delete the "
            "track '{}', or use 'Remove emsync results'. The music is in {}.".format(name, music.path)
        )
    raise UserError(
        "Resolve did not place the music where it belongs, so it was taken out again. "
        "The music is in {}: drag it in by hand, or try again.".format(music.path)
    )


def _may_be(item: "Any", path: str) -> bool:
    """Tell whether a clip on a track that was empty a moment ago is the music; Resolve may keep its path to itself."""
    said = path_of(maybe(lambda: item.GetMediaPoolItem(), None))
    return not said or same_file(said, path)


def _undo(opened: "OpenTimeline", index: int, name: str, path: str, items: "List[TimelineItem]") -> bool:
    """Take the fresh track away again with what came onto it; return whether it is gone."""
    if items and all(_may_be(item, path) for item in items):
        delete_items(opened, items)
    drop_track(opened.timeline, index, name)
    return whole(opened.timeline.GetTrackCount("audio") or 0) < index


def _take_back(timeline: "Optional[Timeline]", index: int, music: "Music") -> None:
    """Take the music out of a timeline that it was not meant for: only this file, only where it was just put."""
    if timeline is None:
        return
    strayed = [item for item in timeline.GetItemListInTrack("audio", index) or [] if plays(item, {spelled(music.path)})]
    if strayed:
        timeline.DeleteClips(strayed, False)


def delete_items(opened: "OpenTimeline", items: "List[TimelineItem]") -> bool:
    """Delete clips without closing the gap; Resolve refuses that on the Fairlight page, so it is left for a moment."""
    if opened.timeline.DeleteClips(items, False):
        return True
    page: "Optional[Any]" = maybe(lambda: opened.resolve.GetCurrentPage(), None)
    if page == "edit":
        return False
    opened.resolve.OpenPage("edit")
    done = bool(opened.timeline.DeleteClips(items, False))
    if page:
        opened.resolve.OpenPage(page)
    return done


def silence_earlier(opened: "OpenTimeline", index: int, sounds: "Any") -> "List[str]":
    """Switch off emsync's earlier tracks, so that two takes do not sound at once.

    Returns:
        Their names.
    """
    off: "List[str]" = []
    for number in range(1, whole(opened.timeline.GetTrackCount("audio") or 0) + 1):
        if number == index or not is_ours(opened.timeline, number, sounds):
            continue
        name = str(opened.timeline.GetTrackName("audio", number))
        if opened.timeline.GetIsTrackEnabled("audio", number):
            opened.timeline.SetTrackEnable("audio", number, False)
            off.append(name)
    return off


def is_ours(timeline: "Timeline", index: int, sounds: "Any") -> bool:
    """Tell whether a track bears a name of emsync and holds nothing but its music."""
    if not TRACK.match(str(maybe(lambda: timeline.GetTrackName("audio", index), ""))):
        return False
    items = timeline.GetItemListInTrack("audio", index) or []
    return bool(items) and all(plays(item, sounds) for item in items)


def plays(item: "Any", sounds: "Any") -> bool:
    """Tell whether a clip plays one of these sound files."""
    source = maybe(lambda: item.GetMediaPoolItem(), None)
    path = "" if source is None else str(_property(source, "File Path"))
    return bool(path) and spelled(path) in sounds


def music_of(record: "Dict[str, Any]", start_frame: int, rate: Fraction) -> "Music":
    """Return what a finished job has to be placed.

    Arguments:
        record: The job's record.
        start_frame: The timeline's first frame, absolute.
        rate: The timeline's frames per second.

    Raises:
        UserError: The job made no music, or for another frame rate, or its file has gone.
    """
    path = (record.get("files") or {}).get("audio")
    cue = (record.get("result") or {}).get("cue")
    if not path or not isinstance(cue, dict):
        raise UserError("This job made no music that could be placed.")
    if not os.path.isfile(path):  # noqa: PTH113  Path.is_file raises where the path is odd, before Python 3.8
        raise UserError("The music of this job is not there any more ({}). Score again.".format(path))
    spotting = cue["spotting"]
    made_for = Fraction(str(spotting["rate"]))
    if made_for != rate:
        raise UserError(
            "The music was made for {:.6g} frames per second, and this timeline has {:.6g}. "
            "Score this timeline.".format(float(made_for), float(rate))
        )
    frames = whole(spotting["duration"] * rate)
    return Music(path, frames / rate, start_frame + first_frame(record, rate), frames)


def first_frame(record: "Dict[str, Any]", rate: Fraction) -> int:
    """Return where a job's music begins, in frames from the timeline's start."""
    between = ((record.get("request") or {}).get("read") or {}).get("between")
    return whole(between[0] * rate) if between else 0
