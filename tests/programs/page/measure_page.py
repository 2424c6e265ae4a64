"""Time that the page takes for interactions, at 18 and at 2,000 shots; first paint and memory.

``PYTHONPATH=tests python tests/programs/page/measure_page.py`` prints a table. Times are processor time: of script,
style and layout; of the whole main thread, painting and compositing included; and of rasterising, which runs beside
it.
"""

import json
import random
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from page_driving import PATIENCE, Driven, browser_path, cut_of, serving
from places import STORM
from playwright.sync_api import sync_playwright

SHOTS = 2000
MOVES = 40
PARTS = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


def say(line):
    """Write a line of the table."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Meter:
    """Processor time of a tab.

    Arguments:
        page: The page in it.
    """

    def __init__(self, page):
        self.page = page
        self.protocol = page.tab.context.new_cdp_session(page.tab)
        self.protocol.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
        self.protocol.send("Performance.enable")

    def metrics(self):
        """Return Chromium's metrics by name."""
        return {each["name"]: each["value"] for each in self.protocol.send("Performance.getMetrics")["metrics"]}

    def measure(self, words, act, times=1, *, painted=True):
        """Do something and print the milliseconds that each time took; twice, the second time with painting."""
        self.page.drawn()
        before = self.metrics()
        act()
        self.page.drawn()
        after = self.metrics()
        spent = sum(after[part] - before[part] for part in PARTS) * 1000 / times
        main, raster = self.traced(act) if painted else (0.0, 0.0)
        whole = f"{main / times:9.1f} ms {raster / times:9.2f} ms" if painted else ""
        say(f"  {words:28s} {spent:7.1f} ms {whole}")

    def traced(self, act):
        """Do something again under Chromium's tracing; return milliseconds of the main thread and of rasterising."""
        browser = self.page.tab.context.browser
        browser.start_tracing(page=self.page.tab, categories=["toplevel", "devtools.timeline", "__metadata"])
        act()
        self.page.drawn()
        events = json.loads(browser.stop_tracing())["traceEvents"]
        names = {
            (each["pid"], each["tid"]): each["args"]["name"] for each in events if each.get("name") == "thread_name"
        }
        spent = {"main": 0.0, "raster": 0.0}
        for each in events:
            thread = names.get((each.get("pid"), each.get("tid")), "")
            if thread == "CrRendererMain" and each["name"] == "ThreadControllerImpl::RunTask":
                spent["main"] += each.get("tdur", 0) / 1000
            elif thread.startswith("ThreadPool") and each["name"] == "RasterTask":
                spent["raster"] += each.get("tdur", 0) / 1000
        return spent["main"], spent["raster"]


def drag(tab, x, y, across, down=0):
    """Drag from a point in as many moves as are measured."""
    tab.mouse.move(x, y)
    tab.mouse.down()
    for number in range(1, MOVES + 1):
        tab.mouse.move(x + across * number / MOVES, y + down * number / MOVES)
        tab.wait_for_timeout(16)
    tab.mouse.up()


def measure(way_in, browser, path):
    """Print the table of one cut."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    context.add_init_script("localStorage.setItem('emsync.guided', 'done')")
    page = Driven(context.new_page(), way_in).open()
    tab = page.tab
    tab.wait_for_timeout(500)
    paint = tab.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
    tab.fill("#path", str(path))
    tab.press("#path", "Enter")
    tab.wait_for_selector("#work", state="visible", timeout=5 * PATIENCE)
    page.idle()
    meter = Meter(page)
    say(f"{path.name}: first paint {paint:.0f} ms")
    meter.measure("frame step", lambda: page.keys(*["ArrowRight"] * 20), 20)
    meter.measure("next cut", lambda: page.keys(*["ArrowDown"] * 20), 20)
    for panel in ("mix", "files", "cut", "mood", "hits"):
        meter.measure(f"tab {panel}", lambda panel=panel: tab.click(f"#tab-{panel}"), painted=False)
    if path != STORM:
        page.keys(*["+"] * 10, *["ArrowDown"] * 40)
    boxes = [each.bounding_box() for each in tab.locator(".hit:not([data-kind=start])").all()]
    box = next(each for each in boxes if 400 < each["x"] < 1500)
    there = iter((box["x"] + 9, box["x"] + 89))
    # the first drag after the jump counts: it brings the table to the hit point
    meter.measure("move of a hit point", lambda: drag(tab, next(there), box["y"] + 12, 80), MOVES)
    tab.click("#tab-mood")
    pad = tab.locator("#pad").bounding_box()
    meter.measure("move on the mood plane", lambda: drag(tab, pad["x"] + 60, pad["y"] + 60, 80, 40), MOVES)
    meter.measure("whole cut", lambda: tab.click("#zoom-fit"), painted=False)
    ruler = tab.locator("#lane-ruler").bounding_box()
    meter.measure("move of the playhead", lambda: drag(tab, 300, ruler["y"] + 10, 320), MOVES)
    say(f"  {'heap':28s} {meter.metrics()['JSHeapUsedSize'] / 1e6:7.1f} MB")
    context.close()


def main():
    """Measure the example and a long film."""
    drawn = random.Random(3)
    lengths = [max(0.5, drawn.lognormvariate(0.75, 0.6)) for _ in range(SHOTS)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        way_in = stack.enter_context(serving(folder / "home"))
        running = stack.enter_context(sync_playwright())
        browser = running.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        for path in (STORM, cut_of(folder, lengths, name="long")):
            measure(way_in, browser, path)
        browser.close()


if __name__ == "__main__":
    main()
