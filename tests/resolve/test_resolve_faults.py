"""Whatever Resolve does wrong at whichever call: a plain sentence, the user's things untouched, nothing left over."""

import re

import pytest
from emsync_bridge.resolve_scripts.menu import bridge as client
from emsync_bridge.resolve_scripts.menu import entries
from fake_resolve import STUDIO_ONLY, FakeResolve
from resolve_desk import Desk
from standin_bridge import StandIn

NEVER = {"DeleteAllRenderJobs", "SaveProject", "DeleteMarkersByColor", "SetStartTimecode", "SetSetting", *STUDIO_ONLY}
LUA_REMOVES = ("GetItemListInTrack", "DeleteClips", "DeleteTrack", "DeleteMarkerByCustomData")
LUA_CALLS = (
    *("GetCurrentTimeline", "GetStartFrame", "GetMarkers", "Export", "AddSubFolder", "SetCurrentFolder", "ImportMedia"),
    *("AddTrack", "SetTrackName", "AppendToTimeline", "GetStart", "AddMarker", *LUA_REMOVES),
)
KINDS = ("none", "refuse", "false_though_done")
ENTRIES = {
    "Score this timeline": "score",
    "Score between in and out marks": "between",
    "Score again (new take)": "again",
    "Conform music to this timeline": "conform",
    "Play live": "play",
    "Remove emsync results": "remove",
    "Check installation": "check",
}


class Scene:
    """A timeline that has been scored once, with things of the user's on it, and a bridge that answers at once."""

    def __init__(self, folder):
        (folder / "bridge").mkdir()
        self.bridge = StandIn(folder / "bridge")
        self.settings = {
            "home": str(folder / "bridge"),
            "command": ["/nowhere/python", "-m", "emsync_bridge"],
            "protocol": 1,
            "version": "0",
            "system": "linux",
            "music": "",
            "patience": 60.0,
        }

    def open(self):
        app = FakeResolve()
        timeline = app.cut(96, 72, 72)
        timeline.SetMarkInOut(24, 71)
        timeline.AddMarker(30, "Red", "mine", "", 1, "user")
        other = app.project._new_timeline("Another scene")
        users = app.project._pool._root._clips[0]
        other.AddTrack("audio", "stereo")
        other._put("audio", users, 0, 96, track=2)
        entries.run("score", {"resolve": app.resolve}, self.settings)
        app.calls.clear()
        return app

    def click(self, app, entry, capsys):
        capsys.readouterr()
        entries.run(entry, {"resolve": app.resolve}, self.settings)
        return capsys.readouterr().out


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    made = Scene(tmp_path_factory.mktemp("scene"))
    patch = pytest.MonkeyPatch()
    patch.delenv("EMSYNC_BRIDGE_HOME", raising=False)  # the scene has a bridge of its own
    patch.setattr(client, "POLL_SECONDS", 0.002)
    patch.setattr(client, "AWAY_SECONDS", 0.02)
    yield made
    patch.undo()
    made.bridge.close()


def users_things(app):
    """Return everything in the project that is not emsync's."""
    return [
        (
            timeline._name,
            timeline._start_timecode,
            sorted((f, m["name"]) for f, m in timeline._markers.items() if not m["customData"].startswith("emsync:")),
            [
                (kind, track["name"], track["enabled"], item._name, item._start, item._length)
                for kind, tracks in timeline._tracks.items()
                for track in tracks
                for item in track["items"]
                if not item._name.startswith("music-")
            ],
        )
        for timeline in app.project._timelines
    ] + [sorted(clip._name for clip in app.project._pool._root._clips if not clip._name.startswith("music-"))]


def our_tracks(app):
    return [
        (timeline._name, track["name"], [item._name for item in track["items"]])
        for timeline in app.project._timelines
        for track in timeline._tracks["audio"]
        if track["name"].startswith("emsync") or any(item._name.startswith("music-") for item in track["items"])
    ]


def check_words(said):
    assert said.strip(), "a silent failure"
    assert "Traceback" not in said
    assert "s3cret" not in said
    for line in said.strip().splitlines():
        assert line.startswith("emsync: "), line
    assert re.search(r"[.!]$", said.strip()), said


def calls_of(scene, entry, capsys):
    app = scene.open()
    scene.click(app, entry, capsys)
    return list(dict.fromkeys(call.name for call in app.calls))


@pytest.mark.parametrize(
    ("entry", "kind"),
    # what the others do besides is no more than reading
    [("score", "none"), ("score", "false_though_done"), ("remove", "none"), ("remove", "refuse")]
    + [(entry, "none") for entry in ("play", "check")],
)
def test_any_call_may_fail(scene, entry, kind, capsys):
    names = calls_of(scene, entry, capsys)
    assert len(names) > 3
    for name in names:
        for first in (1, 2) if kind == "none" else (1,):
            app = scene.open()
            users, ours = users_things(app), our_tracks(app)
            app.fault(name, kind, first=first)
            said = scene.click(app, entry, capsys)
            where = f"{entry}, {name} {kind} from call {first}: {said}"
            check_words(said)
            assert users_things(app) == users, where
            assert NEVER.isdisjoint(call.name for call in app.calls), where
            placed = [track for track in our_tracks(app) if track not in ours]
            if "Done." not in said and placed:
                assert "could not be taken out again" in said or "Left as they are" in said, where
            if "Done." in said:
                assert len(placed) == 1, where
                assert len(placed[0][2]) == 1, where
            if name not in ("SetCurrentFolder", "GetCurrentFolder", "OpenPage", "GetCurrentPage"):
                assert app.page == "edit", where
                assert app.project._pool._current._name == "Master", where


@pytest.mark.parametrize("kind", KINDS)
def test_marks_that_are_not_told_are_asked_for(scene, kind, capsys):
    app = scene.open()
    ours = our_tracks(app)
    app.fault("GetMarkInOut", kind)
    said = scene.click(app, "between", capsys)
    assert ("No in or out mark is set." if kind != "none" else "does not tell scripts where") in said
    assert our_tracks(app) == ours


def test_a_call_that_lies_changes_nothing(scene, capsys):
    """Resolve says False though it did as asked: what counts is what is read back."""
    for name in ("AddTrack", "SetTrackName", "ImportMedia", "AppendToTimeline", "AddMarker", "Export", "AddSubFolder"):
        app = scene.open()
        app.fault(name, "false_though_done")
        assert "Done. 10.0 s" in scene.click(app, "score", capsys), name
        assert len(our_tracks(app)) == 2


def test_another_timeline_opened_in_between_gets_nothing(scene, capsys):
    for name in ("AppendToTimeline", "ImportMedia", "AddTrack", "Export", "GetCurrentFolder", "GetUniqueId"):
        app = scene.open()
        users, ours = users_things(app), our_tracks(app)
        app.fault(name, "switch_timeline", first=1, times=1)
        said = scene.click(app, "score", capsys)
        check_words(said)
        assert users_things(app) == users, name
        assert [track for track in our_tracks(app) if track[0] == "Another scene"] == [], name
        if "Done." not in said:
            assert our_tracks(app) == ours, name
            assert "Another timeline" in said, name


def test_items_without_identifiers_or_doomed_to_vanish_are_placed_all_the_same(scene, capsys):
    for kind in ("empty_ids", "drop_on_save"):
        app = scene.open()
        app.fault("AppendToTimeline", kind)
        app.fault("ImportMedia", kind)
        assert "Done." in scene.click(app, "score", capsys)
        assert app.named("SaveProject") == []


def test_a_dialog_that_is_open_blocks_writing_and_that_is_said(scene, capsys):
    for entry in ("score", "again", "between"):
        app = scene.open()
        app.modal_open = True
        users, ours = users_things(app), our_tracks(app)
        said = scene.click(app, entry, capsys)
        check_words(said)
        assert "Done." not in said
        assert (users_things(app), our_tracks(app)) == (users, ours)


@pytest.mark.parametrize("lost", ["project", "timeline", "wedged"])
def test_a_missing_link_is_named(scene, lost, capsys):
    for entry in ENTRIES.values():
        app = scene.open()
        if lost == "project":
            app.project = None
        elif lost == "timeline":
            app.project._current = None
        else:
            app.wedged = True
        said = scene.click(app, entry, capsys)
        named = {"project": "No project is open.", "timeline": "No timeline is open.", "wedged": "it is busy or hangs"}
        assert named[lost] in said, entry


def test_how_a_job_ends_badly_is_said(scene, capsys):
    try:
        for ending, told in (
            ("failed", "It did not work: The model is missing (default). Install again."),
            ("cancelled", "The job was cancelled."),
            ("vanish", "The emsync bridge has gone while it worked."),
        ):
            app = scene.open()
            scene.bridge.ending = ending
            users, ours = users_things(app), our_tracks(app)
            said = scene.click(app, "score", capsys)
            assert told in said
            assert "Nothing was changed in the timeline." in said
            assert (users_things(app), our_tracks(app)) == (users, ours)
            scene.bridge.ending = "done"
    finally:
        scene.bridge.ending = "done"


def test_a_refused_job_leaves_no_export_behind(scene, capsys):
    app = scene.open()
    before = sorted((scene.bridge.exchange / "exports").iterdir())
    scene.bridge.refuse = {"what": "Unknown field", "where": "seed", "hint": ""}
    try:
        assert "The emsync bridge refused: Unknown field (seed)." in scene.click(app, "score", capsys)
    finally:
        scene.bridge.refuse = None
    assert sorted((scene.bridge.exchange / "exports").iterdir()) == before
    assert any("Unknown field" in message for message in scene.bridge.logged)


def test_what_nobody_foresaw_is_said_and_logged(scene, capsys, monkeypatch):
    app = scene.open()
    monkeypatch.setattr(entries, "read_timeline", lambda _: {}["nothing"])
    said = scene.click(app, "score", capsys)
    assert "Something went wrong that emsync did not expect (KeyError: 'nothing')." in said
    assert "Traceback" in scene.bridge.logged[-1]


@pytest.fixture
def installed(tmp_path):
    made = Desk(tmp_path, music="")
    bridge = StandIn(made.bridge)
    yield made, bridge
    bridge.close()


@pytest.mark.parametrize("call", ["GetMarkers", "AppendToTimeline", "GetProductName"])
def test_a_resolve_that_hangs_is_given_up(installed, app, call):
    desk, bridge = installed
    desk.bake("patience", 0.5)
    app.fault(call, "block", seconds=3.0)
    said = desk.click("Score this timeline" if call != "GetProductName" else "Check installation", app)
    assert "Resolve has not answered for 0.5 s while" in said
    assert any("has not answered" in message for message in bridge.logged)


@pytest.mark.parametrize("lua", [False, True], ids=["python", "lua"])
def test_a_resolve_that_is_closed_meanwhile_is_no_silent_failure(installed, app, lua):
    desk, _ = installed
    for name in ("GetMarkers", "ImportMedia", "GetUniqueId"):
        app.closed, app.faults = False, []
        app.fault(name, "die")
        check_words(desk.click("Score this timeline", app, lua=lua))


@pytest.mark.parametrize("entry", ["Score this timeline", "Remove emsync results"])
def test_lua_stands_the_same_failures(installed, entry):
    desk, _ = installed
    for number, name in enumerate(LUA_CALLS):
        app = FakeResolve()
        app.cut(96, 72, 72)
        users = users_things(app)
        if entry.startswith("Remove"):
            if name not in LUA_REMOVES:
                continue
            desk.click("Score this timeline", app, lua=True)
        app.fault(name, KINDS[number % len(KINDS)])
        said = desk.click(entry, app, lua=True)
        check_words(said)
        assert users_things(app) == users, name
        assert NEVER.isdisjoint(call.name for call in app.calls)
        if "Done." not in said and our_tracks(app):
            assert "could not be taken out again" in said or "Left as they are" in said, (name, said)


@pytest.mark.parametrize("lua", [False, True], ids=["python", "lua"])
def test_a_bridge_that_cannot_be_started_or_speaks_otherwise_is_said(tmp_path, app, lua):
    desk = Desk(tmp_path, music="", command="/nowhere/python -m emsync_bridge" if lua else ["/nowhere/python"])
    said = desk.click("Score this timeline", app, lua=lua)
    assert "emsync resolve install" in said
    stranger = StandIn(desk.bridge, protocol=2)
    said = desk.click("Score this timeline", app, lua=lua)
    stranger.close()
    assert "The emsync bridge speaks protocol 2 and this menu entry protocol 1." in said
    assert app.project._current.GetTrackCount("audio") == 1
