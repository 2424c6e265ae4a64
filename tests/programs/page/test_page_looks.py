"""The page at two sizes in light and dark: nothing sticks out, nothing jumps; pictures are kept to look at."""

import pytest
from page_driving import LOOKS, Driven

SIZES = [(1280, 720), (1920, 1080)]

STICKING_OUT = """() => [...document.querySelectorAll('#top *, #ask, #viewer, #inspector, #timeline, #bottom')]
    .filter(e => e.checkVisibility() && !e.closest('svg'))
    .filter(e => {
        const box = e.getBoundingClientRect();
        return box.right > innerWidth + 0.5 || box.bottom > innerHeight + 0.5 || box.left < -0.5 || box.top < -0.5;
    })
    .map(e => e.id || e.tagName)"""


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
    for panel in ("mood", "hits", "files"):
        tab.click(f"#tab-{panel}")
        assert tab.evaluate(STICKING_OUT) == []
        tab.screenshot(path=LOOKS / f"{panel}-{width}-{theme}.png")
    overflow = "() => document.documentElement.scrollWidth - innerWidth"
    assert tab.evaluate(overflow) <= 0
    context.close()
    assert driven.complaints == []


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
