"""Everything by keys alone, and what a screen reader is told."""

import pytest
from page_driving import PATIENCE


def tab_to(page, name, most=60):
    for _ in range(most):
        page.keys("Tab")
        if page.focus() == name:
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_a_cut_is_scored_by_keys_alone(tab, short_film):
    tab_to(tab, "Or its path on this computer, so that its media are found")
    tab.tab.keyboard.type(str(short_film))
    tab.keys("Enter")
    tab.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    tab.idle()
    tab.keys("Escape", "ArrowRight", "ArrowRight", "ArrowRight", "m")
    assert tab.said() == "Hit point at 01:00:00:03"
    tab.keys("Control+z")
    assert tab.said() == "Undone: add hit point"
    tab.keys("Control+Shift+z")
    assert tab.said() == "Redone: add hit point"
    tab_to(tab, "Compose")
    tab.keys("Enter")
    tab.idle()
    assert tab.said() == "Music composed", tab.text("#errors")
    # the focus is where it was
    assert tab.focus() == "Compose"
    tab_to(tab, "Play")
    tab.keys("Space")
    tab.tab.wait_for_function("() => document.getElementById('timecode').value > '01:00:00:10'")
    tab.keys("Space")
    assert tab.tab.get_attribute("#play", "aria-label") == "Play"
    tab_to(tab, "Mood")
    tab.keys("ArrowRight", "ArrowRight", "ArrowRight")
    assert tab.focus() == "Files"
    for _ in range(8):
        tab.keys("Tab")
        if tab.focus().startswith("Timeline with the music"):
            break
    with tab.tab.expect_download() as timeline:
        tab.keys("Enter")
    assert timeline.value.suggested_filename.endswith("seed 1.scored.otio")


def test_transport(desk):
    assert desk.timecode() == "01:00:00:00"
    desk.keys("ArrowRight", "ArrowRight", "ArrowLeft")
    assert desk.timecode() == "01:00:00:01"
    desk.keys("Shift+ArrowRight")
    assert desk.timecode() == "01:00:01:01"
    desk.keys("ArrowDown", "ArrowDown")
    assert desk.timecode() == "01:00:11:00"
    desk.keys("j")
    desk.tab.wait_for_function("() => document.getElementById('timecode').value < '01:00:10:20'")
    desk.keys("k")
    desk.keys("End")
    assert desk.timecode() == "01:00:15:00"
    desk.keys("Home", "l")
    desk.tab.wait_for_function("() => document.getElementById('timecode').value > '01:00:00:05'")
    desk.keys("k")
    desk.tab.fill("#timecode", "01:00:07:13")
    desk.keys("Enter")
    assert desk.timecode() == "01:00:07:13"
    desk.tab.fill("#timecode", "02:00:00:00")
    desk.keys("Enter")
    assert desk.timecode() == "01:00:07:13"
    assert desk.said() == "02:00:00:00 is not a timecode of this cut"


def test_hits_by_keys(desk):
    desk.tab.locator(".hit[tabindex='0']").focus()
    desk.keys("ArrowRight")
    assert desk.focus() == "cut, shot 2, 01:00:05:00"
    assert desk.timecode() == "01:00:05:00"
    desk.keys("Alt+ArrowRight", "Alt+ArrowRight", "Alt+ArrowLeft")
    assert desk.focus() == "cut, shot 2, 01:00:05:01"
    desk.keys("Enter")
    assert desk.focus() == "cut, shot 2, 01:00:05:01, left out"
    desk.keys("Control+z", "Control+z", "Control+z", "Control+z")
    assert desk.focus() == "cut, shot 2, 01:00:05:00"
    assert not desk.tab.is_enabled("#undo")


def test_moods_by_keys(desk):
    desk.tab.locator(".handle.valence[tabindex='0']").focus()
    desk.keys("ArrowRight")
    assert desk.focus() == "valence from 01:00:05:00"
    level = "() => Number(document.activeElement.ariaValueNow)"
    before = desk.tab.evaluate(level)
    desk.keys("ArrowUp", "ArrowUp", "PageDown")
    assert desk.tab.evaluate(level) == pytest.approx(before - 0.1, abs=0.006)
    # presses in a row on one handle are one step
    desk.keys("Control+z")
    assert desk.tab.evaluate(level) == before


def test_fields_keep_their_keys(desk):
    desk.tab.focus("#tempo")
    desk.tab.keyboard.type("12")
    desk.keys("ArrowLeft", "m", "j")
    assert desk.count(".hit") == 4
    assert desk.timecode() == "01:00:00:00"
    desk.keys("Escape")


def test_no_violation_of_accessibility_rules(desk):
    for theme in ("light", "dark"):
        if desk.tab.evaluate("() => document.documentElement.dataset.theme") != theme:
            desk.tab.click("#theme")
        for panel in ("mood", "hits", "mix", "files", "cut"):
            desk.tab.click(f"#tab-{panel}")
            # the rest of the page is the same with each panel
            assert desk.violations(None if panel == "mood" else "#inspector") == {}, (theme, panel)
        desk.tab.click("#more > summary")
        assert desk.violations("#more") == {}, theme
        desk.tab.keyboard.press("Escape")
        desk.keys("?")
        assert desk.violations() == {}, theme
        desk.keys("Escape")
    desk.tab.click("#tab-cut")
    desk.tab.fill("#media-folder", "no/absolute/path")
    desk.tab.click("#read-again")
    desk.tab.wait_for_selector(".error")
    assert desk.violations("#errors") == {}
    desk.complaints.clear()  # the browser notes the refusal


def test_nothing_moves_by_itself_where_motion_is_unwanted(desk):
    desk.tab.click("#play")
    moving = """() => [...document.querySelectorAll('*')].filter(e => {
        const style = getComputedStyle(e);
        return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none'
            || style.scrollBehavior === 'smooth';
    }).map(e => e.id || e.tagName)"""
    assert desk.tab.evaluate(moving) == []
    desk.keys("k")


def test_what_a_screen_reader_is_told(desk):
    tree = desk.tab.locator("body").aria_snapshot()
    for said in (
        'listbox "Hit points"',
        'option "cut, shot 2, 01:00:05:00"',
        'listbox "Shots"',
        'slider "valence from 01:00:00:00"',
        'radio "Version A',
        'img "Piano roll:',
        'tab "Hits"',
        'button "Play"',
        "status:",
    ):
        assert said in tree, tree
