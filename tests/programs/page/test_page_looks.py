"""The page at two sizes in light and dark: nothing sticks out, nothing jumps; pictures are kept to look at."""

import pytest
from page_driving import LOOKS, Driven

SIZES = [(1366, 768), (2560, 1440)]

STICKING_OUT = """() => [...document.querySelectorAll('#top *, #ask, #viewer, #inspector, #timeline, #bottom')]
    .filter(e => e.checkVisibility() && !e.closest('svg'))
    .filter(e => {
        const box = e.getBoundingClientRect();
        return box.right > innerWidth + 0.5 || box.bottom > innerHeight + 0.5 || box.left < -0.5 || box.top < -0.5;
    })
    .map(e => e.id || e.tagName)"""


SCROLLING = """id => [...document.querySelectorAll(`#${id}, #${id} *`)]
    .filter(e => e.checkVisibility() && ["auto", "scroll"].includes(getComputedStyle(e).overflowY))
    .filter(e => e.scrollHeight > e.clientHeight + 1)
    .map(e => e.id || e.className)"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=["small", "large"])
def test_looks(chromium, address, scored, size, theme):
    LOOKS.mkdir(parents=True, exist_ok=True)
    width, height = size
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    driven = Driven(context.new_page(), address).open()
    tab = driven.tab
    tab.screenshot(path=LOOKS / f"start-{width}-{theme}.png")
    assert tab.evaluate("() => document.documentElement.dataset.theme") == theme
    tab.goto(scored)
    tab.reload()
    tab.wait_for_selector("#wave", state="visible")
    driven.keys("ArrowDown", "x")
    assert tab.locator("#inspector").bounding_box()["width"] >= 440
    # no scrollbar but that of a table or list
    for part in ("ask", "viewer", "mood-panel"):
        assert tab.evaluate(SCROLLING, part) == [], part
    for panel in ("mood", "hits", "files"):
        tab.click(f"#tab-{panel}")
        assert tab.evaluate(STICKING_OUT) == []
        tab.screenshot(path=LOOKS / f"{panel}-{width}-{theme}.png")
    overflow = "() => document.documentElement.scrollWidth - innerWidth"
    assert tab.evaluate(overflow) <= 0
    context.close()
    assert driven.complaints == []


def test_one_column_on_a_narrow_window(chromium, address, scored):
    """Picture and transport come first, nothing is cut off at the side, and the page scrolls."""
    context = chromium.new_context(viewport={"width": 800, "height": 1100}, color_scheme="light")
    driven = Driven(context.new_page(), address).open()
    driven.tab.goto(scored)
    driven.tab.reload()
    driven.tab.wait_for_selector("#wave", state="visible")
    tops = [driven.tab.locator(f"#{part}").bounding_box()["y"] for part in ("viewer", "timeline", "inspector", "ask")]
    assert tops == sorted(tops)
    for box in map(driven.tab.locator, ("#screen", "#play", "#compose", "#lane-roll")):
        assert box.bounding_box()["x"] + min(box.bounding_box()["width"], 700) <= 800
    driven.tab.screenshot(path=LOOKS / "narrow-800-light.png", full_page=True)
    context.close()


def test_nothing_jumps_while_music_is_composed(tab, short_film):
    tab.read(short_film)
    tab.tab.evaluate(
        """() => {
            window.jumps = [];
            new PerformanceObserver(list => {
                for (const entry of list.getEntries()) window.jumps.push(entry.value);
            }).observe({ type: 'layout-shift' });
        }"""
    )
    boxes = "() => ['ask', 'compose', 'viewer', 'inspector', 'timeline', 'lane-roll'].map(id => JSON.stringify(document.getElementById(id).getBoundingClientRect()))"  # noqa: E501
    before = tab.tab.evaluate(boxes)
    tab.compose()
    assert tab.tab.evaluate(boxes) == before
    assert sum(tab.tab.evaluate("() => window.jumps")) < 0.01
