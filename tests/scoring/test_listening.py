"""Speech is looked for in a thread that reports, fails and stops as if it had been called."""

from __future__ import annotations

import time
from threading import Event

import pytest

from emsync_bridge.errors import MediaError
from emsync_bridge.progress import no_progress
from emsync_bridge.scoring.listening import Listening


def test_progress_is_told_while_it_is_waited_for() -> None:
    told: list[tuple[str, float]] = []
    seen = Event()

    def search(progress):
        progress("Listening for speech", 0.5)
        assert seen.wait(10)
        return (), ("a note",)

    def tell(step: str, share: float) -> None:
        told.append((step, share))
        seen.set()

    with Listening(search) as heard:
        assert heard.speech(tell) == ((), ("a note",))
    assert told[0] == ("Listening for speech", 0.5)


def test_a_search_that_fails_fails_where_its_result_is_wanted() -> None:
    def search(_progress):
        raise MediaError("The sound cannot be decoded")

    with Listening(search) as heard, pytest.raises(MediaError, match="cannot be decoded"):
        heard.speech(no_progress)


def test_a_search_that_nobody_waits_for_any_more_stops_at_its_next_report() -> None:
    begun, reports = Event(), []

    def search(progress):
        for number in range(10_000):
            begun.set()
            progress("Listening for speech", number / 10_000)
            reports.append(number)
            time.sleep(0.001)
        return (), ()

    with Listening(search):
        assert begun.wait(10)
    assert len(reports) < 10_000
