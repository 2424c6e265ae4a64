"""From an empty start page to the example and its first hints, and back to it by the list of recent cuts."""

import pytest
from page_driving import PATIENCE, Driven, cut_of, serving


@pytest.fixture
def fresh(chromium, tmp_path):
    """The page of a bridge that has never seen a cut."""
    with serving(tmp_path / "home") as address:
        context = chromium.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
        driven = Driven(context.new_page(), address)
        yield driven.open()
        context.close()
        assert driven.complaints == []


def test_the_example_is_opened_with_hints_and_found_again(fresh):
    tab = fresh
    tab.tab.get_by_role("button", name="Try the example").click()
    tab.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    tab.idle()
    assert tab.text("#cut-name") == "Storm over the Bay"
    assert tab.text("#guide-step") == "1 of 3"
    assert tab.violations() == {}
    tab.tab.click("#guide-next")
    assert "Compose" in tab.text("#guide-text")
    tab.tab.click("#guide-close")
    assert tab.tab.is_hidden("#guide")
    tab.tab.click("#new")
    row = tab.tab.locator(".recent").first
    row.wait_for()
    assert tab.violations() == {}
    row = tab.tab.locator(".recent", has_text="Storm over the Bay").or_(
        tab.tab.locator(".recent", has_text="storm.otio")
    )
    row.first.click()
    tab.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    tab.idle()
    assert tab.text("#cut-name") == "Storm over the Bay"
    assert tab.tab.is_hidden("#guide")


def test_no_picture_is_asked_for_where_there_is_none(fresh, tmp_path):
    """The browser would note each one that is missing in its console."""
    asked = []
    fresh.tab.on("request", lambda request: asked.append(request.url))
    fresh.read(cut_of(tmp_path, [3, 4], name="no media"))
    fresh.tab.click("#new")
    fresh.tab.locator(".recent").first.wait_for()
    assert not [url for url in asked if "/thumbnail" in url]
