"""Advice that names the command's options, as it reaches those who have a page and a menu."""

import re
from pathlib import Path

import opentimelineio as otio
import pytest

from emsync_bridge.server.advice import CONTROLS, for_editors

PAGE = Path(__file__).parents[2] / "emsync_bridge" / "server" / "page" / "index.html"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Nothing was seen. Set --picture or --mood.", "Nothing was seen. Set 'Movie' or 'Mood' on the emsync page."),
        ("Try another --seed", "Try another 'Seed' on the emsync page"),
        (
            "Choose another folder with --out, or wait",
            "Choose another folder with --out, or wait (--out of the emsync command)",
        ),
        ("Send OSC with --osc HOST:PORT.", "Send OSC with --osc HOST:PORT (--osc of the emsync command)."),
        ("Start it with: emsync serve --open", "Start it with: emsync serve --open"),
        ("a--seed.mov is missing -- wait", "a--seed.mov is missing -- wait"),
    ],
)
def test_options_are_said_as_controls_of_the_page(text, said):
    assert for_editors(text) == said


def test_the_page_has_these_controls():
    labels = re.findall(r"<label[^>]*>([^<]+)", PAGE.read_text(encoding="utf-8"))
    assert set(CONTROLS.values()) <= set(labels)


def test_a_warning_names_controls(bridge, cut):
    (warning,) = bridge.done(kind="feel", source=str(cut))["result"]["warnings"]
    assert warning.endswith("Set 'Media folder', 'Movie' or 'Mood' on the emsync page, or put directives into markers.")


def test_a_hint_says_whose_option_it_names(bridge, tmp_path):
    reels = otio.schema.SerializableCollection("reels")
    for name in ("A", "B"):
        reels.append(otio.schema.Timeline(name))
        reels[-1].tracks.append(otio.schema.Track(kind=otio.schema.TrackKind.Video))
        length = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(24, 24))
        reels[-1].tracks[0].append(otio.schema.Clip("shot", source_range=length))
    source = tmp_path / "reels.otio"
    otio.adapters.write_to_file(reels, str(source))
    failed = bridge.until(bridge.start(kind="spot", source=str(source)), "failed")
    assert "--sequence" in failed["error"]["hint"]
    assert failed["error"]["hint"].endswith("(--sequence of the emsync command)")
