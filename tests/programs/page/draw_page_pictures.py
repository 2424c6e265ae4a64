"""Pictures of the page for the documentation: the example, scored with three takes; and the layout at each size.

``PYTHONPATH=tests python tests/programs/page/draw_page_pictures.py`` writes ``docs/page.png``, ``docs/page-light.png``
and ``layout.json`` beside this file, and leaves pictures of every size in light and dark in ``artefacts/page``.
"""

import io
import json
import tempfile
from contextlib import ExitStack
from pathlib import Path

from page_driving import LAYOUT, LOOKS, PATIENCE, Driven, browser_path, serving
from PIL import Image
from places import ROOT
from playwright.sync_api import sync_playwright

WINDOWS = [(800, 900), (1366, 768), (1920, 1080), (2560, 1440), (3840, 2160)]
SIZES = {"dark": (1920, 1080, "page.png"), "light": (1366, 768, "page-light.png")}


def draw(way_in, browser):
    """Score the example, and take a picture of it in each theme."""
    context = browser.new_context(color_scheme="dark", reduced_motion="reduce")
    context.add_init_script("localStorage.setItem('emsync.guided', 'done')")
    page = Driven(context.new_page(), way_in).open()
    page.tab.get_by_role("button", name="Try the example").click()
    page.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    page.idle()
    page.tab.click("#more > summary")
    page.tab.fill("#takes", "3")
    page.tab.press("#takes", "Escape")
    page.tab.click("#compose")
    page.tab.wait_for_selector(".version[aria-checked=true]", timeout=5 * PATIENCE)
    page.tab.wait_for_function("() => !document.querySelector('.version.silent')", timeout=4 * PATIENCE)
    page.tab.get_by_label("Name of the version").press_sequentially("first idea")
    page.keys("Enter")
    page.tab.click("#version-star")
    for _ in range(4):
        page.keys("ArrowDown")
    page.keys("x")
    for theme, (width, height, name) in SIZES.items():
        page.tab.emulate_media(color_scheme=theme)
        page.tab.set_viewport_size({"width": width, "height": height})
        page.tab.click("#tab-mood" if theme == "dark" else "#tab-hits")
        page.tab.wait_for_timeout(1500)  # pictures of the shots
        with Image.open(io.BytesIO(page.tab.screenshot())) as picture:
            colours = picture.convert("RGB")
            colours.quantize(palette=colours.quantize(256)).save(ROOT / "docs" / name, optimize=True)
    lay_out(page)
    context.close()


def lay_out(page):
    """Note where each region stands at each size, and keep pictures to look at."""
    LOOKS.mkdir(parents=True, exist_ok=True)
    layout = {}
    for width, height in WINDOWS:
        page.tab.set_viewport_size({"width": width, "height": height})
        page.tab.click("#tab-hits")
        for theme in SIZES:
            page.tab.emulate_media(color_scheme=theme)
            page.drawn()
            page.tab.screenshot(path=LOOKS / f"example-{width}-{theme}.png")
        layout[f"{width}x{height}"] = page.regions()
    LAYOUT.write_text(json.dumps(layout, indent=1).replace("\n   ", " ").replace("\n  ]", " ]") + "\n")


def main():
    """Start a bridge and a browser, and draw."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        way_in = stack.enter_context(serving(Path(folder) / "home"))
        running = stack.enter_context(sync_playwright())
        browser = running.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        draw(way_in, browser)
        browser.close()


if __name__ == "__main__":
    main()
