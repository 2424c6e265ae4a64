"""Markers and marks as timelines and clips of the fake Resolve carry them: keys and lengths are floats."""

from fake_machinery import api

COLORS = (
    "Blue Cyan Green Yellow Red Pink Purple Fuchsia Rose Lavender Sky Mint Lemon Sand Cocoa Cream".split()  # noqa: SIM905
)


class Marked:
    """Object that carries markers: one per frame, relative to its start."""

    def _begin_marks(self):
        self._markers = {}

    @api(False)
    def AddMarker(self, frameId, color, name, note, duration, customData=""):
        frame = float(round(frameId))
        if color not in COLORS or frame in self._markers or frame < 0 or duration < 1:
            return False
        if not all(isinstance(text, str) for text in (name, note, customData)):
            return False
        self._markers[frame] = {
            "color": color,
            "duration": float(duration),
            "note": note,
            "name": name,
            "customData": customData,
        }
        return True

    @api(dict)
    def GetMarkers(self):
        return {frame: dict(marker) for frame, marker in sorted(self._markers.items())}

    @api(dict)
    def GetMarkerByCustomData(self, customData):
        return {f: dict(m) for f, m in sorted(self._markers.items()) if m["customData"] == customData}

    @api(False)
    def UpdateMarkerCustomData(self, frameId, customData):
        self._markers[float(frameId)]["customData"] = str(customData)
        return True

    @api("")
    def GetMarkerCustomData(self, frameId):
        return self._markers[float(frameId)]["customData"]

    @api(False)
    def DeleteMarkersByColor(self, color):
        doomed = [f for f, m in self._markers.items() if color in ("All", m["color"])]
        for frame in doomed:
            del self._markers[frame]
        return bool(doomed)

    @api(False)
    def DeleteMarkerAtFrame(self, frameNum):
        return self._markers.pop(float(frameNum), None) is not None

    @api(False)
    def DeleteMarkerByCustomData(self, customData):
        for frame, marker in sorted(self._markers.items()):
            if marker["customData"] == customData:
                del self._markers[frame]  # the first one only
                return True
        return False


class Ranged(Marked):
    """Object that carries in and out marks as well, relative to its start too."""

    def _begin_marks(self):
        super()._begin_marks()
        self._marks = {}

    @api(dict)
    def GetMarkInOut(self):
        return {kind: dict(marks) for kind, marks in self._marks.items()}

    @api(False)
    def SetMarkInOut(self, mark_in, mark_out, type="all"):  # noqa: A002
        if not (0 <= mark_in <= mark_out) or type not in ("video", "audio", "all"):
            return False
        for kind in ("video", "audio") if type == "all" else (type,):
            self._marks[kind] = {"in": int(mark_in), "out": int(mark_out)}
        return True

    @api(False)
    def ClearMarkInOut(self, type="all"):  # noqa: A002
        for kind in ("video", "audio") if type == "all" else (type,):
            self._marks.pop(kind, None)
        return True
