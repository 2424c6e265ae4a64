"""One bridge and one browser for all tests of the page; a tab for each."""

import pytest
from page_driving import Driven, browser_path, cut_of, serving

from emsync_bridge.server.cuts.drafts import Drafts
from emsync_bridge.server.cuts.identity import cut_id


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("page") / "home"


@pytest.fixture(scope="session")
def address(home):
    with serving(home) as where:
        yield where


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        # Chromium's own sandbox needs rights that containers lack; the page is our own
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        browser = running.chromium.launch(executable_path=browser_path(), args=flags)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium, address):
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    driven = Driven(context.new_page(), address)
    yield driven.open()
    context.close()
    assert driven.complaints == []


@pytest.fixture(scope="session")
def short_film(tmp_path_factory):
    return cut_of(tmp_path_factory.mktemp("cut"), [5, 6, 4], name="short film")


@pytest.fixture(scope="session")
def scored(chromium, address, home, short_film):
    """Score the short film once; give the page's address with the job in it."""
    Drafts(home / "drafts").remove(cut_id(str(short_film)))  # edits of tests that came before
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    driven = Driven(context.new_page(), address).open()
    driven.read(short_film)
    driven.tab.click("#more > summary")
    driven.tab.fill("#takes", "2")
    driven.tab.press("#takes", "Escape")
    driven.compose()
    url = driven.tab.url
    context.close()
    return url


@pytest.fixture
def desk(tab, scored, home, short_film):
    """The page with the scored short film on it, as it was composed for: other tests' edits are kept on the bridge."""
    Drafts(home / "drafts").remove(cut_id(str(short_film)))
    tab.tab.goto(scored)
    tab.tab.reload()
    tab.tab.wait_for_selector(".version[aria-checked=true]")
    tab.tab.wait_for_selector("#wave", state="visible")
    return tab
