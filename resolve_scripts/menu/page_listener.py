"""The entry that stays: it opens the emsync page, takes the page's orders, and writes back what the page asks for."""

import time
from typing import TYPE_CHECKING, Any, Dict, Optional

from .bridge import said_of
from .errors import UserError, maybe
from .export import TimelineInfo, identity_of, read_timeline
from .placing import place
from .resolve_api import open_timeline
from .sound import music_of
from .state import TimelineState

if TYPE_CHECKING:
    from .session import Session

IDLE_MINUTES = 30
POLL_SECONDS = 20
LENGTH_TOLERANCE = 0.02
"""Share of a timeline's length that music of unknown origin may differ by: a few shots may have been trimmed."""
PARENTS = 20
"""Jobs to go back over to find the timeline that the first of them was made for."""


def stand(session: "Session") -> str:
    """Open the page and wait for its orders until nobody needs that any more.

    Returns:
        Why it ended, in words.
    """
    session.watchdog.expect("opening the page")
    open_timeline(session.resolve)
    session.watchdog.rest()
    session.bridge.connect(session.say)
    by_hand = session.bridge.open_page()
    session.say(
        (by_hand.rstrip(".") + ". " if by_hand else "The emsync page is open in your browser. ")
        + "This entry stays and writes back what you choose there; it ends by "
        "itself after {} minutes without an order, or with Resolve.".format(IDLE_MINUTES)
    )
    here, editor = "", ""
    last = time.time()
    idle = session.settings.get("idle_minutes", IDLE_MINUTES) * 60
    while time.time() - last < idle:
        session.watchdog.expect("looking which timeline is open")
        try:
            timeline = open_timeline(session.resolve).timeline
        except UserError:
            timeline = None
        session.watchdog.rest()
        if not session.alive():
            return "Resolve has been closed, so this entry has ended."
        now = identity_of(timeline) if timeline is not None else ""
        if not editor or now != here:
            here, editor = now, _register(session, timeline)
        order = _next_order(session, editor, min(POLL_SECONDS, idle))
        if order is None:
            editor = ""
            if not session.bridge.probe():
                return "The emsync bridge has ended, so this entry has ended too."
        elif order:
            last = time.time()
            _obey(session, editor, order)
            last = time.time()
    return "Nothing was ordered for {:g} minutes, so this entry has ended. Click it again when you need it.".format(
        idle / 60
    )


def _register(session: "Session", timeline: "Optional[Any]") -> str:
    project = session.resolve.GetProjectManager().GetCurrentProject()
    about = {
        "name": "resolve",
        "project": maybe(lambda: project.GetName(), "") if project is not None else "",
        "timeline": maybe(lambda: timeline.GetName(), "") if timeline is not None else "",
    }
    return str(session.bridge.must("POST", "/v1/editors", about)["id"])


def _next_order(session: "Session", editor: str, seconds: float) -> "Optional[Dict[str, Any]]":
    """Return the page's next order, an empty one when there is none yet, None when the bridge knows nothing of us."""
    path = "/v1/editors/{}/orders?wait={:g}".format(editor, seconds)
    try:
        status, order = session.bridge.ask("GET", path, timeout=seconds + 10)
    except OSError:
        return None
    return (order or {}) if status == 200 else None


def _obey(session: "Session", editor: str, order: "Dict[str, Any]") -> None:
    try:
        said, state = place_job(session, str(order["place"])), "placed"
    except UserError as problem:
        said, state = str(problem), "failed"
    session.watchdog.rest()
    session.say(said)
    outcome = {"state": state, "message": said}
    session.bridge.must("POST", "/v1/editors/{}/orders/{}".format(editor, order["order"]), outcome)


def place_job(session: "Session", job: str) -> str:
    """Put a finished job into the open timeline, if it was made for it.

    Returns:
        What was done, in words.

    Raises:
        UserError: The job is not finished or for another timeline, or it could not be placed.
    """
    record = session.bridge.must("GET", "/v1/jobs/" + job)
    if record.get("state") != "done":
        raise UserError("This job is not finished: {}".format(said_of(record, str(record.get("state")))))
    origin = origin_of(session, record)
    editor = origin.get("editor") or {}
    session.watchdog.expect("reading the timeline")
    opened = open_timeline(session.resolve)
    info = read_timeline(opened)
    if editor.get("timeline") and editor["timeline"] != info.timeline:
        raise UserError("This music is for '{}'. Open that timeline in Resolve first.".format(editor["timeline"]))
    if not editor and job not in session.refused:
        _check_length(session, record, info)
    if origin.get("read"):
        record = dict(record, request=origin)
    session.watchdog.expect("placing the music")
    state = TimelineState(session.bridge.home, info.identity)
    said = place(opened, info, record, state, session.say, session.markers, session.most_markers)
    TimelineState(session.bridge.home, info.identity).save(job=job)
    session.watchdog.rest()
    return said


def _check_length(session: "Session", record: "Dict[str, Any]", info: "TimelineInfo") -> None:
    """Refuse, once, to place music that the page made for a cut of another length."""
    music = music_of(record, info.start_frame, info.rate)
    if abs(music.frames - info.frames) <= max(1.0, LENGTH_TOLERANCE * info.frames):
        return
    session.refused.add(str(record["id"]))
    raise UserError(
        "This music is {:.1f} s long and the open timeline '{}' {:.1f} s, so it may be for another one. Nothing was "
        "placed. Place it again to put it there all the same.".format(
            float(music.seconds), info.timeline, info.seconds(info.frames)
        )
    )


def origin_of(session: "Session", record: "Dict[str, Any]") -> "Dict[str, Any]":
    """Return the request that began a chain of takes and recomposed sections."""
    request: "Dict[str, Any]" = record.get("request") or {}
    for _ in range(PARENTS):
        if not request.get("job") or request.get("source"):  # a conform has a timeline of its own
            break
        status, parent = session.bridge.ask("GET", "/v1/jobs/{}".format(request["job"]))
        if status != 200 or not isinstance(parent, dict):
            break
        request = parent.get("request") or {}
    return request
