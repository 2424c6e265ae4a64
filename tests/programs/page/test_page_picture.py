"""The picture runs with the playhead."""

import opentimelineio as otio
import pytest
from bridge_running import eventually
from page_driving import PATIENCE, cut_of
from places import STORM
from prores_movies import looped, prores

from emsync_bridge.server.cuts.identity import cut_id

CLIP = STORM.parent / "media" / "B001_lanterns.mp4"

SHOWN = """() => {
    const player = document.querySelector('#screen video.in-front');
    return player && !player.seeking && player.readyState >= 2 ? player.currentTime : null;
}"""


LISTEN = """() => {
    window.said = [];
    const say = document.getElementById('say');
    const heard = () => window.said.push(say.textContent);
    new MutationObserver(heard).observe(say, { childList: true, characterData: true, subtree: true });
}"""
"""Keeps all messages, since one may give way to the next before it is seen."""


def frame_of(timecode):
    hours, minutes, seconds, frames = map(int, timecode.replace(";", ":").split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 24 + frames


def test_a_movie_stands_on_the_playheads_frame(tab):
    if tab.tab.evaluate("() => document.createElement('video').canPlayType('video/mp4; codecs=avc1.42E01E')") == "":
        pytest.skip("this Chromium plays no H.264")
    tab.drop(CLIP)
    tab.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    tab.idle()
    first = frame_of(tab.timecode())
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowRight", "ArrowLeft"):
        tab.keys(key)
        frame = frame_of(tab.timecode()) - first
        tab.tab.wait_for_function(f"at => Math.abs(({SHOWN})() - at) < 1 / 48", arg=(frame + 0.5) / 24)
    tab.keys("l")
    tab.tab.wait_for_function("was => document.getElementById('timecode').value > was", arg=tab.timecode())
    assert tab.tab.evaluate("() => !document.querySelector('#screen video.in-front').paused")
    tab.tab.wait_for_timeout(700)
    tab.keys("k")
    frame = frame_of(tab.timecode()) - first
    assert frame > 25
    # a slow computer may have come to the end, where the playhead is past the last frame
    end = tab.tab.evaluate("() => document.querySelector('#screen video.in-front').duration")
    tab.tab.wait_for_function(f"at => Math.abs(({SHOWN})() - at) < 1 / 48", arg=min((frame + 0.5) / 24, end))


def test_a_cut_plays_from_its_shots_own_files(tab):
    tab.read(STORM)
    if tab.tab.evaluate("() => document.createElement('video').canPlayType('video/mp4; codecs=avc1.42E01E')") == "":
        pytest.skip("this Chromium plays no H.264")
    tab.keys("ArrowDown")
    # the second shot begins half a second into its file
    tab.tab.wait_for_function(f"at => Math.abs(({SHOWN})() - at) < 1 / 48", arg=0.5 + 0.5 / 24)
    first = tab.tab.get_attribute("#screen video.in-front", "src")
    tab.keys("ArrowLeft")
    tab.tab.wait_for_function(
        f"was => ({SHOWN})() && document.querySelector('#screen video.in-front').src !== was", arg=first
    )
    tab.keys("l")
    tab.tab.wait_for_function(
        "was => document.querySelector('#screen video.in-front')?.getAttribute('src') === was", arg=first
    )
    tab.keys("k")


def test_media_dropped_with_their_timeline_are_found(tab):
    tab.drop(STORM, *sorted(CLIP.parent.glob("*.mp4")))
    tab.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    tab.idle()
    tab.tab.wait_for_function("() => document.querySelector('.shot img')?.naturalWidth > 0")
    tab.tab.click("#tab-cut")
    assert "missing" not in tab.text("#cut-panel")


def test_a_movie_that_the_browser_cannot_show_gives_way_to_stills_and_then_to_a_copy(tab, tmp_path, home):
    if tab.tab.evaluate("() => document.createElement('video').canPlayType('video/mp4; codecs=avc1.42E01E')") == "":
        pytest.skip("this Chromium plays no H.264")
    movie = prores(tmp_path / "reference.mov", 4, "160x90")
    tab.tab.evaluate(LISTEN)
    tab.read(movie)
    tab.tab.wait_for_selector("#say:has-text('a copy that this browser can play')", timeout=PATIENCE)
    tab.keys("Shift+ArrowRight")
    tab.tab.wait_for_function(f"at => Math.abs(({SHOWN})() - at) < 1 / 48", arg=1 + 0.5 / 24)
    assert tab.tab.evaluate("() => document.querySelector('#screen video.in-front').videoWidth") == 160
    assert any("stills of the shots are shown" in said for said in tab.tab.evaluate("() => window.said"))
    tab.keys("l")
    tab.tab.wait_for_function(f"() => ({SHOWN})() > 1.3")
    tab.keys("k")
    assert [path.suffix for path in (home / "proxies").iterdir()] == [".mp4"]
    tab.tab.on("dialog", lambda dialog: dialog.accept())
    tab.tab.click("#new")
    tab.tab.click(".recent-remove[aria-label='Remove reference']")
    tab.tab.wait_for_selector("#say:has-text('Removed reference')")
    assert not list((home / "proxies").iterdir())
    assert movie.exists()


def test_shots_that_the_browser_cannot_show_are_played_from_copies_of_their_files(tab, tmp_path, home):
    """Two shots of one ProRes file and one of another: each file is copied once, and the cut plays through."""
    if tab.tab.evaluate("() => document.createElement('video').canPlayType('video/mp4; codecs=avc1.42E01E')") == "":
        pytest.skip("this Chromium plays no H.264")
    movies = [prores(tmp_path / "one.mov", 3, "160x90"), prores(tmp_path / "two.mov", 2, "320x180")]
    path = cut_of(tmp_path, [1, 1, 1], name="shots of ProRes")
    timeline = otio.adapters.read_from_file(str(path))
    for clip, movie, start in zip(timeline.find_clips(), (movies[0], movies[1], movies[0]), (0, 12, 36), strict=True):
        whole = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(48, 24))
        clip.media_reference = otio.schema.ExternalReference(str(movie), whole)
        clip.source_range = otio.opentime.TimeRange(
            otio.opentime.RationalTime(start, 24), otio.opentime.RationalTime(24 if start < 36 else 12, 24)
        )
    otio.adapters.write_to_file(timeline, str(path))
    tab.tab.evaluate(LISTEN)
    tab.read(path)
    tab.tab.wait_for_function(f"() => Math.abs(({SHOWN})() - 0.5 / 24) < 1 / 48", timeout=PATIENCE)
    assert tab.tab.evaluate("() => document.querySelector('#screen video.in-front').videoWidth") == 160
    tab.keys("ArrowDown")
    tab.tab.wait_for_function(f"() => Math.abs(({SHOWN})() - 12.5 / 24) < 1 / 48", timeout=PATIENCE)
    assert tab.tab.evaluate("() => document.querySelector('#screen video.in-front').videoWidth") == 320
    tab.keys("ArrowDown")
    tab.tab.wait_for_function(f"() => Math.abs(({SHOWN})() - 36.5 / 24) < 1 / 48")
    said = [words for words in tab.tab.evaluate("() => window.said") if "is shown as a copy" in words]
    assert len(said) == 2
    assert len(list((home / "proxies").iterdir())) == 2
    tab.way_in.delete(f"/v1/cuts/{cut_id(str(path))}")
    assert not list((home / "proxies").iterdir())


def test_leaving_the_page_gives_up_the_copy(tab, tmp_path, home):
    movie = looped(prores(tmp_path / "short.mov", 1, "640x360"), 120)
    tab.read(movie)
    tab.tab.wait_for_selector("#say:has-text('A copy that it can show is made')", timeout=20_000)
    assert eventually(lambda: [path.suffix for path in (home / "proxies").iterdir()] == [".part"], within=15)
    tab.tab.goto("about:blank")
    assert eventually(lambda: not list((home / "proxies").iterdir()), within=15)
