"""A DaVinci Resolve to test against: one stateful application with its documented behaviour and its bad manners.

Built after the notes of people who measured the real one: it answers None, False or an empty list where something is
wrong, never raises, counts in four different frame spaces, and can be told to misbehave in the ways that were seen.
"""

from fake_machinery import Machinery, Remote, api
from fake_pool import MediaPool
from fake_rates import setting
from fake_render import Rendering
from fake_timeline import Timeline

PAGES = ("media", "cut", "edit", "fusion", "color", "fairlight", "deliver")
EXPORTS = [
    "AAF",
    "DRT",
    "EDL",
    "FCP_7_XML",
    "FCPXML_1_8",
    "FCPXML_1_9",
    "FCPXML_1_10",
    "TEXT_CSV",
    "TEXT_TAB",
    "OTIO",
    "NONE",
    "AAF_NEW",
    "AAF_EXISTING",
    "CDL",
    "SDL",
    "MISSING_CLIPS",
]
CONSTANTS = {f"EXPORT_{name}": number + 0.625 for number, name in enumerate(EXPORTS)}  # odd, so that nobody guesses
STUDIO_ONLY = [
    "CreateSubtitlesFromAudio",
    "TranscribeAudio",
    "SetVoiceIsolationState",
    "GenerateSpeech",
    "ConvertTimelineToStereo",
    "SmartReframe",
    "CreateMagicMask",
    "AnalyzeForIntellisearch",
]


class Resolve(Remote):
    """The root object."""

    def __getattr__(self, name):
        if name in CONSTANTS:
            if name in self._app.missing_constants:
                return None
            return CONSTANTS[name]
        return super().__getattr__(name)

    @api(None)
    def Fusion(self):
        return self._app.fusion

    @api(None)
    def GetProjectManager(self):
        return self._app.manager

    @api("")
    def GetProductName(self):
        return "DaVinci Resolve Studio" if self._app.studio else "DaVinci Resolve"

    @api(list)
    def GetVersion(self):
        return [*self._app.version, 7, ""]

    @api("")
    def GetVersionString(self):
        return ".".join(map(str, self._app.version)) + ".7"

    @api(False)
    def OpenPage(self, pageName):
        if pageName not in PAGES:
            return False
        self._app.page = pageName
        return True

    @api(None)
    def GetCurrentPage(self):
        return self._app.page


class Fusion(Remote):
    """Fusion's root, of which only the missing UIManager matters."""

    @property
    def UIManager(self):
        if self._app.studio or self._app.version < (19, 1, 0):
            return object()
        self._app.modal_open = True  # the purchase prompt
        return None


class ProjectManager(Remote):
    """Projects and their database."""

    @api(None)
    def GetCurrentProject(self):
        return self._app.project

    @api(None)
    def GetCurrentDatabase(self):
        return None if self._app.wedged else {"DbType": "Disk", "DbName": "Local Database"}

    @api(False)
    def SaveProject(self):
        if self._app.project is None or self._app.project._name == "Untitled Project":
            return False
        for item in self._app.doomed:
            for track in (track for tracks in item._timeline._tracks.values() for track in tracks):
                if item in track["items"]:
                    track["items"].remove(item)
        self._app.doomed.clear()
        return True


class Project(Rendering, Remote):
    """A project with its timelines, settings and render queue."""

    def __init__(self, app, name, rate):
        super().__init__(app)
        self._name = name
        self._settings = {"timelineFrameRate": rate, "timelineResolutionWidth": "1920"}
        self._timelines = []
        self._current = None
        self._pool = MediaPool(app, self)
        self._begin_rendering()

    def _new_timeline(self, name):
        made = Timeline(self._app, self, name)
        made._start_timecode = "01:00:00;00" if self._settings["timelineFrameRate"].endswith("DF") else "01:00:00:00"
        self._timelines.append(made)
        return made

    @api("")
    def GetName(self):
        return self._name

    @api("")
    def GetUniqueId(self):
        return self._id

    @api(None)
    def GetCurrentTimeline(self):
        return self._current

    @api(False)
    def SetCurrentTimeline(self, timeline):
        if timeline not in self._timelines:
            return False
        self._current = timeline
        return True

    @api(0)
    def GetTimelineCount(self):
        return len(self._timelines)

    @api(None)
    def GetTimelineByIndex(self, idx):
        return self._timelines[int(idx) - 1] if int(idx) == idx >= 1 else None

    @api(None)
    def GetMediaPool(self):
        return self._pool

    @api("")
    def GetSetting(self, settingName=""):
        return setting(self._app, self._settings.get(settingName, "")) if settingName else dict(self._settings)

    @api(False)
    def SetSetting(self, settingName, settingValue):
        if not isinstance(settingValue, str):
            return False
        self._settings[settingName] = settingValue
        return True


class FakeResolve(Machinery):
    """The application: its state, its switches, and the objects that a script is given.

    Arguments:
        studio: Studio or the free edition.
        version: Major, minor and patch.
        unknown: What an unknown method does: ``raise`` or ``fabricate`` a callable that answers None.
        rate: The project's rate as Resolve writes it, such as ``29.97 DF``.
        odd_numbers: Whether frames come as floats where integers are documented.
        import_once: Whether a second import of a known path gives nothing.
        inclusive_end: Whether ``endFrame`` is the last frame of a clip, as on 18.5 and 18.6, and one more is refused.
        moves_playhead: Whether appending moves the playhead to the end of the clip, and drops the marks.
        settings_as_numbers: Whether settings come as numbers where texts are documented.
    """

    def __init__(
        self,
        *,
        studio=True,
        version=(20, 3, 2),
        unknown="raise",
        rate="24",
        name="Short film",
        odd_numbers=False,
        import_once=True,
        inclusive_end=False,
        moves_playhead=False,
        settings_as_numbers=False,
    ):
        super().__init__(unknown)
        self.studio, self.version, self.odd_numbers, self.import_once = studio, version, odd_numbers, import_once
        self.inclusive_end, self.moves_playhead = inclusive_end, moves_playhead
        self.settings_as_numbers = settings_as_numbers
        self.page, self.wedged, self.doomed, self.missing_constants = "edit", False, [], set()
        self.resolve, self.fusion, self.manager = Resolve(self), Fusion(self), ProjectManager(self)
        self.project = Project(self, name, rate)
        self._gate()

    def _gate(self):
        for owner in (Timeline, Project):
            for name in STUDIO_ONLY:
                if not hasattr(owner, name):
                    setattr(owner, name, _studio_call(name))

    def cut(self, *lengths, name="Scene 12", media="/media/shot{}.mov"):
        """Put a timeline with shots of these lengths in frames into the project and open it."""
        from fake_pool import MediaPoolItem

        timeline = self.project._new_timeline(name)
        at = 0
        for number, length in enumerate(lengths, 1):
            source = MediaPoolItem(self, media.format(number), 1000, 24.0, "Video + Audio")
            self.project._pool._root._clips.append(source)
            timeline._put("video", source, at, length)
            timeline._put("audio", source, at, length)
            at += length
        self.project._current = timeline
        return timeline

    def constant_of(self, value):
        """Return the name of a live constant; None for anything else, strings above all."""
        if isinstance(value, str):
            return None
        return next((name for name, number in CONSTANTS.items() if number == value), None)

    def switch_timeline(self):
        if len(self.project._timelines) < 2:
            self.project._new_timeline("Another scene")._track_count = 1
        others = [timeline for timeline in self.project._timelines if timeline is not self.project._current]
        self.project._current = others[0]

    def drop_on_save(self, answer):
        self.doomed.extend(answer if isinstance(answer, list) else [])


def _studio_call(name):
    def call(self, *_args):
        if self._app.studio:
            return True
        self._app.modal_open = True
        return False

    call.__name__ = name
    marked = api(False)(call)
    marked.is_api = False  # there, but not in the list of what the bridge may call
    return marked
