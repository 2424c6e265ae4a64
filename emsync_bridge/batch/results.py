"""Results on disk: the cue that says that a job is done."""

from __future__ import annotations

import json
from pathlib import Path

MAX_CUE_BYTES = 256 * 2**20
"""Bytes beyond which no file is a cue."""


def is_done(folder: Path, digest: str) -> bool:
    """Tell whether a cue carries a digest and every result that it lists is there.

    Arguments:
        folder: Folder of the job's results.
        digest: Digest of the job.
    """
    for document in sorted(folder.glob("*.cue.json")):
        try:
            if document.stat().st_size > MAX_CUE_BYTES:
                continue
            content = json.loads(document.read_text(encoding="utf-8"))
            settings, files = content["settings"], content["files"]
            if settings.get("batch_digest") == digest and all((folder / name).exists() for name in files):
                return True
        except (OSError, ValueError, RecursionError, KeyError, AttributeError, TypeError):
            continue
    return False
