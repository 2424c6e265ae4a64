"""Edits of a cut as a person makes them, kept in files so that they outlive tabs, ports and the bridge."""

from __future__ import annotations

import json
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from emsync_bridge.server.errors import RequestError
from emsync_bridge.server.jobs.requests import EditedCurve, EditedSpotting, JobId
from emsync_bridge.server.jobs.wire import RequestPart
from emsync_bridge.server.paths import write_private

_log = logging.getLogger(__name__)

_MAX_MUSIC_OPTIONS = 64
_MAX_EDITS = 20_000


class EditedCut(RequestPart):
    """A cut as a person has edited it.

    Its ``ask`` holds the options of the music as the page keeps them, ``cut`` the job that has read it, and
    ``aside`` edits outside of the part that was read.
    """

    spotting: EditedSpotting
    curve: EditedCurve
    ask: Annotated[dict[str, Any], Field(max_length=_MAX_MUSIC_OPTIONS)]
    cut: JobId | None = None
    aside: Annotated[list[dict[str, Any]], Field(max_length=_MAX_EDITS, default_factory=list)]


class DraftRequest(RequestPart):
    """Edits to be kept: ``revision`` is the one that they were made on, ``tab`` names the window."""

    revision: Annotated[int, Field(ge=0, lt=2**53)]
    tab: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
    document: EditedCut


class Drafts:
    """The edits of all cuts, one file each.

    Arguments:
        root: Folder for them.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, cut: str) -> dict[str, Any] | None:
        """Return ``revision``, ``saved``, ``tab`` and ``document`` of a cut's edits; None where there are none."""
        try:
            kept = json.loads(self._file(cut).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as problem:
            _log.warning("the edits of cut %s cannot be read: %s", cut, problem)
            return None
        return kept if isinstance(kept, dict) and {"revision", "saved", "tab", "document"} <= kept.keys() else None

    def save(self, cut: str, asked: DraftRequest) -> dict[str, Any]:
        """Keep edits, whole or not at all; return their ``revision`` and ``saved``, in seconds since 1970.

        Raises:
            RequestError: Another window has kept other edits since the revision that these were made on.
        """
        before = self.read(cut)
        revision = before["revision"] if before else 0
        if before and revision > asked.revision and before["tab"] != asked.tab:
            raise RequestError(
                409, "This cut was edited in another window meanwhile", where=cut, hint="Look at those edits first"
            )
        self._root.mkdir(mode=0o700, exist_ok=True)
        kept = {"revision": revision + 1, "saved": time.time(), "tab": asked.tab}
        document = asked.document.model_dump(mode="json", exclude=set() if asked.document.aside else {"aside"})
        write_private(self._file(cut), json.dumps({**kept, "document": document}, ensure_ascii=False))
        return {"revision": kept["revision"], "saved": kept["saved"]}

    def saved_at(self, cut: str) -> float | None:
        """Return when a cut's edits were kept, in seconds since 1970; None where there are none."""
        try:
            return self._file(cut).stat().st_mtime
        except OSError:
            return None

    def remove(self, cut: str) -> None:
        """Remove the edits of a cut."""
        with suppress(OSError):
            self._file(cut).unlink(missing_ok=True)

    def _file(self, cut: str) -> Path:
        return self._root / f"{cut}.json"
