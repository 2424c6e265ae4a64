"""Names of stems as dubbing stages write them: project, cue, stem and version, without spaces.

Such as ``Storm_1m01_STRINGS_v02.wav``: reel 1, cue 01, second version.
"""

from __future__ import annotations

import re
import unicodedata

SUFFIX = ".stems"
"""Ending of the folder that holds them."""

_LONGEST = 60  # characters of a project


def dub_name(project: str, cue_number: str, stem: str, version: int) -> str:
    """Return the name of a stem's file.

    Arguments:
        project: Name of the film or cut; what is not a plain letter or digit is left out.
        cue_number: Reel and cue, such as ``1m01``.
        stem: Family of instruments, or name of an alternate mix.
        version: Number of the version, from 1.
    """
    plain = unicodedata.normalize("NFKD", project).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", plain)
    name = "-".join(words)[:_LONGEST].rstrip("-") or "Music"
    return f"{name}_{cue_number}_{stem.upper()}_v{version:02d}.wav"
