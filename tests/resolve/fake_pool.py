"""The media pool of the fake Resolve: bins, clips, import and placing."""

import wave
from fractions import Fraction
from math import floor
from pathlib import Path

from fake_machinery import Remote, api
from fake_markers import Ranged
from fake_rates import exact, timecode_of


class MediaPoolItem(Ranged, Remote):
    """A clip in a bin; a WAV keeps the rate that the project had when it came in."""

    def __init__(self, app, path, frames, fps, kind):
        super().__init__(app)
        self._begin_marks()
        self._path, self._frames, self._fps, self._kind = str(path), frames, fps, kind
        self._name = Path(path).name
        self._metadata = {}
        self._reported_id = self._id

    @api("")
    def GetName(self):
        return self._name

    @api("")
    def GetMediaId(self):
        return f"media-{self._reported_id}"

    @api("")
    def GetUniqueId(self):
        return self._reported_id

    @api("")
    def GetClipProperty(self, propertyName=""):
        properties = {
            "File Path": self._path,
            "File Name": self._name,
            "FPS": self._fps if self._app.odd_numbers else str(self._fps),
            "Frames": str(self._frames),
            "Type": self._kind,
        }
        return properties.get(propertyName, "") if propertyName else properties

    @api(False)
    def SetMetadata(self, metadataType, metadataValue=None):
        self._metadata.update(metadataType if isinstance(metadataType, dict) else {metadataType: str(metadataValue)})
        return True

    @api(False)
    def ReplaceClip(self, filePath):
        if not Path(filePath).is_file():
            return False
        self._path = str(filePath)
        return True


class Folder(Remote):
    """A bin."""

    def __init__(self, app, name):
        super().__init__(app)
        self._name, self._clips, self._folders = name, [], []

    @api("")
    def GetName(self):
        return self._name

    @api(list)
    def GetClipList(self):
        return list(self._clips)

    @api(list)
    def GetSubFolderList(self):
        return list(self._folders)

    @api("")
    def GetUniqueId(self):
        return self._id


class MediaPool(Remote):
    """Bins, import into the current bin, and placing on the current timeline."""

    def __init__(self, app, project):
        super().__init__(app)
        self._project = project
        self._root = Folder(app, "Master")
        self._current = self._root

    @api(None)
    def GetRootFolder(self):
        return self._root

    @api(None)
    def GetCurrentFolder(self):
        return self._current

    @api(False)
    def SetCurrentFolder(self, folder):
        if not isinstance(folder, Folder):
            return False
        self._current = folder
        return True

    @api(None)
    def AddSubFolder(self, folder, name):
        if not isinstance(folder, Folder) or any(sub._name == name for sub in folder._folders):
            return None
        made = Folder(self._app, str(name))
        folder._folders.append(made)
        self._current = made  # as Resolve does: the new bin is opened
        return made

    @api(list)
    def ImportMedia(self, items):
        made = []
        for path in items:
            file = Path(path)
            known = any(clip._path == str(path) for clip in self._all_clips(self._root))
            if not file.is_file() or (known and self._app.import_once):
                continue
            item = self._item(file)
            self._current._clips.append(item)
            made.append(item)
        return made

    def _all_clips(self, folder):
        return [*folder._clips, *(clip for sub in folder._folders for clip in self._all_clips(sub))]

    def _item(self, file):
        fps = self._project._settings["timelineFrameRate"].split()[0]
        if file.suffix.lower() != ".wav":
            return MediaPoolItem(self._app, file, 240, float(fps), "Video + Audio")
        with wave.open(str(file)) as sound:
            seconds = Fraction(sound.getnframes(), sound.getframerate())
        return MediaPoolItem(self._app, file, floor(seconds * exact(fps)), float(fps), "Audio")

    @api(list)
    def AppendToTimeline(self, *clips):
        from fake_timeline import TimelineItem

        infos = clips[0] if len(clips) == 1 and isinstance(clips[0], list) else list(clips)
        timeline = self._project._current
        placed = []
        for info in infos:
            source = info["mediaPoolItem"]
            fps, rate = exact(str(source._fps)), timeline._rate()
            begin, end = info["startFrame"], info["endFrame"]
            if begin % 1 or end % 1:
                return None  # as Resolve 21 answers fractions
            after = int(end) + self._app.inclusive_end  # the end is not in, except on 18.5 and 18.6
            if after > source._frames and self._app.inclusive_end:
                continue
            length = floor(Fraction(after - int(begin)) / fps * rate)
            kinds = {1: ["video"], 2: ["audio"]}.get(info.get("mediaType"), ["video", "audio"])
            for kind in kinds:
                tracks = timeline._tracks[kind]
                index = int(info["trackIndex"])
                if not 1 <= index <= len(tracks) or tracks[index - 1]["locked"] or length < 1:
                    continue
                start = int(info["recordFrame"])  # before the timeline's start is accepted too
                items = tracks[index - 1]["items"]
                if any(item._start < start + length and start < item._start + item._length for item in items):
                    continue  # the earlier one wins
                item = TimelineItem(self._app, timeline, kind, source, start, length, int(info["startFrame"]))
                items.append(item)
                placed.append(item)
                if self._app.moves_playhead:
                    timeline._playhead = timecode_of(start + length, timeline._rate_text())
                    timeline.ClearMarkInOut()
        return placed

    @api(None)
    def ImportTimelineFromFile(self, filePath, importOptions=None):
        options = importOptions or {}
        name = options.get("timelineName", Path(filePath).stem)
        if not Path(filePath).is_file() or any(t._name == name for t in self._project._timelines):
            return None
        if str(filePath).endswith(".otio") and '"Clip.2"' not in Path(filePath).read_text(encoding="utf-8"):
            return None  # not in Resolve's own shape
        return self._project._new_timeline(name)

    @api(False)
    def DeleteTimelines(self, timeline):
        for one in timeline:
            self._project._timelines.remove(one)
            one._stale = True
        return True

    @api(False)
    def DeleteClips(self, clips):
        for folder in self._every_folder(self._root):
            folder._clips = [clip for clip in folder._clips if clip not in clips]
        return True

    def _every_folder(self, folder):
        return [folder, *(deeper for sub in folder._folders for deeper in self._every_folder(sub))]

    @api("")
    def GetUniqueId(self):
        return self._id
