"""Folders that tests read from."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "otio_examples"
STORM = EXAMPLES / "storm" / "storm.otio"
STORM_MEDIA = EXAMPLES / "storm" / "media"
PAGE = ROOT / "emsync_bridge" / "server" / "page"
SHARED = ROOT.parent / "shared"
"""Material beside the checkout that is not part of it; tests that need it skip where it is absent."""
