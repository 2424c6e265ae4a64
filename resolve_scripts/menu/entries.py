"""The menu entries: one function each, and the way in that never fails silently."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional

from .bridge import Bridge
from .check_installation import check
from .console import Voice, Watch
from .errors import Plain, maybe
from .export import Reading, export, identity_of, read_marks, read_timeline, safe_name
from .page_listener import stand
from .placing import place, remove
from .resolve_api import Desk, find_resolve, open_desk
from .state import Kept

if TYPE_CHECKING:
    from fusionscript import Resolve

REMEMBERED = ("read", "emotion", "render", "music", "takes")
"""What a new take has in common with the one before."""


class Click:
    """One click on a menu entry: the handle, the bridge, and where words go.

    Arguments:
        names: The globals of the menu script.
        settings: What the installer baked in.
    """

    def __init__(self, names: "Dict[str, Any]", settings: "Dict[str, Any]") -> None:
        self.names, self.settings = names, settings
        self.bridge = Bridge(settings)
        self.voice = Voice(self.bridge.home)
        self.say = self.voice.say
        self.watch = Watch(settings.get("patience", 60.0), self._alarm)
        self._resolve: "Optional[Resolve]" = None

    @property
    def resolve(self) -> "Resolve":
        """The handle on Resolve."""
        if self._resolve is None:
            self.watch.expect("finding Resolve")
            self._resolve = find_resolve(self.names)
        return self._resolve

    def alive(self) -> bool:
        """Tell whether Resolve is still there."""
        self.watch.expect("waiting for the music")
        try:
            return bool(self.resolve.GetProductName())
        except Exception:  # noqa: BLE001  whatever a handle does whose other end has gone
            return False
        finally:
            self.watch.rest()

    def report(self, text: str) -> None:
        """Write something down here and in the bridge's log."""
        self.voice.note(text)
        try:
            if self.bridge.address is not None or self.bridge.probe():
                self.bridge.ask("POST", "/v1/log", {"source": "resolve menu", "message": text[-8000:]}, timeout=3.0)
        except (OSError, Plain):
            pass

    def _alarm(self, step: str) -> None:
        said = (
            "Resolve has not answered for {:g} s while {}. Close its dialogs or restart it, then click again. If music "
            "was being placed, 'Remove emsync results' takes out what was begun.".format(self.watch.patience, step)
        )
        self.say(said)
        self.report(said)


def run(entry: str, names: "Dict[str, Any]", settings: "Dict[str, Any]") -> None:
    """Do what a menu entry stands for and say in words how it went.

    Arguments:
        entry: A key of ``ENTRIES``.
        names: The globals of the menu script, among them what Resolve put there.
        settings: What the installer baked in.
    """
    click = Click(names, settings)
    try:
        said = ENTRIES[entry](click)
        click.watch.rest()
        click.say(said)
    except Plain as problem:
        click.watch.rest()
        click.say(str(problem))
        click.report(str(problem))
    except KeyboardInterrupt:
        click.say("Stopped.")
    except Exception as problem:  # noqa: BLE001  the Console shows no more than we say
        click.watch.rest()
        click.say(unexpected(problem, click.voice.log))
        import traceback  # only here, for a click is to be quick

        click.report(traceback.format_exc())
    finally:
        click.watch.end()


def unexpected(problem: "Exception", log: "Path") -> str:
    """Return words for a failure that nobody foresaw."""
    what = "{}: {}".format(type(problem).__name__, problem)
    if isinstance(problem, (AttributeError, TypeError)):
        return (
            "Resolve gave no answer where one is due ({}). It is busy, shows a dialog, or is a version that lacks this "
            "call. Close its dialogs and click again. Details are in {}.".format(what, log)
        )
    return "Something went wrong that emsync did not expect ({}). Details are in {}.".format(what, log)


def score(click: "Click") -> str:
    """Score the open timeline."""
    return _score(click)


def score_between(click: "Click") -> str:
    """Score what is between the in and out marks."""
    return _score(click, between=True)


def score_again(click: "Click") -> str:
    """Score as last time, with another seed."""
    return _score(click, again=True)


def _score(click: "Click", between: bool = False, again: bool = False) -> str:
    click.watch.expect("reading the timeline")
    desk = open_desk(click.resolve)
    reading = read_timeline(desk)
    kept = Kept(click.bridge.home, reading.identity)
    request: "Dict[str, Any]" = {"kind": "score", "seed": 1}
    if again:
        known = kept.document.get("request")
        if not isinstance(known, dict):
            raise Plain("This timeline has not been scored yet. Use 'Score this timeline' first.")
        request.update(known, seed=(int(kept.document.get("seed", 1)) + 1) % 2**32)
    if between:
        first, after = read_marks(desk, reading)
        request["read"] = {"between": [reading.seconds(first), reading.seconds(after)]}
    click.watch.rest()
    click.bridge.connect(click.say)
    record = _send(click, desk, reading, request)
    click.say("Scoring '{}': job {}.".format(reading.timeline, record["id"]))
    done = click.bridge.wait(str(record["id"]), click.say, click.alive)
    for warning in (done.get("result") or {}).get("warnings") or []:
        click.say("Note: {}".format(warning))
    common = {name: request[name] for name in REMEMBERED if name in request}
    try:
        kept.save(job=record["id"], seed=request["seed"], request=common)
    except OSError as problem:
        click.say("Note: this score cannot be remembered for 'Score again' ({}).".format(problem))
    click.watch.expect("placing the music")
    return place(desk, reading, done, kept, click.say)


def _send(click: "Click", desk: "Desk", reading: "Reading", request: "Dict[str, Any]") -> "Dict[str, Any]":
    """Export the cut and hand it to the bridge with everything else; return the job's record."""
    click.watch.expect("exporting the timeline")
    address = click.bridge.address or {}
    source = export(desk, reading, Path(address["exchange"]) / "exports", click.say)
    click.watch.rest()
    request = dict(request, source=str(source), editor=reading.editor(), client="resolve")
    if click.settings.get("music"):
        request["out"] = str(Path(click.settings["music"]) / safe_name(reading.project) / source.stem)
    try:
        record: "Dict[str, Any]" = click.bridge.must("POST", "/v1/jobs", request)
    except Plain:
        _forget(source)
        raise
    return record


def _forget(source: "Path") -> None:
    with suppress(OSError):  # an export that stays does no harm
        source.unlink()


def page(click: "Click") -> str:
    """Open the page and take its orders."""
    return stand(click)


def play(click: "Click") -> str:
    """Start playing the timeline's music into a DAW, or stop it."""
    click.watch.expect("reading the timeline")
    desk = open_desk(click.resolve)
    identity, name = identity_of(desk.timeline), maybe(lambda: desk.timeline.GetName(), "")
    click.watch.rest()
    job = Kept(click.bridge.home, identity).document.get("job")
    if not job:
        raise Plain("This timeline has not been scored yet. Use 'Score this timeline' first.")
    click.bridge.connect(click.say)
    playing = [
        record
        for record in click.bridge.must("GET", "/v1/jobs?limit=50")
        if record.get("kind") == "live" and record.get("state") in ("queued", "running")
    ]
    if playing:
        for record in playing:
            click.bridge.must("POST", "/v1/jobs/{}/cancel".format(record["id"]))
        return "Stopped playing. Click 'Play live' again to play from the start."
    record = click.bridge.must("POST", "/v1/jobs", {"kind": "live", "job": job, "client": "resolve"})
    click.bridge.settled(str(record["id"]))
    return "Playing the music of '{}' live. Click 'Play live' again to stop.".format(name)


def take_out(click: "Click") -> str:
    """Remove everything of emsync from the open timeline."""
    click.watch.expect("removing emsync's results")
    desk = open_desk(click.resolve)
    return remove(desk, Kept(click.bridge.home, identity_of(desk.timeline)))


ENTRIES: "Dict[str, Callable[[Click], str]]" = {
    "score": score,
    "between": score_between,
    "again": score_again,
    "page": page,
    "play": play,
    "remove": take_out,
    "check": check,
}
"""Every entry by its key."""
