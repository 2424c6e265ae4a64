"""The render queue of the fake Resolve: settings are inherited, jobs take a few polls, files appear or do not."""

from pathlib import Path

from fake_machinery import api

FORMATS = {"mp4": {"H.264": "H264", "H.265": "H265"}, "mov": {"Apple ProRes 422": "ProRes422"}, "wav": {}}
KEYS = [
    "SelectAllFrames",
    "MarkIn",
    "MarkOut",
    "TargetDir",
    "CustomName",
    "ExportVideo",
    "ExportAudio",
    "FormatWidth",
    "FormatHeight",
    "FrameRate",
    "VideoQuality",
    "AudioCodec",
    "AudioSampleRate",
    "NetworkOptimization",
]


class Rendering:
    """The part of a project that renders."""

    def _begin_rendering(self):
        self._render_settings = {"ExportVideo": True, "ExportAudio": True}
        self._render_format = ("mov", "ProRes422")
        self._jobs = {}
        self._polls_left = 0
        self.polls_per_render, self.render_fails = 3, False

    @api(False)
    def LoadRenderPreset(self, presetName):
        if presetName != "H.264 Master":
            return False
        self._render_settings = {"ExportVideo": True, "ExportAudio": True}
        return True

    @api(dict)
    def GetRenderFormats(self):
        return {name.upper(): name for name in FORMATS}

    @api(dict)
    def GetRenderCodecs(self, renderFormat):
        return dict(FORMATS[renderFormat])

    @api(dict)
    def GetCurrentRenderFormatAndCodec(self):
        return {"format": self._render_format[0], "codec": self._render_format[1]}

    @api(False)
    def SetCurrentRenderFormatAndCodec(self, format, codec):  # noqa: A002
        if codec not in FORMATS[format].values():
            return False
        self._render_format = (format, codec)
        return True

    @api(False)
    def SetRenderSettings(self, settings):
        if any(key not in KEYS for key in settings):
            return False
        self._render_settings.update(settings)
        return True

    @api("")
    def AddRenderJob(self):
        if not self._render_settings.get("TargetDir") or self._current is None:
            return ""
        job = self._app.new_id("Render")
        self._jobs[job] = {"JobStatus": "Ready", "CompletionPercentage": 0, "settings": dict(self._render_settings)}
        return job

    @api(list)
    def GetRenderJobList(self):
        return [{"JobId": job, "TimelineName": self._current._name} for job in self._jobs]

    @api(False)
    def StartRendering(self, *jobs):  # identifiers or a list of them, and perhaps whether it is interactive
        started = [job for one in jobs for job in (one if isinstance(one, list) else [one]) if isinstance(job, str)]
        started = started or list(self._jobs)
        if not started or any(job not in self._jobs for job in started):
            return False
        self._polls_left = self.polls_per_render
        for job in started:
            self._jobs[job].update(JobStatus="Rendering", CompletionPercentage=50)
        return True

    @api(None)
    def StopRendering(self):
        self._polls_left = 0

    @api(False)
    def IsRenderingInProgress(self):
        if self._polls_left:
            self._polls_left -= 1
            return True
        for job in self._jobs.values():
            if job["JobStatus"] == "Rendering":
                self._finish(job)
        return False

    def _finish(self, job):
        if self.render_fails:
            job.update(JobStatus="Failed", Error="out of space")
            return
        settings = job["settings"]
        name = f"{settings.get('CustomName', 'Untitled')}.{self._render_format[0]}"
        Path(settings["TargetDir"], name).write_bytes(b"picture" if settings["ExportVideo"] else b"sound")
        job.update(JobStatus="Complete", CompletionPercentage=100)

    @api(dict)
    def GetRenderJobStatus(self, jobId):
        return {key: value for key, value in self._jobs[jobId].items() if key != "settings"}

    @api(False)
    def DeleteRenderJob(self, jobId):
        return self._jobs.pop(jobId, None) is not None

    @api(False)
    def DeleteAllRenderJobs(self):
        self._jobs.clear()
        return True
