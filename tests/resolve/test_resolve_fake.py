"""The fake Resolve is what the stubs say that Resolve is, and misbehaves as it was seen to."""

import ast
import importlib.util
import inspect
from pathlib import Path

import pytest
from fake_pool import Folder, MediaPool, MediaPoolItem
from fake_resolve import FakeResolve, Project, ProjectManager, Resolve
from fake_timeline import Timeline, TimelineItem
from standin_bridge import write_wav

CLASSES = (Resolve, ProjectManager, Project, MediaPool, Folder, MediaPoolItem, Timeline, TimelineItem)

# Parameters that the stubs leave without a default, and that Resolve's README or the field knows as optional.
OPTIONAL = {
    *(f"{name}.subframe_precision" for name in ("GetStart", "GetEnd", "GetDuration", "GetLeftOffset")),
    "GetSetting.settingName",
    "AddTrack.subTrackType",
    "AddTrack.newTrackOptions",
    "Export.exportSubtype",
    "DeleteClips.Bool",
    "ImportTimelineFromFile.importOptions",
}


def stub_classes():
    found = importlib.util.find_spec("fusionscript-stubs")
    if found is None:
        pytest.skip("fusionscript-stubs is not installed")
    tree = ast.parse((Path(found.submodule_search_locations[0]) / "fusionscript.pyi").read_text(encoding="utf-8"))
    return {
        node.name: {
            name: [f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == name]
            for name in {f.name for f in node.body if isinstance(f, ast.FunctionDef)}
        }
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


def arities(functions):
    """Return the fewest and the most arguments that any overload takes."""
    fewest, most = [], []
    for function in functions:
        args = function.args.args[1:]
        without_default = args[: len(args) - len(function.args.defaults)]
        required = [
            arg
            for arg in without_default
            if f"{function.name}.{arg.arg}" not in OPTIONAL
            and not (arg.annotation and "Optional" in ast.unparse(arg.annotation))
        ]
        fewest.append(len(required))
        most.append(99 if function.args.vararg else len(args))
    return min(fewest), max(most)


def api_of(kind):
    return {name: getattr(kind, name) for name in dir(kind) if getattr(getattr(kind, name), "is_api", False)}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_methods_and_arities_are_those_of_the_stubs(kind):
    stubs = stub_classes()[kind.__name__]
    methods = api_of(kind)
    assert methods
    assert set(methods) - set(stubs) == set(), "methods that Resolve does not have"
    for name, method in methods.items():
        parameters = list(inspect.signature(method).parameters.values())[1:]
        required = sum(p.default is p.empty and p.kind is not p.VAR_POSITIONAL for p in parameters)
        most = 99 if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(parameters)
        fewest, limit = arities(stubs[name])
        assert required == fewest or most == 99, f"{kind.__name__}.{name} wants {required} arguments, Resolve {fewest}"
        assert most == limit, f"{kind.__name__}.{name} takes {most} arguments, Resolve {limit}"


def test_all_constants_are_those_of_the_stubs():
    tree = stub_classes()
    assert "Resolve" in tree
    found = importlib.util.find_spec("fusionscript-stubs")
    text = (Path(found.submodule_search_locations[0]) / "fusionscript.pyi").read_text(encoding="utf-8")
    from fake_resolve import CONSTANTS

    assert all(f"    {name}: Final" in text for name in CONSTANTS)


def test_nothing_raises_whatever_is_asked(app):
    timeline, pool = app.project._current, app.project._pool
    bad = (None, 0, -1, 99, "nonsense", [], {}, 1.5, object())
    answers = [
        (timeline.GetItemListInTrack, ("audio",), []),
        (timeline.AddTrack, (), False),
        (timeline.GetTrackName, ("audio",), ""),
        (timeline.SetTrackLock, ("audio", 9), False),
        (timeline.Export, ("/nowhere/x.otio",), False),
        (timeline.DeleteMarkerAtFrame, (), False),
        (pool.ImportMedia, (), []),
        (pool.AppendToTimeline, (), []),
        (pool.SetCurrentFolder, (), False),
        (app.project.GetTimelineByIndex, (), None),
        (app.project.SetCurrentTimeline, (), False),
        (app.resolve.OpenPage, (), False),
    ]
    for call, first, failure in answers:
        for value in bad:
            if call.__name__ == "SetTrackLock" or (call.__name__ == "AddTrack" and value == "audio"):
                continue
            answer = call(*first, value)
            assert answer == failure or answer is None, (call.__name__, value, answer)
    assert timeline.SetTrackLock("audio", 9, True) is False


@pytest.mark.parametrize(
    ("rate", "timecode", "start"),
    [
        ("24", "01:00:00:00", 86400),
        ("25", "01:00:00:00", 90000),
        ("30", "01:00:00:00", 108000),
        ("29.97", "01:00:00:00", 108000),
        ("29.97 DF", "01:00:00;00", 107892),
        ("23.976", "00:00:00:00", 0),
    ],
)
def test_start_frame_follows_timecode_and_rate(rate, timecode, start):
    fake = FakeResolve(rate=rate)
    timeline = fake.cut(24)
    assert timeline.SetStartTimecode(timecode)
    assert timeline.GetStartFrame() == start


@pytest.fixture
def music(app, tmp_path):
    write_wav(tmp_path / "music.wav", 2)
    return app.project._pool.ImportMedia([str(tmp_path / "music.wav")])[0]


def place(app, music, **changes):
    info = {
        "mediaPoolItem": music,
        "startFrame": 0,
        "endFrame": 48,
        "mediaType": 2,
        "trackIndex": 2,
        "recordFrame": 86400,
    }
    return app.project._pool.AppendToTimeline([{**info, **changes}])


def test_append_has_the_manners_that_were_measured(app, music):
    timeline = app.project._current
    assert place(app, music) == []  # there is no second track, and none is made
    timeline.AddTrack("audio", "stereo")
    (item,) = place(app, music)
    assert (item.GetStart(), item.GetDuration(), item.GetEnd()) == (86400, 48, 86448)  # the end is not in
    assert isinstance(item.GetStart(True), float)
    assert place(app, music, recordFrame=86440) == []  # the earlier one wins
    (early,) = place(app, music, recordFrame=80000)
    assert early.GetStart() == 80000  # before the start: accepted, never seen
    timeline.SetTrackLock("audio", 2, True)
    assert place(app, music, recordFrame=90000) == []


def test_a_sound_keeps_the_rate_of_its_import_and_is_cut_short_elsewhere(tmp_path):
    app = FakeResolve(rate="25")
    write_wav(tmp_path / "music.wav", 4)
    item = app.project._pool.ImportMedia([str(tmp_path / "music.wav")])[0]
    assert item.GetClipProperty("FPS") == "25.0"
    app.project.SetSetting("timelineFrameRate", "24")
    app.cut(96).AddTrack("audio", "stereo")
    info = {
        "mediaPoolItem": item,
        "startFrame": 0,
        "endFrame": 99,
        "mediaType": 2,
        "trackIndex": 2,
        "recordFrame": 86400,
    }
    (placed,) = app.project._pool.AppendToTimeline([info])
    assert placed.GetDuration() == 95  # 99 / 25 * 24 = 95.04
    assert app.project._pool.ImportMedia([str(tmp_path / "music.wav")]) == []  # known already


def test_exports_need_the_live_constant_and_leave_real_files(app, tmp_path):
    timeline, resolve = app.project._current, app.resolve
    assert timeline.Export(str(tmp_path / "a.otio"), "EXPORT_OTIO", "EXPORT_NONE") is False
    assert list(tmp_path.iterdir()) == []
    assert timeline.Export(str(tmp_path / "a.otio"), resolve.EXPORT_OTIO, resolve.EXPORT_NONE)
    assert timeline.Export(str(tmp_path / "a.fcpxml"), resolve.EXPORT_FCPXML_1_10, resolve.EXPORT_NONE)
    assert (tmp_path / "a.fcpxml/Info.fcpxml").is_file()
    assert not timeline.Export(str(tmp_path / "a.edl"), resolve.EXPORT_EDL)  # an EDL needs its subtype
    assert "EXPORT_OTIO" not in dir(resolve)
    assert "GetVersion" in dir(resolve)


@pytest.mark.parametrize("suffix", ["otio", "xml", "fcpxml", "edl"])
def test_the_bridge_reads_what_the_fake_exports(app, tmp_path, suffix):
    from emsync_bridge.timeline.reading import read_timeline

    kinds = {"otio": "OTIO", "xml": "FCP_7_XML", "fcpxml": "FCPXML_1_10", "edl": "EDL"}
    path = tmp_path / f"cut.{suffix}"
    assert app.project._current.Export(
        str(path), getattr(app.resolve, f"EXPORT_{kinds[suffix]}"), app.resolve.EXPORT_NONE
    )
    model = read_timeline(path)
    assert (model.rate, round(model.duration * 24), model.start_frame) == (24, 240, 86400)


def test_a_studio_call_on_the_free_edition_opens_a_dialog_that_blocks_writing():
    app = FakeResolve(studio=False)
    timeline = app.cut(24)
    assert timeline.CreateSubtitlesFromAudio() is False
    assert app.modal_open
    assert timeline.AddTrack("audio", "stereo") is False
    app.dismiss()
    assert timeline.AddTrack("audio", "stereo") is True
    assert app.fusion.UIManager is None


def test_an_untitled_project_is_not_saved_and_doubtful_items_vanish_on_save(app, music):
    timeline = app.project._current
    timeline.AddTrack("audio", "stereo")
    app.fault("AppendToTimeline", "drop_on_save")
    place(app, music)
    assert len(timeline.GetItemListInTrack("audio", 2)) == 1
    assert app.manager.SaveProject()
    assert timeline.GetItemListInTrack("audio", 2) == []
    app.project._name = "Untitled Project"
    assert app.manager.SaveProject() is False


def test_unknown_methods_raise_or_are_made_up(app):
    with pytest.raises(AttributeError):
        app.resolve.NoSuchCall()
    assert FakeResolve(unknown="fabricate").resolve.NoSuchCall() is None


def test_the_render_queue_inherits_settings_and_takes_a_few_polls(app, tmp_path):
    project = app.project
    project.SetRenderSettings({"ExportVideo": False})  # left over from somebody
    assert project.AddRenderJob() == ""  # no folder yet
    assert project.SetCurrentRenderFormatAndCodec("mp4", "H.264") is False  # the id is wanted
    assert project.SetCurrentRenderFormatAndCodec("mp4", "H264")
    assert project.SetRenderSettings({"TargetDir": str(tmp_path), "CustomName": "proxy"})
    job = project.AddRenderJob()
    assert project.StartRendering([job], False)
    polls = 0
    while project.IsRenderingInProgress():
        polls += 1
    assert polls == project.polls_per_render
    assert project.GetRenderJobStatus(job)["JobStatus"] == "Complete"
    assert (tmp_path / "proxy.mp4").read_bytes() == b"sound"  # all calls said True
    assert project.DeleteRenderJob(job)


def test_a_duplicate_carries_clips_and_markers_and_names_are_taken_once(app):
    timeline = app.project._current
    timeline.AddMarker(5, "Blue", "x", "", 1, "mine")
    copy = timeline.DuplicateTimeline("Copy")
    assert copy.GetMarkers() == timeline.GetMarkers()
    assert copy.GetUniqueId() != timeline.GetUniqueId()
    assert timeline.DuplicateTimeline("Copy") is None


def test_markers_have_one_frame_each_float_keys_and_sixteen_colours(app):
    timeline = app.project._current
    assert timeline.AddMarker(10, "Mint", "n", "o", 1, "c")
    assert not timeline.AddMarker(10, "Red", "n", "o", 1, "c")
    assert not timeline.AddMarker(11, "Orange", "n", "o", 1, "c")  # a clip colour, no marker colour
    assert timeline.GetMarkers() == {
        10.0: {"color": "Mint", "duration": 1.0, "note": "o", "name": "n", "customData": "c"}
    }
