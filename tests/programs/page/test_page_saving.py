"""Edits are kept on the bridge: a reload, another tab, a killed bridge and another reading find them."""

import json
import os
import signal

import pytest
from page_driving import Driven, cut_of, serving

HIT = ".hit[aria-label*='01:00:00:02']"


def settled(tab):
    """Wait until what was edited is on the bridge."""
    tab.tab.wait_for_timeout(900)


@pytest.fixture
def copied(tmp_path):
    # a cut of the same content would be the same cut, with the edits of other tests
    return cut_of(tmp_path, [5, 6, 4], name=tmp_path.name).rename(tmp_path / "edited elsewhere.otio")


def edited(tab, film):
    tab.read(film)
    tab.keys("ArrowRight", "ArrowRight", "m")
    assert tab.count(HIT) == 1
    settled(tab)


def test_another_tab_finds_the_edits(tab, copied, chromium):
    edited(tab, copied)
    context = chromium.new_context()
    other = Driven(context.new_page(), tab.way_in).open()
    other.tab.wait_for_selector(".recent")
    other.tab.locator(".recent:has-text('edited elsewhere.otio')").first.click()
    other.tab.wait_for_selector(HIT)
    assert other.complaints == []
    context.close()


def test_another_cut_and_back_loses_nothing(tab, copied):
    edited(tab, copied)
    tab.tab.click("#new")
    tab.read(copied)
    tab.tab.wait_for_selector(HIT)
    tab.keys("Control+z")
    assert tab.count(HIT) == 0


def test_analysing_again_keeps_edits_and_is_one_step(tab, copied):
    edited(tab, copied)
    tab.tab.locator(".shot").first.click()
    tab.tab.select_option("#pad-mood", "gloom")
    tab.tab.click("#tab-cut")
    tab.tab.check("#contrast")
    tab.tab.click("#read-again")
    tab.idle()
    assert tab.said() == "Cut read"
    assert tab.count(HIT) == 1
    tab.tab.click("#tab-mood")
    assert tab.text("#pad-valence-value") == "\u22120.65"
    tab.tab.locator("body").press("Control+z")
    tab.drawn()
    assert tab.count(HIT) == 1
    assert not tab.tab.is_checked("#contrast")
    tab.tab.locator("body").press("Control+Shift+z")
    tab.drawn()
    assert tab.tab.is_checked("#contrast")
    assert tab.count(HIT) == 1


def test_a_killed_bridge_keeps_port_and_edits(tmp_path, copied, chromium):
    home = tmp_path / "home"
    context = chromium.new_context()
    with serving(home) as address:
        first = Driven(context.new_page(), address).open()
        first_url = address.url
        edited(first, copied)
        os.kill(json.loads((home / "bridge.json").read_text())["pid"], signal.SIGKILL)
    with serving(home) as again:
        assert again.url == first_url
        second = Driven(context.new_page(), again).open()
        second.tab.wait_for_selector(".recent")
        second.tab.locator(".recent:has-text('edited elsewhere.otio')").first.click()
        second.tab.wait_for_selector(HIT)
    context.close()


def test_a_file_that_is_dropped_again_brings_its_edits_versions_and_notes(tab, tmp_path, chromium):
    film = cut_of(tmp_path, [5, 6, 4], name=tmp_path.name)
    edited(tab, film)
    tab.compose(players="piano")
    tab.tab.fill("#version-name", "for Anna")
    tab.tab.press("#version-name", "Enter")
    tab.tab.click("#version-star")
    settled(tab)
    again = film.rename(tmp_path / "dropped again.otio")
    context = chromium.new_context()
    other = Driven(context.new_page(), tab.way_in).open()
    other.drop(again)
    other.tab.wait_for_selector(".version[aria-checked=true]")
    other.idle()
    other.tab.wait_for_selector(HIT)
    label = other.tab.get_attribute(".version[aria-checked=true]", "aria-label")
    assert "Version A" in label
    assert "starred, for Anna" in label
    other.tab.click("#tab-files")
    other.tab.wait_for_selector("#cut-use:has-text('This cut takes up')")
    other.tab.click("#new")
    other.tab.wait_for_selector("#disk-use:has-text('The bridge uses')")
    row = other.tab.locator(".recent:has-text('dropped again.otio')")
    assert "1 version, " in row.inner_text()
    assert other.complaints == []
    context.close()
