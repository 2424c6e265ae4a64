"""Speech in a cut: found before the music is composed where the music is written for it, else meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from threading import Event
from typing import TYPE_CHECKING

from emsync_bridge.cue import Spotting
from emsync_bridge.options import ScoreOptions
from emsync_bridge.orders.dialogue import with_dialogue
from emsync_bridge.progress import Progress
from emsync_bridge.scoring import sound_steps
from emsync_bridge.scoring.dialogue import LISTENING
from emsync_bridge.timeline.source import Source

if TYPE_CHECKING:
    from emsync_bridge.render.ducking import SpokenSpan
    from emsync_bridge.timeline.cut.model import CutModel

Speech = tuple[tuple["SpokenSpan", ...], tuple[str, ...]]
"""Spans of speech, and warnings."""

_HEARTBEAT = 0.2  # seconds between reports while it is waited for


class Listening:
    """Search for speech in a thread of its own: most of it is decoding, in processes of ffmpeg.

    Arguments:
        search: The search; it is told where to report its progress, and stops where that raises.
    """

    def __init__(self, search: Callable[[Progress], Speech]) -> None:
        self._stopped = Event()
        self._share = 0.0
        self._threads = ThreadPoolExecutor(1)
        self._found = self._threads.submit(search, self._note)

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stopped.set()
        self._threads.shutdown(cancel_futures=True)

    def speech(self, progress: Progress) -> Speech:
        """Return what was found, once the search has ended.

        Arguments:
            progress: Function that is told of the search while it is waited for.

        Raises:
            EmsyncError: The search failed.
        """
        while not wait((self._found,), _HEARTBEAT).done:
            progress(LISTENING, self._share)
        return self._found.result()

    def _note(self, _step: str, share: float) -> None:
        if self._stopped.is_set():
            raise CancelledError
        self._share = share


def listening(
    source: Source, model: CutModel, spotting: Spotting, options: ScoreOptions, known: Speech | None = None
) -> Listening:
    """Begin to listen for speech in a cut.

    Arguments:
        source: The timeline or video.
        model: Contents as they were read.
        spotting: The cut, which may be a part of the timeline.
        options: Options with the folders in which media may lie, and with the ranges that a person has given.
        known: Speech that was found already.
    """

    def search(progress: Progress) -> Speech:
        if known is not None:
            return known
        if options.render.ducking == "off":
            return (), ()
        return sound_steps.speech_of(source, model, spotting, options, progress)

    return Listening(search)


def with_speech(
    source: Source, model: CutModel, spotting: Spotting, options: ScoreOptions, progress: Progress
) -> tuple[Spotting, Speech]:
    """Return a cut with the speech in it among its orders, and the speech; see ``listening``."""
    found = sound_steps.speech_of(source, model, spotting, options, progress)
    return with_dialogue(spotting, [(speech.start, speech.end) for speech in found[0]]), found
