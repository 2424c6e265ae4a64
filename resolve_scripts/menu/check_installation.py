"""Check installation: what this Resolve allows, what was found, and what to do about what is missing."""

import sys
from typing import TYPE_CHECKING, List, Optional

from .errors import UserError, maybe
from .export import EXPORTS, read_timeline
from .resolve_api import Product, open_timeline, product_of

if TYPE_CHECKING:
    from .session import Session

NO_PYTHON_FROM = (21, 1)
"""From this version on, the free edition does not list Python entries."""


def check(session: "Session") -> str:
    """Say piece by piece what was found.

    Returns:
        The verdict, in words.
    """
    product = product_of(session.resolve)
    session.say("{}: {}".format(product, rules(product)))
    session.say("Python {}.{}.{} at {}".format(*(*sys.version_info[:3], sys.executable or "an unknown place")))
    missing: "List[str]" = [one for one in (_timeline(session), _bridge(session)) if one]
    for problem in missing:
        session.say(problem)
    session.say("Log: {}".format(session.console.log))
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


def _timeline(session: "Session") -> "Optional[str]":
    try:
        session.watchdog.expect("reading the timeline")
        opened = open_timeline(session.resolve)
        info = read_timeline(opened)
    except UserError as problem:
        return str(problem)
    finally:
        session.watchdog.rest()
    known = [name for name, constant, _, _ in EXPORTS if getattr(opened.resolve, constant, None) is not None]
    session.say(
        "Timeline '{}' of project '{}': {} frames at {}{} from frame {}, {} marker(s).".format(
            info.timeline,
            info.project,
            info.frames,
            info.rate_text,
            " drop frame" if info.drop_frame else "",
            info.start_frame,
            len(info.markers),
        )
    )
    marks = "tells" if maybe(lambda: opened.timeline.GetMarkInOut(), None) is not None else "does not tell"
    said = ", ".join(known) or "nothing that emsync reads"
    session.say("It exports {}, and {} in and out marks.".format(said, marks))
    return None if known else "This version of Resolve exports no format that emsync reads."


def _bridge(session: "Session") -> "Optional[str]":
    try:
        session.bridge.connect(session.say)
        status = session.bridge.must("GET", "/v1/status")
    except UserError as problem:
        return str(problem)
    session.say("The emsync bridge {} answers.".format(status.get("version")))
    if status.get("version") != session.settings.get("version"):
        return "These entries are of emsync {}: run 'emsync resolve install' again.".format(
            session.settings.get("version")
        )
    return None
