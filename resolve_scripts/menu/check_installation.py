"""Check installation: what this Resolve allows, what was found, and what to do about what is missing."""

import sys
from typing import TYPE_CHECKING, List, Optional

from .errors import Plain, maybe
from .export import EXPORTS, read_timeline
from .resolve_api import Product, open_desk, product_of

if TYPE_CHECKING:
    from .entries import Click

NO_PYTHON_FROM = (21, 1)
"""From this version on, the free edition does not list Python entries."""


def check(click: "Click") -> str:
    """Say piece by piece what was found.

    Returns:
        The verdict, in words.
    """
    product = product_of(click.resolve)
    click.say("{}: {}".format(product, rules(product)))
    click.say("Python {}.{}.{} at {}".format(*(*sys.version_info[:3], sys.executable or "an unknown place")))
    missing: "List[str]" = [one for one in (_timeline(click), _bridge(click)) if one]
    for problem in missing:
        click.say(problem)
    click.say("Log: {}".format(click.voice.log))
    if missing:
        return "{} thing(s) above need your attention.".format(len(missing))
    return "Everything that emsync needs is there."


def rules(product: "Product") -> str:
    """Return what the edition and version allow."""
    if product.studio:
        return "the Studio edition runs Python and Lua entries."
    if product.version and product.version[:2] >= NO_PYTHON_FROM:
        return "the free edition from 21.1 on lists Lua entries only: use those under 'emsync Lua'."
    return "the free edition before 21.1 runs Python and Lua entries."


def _timeline(click: "Click") -> "Optional[str]":
    try:
        click.watch.expect("reading the timeline")
        desk = open_desk(click.resolve)
        reading = read_timeline(desk)
    except Plain as problem:
        return str(problem)
    finally:
        click.watch.rest()
    known = [name for name, constant, _, _ in EXPORTS if getattr(desk.resolve, constant, None) is not None]
    click.say(
        "Timeline '{}' of project '{}': {} frames at {}{} from frame {}, {} marker(s).".format(
            reading.timeline,
            reading.project,
            reading.frames,
            reading.rate_text,
            " drop frame" if reading.drop_frame else "",
            reading.start_frame,
            len(reading.markers),
        )
    )
    marks = "tells" if maybe(lambda: desk.timeline.GetMarkInOut(), None) is not None else "does not tell"
    click.say("It exports {}, and {} in and out marks.".format(", ".join(known) or "nothing that emsync reads", marks))
    return None if known else "This version of Resolve exports no format that emsync reads."


def _bridge(click: "Click") -> "Optional[str]":
    try:
        click.bridge.connect(click.say)
        status = click.bridge.must("GET", "/v1/status")
    except Plain as problem:
        return str(problem)
    click.say("The emsync bridge {} answers.".format(status.get("version")))
    if status.get("version") != click.settings.get("version"):
        return "These entries are of emsync {}: run 'emsync resolve install' again.".format(
            click.settings.get("version")
        )
    return None
