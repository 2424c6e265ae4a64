"""The mix: faders, ducking under speech, stems alone, the loop, and Space that plays wherever the focus is."""

import opentimelineio as otio
import pytest
from page_driving import PATIENCE, Driven, cut_of

GAIN = "async () => (await import('/page/playback/mixer.js')).duckingNow()"
PEAK = "async () => (await import('/page/playback/mixer.js')).peakOf('music')"


@pytest.fixture(scope="module")
def spoken(chromium, address, tmp_path_factory):
    """Score a cut with a marker for dialogue from second 2 to 5; give the page's address with the job in it."""
    path = cut_of(tmp_path_factory.mktemp("cut"), [5, 6, 4], name="spoken")
    timeline = otio.adapters.read_from_file(str(path))
    told = otio.opentime.TimeRange(otio.opentime.RationalTime(48, 24), otio.opentime.RationalTime(72, 24))
    timeline.tracks.markers.append(otio.schema.Marker("emsync: dialogue", told))
    otio.adapters.write_to_file(timeline, str(path))
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    driven = Driven(context.new_page(), address).open()
    driven.read(path)
    driven.compose()
    url = driven.tab.url
    context.close()
    return url


@pytest.fixture
def studio(tab, spoken):
    tab.tab.goto(spoken)
    tab.tab.reload()
    tab.tab.wait_for_selector("#wave", state="visible")
    tab.idle()
    return tab


def play_from(tab, timecode):
    tab.tab.fill("#timecode", timecode)
    tab.keys("Enter", "Escape")
    tab.tab.locator("#timeline").focus()
    tab.tab.click("#play")


def test_the_music_gives_way_to_speech_while_it_plays(studio):
    play_from(studio, "01:00:03:00")
    studio.tab.wait_for_function(f"async () => (await ({GAIN})()) < 0.7")
    studio.tab.click("#tab-mix")
    studio.tab.uncheck("#duck")
    studio.tab.wait_for_function(f"async () => (await ({GAIN})()) > 0.99")
    studio.tab.check("#duck")
    studio.keys("k")
    play_from(studio, "01:00:08:00")
    studio.tab.wait_for_function(f"async () => (await ({GAIN})()) > 0.99")
    studio.tab.wait_for_function(f"async () => (await ({PEAK})()) > 0")
    studio.tab.click("#music-sound")
    studio.tab.wait_for_function(f"async () => (await ({PEAK})()) === 0")
    studio.keys("k")


def test_a_stem_alone_and_in_time(studio):
    studio.tab.click("#tab-mix")
    stems = studio.count(".stem")
    assert stems >= 2
    studio.tab.get_by_role("button", name="Solo strings").click()
    assert studio.count(".stem.unheard") == stems - 1
    play_from(studio, "01:00:05:00")
    studio.tab.wait_for_function(f"async () => (await ({PEAK})()) > 0")
    studio.tab.get_by_role("button", name="Solo strings").click()
    assert studio.count(".stem.unheard") == 0
    studio.keys("k")


SOUNDING = """async () => {
    const { playersSounding } = await import('/page/playback/mixer.js');
    return playersSounding().map(url => decodeURIComponent(new URL(url).pathname.split('/').pop())).sort();
}"""


def test_a_single_player_alone(studio):
    """Only the wanted player sounds, and the rest of its family where it is muted."""
    studio.tab.click("#tab-mix")
    button = studio.tab.get_by_role("button", name="Single players of the").first
    family = button.get_attribute("aria-label").split()[-1]
    button.click()
    studio.tab.wait_for_selector("body.working")
    studio.idle()
    assert studio.said() == f"Solo or mute each of the {family}"
    players = studio.tab.eval_on_selector_all(".stem.player", "all => all.map(each => each.dataset.key)")
    assert len(players) >= 2
    play_from(studio, "01:00:05:00")
    studio.tab.locator(".stem.player .stem-solo").first.click()
    studio.tab.wait_for_function(f"async () => (await ({SOUNDING})()).length === 1")
    assert studio.tab.evaluate(SOUNDING) == players[:1]
    studio.tab.locator(".stem.player .stem-solo").first.click()
    assert studio.tab.evaluate(SOUNDING) == ["audio"]
    families = studio.count(".stem:not(.player)")
    studio.tab.locator(".stem.player .stem-mute").first.click()
    studio.tab.wait_for_function(f"async () => (await ({SOUNDING})()).length === {families - 1 + len(players) - 1}")
    heard = studio.tab.evaluate(SOUNDING)
    assert not {players[0], f"stem {family}", "audio"} & set(heard)
    studio.keys("k")
    studio.tab.locator(".stem.player .stem-mute").first.click()
    # they are kept: a reload finds them without rendering
    studio.tab.reload()
    studio.tab.wait_for_selector("#wave", state="visible")
    studio.tab.click("#tab-mix")
    assert studio.count(".stem.player") == len(players)


def test_the_selection_goes_round(studio):
    play_from(studio, "01:00:10:12")
    studio.keys("k", "x", "c")
    assert studio.said() == "Loop the selection"
    studio.tab.click("#play")
    studio.tab.wait_for_function("() => document.getElementById('timecode').value < '01:00:06:00'")
    assert studio.tab.get_attribute("#play", "aria-label") == "Pause"
    studio.keys("k")


def test_space_plays_after_a_button_was_pressed(studio):
    versions = studio.count(".version")
    studio.tab.click("#original-sound")
    studio.keys("Space")
    assert studio.tab.get_attribute("#play", "aria-label") == "Pause"
    assert studio.tab.get_attribute("#original-sound", "aria-pressed") == "false"
    studio.tab.click("#tab-hits")
    studio.keys("Space")
    assert studio.tab.get_attribute("#play", "aria-label") == "Play"
    assert studio.count(".version") == versions


def test_versions_are_compared_at_the_loudness_of_the_softest(desk):
    desk.tab.wait_for_function("() => !document.querySelector('.version.silent')", timeout=PATIENCE)
    levels = """async () => {
        const { trimOf } = await import('/page/playback/mixer.js');
        const { versions } = (await import('/page/model/state.js')).store.now;
        return versions.map(each => [each.lufs, each.lufs + 20 * Math.log10(trimOf(versions, each))]);
    }"""
    found = desk.tab.evaluate(levels)
    assert len(found) >= 2
    softest = min(own for own, _ in found)
    assert [heard for _, heard in found] == pytest.approx([softest] * len(found))


def test_a_flash_shows_where_a_hit_point_passes(studio):
    # it shows for less than a fifth of a second
    studio.tab.evaluate(
        """() => {
            window.flashes = [];
            new MutationObserver(() => window.flashes.push(document.getElementById('timecode').value))
                .observe(document.getElementById('punch'), { attributeFilter: ['hidden'] });
        }"""
    )
    studio.tab.click("#hit-flash")
    play_from(studio, "01:00:04:12")
    studio.tab.wait_for_function("() => window.flashes.length === 2")
    assert "01:00:04:23" <= studio.tab.evaluate("() => window.flashes[0]") < "01:00:06:00"
    studio.keys("k")
    studio.tab.click("#hit-flash")
    play_from(studio, "01:00:04:12")
    studio.tab.wait_for_function("() => document.getElementById('timecode').value > '01:00:05:12'")
    assert studio.tab.evaluate("() => window.flashes.length") == 2
    studio.keys("k")
