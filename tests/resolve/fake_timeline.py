"""Timelines of the fake Resolve: tracks, items, timecode, export."""

from fake_export import write_export
from fake_machinery import Remote, api
from fake_markers import Marked, Ranged
from fake_rates import drops, frame_of, setting, timecode_of

SUBTYPES = ("mono", "stereo", "5.1", "7.1")


class TimelineItem(Marked, Remote):
    """A clip on a timeline, at absolute frames."""

    def __init__(self, app, timeline, kind, source, start, length, offset=0, name=None):
        super().__init__(app)
        self._begin_marks()
        self._timeline, self._kind, self._source = timeline, kind, source
        self._start, self._length, self._offset = start, length, offset
        self._name = name or (source._name if source else "")
        self._reported_id = self._id

    def _number(self, value, subframe):
        return float(value) if subframe or self._app.odd_numbers else value

    @api("")
    def GetName(self):
        return self._name

    @api(False)
    def SetName(self, name):
        self._name = str(name)
        return True

    @api(None)
    def GetStart(self, subframe_precision=False):
        return self._number(self._start, subframe_precision)

    @api(None)
    def GetEnd(self, subframe_precision=False):
        return self._number(self._start + self._length, subframe_precision)

    @api(None)
    def GetDuration(self, subframe_precision=False):
        return self._number(self._length, subframe_precision)

    @api(None)
    def GetLeftOffset(self, subframe_precision=False):
        return self._number(self._offset, subframe_precision)

    @api(None)
    def GetSourceStartTime(self):
        return self._offset / float(self._source._fps)

    @api(None)
    def GetMediaPoolItem(self):
        return self._source

    @api(None)
    def GetTrackTypeAndIndex(self):
        for index, track in enumerate(self._timeline._tracks[self._kind], 1):
            if self in track["items"]:
                return [self._kind, index]
        return None

    @api("")
    def GetUniqueId(self):
        return self._reported_id


class Timeline(Ranged, Remote):
    """A timeline with its tracks; absolute frames start at the start timecode."""

    def __init__(self, app, project, name):
        super().__init__(app)
        self._begin_marks()
        self._project, self._name = project, name
        self._settings = {}
        self._start_timecode = "01:00:00:00"
        self._playhead = self._start_timecode
        self._tracks = {"video": [self._track("Video 1")], "audio": [self._track("Audio 1", "stereo")], "subtitle": []}

    @staticmethod
    def _track(name, subtype=""):
        return {"name": name, "subtype": subtype, "locked": False, "enabled": True, "items": []}

    def _rate_text(self):
        return self._settings.get("timelineFrameRate") or self._project._settings["timelineFrameRate"]

    def _rate(self):
        from fake_rates import exact

        return exact(self._rate_text())

    def _start(self):
        return frame_of(self._start_timecode, self._rate_text())

    def _put(self, kind, source, start, length, track=1, name=None):
        item = TimelineItem(self._app, self, kind, source, self._start() + start, length, name=name)
        self._tracks[kind][track - 1]["items"].append(item)
        return item

    def _one(self, kind, index):
        if isinstance(index, bool) or index != int(index) or int(index) < 1:
            raise IndexError(index)
        return self._tracks[kind][int(index) - 1]

    @api("")
    def GetName(self):
        return self._name

    @api(0)
    def GetStartFrame(self):
        return float(self._start()) if self._app.odd_numbers else self._start()

    @api(0)
    def GetEndFrame(self):
        items = [item for kind in self._tracks.values() for track in kind for item in track["items"]]
        return max((item._start + item._length for item in items), default=self._start())

    @api("")
    def GetStartTimecode(self):
        return self._start_timecode

    @api(False)
    def SetStartTimecode(self, timecode):
        frame_of(timecode, self._rate_text())
        self._start_timecode = timecode
        return True

    @api(0)
    def GetTrackCount(self, trackType):
        return len(self._tracks[trackType])

    @api(list)
    def GetItemListInTrack(self, trackType, index):
        return sorted(self._one(trackType, index)["items"], key=lambda item: item._start)

    @api(False)
    def AddTrack(self, trackType, subTrackType=None):
        options = subTrackType if isinstance(subTrackType, dict) else {"audioType": subTrackType}
        tracks = self._tracks[trackType]
        subtype = (options.get("audioType") or "mono") if trackType == "audio" else ""
        if trackType == "audio" and subtype not in SUBTYPES:
            return False
        track = self._track(f"{trackType.title()} {len(tracks) + 1}", subtype)
        tracks.insert(int(options.get("index", len(tracks) + 1)) - 1, track)
        return True

    @api(False)
    def DeleteTrack(self, trackType, trackIndex):
        self._tracks[trackType].remove(self._one(trackType, trackIndex))
        return True

    @api("")
    def GetTrackSubType(self, trackType, trackIndex):
        return self._one(trackType, trackIndex)["subtype"]

    @api("")
    def GetTrackName(self, trackType, trackIndex):
        return self._one(trackType, trackIndex)["name"]

    @api(False)
    def SetTrackName(self, trackType, trackIndex, name):
        self._one(trackType, trackIndex)["name"] = str(name)
        return True

    @api(False)
    def SetTrackLock(self, trackType, trackIndex, Bool):
        self._one(trackType, trackIndex)["locked"] = bool(Bool)
        return True

    @api(False)
    def GetIsTrackLocked(self, trackType, trackIndex):
        return self._one(trackType, trackIndex)["locked"]

    @api(False)
    def SetTrackEnable(self, trackType, trackIndex, Bool):
        self._one(trackType, trackIndex)["enabled"] = bool(Bool)
        return True

    @api(False)
    def GetIsTrackEnabled(self, trackType, trackIndex):
        return self._one(trackType, trackIndex)["enabled"]

    @api("")
    def GetCurrentTimecode(self):
        return self._playhead

    @api(False)
    def SetCurrentTimecode(self, timecode):
        if frame_of(timecode, self._rate_text()) < self._start():
            return False
        self._playhead = timecode
        return True

    @api(False)
    def Export(self, fileName, exportType, exportSubtype=None):
        return write_export(self, fileName, self._app.constant_of(exportType), self._app.constant_of(exportSubtype))

    @api(None)
    def DuplicateTimeline(self, timelineName=None):
        name = timelineName or f"{self._name} copy"
        if any(timeline._name == name for timeline in self._project._timelines):
            return None
        made = self._project._new_timeline(name)
        made._settings, made._start_timecode = dict(self._settings), self._start_timecode
        made._markers = {frame: dict(marker) for frame, marker in self._markers.items()}
        made._tracks = {kind: [{**track, "items": []} for track in tracks] for kind, tracks in self._tracks.items()}
        for kind, tracks in self._tracks.items():
            for mine, its in zip(tracks, made._tracks[kind], strict=True):
                for item in mine["items"]:
                    copy = TimelineItem(self._app, made, kind, item._source, item._start, item._length, item._offset)
                    its["items"].append(copy)
        return made

    @api(False)
    def DeleteClips(self, timelineItems, Bool=False):
        if self._app.page == "fairlight" or not timelineItems:
            return False
        found = False
        for track in (track for tracks in self._tracks.values() for track in tracks):
            doomed = [item for item in track["items"] if item in timelineItems]
            if doomed and track["locked"]:
                return False
            for item in doomed:
                track["items"].remove(item)
                item._stale = found = True
                if Bool:  # ripple
                    for later in track["items"]:
                        later._start -= item._length if later._start > item._start else 0
        return found

    @api("")
    def GetSetting(self, settingName=""):
        if settingName == "timelineDropFrameTimecode":
            return setting(self._app, "1" if drops(self._rate_text()) else "0")
        return setting(self._app, self._settings.get(settingName, "")) if settingName else dict(self._settings)

    @api(False)
    def SetSetting(self, settingName, settingValue):
        if not isinstance(settingValue, str):
            return False
        self._settings[settingName] = settingValue
        return True

    @api("")
    def GetUniqueId(self):
        return self._id

    def _label(self, frame):
        return timecode_of(frame, self._rate_text())
