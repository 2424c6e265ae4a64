"""Session of one click on a menu entry: the handle on Resolve, the bridge, the Console and the watch on both."""

from typing import TYPE_CHECKING, Any, Dict, Optional, Set

from .bridge import Bridge
from .console import ConsoleLog, Watchdog
from .errors import UserError
from .resolve_api import find_resolve
from .timed import timed

if TYPE_CHECKING:
    from fusionscript import Resolve


MOST_MARKERS = 100
"""Hits with a marker where the installer baked in no other number: each takes a tenth of a second in Resolve."""


class Session:
    """One click on a menu entry.

    Arguments:
        names: The globals of the menu script.
        settings: Settings that the installer baked in.

    Attributes:
        refused: Jobs whose music was not placed because its length does not fit; a second order places it.
    """

    def __init__(self, names: "Dict[str, Any]", settings: "Dict[str, Any]") -> None:
        self.names, self.settings = names, settings
        self.bridge = Bridge(settings)
        self.console = ConsoleLog(self.bridge.home)
        self.say = self.console.say
        self.watchdog = Watchdog(settings.get("patience", 60.0), self._alarm)
        self._resolve: "Optional[Resolve]" = None
        self.refused: "Set[str]" = set()

    @property
    def resolve(self) -> "Resolve":
        """The handle on Resolve."""
        if self._resolve is None:
            self.watchdog.expect("finding Resolve")
            self._resolve = timed(find_resolve(self.names), self.watchdog.again)
        return self._resolve

    @property
    def markers(self) -> str:
        """Choice of markers: ``none``, ``hits``, or ``all`` for hits and form."""
        return str(self.settings.get("markers", "hits"))

    @property
    def most_markers(self) -> int:
        """Most hits of one score that get a marker."""
        return int(self.settings.get("most_markers", MOST_MARKERS))

    def alive(self) -> bool:
        """Tell whether Resolve is still there."""
        self.watchdog.expect("waiting for the music")
        try:
            return bool(self.resolve.GetProductName())
        except Exception:  # noqa: BLE001  whatever a handle does whose other end has gone
            return False
        finally:
            self.watchdog.rest()

    def report(self, text: str) -> None:
        """Write something down here and in the bridge's log."""
        self.console.note(text)
        try:
            if self.bridge.address is not None or self.bridge.probe():
                self.bridge.ask("POST", "/v1/log", {"source": "resolve menu", "message": text[-8000:]}, timeout=3.0)
        except (OSError, UserError):
            pass

    def _alarm(self, step: str) -> None:
        said = (
            "Resolve has not answered for {:g} s while {}. Close its dialogs or restart it, then click again. If music "
            "was being placed, 'Remove emsync results' takes out what was begun.".format(self.watchdog.patience, step)
        )
        self.say(said)
        self.report(said)
