"""The entry that stays: it opens the emsync page, takes the page's orders, and writes back what the page asks for."""

import time
from typing import TYPE_CHECKING, Any, Dict, Optional

from .bridge import said_of
from .errors import Plain, maybe
from .export import identity_of, read_timeline
from .placing import place
from .resolve_api import open_desk
from .state import Kept

if TYPE_CHECKING:
    from .entries import Click

IDLE_MINUTES = 30
POLL_SECONDS = 20
PARENTS = 20
"""Jobs to go back over to find the timeline that the first of them was made for."""


def stand(click: "Click") -> str:
    """Open the page and wait for its orders until nobody needs that any more.

    Returns:
        Why it ended, in words.
    """
    click.watch.expect("opening the page")
    open_desk(click.resolve)
    click.watch.rest()
    click.bridge.connect(click.say)
    click.bridge.open_page()
    click.say(
        "The emsync page is open in your browser. This entry stays and writes back what you choose there; it ends by "
        "itself after {} minutes without an order, or with Resolve.".format(IDLE_MINUTES)
    )
    here, editor = "", ""
    last = time.time()
    idle = click.settings.get("idle_minutes", IDLE_MINUTES) * 60
    while time.time() - last < idle:
        click.watch.expect("looking which timeline is open")
        try:
            timeline = open_desk(click.resolve).timeline
        except Plain:
            timeline = None
        click.watch.rest()
        if not click.alive():
            return "Resolve has been closed, so this entry has ended."
        now = identity_of(timeline) if timeline is not None else ""
        if not editor or now != here:
            here, editor = now, _register(click, timeline)
        order = _next_order(click, editor, min(POLL_SECONDS, idle))
        if order is None:
            editor = ""
            if not click.bridge.probe():
                return "The emsync bridge has ended, so this entry has ended too."
        elif order:
            last = time.time()
            _obey(click, editor, order)
            last = time.time()
    return "Nothing was ordered for {:g} minutes, so this entry has ended. Click it again when you need it.".format(
        idle / 60
    )


def _register(click: "Click", timeline: "Optional[Any]") -> str:
    project = click.resolve.GetProjectManager().GetCurrentProject()
    about = {
        "name": "resolve",
        "project": maybe(lambda: project.GetName(), "") if project is not None else "",
        "timeline": maybe(lambda: timeline.GetName(), "") if timeline is not None else "",
    }
    return str(click.bridge.must("POST", "/v1/editors", about)["id"])


def _next_order(click: "Click", editor: str, seconds: float) -> "Optional[Dict[str, Any]]":
    """Return the page's next order, an empty one when there is none yet, None when the bridge knows nothing of us."""
    path = "/v1/editors/{}/orders?wait={:g}".format(editor, seconds)
    try:
        status, order = click.bridge.ask("GET", path, timeout=seconds + 10)
    except OSError:
        return None
    return (order or {}) if status == 200 else None


def _obey(click: "Click", editor: str, order: "Dict[str, Any]") -> None:
    try:
        said, done = place_job(click, str(order["place"])), True
    except Plain as problem:
        said, done = str(problem), False
    click.watch.rest()
    click.say(said)
    outcome = {"done": done, "message": said}
    click.bridge.must("POST", "/v1/editors/{}/orders/{}".format(editor, order["order"]), outcome)


def place_job(click: "Click", job: str) -> str:
    """Put a finished job into the open timeline, if it was made for it.

    Returns:
        What was done, in words.

    Raises:
        Plain: The job is not finished or for another timeline, or it could not be placed.
    """
    record = click.bridge.must("GET", "/v1/jobs/" + job)
    if record.get("state") != "done":
        raise Plain("This job is not finished: {}".format(said_of(record, str(record.get("state")))))
    origin = origin_of(click, record)
    editor = origin.get("editor") or {}
    click.watch.expect("reading the timeline")
    desk = open_desk(click.resolve)
    reading = read_timeline(desk)
    if editor.get("timeline") and editor["timeline"] != reading.timeline:
        raise Plain("This music is for '{}'. Open that timeline in Resolve first.".format(editor["timeline"]))
    if origin.get("read"):
        record = dict(record, request=origin)
    click.watch.expect("placing the music")
    said = place(desk, reading, record, Kept(click.bridge.home, reading.identity), click.say)
    Kept(click.bridge.home, reading.identity).save(job=job)
    click.watch.rest()
    return said


def origin_of(click: "Click", record: "Dict[str, Any]") -> "Dict[str, Any]":
    """Return the request that began a chain of takes and sections done anew."""
    request: "Dict[str, Any]" = record.get("request") or {}
    for _ in range(PARENTS):
        if not request.get("job"):
            break
        status, parent = click.bridge.ask("GET", "/v1/jobs/{}".format(request["job"]))
        if status != 200 or not isinstance(parent, dict):
            break
        request = parent.get("request") or {}
    return request
