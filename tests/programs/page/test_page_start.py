"""From an empty start page to the example and its first hints, and back to it by the list of recent cuts."""

import pytest
from page_driving import PATIENCE


def violations(tab):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    standards = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}
    return {
        each["id"]: each["nodes"][0]["html"][:160]
        for each in axe.run(tab.tab, options=standards).response["violations"]
    }


def test_the_example_is_opened_with_hints_and_found_again(tab):
    tab.tab.get_by_role("button", name="Try the example").click()
    tab.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    tab.idle()
    assert tab.text("#cut-name") == "Storm over the Bay"
    assert tab.text("#guide-step") == "1 of 3"
    assert violations(tab) == {}
    tab.tab.click("#guide-next")
    assert "Compose" in tab.text("#guide-text")
    tab.tab.click("#guide-close")
    assert tab.tab.is_hidden("#guide")
    tab.tab.click("#new")
    row = tab.tab.locator(".recent").first
    row.wait_for()
    assert violations(tab) == {}
    row = tab.tab.locator(".recent", has_text="Storm over the Bay").or_(
        tab.tab.locator(".recent", has_text="storm.otio")
    )
    row.first.click()
    tab.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    tab.idle()
    assert tab.text("#cut-name") == "Storm over the Bay"
    assert tab.tab.is_hidden("#guide")
