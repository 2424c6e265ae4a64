"""Back into an editor from the page, and removing what is not wanted any more."""

from page_driving import cut_of


def ordered_of(desk, reel):
    """Register an editor, have the page order it to place the music, and return where it tells how that went."""
    ask = desk.way_in.ask
    editor = ask("POST", "/v1/editors", {"name": "resolve", "project": "Film", "timeline": reel})["id"]
    desk.tab.click("#tab-files")
    place = desk.tab.get_by_role("button", name=f"Place in DaVinci Resolve: {reel}")
    place.wait_for(timeout=15_000)
    place.click()
    ordered = ask("GET", f"/v1/editors/{editor}/orders?wait=10")
    assert ordered["place"] == desk.job()
    return f"/v1/editors/{editor}/orders/{ordered['order']}"


def test_placing_in_an_editor_that_waits(desk):
    outcome = {"state": "placed", "message": "The music is on audio track 3"}
    desk.way_in.ask("POST", ordered_of(desk, "Reel 1"), outcome)
    desk.tab.wait_for_selector("#placed:has-text('The music is on audio track 3')")
    assert desk.said() == "The music is on audio track 3"


def test_an_editor_that_cannot_place_says_why(desk):
    outcome = {"state": "failed", "message": "This music is for 'Scene 13'. Open that timeline in Resolve first."}
    desk.way_in.ask("POST", ordered_of(desk, "Reel 2"), outcome)
    desk.tab.wait_for_selector(".error:has-text('Open that timeline in Resolve first')", timeout=5000)
    assert desk.said() == "Not placed"


def test_removing_a_version(tab, tmp_path):
    tab.read(cut_of(tmp_path, [5, 6, 4], name="removed"))
    tab.compose(players="piano")
    tab.tab.click("#tab-files")
    tab.tab.wait_for_selector("#folder")
    tab.tab.on("dialog", lambda dialog: dialog.accept())
    tab.tab.click("#remove-version")
    tab.tab.wait_for_selector("#no-versions", state="visible")
    assert tab.said() == "Removed A"
    assert tab.text("#verdict") == "2 hit points"
    tab.tab.reload()
    tab.tab.wait_for_selector("#work", state="visible")
    assert tab.count(".version") == 0
