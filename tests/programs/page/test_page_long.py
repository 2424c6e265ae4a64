"""Long films: of thousands of shots and hit points the page makes what is in sight, and stays with it."""

from page_driving import cut_of

CHOSEN = """() => {
    const row = document.querySelector('#hit-rows tr.selected');
    const window_ = document.getElementById('hits-scroll');
    const { top, bottom } = row.getBoundingClientRect();
    const shown = window_.getBoundingClientRect();
    return { scrolled: window_.scrollTop, inside: top >= shown.top && bottom <= shown.bottom + 1 };
}"""


def test_the_table_stays_at_the_hit_point_that_is_chosen(tab, tmp_path):
    """The rows above it are made while it comes into sight: the table must not run on with them to its end."""
    tab.read(cut_of(tmp_path, [1.5] * 300, name="many hits"))
    tab.tab.click("#tab-hits")
    tab.keys(*["+"] * 6, *["ArrowDown"] * 30)
    boxes = (hit.bounding_box() for hit in tab.tab.locator(".hit[data-kind=cut]").all())
    box = next(each for each in boxes if 400 < each["x"] < 900)
    tab.tab.mouse.click(box["x"] + 9, box["y"] + 12)
    tab.tab.wait_for_selector("#hit-rows tr.selected")
    chosen = tab.tab.evaluate(CHOSEN)
    assert chosen["inside"]
    assert chosen["scrolled"] > 0
    for _ in range(8):
        tab.drawn()
    assert tab.tab.evaluate(CHOSEN) == chosen


PAINTED = """id => {
    const canvas = document.getElementById(id);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, at) => at % 4 === 3 && value > 0);
}"""


def test_a_whole_film_is_drawn_as_densities_and_its_hit_points_can_still_be_held(tab, tmp_path):
    tab.read(cut_of(tmp_path, [1.5] * 1200, name="whole film"))
    assert tab.count(".shot") + tab.count(".hit") < 20
    for lane in ("shots-crowd", "hit-names"):
        assert tab.tab.evaluate(PAINTED, lane), lane
    box = tab.tab.locator("#hits").bounding_box()
    tab.tab.mouse.click(box["x"] + 400, box["y"] + box["height"] / 2)
    tab.tab.wait_for_selector(".hit[aria-selected=true]")
    tab.keys(*["+"] * 12)
    assert tab.count(".shot") > 4
    assert not tab.tab.evaluate(PAINTED, "shots-crowd")
