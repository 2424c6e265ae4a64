"""Paths as people paste them: from the home folder on, or as the URL that a file manager copies."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from emsync_bridge.server.jobs.wire import AbsolutePath

PATHS = TypeAdapter(AbsolutePath)


@pytest.mark.parametrize("text", ["~/films/storm ü.otio", (Path.home() / "films/storm ü.otio").as_uri()])
def test_pasted_paths_are_understood(text):
    assert PATHS.validate_python(text) == str(Path.home() / "films" / "storm ü.otio")


@pytest.mark.parametrize("text", ["storm.otio", "file://server/share/a.otio", "https://example.org/a.otio", "~other/a"])
def test_other_addresses_are_refused(text):
    with pytest.raises(ValidationError):
        PATHS.validate_python(text)
