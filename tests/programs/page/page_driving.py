"""A bridge with its page, and a browser that works on it as a person would."""

import base64
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import httpx
import opentimelineio as otio
import pytest
from places import ROOT

LOOKS = ROOT / "artefacts" / "page"
"""Folder in which pictures of the page are left."""

LAYOUT = ROOT / "tests" / "programs" / "page" / "layout.json"
"""Places of the page's regions at each size; ``draw_page_pictures.py`` writes it again."""

PATIENCE = 60_000
"""Milliseconds for whatever composes."""

_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
"""Programs by preference: the shell is Chromium without its window, and takes half the time for a tab."""


def browser_path():
    """Return Chromium's path, or skip."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        pytest.skip("Chromium is not installed")
    return found


class WayIn:
    """The way into a bridge.

    Arguments:
        url: Where it answers.
        token: Secret of programs.
    """

    def __init__(self, url, token):
        self.url, self.token = url, token

    def ask(self, method, path, body=None):
        """Ask the bridge as a program does; return the document that it answers."""
        bearer = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.request(method, self.url + path, json=body, headers=bearer, timeout=30, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    def delete(self, path):
        """Remove something from the bridge."""
        bearer = {"Authorization": f"Bearer {self.token}"}
        assert httpx.delete(self.url + path, headers=bearer, timeout=30, trust_env=False).is_success

    def address(self):
        """Return an address that opens the page once."""
        return self.ask("POST", "/v1/tickets")["url"]


@contextmanager
def serving(home):
    """Run a bridge of its own; give the way in."""
    home.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "emsync_bridge", "serve"],
        env={**os.environ, "EMSYNC_BRIDGE_HOME": str(home), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        told = json.loads((home / "bridge.json").read_text())
        yield WayIn(told["url"], told["token"])
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def cut_of(folder, seconds, *, name="cut", rate=24.0, start=86400):
    """Write a timeline with a shot for each number of seconds and no media; return the file."""
    timeline = otio.schema.Timeline(name, global_start_time=otio.opentime.RationalTime(start, rate))
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for number, length in enumerate(seconds, 1):
        shown = otio.opentime.TimeRange(
            otio.opentime.RationalTime(0, rate), otio.opentime.RationalTime(round(length * rate), rate)
        )
        track.append(otio.schema.Clip(f"shot {number}", otio.schema.MissingReference(), shown))
    path = folder / f"{name}.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


class Driven:
    """The page in a tab, which must not complain to the console.

    Arguments:
        tab: Playwright's page.
        way_in: The way into the bridge.
    """

    def __init__(self, tab, way_in):
        self.tab, self.way_in = tab, way_in
        self.complaints = []
        tab.on("console", self.heed)
        tab.on("pageerror", lambda problem: self.complaints.append(str(problem)))

    def heed(self, said):
        if said.type == "error":
            self.complaints.append(f"{said.text} {said.location.get('url', '')}")

    @property
    def address(self):
        """An address that opens the page once."""
        return self.way_in.address()

    def open(self):
        self.tab.goto(self.address)
        self.tab.wait_for_url("**/")
        self.tab.wait_for_selector("#choose")
        return self

    def drop(self, *paths):
        """Drop files onto the page."""
        files = [[path.name, base64.b64encode(path.read_bytes()).decode()] for path in paths]
        transfer = self.tab.evaluate_handle(
            """files => {
                const transfer = new DataTransfer();
                for (const [name, data] of files) {
                    const type = name.endsWith(".mp4") ? "video/mp4" : "";
                    transfer.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], name, { type }));
                }
                return transfer;
            }""",
            files,
        )
        for name in ("dragenter", "dragover", "drop"):
            self.tab.dispatch_event("body", name, {"dataTransfer": transfer})

    def read(self, path):
        """Open a cut by its path and wait until it is read."""
        self.tab.fill("#path", str(path))
        self.tab.press("#path", "Enter")
        self.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
        self.idle()

    def compose(self, players=None):
        """Compose, for few players where they are named: the sound of an orchestra takes many times as long."""
        if players and self.tab.input_value("#players") == "":
            self.tab.select_option("#players", players)
        self.tab.click("#compose")
        self.idle()
        assert self.said() == "Music composed", self.text("#errors")

    def idle(self):
        """Wait until no job runs and what came of the last one is on the page."""
        self.tab.wait_for_selector("body:not(.working)", timeout=PATIENCE)

    def keys(self, *names):
        """Press keys one after the other, and let the page draw what came of them."""
        for name in names:
            self.tab.keyboard.press(name)
        self.drawn()

    def drawn(self):
        """Wait until the page has drawn what it knows: it draws before the next picture, not at once."""
        self.tab.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def text(self, selector):
        self.drawn()
        return self.tab.inner_text(selector).replace("\xa0", " ").strip()

    def said(self):
        return self.text("#say")

    def timecode(self):
        self.drawn()
        return self.tab.input_value("#timecode")

    def job(self):
        """Return the job that the page is at."""
        return self.tab.url.split("job=")[1].split("&")[0]

    def count(self, selector):
        self.drawn()
        return self.tab.locator(selector).count()

    def regions(self):
        """Return left, top, width and height of each region that is shown, in pixels, by its name."""
        self.drawn()
        return self.tab.evaluate(
            """() => {
                const named = "#top, #ask, #mood-beside, #viewer, #screen, #transport, #actions, #inspector, #timeline,"
                    + ".lane, #bottom";
                document.querySelector("main").scrollTo(0, 0);
                const shown = [...document.querySelectorAll(named)].filter(each => each.checkVisibility());
                return Object.fromEntries(shown.map(each => {
                    const { left, top, width, height } = each.getBoundingClientRect();
                    return [each.id, [left, top, width, height].map(Math.round)];
                }));
            }"""
        )

    def violations(self, part=None):
        """Return the rules of accessibility that the page, or a part of it, breaks, with elements that do."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = axe.run(self.tab, context=part, options={"runOnly": {"type": "tag", "values": rules}}).response
        return {each["id"]: [node["html"][:160] for node in each["nodes"]][:4] for each in found["violations"]}

    def focus(self):
        """Return how a screen reader would name what has the focus."""
        self.drawn()
        return self.tab.evaluate(
            """() => {
                const at = document.activeElement;
                const label = at.labels?.[0]?.textContent ?? at.textContent;
                return (at.getAttribute('aria-label') || label || at.id).trim();
            }"""
        )
