"""Dialogue among the sound of a timeline: by the roles of clips and the names of tracks."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Words that editors put into names of tracks, clips and roles; digits and punctuation may follow: DX1, VO_02.
_DIALOGUE = re.compile(r"(?<![a-z])(dial\w*|dx|vo|voice\w*|interview\w*|lavs?|lavalier|boom)(?![a-z])", re.IGNORECASE)
_OTHER = re.compile(r"(?<![a-z])(mx|music|musik|fx|sfx|amb\w*|foley|atmo\w*|effects?)(?![a-z])", re.IGNORECASE)


def is_dialogue(name: str) -> bool:
    """Tell whether a name or a role speaks of dialogue.

    Arguments:
        name: Name of a track, a clip or a role, such as ``DX 1``, ``lav_anna.wav`` or ``dialogue.boom``.
    """
    # an underscore counts as a letter to a regular expression, to editors as a space
    words = name.replace("_", " ")
    return bool(_DIALOGUE.search(words)) and not _OTHER.search(words)


def is_dialogue_track(name: str, clips: Sequence[str]) -> bool:
    """Tell whether a track of sound carries dialogue: by its own name, else by those of most of its clips.

    Arguments:
        name: Name of the track, which may be empty.
        clips: Names of its clips.
    """
    if is_dialogue(name):
        return True
    if _OTHER.search(name.replace("_", " ")):
        return False
    return 2 * sum(map(is_dialogue, clips)) > len(clips)
