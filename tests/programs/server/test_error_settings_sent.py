"""Errors and warnings of the bridge name settings, and no option of the command."""

import opentimelineio as otio
import pytest


@pytest.fixture
def two_reels(tmp_path):
    reels = otio.schema.SerializableCollection("reels")
    for name in ("A", "B"):
        reels.append(otio.schema.Timeline(name))
        reels[-1].tracks.append(otio.schema.Track(kind=otio.schema.TrackKind.Video))
        length = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(24, 24))
        reels[-1].tracks[0].append(otio.schema.Clip("shot", source_range=length))
    otio.adapters.write_to_file(reels, str(tmp_path / "reels.otio"))
    return tmp_path / "reels.otio"


def test_the_bridge_sends_the_setting_and_no_option_of_the_command(bridge, two_reels):
    failed = bridge.until(bridge.start(kind="spot", source=str(two_reels)), "failed")
    assert failed["error"]["setting"] == "sequence"
    assert "--" not in failed["error"]["hint"]


def test_a_warning_names_no_option_of_the_command(bridge, cut):
    (warning,) = bridge.done(kind="feel", source=str(cut))["result"]["warnings"]
    assert "media folder" in warning
    assert "--" not in warning
