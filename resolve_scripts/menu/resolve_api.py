"""Resolve itself: the handle, and the chain from it to the timeline that is open."""

from typing import TYPE_CHECKING, Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from .errors import UserError, maybe, there

if TYPE_CHECKING:
    from fusionscript import MediaPool, Project, ProjectManager, Resolve, Timeline

NOT_REACHED = (
    "Resolve cannot be reached from this script. Start it from Workspace > Scripts inside Resolve. From outside, only "
    "the Studio edition can be reached, and only with Preferences > General > External scripting using set to Local."
)


class Product(NamedTuple):
    """Name and version of Resolve."""

    name: str
    version: Tuple[int, ...]

    @property
    def studio(self) -> bool:
        """True for the Studio edition."""
        return "Studio" in self.name

    def __str__(self) -> str:
        return "{} {}".format(self.name, ".".join(map(str, self.version)))


class OpenTimeline(NamedTuple):
    """Everything from Resolve to the timeline that is open."""

    resolve: "Resolve"
    project: "Project"
    pool: "MediaPool"
    timeline: "Timeline"


def find_resolve(names: "Dict[str, Any]") -> "Resolve":
    """Return the handle on Resolve, by the ways in which menu scripts were seen to get it.

    Arguments:
        names: The globals of the menu script.

    Raises:
        UserError: There is none.
    """
    ways: "Tuple[Callable[[], Any], ...]" = (
        lambda: names.get("resolve"),
        lambda: names["bmd"].scriptapp("Resolve"),
        lambda: names["app"].GetResolve(),
        _by_import,
    )
    for way in ways:
        found: "Optional[Resolve]" = _quietly(way)
        if found is not None:
            return found
    raise UserError(NOT_REACHED)


def _by_import() -> "Any":
    import DaVinciResolveScript  # type: ignore[import-not-found]  # there only beside Resolve

    return DaVinciResolveScript.scriptapp("Resolve")


def _quietly(way: "Callable[[], Any]") -> "Optional[Any]":
    try:
        return way()
    except Exception:  # noqa: BLE001  any failure means: try the next way
        return None


def product_of(resolve: "Resolve") -> "Product":
    """Return edition and version."""
    numbers: "List[int]" = []
    known: "List[Any]" = maybe(lambda: resolve.GetVersion(), [])
    for part in known[:3]:
        if not str(part).isdigit():
            break
        numbers.append(int(part))
    return Product(maybe(lambda: resolve.GetProductName(), "DaVinci Resolve") or "DaVinci Resolve", tuple(numbers))


def open_timeline(resolve: "Resolve") -> "OpenTimeline":
    """Go from Resolve to its open timeline, checking each link.

    Raises:
        UserError: A link is missing; the message names it.
    """
    project = open_project(resolve)
    pool = there(project.GetMediaPool(), "Resolve does not give access to the media pool. Restart Resolve.")
    timeline = there(
        project.GetCurrentTimeline(), "No timeline is open. Open the one to score on the Edit page, then click again."
    )
    return OpenTimeline(resolve, project, pool, timeline)


def open_project(resolve: "Resolve") -> "Project":
    """Return the open project.

    Raises:
        UserError: There is none, or Resolve does not answer as it should.
    """
    no_access = "Resolve does not give access to its projects. Restart Resolve."
    manager: "ProjectManager" = there(resolve.GetProjectManager(), no_access)
    # Cheaper questions are answered even by a Resolve that hangs.
    there(
        maybe(lambda: manager.GetCurrentDatabase(), None),
        "Resolve does not say which project library is open, so it is busy or hangs. Close its dialogs, wait, and "
        "click again; restart Resolve if that does not help.",
    )
    return there(manager.GetCurrentProject(), "No project is open. Open one in the Project Manager, then click again.")
