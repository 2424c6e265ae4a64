"""The menu entries: one function each, and the caller of each that reports every failure."""

from contextlib import suppress
from pathlib import Path
from typing import Any, Callable, Dict

from .check_installation import check
from .errors import UserError, maybe
from .export import TimelineInfo, export, identity_of, read_marks, read_timeline, safe_name
from .page_listener import stand
from .placing import place, remove
from .resolve_api import OpenTimeline, open_timeline
from .session import Session
from .state import TimelineState

REMEMBERED = ("read", "emotion", "render", "music", "takes")
"""Parts of a request that a new take has in common with the one before."""


def run(entry: str, names: "Dict[str, Any]", settings: "Dict[str, Any]") -> None:
    """Do what a menu entry stands for and say in words how it went.

    Arguments:
        entry: A key of ``ENTRIES``.
        names: The globals of the menu script, among them what Resolve put there.
        settings: Settings that the installer baked in.
    """
    session = Session(names, settings)
    try:
        said = ENTRIES[entry](session)
        session.watchdog.rest()
        session.say(said)
    except UserError as problem:
        session.watchdog.rest()
        session.say(str(problem))
        session.report(str(problem))
    except KeyboardInterrupt:
        session.say("Stopped.")
    except Exception as problem:  # noqa: BLE001  the Console shows no more than we say
        session.watchdog.rest()
        session.say(unexpected(problem, session.console.log))
        import traceback  # only here, for a click is to be quick

        session.report(traceback.format_exc())
    finally:
        session.watchdog.end()


def unexpected(problem: "Exception", log: "Path") -> str:
    """Return words for a failure that nobody foresaw."""
    what = "{}: {}".format(type(problem).__name__, problem)
    if isinstance(problem, (AttributeError, TypeError)):
        return (
            "Resolve gave no answer where one is due ({}). It is busy, shows a dialog, or is a version that lacks this "
            "call. Close its dialogs and click again. Details are in {}.".format(what, log)
        )
    return "Something went wrong that emsync did not expect ({}). Details are in {}.".format(what, log)


def score(session: "Session") -> str:
    """Score the open timeline."""
    return _score(session)


def score_between(session: "Session") -> str:
    """Score what is between the in and out marks."""
    return _score(session, between=True)


def score_again(session: "Session") -> str:
    """Score as last time, with another seed."""
    return _score(session, again=True)


def conform(session: "Session") -> str:
    """Carry the music over to the open timeline, whose cut has changed."""
    session.watchdog.expect("reading the timeline")
    opened = open_timeline(session.resolve)
    info = read_timeline(opened)
    session.watchdog.rest()
    session.bridge.connect(session.say)
    state = TimelineState(session.bridge.home, info.identity)
    job = str(state.document.get("job") or _last_score(session, info.project))
    if not job:
        raise UserError("Nothing in this project has been scored yet. Use 'Score this timeline' first.")
    return _made(session, opened, info, state, {"kind": "conform", "job": job})


def _last_score(session: "Session", project: str) -> str:
    """Return the last job that scored a timeline of a project; empty where there is none."""
    for record in session.bridge.must("GET", "/v1/jobs?limit=1000"):
        editor = (record.get("request") or {}).get("editor") or {}
        wanted = record.get("kind") in ("score", "conform") and record.get("state") == "done"
        if wanted and editor.get("project") == project:
            return str(record["id"])
    return ""


def _score(session: "Session", between: bool = False, again: bool = False) -> str:
    session.watchdog.expect("reading the timeline")
    opened = open_timeline(session.resolve)
    info = read_timeline(opened)
    state = TimelineState(session.bridge.home, info.identity)
    request: "Dict[str, Any]" = {"kind": "score", "seed": 1}
    if again:
        known = state.document.get("request")
        if not isinstance(known, dict):
            raise UserError("This timeline has not been scored yet. Use 'Score this timeline' first.")
        request.update(known, seed=(int(state.document.get("seed", 1)) + 1) % 2**32)
    if between:
        first, after = read_marks(opened, info)
        request["read"] = {"between": [info.seconds(first), info.seconds(after)]}
    session.watchdog.rest()
    session.bridge.connect(session.say)
    return _made(session, opened, info, state, request)


def _made(
    session: "Session", opened: "OpenTimeline", info: "TimelineInfo", state: "TimelineState", request: "Dict[str, Any]"
) -> str:
    """Have music made for the open timeline and place it."""
    record = _send(session, opened, info, request)
    doing = "Conforming" if request["kind"] == "conform" else "Scoring"
    session.say("{} '{}': job {}.".format(doing, info.timeline, record["id"]))
    _follow(session, str(record["id"]))
    done = session.bridge.wait(str(record["id"]), session.say, session.alive)
    for warning in (done.get("result") or {}).get("warnings") or []:
        session.say("Note: {}".format(warning))
    common = {name: request[name] for name in REMEMBERED if name in request}
    try:
        state.save(job=record["id"], seed=request.get("seed", 1), request=common)
    except OSError as problem:
        session.say("Note: this score cannot be remembered for 'Score again' ({}).".format(problem))
    session.watchdog.expect("placing the music")
    placed = place(opened, info, done, state, session.say, session.markers, session.most_markers)
    return _identical(done) + placed


def _identical(done: "Dict[str, Any]") -> str:
    """Return in words how much music a conform has kept."""
    found = ((done.get("result") or {}).get("conform") or {}).get("identical")
    if not found:
        return ""
    return "{:.1f} of {:.1f} s of the music are as before. ".format(found["seconds"], found["of_seconds"])


def _send(
    session: "Session", opened: "OpenTimeline", info: "TimelineInfo", request: "Dict[str, Any]"
) -> "Dict[str, Any]":
    """Export the cut and hand it to the bridge with everything else; return the job's record."""
    session.watchdog.expect("exporting the timeline")
    address = session.bridge.address or {}
    source = export(opened, info, Path(address["exchange"]) / "exports", session.say)
    session.watchdog.rest()
    request = dict(request, source=str(source), editor=info.editor(), client="resolve")
    if session.settings.get("music"):
        request["out"] = str(Path(session.settings["music"]) / safe_name(info.project) / source.stem)
    try:
        record: "Dict[str, Any]" = session.bridge.must("POST", "/v1/jobs", request)
    except UserError:
        _forget(source)
        raise
    return record


def _follow(session: "Session", job: str) -> None:
    """Show how the job goes on where a user looks: the Console is closed as a rule."""
    if not session.settings.get("follow"):
        return
    try:
        by_hand = session.bridge.open_page(job)
    except UserError as problem:
        by_hand = str(problem)
    if by_hand:
        session.say("Note: " + by_hand)


def _forget(source: "Path") -> None:
    with suppress(OSError):  # an export that stays does no harm
        source.unlink()


def page(session: "Session") -> str:
    """Open the page and take its orders."""
    return stand(session)


def play(session: "Session") -> str:
    """Start playing the timeline's music into a DAW, or stop it."""
    session.watchdog.expect("reading the timeline")
    opened = open_timeline(session.resolve)
    identity, name = identity_of(opened.timeline), maybe(lambda: opened.timeline.GetName(), "")
    session.watchdog.rest()
    job = TimelineState(session.bridge.home, identity).document.get("job")
    if not job:
        raise UserError("This timeline has not been scored yet. Use 'Score this timeline' first.")
    session.bridge.connect(session.say)
    playing = [
        record
        for record in session.bridge.must("GET", "/v1/jobs?limit=50")
        if record.get("kind") == "live" and record.get("state") in ("queued", "running")
    ]
    if playing:
        for record in playing:
            session.bridge.must("POST", "/v1/jobs/{}/cancel".format(record["id"]))
        return "Stopped playing. Click 'Play live' again to play from the start."
    record = session.bridge.must("POST", "/v1/jobs", {"kind": "live", "job": job, "client": "resolve"})
    session.bridge.settled(str(record["id"]))
    return "Playing the music of '{}' live. Click 'Play live' again to stop.".format(name)


def take_out(session: "Session") -> str:
    """Remove everything of emsync from the open timeline."""
    session.watchdog.expect("removing emsync's results")
    opened = open_timeline(session.resolve)
    return remove(opened, TimelineState(session.bridge.home, identity_of(opened.timeline)))


ENTRIES: "Dict[str, Callable[[Session], str]]" = {
    "score": score,
    "between": score_between,
    "again": score_again,
    "conform": conform,
    "page": page,
    "play": play,
    "remove": take_out,
    "check": check,
}
"""Every entry by its key."""
