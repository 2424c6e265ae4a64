"""Moods as a person sets them, the cue's in and out, and what is noted of versions."""

from page_driving import cut_of


def document(tab):
    return tab.tab.evaluate("async () => (await import('/page/model/state.js')).store.now.doc")


def test_a_ramp_steps_and_a_palette_are_composed_for(tab, tmp_path):
    tab.read(cut_of(tmp_path, [5, 6, 4], name="moods"))
    tab.keys("ArrowDown", "x")
    before = document(tab)
    tab.tab.get_by_role("button", name="Darker").click()
    tab.tab.get_by_role("button", name="Darker").click()
    moved = document(tab)["curve"]["spans"]
    assert [span["ordered"] for span in moved] == [[False, False], [True, False], [False, False]]
    assert [
        round(a["affect"]["valence"] - b["affect"]["valence"], 3)
        for a, b in zip(moved, before["curve"]["spans"], strict=True)
    ] == [0, -0.4, 0]
    tab.tab.select_option("#ramp-to", "fear")
    ramp = [span for span in document(tab)["curve"]["spans"] if span["reason"] == "ramp to fear"]
    assert [span["start"] for span in ramp] == [5, 7, 9]
    levels = [span["affect"]["valence"] for span in ramp]
    assert levels == sorted(levels, reverse=True)
    assert tab.said() == "The mood goes to fear over the selection"
    tab.tab.select_option("#palette", "piano")
    assert document(tab)["spotting"]["directives"] == [{"start": 5, "end": 11, "text": "palette=piano"}]
    tab.compose()
    cue = tab.tab.evaluate("async id => (await (await import('/page/work/api.js')).job(id)).result.cue", tab.job())
    assert cue["spotting"]["directives"][0]["text"] == "palette=piano"
    assert "piano" in {section["palette"] for section in cue["takes"][0]["score"]["sections"]}
    tab.keys("Control+z", "Control+z", "Control+z", "Control+z")
    assert document(tab)["curve"] == before["curve"]

    tab.tab.fill("#version-name", "for Anna")
    tab.tab.press("#version-name", "Enter")
    tab.tab.click("#version-star")
    tab.tab.reload()
    tab.tab.wait_for_selector(".version[aria-checked=true]")
    label = tab.tab.get_attribute(".version[aria-checked=true]", "aria-label")
    assert "starred, for Anna" in label
    assert "hits 100 %" in label
    assert "mood" in label


def test_a_stretch_is_composed_for_alone(tab, tmp_path):
    tab.read(cut_of(tmp_path, [5, 6, 4], name="stretch"))
    tab.keys("ArrowDown", "x")
    tab.tab.click("#tab-cut")
    tab.tab.click("#cue-select")
    tab.idle()
    assert tab.text("#cue-words") == "01:00:05:00 to 01:00:11:00"
    assert document(tab)["spotting"]["duration"] == 6
    tab.tab.click("#cue-whole")
    tab.idle()
    assert document(tab)["spotting"]["duration"] == 15
